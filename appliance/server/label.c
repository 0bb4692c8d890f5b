/* SPDX-License-Identifier: MIT */
/* Who this security server is, from its database, for backups. */
#include <stdio.h>

#include "db.h"
#include "file.h"
#include "param.h"
#include "server_int.h"
#include "server_sql.h"

int
server_label(const struct conf *c, char *out, unsigned long max, struct err *e)
{
	const char *path = conf_data_path(c, "server.db");
	struct db *db = NULL;
	struct db_conn *conn;
	struct query *q;
	int ret;

	*out = '\0';
	if (!file_exists(path))
		return 0;
	if (db_open(&db, &schema_server, path, DB_READONLY, e))
		return -1;
	conn = db_take(db);
	q = db_query(conn, Q_SERVER_IDENTITY);
	if (query_next(q))
		snprintf(out, max, "%s/%s/%s/%s", query_text(q, 0),
			query_text(q, 1), query_text(q, 2), query_text(q, 3));
	ret = query_end(q, e);
	db_give(conn);
	db_close(&db);
	return ret;
}
