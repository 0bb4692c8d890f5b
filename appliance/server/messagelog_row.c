/* SPDX-License-Identifier: MIT */
/*
 * The rows of one record. Messages that were signed together share one
 * signature document: it is written, and time-stamped, once. Rule:
 * interop/xroad-messages.md 4.1; sqlite/messagelog/0007.
 */
#include "messagelog_row.h"

#include <string.h>

#include "mem.h"
#include "messagelog_sql.h"

/* A busy server has a few batches under way with each of its peers. */
enum { SHARED = 32 };

/* Documents that the newest records have. */
struct shared {
	int64_t id; /* 0: none */
	struct digest hash;
	uint8_t *xml;
	size_t len;
};

struct log_shared {
	struct shared item[SHARED];
	size_t next; /* which makes place */
};

struct log_shared *
log_shared_new(void)
{
	return mem_alloc(sizeof(struct log_shared));
}

void
log_shared_free(struct log_shared **s)
{
	if (!*s)
		return;
	for (size_t i = 0; i < SHARED; i++)
		mem_free((*s)->item[i].xml);
	mem_free(*s);
	*s = NULL;
}

static struct shared *
find(struct log_shared *s, struct bytes xml)
{
	for (size_t i = 0; i < SHARED; i++)
		if (s->item[i].id &&
			bytes_equal(
				bytes_of(s->item[i].xml, s->item[i].len), xml))
			return &s->item[i];
	return NULL;
}

static void
remember(struct log_shared *s, struct bytes xml, const struct digest *hash,
	int64_t id)
{
	struct shared *x = &s->item[s->next++ % SHARED];

	mem_free(x->xml);
	x->xml = mem_alloc(xml.len);
	memcpy(x->xml, xml.data, xml.len);
	x->len = xml.len;
	x->hash = *hash;
	x->id = id;
}

/* Its transaction may have been undone, and what waits no longer has a stamp
   already: then it is not the one. */
static int
still_waits(struct db_conn *c, const struct shared *x, bool *yes, struct err *e)
{
	struct query *q = db_query(c, Q_MESSAGELOG_WAITING_HAS, db_int(x->id),
		db_blob(x->hash.value, x->hash.len));

	*yes = query_next(q);
	return query_end(q, e);
}

static struct db_arg
blob_or_null(struct bytes b)
{
	return b.len ? db_blob(b.data, b.len) : db_null();
}

static int
add_signature(struct db_conn *c, const struct signature *s, struct digest *hash,
	int64_t *id, struct err *e)
{
	digest_of(DIGEST_SHA512, s->xml.data, s->xml.len, hash);
	if (db_run(c, Q_MESSAGELOG_SIGNATURE_ADD, e,
		    db_blob(s->xml.data, s->xml.len),
		    blob_or_null(s->hashchain_result)) < 0)
		return -1;
	*id = db_last_id(c);
	return db_run(c, Q_MESSAGELOG_WAITING_ADD, e, db_int(*id),
		       db_blob(hash->value, hash->len)) < 0
		       ? -1
		       : 0;
}

/* Only a batch's document can be that of another message. */
static int
signature_row(struct db_conn *c, struct log_shared *shared,
	const struct signature *s, int64_t *id, struct err *e)
{
	bool batch = shared && s->hashchain.len, waits = false;
	struct shared *x = batch ? find(shared, s->xml) : NULL;
	struct digest hash;

	if (x && still_waits(c, x, &waits, e))
		return -1;
	if (waits) {
		*id = x->id;
		return 0;
	}
	if (add_signature(c, s, &hash, id, e))
		return -1;
	if (x) {
		x->id = *id;
		x->hash = hash;
	} else if (batch) {
		remember(shared, s->xml, &hash, *id);
	}
	return 0;
}

int
log_row_add(struct db_conn *c, struct log_shared *shared,
	const struct log_row *r, int64_t *id, struct err *e)
{
	int64_t signature;

	if (signature_row(c, shared, &r->signature, &signature, e) ||
		db_run(c, Q_MESSAGELOG_RECORD_ADD, e, db_int(r->time),
			db_text(r->query_id), db_text(r->request_id),
			db_int(r->response), db_int(r->rest),
			db_int(r->as_client), db_text(r->cls), db_text(r->code),
			db_text(r->subsystem), db_text(r->client),
			db_text(r->service),
			db_blob(r->message.data, r->message.len),
			blob_or_null(r->signature.hashchain),
			db_int(signature)) < 0)
		return -1;
	*id = db_last_id(c);
	if (db_run(c, Q_MESSAGELOG_RECENT_ADD, e, db_int(*id),
		    db_text(r->query_id)) < 0 ||
		db_run(c, Q_MESSAGELOG_TO_ARCHIVE_ADD, e, db_int(*id),
			db_int(signature), db_text(r->cls), db_text(r->code),
			db_text(r->subsystem)) < 0)
		return -1;
	return 0;
}
