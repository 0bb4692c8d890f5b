/* SPDX-License-Identifier: MIT */
/*
 * Time-stamping of the message log: one token over one signature (single) or
 * over the hash chain of many (batch). Rule: interop/xroad-messages.md 4.2,
 * 4.3; RFC 3161.
 */
#include "messagelog_int.h"

#include <string.h>

#include "err.h"
#include "hashchain.h"
#include "mem.h"
#include "messagelog_sql.h"
#include "param.h"

static const char ts_name[] = "ts-hashchain.xml";
static const char signatures_uri[] = "/META-INF/signatures.xml";

/* A signature document; several records may have it. */
struct waiting {
	int64_t id;
	struct digest hash;
};

/* Messages wait while the writer runs a ticket: it marks no more than this. */
enum { MARK_MAX = 32 };

struct stamp_round {
	struct messagelog *m;
	struct arena *a;
	struct waiting *item;
	size_t n;
	struct bytes token;
	int64_t gen_time;
	struct hashchain_out chain; /* batch */
	struct bytes stamped; /* single: signature with the token inside */
	int64_t stamp;        /* batch: its row */
	size_t marked;        /* batch: signatures that refer to it */
};

static int
store_stamp(struct stamp_round *r, struct db_conn *c, struct err *e)
{
	struct bytes result = r->chain.result;

	if (db_run(c, Q_MESSAGELOG_STAMP_ADD, e, db_int(r->gen_time),
		    db_blob(r->token.data, r->token.len),
		    result.len ? db_blob(result.data, result.len) : db_null()) <
		0)
		return -1;
	r->stamp = db_last_id(c);
	return 0;
}

/* It has this stamp, and waits no longer. */
static int
mark(struct stamp_round *r, size_t i, struct db_arg chain, struct db_conn *c,
	struct err *e)
{
	int64_t id = r->item[i].id;

	if (db_run(c, Q_MESSAGELOG_SIGNATURE_STAMP, e, db_int(id),
		    db_int(r->stamp), chain) < 0 ||
		db_run(c, Q_MESSAGELOG_WAITING_DROP, e, db_int(id)) < 0)
		return -1;
	return 0;
}

static int
store_single(struct db_conn *c, void *arg, struct err *e)
{
	struct stamp_round *r = arg;

	if (store_stamp(r, c, e) ||
		db_run(c, Q_MESSAGELOG_SIGNATURE_CHANGE, e,
			db_int(r->item[0].id),
			db_blob(r->stamped.data, r->stamped.len)) < 0)
		return -1;
	return mark(r, 0, db_null(), c, e);
}

/* The stamp with its first signatures, or the next ones. A crash between two
   tickets leaves the rest waiting for another stamp. */
static int
store_some(struct db_conn *c, void *arg, struct err *e)
{
	struct stamp_round *r = arg;
	size_t end = r->n - r->marked > MARK_MAX ? r->marked + MARK_MAX : r->n;

	if (!r->marked && store_stamp(r, c, e))
		return -1;
	for (size_t i = r->marked; i < end; i++) {
		struct bytes chain = r->chain.chain[i];

		if (mark(r, i, db_blob(chain.data, chain.len), c, e))
			return -1;
	}
	return 0;
}

static int
store_batch(struct stamp_round *r, struct err *e)
{
	for (; r->marked < r->n; r->marked += MARK_MAX)
		if (writer_submit(r->m->writer, store_some, r, e))
			return -1;
	return 0;
}

/* A batch needs hashes only. */
static int
load_signature(struct stamp_round *r, struct bytes *out, struct err *e)
{
	struct db_conn *c = db_take(r->m->db);
	struct query *q =
		db_query(c, Q_MESSAGELOG_SIGNATURE_GET, db_int(r->item[0].id));
	bool found = query_next(q);
	int ret;

	if (found)
		*out = query_blob_dup(r->a, q, 0);
	ret = query_end(q, e);
	db_give(c);
	if (!ret && !found)
		ret = fail(e, FAULT_DATABASE,
			"signature %lld of the message log is gone",
			(long long)r->item[0].id);
	return ret;
}

