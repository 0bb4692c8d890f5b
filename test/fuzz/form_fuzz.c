/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the body of a form and a cookie header, and what they become in
 * a page: no value can open a tag or end an attribute.
 */
#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "html.h"
#include "mem.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
page(const char *value)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	html_put(&b, "%s", value);
	if (strpbrk(b.data, "<>\"'"))
		abort();
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct form f;
	char *cookie = cookie_get(
		a, arena_strndup(a, (const char *)data, size), "__Host-visit");

	if (cookie && strpbrk(cookie, ";"))
		abort();
	if (!form_read(a, bytes_of(data, size), &f, NULL))
		for (size_t i = 0; i < f.n; i++) {
			if (!utf8_valid(
				    f.item[i].value, strlen(f.item[i].value)))
				abort();
			page(f.item[i].name);
			page(f.item[i].value);
		}
	arena_free(&a);
	return 0;
}
