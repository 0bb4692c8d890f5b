/* SPDX-License-Identifier: MIT */
/* Fuzz target: configuration anchors; what is read is written and read again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "err.h"
#include "mem.h"
#include "globalconf.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = { "x-road/anchors", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct gc_anchor p, q;
	struct buf b;

	xml_startup();
	buf_init(&b, GC_PART_MAX);
	if (anchor_parse(a, bytes_of(data, size), &p, NULL) == 0 &&
		anchor_write(&p, &b, NULL) == 0 &&
		anchor_parse(a, bytes_buf(&b), &q, NULL) != 0)
		abort();
	buf_done(&b);
	arena_free(&a);
	return 0;
}