static int
stamp_single(struct stamp_round *r, struct err *e)
{
	struct signature_facts facts;
	struct digest imprint;
	struct bytes xml;

	if (load_signature(r, &xml, e) || signature_read(r->a, xml, &facts, e))
		return -1;
	digest_of(DIGEST_SHA512, facts.value.data, facts.value.len, &imprint);
	if (tsa_ask(r->m, r->a, &imprint, &r->token, &r->gen_time, e) ||
		signature_add_timestamp(r->a, xml, r->token, &r->stamped, e))
		return -1;
	return writer_submit(r->m->writer, store_single, r, e);
}

static int
stamp_batch(struct stamp_round *r, struct err *e)
{
	struct hashchain_part *part = arena_array(r->a, r->n, sizeof(*part));
	struct hashchain_item *item = arena_array(r->a, r->n, sizeof(*item));
	struct digest imprint;

	for (size_t i = 0; i < r->n; i++) {
		part[i].uri = signatures_uri;
		part[i].digest = r->item[i].hash;
		item[i].part = &part[i];
		item[i].parts = 1;
	}
	if (hashchain_build(r->a, ts_name, item, r->n, &r->chain, e))
		return -1;
	digest_of(DIGEST_SHA512, r->chain.result.data, r->chain.result.len,
		&imprint);
	if (tsa_ask(r->m, r->a, &imprint, &r->token, &r->gen_time, e))
		return -1;
	return store_batch(r, e);
}

static int
take_row(struct stamp_round *r, struct query *q, struct err *e)
{
	struct waiting *w = &r->item[r->n++];
	struct bytes hash = query_blob(q, 1);

	w->id = query_int(q, 0);
	w->hash.alg = DIGEST_SHA512;
	w->hash.len = hash.len;
	if (hash.len != digest_size(DIGEST_SHA512))
		return fail(e, FAULT_DATABASE,
			"signature %lld of the message log has no hash",
			(long long)w->id);
	memcpy(w->hash.value, hash.data, hash.len);
	return 0;
}

static int
load_waiting(struct stamp_round *r, int64_t limit, struct err *e)
{
	struct db_conn *c = db_take(r->m->db);
	struct query *q = db_query(c, Q_MESSAGELOG_WAITING, db_int(limit));
	int ret = 0;

	r->item = arena_array(r->a, (size_t)limit, sizeof(*r->item));
	while (!ret && (int64_t)r->n < limit && query_next(q))
		ret = take_row(r, q, e);
	if (query_end(q, e))
		ret = -1;
	db_give(c);
	return ret;
}

/* One round; how many were stamped, or -1. */
static int64_t
round_of(struct messagelog *m, int64_t limit, struct err *e)
{
	struct stamp_round r = { .m = m, .a = arena_new() };
	int64_t n = -1;
	int ret;

	ret = load_waiting(&r, limit, e);
	if (!ret && r.n)
		ret = r.n == 1 ? stamp_single(&r, e) : stamp_batch(&r, e);
	stamping_note(m, !ret, r.n > 0, e);
	if (!ret)
		n = (int64_t)r.n;
	arena_free(&r.a);
	return n;
}

int64_t
messagelog_stamp(struct messagelog *m, struct err *e)
{
	int64_t limit = conf_int(m->conf, P_ML_TS_LIMIT), n, total = 0;

	pthread_mutex_lock(&m->stamping);
	/* after a failure one signature tries first (4.2) */
	n = round_of(m, stamping_fails(m) ? 1 : limit, e);
	while (n > 0) {
		total += n;
		if (n != 1 && n != limit)
			break;
		n = round_of(m, limit, e);
	}
	pthread_mutex_unlock(&m->stamping);
	return n < 0 ? -1 : total;
}

/* The signature of the record when it waits; *id 0 when it does not. */
static int
waiting_of(struct messagelog *m, int64_t record, int64_t *id, struct err *e)
{
	struct db_conn *c = db_take(m->db);
	struct query *q = db_query(c, Q_MESSAGELOG_WAITING_OF, db_int(record));
	int ret;

	*id = query_next(q) ? query_int(q, 0) : 0;
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

int
stamp_one(struct messagelog *m, int64_t id, struct err *e)
{
	struct stamp_round r = { .m = m, .a = arena_new(), .n = 1 };
	struct waiting item = { .id = 0 };
	int ret;

	r.item = &item;
	ret = waiting_of(m, id, &item.id, e);
	if (!ret && item.id) {
		ret = stamp_single(&r, e);
		/* a failure here is that of its caller, not of the rounds */
		if (!ret)
			stamping_note(m, true, true, NULL);
	}
	arena_free(&r.a);
	return ret;
}
