/* SPDX-License-Identifier: MIT */
/*
 * X-Road's questions: operational data as JSON, health data, requests per
 * interval. Rule: interop/xroad-messages.md 6.3.
 */
#include "monitor_int.h"

#include <math.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "json_io.h"
#include "mem.h"
#include "monitor_sql.h"
#include "text.h"

enum { JSON_MAX = 64 * 1024 * 1024, MS = 1000 };

static const char *const text_name[MT_COUNT] = {
#define WHO(id, name)       [MT_##id] = (name),
#define WORD(id, name, max) [MT_##id] = (name),
#define FREE(id, name, max) [MT_##id] = (name),
#include "field.def"
};
static const char *const number_name[MN_COUNT] = {
#define MOMENT(id, name) [MN_##id] = (name),
#define NUMBER(id, name) [MN_##id] = (name),
#include "field.def"
};
static const char *const own_name[] = { "monitoringDataTs",
	"securityServerType", "succeeded" };

static bool
among(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_equal(list[i], name))
			return true;
	return false;
}

bool
opdata_field_known(const char *name)
{
	return among(name, text_name, MT_COUNT) ||
	       among(name, number_name, MN_COUNT) ||
	       among(name, own_name, sizeof(own_name) / sizeof(*own_name));
}

/* ---- words ---- */

struct words {
	const char **text; /* by id */
	size_t n;
};

static int
words_load(struct db_conn *c, struct arena *a, struct words *w, struct err *e)
{
	struct query *q = db_query(c, Q_MONITOR_WORDS, { 0 });
	size_t cap = 0;

	while (query_next(q)) {
		size_t id = (size_t)query_int(q, 0);

		if (id >= cap) {
			size_t more = id * 2 + 64;
			const char **text = arena_array(a, more, sizeof(*text));

			if (w->n)
				memcpy(text, w->text, w->n * sizeof(*text));
			w->text = text;
			cap = more;
		}
		w->text[id] = query_text_dup(a, q, 1);
		if (id >= w->n)
			w->n = id + 1;
	}
	return query_end(q, e);
}

static const char *
word(const struct words *w, int64_t id)
{
	return id > 0 && (size_t)id < w->n ? w->text[id] : NULL;
}

/* ---- records ---- */

struct reading {
	const struct opdata_query *q;
	struct words words;
	struct pair *pair;
	size_t pairs;
	struct buf json;
	int64_t count, last_ts;
	const char *sep;
};

static bool
same_client(const char *const *who, int first, const char *const want[4])
{
	for (int i = 0; i < 4; i++)
		if (!str_equal(who[first + i], want[i] ? want[i] : ""))
			return false;
	return true;
}

/* Client or service provider of the record. */
static bool
takes_part(const struct pair *p, const char *const want[4])
{
	return !want[0] || same_client(p->who, MT_CLIENT_INSTANCE, want) ||
	       same_client(p->who, MT_SERVICE_INSTANCE, want);
}

/* X-Road's filter is about who provided, whoever asks for it. */
static bool
provides(const struct pair *p, const char *const want[4])
{
	return !want[0] || same_client(p->who, MT_SERVICE_INSTANCE, want);
}

static bool
wanted(const struct reading *r, const char *name)
{
	return !r->q->fields || among(name, r->q->field, r->q->fields);
}

static bool
begin(struct reading *r, const char *name)
{
	if (!wanted(r, name))
		return false;
	buf_fmt(&r->json, "%s\"%s\":", r->sep, name);
	r->sep = ",";
	return true;
}

static void
put_text(struct reading *r, const char *name, const char *text)
{
	if (text && *text && begin(r, name))
		buf_json(&r->json, text);
}

static void
put_int(struct reading *r, const char *name, int64_t v)
{
	if (begin(r, name))
		buf_fmt(&r->json, "%lld", (long long)v);
}

/* Columns of the statement `records`. */
enum { COL_IN = 3, COL_NUMBERS = 7, COL_WORDS = 14, COL_FREE = 24 };

static void
put_numbers(struct reading *r, struct query *q)
{
	int64_t in = query_int(q, COL_IN);

	put_int(r, number_name[MN_REQUEST_IN], in);
	for (int i = MN_REQUEST_OUT; i <= MN_RESPONSE_OUT; i++)
		if (!query_null(q, COL_IN + i - MN_REQUEST_IN))
			put_int(r, number_name[i],
				in + query_int(q, COL_IN + i - MN_REQUEST_IN));
	for (int i = MN_REQUEST_SIZE; i < MN_COUNT; i++)
		if (!query_null(q, COL_NUMBERS + i - MN_REQUEST_SIZE))
			put_int(r, number_name[i],
				query_int(
					q, COL_NUMBERS + i - MN_REQUEST_SIZE));
}

