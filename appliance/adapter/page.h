/* SPDX-License-Identifier: MIT */
/*
 * Pages of a data service: cursors, and statements that begin after a row.
 */
#pragma once

#include "buf.h"

struct arena;
struct call;
struct command;
struct command_text;
struct cursor;
struct data_service;
struct err;

enum {
	PAGE_KEY_TEXT = 500, /* bytes of a pageKey's value */
	PAGE_TOKEN_MAX = 2 * (12 + 16 + 1 + PAGE_KEY_TEXT),
};

/* ---- page.c ---- */
/* The cursor of what follows these rows, the last of which had that place
   (page_row()); in the arena. */
int page_token(const struct call *c, int64_t rows, const struct buf *place,
	const char **out, struct err *e);
/* Sets where the page begins. FAULT_BAD_REQUEST when the cursor is not one of
   this call's. */
int page_read(struct call *c, const char *token, struct err *e);

/* ---- page_key.c ---- */
/* The service's statements for pages, when it names a pageKey; the results are
   known. FAULT_CONFIG and the faults of datasource.h. */
int page_commands(struct arena *a, struct data_service *s,
	const struct command_text *text, struct err *e);
/* What this call runs. */
struct command *page_command(const struct call *c);
/* After the parameters of the service. */
int page_bind(const struct call *c, struct cursor *q, struct err *e);
/* How many rows the database shall give; 0: the service's own cap. */
int64_t page_rows(const struct call *c);
/* A row has come: its value of pageKey goes to *place; without pageKey,
   nothing. before: that of the row before, or empty; may be place.
   FAULT_DATABASE when there is none or the same. */
int page_row(const struct call *c, struct cursor *q, const struct buf *before,
	struct buf *place, struct err *e);
/* The place of a cursor. -1: it is none of this service. */
int place_read(struct call *c, struct bytes place);
