/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: XML of peers. What parses has a canonical form that parses
 * again to the same form, can be written, and tags are found in its text.
 */
#include <assert.h>

#include "err.h"
#include "mem.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = { "x-road/queries", "x-road/signatures",
	"x-road/identifiers", NULL };

static void
canonical_again(struct arena *a, struct xml_doc *d, enum c14n how)
{
	struct buf one, two;
	struct xml_doc *again;

	buf_init(&one, 8 * 1024 * 1024);
	buf_init(&two, 8 * 1024 * 1024);
	if (!xml_canonical(xml_root(d), how, &one, NULL) &&
		!xml_parse(a, bytes_buf(&one), "UTF-8", &again, NULL) &&
		!xml_canonical(xml_root(again), how, &two, NULL))
		assert(bytes_equal(bytes_buf(&one), bytes_buf(&two)));
	buf_done(&one);
	buf_done(&two);
}

static void
look(struct arena *a, struct xml_doc *d, struct bytes text)
{
	struct xml_node *n;
	struct buf b;
	size_t at;

	xml_ids_unique(a, d, NULL);
	xml_by_id(d, "x", &n, NULL);
	n = xml_root(d);
	xml_text(n, a);
	if (!xml_tag_end(text, n, &at, NULL))
		assert(at > 0 && at < text.len && text.data[at - 1] == '>');
	buf_init(&b, 64 * 1024 * 1024);
	xml_serialize(d, &b, NULL);
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const charset[] = { NULL, "UTF-8", "UTF-16" };
	struct arena *a = arena_new();
	struct xml_doc *d;
	size_t i;

	xml_startup();
	for (i = 0; i < sizeof(charset) / sizeof(*charset); i++) {
		if (xml_parse(a, bytes_of(data, size), charset[i], &d, NULL))
			continue;
		canonical_again(a, d, C14N_10);
		canonical_again(a, d, C14N_10_EXCLUSIVE);
		look(a, d, bytes_of(data, size));
	}
	arena_free(&a);
	return 0;
}
