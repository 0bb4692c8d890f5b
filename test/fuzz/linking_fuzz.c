/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: linking information of strangers. What was read is the same
 * after writing and reading again, and never verifies without containers.
 */
#include <assert.h>
#include <string.h>

#include "err.h"
#include "linking.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = { "x-road/archive-samples", NULL };

static void
again(struct arena *a, const struct linking *l)
{
	struct linking r;
	struct buf b;

	buf_init(&b, LINKING_SIZE_MAX);
	linking_head(&b, l->previous, l->previous_file, l->alg);
	for (size_t i = 0; i < l->n; i++) {
		if (strchr(l->entry[i].name, '\r'))
			goto out;
		linking_line(&b, l->entry[i].digest, l->entry[i].name);
	}
	assert(!linking_read(a, bytes_buf(&b), &r, NULL));
	assert(r.n == l->n && r.alg == l->alg);
	assert(!strcmp(linking_last(&r), linking_last(l)));
out:
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct zip_entry one = { "one.asice", bytes_of("one", 3) };
	struct zip_entry *en;
	struct linking l;
	size_t n;

	if (!linking_read(a, bytes_of(data, size), &l, NULL)) {
		assert(l.n > 0);
		assert(linking_verify(a, &l, &one, 0, NULL));
		linking_verify(a, &l, &one, 1, NULL);
		if (!strchr(l.previous_file, '\r'))
			again(a, &l);
	}
	if (!zip_read(a, bytes_of(data, size), 1 << 20, &en, &n, NULL) && n &&
		!linking_read(a, en[n - 1].data, &l, NULL))
		linking_verify(a, &l, en, n - 1, NULL);
	arena_free(&a);
	return 0;
}
