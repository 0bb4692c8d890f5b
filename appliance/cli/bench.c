/* SPDX-License-Identifier: MIT */
/*
 * `machilink bench`: what this machine can do (signatures, digests, durable
 * writes), and beside it what we reach in the same run: start of a role, the
 * lab from nothing and from its state, resident memory, exchanges under load.
 * Figures are to be quoted as ratios to the primitives measured with them.
 */
#include "bench_int.h"
#include "cli.h"
#include "cli_int.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "digest.h"
#include "err.h"
#include "file.h"
#include "http_server.h"
#include "json_io.h"
#include "key.h"
#include "mem.h"
#include "text.h"

enum {
	SPAN_MS = 700, /* each primitive is measured for so long */
	BLOCK = 1024 * 1024,
	RECORD = 6 * 1024,
	OUTPUT_MAX = 1024 * 1024,
};

/* Loopback addresses that nothing else uses. */
#define BENCH_NET "127.19.0"

void
bench_say(struct bench *b, const char *name, double value, const char *unit)
{
	json_put_new(b->out, name, json_real(value));
	if (!b->json) {
		printf("  %-40s %12.*f %s\n", name, value < 10 ? 2 : 1, value,
			unit);
		fflush(stdout);
	}
}

typedef int once_fn(struct bench *b);

/* How often per second. */
static double
rate(struct bench *b, once_fn *fn)
{
	int64_t begun = clock_ticks(), spent;
	int64_t n = 0;

	do {
		if (fn(b))
			return 0;
		n++;
		spent = clock_ticks() - begun;
	} while (spent < SPAN_MS);
	return (double)n * 1000 / (double)spent;
}

static int
sign_once(struct bench *b)
{
	struct arena *a = arena_new();
	struct bytes sig;
	int ret = key_sign_digest(b->key, b->alg, &b->digest, a, &sig, NULL);

	arena_free(&a);
	return ret;
}

static int
verify_once(struct bench *b)
{
	return key_verify_digest(
		b->key, b->alg, &b->digest, b->signature, NULL);
}

static int
hash_once(struct bench *b)
{
	struct digest d;

	digest_of(DIGEST_SHA512, b->block, BLOCK, &d);
	return 0;
}

static int
sync_once(struct bench *b)
{
	return write(b->fd, b->block, RECORD) != RECORD || fdatasync(b->fd);
}

static int
keys(struct bench *b, enum key_type type, const char *sign, const char *verify,
	struct err *e)
{
	if (key_generate(&b->key, type, 2048, e))
		return -1;
	b->alg = key_default_alg(b->key, DIGEST_SHA512);
	digest_of(DIGEST_SHA512, "x", 1, &b->digest);
	if (key_sign_digest(b->key, b->alg, &b->digest, b->a, &b->signature, e))
		return -1;
	bench_say(b, sign, rate(b, sign_once), "/s per core");
	bench_say(b, verify, rate(b, verify_once), "/s per core");
	key_unref(&b->key);
	return 0;
}

static int
primitives(struct bench *b, const char *dir, struct err *e)
{
	char *path = path_join(b->a, dir, "sync");

	b->block = arena_alloc(b->a, BLOCK);
	if (keys(b, KEY_RSA, "rsa2048-sign", "rsa2048-verify", e) ||
		keys(b, KEY_EC, "p256-sign", "p256-verify", e))
		return -1;
	bench_say(b, "sha512", rate(b, hash_once), "MiB/s per core");
	b->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (b->fd < 0)
		return fail(e, FAULT_IO, "cannot write %s", path);
	bench_say(b, "durable-write-6k", rate(b, sync_once), "/s");
	close(b->fd);
	return 0;
}

static void
say_processes(struct bench *b, const json_t *report)
{
	json_t *p;
	size_t i;

	json_each(p, i, json_list(report, "processes")) {
		const char *name = json_str(p, "name");

		bench_say(b, arena_printf(b->a, "%s-start", name),
			(double)json_int(p, "start_ms", -1), "ms to listening");
		bench_say(b, arena_printf(b->a, "%s-resident", name),
			(double)json_int(p, "rss_kb", -1) / 1024, "MiB");
	}
}

static void
say_lab(struct bench *b, const char *name, const json_t *report)
{
	bench_say(b, arena_printf(b->a, "%s-total", name),
		(double)json_int(report, "total_ms", -1), "ms");
	bench_say(b, arena_printf(b->a, "%s-first-exchange", name),
		(double)json_int(report, "first_exchange_ms", -1), "ms");
}

/* A gigabyte is more than the log takes whole. */
#define BIG_PARAM "truncated-body-allowed = true"

static int
load(struct bench *b, const char *dir, const json_t *report, struct err *e)
{
	struct bench_service *s = NULL;
	int ret = bench_service_start(
		&s, b, dir, json_sub(report, "examples"), e);

	if (!ret)
		ret = bench_load(b, report, e);
	if (!ret && bench_wanted(b, "rest-1g", 1))
		ret = bench_big(b, report, e);
	bench_service_stop(&s);
	return ret;
}

