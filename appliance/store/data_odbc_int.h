/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of the ODBC driver: the companion process of a
 * connection (odbc_wire.h).
 */
#pragma once

#ifndef IN_STORE
# error "data_odbc_int.h is private to appliance/store"
#endif

#include <sys/types.h>

#include "datasource_int.h"
#include "frame.h"
#include "odbc_wire.h"

enum { ODBC_JUDGED_MS = 5 * 60000 };

struct odbc {
	pid_t pid; /* 0: none */
	int fd, cancel_fd;
	uint32_t serial;
	struct buf out, in;
	struct frame frame;  /* over `in` */
	uint32_t rows;       /* of the batch that are left */
	bool running, more;  /* more batches */
	struct arena *texts; /* of the row */
	struct cell *cell;
};

struct odbc_prepared {
	uint32_t id;
	bool there; /* the companion knows it */
	struct arena *arena;
	struct data_field *column;
	size_t columns;
	enum data_kind *use; /* of each ? of the statement */
};

/* ---- data_odbc_process.c ---- */
int odbc_spawn(struct link *l, struct err *e);
void odbc_kill(struct link *l);
/* Sends what was written into out, waits for the answer of that type; its
   fields are in frame. An ERROR is a fault. */
int odbc_ask(struct link *l, enum wire_type want, int64_t until, struct err *e);
/* What came in is opened as frame: an answer of that type, or a fault (an
   ERROR is one, and marks the link). */
int odbc_heard(struct link *l, enum wire_type want, struct err *e);
int odbc_broken(struct link *l, struct err *e);

/* ---- data_odbc_judge.c ---- */
int odbc_judge(struct link *l, struct command *c, struct arena *a,
	struct description *out, struct err *e);

/* ---- data_odbc_answer.c: what the companion sends is not believed ---- */
/* The fields of SHAPE. -1: it is none. */
int odbc_read_shape(struct frame *f, struct odbc_prepared *p, size_t params);
/* The fields of LISTED. -1: it is none. */
int odbc_read_list(
	struct frame *f, struct arena *a, data_column_fn *fn, void *ctx);
/* The head of ROWS. */
int odbc_read_rows(
	struct frame *f, bool *more, int64_t *affected, uint32_t *rows);
/* One row of n cells. */
int odbc_read_row(
	struct frame *f, struct arena *a, struct cell *cell, size_t n);
/* The fields of ERROR as a fault. Returns -1. */
int odbc_read_error(struct frame *f, struct err *e);
void odbc_put_cell(struct buf *out, const struct cell *v);
