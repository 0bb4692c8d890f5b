/* SPDX-License-Identifier: MIT */
/*
 * Waiting for PostgreSQL with an end: connections, results, cancelling.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "clock.h"
#include "data_pg_int.h"

/* 1 something happened, 0 too late. */
static int
await(int fd, short events, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left;
	int n;

	do {
		left = until - clock_ticks();
		if (left < 0)
			left = 0;
		if (left > 60000)
			left = 60000;
		n = poll(&p, 1, (int)left);
	} while (
		(n < 0 && errno == EINTR) || (n == 0 && clock_ticks() < until));
	return n > 0;
}

int
pg_await_connection(struct link *l, struct err *e)
{
	struct pg *g = l->own;
	int64_t until = clock_ticks() + l->ds->config.connect_ms;
	PostgresPollingStatusType s = PGRES_POLLING_WRITING;

	while (s != PGRES_POLLING_OK && s != PGRES_POLLING_FAILED) {
		if (!await(PQsocket(g->conn),
			    s == PGRES_POLLING_READING ? POLLIN : POLLOUT,
			    until))
			return fail(e, FAULT_DATA_GONE,
				"no connection within %d ms",
				l->ds->config.connect_ms);
		s = PQconnectPoll(g->conn);
	}
	return s == PGRES_POLLING_OK ? 0 : pg_connect_failed(l, e);
}

static int
gone(struct link *l, struct err *e)
{
	const struct pg *g = l->own;
	const char *text = PQerrorMessage(g->conn);

	l->broken = true;
	return fail(e, FAULT_DATA_GONE, "%.*s", (int)strcspn(text, "\n"), text);
}

int
pg_result(struct link *l, int64_t until, PGresult **out, struct err *e)
{
	struct pg *g = l->own;
	int more;

	*out = NULL;
	while ((more = PQflush(g->conn)) == 1 || PQisBusy(g->conn)) {
		if (!await(PQsocket(g->conn), more ? POLLIN | POLLOUT : POLLIN,
			    until))
			return fail(e, FAULT_DATA_SLOW,
				"the database did not answer in time");
		if (!PQconsumeInput(g->conn))
			return gone(l, e);
	}
	if (more < 0)
		return gone(l, e);
	*out = PQgetResult(g->conn);
	g->busy = *out != NULL;
	return 0;
}

int
pg_finish(struct link *l, int64_t until, PGresult **out, struct err *e)
{
	PGresult *r, *last = NULL;
	int ret = 0;

	for (;;) {
		if (pg_result(l, until, &r, e)) {
			l->broken = true;
			ret = -1;
			break;
		}
		if (!r)
			break;
		PQclear(last);
		last = r;
		if (PQresultStatus(r) != PGRES_COMMAND_OK &&
			PQresultStatus(r) != PGRES_TUPLES_OK)
			ret = pg_fail(l, NULL, r, e);
	}
	if (ret || !out)
		PQclear(last);
	else
		*out = last;
	return ret;
}

int
pg_exec(struct link *l, const char *sql, const char *const *value, int values,
	PGresult **out, struct err *e)
{
	struct pg *g = l->own;
	int sent;

	if (values)
		sent = PQsendQueryParams(
			g->conn, sql, values, NULL, value, NULL, NULL, 0);
	else
		sent = PQsendQuery(g->conn, sql);
	if (!sent)
		return gone(l, e);
	return pg_finish(l, clock_ticks() + l->ds->config.connect_ms, out, e);
}

void
pg_cancel(struct link *l)
{
	struct pg *g = l->own;
	int64_t until = clock_ticks() + PG_CANCEL_MS;
	PostgresPollingStatusType s = PGRES_POLLING_WRITING;

	pthread_mutex_lock(&g->lock);
	if (g->cancel && PQcancelStart(g->cancel)) {
		while (s != PGRES_POLLING_OK && s != PGRES_POLLING_FAILED &&
			await(PQcancelSocket(g->cancel),
				s == PGRES_POLLING_READING ? POLLIN : POLLOUT,
				until))
			s = PQcancelPoll(g->cancel);
	}
	if (g->cancel)
		PQcancelReset(g->cancel);
	pthread_mutex_unlock(&g->lock);
}
