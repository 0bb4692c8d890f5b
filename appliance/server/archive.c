/* SPDX-License-Identifier: MIT */
/*
 * Archiving and cleaning of the message log. Rule: interop/xroad-messages.md
 * 4.6.
 *
 * A file is first written and synced under a temporary name; one transaction
 * then marks its records, and keeps its name and last digest; then it gets its
 * name. What a crash left between these steps is settled before anything else.
 */
#include "messagelog_int.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "faultpoint.h"
#include "file.h"
#include "job.h"
#include "log.h"
#include "mem.h"
#include "messagelog_sql.h"
#include "param.h"
#include "text.h"

/* messages wait while the writer runs a ticket */
enum { CLEAN_BATCH = 64, DAY_MS = 24 * 3600 * 1000, GROUPS_MAX = 10000 };

int
archive_grouping(const struct conf *c, enum grouping *out, struct err *e)
{
	static const char *const word[] = { "none", "member", "subsystem" };
	const char *is = conf_text(c, P_ML_ARCHIVE_GROUPING);

	for (size_t i = 0; i < sizeof(word) / sizeof(*word); i++)
		if (str_iequal(is, word[i])) {
			*out = (enum grouping)i;
			return 0;
		}
	return fail(e, FAULT_CONFIG,
		"[message-log] archive-grouping must be none, member or "
		"subsystem, not \"%s\"",
		is);
}

/* ---- a crash's remains ---- */

struct pending {
	int64_t id;
	const char *directory, *name;
};

static int
publish(struct db_conn *c, void *arg, struct err *e)
{
	const struct pending *p = arg;

	return db_run(c, Q_MESSAGELOG_ARCHIVE_PUBLISH, e, db_int(p->id)) < 0
		       ? -1
		       : 0;
}

static int
release(struct db_conn *c, void *arg, struct err *e)
{
	const struct pending *p = arg;

	static const int step[] = { Q_MESSAGELOG_ARCHIVE_RELEASE,
		Q_MESSAGELOG_ARCHIVE_RELEASE_OLD, Q_MESSAGELOG_ARCHIVE_UNMARK,
		Q_MESSAGELOG_ARCHIVE_UNMARK_OLD, Q_MESSAGELOG_ARCHIVE_FORGET };

	for (size_t i = 0; i < sizeof(step) / sizeof(*step); i++)
		if (db_run(c, step[i], e, db_int(p->id)) < 0)
			return -1;
	return 0;
}

/* The records are marked: the file gets its name. */
static int
settle_one(struct messagelog *m, struct pending *p, struct err *e)
{
	struct arena *a = arena_new();
	const char *part = archive_part_path(m, a, p->directory);
	const char *path = path_join(a, p->directory, p->name);
	int ret = -1;

	if (rename(part, path)) {
		if (errno != ENOENT) {
			fail(e, FAULT_IO, "cannot rename %s to %s: %s", part,
				path, strerror(errno));
			goto out;
		}
		if (!file_exists(path)) {
			log_warning("the archive %s is lost; its messages are "
				    "archived again",
				path);
			ret = writer_submit(m->writer, release, p, e);
			goto out;
		}
	}
	if (archive_dir_sync(p->directory, e))
		goto out;
	if (fault_at("archive.renamed")) {
		fail(e, FAULT_IO, "stopped after the renaming");
		goto out;
	}
	ret = writer_submit(m->writer, publish, p, e);
out:
	arena_free(&a);
	return ret;
}

int
archive_settle(struct messagelog *m, struct err *e)
{
	struct arena *a = arena_new();
	struct db_conn *c = db_take(m->db);
	struct query *q = db_query(c, Q_MESSAGELOG_ARCHIVE_UNPUBLISHED, { 0 });
	struct pending p = { 0 };
	bool any = query_next(q);
	int ret;

	/* there is never a second one: it is settled before the next is made */
	if (any) {
		p.id = query_int(q, 0);
		p.directory = query_text_dup(a, q, 1);
		p.name = query_text_dup(a, q, 2);
	}
	ret = query_end(q, e);
	db_give(c);
	if (!ret && any)
		ret = settle_one(m, &p, e);
	arena_free(&a);
	return ret;
}

/* ---- archiving ---- */

static int
mark(struct db_conn *c, void *arg, struct err *e)
{
	const struct archive_file *f = arg;
	int64_t archive;

	if (db_run(c, Q_MESSAGELOG_ARCHIVE_ADD, e, db_int(clock_now()),
		    db_text(f->group), db_text(f->directory), db_text(f->name),
		    db_text(f->digest), db_int((int64_t)f->n)) < 0)
		return -1;
	archive = db_last_id(c);
	for (size_t i = 0; i < f->n; i++) {
		int64_t n = db_run(c, Q_MESSAGELOG_ARCHIVE_MARK, e,
			db_int(f->id[i]), db_int(archive));

		if (n < 0 || db_run(c, Q_MESSAGELOG_TO_ARCHIVE_DROP, e,
				     db_int(f->id[i])) < 0)
			return -1;
		if (n != 1)
			return fail(e, FAULT_DATABASE,
				"record %lld was archived by somebody else",
				(long long)f->id[i]);
	}
	return 0;
}

