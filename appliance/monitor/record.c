/* SPDX-License-Identifier: MIT */
/*
 * Writes a group of exchanges: a record each, and what they add to the use of
 * their pairs by hour and day. Numbers of texts and pairs are remembered.
 */
#include "monitor_int.h"

#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "mem.h"
#include "monitor_sql.h"
#include "text.h"

enum {
	HOUR_MS = 3600 * 1000,
	WHO_FIRST = MT_CLIENT_INSTANCE,
	WHO_LAST = MT_SERVICE_VERSION,
	WORD_FIRST = MT_SERVER_IP,
	WORD_LAST = MT_VERSION,
	FREE_LAST = MT_REQUEST_ID,
	KEY_MAX = (WHO_LAST + 1) * 256 + 8,
};

/* Use of one pair in one hour, and its last moments. */
struct slot {
	bool used;
	int64_t hour, pair, last_ok, last_failed;
	const char *service_type;
	struct tally t;
};

struct recorder {
	struct dict *word, *pair;
	int64_t pairs;     /* in the database; -1 not counted yet */
	struct slot *slot; /* of the group that is written */
	size_t slots;      /* a power of two, at least twice the group */
};

struct recorder *
recorder_new(void)
{
	struct recorder *r = mem_alloc(sizeof(*r));

	r->word = dict_new(WORDS_MAX);
	r->pair = dict_new(PAIRS_MAX);
	r->pairs = -1;
	return r;
}

void
recorder_forget(struct recorder *r)
{
	dict_reset(r->word);
	dict_reset(r->pair);
	r->pairs = -1;
}

void
recorder_free(struct recorder **out)
{
	if (!*out)
		return;
	dict_free(&(*out)->word);
	dict_free(&(*out)->pair);
	mem_free((*out)->slot);
	mem_free(*out);
	*out = NULL;
}

/* ---- texts and pairs ---- */

static int
first_int(struct query *q, int64_t *out, bool *found, struct err *e)
{
	*found = query_next(q);
	if (*found)
		*out = query_int(q, 0);
	return query_end(q, e);
}

/* NULL for an absent text, and for one more than may be remembered. */
static int
word_arg(struct recorder *r, struct db_conn *c, const char *text,
	struct db_arg *out, struct err *e)
{
	int64_t id = 0;
	bool found;

	*out = db_null();
	if (!text || !*text)
		return 0;
	if (!dict_get(r->word, text, &id)) {
		if (first_int(db_query(c, Q_MONITOR_WORD_GET, db_text(text)),
			    &id, &found, e))
			return -1;
		if (!found && dict_full(r->word))
			return 0; /* somebody invents them */
		if (!found) {
			if (db_run(c, Q_MONITOR_WORD_ADD, e, db_text(text)) < 0)
				return -1;
			id = db_last_id(c);
		}
		dict_put(r->word, text, id);
	}
	*out = db_int(id);
	return 0;
}

static const char *
or_empty(const char *s)
{
	return s ? s : "";
}

/* Names that nothing else has: pieces hold no control characters. */
static void
pair_key(const struct monitor_exchange *x, char *out)
{
	*out++ = (char)('0' + (int)x->side);
	for (int i = WHO_FIRST; i <= WHO_LAST; i++) {
		size_t n = strlen(or_empty(x->text[i]));

		memcpy(out, or_empty(x->text[i]), n);
		out += n;
		*out++ = '\x1f';
	}
	*out = '\0';
}

static int
pairs_count(struct recorder *r, struct db_conn *c, struct err *e)
{
	bool found;

	if (r->pairs >= 0)
		return 0;
	return first_int(
		db_query(c, Q_MONITOR_PAIR_COUNT, { 0 }), &r->pairs, &found, e);
}

static struct db_arg
who(const struct monitor_exchange *x, int i)
{
	return db_text(or_empty(x->text[i]));
}

static int
pair_find(struct db_conn *c, const struct monitor_exchange *x, int64_t *id,
	bool *found, struct err *e)
{
	return first_int(
		db_query(c, Q_MONITOR_PAIR_GET, db_int(x->side),
			who(x, MT_CLIENT_INSTANCE), who(x, MT_CLIENT_CLASS),
			who(x, MT_CLIENT_CODE), who(x, MT_CLIENT_SUBSYSTEM),
			who(x, MT_SERVICE_INSTANCE), who(x, MT_SERVICE_CLASS),
			who(x, MT_SERVICE_CODE), who(x, MT_SERVICE_SUBSYSTEM),
			who(x, MT_SERVICE), who(x, MT_SERVICE_VERSION)),
		id, found, e);
}

static int
pair_make(struct recorder *r, struct db_conn *c,
	const struct monitor_exchange *x, int64_t *id, struct err *e)
{
	if (db_run(c, Q_MONITOR_PAIR_ADD, e, db_int(x->side),
		    who(x, MT_CLIENT_INSTANCE), who(x, MT_CLIENT_CLASS),
		    who(x, MT_CLIENT_CODE), who(x, MT_CLIENT_SUBSYSTEM),
		    who(x, MT_SERVICE_INSTANCE), who(x, MT_SERVICE_CLASS),
		    who(x, MT_SERVICE_CODE), who(x, MT_SERVICE_SUBSYSTEM),
		    who(x, MT_SERVICE), who(x, MT_SERVICE_VERSION),
		    who(x, MT_SERVICE_TYPE),
		    db_int(x->number[MN_REQUEST_IN])) < 0)
		return -1;
	*id = db_last_id(c);
	r->pairs++;
	return 0;
}

