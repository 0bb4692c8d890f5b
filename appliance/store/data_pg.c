/* SPDX-License-Identifier: MIT */
/*
 * The PostgreSQL driver of datasource.h, with libpq: connections and prepared
 * statements. The session is read-only by default; nothing is taken from this
 * machine's libpq files or environment.
 */
#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "data_pg_int.h"
#include "data_relay_int.h"
#include "mem.h"
#include "text.h"

enum {
	VERSION_MIN = 140000, /* functions with a parsed body */
	PORT_TEXT_MAX = 12,
};

static enum sql_dialect
pg_dialect(const struct datasource *ds)
{
	(void)ds;
	return SQL_POSTGRESQL;
}

static int
port_of(const struct datasource_config *c)
{
	return c->port > 0 ? c->port : 5432;
}

static int
pg_source_open(struct datasource *ds, struct err *e)
{
	const struct datasource_config *c = &ds->config;

	if (!c->host || !c->database || !c->user)
		return fail(e, FAULT_CONFIG,
			"data source \"%.100s\" needs host, database and user",
			c->name);
	if (*c->host == '/' || c->tls == DATA_TLS_OFF)
		return 0;
	return relay_open((struct relay **)&ds->own, c, port_of(c), e);
}

static void
pg_source_close(struct datasource *ds)
{
	struct relay *r = ds->own;

	relay_close(&r);
}

/* Where libpq connects to: the server, or the relay that speaks TLS. */
static const char *
host_of(const struct datasource *ds)
{
	return ds->own ? relay_dir(ds->own) : ds->config.host;
}

static PGconn *
begin(const struct datasource *ds)
{
	const struct datasource_config *c = &ds->config;
	char port_text[PORT_TEXT_MAX];

	snprintf(port_text, sizeof(port_text), "%d", port_of(c));
	/* without TLS a password is not sent as it is */
	const char *auth =
		*c->host == '/' || c->tls != DATA_TLS_OFF ? "" : "!password";
	const char *const key[] = { "host", "port", "dbname", "user",
		"password", "passfile", "client_encoding", "application_name",
		"sslmode", "gssencmode", "require_auth", "options", NULL };
	const char *const value[] = { host_of(ds), port_text, c->database,
		c->user, c->password ? c->password : "", "/dev/null/none",
		"UTF8", "machilink", "disable", "disable", auth, "", NULL };

	return PQconnectStartParams(key, value, 0);
}

static void
ignore_notice(void *ctx, const PGresult *r)
{
	(void)ctx;
	(void)r;
}

/* What the relay met says more than that its socket was closed. */
static int
failed(struct link *l, struct err *why, struct err *e)
{
	if (l->ds->own)
		relay_failure(l->ds->own, why);
	if (e && !err_set(e))
		*e = *why;
	return -1;
}

static int
session_prepare(struct link *l, struct err *e)
{
	struct pg *g = l->own;

	if (PQserverVersion(g->conn) < VERSION_MIN)
		return fail(e, FAULT_CONFIG,
			"the server is PostgreSQL %d; 14 or newer is needed",
			PQserverVersion(g->conn) / 10000);
	return pg_exec(l,
		"SET default_transaction_read_only = on;"
		"SET DateStyle = ISO; SET IntervalStyle = iso_8601;"
		"SET bytea_output = hex; SET extra_float_digits = 1;"
		"SET standard_conforming_strings = on;"
		"SET idle_in_transaction_session_timeout = 60000;"
		"SET plan_cache_mode = auto",
		NULL, 0, NULL, e);
}

static int
pg_connect(struct link *l, struct err *e)
{
	struct pg *g = mem_alloc(sizeof(*g));
	struct err why = ERR_INIT;

	l->own = g;
	pthread_mutex_init(&g->lock, NULL);
	g->cells = arena_new();
	g->timeout_ms = -1;
	g->conn = begin(l->ds);
	if (!g->conn || PQstatus(g->conn) == CONNECTION_BAD)
		return pg_connect_failed(l, e);
	PQsetNoticeReceiver(g->conn, ignore_notice, NULL);
	PQsetErrorVerbosity(g->conn, PQERRORS_VERBOSE);
	if (pg_await_connection(l, &why))
		return failed(l, &why, e);
	PQsetErrorVerbosity(g->conn, PQERRORS_DEFAULT);
	PQsetnonblocking(g->conn, 1);
	g->cancel = PQcancelCreate(g->conn);
	return session_prepare(l, e);
}

