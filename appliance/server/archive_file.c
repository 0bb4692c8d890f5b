/* SPDX-License-Identifier: MIT */
/*
 * One file of the message archive: containers of a group in the order they
 * were logged, chained by linkinginfo, written piece by piece to a temporary
 * name. Rule: interop/xroad-messages.md 4.6.
 */
#include "messagelog_int.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "job.h"
#include "linking.h"
#include "mem.h"
#include "messagelog_sql.h"
#include "param.h"
#include "text.h"

enum {
	RECORDS_MAX = 10000, /* in one file: one transaction marks them */
	CONTAINER_MAX = 1088 * 1024 * 1024,
	GROUP_NAME_MAX = 200, /* in file names (4.6) */
	NAME_DIGEST = 16,     /* hex digits in file names */
	TAG_BYTES = 8,
};

struct build {
	struct messagelog *m;
	struct arena *a; /* of the result */
	const struct archive_group *g;
	const char *previous_name;
	char digest[LINKING_HEX_MAX + 1];
	struct buf linking;
	struct zip_stream *zip;
	const char *path; /* temporary */
	int fd;
	int64_t first, last; /* times of records, ms */
	int64_t *id;
	size_t n;
	uint64_t size; /* of the containers */
};

static int
io_failed(const char *what, const char *path, struct err *e)
{
	return fail(e, FAULT_IO, "%s %s: %s", what, path, strerror(errno));
}

char *
archive_part_path(struct messagelog *m, struct arena *a, const char *directory)
{
	/* servers may share the directory */
	const char *data = conf_data_path(m->conf, "");
	struct digest d;

	digest_of(DIGEST_SHA512, data, strlen(data), &d);
	return path_join(a, directory,
		arena_printf(
			a, ".mlog-%s.part", hex_encode(a, d.value, TAG_BYTES)));
}

int
archive_dir_sync(const char *directory, struct err *e)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0 || fsync(fd))
		ret = io_failed("cannot sync", directory, e);
	if (fd >= 0)
		close(fd);
	return ret;
}

static int
put(void *ctx, struct bytes piece, struct err *e)
{
	struct build *b = ctx;

	while (piece.len) {
		ssize_t n = write(b->fd, piece.data, piece.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_failed("cannot write", b->path, e);
		piece.data += n;
		piece.len -= (size_t)n;
	}
	return 0;
}

/* ---- names ---- */

/* I/C/M or I/C/M/S; the instance is that of a record of the group. */
static int
group_path(struct build *b, int64_t id, char **out, struct err *e)
{
	const struct archive_group *g = b->g;
	struct db_conn *c;
	struct query *q;
	char *party = NULL;
	int ret;

	*out = arena_strdup(b->a, "");
	if (g->by == GROUP_NONE)
		return 0;
	c = db_take(b->m->db);
	q = db_query(c, Q_MESSAGELOG_ARCHIVE_INSTANCE, db_int(id));
	if (query_next(q))
		party = query_text_dup(b->a, q, 0);
	ret = query_end(q, e);
	db_give(c);
	if (ret)
		return -1;
	if (!party)
		return fail(e, FAULT_DATABASE, "record %lld is gone",
			(long long)id);
	party[strcspn(party, "/")] = '\0';
	*out = arena_printf(b->a, "%s/%s/%s", party,
		segment_encode(b->a, g->cls), segment_encode(b->a, g->code));
	if (g->by == GROUP_SUBSYSTEM && g->subsystem)
		*out = arena_printf(b->a, "%s/%s", *out,
			segment_encode(b->a, g->subsystem));
	return 0;
}

/* mlog-[<group>-]<first>-<last>-<digest>.zip; times in UTC. */
static char *
file_name(struct build *b, const char *group)
{
	char first[TIME_TEXT_MAX], last[TIME_TEXT_MAX];
	char *g = arena_strndup(b->a, group,
		strlen(group) < GROUP_NAME_MAX ? strlen(group)
					       : GROUP_NAME_MAX);

	for (char *p = g; *p; p++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789.-",
			    *p))
			*p = '_';
	return arena_printf(b->a, "mlog-%s%s%s-%s-%.*s.zip", g, *g ? "-" : "",
		time_compact(first, b->first), time_compact(last, b->last),
		NAME_DIGEST, b->digest);
}

/* ---- content ---- */