/* One file of the group: *n records, 0 when there is nothing (more). */
static int
archive_file(struct messagelog *m, const struct archive_group *g,
	const struct jobs *stop, size_t *n, struct err *e)
{
	struct arena *a = arena_new();
	struct archive_file f;
	int ret = -1;

	if (archive_file_make(m, a, g, stop, &f, e))
		goto out;
	*n = f.n;
	if (!f.n) {
		ret = 0;
		goto out;
	}
	if (fault_at("archive.written")) {
		fail(e, FAULT_IO, "stopped before the commit");
		goto out;
	}
	if (writer_submit(m->writer, mark, &f, e))
		goto out;
	if (fault_at("archive.marked")) {
		fail(e, FAULT_IO, "stopped after the commit");
		goto out;
	}
	ret = archive_settle(m, e);
out:
	arena_free(&a);
	return ret;
}

/* A member's rows are one group whatever their subsystem. */
static bool
same_group(const struct archive_group *x, const struct archive_group *y)
{
	return str_equal(x->cls, y->cls) && str_equal(x->code, y->code) &&
	       (x->by == GROUP_MEMBER || str_equal(x->subsystem, y->subsystem));
}

static int
load_groups(struct messagelog *m, struct arena *a, struct archive_group **out,
	size_t *n, struct err *e)
{
	struct archive_group *g = arena_array(a, GROUPS_MAX, sizeof(*g));
	enum grouping by;
	struct db_conn *c;
	struct query *q;
	int ret;

	*out = g;
	*n = 1;
	if (archive_grouping(m->conf, &by, e))
		return -1;
	g->by = by;
	if (by == GROUP_NONE)
		return 0;
	*n = 0;
	c = db_take(m->db);
	q = db_query(c, Q_MESSAGELOG_ARCHIVE_GROUPS, { 0 });
	while (*n < GROUPS_MAX && query_next(q)) {
		struct archive_group *x = &g[*n];

		x->by = by;
		x->cls = query_text_dup(a, q, 0);
		x->code = query_text_dup(a, q, 1);
		x->subsystem = query_text_dup(a, q, 2);
		if (!*n || !same_group(x, x - 1))
			++*n;
	}
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

/* Every file of one group; adds to *total. */
static int
archive_group(struct messagelog *m, const struct archive_group *g,
	const struct jobs *stop, int64_t *total, struct err *e)
{
	size_t n;

	do {
		n = 0;
		if (archive_file(m, g, stop, &n, e))
			return stop && jobs_stopping(stop) ? 0 : -1;
		*total += (int64_t)n;
	} while (n && !(stop && jobs_stopping(stop)));
	return 0;
}

int64_t
messagelog_archive(struct messagelog *m, const struct jobs *stop, struct err *e)
{
	struct arena *a = arena_new();
	struct archive_group *g;
	int64_t total = 0;
	size_t n;
	int ret;

	pthread_mutex_lock(&m->archiving);
	ret = archive_settle(m, e) || load_groups(m, a, &g, &n, e);
	for (size_t i = 0; !ret && i < n; i++)
		ret = archive_group(m, &g[i], stop, &total, e);
	pthread_mutex_unlock(&m->archiving);
	arena_free(&a);
	return ret ? -1 : total;
}

/* ---- cleaning ---- */

struct swept {
	int64_t id, stamp, signature; /* the latter may be 0 */
};
struct sweep {
	int64_t before; /* ms */
	int64_t n;
};

static int
sweep_record(struct db_conn *c, const struct swept *x, struct err *e)
{
	static const int of_record[] = { Q_MESSAGELOG_CLEAN_ATTACHMENTS,
		Q_MESSAGELOG_CLEAN_SEALED, Q_MESSAGELOG_CLEAN_ARCHIVED,
		Q_MESSAGELOG_CLEAN_RECORD };

	for (size_t i = 0; i < sizeof(of_record) / sizeof(*of_record); i++)
		if (db_run(c, of_record[i], e, db_int(x->id)) < 0)
			return -1;
	if (db_run(c, Q_MESSAGELOG_CLEAN_SIGNATURE_STAMP, e,
		    db_int(x->signature)) < 0 ||
		db_run(c, Q_MESSAGELOG_CLEAN_SIGNATURE, e,
			db_int(x->signature)) < 0 ||
		db_run(c, Q_MESSAGELOG_CLEAN_STAMP, e, db_int(x->stamp)) < 0)
		return -1;
	return 0;
}

static int
sweep(struct db_conn *c, void *arg, struct err *e)
{
	struct sweep *s = arg;
	struct swept x[CLEAN_BATCH];
	struct query *q = db_query(c, Q_MESSAGELOG_CLEAN_NEXT,
		db_int(s->before), db_int(CLEAN_BATCH));

	s->n = 0;
	while (s->n < CLEAN_BATCH && query_next(q))
		x[s->n++] = (struct swept){ query_int(q, 0), query_int(q, 1),
			query_int(q, 2) };
	if (query_end(q, e))
		return -1;
	for (int64_t i = 0; i < s->n; i++)
		if (sweep_record(c, &x[i], e))
			return -1;
	return 0;
}

int64_t
messagelog_clean(struct messagelog *m, const struct jobs *stop, struct err *e)
{
	struct sweep s = { .before =
				   clock_now() -
				   conf_int(m->conf, P_ML_KEEP_DAYS) * DAY_MS };
	int64_t total = 0;
	int ret;

	pthread_mutex_lock(&m->archiving);
	/* an archive that may be lost keeps its records */
	ret = archive_settle(m, e);
	do {
		s.n = 0;
		ret = ret || writer_submit(m->writer, sweep, &s, e);
		total += s.n;
	} while (!ret && s.n && !(stop && jobs_stopping(stop)));
	ret = ret || log_index_clean(m, stop, e);
	pthread_mutex_unlock(&m->archiving);
	return ret ? -1 : total;
}
