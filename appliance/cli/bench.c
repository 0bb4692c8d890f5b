/* SPDX-License-Identifier: MIT */
/*
 * `machilink bench`: what this machine can do (signatures, digests, durable
 * writes), and beside it what we reach in the same run: start of a role, the
 * lab from nothing and from its state, resident memory. Figures are to be
 * quoted as ratios to the primitives measured with them.
 */
#include "cli.h"
#include "cli_int.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "digest.h"
#include "err.h"
#include "file.h"
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

struct bench {
	struct arena *a;
	json_t *out;
	bool json;
	struct key *key;
	struct digest digest;
	struct sign_alg alg;
	struct bytes signature;
	uint8_t *block;
	int fd;
};

static void
say(struct bench *b, const char *name, double value, const char *unit)
{
	json_put_new(b->out, name, json_real(value));
	if (!b->json) {
		printf("  %-28s %12.1f %s\n", name, value, unit);
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
	say(b, sign, rate(b, sign_once), "/s per core");
	say(b, verify, rate(b, verify_once), "/s per core");
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
	say(b, "sha512", rate(b, hash_once), "MiB/s per core");
	b->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (b->fd < 0)
		return fail(e, FAULT_IO, "cannot write %s", path);
	say(b, "durable-write-6k", rate(b, sync_once), "/s");
	close(b->fd);
	return 0;
}

/* Runs this executable with the words after it; output as JSON. */
static json_t *
run_self(struct bench *b, char *const argv[])
{
	static const struct json_limits limits = { .bytes = OUTPUT_MAX };
	struct buf out;
	char chunk[4096];
	json_t *j = NULL;
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe(fd))
		return NULL;
	pid = fork();
	if (!pid) {
		dup2(fd[1], 1);
		close(fd[0]);
		close(fd[1]);
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	close(fd[1]);
	buf_init(&out, OUTPUT_MAX);
	while ((n = read(fd[0], chunk, sizeof(chunk))) > 0)
		buf_add(&out, chunk, (size_t)n);
	close(fd[0]);
	if (pid > 0 && waitpid(pid, &status, 0) == pid && !status)
		(void)json_parse(b->a,
			bytes_of(
				arena_memdup(b->a, out.data, out.len), out.len),
			&limits, &j, NULL);
	buf_done(&out);
	return j;
}

static void
say_processes(struct bench *b, const json_t *report)
{
	json_t *p;
	size_t i;

	json_each(p, i, json_list(report, "processes")) {
		const char *name = json_str(p, "name");

		say(b, arena_printf(b->a, "%s-start", name),
			(double)json_int(p, "start_ms", -1), "ms to listening");
		say(b, arena_printf(b->a, "%s-resident", name),
			(double)json_int(p, "rss_kb", -1) / 1024, "MiB");
	}
}

static int
lab(struct bench *b, const char *dir, const char *name, bool detail,
	struct err *e)
{
	char *argv[] = { arena_strdup(b->a, "machilink"),
		arena_strdup(b->a, "lab"), arena_strdup(b->a, "--once"),
		arena_strdup(b->a, "--json"), arena_strdup(b->a, "--dir"),
		path_join(b->a, dir, "lab"), arena_strdup(b->a, "--net"),
		arena_strdup(b->a, "127.19.0"), NULL };
	json_t *report = run_self(b, argv);

	if (!report)
		return fail(e, FAULT_INTERNAL, "the lab did not succeed");
	say(b, arena_printf(b->a, "%s-total", name),
		(double)json_int(report, "total_ms", -1), "ms");
	say(b, arena_printf(b->a, "%s-first-exchange", name),
		(double)json_int(report, "first_exchange_ms", -1), "ms");
	if (detail)
		say_processes(b, report);
	return 0;
}

static int
bench(struct bench *b, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = arena_printf(
		b->a, "%s/machilink-bench-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	int ret = -1;

	if (!mkdtemp(dir))
		return fail(e, FAULT_IO, "cannot make %s", dir);
	if (!primitives(b, dir, e) && !lab(b, dir, "lab-cold", false, e) &&
		!lab(b, dir, "lab-warm", true, e))
		ret = 0;
	(void)dir_remove(dir, NULL);
	return ret;
}

int
cmd_bench(int argc, char **argv)
{
	struct bench b = { .a = arena_new(), .out = json_object() };
	const struct option_row rows[] = { { "json", NULL, &b.json },
		{ NULL, NULL, NULL } };
	struct err e = ERR_INIT;
	struct buf text;
	int ret = EXIT_OK;

	if (options_read(rows, &argc, argv) || argc)
		ret = complain(EXIT_USAGE, "usage: machilink bench [--json]");
	else if (bench(&b, &e))
		ret = complain_err(EXIT_FAILED, &e);
	if (b.json && !ret) {
		buf_init(&text, OUTPUT_MAX);
		json_write(&text, b.out, JSON_PRETTY);
		puts(text.data);
		buf_done(&text);
	}
	json_decref(b.out);
	arena_free(&b.a);
	return ret;
}
