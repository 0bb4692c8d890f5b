/* SPDX-License-Identifier: MIT */
/*
 * Which tables and views a PostgreSQL user may read, with their columns.
 */
#include <string.h>

#include "data_pg_int.h"
#include "err.h"
#include "text.h"

static const char question[] =
	"SELECT CASE WHEN pg_catalog.pg_table_is_visible(c.oid) THEN '' "
	"ELSE n.nspname END, c.relname, c.relkind IN ('v', 'm'), a.attname, "
	"pg_catalog.format_type(a.atttypid, a.atttypmod), a.atttypid "
	"FROM pg_catalog.pg_class c "
	"JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
	"JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
	"WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND a.attnum > 0 "
	"AND NOT a.attisdropped AND n.nspname NOT LIKE 'pg\\_%' "
	"AND n.nspname <> 'information_schema' "
	"AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') "
	"ORDER BY 1, 2, c.oid, a.attnum";

int
pg_tables(struct link *l, data_column_fn *fn, void *ctx, struct err *e)
{
	PGresult *r = NULL;
	int64_t type;

	if (pg_exec(l, question, NULL, 0, &r, e))
		return -1;
	for (int i = 0; i < PQntuples(r); i++) {
		const char *schema = PQgetvalue(r, i, 0);
		const struct data_table t = {
			.schema = *schema ? schema : NULL,
			.name = PQgetvalue(r, i, 1),
			.view = *PQgetvalue(r, i, 2) == 't',
		};
		struct data_field f = {
			.name = PQgetvalue(r, i, 3),
			.type = PQgetvalue(r, i, 4),
		};

		if (!int_parse(PQgetvalue(r, i, 5), 0, UINT32_MAX, &type, NULL))
			f.kind = pg_kind((Oid)type, &f.item);
		fn(ctx, &t, &f);
	}
	PQclear(r);
	return 0;
}
