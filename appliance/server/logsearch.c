/* SPDX-License-Identifier: MIT */
/*
 * Searching the message log, newest first. Indexes are by segments of records
 * (sqlite/messagelog/0004-search.sql): a search asks one segment after the
 * other, and only those whose times fit.
 */
#include "logsearch.h"

#include <assert.h>
#include <string.h>

#include "arena_list_int.h"
#include "clock.h"
#include "err.h"
#include "messagelog_int.h"
#include "messagelog_sql.h"
#include "param.h"
#include "text.h"

enum {
	SEGMENT_RECORDS = 65536, /* as in the statements */
	LIMIT_USUAL = 50,
	NEWEST = 2000, /* are looked at one by one before any index */
};

/* ---- the question ---- */

const char *const log_query_names[] = { "message-id", "member", "service",
	"from", "to", "protocol", "direction", "before", "limit", NULL };

/* A date is its first moment, or its last. */
static int
set_time(struct arena *a, const char *value, const char *end, int64_t *out,
	struct err *e)
{
	return time_parse(strchr(value, 'T')
				  ? value
				  : arena_printf(a, "%sT%s", value, end),
		out, e);
}

static int
set_word(const char *name, const char *value, const char *const word[2],
	bool *first, bool *second, struct err *e)
{
	*first = str_equal(value, word[0]);
	*second = str_equal(value, word[1]);
	if (*first || *second)
		return 0;
	return fail(e, FAULT_BAD_REQUEST, "%s must be %s or %s, not '%s'", name,
		word[0], word[1], value);
}

static int
set_member(
	struct arena *a, struct log_query *q, const char *value, struct err *e)
{
	struct client_id id;

	if (client_id_parse(a, value, &id, e))
		return -1;
	q->member = client_id_path(a, &id);
	return 0;
}

static int
set_service(
	struct arena *a, struct log_query *q, const char *value, struct err *e)
{
	const char *version = value;
	struct service_id id;

	for (int i = 0; version && i < 5; i++)
		version = strchr(version + (i > 0), '/');
	if (service_id_parse(a,
		    version ? arena_strndup(a, value, (size_t)(version - value))
			    : value,
		    &id, e))
		return -1;
	if (version) {
		char *text;

		if (segment_decode(
			    a, version + 1, strlen(version + 1), &text, e))
			return -1;
		id.version = text;
	}
	q->service = service_id_path(a, &id);
	return 0;
}

int
log_query_set(struct arena *a, struct log_query *q, const char *name,
	const char *value, struct err *e)
{
	static const char *const protocol[] = { "rest", "soap" },
				 *const direction[] = { "request", "response" };

	if (str_equal(name, "message-id")) {
		q->message_id = value;
		return 0;
	}
	if (str_equal(name, "member"))
		return set_member(a, q, value, e);
	if (str_equal(name, "service"))
		return set_service(a, q, value, e);
	if (str_equal(name, "from"))
		return set_time(a, value, "00:00:00Z", &q->from, e);
	if (str_equal(name, "to"))
		return set_time(a, value, "23:59:59.999Z", &q->to, e);
	if (str_equal(name, "protocol"))
		return set_word(name, value, protocol, &q->rest, &q->soap, e);
	if (str_equal(name, "direction"))
		return set_word(
			name, value, direction, &q->request, &q->response, e);
	if (str_equal(name, "before"))
		return int_parse(value, 1, INT64_MAX, &q->before, e);
	if (str_equal(name, "limit"))
		return int_parse(value, 1, LOG_LIMIT_MAX, &q->limit, e);
	return fail(e, FAULT_BAD_REQUEST, "a search has no '%s'", name);
}

/* ---- the search ---- */

struct search {
	struct db_conn *c;
	struct arena *a;
	const struct log_query *q;
	int64_t from, to;
	int rest, response; /* -1 any */
	int64_t limit;
	int64_t first;   /* oldest record there is */
	int64_t indexed; /* newest one that lookup knows */
	bool begun;
	int64_t before; /* all from here on is done */
	struct list hits;
	struct err *e;
};

