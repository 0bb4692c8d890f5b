/* SPDX-License-Identifier: MIT */
/* Forms and cookies; see form.h. */
#include "form.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

static bool
text_fit(const char *s)
{
	if (!utf8_valid(s, strlen(s)))
		return false;
	for (; *s; s++)
		if (((unsigned char)*s < ' ' && !strchr("\r\n\t", *s)) ||
			*s == 0x7f)
			return false;
	return true;
}

static int
decode(struct arena *a, const char *p, size_t n, const char **out,
	struct err *e)
{
	char *text;

	if (n > FORM_TEXT_MAX)
		return fail(e, FAULT_TOO_LARGE,
			"a field of the form is longer than %d bytes",
			FORM_TEXT_MAX);
	if (form_decode(a, p, n, &text, NULL) || !text_fit(text))
		return fail(e, FAULT_BAD_REQUEST,
			"a field of the form is not readable");
	*out = text;
	return 0;
}

int
form_read(struct arena *a, struct bytes body, struct form *out, struct err *e)
{
	struct form_field *row = arena_array(a, FORM_FIELDS_MAX, sizeof(*row));
	const char *p = (const char *)body.data, *end = p + body.len;
	size_t n = 0;

	while (p < end) {
		const char *amp = memchr(p, '&', (size_t)(end - p));
		const char *stop = amp ? amp : end;
		const char *eq = memchr(p, '=', (size_t)(stop - p));
		const char *name_end = eq ? eq : stop;

		if (n == FORM_FIELDS_MAX)
			return fail(e, FAULT_TOO_LARGE,
				"the form has more than %d fields",
				FORM_FIELDS_MAX);
		if (decode(a, p, (size_t)(name_end - p), &row[n].name, e) ||
			decode(a, eq ? eq + 1 : stop,
				eq ? (size_t)(stop - eq) - 1 : 0, &row[n].value,
				e))
			return -1;
		n++;
		p = amp ? amp + 1 : end;
	}
	*out = (struct form){ row, n };
	return 0;
}

const char *
form_get(const struct form *f, const char *name)
{
	const char *found = NULL;

	for (size_t i = 0; i < f->n; i++)
		if (str_equal(f->item[i].name, name)) {
			if (found)
				return NULL;
			found = f->item[i].value;
		}
	return found;
}

size_t
form_all(const struct form *f, const char *name, const char **out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n && n < max; i++)
		if (str_equal(f->item[i].name, name))
			out[n++] = f->item[i].value;
	return n;
}

char *
cookie_get(struct arena *a, const char *header, const char *name)
{
	const char *p = header, *found = NULL;
	size_t n = strlen(name), len = 0;

	while (p && *p) {
		size_t piece = strcspn(p, ";");

		if (piece > n && !strncmp(p, name, n) && p[n] == '=') {
			if (found)
				return NULL;
			found = p + n + 1;
			len = piece - n - 1;
		}
		p += piece;
		p += strspn(p, "; \t");
	}
	while (len && (found[len - 1] == ' ' || found[len - 1] == '\t'))
		len--;
	return found ? arena_strndup(a, found, len) : NULL;
}
