/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: time-stamp requests. What is accepted is written again and
 * means the same.
 */
#include <assert.h>

#include "mem.h"
#include "tsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct tsp_request r, again;
	struct bytes der;
	int rc;

	if (tsp_request_parse(a, bytes_of(data, size), &r, NULL) == 0) {
		rc = tsp_request_make(&r.imprint, a, &der, NULL);
		assert(rc == 0);
		rc = tsp_request_parse(a, der, &again, NULL);
		assert(rc == 0 && digest_equal(&r.imprint, &again.imprint));
		(void)rc;
	}
	arena_free(&a);
	return 0;
}
