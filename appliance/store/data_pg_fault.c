/* SPDX-License-Identifier: MIT */
/*
 * PostgreSQL's SQLSTATEs (its manual, appendix A) as faults.
 */
#include <string.h>

#include "data_pg_int.h"
#include "text.h"

/* The first row whose code is the beginning of the SQLSTATE. */
static const struct {
	const char *state;
	enum fault fault;
} row[] = {
	{ "08", FAULT_DATA_GONE }, { "0A", FAULT_DATA_STATEMENT },
	{ "22012", FAULT_DATA_DIVISION }, { "22", FAULT_DATA_TYPE },
	{ "23", FAULT_DATA_CONSTRAINT },
	{ "25006", FAULT_DATA_DENIED }, /* read-only transaction */
	{ "26000", FAULT_DATA_STATEMENT }, { "28", FAULT_DATA_LOGIN },
	{ "3D000", FAULT_DATA_LOGIN }, { "42501", FAULT_DATA_DENIED },
	{ "42", FAULT_DATA_STATEMENT }, { "44", FAULT_DATA_CONSTRAINT },
	{ "53300", FAULT_DATA_BUSY },
	{ "55P03", FAULT_DATA_SLOW }, /* lock not available */
	{ "57014", FAULT_DATA_SLOW }, /* cancelled: by time */
	{ "57P", FAULT_DATA_GONE },   /* shutdown, starting up */
};

static enum fault
fault_of(const char *state)
{
	for (size_t i = 0; state && i < sizeof(row) / sizeof(*row); i++)
		if (str_prefix(state, row[i].state))
			return row[i].fault;
	return FAULT_DATABASE;
}

int
pg_fail(struct link *l, struct prepared *p, const PGresult *r, struct err *e)
{
	const struct pg *g = l->own;
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *said = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	enum fault f = fault_of(state);

	if (PQstatus(g->conn) != CONNECTION_OK || !state) {
		l->broken = true;
		f = FAULT_DATA_GONE;
	}
	if (f == FAULT_DATA_GONE || f == FAULT_DATA_LOGIN)
		l->broken = true;
	/* "cached plan must not change result type" and a statement that
	   somebody deallocated */
	if (p && (f == FAULT_DATA_STATEMENT || f == FAULT_DATA_DENIED))
		p->stale = true;
	return fail(e, f, "%s", said ? said : PQerrorMessage(g->conn));
}

/* With verbose messages the SQLSTATE follows the severity, which is in the
   server's language: "FATAL:  28P01: password ...". */
static const char *
state_within(const char *text)
{
	static const char code[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const char *p = text;

	while ((p = strstr(p, ":  ")) != NULL) {
		p += 3;
		if (strspn(p, code) == 5 && p[5] == ':')
			return p;
	}
	return NULL;
}

int
pg_connect_failed(struct link *l, struct err *e)
{
	const struct pg *g = l->own;
	const char *text = PQerrorMessage(g->conn);
	const char *state = state_within(text);
	enum fault f = state ? fault_of(state) : FAULT_DATA_GONE;

	/* its own words before anything was sent */
	if (!state &&
		(strstr(text, "password") || strstr(text, "authentication")))
		f = FAULT_DATA_LOGIN;
	return fail(e, f == FAULT_DATABASE ? FAULT_DATA_GONE : f, "%.*s",
		(int)strcspn(text, "\n"), text);
}