static void
put_record(struct reading *r, struct query *q, const struct pair *p)
{
	buf_str(&r->json, r->count ? ",{" : "{");
	r->sep = "";
	put_int(r, own_name[0], query_int(q, 0));
	put_text(r, own_name[1],
		p->side == MONITOR_PROVIDER ? "Producer" : "Client");
	if (begin(r, own_name[2]))
		buf_str(&r->json, query_int(q, 2) ? "true" : "false");
	put_numbers(r, q);
	for (int i = 0; i <= MT_SERVICE_VERSION; i++)
		put_text(r, text_name[i], p->who[i]);
	for (int i = MT_SERVER_IP; i <= MT_VERSION; i++)
		if (i != MT_SERVER_IP || r->q->internal_ip)
			put_text(r, text_name[i],
				word(&r->words,
					query_int(q,
						COL_WORDS + i - MT_SERVER_IP)));
	for (int i = MT_PARTY_CODE; i < MT_COUNT; i++)
		put_text(r, text_name[i],
			query_text(q, COL_FREE + i - MT_PARTY_CODE));
	buf_char(&r->json, '}');
}

/* All records of the second in which the limit is reached are given. */
static int
read_records(struct reading *r, struct db_conn *c, struct opdata_answer *out,
	struct err *e)
{
	struct query *q = db_query(
		c, Q_MONITOR_RECORDS, db_int(r->q->from), db_int(r->q->to));

	buf_str(&r->json, "{\"records\":[");
	while (query_next(q)) {
		const struct pair *p =
			pair_by_id(r->pair, r->pairs, query_int(q, 1));
		int64_t ts = query_int(q, 0);

		if (!p || p->side == MONITOR_ADAPTER ||
			!takes_part(p, r->q->only) ||
			!provides(p, r->q->provider))
			continue;
		if (r->count >= OPDATA_RECORDS_MAX && ts > r->last_ts) {
			out->next_from = r->last_ts + 1;
			break;
		}
		put_record(r, q, p);
		r->count++;
		r->last_ts = ts;
	}
	buf_str(&r->json, "]}");
	return query_end(q, e);
}

int
opdata_read(struct monitor *m, struct arena *a, const struct opdata_query *q,
	struct opdata_answer *out, struct err *e)
{
	struct reading r = { .q = q };
	struct db_conn *c = db_take(m->db);
	int ret = -1;

	*out = (struct opdata_answer){ 0 };
	buf_init(&r.json, JSON_MAX);
	if (pairs_load(c, a, &r.pair, &r.pairs, e) ||
		words_load(c, a, &r.words, e) || read_records(&r, c, out, e) ||
		buf_ok(&r.json, "the operational data", e))
		goto out;
	out->count = r.count;
	out->json =
		bytes_of(arena_memdup(a, r.json.data, r.json.len), r.json.len);
	ret = 0;
out:
	db_give(c);
	buf_done(&r.json);
	return ret;
}

/* ---- health ---- */

struct sums {
	double n, sum, square, least, most;
};

static void
sum_add(struct sums *s, double v)
{
	if (s->n == 0 || v < s->least)
		s->least = v;
	if (s->n == 0 || v > s->most)
		s->most = v;
	s->n++;
	s->sum += v;
	s->square += v * v;
}

static struct opdata_statistic
sum_end(const struct sums *s)
{
	double mean = s->n > 0 ? s->sum / s->n : 0;
	double spread = s->n > 0 ? s->square / s->n - mean * mean : 0;

	return (struct opdata_statistic){ s->least, mean, s->most,
		spread > 0 ? sqrt(spread) : 0 };
}

struct health {
	struct opdata_health out;
	struct sums duration, request, response;
};

/* The row of the pair's service. */
static struct health *
health_of(struct health *h, size_t *n, struct dict *d, struct arena *a,
	const struct pair *p)
{
	const char *const *w = &p->who[MT_SERVICE_INSTANCE];
	char *key = arena_printf(a, "%s\x1f%s\x1f%s\x1f%s\x1f%s\x1f%s", w[0],
		w[1], w[2], w[3], w[4], w[5]);
	int64_t at;

	if (!dict_get(d, key, &at)) {
		at = (int64_t)(*n)++;
		dict_put(d, key, at);
		memcpy(h[at].out.service, w, sizeof(h[at].out.service));
	}
	return &h[at];
}

