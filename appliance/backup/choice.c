/* SPDX-License-Identifier: MIT */
/* What of a data directory belongs to a backup, and what stays as it is. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "backup_int.h"
#include "file.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { DEPTH_MAX = 4, DATABASE_MAGIC = 16 };

/* Stays: the message log, statistics of use, what is fetched or published anew, our own. */
static const char *const kept[] = { "archive", "backup", "backup.key",
	"backup.lock", "globalconf", "lock", "messagelog.db",
	"messagelog.db-journal", "messagelog.db-shm", "messagelog.db-wal",
	"monitor.db", "monitor.db-journal", "monitor.db-shm", "monitor.db-wal",
	"ocsp", "public", "restore", "restored", NULL };

/* Stays, if it happens to be in the data directory: another owner's files. */
static const enum param_id named[] = { P_BACKUP_DIR, P_BACKUP_PASSPHRASE,
	P_LOG_FILE, P_ML_ARCHIVE_PATH, P_PIN_FILE, P_TEMP_FILES };

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	return *b && !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static bool
is_journal(const char *name)
{
	return str_suffix(name, "-wal") || str_suffix(name, "-shm") ||
	       str_suffix(name, "-journal");
}

enum choice
choice_of(const struct conf *c, const char *name)
{
	struct arena *a = arena_new();
	const char *path = path_join(a, conf_text(c, P_DATA_DIR), name);
	const char *file = conf_file(c);
	enum choice out = is_journal(name) ? CHOICE_JOURNAL : CHOICE_TAKE;

	/* backups themselves, finished or being made */
	if (*name == '.' || !choice_path_ok(name) ||
		strstr(name, BACKUP_SUFFIX))
		out = CHOICE_KEEP;
	for (const char *const *k = kept; *k; k++)
		if (str_equal(*k, name))
			out = CHOICE_KEEP;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (same_file(path, conf_text(c, named[i])))
			out = CHOICE_KEEP;
	if (file && same_file(path, file))
		out = CHOICE_KEEP;
	arena_free(&a);
	return out;
}

bool
choice_path_ok(const char *path)
{
	size_t depth = 0;

	for (; *path; path += strcspn(path, "/"), path += *path == '/') {
		size_t n = strcspn(path, "/");

		if (!n || n > BACKUP_NAME_MAX || ++depth > DEPTH_MAX ||
			(path[0] == '.' && n <= 2 && path[n - 1] == '.'))
			return false;
		for (size_t i = 0; i < n; i++)
			if ((unsigned char)path[i] < ' ')
				return false;
		if (path[n] == '/' && !path[n + 1])
			return false;
	}
	return depth > 0;
}

bool
database_name(const char *path)
{
	static const char *const ends[] = { ".db", ".sqlite", ".sqlite3" };
	struct arena *a = arena_new();
	bool yes = file_exists(arena_printf(a, "%s-wal", path));

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		yes = yes || str_suffix(path, ends[i]);
	arena_free(&a);
	return yes;
}

bool
database_content(const char *path)
{
	FILE *f = fopen(path, "rbe");
	char start[DATABASE_MAGIC] = "";
	bool yes = false;

	if (f) {
		yes = fread(start, 1, sizeof(start), f) == sizeof(start) &&
		      !memcmp(start, "SQLite format 3", DATABASE_MAGIC);
		fclose(f);
	}
	return yes;
}
