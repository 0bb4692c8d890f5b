/* SPDX-License-Identifier: MIT */
/*
 * Filling the table that searches use, apart from logging: keys of some
 * thousand records are sorted, so that neighbours share pages, and written in
 * small tickets between the messages.
 */
#include "logsearch.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "job.h"
#include "mem.h"
#include "messagelog_int.h"
#include "messagelog_sql.h"

enum {
	MESSAGE, /* its id */
	CLIENT,
	SERVICE,
	KINDS,
};
/* messages wait while the writer runs a ticket */
enum { TICKET = 512, CLEAN_ROWS = 512 };
/* as in the statements */
enum { MESSAGE_BITS = 18, PARTY_BITS = 16 };

struct key_row {
	int64_t record;
	int kind;
	int64_t hash;     /* MESSAGE */
	const char *name; /* CLIENT, SERVICE */
};

struct chunk {
	struct arena *a;
	struct key_row *row;
	size_t n, done;
	int64_t last; /* record */
};

int64_t
log_message_hash(const char *message_id)
{
	struct digest d;
	uint64_t x = 0;

	digest_of(DIGEST_SHA256, message_id, strlen(message_id), &d);
	for (int i = 0; i < 8; i++)
		x = x << 8 | d.value[i];
	return (int64_t)x;
}

static int
order(int64_t x, int64_t y)
{
	return x < y ? -1 : x > y;
}

/* As the tables are ordered. */
static int
by_key(const void *x, const void *y)
{
	const struct key_row *p = x, *q = y;
	bool message = p->kind == MESSAGE,
	     same = message == (q->kind == MESSAGE);
	int bits = message ? MESSAGE_BITS : PARTY_BITS, d;

	if (!same)
		return message ? -1 : 1;
	d = order(p->record >> bits, q->record >> bits);
	if (!d)
		d = p->kind - q->kind;
	if (!d)
		d = message ? order(p->hash, q->hash)
			    : strcmp(p->name, q->name);
	return d ? d : order(p->record, q->record);
}

static int
load(struct chunk *k, struct db *db, int64_t after, struct err *e)
{
	struct db_conn *c = db_take(db);
	struct query *q = db_query(c, Q_MESSAGELOG_LOOKUP_ROWS, db_int(after),
		db_int(LOG_INDEX_CHUNK));
	size_t records = 0;
	int ret;

	k->row = arena_array(k->a, LOG_INDEX_CHUNK * KINDS, sizeof(*k->row));
	while (records++ < LOG_INDEX_CHUNK && query_next(q)) {
		k->last = query_int(q, 0);
		k->row[k->n++] = (struct key_row){ k->last, MESSAGE,
			log_message_hash(query_text(q, 1)), NULL };
		for (int i = CLIENT; i < KINDS; i++)
			k->row[k->n++] = (struct key_row){ k->last, i, 0,
				query_text_dup(k->a, q, i + 1) };
	}
	ret = query_end(q, e);
	db_give(c);
	qsort(k->row, k->n, sizeof(*k->row), by_key);
	return ret;
}

static int
store_row(struct db_conn *c, const struct key_row *r, struct err *e)
{
	int64_t n = r->kind == MESSAGE
			    ? db_run(c, Q_MESSAGELOG_LOOKUP_MESSAGE_ADD, e,
				      db_int(r->hash), db_int(r->record))
			    : db_run(c, Q_MESSAGELOG_LOOKUP_PARTY_ADD, e,
				      db_int(r->kind), db_text(r->name),
				      db_int(r->record));

	return n < 0 ? -1 : 0;
}

/* The next rows; with the last of them all its records are looked up. */
static int
store(struct db_conn *c, void *arg, struct err *e)
{
	struct chunk *k = arg;
	size_t end = k->n - k->done > TICKET ? k->done + TICKET : k->n;

	for (size_t i = k->done; i < end; i++)
		if (store_row(c, &k->row[i], e))
			return -1;
	if (end == k->n &&
		(db_run(c, Q_MESSAGELOG_LOOKUP_DONE, e, db_int(k->last)) < 0 ||
			db_run(c, Q_MESSAGELOG_RECENT_DROP, e,
				db_int(k->last)) < 0))
		return -1;
	return 0;
}

/* How far it is: the newest record, and the newest that is looked up. */
static int
progress(struct db *db, int64_t *last, int64_t *indexed, struct err *e)
{
	struct db_conn *c = db_take(db);
	struct query *q = db_query(c, Q_MESSAGELOG_SEARCH_ENDS, { 0 });
	int ret;

	*last = *indexed = 0;
	if (query_next(q)) {
		*last = query_int(q, 1);
		*indexed = query_int(q, 2);
	}
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

static int
index_chunk(struct db *db, struct group_writer *w, int64_t after, int64_t *n,
	struct err *e)
{
	struct chunk k = { .a = arena_new() };
	int ret = load(&k, db, after, e);

	for (; !ret && k.done < k.n; k.done += TICKET)
		ret = writer_submit(w, store, &k, e);
	*n = (int64_t)(k.n / KINDS);
	arena_free(&k.a);
	return ret;
}

int64_t
log_index(struct db *db, struct group_writer *w, const struct jobs *stop,
	struct err *e)
{
	int64_t last, indexed, n, total = 0;

	for (;;) {
		if (progress(db, &last, &indexed, e))
			return -1;
		if (last - indexed < LOG_INDEX_CHUNK ||
			(stop && jobs_stopping(stop)))
			return total;
		if (index_chunk(db, w, indexed, &n, e))
			return -1;
		total += n;
	}
}

int64_t
messagelog_index(struct messagelog *m, const struct jobs *stop, struct err *e)
{
	return log_index(m->db, m->writer, stop, e);
}

/* ---- cleaning ---- */

struct cleaning {
	int statement;
	int64_t n;
};

static int
clean_some(struct db_conn *c, void *arg, struct err *e)
{
	struct cleaning *k = arg;

	k->n = db_run(c, k->statement, e, db_int(CLEAN_ROWS));
	return k->n < 0 ? -1 : 0;
}

int
log_index_clean(struct messagelog *m, const struct jobs *stop, struct err *e)
{
	static const int statement[] = { Q_MESSAGELOG_LOOKUP_MESSAGE_CLEAN,
		Q_MESSAGELOG_LOOKUP_PARTY_CLEAN };

	for (size_t i = 0; i < sizeof(statement) / sizeof(*statement); i++) {
		struct cleaning k = { .statement = statement[i] };

		do {
			if (writer_submit(m->writer, clean_some, &k, e))
				return -1;
		} while (k.n == CLEAN_ROWS && !(stop && jobs_stopping(stop)));
	}
	return 0;
}
