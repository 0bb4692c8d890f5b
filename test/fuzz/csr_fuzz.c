/* SPDX-License-Identifier: MIT */
/*
 * Certificate requests handed to our authority.
 */
#include <stdint.h>

#include "cert.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct csr *r = NULL;
	if (csr_parse(a, bytes_of(p, n), &r, NULL) == 0)
		csr_subject_get(r, a, "2.5.4.5");
	arena_free(&a);
	return 0;
}
