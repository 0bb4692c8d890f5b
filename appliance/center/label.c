/* SPDX-License-Identifier: MIT */
/* Which instance this center leads, from its database, for backups. */
#include <stdio.h>

#include "center_int.h"
#include "center_sql.h"
#include "db.h"
#include "file.h"
#include "mem.h"
#include "param.h"

int
center_label(const struct conf *c, char *out, unsigned long max, struct err *e)
{
	const char *path = conf_data_path(c, "center.sqlite");
	struct arena *a;
	struct instance in;
	struct db *db = NULL;
	struct db_conn *conn;
	int ret;

	*out = '\0';
	if (!file_exists(path))
		return 0;
	if (db_open(&db, &schema_center, path, DB_READONLY, e))
		return -1;
	a = arena_new();
	conn = db_take(db);
	ret = instance_load(conn, a, &in, e);
	if (!ret && in.instance)
		snprintf(out, max, "%s", in.instance);
	db_give(conn);
	db_close(&db);
	arena_free(&a);
	return ret;
}
