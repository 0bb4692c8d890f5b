/* SPDX-License-Identifier: MIT */
/*
 * Reading the message log back as containers. Rule:
 * interop/xroad-messages.md 4.4, 4.5.
 */
#include "messagelog_int.h"

#include "arena_list_int.h"
#include "err.h"
#include "mem.h"
#include "messagelog_sql.h"

enum { ATTACHMENTS_MAX = 1000 }; /* as many as a message may have */

/* How the content of a record is encrypted. */
struct sealed {
	const char *key; /* NULL: it is not */
	struct sealed_part part;
	struct bytes *attachment;
};

/* Columns as in the statement by_id. */
static void
take_row(struct arena *a, struct query *q, struct evidence *v, struct sealed *s)
{
	v->id = query_int(q, 0);
	v->asic.time = query_int(q, 1);
	v->query_id = query_text_dup(a, q, 2);
	v->response = query_int(q, 3);
	v->asic.message = query_blob_dup(a, q, 4);
	v->asic.signature.xml = query_blob_dup(a, q, 5);
	v->asic.signature.hashchain_result = query_blob_dup(a, q, 6);
	v->asic.signature.hashchain = query_blob_dup(a, q, 7);
	v->asic.ts_chain = query_blob_dup(a, q, 8);
	v->asic.ts_result = query_blob_dup(a, q, 10);
	/* a single stamp stands inside the signature only */
	if (v->asic.ts_result.len)
		v->asic.ts_token = query_blob_dup(a, q, 9);
	v->stamped = query_int(q, 11);
	s->part.record = v->id;
	s->part.request_id = query_text_dup(a, q, 12);
	s->part.as_client = query_int(q, 13);
	s->part.response = v->response;
	s->key = query_text_dup(a, q, 14);
}

/* With the keys of its time. */
static int
unseal(struct messagelog *m, struct arena *a, const struct sealed *s,
	struct evidence *v, struct err *e)
{
	struct sealed_part p = s->part;

	if (!s->key)
		return 0;
	if (log_unseal(m->cipher, a, s->key, &p, &v->asic.message, e))
		return -1;
	for (size_t i = 0; s->attachment && i < v->asic.attachments; i++) {
		p.number = i + 1;
		if (s->attachment[i].data && log_unseal(m->cipher, a, s->key,
						     &p, &s->attachment[i], e))
			return -1;
	}
	return 0;
}

static int
load_attachments(struct db_conn *c, struct arena *a, struct sealed *s,
	struct evidence *v, struct err *e)
{
	struct query *q = db_query(c, Q_MESSAGELOG_ATTACHMENTS, db_int(v->id));
	struct bytes *item = NULL;
	size_t n = 0;

	while (query_next(q)) {
		size_t number = (size_t)query_int(q, 0);

		if (number < 1 || number > ATTACHMENTS_MAX)
			continue;
		if (!item)
			item = arena_array(a, ATTACHMENTS_MAX, sizeof(*item));
		item[number - 1] = query_blob_dup(a, q, 1);
		if (number > n)
			n = number;
	}
	v->asic.attachment = s->attachment = item;
	v->asic.attachments = n;
	return query_end(q, e);
}

int
evidence_find(struct messagelog *m, struct arena *a, const char *query_id,
	const struct client_id *local, struct evidence_row **out, size_t *n,
	struct err *e)
{
	struct db_conn *c = db_take(m->db);
	struct query *q = db_query(c, Q_MESSAGELOG_FIND, db_text(query_id),
		db_text(local->cls), db_text(local->code),
		db_text(local->subsystem), db_int(EVIDENCE_MAX + 1),
		db_int(log_message_hash(query_id)));
	struct list l = list_of(a, sizeof(struct evidence_row));
	int ret;

	while (query_next(q)) {
		struct evidence_row *row = list_add(&l);
		row->id = query_int(q, 0);
		row->query_id = query_text_dup(a, q, 1);
		row->response = query_int(q, 2);
		row->stamped = query_int(q, 3);
	}
	ret = query_end(q, e);
	db_give(c);
	*out = l.item;
	*n = l.n;
	return ret;
}

int
evidence_get(struct messagelog *m, struct arena *a, int64_t id,
	struct evidence *out, struct err *e)
{
	struct db_conn *c = db_take(m->db);
	struct query *q = db_query(c, Q_MESSAGELOG_BY_ID, db_int(id));
	bool found = query_next(q);
	struct sealed s = { 0 };
	int ret;

	*out = (struct evidence){ .id = id };
	if (found)
		take_row(a, q, out, &s);
	ret = query_end(q, e);
	if (!ret && !found)
		ret = fail(e, FAULT_NOT_FOUND,
			"the message log has no record %lld", (long long)id);
	if (!ret)
		ret = load_attachments(c, a, &s, out, e);
	db_give(c);
	if (!ret)
		ret = unseal(m, a, &s, out, e);
	return ret;
}
