/* SPDX-License-Identifier: MIT */
/*
 * From a CSV file to data services: the file as a town has it (UTF-8 with or
 * without BOM, CP932), a table with typed columns, and the services that a
 * list wants: all of it with filters, and one row by its ID.
 *
 *	opendata_read()   file -> sheet
 *	opendata_store()  sheet -> table in an SQLite file
 *	opendata_offer()  sheet -> services in the JSON of services.json
 *
 * The standard open data sets for municipalities (自治体標準オープンデータセット,
 * numbers of データ項目定義書 A, and 推奨データセット before it) are known by
 * the columns that only they have, so that an officer names nothing. Columns
 * stay as the file has them: towns leave some out and add others.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datatable.h"
#include "json_io.h"

struct arena;
struct bytes;
struct err;

enum {
	OPENDATA_BYTES_MAX = 64 * 1024 * 1024,
	OPENDATA_COLUMNS_MAX = 100, /* what a data service can have */
	OPENDATA_CELLS_MAX = 10 * 1000 * 1000,
	OPENDATA_NAME_MAX = 40, /* of a service */
	OPENDATA_NOTES_MAX = 20,
};

/* A standard set. */
struct opendata_set {
	const char *number; /* in the definition book */
	const char *name;   /* of the services and the table */
	const char *title;
	const char *file;      /* what towns call the file: NNNNNN_<file>.csv */
	const char *mark[4];   /* columns that only it has */
	const char *filter[3]; /* columns people look for */
};
/* NULL past the last. */
const struct opendata_set *opendata_set_row(size_t i);
const struct opendata_set *opendata_set_find(const char *name);

/* What an officer should know about the file: a sentence in both languages. */
struct opendata_note {
	const char *ja, *en;
};

struct sheet {
	struct arena *arena;
	const struct opendata_set *set;  /* NULL: another list */
	const char *encoding;            /* "UTF-8", "UTF-8 (BOM)", "CP932" */
	const char **heading;            /* as in the file */
	struct datatable_column *column; /* names as services may have them */
	size_t columns, rows;
	const char **cell; /* row after row; NULL is empty */
	int *line;         /* of each row, in the file */
	int key;           /* column that tells the rows apart, or -1 */
	int code;          /* column of the municipality code, or -1 */
	int name, kana;    /* columns people search by, or -1 */
	struct opendata_note note[OPENDATA_NOTES_MAX];
	size_t notes;
	int64_t unreadable; /* characters that CP932 does not have */
};

/* path: for the name of the file. FAULT_BAD_REQUEST with the line for what is
   no CSV file, FAULT_TOO_LARGE. In the arena. */
int opendata_read(struct arena *a, const char *path, struct bytes text,
	struct sheet **out, struct err *e);

/* How the services of a sheet are called. */
struct opendata_names {
	const char *service; /* NULL: the set's, or the file's */
	const char *title;   /* the same */
};
/* Fills in what is NULL. FAULT_BAD_REQUEST when the file's name gives none, or
   one that is no name. */
int opendata_name(const struct sheet *s, const char *path,
	struct opendata_names *n, struct err *e);

/* Replaces the table called as the service, with '_' for '-'. */
int opendata_store(const struct sheet *s, const struct opendata_names *n,
	const char *database, struct err *e);

/* Puts the services into root, the value of a services.json (may be an empty
   object), in the source on `database`; those of the same name there are
   replaced. FAULT_CONFLICT when another source has one of that name. */
int opendata_offer(const struct sheet *s, const struct opendata_names *n,
	const char *database, json_t *root, struct err *e);
/* "<service>-by-id", or NULL when nothing tells the rows apart. */
const char *opendata_by_id(
	const struct sheet *s, const struct opendata_names *n);
