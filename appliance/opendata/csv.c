/* SPDX-License-Identifier: MIT */
/*
 * CSV (RFC 4180) as it is found: commas or tabs, any line ends, quotes, line
 * breaks in cells, empty cells and lines at the end. Cells are taken out in
 * place. A row with another number of cells than the heading is refused: its
 * values would stand in the wrong columns.
 */
#include "opendata_int.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

enum stop { STOP_CELL, STOP_ROW, STOP_END };

struct scan {
	char *p, *end;
	int line; /* of p */
	char separator;
};

struct row {
	char *cell[OPENDATA_COLUMNS_MAX];
	size_t n;
	int line;
	bool blank, last;
};

/* After a cell: what comes, and the cell's end made a NUL at w. */
static enum stop
pass(struct scan *s, char *w)
{
	enum stop stop = STOP_END;

	if (s->p < s->end) {
		stop = *s->p == s->separator ? STOP_CELL : STOP_ROW;
		if (stop == STOP_ROW) {
			if (*s->p == '\r' && s->p[1] == '\n')
				s->p++;
			s->line++;
		}
		s->p++;
	}
	*w = '\0';
	return stop;
}

static bool
at_stop(const struct scan *s)
{
	return s->p >= s->end || *s->p == s->separator || *s->p == '\r' ||
	       *s->p == '\n';
}

static int
quoted(struct scan *s, enum stop *stop, struct err *e)
{
	int begun = s->line;
	char *w = s->p++;

	for (;;) {
		if (s->p >= s->end)
			return fail(e, FAULT_BAD_REQUEST,
				"line %d: a quote (\") is never closed", begun);
		if (*s->p == '"' && *++s->p != '"')
			break;
		if (*s->p == '\n')
			s->line++;
		*w++ = *s->p++;
	}
	if (!at_stop(s))
		return fail(e, FAULT_BAD_REQUEST,
			"line %d: text after a closing quote (\")", s->line);
	*stop = pass(s, w);
	return 0;
}

static int
next_row(struct scan *s, struct row *r, struct err *e)
{
	enum stop stop;

	*r = (struct row){ .line = s->line, .blank = true };
	do {
		char *cell = s->p, *text;

		if (*s->p == '"') {
			if (quoted(s, &stop, e))
				return -1;
		} else {
			while (!at_stop(s))
				s->p++;
			stop = pass(s, s->p);
		}
		text = str_trim(cell);
		if (*text) {
			r->blank = false;
			if (r->n >= OPENDATA_COLUMNS_MAX)
				return fail(e, FAULT_TOO_LARGE,
					"line %d has over %d columns", r->line,
					OPENDATA_COLUMNS_MAX);
		}
		if (r->n < OPENDATA_COLUMNS_MAX)
			r->cell[r->n++] = text;
	} while (stop == STOP_CELL);
	r->last = stop == STOP_END;
	return 0;
}

static int
take_heading(struct sheet *s, const struct row *r, struct err *e)
{
	size_t n = r->n;

	while (n && !*r->cell[n - 1])
		n--;
	s->heading = arena_array(s->arena, n + 1, sizeof(*s->heading));
	for (size_t i = 0; i < n; i++) {
		if (!*r->cell[i])
			return fail(e, FAULT_BAD_REQUEST,
				"line %d: column %zu has no name", r->line,
				i + 1);
		s->heading[i] = r->cell[i];
	}
	s->columns = n;
	return n ? 0
		 : fail(e, FAULT_BAD_REQUEST,
			   "the file is empty: its first line names the "
			   "columns");
}

static int
take_row(struct sheet *s, const struct row *r, size_t *room, struct err *e)
{
	size_t n = r->n, at = s->rows * s->columns;

	while (n > s->columns && !*r->cell[n - 1])
		n--;
	if (n != s->columns)
		return fail(e, FAULT_BAD_REQUEST,
			"line %d has %zu cells, but the heading has %zu: is a "
			"comma in a text without quotes?",
			r->line, n, s->columns);
	if (at + s->columns > OPENDATA_CELLS_MAX)
		return fail(e, FAULT_TOO_LARGE, "over %d cells",
			OPENDATA_CELLS_MAX);
	if (s->rows == *room) {
		*room = *room ? 2 * *room : 256;
		s->cell = mem_grow(
			s->cell, *room * s->columns * sizeof(*s->cell));
		s->line = mem_grow(s->line, *room * sizeof(*s->line));
	}
	for (size_t i = 0; i < s->columns; i++)
		s->cell[at + i] = *r->cell[i] ? r->cell[i] : NULL;
	s->line[s->rows++] = r->line;
	return 0;
}

static int
take_rows(struct sheet *s, struct scan *in, struct err *e)
{
	size_t room = 0;
	struct row r;

	do {
		if (next_row(in, &r, e))
			return -1;
		if (r.blank)
			continue;
		if (s->heading ? take_row(s, &r, &room, e)
			       : take_heading(s, &r, e))
			return -1;
	} while (!r.last);
	if (!s->heading)
		return take_heading(s, &r, e);
	if (!s->rows)
		return fail(e, FAULT_BAD_REQUEST,
			"the file has a heading and no rows");
	return 0;
}

/* The arena frees them. */
static void
drop(void *sheet)
{
	struct sheet *s = sheet;

	mem_free(s->cell);
	mem_free(s->line);
}

int
sheet_parse(struct sheet *s, char *text, struct err *e)
{
	struct scan in = { .p = text,
		.end = text + strlen(text),
		.line = 1,
		.separator = ',' };
	size_t first = strcspn(text, "\r\n");

	if (!memchr(text, ',', first) && memchr(text, '\t', first))
		in.separator = '\t';
	arena_defer(s->arena, drop, s);
	return take_rows(s, &in, e);
}
