/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: ZIP files and containers of strangers. What was read is the
 * same after writing and reading again.
 */
#include <assert.h>

#include "asic.h"
#include "err.h"
#include "mem.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = { "x-road/asic-structure",
	"x-road/asic-containers", NULL };

static void
again(struct arena *a, const struct asic *c)
{
	struct asic r;
	struct buf b;
	size_t i;

	buf_init(&b, 64 * 1024 * 1024);
	if (!asic_write(c, &b, NULL) &&
		!asic_read(a, bytes_buf(&b), &r, NULL)) {
		assert(bytes_equal(r.message, c->message));
		assert(bytes_equal(r.signature.xml, c->signature.xml));
		assert(bytes_equal(r.ts_chain, c->ts_chain));
		assert(r.attachments == c->attachments);
		for (i = 0; i < r.attachments; i++)
			assert(bytes_equal(r.attachment[i], c->attachment[i]));
	}
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct signature_facts f;
	struct zip_entry *en;
	struct asic c;
	size_t n;

	xml_startup();
	zip_read(a, bytes_of(data, size), 1 << 20, &en, &n, NULL);
	if (!asic_read(a, bytes_of(data, size), &c, NULL)) {
		asic_manifest_check(a, &c, NULL);
		signature_read(a, c.signature.xml, &f, NULL);
		again(a, &c);
	}
	arena_free(&a);
	return 0;
}