/* Anybody can ask for services that do not exist, under any name: what failed
   makes fewer pairs, and beyond the limit all share one without names. */
static int
pair_id(struct recorder *r, struct db_conn *c, const struct monitor_exchange *x,
	int64_t *id, struct err *e)
{
	struct monitor_exchange nobody = { .side = x->side };
	char key[KEY_MAX];
	bool found;

	pair_key(x, key);
	if (dict_get(r->pair, key, id))
		return 0;
	if (pair_find(c, x, id, &found, e) || pairs_count(r, c, e))
		return -1;
	if (!found && r->pairs >= (x->succeeded ? PAIRS_MAX : PAIRS_FAILED)) {
		nobody.number[MN_REQUEST_IN] = x->number[MN_REQUEST_IN];
		x = &nobody;
		if (pair_find(c, x, id, &found, e))
			return -1;
	}
	if (!found && pair_make(r, c, x, id, e))
		return -1;
	dict_put(r->pair, key, *id);
	return 0;
}

/* ---- one record ---- */

static struct db_arg
number(int64_t v)
{
	return v < 0 ? db_null() : db_int(v);
}

static struct db_arg
since(const struct monitor_exchange *x, int i)
{
	return x->number[i] < 0
		       ? db_null()
		       : db_int(x->number[i] - x->number[MN_REQUEST_IN]);
}

static int
write_one(struct recorder *r, struct db_conn *c,
	const struct monitor_exchange *x, int64_t now, int64_t pair,
	struct err *e)
{
	struct db_arg arg[DB_ARGS_MAX + 1] = {
		db_int(now),
		db_int(pair),
		db_int(x->succeeded),
		db_int(x->number[MN_REQUEST_IN]),
		since(x, MN_REQUEST_OUT),
		since(x, MN_RESPONSE_IN),
		since(x, MN_RESPONSE_OUT),
	};
	int n = 7;

	for (int i = MN_REQUEST_SIZE; i < MN_COUNT; i++)
		arg[n++] = number(x->number[i]);
	for (int i = WORD_FIRST; i <= WORD_LAST; i++)
		if (word_arg(r, c, x->text[i], &arg[n++], e))
			return -1;
	for (int i = WORD_LAST + 1; i <= FREE_LAST; i++)
		arg[n++] = db_text(x->text[i]);
	return db_run_args(c, Q_MONITOR_RECORD_ADD, e, arg) < 0 ? -1 : 0;
}

/* ---- a group ---- */

static struct slot *
slot_of(struct recorder *r, int64_t hour, int64_t pair)
{
	size_t i = (size_t)(pair * 31 + hour) & (r->slots - 1);

	while (r->slot[i].used &&
		(r->slot[i].hour != hour || r->slot[i].pair != pair))
		i = (i + 1) & (r->slots - 1);
	r->slot[i].used = true;
	r->slot[i].hour = hour;
	r->slot[i].pair = pair;
	return &r->slot[i];
}

static void
slot_add(struct slot *s, const struct monitor_exchange *x)
{
	int64_t in = x->number[MN_REQUEST_IN], out = x->number[MN_RESPONSE_OUT];
	int64_t at = out < in ? in : out; /* as X-Road's health data has it */
	int64_t *last = x->succeeded ? &s->last_ok : &s->last_failed;

	if (at > *last)
		*last = at;
	if (x->text[MT_SERVICE_TYPE])
		s->service_type = x->text[MT_SERVICE_TYPE];
	tally_exchange(&s->t, x);
}

static int
slots_store(struct recorder *r, struct db_conn *c, struct err *e)
{
	for (size_t i = 0; i < r->slots; i++) {
		const struct slot *s = &r->slot[i];

		if (!s->used)
			continue;
		if (tally_store(c, s->hour, s->pair, &s->t, e) ||
			db_run(c, Q_MONITOR_PAIR_USED, e, db_int(s->pair),
				s->last_ok ? db_int(s->last_ok) : db_null(),
				s->last_failed ? db_int(s->last_failed)
					       : db_null(),
				db_text(or_empty(s->service_type))) < 0)
			return -1;
	}
	return 0;
}

struct group {
	struct recorder *r;
	struct monitor_exchange *const *x;
	size_t n;
	int64_t *pair;
};

static int
write_group(struct db_conn *c, void *arg, struct err *e)
{
	struct group *g = arg;
	int64_t now = clock_seconds();

	for (size_t i = 0; i < g->n; i++) {
		const struct monitor_exchange *x = g->x[i];

		if (pair_id(g->r, c, x, &g->pair[i], e))
			return -1;
		/* what an adapter did is no message: only counted */
		if (x->side != MONITOR_ADAPTER &&
			write_one(g->r, c, x, now, g->pair[i], e))
			return -1;
		slot_add(slot_of(g->r, x->number[MN_REQUEST_IN] / HOUR_MS,
				 g->pair[i]),
			x);
	}
	return slots_store(g->r, c, e);
}

int
recorder_write(struct recorder *r, struct db *db,
	struct monitor_exchange *const *x, size_t n, int64_t *pair,
	struct err *e)
{
	struct group g = { r, x, n, pair };
	int ret;

	for (r->slots = 2; r->slots < 2 * n;)
		r->slots *= 2;
	r->slot = mem_array(r->slots, sizeof(*r->slot));
	ret = db_transact(db, write_group, &g, e);
	mem_free(r->slot);
	r->slot = NULL;
	if (ret) /* numbers of rows that are gone */
		recorder_forget(r);
	return ret;
}
