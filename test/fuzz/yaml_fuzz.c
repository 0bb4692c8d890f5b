/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: YAML of service descriptions. What parses must survive writing
 * as YAML and mean the same again.
 */
#include <assert.h>

#include "json_io.h"
#include "mem.h"
#include "yaml_io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits large = { .bytes = 64 * YAML_BYTES,
	.elements = 2 * YAML_ELEMENTS };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct buf one, two, text;
	json_t *j, *again;

	buf_init(&one, 64 * YAML_BYTES);
	buf_init(&two, 64 * YAML_BYTES);
	buf_init(&text, 64 * YAML_BYTES);
	if (yaml_parse(a, bytes_of(data, size), NULL, &j, NULL) == 0) {
		yaml_write(&text, j);
		if (yaml_parse(a, bytes_buf(&text), &large, &again, NULL) != 0)
			assert(!"what was written does not parse");
		json_write(&one, j, JSON_SORTED);
		json_write(&two, again, JSON_SORTED);
		assert(bytes_equal(bytes_buf(&one), bytes_buf(&two)));
	}
	buf_done(&one);
	buf_done(&two);
	buf_done(&text);
	arena_free(&a);
	return 0;
}
