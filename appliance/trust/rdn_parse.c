/* SPDX-License-Identifier: MIT */
/*
 * X.501 names that people type: RFC 4514 text into RDNs, taking the older
 * separators and quotes of RFC 1779 too, as X-Road's Java does.
 */
#include "trust_int.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

enum { VALUE_MAX = 1024 };

struct reader {
	struct arena *a;
	const char *p;
};

static void
skip_spaces(struct reader *r)
{
	r->p += strspn(r->p, " \t\r\n");
}

static bool
at_end(const struct reader *r)
{
	return !*r->p || *r->p == ',' || *r->p == ';' || *r->p == '+';
}

static int
hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);

	return c && at ? (int)(at - digits) : -1;
}

/* What follows a backslash: two hex digits or the character itself. */
static int
read_escaped(struct reader *r, struct buf *out, struct err *e)
{
	int high, low;

	if (!*++r->p)
		return fail(e, FAULT_BAD_REQUEST,
			"a distinguished name ends with a backslash");
	high = hex_value(*r->p);
	low = high < 0 ? -1 : hex_value(r->p[1]);
	if (low < 0) {
		buf_char(out, *r->p++);
		return 0;
	}
	if (!high && !low)
		return fail(e, FAULT_BAD_REQUEST,
			"a distinguished name holds a NUL");
	buf_char(out, (char)(high << 4 | low));
	r->p += 2;
	return 0;
}

static int
read_quoted(struct reader *r, struct buf *out, struct err *e)
{
	for (r->p++; *r->p != '"';) {
		if (!*r->p)
			return fail(e, FAULT_BAD_REQUEST,
				"a quote of the distinguished name has no end");
		if (*r->p != '\\')
			buf_char(out, *r->p++);
		else if (read_escaped(r, out, e))
			return -1;
	}
	r->p++;
	skip_spaces(r);
	return at_end(r) ? 0
			 : fail(e, FAULT_BAD_REQUEST,
				   "something follows a quoted value of the "
				   "distinguished name");
}

/* Up to the separator; spaces at the end count only when escaped. */
static int
read_plain(struct reader *r, struct buf *out, struct err *e)
{
	size_t keep = 0;

	while (!at_end(r)) {
		if (*r->p == '\\') {
			if (read_escaped(r, out, e))
				return -1;
			keep = out->len;
			continue;
		}
		if (*r->p == '"' || *r->p == '<' || *r->p == '>' ||
			(*r->p == '#' && !out->len))
			return fail(e, FAULT_BAD_REQUEST,
				"'%c' of the distinguished name needs a "
				"backslash",
				*r->p);
		buf_char(out, *r->p);
		if (*r->p != ' ')
			keep = out->len;
		r->p++;
	}
	out->len = keep;
	return 0;
}

static int
read_word(struct reader *r, const char **out, struct err *e)
{
	size_t n = strcspn(r->p, "= ,;+\"");
	const char *word = arena_strndup(r->a, r->p, n);

	if (str_iprefix(word, "OID."))
		word += 4;
	r->p += n;
	skip_spaces(r);
	if (*r->p != '=')
		return fail(e, FAULT_BAD_REQUEST,
			"'%.64s' of the distinguished name has no value", word);
	r->p++;
	if (!name_word(word))
		return fail(e, FAULT_BAD_REQUEST,
			"'%.64s' is no known attribute of a distinguished "
			"name",
			word);
	*out = word;
	return 0;
}

static int
read_rdn(struct reader *r, struct rdn *out, struct err *e)
{
	struct buf value;
	int ret;

	skip_spaces(r);
	if (read_word(r, &out->type, e))
		return -1;
	skip_spaces(r);
	buf_init(&value, VALUE_MAX);
	ret = *r->p == '"' ? read_quoted(r, &value, e)
			   : read_plain(r, &value, e);
	if (!ret && (!value.len || buf_ok(&value, "a name's attribute", NULL) ||
			    !utf8_valid(value.data, value.len)))
		ret = fail(e, FAULT_BAD_REQUEST,
			"attribute %s is empty, too long or not UTF-8",
			out->type);
	if (!ret && *r->p == '+')
		ret = fail(e, FAULT_BAD_REQUEST,
			"several attributes at one place of the distinguished "
			"name");
	out->value = arena_strndup(r->a, value.data, value.len);
	buf_done(&value);
	return ret;
}

int
rdn_parse(struct arena *a, const char *text, struct rdn **out, size_t *n,
	struct err *e)
{
	struct reader r = { a, text };
	struct rdn *rdn = arena_array(a, NAME_RDNS, sizeof(*rdn));

	*out = rdn;
	for (*n = 0;;) {
		if (*n == NAME_RDNS)
			return fail(e, FAULT_BAD_REQUEST,
				"a distinguished name of more than %d "
				"attributes",
				NAME_RDNS);
		if (read_rdn(&r, &rdn[(*n)++], e))
			return -1;
		if (!*r.p)
			break;
		r.p++;
	}
	for (size_t i = 0; i < *n / 2; i++) {
		struct rdn swap = rdn[i];
		rdn[i] = rdn[*n - 1 - i];
		rdn[*n - 1 - i] = swap;
	}
	return 0;
}
