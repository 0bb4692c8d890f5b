/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of the ODBC companion: one connection of one driver.
 */
#pragma once

#ifndef IN_ODBC
# error "odbc_int.h is private to appliance/odbc"
#endif

#include <pthread.h>
#include <stdint.h>

#include <sql.h>
#include <sqlext.h>

#include "frame.h"
#include "odbc_wire.h"

enum {
	STATEMENTS_MAX = 200,
	NAME_TEXT_MAX = 512,
	STATE_LEN = 5,
	CHUNK = 64 * 1024, /* of a long value */
};

struct odbc_column {
	SQLSMALLINT type; /* SQL_VARCHAR ... */
	enum wire_kind kind;
};

struct odbc_statement {
	uint32_t id;
	SQLHSTMT handle; /* NULL: this place is free */
	struct odbc_column column[WIRE_COLUMNS_MAX];
	SQLSMALLINT columns, params;
};

struct companion {
	SQLHENV env;
	SQLHDBC dbc;
	bool connected, write;
	struct odbc_statement *statement; /* STATEMENTS_MAX */
	struct odbc_statement *running;
	struct buf request, answer, value;
	SQLLEN affected;
	char chunk[CHUNK];
	pthread_mutex_t lock; /* guards busy */
	SQLHSTMT busy;        /* what a cancel would hit */
};

/* Each reads its fields and writes the answer; -1: the request is not one. */
int odbc_connect(struct companion *c, struct frame *f);
int odbc_tables(struct companion *c, struct frame *f);
int odbc_list(struct companion *c, struct frame *f);
int odbc_prepare(struct companion *c, struct frame *f);
int odbc_drop(struct companion *c, struct frame *f);
int odbc_run(struct companion *c, struct frame *f);
int odbc_fetch(struct companion *c, struct frame *f);
int odbc_end(struct companion *c, struct frame *f);
int odbc_ping(struct companion *c, struct frame *f);

/* The driver's first diagnosis as the answer. Returns 0. */
int odbc_error(struct companion *c, SQLSMALLINT type, SQLHANDLE handle);
int odbc_done(struct companion *c);
/* What an SQL type is; text for those that are nothing else. */
enum wire_kind odbc_kind(SQLSMALLINT type);
void odbc_disconnect(struct companion *c);
/* What runs from now on may be cancelled; NULL: nothing. */
void odbc_busy(struct companion *c, SQLHSTMT handle);
