/* SPDX-License-Identifier: MIT */
/*
 * A database: its file, its pool of connections, its one writer at a time,
 * transactions. SQLite is the driver; nothing above db.h can tell.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "faultpoint.h"
#include "file.h"
#include "log.h"
#include "mem.h"
#include "store_int.h"

int
conn_exec(struct db_conn *c, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(c->handle, sql, NULL, NULL, NULL);

	if (rc == SQLITE_OK)
		return 0;
	return db_fail(c->db, rc, sql, sqlite3_errmsg(c->handle), e);
}

int
conn_number(struct db_conn *c, const char *sql, int64_t *out, struct err *e)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(c->handle, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc != SQLITE_ROW) {
		db_fail(c->db, rc, sql, sqlite3_errmsg(c->handle), e);
		sqlite3_finalize(stmt);
		return -1;
	}
	*out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return 0;
}

static bool
db_reads_only(const struct db *db)
{
	return (db->flags & (DB_READONLY | DB_VIEWS)) != 0;
}

static void
conn_close(struct db_conn *c)
{
	size_t i;

	for (i = 0; i < c->db->schema->n_statements; i++)
		sqlite3_finalize(c->query[i].stmt);
	sqlite3_close(c->handle);
	mem_free(c);
}

static int
conn_configure(struct db_conn *c, struct err *e)
{
	sqlite3 *h = c->handle;

	sqlite3_extended_result_codes(h, 1);
	sqlite3_busy_timeout(h, BUSY_MS);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	/* what a savepoint may have to undo stays in memory */
	if (conn_exec(c, "PRAGMA temp_store = MEMORY", e) != 0)
		return -1;
	if (db_reads_only(c->db))
		return 0;
	if (conn_exec(c, "PRAGMA journal_mode = WAL", e) != 0 ||
		conn_exec(c, "PRAGMA journal_size_limit = 67108864", e) != 0)
		return -1;
	return conn_exec(c,
		c->db->flags & DB_EVIDENCE ? "PRAGMA synchronous = FULL"
					   : "PRAGMA synchronous = NORMAL",
		e);
}

static int
conn_open(struct db_conn **out, struct db *db, struct err *e)
{
	size_t n = db->schema->n_statements;
	struct db_conn *c = mem_alloc(sizeof(*c) + n * sizeof(c->query[0]));
	int flags = db_reads_only(db)
			    ? SQLITE_OPEN_READONLY
			    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	int rc;

	c->db = db;
	rc = sqlite3_open_v2(
		db->path, &c->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK) {
		db_fail(db, rc, db->path,
			c->handle ? sqlite3_errmsg(c->handle) : NULL, e);
		goto out;
	}
	if (conn_configure(c, e) != 0)
		goto out;
	*out = c;
	return 0;
out:
	conn_close(c);
	return -1;
}

static void
conn_guard(struct db_conn *c)
{
	if (c->db->flags & DB_VIEWS)
		guard_install(c->handle, &c->guard);
}

/* The first connection: everything that must hold at start. */
static int
db_first(struct db *db, struct err *e)
{
	const struct db_schema *schema = db->schema;
	struct db_conn *c;
	size_t i;
	int rc;

	if (conn_open(&c, db, e) != 0)
		return -1;
	db->conn = c;
	db->n_conns = 1;
	if (conn_migrate(c, e) != 0)
		return -1;
	conn_guard(c);
	for (i = 0; i < schema->n_statements; i++) {
		struct query *q = &c->query[i];

		rc = conn_prepare(c, i, q);
		if (rc == SQLITE_AUTH && (db->flags & DB_VIEWS))
			continue; /* not through this handle */
		if (rc != SQLITE_OK)
			return db_fail(
				db, rc, schema->statement[i].name, q->why, e);
	}
	return 0;
}