/* Columns as in the statements search_*. */
static void
take_hit(struct search *s, struct query *r)
{
	struct log_hit *h = list_add(&s->hits);

	h->id = query_int(r, 0);
	h->time = query_int(r, 1);
	h->message_id = query_text_dup(s->a, r, 2);
	h->response = query_int(r, 3);
	h->rest = query_int(r, 4);
	h->as_client = query_int(r, 5);
	h->client = query_text_dup(s->a, r, 6);
	h->service = query_text_dup(s->a, r, 7);
	h->stamped = query_int(r, 8);
	h->archived = query_int(r, 9);
}

static bool
enough(const struct search *s)
{
	return (int64_t)s->hits.n >= s->limit;
}

/* Runs a statement over the records low <= id < before; `before` moves on. */
static int
run(struct search *s, int statement, int64_t low, struct db_arg x8,
	struct db_arg x9, struct db_arg x10, struct db_arg x11)
{
	int64_t left = s->limit - (int64_t)s->hits.n;
	struct query *r = db_query(s->c, statement, db_int(s->before),
		db_int(low), db_int(s->from), db_int(s->to), db_int(s->rest),
		db_int(s->response), db_int(left), x8, x9, x10, x11);

	while (query_next(r))
		take_hit(s, r);
	s->before = low;
	if (enough(s)) {
		const struct log_hit *h = s->hits.item;

		assert(h);
		s->before = h[s->hits.n - 1].id;
	}
	return query_end(r, s->e);
}

static const struct db_arg none = { 0 };

static bool
is_party_of(const char *name, const char *path)
{
	size_t n = strlen(name);

	return !strncmp(path, name, n) && (!path[n] || path[n] == '/');
}

/* What an index or a scan found is kept if it is of that party and service. */
static void
keep_wanted(struct search *s, size_t from)
{
	const struct log_query *q = s->q;
	struct log_hit *h = s->hits.item;
	size_t kept = from;

	for (size_t i = from; i < s->hits.n; i++)
		if ((!q->member || is_party_of(q->member, h[i].client) ||
			    is_party_of(q->member, h[i].service)) &&
			(!q->service || is_party_of(q->service, h[i].service)))
			h[kept++] = h[i];
	s->hits.n = kept;
}

/* Some records one by one. */
static int
look_at_each(struct search *s)
{
	int64_t low = s->before - NEWEST, limit = s->limit;
	size_t n = s->hits.n;
	const struct log_hit *h;

	s->limit = (int64_t)n + NEWEST;
	if (run(s, Q_MESSAGELOG_SEARCH_SCAN, low > s->first ? low : s->first,
		    none, none, none, none))
		return -1;
	s->limit = limit;
	keep_wanted(s, n);
	if (!enough(s))
		return 0;
	s->hits.n = (size_t)limit;
	h = s->hits.item;
	s->before = h[s->hits.n - 1].id;
	return 0;
}

/* The newest records answer the usual questions; others are not indexed. */
static bool
each_is_better(struct search *s)
{
	bool first = !s->begun;

	s->begun = true;
	return (s->q->member || s->q->service) &&
	       (first || s->before - 1 > s->indexed);
}

/* Which of the segment's times fit? */
enum fit { FIT_NONE, FIT_SOME, FIT_ALL };

static int
segment_fits(struct search *s, int64_t segment, enum fit *out)
{
	struct query *r =
		db_query(s->c, Q_MESSAGELOG_SEARCH_SPAN, db_int(segment));

	*out = FIT_NONE;
	if (query_next(r) && !query_null(r, 0)) {
		int64_t low = query_int(r, 0), high = query_int(r, 1);

		*out = low >= s->from && high <= s->to ? FIT_ALL
		       : low > s->to || high < s->from ? FIT_NONE
						       : FIT_SOME;
	}
	return query_end(r, s->e);
}

