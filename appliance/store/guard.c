/* SPDX-License-Identifier: MIT */
/*
 * The authorizer of handles that only read: everything that is not listed here
 * is refused while a statement is prepared, before it can run.
 *
 * A view may be read although its tables may not. SQLite tells the authorizer
 * through which view a table is reached, but uses the name of a common table
 * expression in the same place; so a statement with a WITH gets no such favour.
 */
#include <string.h>

#include "store_int.h"
#include "text.h"

static bool
name_allowed(const struct guard *g, const char *name)
{
	size_t i;

	if (!name)
		return false;
	if (g->views)
		return str_iprefix(name, "v_");
	if (!g->table)
		return true;
	for (i = 0; g->table[i]; i++)
		if (str_iequal(g->table[i], name))
			return true;
	return false;
}

static int
read_allowed(const struct guard *g, const char *table, const char *view)
{
	if (name_allowed(g, table))
		return SQLITE_OK;
	return !g->with && name_allowed(g, view) ? SQLITE_OK : SQLITE_DENY;
}

static int
function_allowed(const char *name)
{
	static const char *const refused[] = { "load_extension",
		"fts3_tokenizer", "readfile", "writefile", "edit" };
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (str_iequal(name, refused[i]))
			return SQLITE_DENY;
	return SQLITE_OK;
}

/* sqlite3_set_authorizer(): the meaning of a and b depends on the action. */
static int
guard_check(void *ctx, int action, const char *a, const char *b,
	const char *database, const char *view)
{
	const struct guard *g = ctx;

	(void)database;
	if (action == SQLITE_SELECT || action == SQLITE_RECURSIVE)
		return SQLITE_OK;
	if (action == SQLITE_TRANSACTION)
		return g->views ? SQLITE_OK : SQLITE_DENY;
	if (action == SQLITE_FUNCTION)
		return function_allowed(b);
	if (action == SQLITE_READ)
		return read_allowed(g, a, view);
	return SQLITE_DENY;
}

void
guard_install(sqlite3 *handle, struct guard *g)
{
	sqlite3_set_authorizer(handle, guard_check, g);
}

static bool
word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '$' ||
	       (unsigned char)c >= 0x80;
}

/* Past the string, quoted name or comment that begins at s; s if none does. */
static const char *
skip_quoted(const char *s)
{
	const char *end;

	if (s[0] == '-' && s[1] == '-')
		return s + strcspn(s, "\n");
	if (s[0] == '/' && s[1] == '*') {
		end = strstr(s + 2, "*/");
		return end ? end + 2 : s + strlen(s);
	}
	if (*s != '\'' && *s != '"' && *s != '`' && *s != '[')
		return s;
	end = strchr(s + 1, *s == '[' ? ']' : *s);
	return end ? end + 1 : s + strlen(s);
}

bool
sql_has_word(const char *sql, const char *word)
{
	size_t n = strlen(word), len;

	while (*sql) {
		const char *past = skip_quoted(sql);

		if (past != sql) {
			sql = past;
			continue;
		}
		for (len = 0; word_char(sql[len]); len++)
			;
		if (len == n && str_iprefix(sql, word))
			return true;
		sql += len ? len : 1;
	}
	return false;
}
