/* SPDX-License-Identifier: MIT */
/*
 * Migrations: each in one transaction together with user_version, so that a
 * crash leaves the database at a version, never between two. application_id
 * says whose file it is: the low bits of the FNV-1a hash of the name.
 */
#include <inttypes.h>
#include <stdio.h>

#include "err.h"
#include "log.h"
#include "store_int.h"

static int32_t
application_id(const struct db_schema *schema)
{
	uint32_t h = 2166136261u;
	const char *s;

	for (s = "machilink/"; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	for (s = schema->name; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return (int32_t)(h & 0x7fffffff);
}

static int
identity_check(struct db_conn *c, int64_t *version, struct err *e)
{
	const struct db_schema *schema = c->db->schema;
	int64_t id, objects;

	if (conn_number(c, "PRAGMA user_version", version, e) != 0 ||
		conn_number(c, "PRAGMA application_id", &id, e) != 0 ||
		conn_number(c, "SELECT count(*) FROM sqlite_master", &objects,
			e) != 0)
		return -1;
	if (id == 0 && *version == 0 && objects == 0)
		return 0; /* new */
	if (id != application_id(schema))
		return fail(e, FAULT_DATABASE,
			"%s is not the database '%s' of this program",
			c->db->path, schema->name);
	if (*version > (int64_t)schema->n_migrations)
		return fail(e, FAULT_DATABASE,
			"database %s (%s) has version %" PRId64
			", this program knows versions up to %zu: a newer "
			"program has used it; install that one",
			schema->name, c->db->path, *version,
			schema->n_migrations);
	return 0;
}

static int
migration_run(struct db_conn *c, const struct db_migration *m, struct err *e)
{
	char pragma[96];

	if (conn_exec(c, m->sql, e) != 0)
		return -1;
	if (sqlite3_get_autocommit(c->handle))
		return fail(e, FAULT_DATABASE,
			"database %s: migration %d ended its transaction",
			c->db->schema->name, m->number);
	snprintf(pragma, sizeof(pragma),
		"PRAGMA application_id = %" PRId32 "; PRAGMA user_version = %d",
		application_id(c->db->schema), m->number);
	return conn_exec(c, pragma, e);
}

/* Runs the next migration. *version is where the database stands after it. */
static int
migration_step(struct db_conn *c, int64_t *version, struct err *e)
{
	const struct db_schema *schema = c->db->schema;
	const struct db_migration *m;

	if (db_begin(c, e) != 0)
		return -1;
	/* another process may have been faster */
	if (identity_check(c, version, e) != 0)
		goto undo;
	if (*version == (int64_t)schema->n_migrations) {
		db_rollback(c);
		return 0;
	}
	m = &schema->migration[*version];
	if (migration_run(c, m, e) != 0)
		goto undo;
	if (db_commit(c, e) != 0)
		return -1;
	*version = m->number;
	log_info("database %s: migration %d (%s) done", schema->name, m->number,
		m->name);
	return 0;
undo:
	db_rollback(c);
	return -1;
}

int
conn_migrate(struct db_conn *c, struct err *e)
{
	const struct db_schema *schema = c->db->schema;
	int64_t version;

	if (identity_check(c, &version, e) != 0)
		return -1;
	if (version == (int64_t)schema->n_migrations)
		return 0;
	if (c->db->flags & (DB_READONLY | DB_VIEWS))
		return fail(e, FAULT_DATABASE,
			"database %s (%s) has version %" PRId64
			" and waits for its owner to bring it to %zu",
			schema->name, c->db->path, version,
			schema->n_migrations);
	while (version < (int64_t)schema->n_migrations)
		if (migration_step(c, &version, e) != 0)
			return -1;
	return 0;
}
