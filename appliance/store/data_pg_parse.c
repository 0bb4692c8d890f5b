/* SPDX-License-Identifier: MIT */
/*
 * Preparing a statement on PostgreSQL. It cannot tell the type of a parameter
 * that a filter begins with, (:day IS NULL OR opened = :day), although what
 * follows says it: then the types are learned from the statement without such
 * uses, and given with the whole one.
 */
#include <string.h>

#include "data_pg_int.h"
#include "mem.h"

enum { TYPE_TEXT = 25 };

static int
gone(struct link *l, struct err *e)
{
	l->broken = true;
	return fail(e, FAULT_DATA_GONE, "the connection is gone");
}

static int
parse(struct link *l, const char *name, const char *sql, const Oid *type,
	size_t types, int64_t until, struct err *e)
{
	struct pg *g = l->own;

	if (!PQsendPrepare(g->conn, name, sql, (int)types, type))
		return gone(l, e);
	return pg_finish(l, until, NULL, e);
}

int
pg_about(struct link *l, const char *name, int64_t until, PGresult **out,
	struct err *e)
{
	struct pg *g = l->own;

	if (!PQsendDescribePrepared(g->conn, name))
		return gone(l, e);
	return pg_finish(l, until, out, e);
}

/* Of each parameter; what is only compared with NULL may be anything. False if
   there is nothing to be learned: every use is there already. */
static bool
first_types(const struct sqltext *t, Oid type[])
{
	bool any = false;

	for (size_t i = 0; i < t->params; i++)
		type[i] = TYPE_TEXT;
	for (size_t i = 0; i < t->uses; i++)
		if (t->use[i].is)
			any = true;
		else
			type[t->use[i].param] = 0;
	return any;
}

static int
learn(struct link *l, const struct sqltext *t, Oid type[], int64_t until,
	struct err *e)
{
	PGresult *about = NULL;
	struct buf b;
	int ret;

	buf_init(&b, 2 * SQLTEXT_MAX);
	sqltext_render(t, SQLTEXT_TYPING, &b);
	ret = buf_ok(&b, "the statement", e);
	if (!ret)
		ret = parse(l, "", b.data, type, t->params, until, e);
	if (!ret)
		ret = pg_about(l, "", until, &about, e);
	for (int i = 0; !ret && i < PQnparams(about); i++)
		type[i] = PQparamtype(about, i);
	PQclear(about);
	buf_done(&b);
	return ret;
}

int
pg_parse(struct link *l, struct prepared *p, int64_t until, struct err *e)
{
	const struct sqltext *t = &p->command->text;
	const struct pg_statement *s = p->own;
	const char *sql = p->command->sql;
	Oid type[SQLTEXT_PARAMS_MAX];
	struct err why = ERR_INIT;

	if (!parse(l, s->name, sql, NULL, 0, until, &why))
		return 0;
	if (why.fault == FAULT_DATA_STATEMENT && first_types(t, type) &&
		!learn(l, t, type, until, NULL) &&
		!parse(l, s->name, sql, type, t->params, until, NULL))
		return 0;
	if (e && !err_set(e))
		*e = why;
	return -1;
}
