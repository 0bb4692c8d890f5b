/* SPDX-License-Identifier: MIT */
/*
 * Is this file the newest there is? Each start gives the database a new mark
 * and writes it beside, into a file that backups do not take. A database that
 * comes out of a backup has another mark than the file: a center begins a new
 * epoch, so that its caches take everything anew, and a cache believes nothing
 * until it has heard from the center. A copy of a whole disk keeps both
 * together: there the age of the last contact counts.
 */
#include "life.h"

#include "db.h"
#include "err.h"
#include "feed.h"
#include "file.h"
#include "link_int.h"
#include "link_sql.h"
#include "log.h"
#include "mem.h"
#include "text.h"

static int
read_marks(struct linkbook *b, const char *path, struct arena *a,
	const char **mine, const char **beside, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	struct query *q = db_query(c, Q_LINK_LIFE_GET);
	struct bytes text = bytes_of(NULL, 0);
	int ret;

	*mine = query_next(q) ? query_text_dup(a, q, 0) : NULL;
	ret = query_end(q, e);
	db_give(c);
	if (!ret && file_exists(path))
		ret = file_read(a, path, LINK_ID_LEN, &text, e);
	*beside = text.len ? (const char *)text.data : NULL;
	return ret;
}

static int
mark(struct linkbook *b, const char *path, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	char life[LINK_ID_LEN + 1];
	int64_t n;

	link_id_make(life);
	n = db_run(c, Q_LINK_LIFE_SET, e, db_text(life));
	db_give(c);
	return n < 0 || file_write(path, bytes_str(life), FILE_PRIVATE, e) ? -1
									   : 0;
}

int
life_begin(struct linkbook *b, const char *path, bool *restored, struct err *e)
{
	struct arena *a = arena_new();
	const char *mine = NULL, *beside = NULL;
	int ret = read_marks(b, path, a, &mine, &beside, e);

	*restored = !ret && mine && !str_equal(mine, beside);
	if (*restored) {
		log_warning("Personal-Link: the database comes from a backup; "
			    "%s",
			b->mode == LINK_CENTER
				? "caches take everything anew"
				: "nothing is allowed until the center was "
				  "heard");
		ret = b->mode == LINK_CENTER ? feed_new_epoch(b, e)
					     : feed_doubt(b, e);
	}
	if (!ret)
		ret = mark(b, path, e);
	arena_free(&a);
	return ret;
}
