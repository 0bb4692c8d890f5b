/* SPDX-License-Identifier: MIT */
/*
 * OCSP requests from anybody.
 */
#include <stdint.h>

#include "mem.h"
#include "ocsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct ocsp_request r;
	ocsp_request_parse(a, bytes_of(p, n), &r, NULL);
	arena_free(&a);
	return 0;
}