/* The lab from nothing, from its state, and under load. */
static int
with_lab(struct bench *b, const char *dir, struct err *e)
{
	struct bench_lab lab;
	int ret;

	if (bench_lab_start(b, dir, false, &lab, e))
		return -1;
	say_lab(b, "lab-cold", lab.report);
	if (bench_lab_set(b, dir, "[message-log]", BIG_PARAM, e) ||
		bench_lab_start(b, dir, true, &lab, e))
		return -1;
	say_lab(b, "lab-warm", lab.report);
	say_processes(b, lab.report);
	ret = load(b, dir, lab.report, e);
	bench_lab_stop(&lab);
	return ret;
}

/* Only the load, on the lab of this folder (made when it is not there). */
static int
only_load(struct bench *b, const char *dir, struct err *e)
{
	struct bench_lab lab;
	int ret;

	if (bench_lab_start(b, dir, false, &lab, e) ||
		bench_lab_set(b, dir, "[message-log]", BIG_PARAM, e) ||
		bench_lab_start(b, dir, true, &lab, e))
		return -1;
	ret = load(b, dir, lab.report, e);
	bench_lab_stop(&lab);
	return ret;
}

static int
whole(struct bench *b, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = arena_printf(
		b->a, "%s/machilink-bench-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	int ret = -1;

	if (!mkdtemp(dir))
		return fail(e, FAULT_IO, "cannot make %s", dir);
	if (!primitives(b, dir, e) &&
		!with_lab(b, path_join(b->a, dir, "lab"), e) &&
		!bench_adapter(b, e))
		ret = 0;
	(void)dir_remove(dir, NULL);
	return ret ? ret : bench_log(b, e);
}

static int
consent(struct bench *b, struct err *e)
{
	int ret = bench_consent(b, e);

	if (ret || http_startup(e))
		return -1;
	ret = bench_consent_rate(b, e);
	http_shutdown();
	return ret;
}

static int
run(struct bench *b, const char *dir, struct err *e)
{
	int ret;

	if (b->monitor)
		return bench_monitor(b, e);
	if (b->consent)
		return consent(b, e);
	if (b->log || b->adapter)
		return b->log ? bench_log(b, e) : bench_adapter(b, e);
	ret = http_startup(e);
	if (ret)
		return ret;
	ret = bench_meter_start(b, e);
	if (!ret)
		ret = dir ? only_load(b, dir, e) : whole(b, e);
	bench_meter_stop(b);
	http_shutdown();
	return ret;
}

static int
show_json(const struct bench *b, struct err *e)
{
	struct buf text;
	int ret = 0;

	buf_init(&text, OUTPUT_MAX);
	json_write(&text, b->out, JSON_PRETTY);
	if (b->json)
		puts(text.data);
	if (b->save)
		ret = file_write(b->save, bytes_buf(&text), FILE_PUBLIC, e);
	buf_done(&text);
	return ret;
}

int
cmd_bench(int argc, char **argv)
{
	struct bench b = { .a = arena_new(),
		.out = json_object(),
		.net = BENCH_NET,
		.consents = BENCH_CONSENTS,
		.log_records = BENCH_LOG_RECORDS };
	const char *dir = NULL, *callers = NULL, *records = NULL;
	const struct option_row rows[] = { { "json", NULL, &b.json },
		{ "load", &dir, NULL }, { "net", &b.net, NULL },
		{ "exchange", &b.exchange, NULL },
		{ "callers", &callers, NULL }, { "save", &b.save, NULL },
		{ "log", NULL, &b.log }, { "records", &records, NULL },
		{ "adapter", NULL, &b.adapter },
		{ "monitor", NULL, &b.monitor },
		{ "consent", NULL, &b.consent }, { NULL, NULL, NULL } };
	struct err e = ERR_INIT;
	int ret = EXIT_OK;

	if (options_read(rows, &argc, argv) || argc ||
		(callers && int_parse(callers, 1, BENCH_CALLERS_MAX, &b.callers,
				    NULL)) ||
		(records && int_parse(records, 1000, 1000000000, &b.log_records,
				    NULL)))
		ret = complain(EXIT_USAGE,
			"usage: machilink bench [--json] [--load DIR] "
			"[--net 127.x.y] [--exchange rest-1k|soap-1k|soap-3-attachments|rest-1g] "
			"[--callers N] [--save FILE] [--log] [--records N] "
			"[--adapter] [--monitor] [--consent]");
	if (records)
		b.consents = b.log_records;
	if (!ret && run(&b, dir, &e))
		ret = complain_err(EXIT_FAILED, &e);
	if (!ret && (b.json || b.save) && show_json(&b, &e))
		ret = complain_err(EXIT_FAILED, &e);
	json_decref(b.out);
	arena_free(&b.a);
	return ret;
}
