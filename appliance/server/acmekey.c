/* SPDX-License-Identifier: MIT */
/*
 * Keys of ACME accounts: files in <data-dir>/acme, one for each account at
 * each server, replaced once a year. The fresh key lies beside the old one
 * while the server is told, so that a crash loses neither.
 */
#include <string.h>

#include "acme_order_int.h"
#include "clock.h"
#include "db.h"
#include "digest.h"
#include "err.h"
#include "file.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "server_sql.h"
#include "text.h"

enum { BITS = 2048, PEM_MAX = 16384 };
static const int64_t day_ms = 86400000;

struct place {
	char *id, *path, *next;
};

static struct place
place_of(struct server *s, struct arena *a, const struct acme_login *l)
{
	const char *text = arena_printf(a, "%s\n%s", l->directory, l->alias);
	struct digest d;
	char *id;

	digest_of(DIGEST_SHA256, text, strlen(text), &d);
	id = hex_encode(a, d.value, d.len);
	return (struct place){ id,
		arena_printf(
			a, "%s/%s.key", conf_data_path(s->conf, "acme"), id),
		arena_printf(
			a, "%s/%s.next", conf_data_path(s->conf, "acme"), id) };
}

static int
load(struct arena *a, const char *path, struct key **out, struct err *e)
{
	struct bytes pem;

	return file_read(a, path, PEM_MAX, &pem, e) ||
			       key_parse_private(out, pem, NULL, e)
		       ? -1
		       : 0;
}

static int
save(struct arena *a, const char *path, struct key *key, struct err *e)
{
	struct bytes der;

	return key_private_der(key, a, &der,
		       e) || file_write(path,
				     bytes_str(
					     pem_encode(a, "PRIVATE KEY", der)),
				     FILE_PRIVATE, e)
		       ? -1
		       : 0;
}

static int
note_made(struct server *s, const struct place *p, struct err *e)
{
	struct db_conn *c = db_take(s->db);
	int ret = db_run(c, Q_SERVER_ACME_ACCOUNT_SET, e, db_text(p->id),
			  db_int(clock_now())) < 0
			  ? -1
			  : 0;

	db_give(c);
	return ret;
}

static int
made_at(struct server *s, const struct place *p, int64_t *out, struct err *e)
{
	struct db_conn *c = db_take(s->db);
	struct query *q = db_query(c, Q_SERVER_ACME_ACCOUNT, db_text(p->id));
	int ret;

	*out = query_next(q) ? query_int(q, 0) : 0;
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

static int
make(struct server *s, struct arena *a, const struct place *p, struct key **out,
	struct err *e)
{
	return dir_make(conf_data_path(s->conf, "acme"), e) ||
			       key_generate(out, KEY_RSA, BITS, e) ||
			       save(a, p->path, *out, e) || note_made(s, p, e)
		       ? -1
		       : 0;
}

/* The server knows the fresh key, or it does not; as long as it does not say,
   both are kept and nobody signs in with either. */
static int
settle(struct server *s, struct arena *a, const struct acme_login *l,
	const struct place *p, struct err *e)
{
	struct key *fresh = NULL;
	bool known = false;
	int ret;

	if (!file_exists(p->next))
		return 0;
	ret = load(a, p->next, &fresh, e) ||
			      acme_has_account(l->acme, fresh, &known, e)
		      ? -1
		      : 0;
	if (!ret && !known)
		ret = file_remove(p->next, e);
	else if (!ret)
		ret = file_rename(p->next, p->path, e) || note_made(s, p, e)
			      ? -1
			      : 0;
	key_unref(&fresh);
	return ret;
}

int
acmekey_login(struct server *s, struct arena *a, const struct acme_login *l,
	struct err *e)
{
	struct place p = place_of(s, a, l);
	struct err why = ERR_INIT;
	struct key *key = NULL;
	int ret;

	pthread_mutex_lock(&s->acme_lock);
	ret = settle(s, a, l, &p, &why);
	if (!ret)
		ret = file_exists(p.path) ? load(a, p.path, &key, &why)
					  : make(s, a, &p, &key, &why);
	pthread_mutex_unlock(&s->acme_lock);
	if (ret)
		fail(e, FAULT_ACME_KEY, "%s", why.text);
	else
		ret = acme_login(l->acme, key, &l->who, e);
	key_unref(&key);
	return ret;
}

static int
replace(struct server *s, struct arena *a, const struct acme_login *l,
	const struct place *p, struct err *e)
{
	struct key *fresh = NULL;
	int ret = -1;

	if (!key_generate(&fresh, KEY_RSA, BITS, e) &&
		!save(a, p->next, fresh, e) &&
		!acme_change_key(l->acme, fresh, e) &&
		!file_rename(p->next, p->path, e) && !note_made(s, p, e))
		ret = 0;
	key_unref(&fresh);
	if (!ret)
		log_info("the key of the ACME account of %s was replaced",
			l->alias);
	return ret;
}

int
acmekey_refresh(struct server *s, struct arena *a, const struct acme_login *l,
	struct err *e)
{
	struct place p = place_of(s, a, l);
	int64_t days = conf_int(s->conf, P_ACME_KEY_DAYS) -
		       conf_int(s->conf, P_ACME_KEY_BEFORE);
	int64_t made;
	int ret;

	if (!file_exists(p.path) || made_at(s, &p, &made, e))
		return file_exists(p.path) ? -1 : 0;
	if (clock_now() < made + days * day_ms)
		return 0;
	if (acmekey_login(s, a, l, e))
		return -1;
	pthread_mutex_lock(&s->acme_lock);
	ret = replace(s, a, l, &p, e);
	pthread_mutex_unlock(&s->acme_lock);
	return ret;
}
