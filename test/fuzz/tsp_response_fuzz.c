/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: answers of time-stamping services, and the token in them.
 */
#include "mem.h"
#include "tsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = { "x-road/tsp", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct cert_list none = { NULL, 0 };
	struct tsp_token facts;
	struct bytes token;

	if (tsp_response_token(bytes_of(data, size), a, &token, NULL) == 0)
		tsp_token_verify(token, NULL, none, a, &facts, NULL);
	arena_free(&a);
	return 0;
}
