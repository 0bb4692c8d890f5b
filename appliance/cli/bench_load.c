/* SPDX-License-Identifier: MIT */
/*
 * Load on the lab: information systems that ask through the company's server
 * for data behind the town's, everything on (TLS, signatures, OCSP, evidence
 * log, time stamps). Closed loop: each of n callers asks again as soon as it
 * was answered.
 */
#include "bench_int.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "job.h"
#include "mem.h"
#include "text.h"

enum {
	WARM_MS = 500,
	SPAN_MS = 4000,
	SPLIT_MS = 2000, /* with the meters on */
	SPLIT_CALLERS = 64,
	SAMPLES_MAX = 65536, /* per caller */
	CALL_MS = 30000,
	NS_PER_MS = 1000000,
	ENVELOPE_MAX = 256 * 1024,
	ATTACHMENT = 10 * 1024,
};
#define BOUNDARY "bench-boundary"

struct caller {
	struct worker *worker;
	struct http_client *http;
	const struct bench_exchange *x;
	int64_t from, until; /* us */
	int64_t *sample;     /* latencies, us */
	size_t samples, failures, total, in_time;
	struct err why; /* of the last failure */
};

static bool
contains(struct bytes b, const char *s)
{
	return memmem(b.data, b.len, s, strlen(s)) != NULL;
}

static int
ask(struct caller *c, struct arena *a)
{
	const struct bench_exchange *x = c->x;
	struct http_call call = {
		.method = x->method,
		.url = x->url,
		.header = x->header,
		.headers = x->headers,
		.body = x->body,
		.has_body = x->body.len > 0,
		.connect_timeout_ms = CALL_MS,
		.total_timeout_ms = CALL_MS,
		.pool_key = "load",
	};
	struct http_answer out;

	err_reset(&c->why);
	if (http_call(c->http, a, &call, &out, &c->why))
		return -1;
	if (out.status == 200 && contains(out.body, x->expected))
		return 0;
	return fail(&c->why, FAULT_HTTP, "%s: %d %.*s", x->name, out.status,
		(int)(out.body.len < 300 ? out.body.len : 300),
		(const char *)out.body.data);
}

