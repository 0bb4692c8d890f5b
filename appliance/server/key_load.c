/* SPDX-License-Identifier: MIT */
/* Reads keys, certificate requests and certificates into a model. */
#include <string.h>

#include "arena_list_int.h"
#include "db.h"
#include "digest.h"
#include "err.h"
#include "keys_int.h"
#include "mem.h"
#include "server_sql.h"
#include "text.h"

static const char *const USAGE[] = {
	[USAGE_SIGNING] = "SIGNING",
	[USAGE_AUTHENTICATION] = "AUTHENTICATION",
};

const char *
usage_word(enum key_usage_type u)
{
	return USAGE[u];
}

enum key_usage_type
usage_parse(const char *s)
{
	if (str_equal(s, USAGE[USAGE_SIGNING]))
		return USAGE_SIGNING;
	if (str_equal(s, USAGE[USAGE_AUTHENTICATION]))
		return USAGE_AUTHENTICATION;
	return USAGE_NONE;
}

const struct k_key *
key_model_key(const struct key_model *m, const char *id)
{
	for (size_t i = 0; i < m->keys; i++)
		if (str_equal(m->key[i].id, id))
			return &m->key[i];
	return NULL;
}

const char *
key_model_name(const struct key_model *m, const char *token)
{
	for (size_t i = 0; i < m->tokens; i++)
		if (str_equal(m->token[i].id, token))
			return m->token[i].name;
	return NULL;
}

const struct k_csr *
key_model_csr(const struct key_model *m, const char *key, const char *csr)
{
	for (size_t i = 0; key && csr && i < m->csrs; i++)
		if (str_equal(m->csr[i].id, csr) &&
			str_equal(m->csr[i].key->id, key))
			return &m->csr[i];
	return NULL;
}

const struct k_cert *
key_model_cert(const struct key_model *m, const char *sha256)
{
	for (size_t i = 0; i < m->certs; i++)
		if (str_iequal(m->cert[i].sha256, sha256))
			return &m->cert[i];
	return NULL;
}

static int
load_keys(struct key_model *m, struct db_conn *c, struct err *e)
{
	struct list l = list_of(m->a, sizeof(struct k_key));
	struct query *q = db_query(c, Q_SERVER_KEYS);

	while (query_next(q)) {
		struct k_key *x = list_add(&l);
		x->id = query_text_dup(m->a, q, 0);
		x->label = query_text_dup(m->a, q, 1);
		x->usage = usage_parse(query_text(q, 2));
		x->algorithm = query_text_dup(m->a, q, 3);
		x->token = query_text_dup(m->a, q, 4);
	}
	m->key = l.item;
	m->keys = l.n;
	return query_end(q, e);
}

static int
member_parse(struct arena *a, const char *path, bool *has,
	struct client_id *out, struct err *e)
{
	*has = path != NULL;
	return path ? client_id_parse(a, path, out, e) : 0;
}

static int
load_csrs(struct key_model *m, struct db_conn *c, struct err *e)
{
	struct list l = list_of(m->a, sizeof(struct k_csr));
	struct query *q = db_query(c, Q_SERVER_CSRS);
	int ret = 0;

	while (!ret && query_next(q)) {
		struct k_csr *x = list_add(&l);
		x->id = query_text_dup(m->a, q, 0);
		x->key = key_model_key(m, query_text(q, 1));
		x->profile = query_text_dup(m->a, q, 3);
		x->der = query_blob_dup(m->a, q, 4);
		ret = member_parse(
			m->a, query_text(q, 2), &x->has_member, &x->member, e);
	}
	m->csr = l.item;
	m->csrs = l.n;
	return query_end(q, e) || ret ? -1 : 0;
}

static void
cert_give(void *p)
{
	struct cert *c = p;

	cert_unref(&c);
}

static void
sha256_hex(const struct cert *c, char out[SHA256_HEX + 1])
{
	struct digest d;
	struct buf b;

	cert_digest(c, DIGEST_SHA256, &d);
	buf_init(&b, SHA256_HEX + 1);
	buf_hex(&b, d.value, d.len);
	memcpy(out, b.data, b.len);
	out[b.len] = '\0';
	buf_done(&b);
}

static int
load_certs(struct key_model *m, struct db_conn *c, struct err *e)
{
	struct list l = list_of(m->a, sizeof(struct k_cert));
	struct query *q = db_query(c, Q_SERVER_CERTS);
	int ret = 0;

	while (!ret && query_next(q)) {
		struct k_cert *x = list_add(&l);
		x->row = query_int(q, 0);
		x->key = key_model_key(m, query_text(q, 1));
		ret = cert_parse(&x->cert, query_blob(q, 2), e);
		if (ret)
			break;
		arena_defer(m->a, cert_give, x->cert);
		cert_sha1_hex(x->cert, x->sha1);
		sha256_hex(x->cert, x->sha256);
		x->status = query_text_dup(m->a, q, 4);
		x->active = query_int(q, 5) != 0;
		x->ocsp_error = query_text_dup(m->a, q, 6);
		x->active_since = query_int(q, 7);
		x->renewed_by = query_text_dup(m->a, q, 8);
		x->renewal_error = query_text_dup(m->a, q, 9);
		x->next_renewal = query_int(q, 10);
		ret = member_parse(
			m->a, query_text(q, 3), &x->has_member, &x->member, e);
	}
	m->cert = l.item;
	m->certs = l.n;
	return query_end(q, e) || ret ? -1 : 0;
}

static int
load_tokens(struct key_model *m, struct db_conn *c, struct err *e)
{
	struct list l = list_of(m->a, sizeof(struct k_token));
	struct query *q = db_query(c, Q_SERVER_TOKENS);

	while (query_next(q)) {
		struct k_token *x = list_add(&l);
		x->id = query_text_dup(m->a, q, 0);
		x->name = query_text_dup(m->a, q, 1);
	}
	m->token = l.item;
	m->tokens = l.n;
	return query_end(q, e);
}

static int
load_all(struct db_conn *c, void *arg, struct err *e)
{
	return load_keys(arg, c, e) || load_csrs(arg, c, e) ||
			       load_certs(arg, c, e) || load_tokens(arg, c, e)
		       ? -1
		       : 0;
}

int
key_model_load(struct key_model **out, struct db *db, struct err *e)
{
	struct arena *a = arena_new();
	struct key_model *m = arena_new_of(a, struct key_model);

	m->a = a;
	m->refs = 1;
	if (db_transact(db, load_all, m, e)) {
		arena_free(&a);
		return -1;
	}
	*out = m;
	return 0;
}
