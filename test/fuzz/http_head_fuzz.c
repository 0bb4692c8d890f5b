/* SPDX-License-Identifier: MIT */
/*
 * Request heads from anybody: no crash, every string inside the buffer, and a
 * head is complete exactly where its length says.
 */
#include <stdlib.h>
#include <string.h>

#include "http_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
inside(const char *s, const char *p, size_t n)
{
	if (s < p || s >= p + n || s + strlen(s) >= p + n)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *p = malloc(size + 1);
	const char *why = NULL;
	struct http_head h;
	long len;

	if (size)
		memcpy(p, data, size);
	p[size] = '\0';
	len = http_head_length(p, size);
	if (len > (long)size)
		abort();
	if (len > 0 && http_head_parse(p, (size_t)len, &h, &why) == 0) {
		inside(h.method, p, (size_t)len);
		inside(h.target, p, (size_t)len);
		for (size_t i = 0; i < h.headers; i++) {
			inside(h.header[i].name, p, (size_t)len);
			inside(h.header[i].value, p, (size_t)len);
		}
		if (h.chunked && h.length >= 0)
			abort();
	} else if (len > 0 && !why)
		abort();
	free(p);
	return 0;
}