static void
pg_disconnect(struct link *l)
{
	struct pg *g = l->own;

	PQclear(g->row);
	PQcancelFinish(g->cancel);
	PQfinish(g->conn);
	arena_free(&g->cells);
	pthread_mutex_destroy(&g->lock);
	mem_free(g);
}

/* Nothing is expected from an idle server; what there is may be its end. */
static bool
pg_alive(struct link *l)
{
	struct pg *g = l->own;
	struct pollfd p = { .fd = PQsocket(g->conn), .events = POLLIN };

	if (PQstatus(g->conn) != CONNECTION_OK || p.fd < 0)
		return false;
	if (clock_ticks() - l->since < PG_TRUST_MS)
		return true;
	if (poll(&p, 1, 0) == 0)
		return true;
	return PQconsumeInput(g->conn) && PQstatus(g->conn) == CONNECTION_OK;
}

static int
pg_ping(struct link *l, struct err *e)
{
	return pg_analyses(l, e);
}

/* ---- prepared statements ---- */

static int
judge_once(struct link *l, struct prepared *p, struct err *e)
{
	atomic_llong *judged = &p->command->judged;
	int64_t since = atomic_load(judged);

	if (since && clock_ticks() - since < PG_JUDGED_MS)
		return 0;
	if (pg_judge(l, p, NULL, NULL, e))
		return -1;
	atomic_store(judged, clock_ticks());
	return 0;
}

static int
pg_prepare(struct link *l, struct prepared *p, struct err *e)
{
	struct pg *g = l->own;
	struct pg_statement *s = mem_alloc(sizeof(*s));
	int64_t until = clock_ticks() + l->ds->config.connect_ms;

	p->own = s;
	snprintf(s->name, sizeof(s->name), "m%llu",
		(unsigned long long)++g->serial);
	if (pg_parse(l, p, until, e) ||
		pg_about(l, s->name, until, &s->about, e))
		return -1;
	if (!p->command->write && PQnfields(s->about) == 0)
		return fail(
			e, FAULT_DATA_DENIED, "the statement must be a SELECT");
	if ((size_t)PQnparams(s->about) != p->command->text.params)
		return fail(e, FAULT_DATA_STATEMENT,
			"the parameters of the statement are not clear");
	return judge_once(l, p, e);
}

static void
pg_forget(struct link *l, struct prepared *p)
{
	struct pg *g = l->own;
	struct pg_statement *s = p->own;
	char sql[PG_NAME_MAX + 20];

	if (!s)
		return;
	if (!l->broken && !l->closing && s->about && !g->busy) {
		snprintf(sql, sizeof(sql), "DEALLOCATE %s", s->name);
		(void)pg_exec(l, sql, NULL, 0, NULL, NULL);
	}
	PQclear(s->about);
	mem_free(s);
}

static const char *
pg_column(const struct prepared *p, int col)
{
	const struct pg_statement *s = p->own;

	return col < PQnfields(s->about) ? PQfname(s->about, col) : NULL;
}

static void
pg_cursor_cell(struct cursor *q, int col, struct cell *out)
{
	struct pg *g = q->link->own;

	pg_cell(g->cells, g->row, 0, col, out);
}

const struct driver driver_postgresql = {
	.name = "postgresql",
	.style = SQLTEXT_DOLLAR,
	.dialect = pg_dialect,
	.open = pg_source_open,
	.close = pg_source_close,
	.connect = pg_connect,
	.disconnect = pg_disconnect,
	.alive = pg_alive,
	.ping = pg_ping,
	.prepare = pg_prepare,
	.forget = pg_forget,
	.describe = pg_describe,
	.plan = pg_plan,
	.column = pg_column,
	.start = pg_start,
	.next = pg_next,
	.cell = pg_cursor_cell,
	.finish = pg_end,
	.cancel = pg_cancel,
	.tables = pg_tables,
};
