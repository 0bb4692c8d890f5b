/* SPDX-License-Identifier: MIT */
/*
 * The text of a statement: whatever it is, what is rendered has no more
 * parameters than were found, and a second look finds none with a name.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "sqltext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool
count_word(void *ctx, const char *word, size_t n, char next)
{
	size_t *words = ctx;

	(void)next;
	*words += n && *word;
	return *words < 1000;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new();
	enum sql_dialect d = n ? data[0] % 4 : 0;
	char *sql = n ? arena_strndup(a, (const char *)data + 1, n - 1)
		      : arena_strdup(a, "");
	struct sqltext t, again;
	size_t words = 0;
	struct buf b;

	sqltext_words(sql, d, count_word, &words);
	(void)sqltext_has(sql, d, "with");
	(void)sqltext_has_sign(sql, d, "[@");
	if (!sqltext_parse(a, sql, d, &t, NULL)) {
		buf_init(&b, 1 << 20);
		sqltext_render(&t, SQLTEXT_DOLLAR, &b);
		assert(t.params <= t.uses && t.params <= SQLTEXT_PARAMS_MAX);
		if (!sqltext_parse(a, b.data, d, &again, NULL) &&
			d != SQL_SQLITE)
			assert(again.params == 0);
		buf_done(&b);
	}
	arena_free(&a);
	return 0;
}