static void
health_pair(struct health *h, const struct pair *p)
{
	if (*p->service_type)
		h->out.service_type = p->service_type;
	if (p->last_ok > h->out.last_ok)
		h->out.last_ok = p->last_ok;
	if (p->last_failed > h->out.last_failed)
		h->out.last_failed = p->last_failed;
}

static void
health_record(struct health *h, struct query *q)
{
	if (!query_int(q, 1)) {
		h->out.failed++;
		return;
	}
	h->out.ok++;
	sum_add(&h->duration, (double)query_int(q, 2));
	sum_add(&h->request, (double)query_int(q, 3));
	sum_add(&h->response, (double)query_int(q, 4));
}

static struct health **
health_rows(struct arena *a, struct pair *pair, size_t pairs, struct health *h,
	size_t *n)
{
	struct health **of = arena_array(a, pairs + 1, sizeof(void *));
	struct dict *d = dict_new(pairs + 1);

	for (size_t i = 0; i < pairs; i++) {
		if (pair[i].side != MONITOR_PROVIDER ||
			!*pair[i].who[MT_SERVICE])
			continue;
		of[i] = health_of(h, n, d, a, &pair[i]);
		health_pair(of[i], &pair[i]);
	}
	dict_free(&d);
	return of;
}

int
opdata_health(struct monitor *m, struct arena *a, struct opdata_health **out,
	size_t *n, struct err *e)
{
	struct db_conn *c = db_take(m->db);
	struct health *h, **of;
	struct pair *pair;
	struct query *q;
	size_t pairs;
	int ret;

	*n = 0;
	if (pairs_load(c, a, &pair, &pairs, e)) {
		db_give(c);
		return -1;
	}
	h = arena_array(a, pairs + 1, sizeof(*h));
	of = health_rows(a, pair, pairs, h, n);
	q = db_query(c, Q_MONITOR_RECORD_RECENT,
		db_int(clock_seconds() - OPDATA_PERIOD_S));
	while (query_next(q)) {
		const struct pair *p = pair_by_id(pair, pairs, query_int(q, 0));

		if (p && of[p - pair])
			health_record(of[p - pair], q);
	}
	ret = query_end(q, e);
	db_give(c);
	*out = arena_array(a, *n + 1, sizeof(**out));
	for (size_t i = 0; i < *n; i++) {
		h[i].out.duration = sum_end(&h[i].duration);
		h[i].out.request = sum_end(&h[i].request);
		h[i].out.response = sum_end(&h[i].response);
		(*out)[i] = h[i].out;
	}
	return ret;
}

/* ---- requests per interval ---- */

static bool
counts(const struct pair *p, const struct opdata_filter *f)
{
	if (p->side == MONITOR_ADAPTER ||
		(f->side >= 0 && (int)p->side != f->side))
		return false;
	if (!takes_part(p, f->member))
		return false;
	for (int i = 0; f->service[0] && i < 6; i++)
		if ((i < 5 || f->service[i]) &&
			!str_equal(p->who[MT_SERVICE_INSTANCE + i],
				f->service[i] ? f->service[i] : ""))
			return false;
	return true;
}

int
opdata_intervals(struct monitor *m, struct arena *a,
	const struct opdata_filter *f, int64_t from, int64_t to,
	int64_t minutes, struct opdata_interval **out, size_t *n, struct err *e)
{
	int64_t step = minutes * 60 * MS;
	struct db_conn *c;
	struct pair *pair;
	struct query *q;
	size_t pairs;
	int ret;

	if (step <= 0 || to < from ||
		(to - from) / step >= OPDATA_INTERVALS_MAX)
		return fail(e, FAULT_BAD_REQUEST,
			"the time holds more than %d intervals; ask for longer "
			"ones",
			OPDATA_INTERVALS_MAX);
	*n = (size_t)((to - from) / step);
	*out = arena_array(a, *n + 1, sizeof(**out));
	for (size_t i = 0; i < *n; i++)
		(*out)[i].from = from + (int64_t)i * step;
	c = db_take(m->db);
	if (pairs_load(c, a, &pair, &pairs, e)) {
		db_give(c);
		return -1;
	}
	q = db_query(c, Q_MONITOR_RECORD_TIMES, db_int(from), db_int(to),
		db_int(from / MS - 1));
	while (query_next(q)) {
		const struct pair *p = pair_by_id(pair, pairs, query_int(q, 0));
		size_t i = (size_t)((query_int(q, 1) - from) / step);

		if (!p || !counts(p, f) || i >= *n)
			continue;
		if (query_int(q, 2))
			(*out)[i].ok++;
		else
			(*out)[i].failed++;
	}
	ret = query_end(q, e);
	db_give(c);
	return ret;
}
