/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the small decoders of base. What decodes must encode to
 * something that decodes to the same.
 */
#include <assert.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_base64(struct arena *a, const char *s, size_t n)
{
	struct bytes out, again;
	char *text;

	if (base64_decode(a, s, n, &out, NULL) != 0)
		return;
	text = base64_encode(a, out.data, out.len);
	assert(base64_decode(a, text, strlen(text), &again, NULL) == 0);
	assert(bytes_equal(out, again));
}

static void
try_percent(struct arena *a, const char *s, size_t n)
{
	char *out, *again, *text;

	if (segment_decode(a, s, n, &out, NULL) == 0) {
		text = segment_encode(a, out);
		assert(segment_decode(a, text, strlen(text), &again, NULL) ==
			0);
		assert(strcmp(out, again) == 0);
	}
	if (form_decode(a, s, n, &out, NULL) == 0) {
		text = form_encode(a, out);
		assert(form_decode(a, text, strlen(text), &again, NULL) == 0);
		assert(strcmp(out, again) == 0);
	}
}

static void
try_time(const char *s)
{
	char out[TIME_TEXT_MAX];
	int64_t ms, again;

	if (time_parse(s, &ms, NULL) != 0)
		return;
	/* a zone may carry the first and the last year beyond four digits */
	if (ms < -62135596800000 || ms > 253402300799999)
		return;
	assert(time_parse(time_iso_ms(out, ms), &again, NULL) == 0);
	assert(ms == again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	char *s = arena_strndup(a, (const char *)data, size);
	struct bytes out;
	struct buf b;
	int64_t v;

	try_base64(a, (const char *)data, size);
	try_percent(a, (const char *)data, size);
	try_time(s);
	hex_decode(a, s, &out, NULL);
	int_parse(s, INT64_MIN, INT64_MAX, &v, NULL);
	query_get(a, s, "key");
	str_distance(s, "distance");
	str_trim(s);
	buf_init(&b, 8 * size + 16);
	buf_json(&b, s);
	assert(utf8_valid(b.data, b.len) && !b.over);
	buf_reset(&b);
	buf_xml_n(&b, (const char *)data, size);
	assert(utf8_valid(b.data, b.len) && !b.over);
	buf_done(&b);
	arena_free(&a);
	return 0;
}
