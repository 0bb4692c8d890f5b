/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the query of findUsage. What is taken is within the limits that
 * the statements are asked with.
 */
#include <assert.h>
#include <string.h>

#include "asset.h"
#include "err.h"
#include "mem.h"
#include "tracker.h"
#include "usermaster.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const struct asset_table web_assets = { NULL, 0 }; /* no pages here */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *query = arena_strndup(a, (const char *)data, size);
	struct usage_ask ask = { .organisation = "I/C/M" };
	struct err e = ERR_INIT;

	if (!usage_ask_read(a, query, &ask, &e)) {
		assert(*ask.code && strlen(ask.code) <= USER_ID_MAX);
		assert(ask.from <= ask.to && ask.offset >= 0);
		assert(ask.limit >= 0 && ask.limit <= USAGE_PAGE_MAX);
		assert(link_day_begin(ask.from) <= ask.from);
	} else {
		assert(e.fault == FAULT_BAD_REQUEST && *e.text);
	}
	arena_free(&a);
	return 0;
}
