/* SPDX-License-Identifier: MIT */
/* Fuzz target: identifiers in slash and XML form. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "ident.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = { "x-road/identifiers", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	char *s = arena_strndup(a, (const char *)data, size);
	struct client_id c;
	struct server_id v;
	struct service_id w;
	struct xml_doc *d;

	xml_startup();
	if (client_id_parse(a, s, &c, NULL) == 0)
		client_id_path(a, &c);
	if (server_id_parse(a, s, &v, NULL) == 0)
		server_id_path(a, &v);
	if (service_id_parse(a, s, &w, NULL) == 0)
		service_id_path(a, &w);
	ident_part_check(s, "part", NULL);
	if (xml_parse(a, bytes_of(data, size), NULL, &d, NULL) == 0) {
		client_id_from_xml(a, xml_root(d), &c, NULL);
		server_id_from_xml(a, xml_root(d), &v, NULL);
		service_id_from_xml(a, xml_root(d), &w, NULL);
	}
	arena_free(&a);
	return 0;
}
