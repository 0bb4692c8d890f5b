/* SPDX-License-Identifier: MIT */
/*
 * A list of anybody's: letters, cells, kinds of columns, and the services that
 * are made of them.
 */
#include "buf.h"
#include "err.h"
#include "mem.h"
#include "opendata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct opendata_names names = { "list", "list" };
	json_t *root = json_keep(a, json_object());
	struct sheet *s;

	if (!opendata_read(a, "list.csv", bytes_of(data, size), &s, NULL) &&
		!opendata_name(s, "list.csv", &names, NULL))
		(void)opendata_offer(s, &names, "opendata.db", root, NULL);
	arena_free(&a);
	return 0;
}
