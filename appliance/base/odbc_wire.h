/* SPDX-License-Identifier: MIT */
/*
 * What the adapter and its ODBC companion say to each other, in frames
 * (frame.h). The companion serves one connection, answers every request with
 * one frame, and ends when the adapter's end of the socket is closed. A byte on
 * the second socket cancels what runs.
 *
 *	request                                          answer
 *	OPEN   str x 7: driver, host, database, user,    OPENED str product
 *	       password, ca_file, charset;
 *	       u32 port, u8 tls (enum data_tls),
 *	       u8 write, u32 connect seconds
 *	TABLES                                           NAMES  u32 n, str each
 *	                                                 other databases' names
 *	                                                   with a "." behind
 *	PREPARE u32 id, str sql                          SHAPE  u32 params,
 *	                                                   u32 columns, each: str
 *	                                                   name, str type, u32
 *	                                                   enum wire_kind; then of
 *	                                                   each parameter u32
 *	                                                   enum wire_kind, TEXT
 *	                                                   also when not known
 *	LIST                                             LISTED of each column of
 *	                                                   each table: u8 1, str
 *	                                                   schema, str table, u8
 *	                                                   view, str column, str
 *	                                                   type, u32 enum
 *	                                                   wire_kind; then u8 0
 *	DROP   u32 id                                    DONE   i64 0
 *	RUN    u32 id, u32 ms, u32 n, cells              DONE   i64 0
 *	FETCH                                            ROWS   u8 more, i64
 *	                                                   rows changed, u32 n,
 *	                                                   cells of n rows
 *	END    u8 commit                                 DONE   i64 0
 *	PING                                             DONE   i64 0
 *	(any)                                            ERROR  str SQLSTATE,
 *	                                                   i64 native, str text
 *
 * A cell is u8 wire_cell and: INT i64, REAL f64, TEXT and BLOB bytes.
 */
#pragma once

enum wire_type {
	WIRE_OPEN = 1,
	WIRE_TABLES,
	WIRE_PREPARE,
	WIRE_DROP,
	WIRE_RUN,
	WIRE_FETCH,
	WIRE_END,
	WIRE_PING,
	WIRE_LIST,
	WIRE_OPENED = 65,
	WIRE_NAMES,
	WIRE_SHAPE,
	WIRE_DONE,
	WIRE_ROWS,
	WIRE_ERROR,
	WIRE_LISTED,
};

enum wire_cell { WIRE_NULL, WIRE_INT, WIRE_REAL, WIRE_TEXT, WIRE_BLOB };

enum wire_kind {
	WIRE_IS_TEXT,
	WIRE_IS_INT,
	WIRE_IS_LONG,
	WIRE_IS_REAL,
	WIRE_IS_DECIMAL,
	WIRE_IS_BOOL,
	WIRE_IS_DATE,
	WIRE_IS_TIMESTAMP,
	WIRE_IS_BLOB,
	WIRE_KINDS
};

enum {
	WIRE_COLUMNS_MAX = 500,
	WIRE_PARAMS_MAX = 100,
	WIRE_USES_MAX = 500, /* of parameters: one ? each */
	WIRE_NAMES_MAX = 20000,
	WIRE_TABLES_MAX = 2000,
	WIRE_BATCH = 64 * 1024, /* bytes of rows after which ROWS is sent */
	WIRE_BATCH_MS = 20,     /* or time, once there is a row */
	WIRE_VALUE_MAX = 16 * 1024 * 1024,
	WIRE_SQL_MAX = 128 * 1024,
	WIRE_FD = 3,        /* the companion's end of the socket */
	WIRE_CANCEL_FD = 4, /* and of the one for cancelling */
};
