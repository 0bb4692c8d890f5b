/* SPDX-License-Identifier: MIT */
/* Fuzz target: WSDL documents as a provider's information system sends them. */
#define IN_SERVER 1
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "admin_int.h"
#include "mem.h"
#include "metadata_int.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = { "x-road/metaservices", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct wsdl_service *s = NULL;
	struct bytes hidden;
	struct xml_doc *doc;
	size_t n = 0;

	xml_startup();
	if (!wsdl_parse(a, bytes_of(data, size), &s, &n, NULL))
		for (size_t i = 0; i < n; i++)
			if (!s[i].code || !s[i].url)
				abort();
	if (!metadata_wsdl_hide(a, bytes_of(data, size), &hidden, NULL) &&
		xml_parse(a, hidden, NULL, &doc, NULL))
		abort();
	arena_free(&a);
	return 0;
}
