/* SPDX-License-Identifier: MIT */
/*
 * One large body through both servers: time, memory above what they held
 * before, bytes written to disk. The log cuts it (truncated-body-allowed).
 */
#include "bench_int.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "mem.h"
#include "text.h"

enum { CONNECT_MS = 5000, SILENCE_MS = 300000, MIB = 1024 * 1024 };

struct body {
	const struct bench *b;
	int64_t left;
};

static long
source(void *ctx, void *p, size_t n, struct err *e)
{
	struct body *body = ctx;

	(void)e;
	if ((int64_t)n > body->left)
		n = (size_t)body->left;
	memset(p, 'x', n);
	body->left -= (int64_t)n;
	return (long)n;
}

/* .../r1/<client of the town>/BENCH_BIG_SERVICE */
static char *
big_url(struct bench *b, const json_t *examples)
{
	char *url = arena_strdup(b->a, json_str(examples, "rest_url"));
	char *p = strstr(url, "/r1/") + strlen("/r1/");

	for (int i = 0; i < 4 && p; i++)
		p = strchr(p + 1, '/');
	if (p)
		*p = '\0';
	return arena_printf(b->a, "%s/" BENCH_BIG_SERVICE, url);
}

static int
send_body(struct bench *b, const json_t *examples, struct err *e)
{
	struct http_client *http = NULL;
	struct body body = { b, BENCH_BIG_BYTES };
	const struct http_header h[] = {
		{ "X-Road-Client", json_str(examples, "rest_client") },
		{ "Content-Type", "application/octet-stream" },
	};
	struct http_call c = { .method = "POST",
		.url = big_url(b, examples),
		.header = h,
		.headers = 2,
		.has_body = true,
		.source = source,
		.ctx = &body,
		.connect_timeout_ms = CONNECT_MS,
		.read_timeout_ms = SILENCE_MS };
	struct http_answer answer;
	int ret = http_client_new(&http, e);

	if (!ret)
		ret = http_call(http, b->a, &c, &answer, e);
	if (!ret && answer.status != 200)
		ret = fail(e, FAULT_HTTP, "a large body: %d %.*s",
			answer.status, (int)answer.body.len,
			(const char *)answer.body.data);
	http_client_free(&http);
	return ret;
}

int
bench_big(struct bench *b, const json_t *lab_report, struct err *e)
{
	static const char name[] = "rest-1g";
	struct bench_usage from, to;
	int64_t begun;
	double seconds;

	bench_usage_reset(lab_report);
	bench_usage(lab_report, &from);
	begun = clock_ticks();
	if (send_body(b, json_sub(lab_report, "examples"), e))
		return -1;
	seconds = (double)(clock_ticks() - begun) / 1000;
	bench_usage(lab_report, &to);
	bench_say(b, name, (double)BENCH_BIG_BYTES / MIB / seconds, "MiB/s");
	bench_say(b, arena_printf(b->a, "%s-time", name), seconds, "s");
	bench_say(b, arena_printf(b->a, "%s-growth", name),
		(double)(to.peak_kb - from.resident_kb) / 1024,
		"MiB above before, largest process");
	bench_say(b, arena_printf(b->a, "%s-written", name),
		(double)(to.written - from.written) / (double)BENCH_BIG_BYTES /
			2,
		"times the body, per server");
	return 0;
}
