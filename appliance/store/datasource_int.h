/* SPDX-License-Identifier: MIT */
/*
 * What a driver of datasource.h is and what it works on. The common part does
 * the pool, retries, limits, cancelling and the wording of faults; a driver
 * only talks to its database.
 */
#pragma once

#ifndef IN_STORE
# error "datasource_int.h is private to appliance/store"
#endif

#include <pthread.h>
#include <stdatomic.h>

#include "datasource.h"
#include "err.h"
#include "sqltext.h"

enum {
	LINK_STATEMENTS_MAX = 100, /* prepared on one connection */
	CANCEL_TURN_MS = 200,      /* between cancels, if one was not heard */
	DATA_RETRY_MS = 300, /* a database that was gone is not asked again */
};

/* One connection. Belongs to the pool while idle, to one cursor while taken. */
struct link {
	struct datasource *ds;
	struct link *next;
	void *own; /* the driver's */
	bool write;
	bool broken; /* driver: do not use it again */
	bool fresh;  /* has not run anything yet */
	bool closing;
	int64_t since;
	struct prepared *prepared; /* the most recently used first */
	size_t n_prepared;
};

/* A command on a link. */
struct prepared {
	struct prepared *next;
	struct command *command; /* reference */
	bool stale; /* driver: the database forgot it or changed under it */
	void *own;  /* the driver's */
};

struct command {
	struct datasource *ds; /* reference */
	struct arena *arena;
	struct sqltext text;
	const char *sql; /* as the driver's database wants it */
	const char *const *tables;
	const char *const *functions;
	bool write;
	atomic_int refs;
	atomic_bool retired; /* freed by its owner */
	atomic_llong judged; /* driver: clock_ticks() of its verdict */
};

struct cursor {
	struct command *command; /* reference */
	struct link *link;
	struct prepared *prepared;
	struct arena *arena; /* the bound values */
	struct cell *value;  /* one per parameter */
	struct cursor_limits limits;
	int64_t until; /* clock_ticks(); INT64_MAX no limit */
	int64_t rows_left;
	int64_t affected;
	void (*on_wait)(void *state); /* or NULL */
	void *wait_state;
	int64_t wait_at; /* when it is called; INT64_MAX never */
	int first; /* what start() returned, for the first cursor_next() */
	enum { CURSOR_NEW, CURSOR_FIRST, CURSOR_RUNS, CURSOR_OVER } state;
	bool capped;
	bool begun; /* driver: the database may have changed something */
	atomic_bool cancelled;
	pthread_mutex_t lock; /* guards link against cursor_cancel() */
};

/* Hears of one column; tables in order, columns in theirs. */
typedef void data_column_fn(
	void *ctx, const struct data_table *t, const struct data_field *f);

struct driver {
	const char *name;
	enum sqltext_style style;
	enum sql_dialect (*dialect)(const struct datasource *ds);
	/* Is the description whole? May make the driver's part of the
	   source. */
	int (*open)(struct datasource *ds, struct err *e);
	void (*close)(struct datasource *ds); /* may be NULL */

	int (*connect)(struct link *l, struct err *e);
	void (*disconnect)(struct link *l);
	/* Cheap: does it look as if it could be used? */
	bool (*alive)(struct link *l);
	int (*ping)(struct link *l, struct err *e);

	/* Parses the command and checks what it may do. */
	int (*prepare)(struct link *l, struct prepared *p, struct err *e);
	void (*forget)(struct link *l, struct prepared *p);
	int (*describe)(struct link *l, struct prepared *p, struct arena *a,
		struct description *out, struct err *e);
	int (*plan)(struct link *l, struct prepared *p, struct buf *out,
		struct err *e);
	const char *(*column)(const struct prepared *p, int col);

	/* Binds q->value and runs: 1 there is a row, 0 no more, -1. Until
	   q->until. A write begins its transaction, and sets q->affected when
	   there is no more. */
	int (*start)(struct cursor *q, struct err *e);
	int (*next)(struct cursor *q, struct err *e);
	void (*cell)(struct cursor *q, int col, struct cell *out);
	/* The run is over or given up. A write is committed or rolled back,
	   which can fail. Sets q->affected when committing. */
	int (*finish)(struct cursor *q, bool commit, struct err *e);
	/* From another thread, while a run may be going on. */
	void (*cancel)(struct link *l);
	/* What may be read; NULL: it cannot tell. */
	int (*tables)(
		struct link *l, data_column_fn *fn, void *ctx, struct err *e);
};

struct datasource {
	struct datasource_config config; /* in the arena */
	struct arena *arena;             /* secret */
	const struct driver *driver;
	void *own; /* the driver's */
	atomic_int refs;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	struct link *idle; /* the last given first */
	int links;         /* open or being opened */
	int n_idle;
	bool closed;
	int64_t failed_at; /* the last connection that could not be made */
	struct err failure;
	int64_t connected, lost;
};

extern const struct driver driver_sqlite, driver_postgresql, driver_odbc;

/* ---- datasource.c ---- */
void datasource_unref(struct datasource *ds);
/* A connection, new or used. `used` false: only a new one. */
int link_take(struct datasource *ds, bool write, bool used, struct link **out,
	struct err *e);
/* Back to the pool, or closed when broken. */
void link_give(struct link **l);
/* ---- command.c ---- */
void command_unref(struct command *c);
/* The command prepared on the link. */
int link_prepare(struct link *l, struct command *c, struct prepared **out,
	struct err *e);
void link_forget_all(struct link *l, bool retired_only);
/* Drivers, while they wait for a row: calls what cursor_on_wait() set when it
   is time. */
void cursor_lull(struct cursor *q);
/* Replaces the database's words by the fault's sentence, logging them. */
void data_plain(const struct datasource *ds, struct err *e);
/* name is in the NULL-ended list, without case. */
bool data_listed(const char *const *list, const char *name);
/* The kind that a type's name suggests; without case, by prefix. */
enum data_kind data_kind_of(const char *type);
/* A list as the text of a JSON array. */
void data_list_json(const struct cell *list, struct buf *out);
