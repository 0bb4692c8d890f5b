/* SPDX-License-Identifier: MIT */
/*
 * Certificates the center answers for, watched for their end: authorities and
 * responders it approves, its configuration signing keys, its doors' TLS. What
 * was told is in the database, so that a restart repeats nothing.
 */
#include "center_int.h"

#include <string.h>

#include "center_sql.h"
#include "clock.h"
#include "desk_int.h"
#include "expirybook.h"
#include "log.h"
#include "mailbox.h"
#include "mem.h"
#include "param.h"

struct watch {
	struct center *ct;
	struct arena *a;
	const char *who; /* the instance */
	int (*fn)(void *ctx, const struct watched *w, struct err *e);
	void *ctx;
};

static int
show(struct watch *w, enum expiry_kind kind, const struct cert *c,
	struct err *e)
{
	const struct watched x = { kind, w->who, c };

	return c ? w->fn(w->ctx, &x, e) : 0;
}

static int
show_approved(struct watch *w, const struct approved *p, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < p->cas; i++)
		ret = show(w, EXPIRY_CA, p->ca[i].cert, e);
	for (size_t i = 0; !ret && i < p->intermediates; i++)
		ret = show(w, EXPIRY_CA, p->intermediate[i].cert, e);
	for (size_t i = 0; !ret && i < p->ocsps; i++)
		ret = show(w, EXPIRY_OCSP, p->ocsp[i].cert, e);
	for (size_t i = 0; !ret && i < p->tsas; i++)
		ret = show(w, EXPIRY_TSA, p->tsa[i].cert, e);
	return ret;
}

static int
show_keys(
	struct watch *w, const struct config_key *key, size_t n, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < n; i++) {
		struct cert *c = NULL;
		if (cert_in_arena(w->a, key[i].cert, &c, e))
			return -1;
		ret = show(w, EXPIRY_SOURCE, c, e);
	}
	return ret;
}

/* Reads first, shows then: showing may write. */
static int
each(struct watch *w, struct err *e)
{
	struct db_conn *c = db_take(w->ct->db);
	struct config_key *key = NULL;
	struct approved p;
	struct instance in;
	size_t n = 0;
	int ret = instance_load(c, w->a, &in, e) ||
		  approved_read(c, w->a, &p, e) ||
		  config_keys(c, w->a, &key, &n, e);

	db_give(c);
	if (ret)
		return -1;
	w->who = in.instance ? in.instance : "";
	return show_approved(w, &p, e) || show_keys(w, key, n, e) ||
			       show(w, EXPIRY_INTERNAL, w->ct->reg_cert, e) ||
			       show(w, EXPIRY_INTERNAL, w->ct->public_cert,
				       e) ||
			       show(w, EXPIRY_INTERNAL, w->ct->mgmt_cert, e)
		       ? -1
		       : 0;
}

/* ---- telling ---- */

static int
told(void *ctx, const char *sha256, int *threshold, struct err *e)
{
	struct watch *w = ctx;
	struct db_conn *c = db_take(w->ct->db);
	struct query *q = db_query(c, Q_CENTER_EXPIRY_TOLD, db_text(sha256));
	int ret;

	*threshold = query_next(q) ? (int)query_int(q, 0) : INT32_MAX;
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

static int
remember(void *ctx, const char *sha256, int threshold, struct err *e)
{
	struct watch *w = ctx;
	struct db_conn *c = db_take(w->ct->db);
	int64_t n = db_run(c, Q_CENTER_EXPIRY_TELL, e, db_text(sha256),
		db_int(threshold), db_int(clock_now()));

	db_give(c);
	return n < 0 ? -1 : 0;
}

/* Sent at once: the watcher has a thread of its own. */
static void
mail(void *ctx, const char *who, enum wording id,
	const char *const arg[WORDING_ARGS])
{
	struct watch *w = ctx;
	const struct conf *conf = w->ct->conf;
	const char *filled[WORDING_ARGS] = { who, arg[1], arg[2], arg[3] };
	struct arena *a = arena_new_secret();
	struct err e = ERR_INIT;
	const char *to = NULL;
	struct mailbox box;
	struct letter l;

	if (!conf_bool(conf, P_MAIL_EXPIRY))
		goto out;
	if (mailbox_read(a, mailbox_file(conf), &box, &e))
		log_warning("mails: %s", e.text);
	else
		to = box.ready ? mailbox_contact(&box, who) : NULL;
	if (!to)
		goto out;
	l = wording_make(a, id, mailbox_japanese(conf), filled);
	if (mailbox_send(&box, to, l.subject, l.text, &e))
		log_error("the mail \"%s\" to %s: %s", l.subject, to, e.text);
	else
		log_info("the mail \"%s\" was sent to %s", l.subject, to);
out:
	arena_free(&a);
}

static int
tell(void *ctx, const struct watched *x, struct err *e)
{
	struct watch *w = ctx;
	const struct expiry_book book = { w, mailbox_japanese(w->ct->conf),
		told, remember, mail };

	return expiry_tell(&book, w->a, x, e);
}

int
certwatch_round(struct center *ct, struct err *e)
{
	struct watch w = { ct, arena_new(), "", tell, &w };
	int ret = each(&w, e);

	arena_free(&w.a);
	return ret;
}

/* ---- the row of the API ---- */

struct listing {
	struct arena *a;
	json_t *list;
};

static int
add(void *ctx, const struct watched *x, struct err *e)
{
	struct listing *l = ctx;

	(void)e;
	json_array_append_new(l->list, expiry_json(l->a, x));
	return 0;
}

DESK_HANDLER(desk_watched)
{
	struct arena *a = request_arena(r);
	struct listing l = { a, json_keep(a, json_array()) };
	struct watch w = { state, a, "", add, &l };

	return each(&w, e) ? -1 : desk_reply(r, 200, json_incref(l.list), e);
}
