/* SPDX-License-Identifier: MIT */
/*
 * SQLite's result codes as faults and sentences an operator can act upon.
 */
#include "err.h"
#include "store_int.h"

struct code_row {
	int code; /* extended or primary */
	enum fault fault;
	const char *sentence;
};

/* The first row whose code is the extended or the primary one. */
static const struct code_row code_table[] = {
	{ SQLITE_CONSTRAINT_UNIQUE, FAULT_CONFLICT, "it exists already" },
	{ SQLITE_CONSTRAINT_PRIMARYKEY, FAULT_CONFLICT, "it exists already" },
	{ SQLITE_CONSTRAINT_ROWID, FAULT_CONFLICT, "it exists already" },
	{ SQLITE_CONSTRAINT_FOREIGNKEY, FAULT_CONFLICT,
		"it is in use or refers to something that does not exist" },
	{ SQLITE_CONSTRAINT, FAULT_DATABASE, "a constraint is violated" },
	{ SQLITE_FULL, FAULT_DATABASE, "the disk is full" },
	{ SQLITE_BUSY, FAULT_DATABASE, "another writer holds it too long" },
	{ SQLITE_LOCKED, FAULT_DATABASE, "another writer holds it too long" },
	{ SQLITE_IOERR, FAULT_DATABASE, "the disk reports an error" },
	{ SQLITE_CORRUPT, FAULT_DATABASE, "the file is damaged" },
	{ SQLITE_NOTADB, FAULT_DATABASE, "the file is not a database" },
	{ SQLITE_CANTOPEN, FAULT_DATABASE, "the file cannot be opened" },
	{ SQLITE_READONLY, FAULT_DATABASE, "the file cannot be written" },
	{ SQLITE_PERM, FAULT_DATABASE, "access is not permitted" },
	{ SQLITE_AUTH, FAULT_DATABASE, "the statement is not permitted" },
	{ SQLITE_TOOBIG, FAULT_DATABASE, "a value is too large" },
	{ SQLITE_INTERRUPT, FAULT_DATABASE, "the statement was interrupted" },
};

static const struct code_row *
code_row(int rc)
{
	static const struct code_row other = { 0, FAULT_DATABASE,
		"the statement failed" };
	size_t i;

	for (i = 0; i < sizeof(code_table) / sizeof(code_table[0]); i++)
		if (code_table[i].code == rc ||
			code_table[i].code == (rc & 255))
			return &code_table[i];
	return &other;
}

int
db_fail(const struct db *db, int rc, const char *doing, const char *said,
	struct err *e)
{
	const struct code_row *row = code_row(rc);

	return fail(e, row->fault, "database %s: %s (%s: %s, code %d)",
		db->schema->name, row->sentence, doing,
		said && *said ? said : sqlite3_errstr(rc), rc);
}
