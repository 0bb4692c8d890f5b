/* SPDX-License-Identifier: MIT */
/*
 * Tests of spools and segments: in memory, in a file, across the edge, over
 * the limit, and with a full disk.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "faultpoint.h"
#include "file.h"
#include "mem.h"
#include "spool.h"
#include "tap.h"

enum { BIG = 300000, LIMIT = 1 << 20 };

static uint8_t *
pattern(struct arena *a, size_t n)
{
	uint8_t *p = arena_alloc(a, n);

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(i * 31 + i / 251);
	return p;
}

static int
count_names(void *ctx, const char *name)
{
	(void)name;
	++*(int *)ctx;
	return 0;
}

static bool
same(const struct spool *s, int64_t at, const uint8_t *want, size_t n)
{
	uint8_t *got = malloc(n + 1);
	bool ok = spool_read(s, at, got, n, NULL) == 0 &&
		  memcmp(got, want, n) == 0;

	free(got);
	return ok;
}

static void
test_small(struct arena *a)
{
	struct spool *s = spool_new(a, "/nowhere/at/all", LIMIT);
	const uint8_t *p = pattern(a, SPOOL_MEMORY);

	is_int(spool_len(s), 0);
	ok(spool_read(s, 0, NULL, 0, NULL) == 0);
	ok(spool_add(s, p, 10, NULL) == 0);
	ok(spool_add(s, p + 10, SPOOL_MEMORY - 10, NULL) == 0);
	is_int(spool_len(s), SPOOL_MEMORY);
	ok(!spool_on_disk(s));
	ok(same(s, 0, p, SPOOL_MEMORY));
	ok(same(s, 5, p + 5, 100));
}

/* Pieces of every size, read back whole and in pieces. */
static void
test_sizes(struct arena *a)
{
	static const size_t piece[] = { 1000, 4096, 65535, 65536, 65537,
		200000 };
	const uint8_t *p = pattern(a, BIG);

	for (size_t i = 0; i < sizeof(piece) / sizeof(*piece); i++) {
		struct spool *s = spool_new(a, tap_dir(), LIMIT);
		bool good = true;

		for (size_t at = 0; at < BIG; at += piece[i]) {
			size_t n = BIG - at < piece[i] ? BIG - at : piece[i];

			good = good && spool_add(s, p + at, n, NULL) == 0;
		}
		ok_m(good && spool_len(s) == BIG && spool_on_disk(s),
			"pieces of %zu", piece[i]);
		ok_m(same(s, 0, p, BIG), "whole, pieces of %zu", piece[i]);
		good = true;
		for (size_t at = 0; at + 777 < BIG; at += 777)
			good = good && same(s, (int64_t)at, p + at, 777);
		ok_m(good, "by range, pieces of %zu", piece[i]);
		ok(same(s, BIG - 1, p + BIG - 1, 1) && same(s, BIG, p, 0));
	}
}

/* The file has no name while it is used, and nothing stays behind. */
static void
test_no_name(void)
{
	struct arena *a = arena_new();
	char *dir = path_join(a, tap_dir(), "spools");
	struct spool *s = spool_new(a, dir, LIMIT);
	int names = 0;

	ok(dir_make(dir, NULL) == 0);
	ok(spool_add(s, pattern(a, BIG), BIG, NULL) == 0);
	ok(spool_on_disk(s));
	ok(dir_each(dir, count_names, &names, NULL) == 0);
	is_int(names, 0);
	arena_free(&a);
}

static void
test_limit(struct arena *a)
{
	struct spool *s = spool_new(a, tap_dir(), 100000);
	const uint8_t *p = pattern(a, 100001);
	struct err e = ERR_INIT;

	ok(spool_add(s, p, 99999, NULL) == 0);
	ok(spool_add(s, p + 99999, 2, &e) == -1);
	is_int(e.fault, FAULT_TOO_LARGE);
	ok(strstr(e.text, "100000") != NULL);
	ok(spool_add(s, p + 99999, 1, NULL) == 0);
	ok(same(s, 0, p, 100000));
}

static void
test_disk_full(struct arena *a)
{
	const uint8_t *p = pattern(a, BIG);
	struct err e = ERR_INIT;
	struct spool *s = spool_new(a, tap_dir(), LIMIT);

	ok(spool_add(s, p, 1000, NULL) == 0);
	fault_arm("spool.write", 0, 1);
	ok(spool_add(s, p + 1000, SPOOL_MEMORY, &e) == -1);
	is_int(e.fault, FAULT_LOGGING_FAILED);
	ok(strstr(e.text, "No space left") && strstr(e.text, tap_dir()));
	is_int(spool_len(s), 1000);
	ok(same(s, 0, p, 1000));
	fault_disarm();
	ok(spool_add(s, p + 1000, SPOOL_MEMORY, NULL) == 0);
	ok(same(s, 0, p, 1000 + SPOOL_MEMORY));

	s = spool_new(a, "/nowhere/at/all", LIMIT);
	err_reset(&e);
	ok(spool_add(s, p, BIG, &e) == -1);
	ok(e.fault == FAULT_LOGGING_FAILED &&
		strstr(e.text, "/nowhere/at/all"));
}

static void
test_segments(struct arena *a)
{
	const uint8_t *p = pattern(a, BIG);
	struct spool *s = spool_new(a, tap_dir(), LIMIT);
	struct segments l = segments_of(a);
	struct segment g;
	struct bytes b;
	uint8_t out[40];

	ok(spool_add(s, p, BIG, NULL) == 0);
	for (int i = 0; i < 20; i++) {
		segments_bytes(&l, bytes_str("<=>"));
		segments_add(&l, segment_in(s, i * 10000, 4));
		segments_bytes(&l, bytes_of(NULL, 0));
	}
	is_int(l.len, 140);
	is_int(segments_read(&l, 0, out, 10, NULL), 10);
	ok(memcmp(out, "<=>", 3) == 0 && memcmp(out + 3, p, 4) == 0);
	ok(memcmp(out + 7, "<=>", 3) == 0);
	is_int(segments_read(&l, 138, out, 40, NULL), 2);
	ok(memcmp(out, p + 190002, 2) == 0);
	is_int(segments_read(&l, 140, out, 40, NULL), 0);

	g = segment_in(s, BIG - 5, 5);
	ok(segment_load(a, &g, 5, &b, NULL) == 0);
	is_bytes(b.data, b.len, p + BIG - 5, 5);
	g = segment_in(s, 0, BIG);
	ok(segment_load(a, &g, BIG, &b, NULL) == 0);
	is_bytes(b.data, b.len, p, BIG);
	ok(segment_load(a, &g, BIG - 1, &b, NULL) == -1);
}

int
main(void)
{
	struct arena *a = arena_new();

	test_small(a);
	test_sizes(a);
	test_no_name();
	test_limit(a);
	test_disk_full(a);
	test_segments(a);
	arena_free(&a);
	return tap_done();
}
