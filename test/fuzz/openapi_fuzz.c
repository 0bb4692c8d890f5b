/* SPDX-License-Identifier: MIT */
/* Fuzz target: OpenAPI documents as a provider's information system sends
   them, in JSON and YAML. */
#define IN_SERVER 1
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "description_int.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = { "x-road/metaservices/files", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct openapi o;
	json_t *doc;

	if (!openapi_parse(a, bytes_of(data, size), "http://h/d/api", &o, NULL))
		for (size_t i = 0; i < o.ops; i++)
			if (!o.op[i].method || !o.op[i].path || !o.base ||
				strlen(o.op[i].path) > size)
				abort();
	if (!openapi_read(a, bytes_of(data, size), &doc, NULL))
		openapi_strip(a, doc);
	arena_free(&a);
	return 0;
}
