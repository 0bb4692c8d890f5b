/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: JSON of peers. What parses must survive writing, and parse
 * again to the same sorted text.
 */
#include <assert.h>
#include <string.h>

#include "json_io.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
round_trip(struct arena *a, const json_t *j)
{
	struct buf one, two;
	json_t *again;

	buf_init(&one, 64 * JSON_BYTES);
	buf_init(&two, 64 * JSON_BYTES);
	json_write(&one, j, JSON_SORTED);
	if (json_parse(a, bytes_buf(&one),
		    &(struct json_limits){ .bytes = 64 * JSON_BYTES }, &again,
		    NULL) != 0)
		assert(!"what was written does not parse");
	json_write(&two, again, JSON_SORTED);
	assert(bytes_equal(bytes_buf(&one), bytes_buf(&two)));
	buf_done(&one);
	buf_done(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *text;
	int64_t number;
	json_t *j;

	if (json_parse(a, bytes_of(data, size), NULL, &j, NULL) == 0) {
		round_trip(a, j);
		json_need_str(j, "name", 16, &text, NULL);
		json_need_int(j, "n", 0, 100, &number, NULL);
	}
	arena_free(&a);
	return 0;
}