static int
search_segment(struct search *s, int64_t segment, int64_t low)
{
	const char *name = s->q->service ? s->q->service : s->q->member;
	struct db_arg n = db_int(segment);
	enum fit fit;

	if (segment_fits(s, segment, &fit))
		return -1;
	if (fit == FIT_NONE) {
		s->before = low;
		return 0;
	}
	if (name)
		return run(s,
			s->q->service ? Q_MESSAGELOG_SEARCH_SERVICE
				      : Q_MESSAGELOG_SEARCH_PARTY,
			low, n, db_text(name),
			db_text(arena_printf(s->a, "%s/", name)),
			/* the character after the slash */
			db_text(arena_printf(s->a, "%s0", name)));
	return fit == FIT_ALL ? run(s, Q_MESSAGELOG_SEARCH_SCAN, low, none,
					none, none, none)
			      : run(s, Q_MESSAGELOG_SEARCH_TIME, low, n, none,
					none, none);
}

static int
search_next_segment(struct search *s)
{
	int64_t segment = (s->before - 1) / SEGMENT_RECORDS;
	int64_t low = segment * SEGMENT_RECORDS;
	size_t n = s->hits.n;

	if (search_segment(s, segment, low > s->first ? low : s->first))
		return -1;
	keep_wanted(s, n);
	return 0;
}

static int
search_on(struct search *s)
{
	int64_t until = clock_ticks() + LOG_SEARCH_MS;

	while (!enough(s) && s->before > s->first && clock_ticks() < until)
		if (each_is_better(s) ? look_at_each(s)
				      : search_next_segment(s))
			return -1;
	return 0;
}

static int
search_message(struct search *s)
{
	size_t n = s->hits.n;

	if (run(s, Q_MESSAGELOG_SEARCH_MESSAGE, s->first,
		    db_text(s->q->message_id),
		    db_int(log_message_hash(s->q->message_id)), none, none))
		return -1;
	keep_wanted(s, n);
	return 0;
}

/* The ends of the log: *last 0 when it is empty. */
static int
find_ends(struct search *s, int64_t *last)
{
	struct query *r = db_query(s->c, Q_MESSAGELOG_SEARCH_ENDS, { 0 });

	*last = 0;
	if (query_next(r)) {
		s->first = query_int(r, 0);
		*last = query_int(r, 1);
		s->indexed = query_int(r, 2);
	}
	return query_end(r, s->e);
}

static int
begin(struct search *s)
{
	const struct log_query *q = s->q;
	int64_t last;

	if (find_ends(s, &last))
		return -1;
	s->before = q->before && q->before <= last ? q->before : last + 1;
	s->from = q->from;
	s->to = q->to ? q->to : INT64_MAX;
	s->rest = q->rest ? 1 : q->soap ? 0 : -1;
	s->response = q->response ? 1 : q->request ? 0 : -1;
	s->limit = q->limit ? q->limit : LIMIT_USUAL;
	return 0;
}

int
log_search(struct messagelog *m, struct arena *a, const struct log_query *q,
	struct log_page *out, struct err *e)
{
	struct search s = { .c = db_take(m->db),
		.a = a,
		.q = q,
		.hits = list_of(a, sizeof(struct log_hit)),
		.e = e };
	int ret = begin(&s);

	if (!ret && q->message_id)
		ret = search_message(&s);
	else if (!ret)
		ret = search_on(&s);
	db_give(s.c);
	out->hit = s.hits.item;
	out->n = s.hits.n;
	out->next = s.before > s.first ? s.before : 0;
	return ret;
}

/* ---- containers ---- */

int
log_container(struct messagelog *m, struct arena *a, int64_t id,
	struct buf *out, char **name, struct err *e)
{
	struct evidence v;

	if (evidence_get(m, a, id, &v, e))
		return -1;
	if (!v.stamped)
		return fail(e, FAULT_TIMESTAMPING_FAILED,
			"record %lld has no time stamp yet", (long long)id);
	*name = asic_name(a, v.query_id, v.response, id);
	return asic_write(&v.asic, out, e) || buf_ok(out, "the container", e)
		       ? -1
		       : 0;
}
