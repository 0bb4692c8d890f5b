/* SPDX-License-Identifier: MIT */
/*
 * Counters of exchanges since the start, by side, service and consumer, for
 * Prometheus. Their number is limited: what comes later counts as "other".
 */
#include "monitor_int.h"

#include <string.h>

#include "mem.h"

enum { SERIES_MAX = 500, RESULTS = BLAMES + 1, KEY_MAX = 11 * 256 };

struct one {
	const char *label[7];    /* side, service, consumer, then NULL */
	int64_t result[RESULTS]; /* by enum blame; the last: success */
	int64_t total_ms, calls, request_bytes, response_bytes;
	struct histogram latency;
};

struct series {
	pthread_mutex_t lock; /* guards all below */
	struct arena *arena;
	struct dict *dict;
	struct one one[SERIES_MAX + MONITOR_SIDES];
	size_t n; /* the first MONITOR_SIDES: other */
};

static void
one_name(struct series *s, struct one *o, enum monitor_side side,
	const char *service, const char *consumer)
{
	const char *label[] = { "side", side_word(side), "service", service,
		"consumer", consumer, NULL };

	for (size_t i = 0; i < 6; i++)
		o->label[i] = arena_strdup(s->arena, label[i]);
}

struct series *
series_new(void)
{
	struct series *s = mem_alloc(sizeof(*s));

	pthread_mutex_init(&s->lock, NULL);
	s->arena = arena_new();
	s->dict = dict_new(SERIES_MAX);
	for (int i = 0; i < MONITOR_SIDES; i++)
		one_name(s, &s->one[s->n++], (enum monitor_side)i, "other",
			"other");
	return s;
}

void
series_free(struct series **out)
{
	struct series *s = *out;

	*out = NULL;
	if (!s)
		return;
	dict_free(&s->dict);
	arena_free(&s->arena);
	pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

static char *
join(char *to, const struct monitor_exchange *x, int first, int last)
{
	char *from = to;

	for (int i = first; i <= last; i++) {
		size_t n = x->text[i] ? strlen(x->text[i]) : 0;

		if (!n)
			continue;
		if (to > from)
			*to++ = '/';
		memcpy(to, x->text[i], n);
		to += n;
	}
	*to++ = '\0';
	return to;
}

static struct one *
find(struct series *s, const struct monitor_exchange *x)
{
	char key[KEY_MAX + 16], *service = key + 2, *consumer, *end;
	int64_t at;

	key[0] = (char)('0' + (int)x->side);
	key[1] = ' ';
	consumer = join(service, x, MT_SERVICE_INSTANCE, MT_SERVICE_VERSION);
	end = join(consumer, x, MT_CLIENT_INSTANCE, MT_CLIENT_SUBSYSTEM);
	(void)end;
	consumer[-1] = ' ';
	if (dict_get(s->dict, key, &at))
		return &s->one[at];
	/* names that only failed may be anybody's invention */
	if (s->n == SERIES_MAX + MONITOR_SIDES || consumer == service + 1 ||
		!*consumer || (!x->succeeded && s->n > SERIES_MAX / 2))
		return &s->one[x->side];
	dict_put(s->dict, key, (int64_t)s->n);
	consumer[-1] = '\0';
	one_name(s, &s->one[s->n], x->side, service, consumer);
	return &s->one[s->n++];
}

void
series_add(struct series *s, const struct monitor_exchange *x)
{
	struct tally t = { 0 };
	struct one *o;

	tally_exchange(&t, x);
	pthread_mutex_lock(&s->lock);
	o = find(s, x);
	for (int i = 0; i < BLAMES; i++)
		o->result[i] += t.blame[i];
	o->result[BLAMES] += t.calls - t.failures;
	o->calls++;
	o->total_ms += t.total_ms;
	o->request_bytes += t.request_bytes;
	o->response_bytes += t.response_bytes;
	histogram_merge(&o->latency, &t.latency);
	pthread_mutex_unlock(&s->lock);
}

/* ---- writing ---- */

static void
write_results(struct series *s, struct metrics *out)
{
	metrics_family(out, METRICS_COUNTER, "machilink_exchanges_total",
		"Exchanges by side of this machine, service, consumer and "
		"result: success, or what was to blame.");
	for (size_t i = 0; i < s->n; i++)
		for (int k = 0; k <= BLAMES; k++) {
			const char *label[9];

			if (!s->one[i].result[k])
				continue;
			memcpy(label, s->one[i].label, 6 * sizeof(*label));
			label[6] = "result";
			label[7] = k == BLAMES ? "success"
					       : blame_word((enum blame)k);
			label[8] = NULL;
			metrics_sample(out, label, (double)s->one[i].result[k]);
		}
}

/* Upper ends of the buckets shown, in ms: some of those that are counted. */
static const struct {
	int64_t ms;
	const char *seconds;
} shown[] = { { 5, "0.005" }, { 10, "0.01" }, { 20, "0.02" }, { 50, "0.05" },
	{ 100, "0.1" }, { 200, "0.2" }, { 500, "0.5" }, { 1000, "1.0" },
	{ 2000, "2.0" }, { 5000, "5.0" }, { 10000, "10.0" }, { 30000, "30.0" },
	{ 60000, "60.0" } };

static void
write_latency(const struct one *o, struct metrics *out)
{
	static const char name[] = "machilink_exchange_duration_seconds";
	const char *label[9];
	int64_t below = 0;
	size_t bucket = 0;

	memcpy(label, o->label, 6 * sizeof(*label));
	label[6] = "le";
	label[8] = NULL;
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		while (histogram_bound(bucket) <= shown[i].ms)
			below += o->latency.count[bucket++];
		label[7] = shown[i].seconds;
		metrics_number(out, name, "_bucket", label, (double)below);
	}
	label[7] = "+Inf";
	metrics_number(out, name, "_bucket", label, (double)o->calls);
	metrics_number(out, name, "_sum", o->label, (double)o->total_ms / 1000);
	metrics_number(out, name, "_count", o->label, (double)o->calls);
}

static void
write_bytes(struct series *s, struct metrics *out, bool request)
{
	metrics_family(out, METRICS_COUNTER,
		request ? "machilink_exchange_request_bytes_total"
			: "machilink_exchange_response_bytes_total",
		request ? "Bytes of requests, attachments included."
			: "Bytes of responses, attachments included.");
	for (size_t i = 0; i < s->n; i++)
		if (s->one[i].calls)
			metrics_sample(out, s->one[i].label,
				(double)(request ? s->one[i].request_bytes
						 : s->one[i].response_bytes));
}

void
series_write(struct series *s, struct metrics *out)
{
	pthread_mutex_lock(&s->lock);
	write_results(s, out);
	metrics_kind(out, "histogram", "machilink_exchange_duration_seconds",
		"Time from the request's arrival to the end of the answer.");
	for (size_t i = 0; i < s->n; i++)
		if (s->one[i].calls)
			write_latency(&s->one[i], out);
	write_bytes(s, out, true);
	write_bytes(s, out, false);
	pthread_mutex_unlock(&s->lock);
}
