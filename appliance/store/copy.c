/* SPDX-License-Identifier: MIT */
/*
 * Copies of database files for backups, made while others write: SQLite's
 * online backup in one step, which sees one moment of the database.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "file.h"
#include "store_int.h"

static int
copy_fail(struct err *e, const char *path, sqlite3 *h)
{
	return fail(e, FAULT_DATABASE, "the database %s: %s", path,
		h ? sqlite3_errmsg(h) : "no memory");
}

static int
file_open(sqlite3 **out, const char *path, int flags, struct err *e)
{
	if (sqlite3_open_v2(path, out, flags | SQLITE_OPEN_NOMUTEX, NULL) !=
		SQLITE_OK)
		return copy_fail(e, path, *out);
	sqlite3_busy_timeout(*out, BUSY_MS);
	sqlite3_db_config(*out, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(*out, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return 0;
}

static int
pages_copy(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int rc = SQLITE_ERROR;

	if (b) {
		rc = sqlite3_backup_step(b, -1);
		sqlite3_backup_finish(b);
	}
	if (rc != SQLITE_DONE)
		return -1;
	/* one file: what is in it is all there is */
	return sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL,
		       NULL) == SQLITE_OK
		       ? 0
		       : -1;
}

int
db_copy(const char *from, const char *to, struct err *e)
{
	sqlite3 *in = NULL, *out = NULL;
	int fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int ret = -1;

	if (fd < 0)
		return fail(e, FAULT_IO, "%s cannot be made", to);
	close(fd);
	if (file_open(&in, from, SQLITE_OPEN_READWRITE, e) ||
		file_open(&out, to, SQLITE_OPEN_READWRITE, e))
		goto out;
	if (pages_copy(in, out)) {
		copy_fail(e, from, out);
		goto out;
	}
	ret = 0;
out:
	sqlite3_close(in);
	sqlite3_close(out);
	return ret;
}

static int
check(sqlite3 *h, const char *path, struct err *e)
{
	sqlite3_stmt *q = NULL;
	const char *said = NULL;
	int ret;

	if (sqlite3_prepare_v2(h, "PRAGMA quick_check(1)", -1, &q, NULL) ==
			SQLITE_OK &&
		sqlite3_step(q) == SQLITE_ROW)
		said = (const char *)sqlite3_column_text(q, 0);
	ret = said && !strcmp(said, "ok")
		      ? 0
		      : fail(e, FAULT_DATABASE, "%s is no sound database: %s",
				path, said ? said : sqlite3_errmsg(h));
	sqlite3_finalize(q);
	return ret;
}

int
db_sound(const char *path, struct err *e)
{
	sqlite3 *h = NULL;
	int ret = -1;

	if (!file_open(&h, path, SQLITE_OPEN_READONLY, e))
		ret = check(h, path, e);
	sqlite3_close(h);
	return ret;
}
