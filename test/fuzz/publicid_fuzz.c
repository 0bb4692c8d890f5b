/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: numbers of public bodies. What is proposed must itself be
 * recognised, with its check digit right.
 */
#include <assert.h>
#include <string.h>

#include "mem.h"
#include "publicid.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	char *s = arena_strndup(a, (const char *)data, size);
	char say[PUBLICID_TEXT_MAX];
	struct publicid p, q;

	publicid_read(s, &p);
	publicid_say(s, size % 2, say);
	assert((p.kind == PUBLICID_NONE) == !*say);
	assert(utf8_valid(say, strlen(say)));
	if (p.kind != PUBLICID_NONE) {
		publicid_read(p.corporate, &q);
		assert(q.kind == PUBLICID_CORPORATE && q.good);
		assert(strcmp(q.town, p.town) == 0);
	}
	arena_free(&a);
	return 0;
}
