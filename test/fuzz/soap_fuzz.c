/* SPDX-License-Identifier: MIT */
/* Fuzz target: SOAP messages; requestHash can be added to whatever was accepted. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "err.h"
#include "mem.h"
#include "digest.h"
#include "soap.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = { "x-road/queries",
	"x-road/metaservices/queries", NULL };

static void
again(struct arena *a, const struct soap *s)
{
	struct digest d;
	struct bytes out;
	struct soap q;

	digest_of(DIGEST_SHA512, "x", 1, &d);
	if (soap_add_request_hash(a, s, &d, &out, NULL) != 0)
		return;
	if (soap_parse(a, out, "text/xml; charset=UTF-8", &q, NULL) != 0 ||
		soap_check_request_hash(&q, &d, NULL) != 0 ||
		soap_consistent(s, &q, NULL) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct soap s;

	xml_startup();
	if (soap_parse(a, bytes_of(data, size), "text/xml", &s, NULL) == 0 &&
		!s.fault)
		again(a, &s);
	soap_parse(a, bytes_of(data, size), "text/xml; charset=ISO-8859-1", &s,
		NULL);
	arena_free(&a);
	return 0;
}
