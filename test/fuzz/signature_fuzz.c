/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: signature documents of peers. A time stamp that went in can be
 * read, and nothing else changed.
 */
#include <assert.h>

#include "err.h"
#include "mem.h"
#include "signature.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = { "x-road/signatures",
	"x-road/signatures-old", NULL };

static void
stamp(struct arena *a, struct bytes xml)
{
	struct signature_facts before, after;
	struct bytes out;

	if (signature_read(a, xml, &before, NULL) ||
		signature_add_timestamp(a, xml, bytes_str("t"), &out, NULL) ||
		signature_read(a, out, &after, NULL))
		return;
	assert(after.timestamps == before.timestamps + 1);
	assert(bytes_equal(after.timestamp[0], bytes_str("t")));
	assert(bytes_equal(before.value, after.value));
	assert(after.ocsps == before.ocsps);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hashchain_part part = { .uri = "/message.xml" };
	struct signed_message m = { .part = &part, .parts = 1 };
	struct signature s = { .xml = bytes_of(data, size) };
	struct arena *a = arena_new();
	struct signature_facts f;

	xml_startup();
	digest_of(DIGEST_SHA512, "x", 1, &part.digest);
	signature_verify_core(a, &s, &m, false, &f, NULL);
	s.hashchain_result = s.hashchain = bytes_str("<x/>");
	signature_verify_core(a, &s, &m, true, &f, NULL);
	stamp(a, s.xml);
	arena_free(&a);
	return 0;
}
