/* SPDX-License-Identifier: MIT */
/* Sealed boxes: what goes in comes out, and nothing else does. */
#include "seal.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "tap.h"

static const uint8_t key[SEAL_KEY] = { 1, 2, 3 };
static struct arena *a;

static bool
opens(const uint8_t *k, const char *about, struct bytes box)
{
	struct bytes plain;
	struct err e = ERR_INIT;

	if (!seal_open(k, bytes_str(about), box, a, &plain, &e))
		return true;
	ok(e.fault == FAULT_CANNOT_OPEN && !plain.len);
	return false;
}

static void
test_changes(struct bytes box)
{
	uint8_t other[SEAL_KEY] = { 1, 2, 4 };
	uint8_t *p = arena_memdup(a, box.data, box.len);
	int opened = 0;

	ok(opens(key, "record 1", box));
	ok(!opens(other, "record 1", box));
	ok(!opens(key, "record 2", box));
	for (size_t i = 0; i < box.len; i++) {
		p[i] ^= 1;
		opened += opens(key, "record 1", bytes_of(p, box.len));
		p[i] ^= 1;
	}
	for (size_t n = 0; n < box.len; n++)
		opened += opens(key, "record 1", bytes_of(p, n));
	is_int(opened, 0);
}

int
main(void)
{
	struct bytes box, again, plain;
	struct err e = ERR_INIT;

	a = arena_new();
	ok(!seal_make(
		key, bytes_str("record 1"), bytes_str("content"), a, &box, &e));
	is_int(box.len, SEAL_OVER + 7);
	ok(!memmem(box.data, box.len, "content", 7));
	ok(!seal_open(key, bytes_str("record 1"), box, a, &plain, &e));
	is_bytes(plain.data, plain.len, "content", 7);
	/* never twice the same */
	ok(!seal_make(key, bytes_str("record 1"), bytes_str("content"), a,
		&again, &e));
	ok(!bytes_equal(box, again));
	ok(!seal_make(key, bytes_str(""), bytes_str(""), a, &again, &e));
	ok(!seal_open(key, bytes_str(""), again, a, &plain, &e));
	is_int(plain.len, 0);
	test_changes(box);
	arena_free(&a);
	return tap_done();
}
