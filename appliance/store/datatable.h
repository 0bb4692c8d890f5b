/* SPDX-License-Identifier: MIT */
/*
 * A table made from somebody's list: written whole into an SQLite file, in one
 * transaction, so that readers see the old one or the new one. For data that
 * others publish through datasource.h; our own databases have db.h.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct err;

enum datatable_kind {
	DATATABLE_TEXT,
	DATATABLE_INT,  /* texts that int_parse() takes */
	DATATABLE_REAL, /* decimal numbers */
	DATATABLE_DATE, /* 2026-11-21 */
};

struct datatable_column {
	const char *name; /* any text; quoted */
	enum datatable_kind kind;
};

struct datatable {
	const char *path; /* made if it is not there */
	const char *name;
	const struct datatable_column *column;
	size_t columns;
	const char *unique; /* a column with a unique index, or NULL */
	const char *index;  /* a column with an index, or NULL */
	/* Row after row, NULL stands for null. */
	const char *const *cell;
	size_t rows;
};

/* FAULT_DATABASE with SQLite's own words. */
int datatable_replace(const struct datatable *t, struct err *e);