/* Creates the file with its mode, so that SQLite gives it to -wal and -shm. */
static int
file_prepare(const struct db *db, struct err *e)
{
	int fd;

	if (db_reads_only(db)) {
		if (!file_exists(db->path))
			return fail(e, FAULT_NOT_FOUND,
				"there is no database %s at %s",
				db->schema->name, db->path);
		return 0;
	}
	fd = open(db->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(e, FAULT_DATABASE,
			"database %s: %s cannot be opened: %s",
			db->schema->name, db->path, strerror(errno));
	close(fd);
	return 0;
}

int
db_open(struct db **out, const struct db_schema *schema, const char *path,
	unsigned flags, struct err *e)
{
	struct db *db = mem_alloc(sizeof(*db));
	pthread_condattr_t attr;

	db->schema = schema;
	db->path = mem_dup(path);
	db->flags = flags;
	pthread_mutex_init(&db->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&db->changed, &attr);
	pthread_condattr_destroy(&attr);
	*out = NULL;
	if (file_prepare(db, e) != 0 || db_first(db, e) != 0) {
		db_close(&db);
		return -1;
	}
	*out = db;
	return 0;
}

void
db_close(struct db **db)
{
	struct db_conn *c, *next;

	if (!*db)
		return;
	for (c = (*db)->conn; c; c = next) {
		next = c->next;
		assert(!c->taken);
		conn_close(c);
	}
	pthread_cond_destroy(&(*db)->changed);
	pthread_mutex_destroy(&(*db)->lock);
	mem_free((*db)->path);
	mem_free(*db);
	*db = NULL;
}

/* An idle connection. Holds the lock. */
static struct db_conn *
pool_idle(const struct db *db)
{
	struct db_conn *c;

	for (c = db->conn; c; c = c->next)
		if (!c->taken)
			return c;
	return NULL;
}

/* A thread that has one already must not wait for itself. Holds the lock. */
static bool
pool_may_grow(const struct db *db)
{
	const struct db_conn *c;

	if (db->n_conns < POOL_MAX)
		return true;
	for (c = db->conn; c; c = c->next)
		if (pthread_equal(c->owner, pthread_self()))
			return true;
	return false;
}

static struct db_conn *
pool_grow(struct db *db)
{
	struct err why = ERR_INIT;
	struct db_conn *c;

	if (conn_open(&c, db, &why) != 0) {
		log_err("a further connection", &why);
		return NULL;
	}
	conn_guard(c);
	c->next = db->conn;
	db->conn = c;
	db->n_conns++;
	return c;
}

struct db_conn *
db_take(struct db *db)
{
	struct db_conn *c;

	pthread_mutex_lock(&db->lock);
	while (!(c = pool_idle(db))) {
		if (pool_may_grow(db) && (c = pool_grow(db)))
			break;
		pthread_cond_wait(&db->changed, &db->lock);
	}
	c->taken = true;
	c->owner = pthread_self();
	pthread_mutex_unlock(&db->lock);
	return c;
}

void
db_give(struct db_conn *c)
{
	struct db *db = c->db;

	conn_settle(c);
	if (!sqlite3_get_autocommit(c->handle)) {
		log_error("database %s: a transaction was left open and is "
			  "rolled back",
			db->schema->name);
		db_rollback(c);
	}
	pthread_mutex_lock(&db->lock);
	c->taken = false;
	pthread_cond_broadcast(&db->changed);
	pthread_mutex_unlock(&db->lock);
}

bool
gate_enter(struct db *db)
{
	int64_t until = clock_ticks() + BUSY_MS;
	struct timespec t = { .tv_sec = (time_t)(until / 1000),
		.tv_nsec = (long)(until % 1000) * 1000000 };
	bool mine;

	pthread_mutex_lock(&db->lock);
	while (db->gate && clock_ticks() < until)
		pthread_cond_timedwait(&db->changed, &db->lock, &t);
	mine = !db->gate;
	db->gate = true;
	pthread_mutex_unlock(&db->lock);
	return mine;
}

void
gate_leave(struct db *db)
{
	pthread_mutex_lock(&db->lock);
	db->gate = false;
	pthread_cond_broadcast(&db->changed);
	pthread_mutex_unlock(&db->lock);
}

int
db_begin(struct db_conn *c, struct err *e)
{
	assert(sqlite3_get_autocommit(c->handle));
	if (db_reads_only(c->db))
		return conn_exec(c, "BEGIN", e);
	if (!gate_enter(c->db))
		return db_fail(c->db, SQLITE_BUSY, "BEGIN", NULL, e);
	c->gate = true;
	if (conn_exec(c, "BEGIN IMMEDIATE", e) == 0)
		return 0;
	db_rollback(c);
	return -1;
}

static void
conn_gate_leave(struct db_conn *c)
{
	if (c->gate)
		gate_leave(c->db);
	c->gate = false;
}

int
db_commit(struct db_conn *c, struct err *e)
{
	int ret;

	if (fault_at("store.commit"))
		ret = db_fail(c->db, SQLITE_FULL, "COMMIT", NULL, e);
	else
		ret = conn_exec(c, "COMMIT", e);
	if (ret != 0)
		db_rollback(c);
	else
		conn_gate_leave(c);
	return ret;
}

void
db_rollback(struct db_conn *c)
{
	struct err why = ERR_INIT;

	conn_settle(c);
	/* SQLite may have rolled back by itself: disk full, I/O error */
	if (!sqlite3_get_autocommit(c->handle) &&
		conn_exec(c, "ROLLBACK", &why) != 0)
		log_err("rolling back", &why);
	conn_gate_leave(c);
}

int
db_transact(struct db *db, db_fn *fn, void *arg, struct err *e)
{
	struct db_conn *c = db_take(db);
	int ret = db_begin(c, e);

	if (ret == 0) {
		ret = fn(c, arg, e);
		conn_settle(c);
		if (ret == 0)
			ret = db_commit(c, e);
		else
			db_rollback(c);
	}
	db_give(c);
	return ret;
}

int64_t
db_last_id(struct db_conn *c)
{
	return sqlite3_last_insert_rowid(c->handle);
}
