/* SPDX-License-Identifier: MIT */
/*
 * A file becomes a sheet, a sheet becomes a table: the order of the steps, and
 * the names of what comes out.
 */
#include "opendata_int.h"

#include <ctype.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

void
sheet_note(struct sheet *s, const char *ja, const char *en)
{
	if (s->notes < OPENDATA_NOTES_MAX)
		s->note[s->notes++] = (struct opendata_note){ ja, en };
}

int
opendata_read(struct arena *a, const char *path, struct bytes text,
	struct sheet **out, struct err *e)
{
	struct sheet *s = arena_new_of(a, struct sheet);
	char *decoded;

	s->arena = a;
	if (text.len > OPENDATA_BYTES_MAX)
		return fail(e, FAULT_TOO_LARGE,
			"the file has over %d MB; put it into a database and "
			"offer that",
			OPENDATA_BYTES_MAX >> 20);
	if (sheet_decode(s, text, &decoded, e) || sheet_parse(s, decoded, e) ||
		sheet_columns(s, e))
		return -1;
	s->set = set_of(s, path);
	sheet_infer(s);
	*out = s;
	return 0;
}

/* The file's name without folder and ending. */
static char *
stem(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');

	return arena_strndup(a, base,
		dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

static bool
service_name_good(const char *name)
{
	size_t n = strlen(name);

	if (!n || n > OPENDATA_NAME_MAX || !islower((unsigned char)*name))
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

/* Letters of the file's name, what towns put in front of it left out. */
static char *
name_of_file(struct arena *a, const char *path)
{
	char *name = stem(a, path);

	while (isdigit((unsigned char)*name) || *name == '_')
		name++;
	str_lower(name);
	for (char *p = name; *p; p++)
		if (*p == '_' || *p == ' ' || *p == '.')
			*p = '-';
	return name;
}

int
opendata_name(const struct sheet *s, const char *path, struct opendata_names *n,
	struct err *e)
{
	if (!n->service)
		n->service =
			s->set ? s->set->name : name_of_file(s->arena, path);
	if (!n->title)
		n->title = s->set ? s->set->title : stem(s->arena, path);
	if (!service_name_good(n->service))
		return fail(e, FAULT_BAD_REQUEST,
			"\"%.80s\" cannot be the name of a service, which "
			"callers write into addresses: give one with --name, "
			"of lower-case letters, digits and '-', up to %d",
			n->service, OPENDATA_NAME_MAX);
	if (!utf8_valid(n->title, strlen(n->title)))
		return fail(e, FAULT_BAD_REQUEST,
			"the title is not UTF-8; give one with --title");
	return 0;
}

int
opendata_store(const struct sheet *s, const struct opendata_names *n,
	const char *database, struct err *e)
{
	char *table = arena_strdup(s->arena, n->service);
	struct datatable t = {
		.path = database,
		.name = table,
		.column = s->column,
		.columns = s->columns,
		.unique = s->key < 0 ? NULL : s->column[s->key].name,
		.index = s->code < 0 ? NULL : s->column[s->code].name,
		.cell = s->cell,
		.rows = s->rows,
	};

	for (char *p = table; *p; p++)
		if (*p == '-')
			*p = '_';
	return datatable_replace(&t, e);
}
