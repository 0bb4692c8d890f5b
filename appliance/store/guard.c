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
name_allowed(const char *name)
{
	return name && str_iprefix(name, "v_");
}

static int
read_allowed(const struct guard *g, const char *table, const char *view)
{
	if (name_allowed(table))
		return SQLITE_OK;
	return !g->with && name_allowed(view) ? SQLITE_OK : SQLITE_DENY;
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
	if (action == SQLITE_SELECT || action == SQLITE_RECURSIVE ||
		action == SQLITE_TRANSACTION)
		return SQLITE_OK;
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
