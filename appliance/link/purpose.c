/* SPDX-License-Identifier: MIT */
/*
 * Purpose declarations: who wants data and why, in words a resident
 * understands. Never changed, only withdrawn.
 */
#include "link_int.h"

#include <string.h>

#include "db.h"
#include "err.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

json_t *
purpose_json(const struct purpose *p)
{
	json_t *j = json_object();

	json_put_str(j, "id", p->id);
	json_put_str(j, "consumer", p->consumer);
	json_put_str(j, "subsystem", p->subsystem);
	json_put_str(j, "code", p->code);
	json_put_new(j, "title", words_json(&p->title));
	json_put_new(j, "reason", words_json(&p->reason));
	json_put_str(j, "policyUrl", p->policy_url);
	json_put_str(j, "state", p->valid ? "valid" : "withdrawn");
	return j;
}

int
purpose_read(
	struct arena *a, const json_t *j, struct purpose *out, struct err *e)
{
	*out = (struct purpose){ .valid = true };
	if (json_need_str(j, "subsystem", LINK_URL_MAX, &out->subsystem, e) ||
		link_member_of(a, out->subsystem, 4, &out->consumer, e) ||
		json_need_str(j, "code", LINK_NAME_MAX, &out->code, e) ||
		words_read(j, "title", &out->title, e) ||
		words_read(j, "reason", &out->reason, e) ||
		json_need_str(
			j, "policyUrl", LINK_URL_MAX, &out->policy_url, e))
		return -1;
	if (!str_iprefix(out->policy_url, "https://") ||
		strpbrk(out->policy_url, " \t\r\n\"<>\\"))
		return fail(e, FAULT_BAD_REQUEST,
			"\"policyUrl\" must be an https:// address");
	return 0;
}

int
purpose_store(struct db_conn *c, const struct purpose *p, struct err *e)
{
	return db_run(c, Q_LINK_PURPOSE_PUT, e, db_text(p->id),
		       db_text(p->consumer), db_text(p->subsystem),
		       db_text(p->code), db_text(p->title.ja),
		       db_text(p->title.en), db_text(p->reason.ja),
		       db_text(p->reason.en), db_text(p->policy_url),
		       db_text(p->valid ? "valid" : "withdrawn")) < 0
		       ? -1
		       : 0;
}

void
purpose_row(struct arena *a, struct query *q, int col, struct purpose *p)
{
	*p = (struct purpose){
		.id = query_text_dup(a, q, col),
		.consumer = query_text_dup(a, q, col + 1),
		.subsystem = query_text_dup(a, q, col + 2),
		.code = query_text_dup(a, q, col + 3),
		.title = { query_text_dup(a, q, col + 4),
			query_text_dup(a, q, col + 5) },
		.reason = { query_text_dup(a, q, col + 6),
			query_text_dup(a, q, col + 7) },
		.policy_url = query_text_dup(a, q, col + 8),
		.valid = str_equal(query_text(q, col + 9), "valid"),
	};
}

/* One purpose of the query, or LINK_NO_PURPOSE. */
static int
take(struct query *q, struct arena *a, struct purpose *out, struct err *e)
{
	bool found = query_next(q);

	if (found)
		purpose_row(a, q, 0, out);
	if (query_end(q, e))
		return -1;
	return found ? 0 : link_refuse(e, LINK_NO_PURPOSE);
}

struct put {
	struct purpose *p;
	struct arena *a;
};

static int
put(struct db_conn *c, void *arg, struct err *e)
{
	struct put *put = arg;
	struct organisation o;
	struct purpose other;
	struct err none = ERR_INIT;

	if (organisation_in(c, put->p->consumer, put->a, &o, e))
		return -1;
	if (!o.active)
		return link_refuse(e, LINK_NO_ORGANISATION);
	if (!take(db_query(c, Q_LINK_PURPOSE_OF, db_text(put->p->consumer),
			  db_text(put->p->code)),
		    put->a, &other, &none))
		return fail(e, FAULT_CONFLICT,
			"%s has a purpose with the code %s already; withdraw "
			"it first",
			put->p->consumer, put->p->code);
	if (purpose_store(c, put->p, e))
		return -1;
	return feed_add(c, put->p->consumer, "purpose", put->p->id, e);
}

int
purpose_put(
	struct linkbook *b, struct purpose *p, struct arena *a, struct err *e)
{
	struct put arg = { p, a };
	char id[LINK_ID_LEN + 1];

	link_id_make(id);
	p->id = arena_strdup(a, id);
	return linkbook_transact(b, put, &arg, e);
}

int
purpose_in(struct db_conn *c, const char *id, struct arena *a,
	struct purpose *out, struct err *e)
{
	return take(db_query(c, Q_LINK_PURPOSE_GET, db_text(id)), a, out, e);
}

int
purpose_get(struct linkbook *b, const char *id, struct arena *a,
	struct purpose *out, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int ret = purpose_in(c, id, a, out, e);

	db_give(c);
	return ret;
}

int
purpose_by_code(struct linkbook *b, const char *consumer, const char *code,
	struct arena *a, struct purpose *out, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int ret = take(db_query(c, Q_LINK_PURPOSE_OF, db_text(consumer),
			       db_text(code)),
		a, out, e);

	db_give(c);
	return ret;
}

int
purpose_list(struct linkbook *b, struct arena *a, struct purpose **out,
	size_t *n, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	struct query *q = db_query(c, Q_LINK_PURPOSES);
	int ret;

	for (*n = 0, *out = NULL; query_next(q); (*n)++) {
		LIST_GROW(a, *out, *n);
		purpose_row(a, q, 0, &(*out)[*n]);
	}
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

static int
end(struct db_conn *c, void *arg, struct err *e)
{
	const char *const *id = arg;
	int64_t n = db_run(c, Q_LINK_PURPOSE_END, e, db_text(*id));

	if (n == 0)
		return link_refuse(e, LINK_NO_PURPOSE);
	return n < 0 ? -1 : feed_again(c, "purpose", *id, e);
}

int
purpose_withdraw(struct linkbook *b, const char *id, struct err *e)
{
	if (linkbook_transact(b, end, &id, e))
		return -1;
	return consent_sweep(b, e) < 0 ? -1 : 0;
}
