/* SPDX-License-Identifier: MIT */
/*
 * The rules of one field: length, range, pattern, allowed values; and the
 * sentences for who did not keep them, in both languages.
 */
#include <ctype.h>
#include <locale.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "datasource.h"
#include "err.h"
#include "japanese.h"
#include "kind.h"
#include "kind_int.h"
#include "mem.h"
#include "text.h"

enum { VALUE_TOLD = 40, WANT_MAX = 300 };

struct pattern {
	regex_t regex;
	locale_t locale; /* characters are those of UTF-8 */
};

/* {n} the parameter, {v} what was given, {w} what is expected. */
static const struct {
	const char *en, *ja;
} sentences[COMPLAINTS] = {
	[MISSING] = { "parameter \"{n}\" is missing",
		"パラメーター「{n}」がありません。" },
	[UNKNOWN] = { "there is no parameter \"{n}\"",
		"パラメーター「{n}」はこのサービスにありません。" },
	[TWICE] = { "parameter \"{n}\" is given twice",
		"パラメーター「{n}」が二重に指定されています。" },
	[NOT_SINGLE] = { "parameter \"{n}\" is not a single value",
		"パラメーター「{n}」は単一の値で指定してください。" },
	[NOT_LIST] = { "parameter \"{n}\" is not a list",
		"パラメーター「{n}」は配列で指定してください。" },
	[NULL_ITEM] = { "the list of parameter \"{n}\" holds null",
		"パラメーター「{n}」の配列に null は指定できません。" },
	[FEW] = { "the list of parameter \"{n}\" has too few values: {w} or "
		  "more are expected",
		"パラメーター「{n}」の配列には {w} 個以上の値が必要です。" },
	[MANY] = { "the list of parameter \"{n}\" has too many values: {w} at "
		   "most are expected",
		"パラメーター「{n}」の配列は {w} 個以下にしてください。" },
	[MISFIT] = { "parameter \"{n}\": \"{v}\" is not {w}",
		"パラメーター「{n}」の値「{v}」が正しくありません。{w}で指定し"
		"てください。" },
	[SHORT] = { "parameter \"{n}\" is too short: at least {w} characters "
		    "are expected",
		"パラメーター「{n}」は {w} 文字以上で指定してください。" },
	[LONG_TEXT] = { "parameter \"{n}\" is too long: at most {w} characters "
			"are expected",
		"パラメーター「{n}」は {w} 文字以内で指定してください。" },
	[SMALL] = { "parameter \"{n}\": \"{v}\" is too small: at least {w} is "
		    "expected",
		"パラメーター「{n}」の値「{v}」は {w} 以上にしてください。" },
	[GREAT] = { "parameter \"{n}\": \"{v}\" is too large: at most {w} is "
		    "expected",
		"パラメーター「{n}」の値「{v}」は {w} 以下にしてください。" },
	[PATTERN] = { "parameter \"{n}\": \"{v}\" has not the form {w}",
		"パラメーター「{n}」の値「{v}」は {w} "
		"の形式で指定してください。" },
	[NOT_ALLOWED] = { "parameter \"{n}\": \"{v}\" is none of the allowed "
			  "values {w}",
		"パラメーター「{n}」の値「{v}」は使えません。{w} "
		"のいずれかにしてください。" },
	[MYNUMBER] = { "parameter \"{n}\" holds an Individual Number (My "
		       "Number), which this service does not take",
		"パラメーター「{n}」に個人番号(マイナンバー)が含まれています。"
		"このサービスでは使えません。" },
};

/* At most `most` characters of the text. */
static void
add_some(struct buf *b, const char *s, size_t most)
{
	size_t n = strlen(s), cut = 0;

	while (cut < n && (most || (s[cut] & 0xc0) == 0x80)) {
		most -= (s[cut] & 0xc0) != 0x80;
		cut++;
	}
	buf_add(b, s, cut);
	if (cut < n)
		buf_str(b, "…");
}

static void
fill(char *out, size_t max, const char *form, const char *name,
	const char *value, const char *want)
{
	struct buf b;

	buf_init(&b, 8 * 1024);
	while (*form) {
		size_t n = strcspn(form, "{");

		buf_add(&b, form, n);
		form += n;
		if (!*form)
			break;
		if (form[1] == 'n')
			add_some(&b, name, 100);
		else if (form[1] == 'v')
			add_some(&b, value ? value : "***", VALUE_TOLD);
		else
			add_some(&b, want, WANT_MAX);
		form += strlen("{n}");
	}
	snprintf(out, max, "%s", b.data);
	buf_done(&b);
}

