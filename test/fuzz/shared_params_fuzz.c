/* SPDX-License-Identifier: MIT */
/* Fuzz target: shared parameters; what is read is written and read again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "err.h"
#include "mem.h"
#include "globalconf.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = { "x-road/globalconf-signed/V6", NULL };

/* Writing may refuse (no source ...), but what it writes must be readable. */
static void
again(struct arena *a, const struct shared_params *p, int version)
{
	struct shared_params q;
	struct buf b;

	buf_init(&b, GC_PART_MAX);
	if (shared_params_write(p, version, &b, NULL) == 0 &&
		shared_params_parse(a, bytes_buf(&b), version, &q, NULL) != 0)
		abort();
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gc_instance_file file = {
		.shared = bytes_of(data, size),
		.version = 6,
	};
	struct arena *a = arena_new();
	struct globalconf *g;
	struct shared_params p;
	int version;

	xml_startup();
	for (version = GC_VERSION_MIN; version <= GC_VERSION_MAX; version++)
		if (shared_params_parse(
			    a, bytes_of(data, size), version, &p, NULL) == 0)
			again(a, &p, version);
	if (globalconf_new(&g, &file, 1, NULL, NULL) == 0)
		globalconf_unref(&g);
	arena_free(&a);
	return 0;
}
