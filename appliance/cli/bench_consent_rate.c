/* SPDX-License-Identifier: MIT */
/*
 * The exchange rate with consent against the one without: the same request to
 * the same service in the same lab, in turns, so that what the machine does
 * besides meets both alike. With consent everything is on: the check, the
 * record of each transfer, its report to the town's cache and to the center.
 */
#include "bench_int.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"

enum {
	CALLERS = 64,
	WARM_MS =
		2000, /* until reports of the turn before are through, and this
			   one's have begun */
	SPAN_MS = 3000,
	TURNS = 6,
	NS_PER_MS = 1000000
};

struct turns {
	const char *dir;
	const char *rule_path, *rule; /* of the service */
	struct bench_exchange x;
	const json_t *report;          /* of the lab */
	bool on;                       /* the rule is there */
	struct bench_counted count[2]; /* without, with */
	int64_t cpu[2][BENCH_PARTS];   /* ns; without, with */
};

static int
turn(struct bench *b, struct turns *t, bool consent, struct err *e)
{
	struct bench_usage from, to;
	struct bench_counted n;

	if (t->on != consent &&
		bench_admin(b, t->dir, consent ? "PUT" : "DELETE", t->rule_path,
			consent ? t->rule : "", NULL, e))
		return -1;
	t->on = consent;
	bench_usage(t->report, &from);
	if (bench_count(&t->x, b->callers ? (size_t)b->callers : CALLERS,
		    WARM_MS, SPAN_MS, &n, e))
		return -1;
	bench_usage(t->report, &to);
	for (int p = 0; p < BENCH_PARTS; p++)
		t->cpu[consent][p] += to.cpu_ns[p] - from.cpu_ns[p];
	t->count[consent].in_time += n.in_time;
	t->count[consent].all += n.all;
	return 0;
}

/* CPU of all of the lab's processes, for all exchanges. */
static void
say_cpu(struct bench *b, const struct turns *t, bool consent)
{
	size_t n = t->count[consent].all;
	const char *name = consent ? "with" : "without";
	int64_t all = 0;

	for (int p = 0; p < BENCH_PARTS; p++) {
		double ms = (double)t->cpu[consent][p] / NS_PER_MS / (double)n;

		all += t->cpu[consent][p];
		bench_say(b,
			arena_printf(b->a, "rest-1k-%s-consent-cpu-%s", name,
				bench_part_name((enum bench_part)p)),
			ms, "ms per exchange");
	}
	bench_say(b, arena_printf(b->a, "rest-1k-%s-consent-cpu", name),
		(double)all / NS_PER_MS / (double)n, "ms per exchange");
}

/* With, without, without, with: what drifts meets both alike. */
static int
measure(struct bench *b, struct turns *t, struct err *e)
{
	for (int i = 0; i < TURNS; i++)
		if (turn(b, t, i % 2 == 0, e) || turn(b, t, i % 2 != 0, e))
			return -1;
	bench_say(b, "rest-1k-with-consent",
		(double)t->count[1].in_time * 1000 / SPAN_MS / TURNS,
		"exchanges/s");
	bench_say(b, "rest-1k-without-consent",
		(double)t->count[0].in_time * 1000 / SPAN_MS / TURNS,
		"exchanges/s");
	say_cpu(b, t, true);
	say_cpu(b, t, false);
	bench_say(b, "rest-1k-consent-ratio",
		100 * (double)t->count[1].in_time / (double)t->count[0].in_time,
		"%");
	return 0;
}

static int
with_lab(struct bench *b, const char *dir, const json_t *report, struct err *e)
{
	const json_t *s = json_sub(report, "examples");
	const char *url = json_str(s, "rest_url");
	const char *path = url ? strstr(url, "/r1/") : NULL;
	const char *person = json_str(s, "consent_person");
	const struct http_header header[] = {
		{ "X-Road-Client", json_str(s, "rest_client") },
		{ "Accept", "application/json" },
		{ json_str(s, "consent_header"), person },
	};
	struct turns t = { .dir = dir,
		.report = report,
		.x = { "rest-1k", "GET", url, header, 3, { NULL, 0 },
			"\"rows\"" } };
	const char *code;

	if (!path || !person)
		return fail(e, FAULT_INTERNAL, "the lab left no consent");
	code = strrchr(path, '/') + 1;
	t.rule_path = arena_printf(b->a, "/machilink/services/%s:%.*s/consent",
		bench_colons(b->a, path + strlen("/r1/")),
		(int)strcspn(code, "?"), code);
	t.rule = arena_printf(b->a,
		"{\"subject\":{\"in\":\"header\",\"name\":\"%s\"},"
		"\"purpose\":{\"in\":\"fixed\",\"name\":\"%s\"},"
		"\"items\":[\"site\"]}",
		json_str(s, "consent_header"), json_str(s, "consent_purpose"));
	return measure(b, &t, e);
}

int
bench_consent_rate(struct bench *b, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = arena_printf(
		b->a, "%s/machilink-rate-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	struct bench_lab lab;
	char *at;
	int ret;

	if (!mkdtemp(dir))
		return fail(e, FAULT_IO, "cannot make %s", dir);
	at = path_join(b->a, dir, "lab");
	ret = bench_lab_start(b, at, true, &lab, e);
	if (!ret)
		ret = with_lab(b, at, lab.report, e);
	bench_lab_stop(&lab);
	(void)dir_remove(dir, NULL);
	return ret;
}