int
call_refuse(struct complaint *c, enum complaint_id id, const char *name,
	const char *value, const char *want, const char *want_ja, struct err *e)
{
	fill(c->en, sizeof(c->en), sentences[id].en, name, value, want);
	fill(c->ja, sizeof(c->ja), sentences[id].ja, name, value,
		want_ja ? want_ja : want);
	c->param = name;
	return fail(e, FAULT_BAD_REQUEST, "%s", c->en);
}

/* Milliseconds of a date or time; what has no zone is taken as UTC. */
static bool
moment_ms(const char *v, int64_t *ms)
{
	static const char *const tail[] = { "", "Z", "T00:00:00Z" };
	char text[2 * MOMENT_MAX];

	for (size_t i = 0; i < sizeof(tail) / sizeof(*tail); i++) {
		snprintf(text, sizeof(text), "%.40s%s", v, tail[i]);
		if (!time_parse(text, ms, NULL))
			return true;
	}
	return false;
}

/* Below 0, 0, above 0: the value against a limit of the same kind. */
static int
compare(const struct kind *k, const struct cell *v, const struct cell *limit)
{
	int64_t n = v->number, m = limit->number;
	double d = v->real, b = limit->real;

	if (k->moment) {
		n = m = 0;
		(void)moment_ms((const char *)v->text.data, &n);
		(void)moment_ms((const char *)limit->text.data, &m);
	} else if (v->kind == CELL_TEXT) {
		(void)number_read((const char *)v->text.data, &d);
		(void)number_read((const char *)limit->text.data, &b);
	}
	if (v->kind == CELL_REAL || (v->kind == CELL_TEXT && !k->moment))
		return (d > b) - (d < b);
	return (n > m) - (n < m);
}

