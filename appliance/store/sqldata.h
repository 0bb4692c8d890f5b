/* SPDX-License-Identifier: MIT */
/*
 * Reading somebody's SQLite file with one statement given as text: what the
 * adapter needs to publish a member's data. The file is never written: it is
 * opened read-only, an authorizer lets the statement only read (of the allowed
 * tables), and rows and time are capped. Used by one thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct err;
struct sqldata;

enum {
	SQLDATA_SQL_MAX = 64 * 1024,          /* bytes of the statement */
	SQLDATA_VALUE_MAX = 16 * 1024 * 1024, /* bytes of one value */
};

/* Opens the file and prepares the statement. `tables`: names of tables and
   views that may be read, NULL-ended; NULL allows all; borrowed until the
   close. A view is listed together with the views it uses. FAULT_NOT_FOUND no such
   file, FAULT_FORBIDDEN the statement does more than read what is allowed,
   FAULT_BAD_REQUEST not one valid statement, FAULT_DATABASE the file. */
int sqldata_open(struct sqldata **out, const char *path, const char *sql,
	const char *const *tables, struct err *e);
void sqldata_close(struct sqldata **s);

/* Named parameters (":name", "$name" or "@name") without their first
   character, each once; NULL past the last. A "?" is refused at open. */
const char *sqldata_param(const struct sqldata *s, int i);
/* Result columns from 0; NULL past the last. */
const char *sqldata_column(const struct sqldata *s, int i);
/* Declared type of the column ("TEXT", "integer" ...), "" for expressions. */
const char *sqldata_decltype(const struct sqldata *s, int i);

/* Binds by name; FAULT_BAD_REQUEST for an unknown one. Values are copied.
   What is not bound is null. */
int sqldata_text(
	struct sqldata *s, const char *name, const char *v, struct err *e);
int sqldata_int(struct sqldata *s, const char *name, int64_t v, struct err *e);
int sqldata_real(struct sqldata *s, const char *name, double v, struct err *e);
int sqldata_blob(
	struct sqldata *s, const char *name, struct bytes v, struct err *e);

/* Starts (again). rows: most rows; ms: longest time until the last row. */
void sqldata_start(struct sqldata *s, int64_t rows, int64_t ms);
/* 1 there is a row, 0 the end, -1 FAULT_LIMIT (time) or FAULT_DATABASE. */
int sqldata_next(struct sqldata *s, struct err *e);
/* After the end: there were more rows than the cap. */
bool sqldata_capped(const struct sqldata *s);
/* Forgets the bound values and the run. */
void sqldata_reset(struct sqldata *s);

enum sqldata_type {
	SQLDATA_NULL,
	SQLDATA_INT,
	SQLDATA_REAL,
	SQLDATA_TEXT,
	SQLDATA_BLOB
};
/* Of the row; borrowed until the next sqldata_next(). */
enum sqldata_type sqldata_type_of(struct sqldata *s, int col);
const char *sqldata_get_text(struct sqldata *s, int col);
int64_t sqldata_get_int(struct sqldata *s, int col);
double sqldata_get_real(struct sqldata *s, int col);
struct bytes sqldata_get_blob(struct sqldata *s, int col);