static int
load_previous(struct build *b, const char *group, struct err *e)
{
	struct db_conn *c = db_take(b->m->db);
	struct query *q =
		db_query(c, Q_MESSAGELOG_ARCHIVE_LAST, db_text(group));
	struct bytes digest;
	int ret;

	b->previous_name = "";
	if (query_next(q)) {
		b->previous_name = query_text_dup(b->a, q, 0);
		digest = bytes_str(query_text(q, 1));
		if (digest.len <= LINKING_HEX_MAX)
			memcpy(b->digest, digest.data, digest.len + 1);
	}
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

/* The next record to archive, or 0 at the end. */
static int
next_id(struct build *b, int64_t after, int64_t *id, struct err *e)
{
	const struct archive_group *g = b->g;
	struct db_conn *c = db_take(b->m->db);
	struct query *q = db_query(c, Q_MESSAGELOG_ARCHIVE_NEXT, db_int(after),
		db_text(g->cls), db_text(g->code),
		db_int(g->by == GROUP_MEMBER), db_text(g->subsystem));
	int ret;

	*id = query_next(q) ? query_int(q, 0) : 0;
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

/* One container: in memory only while it is written. */
static int
add_record(struct build *b, int64_t id, struct err *e)
{
	struct arena *a = arena_new();
	struct zip_entry entry;
	struct evidence v;
	struct buf packed;
	int ret = -1;

	buf_init(&packed, CONTAINER_MAX);
	if (evidence_get(b->m, a, id, &v, e) || asic_write(&v.asic, &packed, e))
		goto out;
	entry.name = asic_name(a, v.query_id, v.response, id);
	entry.data = bytes_buf(&packed);
	if (zip_stream_add(b->zip, &entry, v.asic.time, e))
		goto out;
	linking_next(DIGEST_SHA512, b->digest, entry.data, b->digest);
	linking_line(&b->linking, b->digest, entry.name);
	if (!b->n)
		b->first = v.asic.time;
	b->last = v.asic.time;
	b->size += packed.len;
	b->id[b->n++] = id;
	ret = 0;
out:
	buf_done(&packed);
	arena_free(&a);
	return ret;
}

static int
add_records(struct build *b, int64_t id, const struct jobs *stop, struct err *e)
{
	uint64_t max = (uint64_t)conf_int(b->m->conf, P_ML_ARCHIVE_SIZE);

	while (id && b->n < RECORDS_MAX && b->size <= max) {
		if (stop && jobs_stopping(stop))
			return fail(e, FAULT_LIMIT, "archiving is stopped");
		if (add_record(b, id, e) || next_id(b, id, &id, e))
			return -1;
	}
	return 0;
}

static int
add_linking(struct build *b, struct err *e)
{
	struct zip_entry entry = { .name = LINKING_NAME,
		.data = bytes_buf(&b->linking) };

	if (buf_ok(&b->linking, LINKING_NAME, e) ||
		zip_stream_add(b->zip, &entry, b->last, e) ||
		zip_stream_end(b->zip, e))
		return -1;
	if (fsync(b->fd))
		return io_failed("cannot sync", b->path, e);
	return 0;
}

static int
write_file(struct build *b, int64_t first, const struct jobs *stop,
	struct archive_file *out, struct err *e)
{
	char *group;

	b->path = archive_part_path(b->m, b->a, out->directory);
	if (group_path(b, first, &group, e) || load_previous(b, group, e) ||
		dir_make(out->directory, e))
		return -1;
	b->fd = open(b->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		FILE_PRIVATE);
	if (b->fd < 0)
		return io_failed("cannot make", b->path, e);
	linking_head(&b->linking, b->digest, b->previous_name, DIGEST_SHA512);
	if (add_records(b, first, stop, e) || add_linking(b, e))
		return -1;
	out->group = group;
	out->name = file_name(b, group);
	out->digest = arena_strdup(b->a, b->digest);
	out->id = b->id;
	out->n = b->n;
	/* the temporary name must be durable before the database relies on
	   it */
	return archive_dir_sync(out->directory, e);
}

int
archive_file_make(struct messagelog *m, struct arena *a,
	const struct archive_group *g, const struct jobs *stop,
	struct archive_file *out, struct err *e)
{
	const char *dir = conf_text(m->conf, P_ML_ARCHIVE_PATH);
	struct build b = { .m = m, .a = a, .g = g, .fd = -1 };
	int64_t first;
	int ret;

	*out = (struct archive_file){
		.directory = *dir ? dir : conf_data_path(m->conf, "archive")
	};
	buf_init(&b.linking, LINKING_SIZE_MAX);
	b.zip = zip_stream_new(0, put, &b);
	b.id = arena_array(a, RECORDS_MAX, sizeof(*b.id));
	ret = next_id(&b, 0, &first, e);
	if (!ret && first)
		ret = write_file(&b, first, stop, out, e);
	if (b.fd >= 0)
		close(b.fd);
	if (ret && b.fd >= 0)
		(void)file_remove(b.path, NULL);
	zip_stream_free(&b.zip);
	buf_done(&b.linking);
	return ret;
}
