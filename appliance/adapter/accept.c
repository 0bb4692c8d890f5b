/* SPDX-License-Identifier: MIT */
/*
 * Which form of an answer the caller likes best: the Accept header (RFC 9110,
 * 12.5.1) with its weights. A charset parameter chooses among the forms of CSV:
 *
 *	text/csv                         UTF-8
 *	text/csv;charset=utf-8-sig       UTF-8 with a byte order mark, for Excel
 *	text/csv;charset=windows-31j     CP932 (also Shift_JIS)
 */
#include <stdlib.h>
#include <strings.h>
#include <string.h>

#include "adapter_int.h"
#include "err.h"
#include "mem.h"
#include "text.h"

/* One element of the header. */
struct range {
	const char *type;    /* "text/csv", "text" + "/" + "*" */
	const char *charset; /* or NULL */
	double q;
};

static void
read_param(char *p, struct range *out)
{
	char *value = strchr(p, '=');
	size_t n;

	if (!value)
		return;
	*value++ = '\0';
	value = str_trim(value);
	n = strlen(value);
	if (n >= 2 && *value == '"' && value[n - 1] == '"') {
		value[n - 1] = '\0';
		value++;
	}
	if (str_iequal(str_trim(p), "q"))
		out->q = strtod(value, NULL);
	else if (str_iequal(str_trim(p), "charset"))
		out->charset = value;
}

static void
read_range(char *text, struct range *out)
{
	char *end;

	*out = (struct range){ .q = 1 };
	end = strchr(text, ';');
	while (end) {
		char *p = end + 1;

		*end = '\0';
		end = strchr(p, ';');
		if (end)
			*end = '\0';
		read_param(p, out);
	}
	out->type = str_trim(text);
}

static bool
charset_same(const char *a, const char *b)
{
	static const char *const cp932[] = { "windows-31j", "shift_jis",
		"cp932", "ms932", "x-sjis", "sjis" };
	bool one = false, other = false;

	for (size_t i = 0; i < sizeof(cp932) / sizeof(*cp932); i++) {
		one = one || str_iequal(a, cp932[i]);
		other = other || str_iequal(b, cp932[i]);
	}
	return one ? other : str_iequal(a, b);
}

/* How exactly the range means the form: 0 not at all. */
static int
fits(const struct range *r, const struct rowform *f)
{
	size_t n = strcspn(f->type, ";"), slash = strcspn(f->type, "/");

	if (r->charset &&
		!charset_same(r->charset, f->charset ? f->charset : "utf-8"))
		return 0;
	if (str_equal(r->type, "*/*"))
		return 1;
	/* an alias, RFC 7303, 9.2 */
	if (str_iequal(r->type, "text/xml") && str_equal(f->name, "xml"))
		return 3;
	if (strlen(r->type) == slash + 2 &&
		strncasecmp(r->type, f->type, slash + 1) == 0 &&
		r->type[slash + 1] == '*')
		return 2;
	if (strlen(r->type) != n || strncasecmp(r->type, f->type, n) != 0)
		return 0;
	return r->charset ? 4 : 3;
}

/* The weight that the header gives the form; the most exact range counts. */
static double
weight(const struct range *range, size_t n, const struct rowform *f)
{
	int best = 0;
	double q = 0;

	for (size_t i = 0; i < n; i++) {
		int exact = fits(&range[i], f);

		if (exact > best) {
			best = exact;
			q = range[i].q;
		}
	}
	return q;
}

enum { RANGES_MAX = 50, ACCEPT_MAX = 2000 };

int
rowform_choose(struct arena *a, const char *accept, const struct rowform **out,
	struct err *e)
{
	struct range *range = arena_array(a, RANGES_MAX, sizeof(*range));
	const char *text = accept ? accept : "";
	char *p = arena_strndup(a, text, strnlen(text, ACCEPT_MAX));
	double best = 0, q;
	size_t n = 0;

	while (p && n < RANGES_MAX) {
		char *comma = strchr(p, ',');

		if (comma)
			*comma++ = '\0';
		if (*str_trim(p))
			read_range(p, &range[n++]);
		p = comma;
	}
	*out = n ? NULL : rowform_row(0);
	for (size_t i = 0; n && rowform_row(i); i++) {
		q = weight(range, n, rowform_row(i));
		if (q > best) {
			best = q;
			*out = rowform_row(i);
		}
	}
	if (*out)
		return 0;
	return fail(e, FAULT_NOT_ACCEPTABLE,
		"this gives application/json, application/xml and text/csv");
}
