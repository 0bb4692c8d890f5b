/* SPDX-License-Identifier: MIT */
/* "Who used my data?" from the tables of a cache; see tracker.h. */
#include "tracker.h"

#include <assert.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_int.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

/* Whom a code means: as the center and as the provider's systems call the
   person. Who is not linked is known by the own user ID alone. */
struct whom {
	const char *pairwise, *user_id; /* either may be NULL; both: nobody */
};

static int
person_of(struct db_conn *c, const char *organisation, const char *code,
	struct arena *a, struct whom *out, struct err *e)
{
	struct query *q = db_query(
		c, Q_LINK_USAGE_PERSON, db_text(organisation), db_text(code));

	*out = (struct whom){ NULL, arena_strdup(a, code) };
	if (query_next(q)) {
		out->pairwise = query_text_dup(a, q, 0);
		out->user_id = query_text_dup(a, q, 1);
	}
	if (query_next(q)) /* nobody can tell who of two */
		*out = (struct whom){ NULL, NULL };
	return query_end(q, e);
}

static struct words
words_col(struct arena *a, struct query *q, int col)
{
	return (struct words){ query_text_dup(a, q, col),
		query_text_dup(a, q, col + 1) };
}

static int
count(struct db_conn *c, const struct usage_ask *ask, const struct whom *w,
	int64_t now, int64_t *total, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_USAGE_COUNT, db_text(w->pairwise),
		db_text(w->user_id), db_int(link_day_begin(ask->from)),
		db_int(ask->to), db_int(now));

	*total = query_next(q) ? query_int(q, 0) : 0;
	return query_end(q, e);
}

static int
page(struct db_conn *c, const struct usage_ask *ask, const struct whom *w,
	int64_t now, struct arena *a, struct usage **out, size_t *n,
	struct err *e)
{
	struct query *q = db_query(c, Q_LINK_USAGES, db_text(w->pairwise),
		db_text(w->user_id), db_int(link_day_begin(ask->from)),
		db_int(ask->to), db_int(now), db_int(ask->limit),
		db_int(ask->offset));

	while (query_next(q)) {
		LIST_GROW(a, *out, *n);
		(*out)[(*n)++] = (struct usage){ .day = query_int(q, 0),
			.subsystem = query_text_dup(a, q, 1),
			.consumer = words_col(a, q, 2),
			.purpose = words_col(a, q, 4),
			.service = words_col(a, q, 6),
			.bulk = words_col(a, q, 8) };
	}
	return query_end(q, e);
}

struct find {
	const struct usage_ask *ask;
	struct arena *a;
	struct usage **out;
	size_t *n;
	int64_t *total;
};

/* In one transaction: the count belongs to the page. */
static int
find(struct db_conn *c, void *arg, struct err *e)
{
	struct find *f = arg;
	const struct usage_ask *ask = f->ask;
	int64_t now = clock_now();
	struct whom w;

	if (person_of(c, ask->organisation, ask->code, f->a, &w, e))
		return -1;
	return count(c, ask, &w, now, f->total, e) ||
			       page(c, ask, &w, now, f->a, f->out, f->n, e)
		       ? -1
		       : 0;
}

int
tracker_find(struct linkbook *b, const struct usage_ask *ask, struct arena *a,
	struct usage **out, size_t *n, int64_t *total, struct err *e)
{
	struct find f = { ask, a, out, n, total };

	assert(b->mode == LINK_CACHE);
	assert(ask->limit >= 0 && ask->limit <= USAGE_PAGE_MAX);
	*out = NULL;
	*n = 0;
	*total = 0;
	return db_transact(b->db, find, &f, e);
}

int
tracker_same(struct linkbook *b, const char *organisation, const char *one,
	const char *two, bool *same, struct err *e)
{
	struct arena *a = arena_new();
	struct db_conn *c = db_take(b->db);
	struct whom first, second = { NULL, NULL };
	int ret;

	ret = person_of(c, organisation, one, a, &first, e) ||
			      person_of(c, organisation, two, a, &second, e)
		      ? -1
		      : 0;
	*same = !ret && first.pairwise && second.pairwise &&
		str_equal(first.pairwise, second.pairwise);
	db_give(c);
	arena_free(&a);
	return ret;
}

/* One number; `absent` when there is none. */
static int
number(struct linkbook *b, int statement, int64_t absent, int64_t *out,
	struct err *e)
{
	struct db_conn *c = db_take(b->db);
	struct query *q = db_query(c, statement);
	int ret;

	*out = query_next(q) && !query_null(q, 0) ? query_int(q, 0) : absent;
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

int
tracker_waiting(struct linkbook *b, int64_t *out, struct err *e)
{
	return number(b, Q_LINK_USAGE_WAITING, 0, out, e);
}

int
tracker_since(
	struct linkbook *b, int64_t keep_days, int64_t *out, struct err *e)
{
	int64_t now = clock_now(), oldest, since;
	int64_t first = link_day_begin(now - keep_days * LINK_DAY_MS);

	if (number(b, Q_LINK_USAGE_SINCE, now, &since, e) ||
		number(b, Q_LINK_USAGE_OLDEST, now, &oldest, e))
		return -1;
	*out = oldest < since ? oldest : since;
	if (*out < first)
		*out = first;
	return 0;
}

static int
run(struct linkbook *b, int statement, struct db_arg arg, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int64_t n = db_run(c, statement, e, arg);

	db_give(c);
	return n < 0 ? -1 : 0;
}

int
tracker_begin(struct linkbook *b, struct err *e)
{
	assert(b->mode == LINK_CACHE);
	return run(b, Q_LINK_USAGE_BEGIN, db_int(clock_now()), e);
}

int
tracker_sweep(struct linkbook *b, int64_t keep_days, struct err *e)
{
	int64_t before = link_day_begin(clock_now() - keep_days * LINK_DAY_MS);
	struct db_conn *c = db_take(b->db);
	int64_t n = db_run(c, Q_LINK_USAGE_RESOLVE, e);

	db_give(c);
	return n < 0 ? -1 : run(b, Q_LINK_USAGE_FORGET, db_int(before), e);
}