static int64_t
characters(const char *s)
{
	int64_t n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

static bool
matches(const struct pattern *p, const char *s)
{
	locale_t before = uselocale(p->locale);
	bool good = !regexec(&p->regex, s, 0, NULL, 0);

	uselocale(before);
	return good;
}

static const char *
told(const struct field *f, const char *text)
{
	return f->personal ? NULL : text;
}

static int
check_range(const struct field *f, struct arena *a, const char *text,
	const struct cell *v, struct complaint *c, struct err *e)
{
	const struct rules *r = &f->rules;
	struct cell limit;

	if (r->least && f->kind->read(f->kind, a, r->least, &limit) &&
		compare(f->kind, v, &limit) < 0)
		return call_refuse(
			c, SMALL, f->name, told(f, text), r->least, NULL, e);
	if (r->greatest && f->kind->read(f->kind, a, r->greatest, &limit) &&
		compare(f->kind, v, &limit) > 0)
		return call_refuse(
			c, GREAT, f->name, told(f, text), r->greatest, NULL, e);
	return 0;
}

static int
check_length(const struct field *f, struct arena *a, const char *text,
	struct complaint *c, struct err *e)
{
	const struct rules *r = &f->rules;
	int64_t n;

	if (r->shortest < 0 && r->longest < 0)
		return 0;
	n = characters(text);
	if (r->shortest >= 0 && n < r->shortest)
		return call_refuse(c, SHORT, f->name, NULL,
			arena_printf(a, "%lld", (long long)r->shortest), NULL,
			e);
	if (r->longest >= 0 && n > r->longest)
		return call_refuse(c, LONG_TEXT, f->name, NULL,
			arena_printf(a, "%lld", (long long)r->longest), NULL,
			e);
	return 0;
}

/* The same value, however it is written: 5300001 is 530-0001. */
static bool
is_same(const struct field *f, struct arena *a, const char *allowed,
	const struct cell *v)
{
	const struct kind *k = f->kind;
	struct cell other;

	if (!k->read(k, a, allowed, &other))
		return false;
	if (k->number || k->moment)
		return !compare(k, v, &other);
	return v->number == other.number && bytes_equal(v->text, other.text);
}

static int
check_allowed(const struct field *f, struct arena *a, const char *text,
	const struct cell *v, struct complaint *c, struct err *e)
{
	const struct rules *r = &f->rules;
	const char *list = "";

	for (size_t i = 0; i < r->allowed_n; i++)
		if (str_equal(r->allowed[i], text) ||
			is_same(f, a, r->allowed[i], v))
			return 0;
	if (!r->allowed)
		return 0;
	for (size_t i = 0; i < r->allowed_n && strlen(list) < WANT_MAX; i++)
		list = arena_printf(
			a, "%s%s%s", list, i ? ", " : "", r->allowed[i]);
	return call_refuse(
		c, NOT_ALLOWED, f->name, told(f, text), list, NULL, e);
}

int
field_read(const struct field *f, struct arena *a, const char *text,
	struct cell *out, struct complaint *c, struct err *e)
{
	const struct kind *k = f->kind;
	size_t from, to;

	if (!f->mynumber && mynumber_find(text, strlen(text), &from, &to))
		return call_refuse(c, MYNUMBER, f->name, NULL, "", NULL, e);
	if (check_length(f, a, text, c, e))
		return -1;
	if (!k->read(k, a, text, out))
		return call_refuse(c, MISFIT, f->name, told(f, text),
			arena_printf(a, "%s (type %s)", k->want, k->name),
			k->want_ja, e);
	if (!f->mynumber && out->kind == CELL_BLOB &&
		mynumber_in_bytes(out->text))
		return call_refuse(c, MYNUMBER, f->name, NULL, "", NULL, e);
	if (check_range(f, a, text, out, c, e))
		return -1;
	if (f->rules.regex && !matches(f->rules.regex, text))
		return call_refuse(c, PATTERN, f->name, told(f, text),
			f->rules.pattern, NULL, e);
	return check_allowed(f, a, text, out, c, e);
}

static void
drop_pattern(void *pattern)
{
	struct pattern *p = pattern;

	regfree(&p->regex);
	freelocale(p->locale);
}

/* Only what OpenAPI, XML Schema and POSIX read alike is not. */
static bool
is_strange(const char *s, char before)
{
	static const char *const not [] = { "[:", "[.", "[=", "(?" };

	for (size_t i = 0; i < sizeof(not ) / sizeof(*not ); i++)
		if (str_prefix(s, not [i]))
			return true;
	/* ranges of kana: not every C library has them */
	if (*s == '-' && (before & 0x80) && (s[1] & 0x80))
		return true;
	if (*s == '\\')
		return !s[1] || isalnum((unsigned char)s[1]);
	return before != '\\' && (*s == '$' || (*s == '^' && before != '['));
}

static int
check_pattern(struct arena *a, struct rules *r, struct err *e)
{
	struct pattern *p = arena_new_of(a, struct pattern);
	const char *whole = arena_printf(a, "^(%s)$", r->pattern);
	locale_t before;
	int bad;

	for (const char *s = r->pattern; *s; s++)
		if (is_strange(s, s == r->pattern ? '\0' : s[-1]))
			return fail(e, FAULT_CONFIG,
				"the pattern \"%.100s\" uses \"%.2s\", which "
				"not everybody reads alike; it is for the "
				"whole value, so ^ and $ are not needed, and "
				"digits are [0-9]",
				r->pattern, s);
	p->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (!p->locale)
		return fail(e, FAULT_INTERNAL, "there is no UTF-8 locale");
	before = uselocale(p->locale);
	bad = regcomp(&p->regex, whole, REG_EXTENDED | REG_NOSUB);
	uselocale(before);
	if (bad) {
		freelocale(p->locale);
		return fail(e, FAULT_CONFIG, "the pattern \"%.100s\" is none",
			r->pattern);
	}
	arena_defer(a, drop_pattern, p);
	r->regex = p;
	return 0;
}

/* A value of the file is one that the rules before it allow. */
static int
check_value(struct arena *a, const struct field *f, const char *what,
	const char *text, struct err *e)
{
	struct complaint c;
	struct cell v;
	struct err why = ERR_INIT;

	if (!text || !field_read(f, a, text, &v, &c, &why))
		return 0;
	return fail(e, FAULT_CONFIG, "\"%s\" of \"%s\" does not fit: %s", what,
		f->name, why.text);
}

int
rules_check(struct arena *a, struct field *f, struct err *e)
{
	struct rules *r = &f->rules;
	struct field bare = *f;

	if ((r->least || r->greatest) && !f->kind->number && !f->kind->moment)
		return fail(e, FAULT_CONFIG,
			"\"%s\" has a minimum or maximum, but is no number and "
			"no date",
			f->name);
	bare.rules = RULES_NONE;
	bare.mynumber = true;
	if (check_value(a, &bare, "minimum", r->least, e) ||
		check_value(a, &bare, "maximum", r->greatest, e))
		return -1;
	for (size_t i = 0; i < r->allowed_n; i++)
		if (check_value(a, &bare, "values", r->allowed[i], e))
			return -1;
	if (r->shortest >= 0 && r->longest >= 0 && r->shortest > r->longest)
		return fail(e, FAULT_CONFIG,
			"\"%s\": the shortest length is above the longest",
			f->name);
	if (r->pattern && check_pattern(a, r, e))
		return -1;
	for (size_t i = 0; i < f->items_n; i++)
		if (check_value(a, f, "default", f->items[i], e))
			return -1;
	return check_value(a, f, "default", f->fallback, e);
}
