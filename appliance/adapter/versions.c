/* SPDX-License-Identifier: MIT */
/*
 * What data services were like: a version for each change, whoever made it and
 * however, by the administration API or in the file. Kept in the adapter's own
 * database; services.json alone says what is in force.
 */
#include "adapter_int.h"

#include <string.h>

#include "adapter_sql.h"
#include "clock.h"
#include "db.h"
#include "err.h"
#include "mem.h"
#include "text.h"

enum { VERSIONS_KEPT = 100 };

/* One file on its way into the table. */
struct noting {
	struct arena *a;
	const json_t *root;
	const char *who;
	json_t *there; /* names of its services */
};

static int
put(struct db_conn *c, struct noting *n, const char *service,
	const char *database, const char *text, struct err *e)
{
	if (db_run(c, Q_ADAPTER_VERSION_ADD, e, db_text(service),
		    db_int(clock_now()), db_text(n->who), db_text(database),
		    db_text(text)) < 0 ||
		db_run(c, Q_ADAPTER_VERSION_TIDY, e, db_text(service),
			db_int(VERSIONS_KEPT)) < 0)
		return -1;
	return 0;
}

static int
note_service(struct db_conn *c, struct noting *n, const char *database,
	const json_t *item, struct err *e)
{
	const char *name = json_str(item, "name");
	struct query *q;
	struct buf b;
	bool same;
	int ret;

	if (!name)
		return 0;
	json_put_bool(n->there, name, true);
	buf_init(&b, SERVICES_FILE_MAX);
	json_write(&b, item, JSON_SORTED);
	q = db_query(c, Q_ADAPTER_VERSION_LAST, db_text(name));
	same = query_next(q) && str_equal(query_text(q, 2), b.data) &&
	       str_equal(query_text(q, 1), database);
	ret = query_end(q, e);
	if (!ret && !same)
		ret = put(c, n, name, database, b.data, e);
	buf_done(&b);
	return ret;
}

/* Those whose last version is there, but the file has them no more. */
static int
note_gone(struct db_conn *c, struct noting *n, struct err *e)
{
	struct query *q = db_query(c, Q_ADAPTER_VERSION_THERE);
	json_t *gone = json_keep(n->a, json_array()), *one;
	size_t i;

	while (query_next(q))
		if (!json_object_get(n->there, query_text(q, 0)))
			json_array_append_new(
				gone, json_text_new(query_text(q, 0)));
	if (query_end(q, e))
		return -1;
	json_each(one, i, gone) {
		if (put(c, n, json_string_value(one), NULL, NULL, e))
			return -1;
	}
	return 0;
}

static int
note_all(struct db_conn *c, void *arg, struct err *e)
{
	struct noting *n = arg;
	json_t *source, *item;
	size_t i, j;

	json_object_clear(n->there);
	json_each(source, i, json_list(n->root, "dbSources")) {
		const char *id = source_id(n->a, n->root, i);

		json_each(item, j, json_list(source, "dbServices")) {
			if (note_service(c, n, id, item, e))
				return -1;
		}
	}
	return note_gone(c, n, e);
}

int
versions_note(struct db *db, const json_t *root, const char *who, struct err *e)
{
	struct noting n = { .a = arena_new(), .root = root, .who = who };
	int ret;

	n.there = json_keep(n.a, json_object());
	ret = db_transact(db, note_all, &n, e);
	arena_free(&n.a);
	return ret;
}

static json_t *
version_json(struct query *q, bool gone)
{
	json_t *j = json_object();
	char when[TIME_TEXT_MAX];

	json_put_int(j, "number", query_int(q, 0));
	json_put_str(j, "time", time_iso_ms(when, query_int(q, 1)));
	json_put_str(j, "by", query_text(q, 2));
	if (query_text(q, 3))
		json_put_str(j, "database", query_text(q, 3));
	json_put_bool(j, "removed", gone);
	return j;
}

int
versions_list(struct db *db, struct arena *a, const char *service, json_t **out,
	struct err *e)
{
	struct db_conn *c = db_take(db);
	struct query *q = db_query(c, Q_ADAPTER_VERSIONS, db_text(service));
	int ret;

	*out = json_keep(a, json_array());
	while (query_next(q))
		json_array_append_new(
			*out, version_json(q, query_int(q, 4) != 0));
	ret = query_end(q, e);
	db_give(c);
	if (!ret && !json_array_size(*out))
		return fail(e, FAULT_NOT_FOUND,
			"there is and was no data service \"%.100s\"", service);
	return ret;
}

int
versions_get(struct db *db, struct arena *a, const char *service,
	int64_t number, json_t **out, struct err *e)
{
	const struct json_limits limits = { .bytes = SERVICES_FILE_MAX };
	struct db_conn *c = db_take(db);
	struct query *q = db_query(
		c, Q_ADAPTER_VERSION_GET, db_text(service), db_int(number));
	const char *text = NULL;
	json_t *was;
	int ret;

	*out = NULL;
	if (query_next(q)) {
		text = query_text_dup(a, q, 4);
		*out = json_keep(a, version_json(q, !text));
	}
	ret = query_end(q, e);
	db_give(c);
	if (ret)
		return -1;
	if (!*out)
		return fail(e, FAULT_NOT_FOUND,
			"data service \"%.100s\" has no version %lld", service,
			(long long)number);
	if (!text)
		return 0;
	if (json_parse(a, bytes_str(text), &limits, &was, e))
		return -1;
	json_object_set(*out, "service", was);
	return 0;
}

int
versions_before(
	struct db *db, const char *service, int64_t *number, struct err *e)
{
	struct db_conn *c = db_take(db);
	struct query *q =
		db_query(c, Q_ADAPTER_VERSION_BEFORE, db_text(service));
	int ret;

	*number = query_next(q) ? query_int(q, 0) : 0;
	ret = query_end(q, e);
	db_give(c);
	if (!ret && !*number)
		return fail(e, FAULT_NOT_FOUND,
			"data service \"%.100s\" has no version before this "
			"one",
			service);
	return ret;
}
