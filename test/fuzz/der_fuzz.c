/* SPDX-License-Identifier: MIT */
/*
 * The DER cursor: every reader at every element, and what was read written
 * again.
 */
#include <stdint.h>

#include "der.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
walk(struct der d, int depth, struct arena *a)
{
	struct bytes tlv;
	while (der_more(&d)) {
		struct der at = d, in;
		int64_t v;
		char *oid;
		int tag = der_peek(&d);
		der_int(&at, &v, NULL);
		at = d;
		der_time(&at, &v, NULL);
		at = d;
		if (der_oid(&at, a, &oid, NULL) == 0) {
			struct buf b;
			buf_init(&b, 1024);
			der_put_oid(&b, oid);
			buf_done(&b);
		}
		at = d;
		if (tag & 0x20 && depth < 16 &&
			der_read(&at, tag, &in, NULL) == 0)
			walk(in, depth + 1, a);
		if (der_any(&d, &tlv, NULL))
			break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	walk(der_open(bytes_of(p, n)), 0, a);
	arena_free(&a);
	return 0;
}