static void
caller_run(void *ctx)
{
	struct caller *c = ctx;
	struct arena *a = arena_new();
	int64_t begun, ended;

	do {
		begun = clock_micros();
		if (ask(c, a))
			c->failures++;
		ended = clock_micros();
		c->total++;
		c->in_time += ended >= c->from && ended <= c->until;
		if (begun >= c->from && ended <= c->until &&
			c->samples < SAMPLES_MAX)
			c->sample[c->samples++] = ended - begun;
		arena_reset(a);
	} while (ended < c->until && c->failures < 3);
	arena_free(&a);
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double
percentile(const int64_t *sorted, size_t n, size_t percent)
{
	size_t i = n ? (n - 1) * percent / 100 : 0;

	return n ? (double)sorted[i] / 1000 : -1;
}

/* Per exchange, all processes of the lab together. */
static void
say_usage(struct bench *b, const char *name, const struct bench_usage *from,
	const struct bench_usage *to, double exchanges)
{
	int64_t all = 0;

	for (int p = 0; p < BENCH_PARTS; p++)
		all += to->cpu_ns[p] - from->cpu_ns[p];
	bench_say(b, arena_printf(b->a, "%s-cpu", name),
		(double)all / exchanges / NS_PER_MS, "ms per exchange");
	for (int p = 0; p < BENCH_PARTS; p++)
		bench_say(b,
			arena_printf(b->a, "%s-cpu-%s", name,
				bench_part_name((enum bench_part)p)),
			(double)(to->cpu_ns[p] - from->cpu_ns[p]) / exchanges /
				NS_PER_MS,
			"ms per exchange");
	bench_say(b, arena_printf(b->a, "%s-written", name),
		(double)(to->written - from->written) / exchanges / 1024,
		"KiB per exchange");
	bench_say(b, arena_printf(b->a, "%s-resident", name),
		(double)to->resident_kb / 1024, "MiB, largest process");
	bench_say(b, arena_printf(b->a, "%s-peak", name),
		(double)to->peak_kb / 1024, "MiB since its start");
}

static void
report(struct bench *b, const char *name, struct caller *c, size_t callers,
	const struct bench_usage *from, const struct bench_usage *to)
{
	int64_t *all = mem_array(callers * (size_t)SAMPLES_MAX, sizeof(*all));
	size_t n = 0, total = 0;

	for (size_t i = 0; i < callers; i++) {
		total += c[i].total;
		memcpy(all + n, c[i].sample, c[i].samples * sizeof(*all));
		n += c[i].samples;
	}
	qsort(all, n, sizeof(*all), by_value);
	bench_say(b, name, (double)n * 1000 / SPAN_MS, "exchanges/s");
	for (size_t p = 50; p <= 99; p += p == 50 ? 45 : 4)
		bench_say(b, arena_printf(b->a, "%s-p%zu", name, p),
			percentile(all, n, p), "ms");
	if (total)
		say_usage(b, name, from, to, (double)total);
	mem_free(all);
}

/* So many callers of one exchange, for so long. */
static int
callers_run(struct caller *c, size_t callers, const struct bench_exchange *x,
	int64_t warm_ms, int64_t span_ms, struct err *e)
{
	struct http_client *http = NULL;
	int64_t now = clock_micros();
	int ret = http_client_new(&http, e);

	for (size_t i = 0; !ret && i < callers; i++) {
		c[i] = (struct caller){ .http = http,
			.x = x,
			.from = now + warm_ms * 1000,
			.until = now + (warm_ms + span_ms) * 1000,
			.sample = mem_array(SAMPLES_MAX, sizeof(int64_t)) };
		ret = worker_start(
			&c[i].worker, "bench caller", caller_run, &c[i], e);
	}
	for (size_t i = 0; i < callers; i++)
		if (c[i].worker)
			worker_join(&c[i].worker);
	for (size_t i = 0; !ret && i < callers; i++)
		if (c[i].failures)
			ret = fail(e, FAULT_HTTP, "%s", c[i].why.text);
	http_client_free(&http);
	return ret;
}

static void
callers_free(struct caller *c, size_t callers)
{
	for (size_t i = 0; i < callers; i++)
		mem_free(c[i].sample);
}

int
bench_count(const struct bench_exchange *x, size_t callers, int64_t warm_ms,
	int64_t span_ms, struct bench_counted *out, struct err *e)
{
	struct caller c[BENCH_CALLERS_MAX] = { 0 };
	int ret = callers_run(c, callers, x, warm_ms, span_ms, e);

	*out = (struct bench_counted){ 0, 0 };
	for (size_t i = 0; i < callers; i++) {
		out->in_time += c[i].in_time;
		out->all += c[i].total;
	}
	callers_free(c, callers);
	return ret;
}

/* Once more, with the meters on: they cost a little. */
static int
split(struct bench *b, const json_t *lab, const char *name,
	const struct bench_exchange *x, size_t callers, struct err *e)
{
	struct caller c[BENCH_CALLERS_MAX] = { 0 };
	struct bench_usage from, to;
	struct bench_split s = { .exchanges = 0 };
	int64_t before[METER_PARTS];
	int ret;

	bench_meter(b, lab, true, before);
	bench_usage(lab, &from);
	ret = callers_run(c, callers, x, WARM_MS, SPLIT_MS, e);
	bench_usage(lab, &to);
	bench_meter(b, lab, false, s.ns);
	for (int k = 0; k < METER_PARTS; k++)
		s.ns[k] -= before[k];
	for (int p = 0; p < BENCH_PARTS; p++)
		s.cpu_ns += to.cpu_ns[p] - from.cpu_ns[p];
	s.signer_ns = to.cpu_ns[PART_SIGNING] - from.cpu_ns[PART_SIGNING];
	for (size_t i = 0; i < callers; i++)
		s.exchanges += (double)c[i].total;
	if (!ret && s.exchanges > 0)
		bench_meter_say(b, name, &s);
	callers_free(c, callers);
	return ret;
}

/* One cell of the table. */
static int
cell(struct bench *b, const json_t *lab, const struct bench_exchange *x,
	size_t callers, struct err *e)
{
	const char *name = arena_printf(b->a, "%s-c%zu", x->name, callers);
	struct caller c[BENCH_CALLERS_MAX] = { 0 };
	struct bench_usage from, to;
	int ret;

	bench_usage(lab, &from);
	ret = callers_run(c, callers, x, WARM_MS, SPAN_MS, e);
	bench_usage(lab, &to);
	if (!ret)
		report(b, name, c, callers, &from, &to);
	callers_free(c, callers);
	if (!ret && callers == SPLIT_CALLERS)
		ret = split(b, lab, name, x, callers, e);
	return ret;
}

bool
bench_wanted(const struct bench *b, const char *name, size_t callers)
{
	return (!b->exchange || str_equal(b->exchange, name)) &&
	       (!b->callers || b->callers == (int64_t)callers);
}

/* The example with another service. */
static const char *
renamed(struct arena *a, const char *soap)
{
	static const char from[] = "evacuation-sites";
	struct buf out;
	const char *p;
	char *text;

	buf_init(&out, ENVELOPE_MAX);
	while ((p = strstr(soap, from))) {
		buf_add(&out, soap, (size_t)(p - soap));
		buf_str(&out, BENCH_SOAP_SERVICE);
		soap = p + strlen(from);
	}
	buf_str(&out, soap);
	text = arena_strdup(a, out.data);
	buf_done(&out);
	return text;
}

/* The SOAP part and three attachments of ATTACHMENT bytes. */
static struct bytes
with_attachments(struct arena *a, const char *soap)
{
	struct buf out;
	struct bytes all;
	char *body = arena_alloc(a, ATTACHMENT);

	memset(body, 'a', ATTACHMENT);
	buf_init(&out, ENVELOPE_MAX);
	buf_fmt(&out,
		"--" BOUNDARY "\r\nContent-Type: text/xml; charset=UTF-8\r\n"
		"Content-ID: <soap>\r\n\r\n%s",
		renamed(a, soap));
	for (int i = 1; i <= 3; i++) {
		buf_fmt(&out,
			"\r\n--" BOUNDARY
			"\r\nContent-Type: application/octet-stream\r\n"
			"Content-ID: <a%d>\r\n\r\n",
			i);
		buf_add(&out, body, ATTACHMENT);
	}
	buf_str(&out, "\r\n--" BOUNDARY "--\r\n");
	all = bytes_of(arena_memdup(a, out.data, out.len), out.len);
	buf_done(&out);
	return all;
}

int
bench_load(struct bench *b, const json_t *lab_report, struct err *e)
{
	static const size_t callers[] = { 1, 8, 64, BENCH_CALLERS_MAX };
	const json_t *s = json_sub(lab_report, "examples");
	const char *soap = json_str(s, "soap");
	const struct http_header rest_header[] = {
		{ "X-Road-Client", json_str(s, "rest_client") },
		{ "Accept", "application/json" },
	};
	static const struct http_header soap_header[] = {
		{ "Content-Type", "text/xml; charset=UTF-8" },
		{ "SOAPAction", "\"\"" },
	};
	static const struct http_header parts_header[] = {
		{ "Content-Type", "multipart/related; type=\"text/xml\"; "
				  "start=\"<soap>\"; boundary=" BOUNDARY },
		{ "SOAPAction", "\"\"" },
	};
	const struct bench_exchange row[] = {
		{ "rest-1k", "GET", json_str(s, "rest_url"), rest_header, 2,
			{ NULL, 0 }, "\"rows\"" },
		{ "soap-1k", "POST", json_str(s, "soap_url"), soap_header, 2,
			bytes_str(soap ? soap : ""), "requestHash" },
		{ "soap-3-attachments", "POST", json_str(s, "soap_url"),
			parts_header, 2,
			with_attachments(b->a, soap ? soap : ""),
			"requestHash" },
	};

	if (!soap)
		return fail(e, FAULT_INTERNAL, "the lab shows no examples");
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		for (size_t j = 0; j < sizeof(callers) / sizeof(*callers); j++)
			if (bench_wanted(b, row[i].name, callers[j]) &&
				cell(b, lab_report, &row[i], callers[j], e))
				return -1;
	return 0;
}
