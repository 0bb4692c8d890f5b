/* SPDX-License-Identifier: MIT */
/*
 * What the tests of data sources share: values, runs, verdicts, and what every
 * driver must do alike (datasource.h promises that who uses it never sees the
 * driver). A test prepares a database, a town, with
 *
 *	site (id, name, ...)   some rows, more than two
 *	open_site              a view of the id and name of site
 *	secret (word)          a table that no list permits
 *	words                  a view of it
 *	stock (id, n)          (1, 10), (2, 20), (3, 30); id unique, n >= 0
 *
 * says in a struct data_town what differs, and has it all checked. What only
 * one database knows stays in the test of its driver.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "datasource.h"
#include "err.h"

/* What data_run() adds to the rows if there were more. */
enum { DATA_KIT_CAPPED = 100000 };

struct data_town {
	int sites;        /* rows of site */
	const char *slow; /* a statement that takes minutes, no parameters */
	const char *const *stock; /* what an update of stock touches */
};

/* Ten rows, ten seconds. */
extern const struct cursor_limits data_kit_usual;
/* Lists of tables: site and its view, the view, stock. */
extern const char *const data_kit_sites[], *const data_kit_view[],
						   *const data_kit_stock[];

struct cell text_cell(const char *s);
struct cell int_cell(int64_t n);
/* Of the row; NULL if it is no text. */
const char *cell_text(struct cursor *q, int col);

/* Opens it, which must succeed. */
struct datasource *data_kit_open(const struct datasource_config *c);
/* Closes it; `ds` must (not) be healthy. Of a fault neither the user's name
   nor the `hidden` word may be told. */
void data_healthy(struct datasource *ds);
void data_unhealthy(
	struct datasource *ds, enum fault fault, const char *hidden);

/* What saving the statement says. */
enum fault data_judge(
	struct datasource *ds, const struct command_text *t, struct err *e);
/* Runs it to the end with `v` as its first parameter, unless NULL; rows, or
   -1. */
int data_run(struct datasource *ds, const struct command_text *t,
	const struct cell *v, const struct cursor_limits *limits,
	int64_t *affected, struct err *e);

/* A statement and the verdict on it when it is saved. */
struct data_verdict {
	const char *sql;
	const char *const *tables, *const *functions;
	enum fault fault;
};
void data_judged(
	struct datasource *ds, const struct data_verdict *row, size_t rows);

/* `rows` rows of a size pass through; none is kept here. */
void data_stream(struct datasource *ds, const char *sql, int rows);
/* A run that is cancelled from another thread ends soon. */
void data_cancelled(struct datasource *ds, const char *slow);

/* What every driver must do: with commands that read; with those that write
   (stock is then 11, 21, 31); with a pool of `most` connections, all of them
   free (closes it). */
void data_reads(struct datasource *ds, const struct data_town *town);
void data_writes(struct datasource *ds, const struct data_town *town);
void data_pool(struct datasource *ds, int most);
