/* SPDX-License-Identifier: MIT */
/*
 * Finding the named parameters of one SQL statement.
 */
#include "sqltext.h"

#include <ctype.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "mem.h"
#include "text.h"

static bool
name_start(char c)
{
	return isalpha((unsigned char)c) || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static bool
name_char(char c)
{
	return name_start(c) || isdigit((unsigned char)c);
}

static size_t
name_len(const char *s)
{
	size_t n = 0;

	if (name_start(*s))
		while (name_char(s[n]))
			n++;
	return n;
}

/* Past the closing quote, which stands for itself when doubled; NULL when
   there is none. */
static const char *
past_quote(const char *s, char quote, bool backslash)
{
	for (s++; *s; s++) {
		if (backslash && *s == '\\' && s[1])
			s++;
		else if (*s == quote && s[1] == quote)
			s++;
		else if (*s == quote)
			return s + 1;
	}
	return NULL;
}

static const char *
past_comment(const char *s, bool nested)
{
	size_t depth = 1;

	for (s += 2; *s; s++) {
		if (s[0] == '*' && s[1] == '/') {
			s++;
			if (--depth == 0)
				return s + 1;
		} else if (nested && s[0] == '/' && s[1] == '*') {
			s++;
			depth++;
		}
	}
	return NULL;
}

/* $tag$ ... $tag$; s itself when it is none. */
static const char *
past_dollar(const char *s)
{
	size_t tag = name_len(s + 1) + 2;
	const char *p;

	if (s[tag - 1] != '$')
		return s;
	for (p = s + tag; (p = strchr(p, '$')) != NULL; p++)
		if (strncmp(p, s, tag) == 0)
			return p + tag;
	return NULL;
}

static const char *
past_line(const char *s)
{
	return s + strcspn(s, "\n");
}

/* A minus before a minus, unless a blank follows, for MySQL: then it is two. */
static bool
is_line_comment(const char *s, enum sql_dialect dialect)
{
	if (*s == '#')
		return dialect == SQL_MYSQL;
	return s[0] == '-' && s[1] == '-' &&
	       (dialect != SQL_MYSQL || !s[2] || isspace((unsigned char)s[2]) ||
		       iscntrl((unsigned char)s[2]));
}

static bool
word_start(const char *s, enum sql_dialect dialect)
{
	return isdigit((unsigned char)*s) || name_start(*s) ||
	       (*s == '$' && dialect == SQL_MYSQL);
}

/* Past the word that begins at s, with the string it is the prefix of. */
static const char *
past_word(const char *s, enum sql_dialect dialect)
{
	size_t n = 0;

	while (name_char(s[n]) || s[n] == '$' ||
		(s[n] == '#' && dialect == SQL_OTHER))
		n++;
	if (dialect == SQL_POSTGRESQL && n == 1 && (*s == 'e' || *s == 'E') &&
		s[1] == '\'')
		return past_quote(s + 1, '\'', true);
	return s + n;
}

/* Past a string, quoted name, comment or word; s when none begins here, NULL
   when it does not end. */
static const char *
past_token(const char *s, enum sql_dialect dialect)
{
	bool mysql = dialect == SQL_MYSQL;

	if (is_line_comment(s, dialect))
		return past_line(s);
	if (s[0] == '/' && s[1] == '*')
		return past_comment(s, dialect == SQL_POSTGRESQL);
	if (*s == '\'' || *s == '"')
		return past_quote(s, *s, mysql);
	if (*s == '`' && (mysql || dialect == SQL_SQLITE))
		return past_quote(s, '`', false);
	if (*s == '[' && dialect == SQL_SQLITE) {
		s = strchr(s, ']');
		return s ? s + 1 : NULL;
	}
	if (*s == '$' && dialect == SQL_POSTGRESQL)
		return past_dollar(s);
	if (word_start(s, dialect))
		return past_word(s, dialect);
	return s;
}

static bool
is_comment(const char *s, enum sql_dialect dialect)
{
	return is_line_comment(s, dialect) || (s[0] == '/' && s[1] == '*');
}

static int
use_add(struct arena *a, struct sqltext *t, size_t at, size_t len,
	struct err *e)
{
	const char *name = t->sql + at + 1;
	size_t i;

	if (len - 1 > SQLTEXT_NAME_MAX)
		return fail(e, FAULT_DATA_STATEMENT,
			"a parameter's name is longer than %d bytes",
			SQLTEXT_NAME_MAX);
	for (i = 0; i < t->params; i++)
		if (strlen(t->param[i]) == len - 1 &&
			memcmp(t->param[i], name, len - 1) == 0)
			break;
	if (i == SQLTEXT_PARAMS_MAX || t->uses == SQLTEXT_USES_MAX)
		return fail(e, FAULT_DATA_STATEMENT,
			"the statement has more than %d parameters",
			SQLTEXT_PARAMS_MAX);
	if (i == t->params)
		t->param[t->params++] = arena_strndup(a, name, len - 1);
	t->use[t->uses++] = (struct sqluse){ .at = at, .len = len, .param = i };
	return 0;
}

/* A parameter without a name would be numbered twice: by us and by its
   author. A '?' is an operator in PostgreSQL. */
static bool
is_marker(const char *s, enum sql_dialect dialect)
{
	if (dialect == SQL_POSTGRESQL)
		return *s == '$' && isdigit((unsigned char)s[1]);
	return *s == '?';
}

/* Bytes of the parameter at s, 0 when there is none. */
static size_t
param_len(const char *s, enum sql_dialect dialect)
{
	bool sign = *s == ':' ||
		    (dialect == SQL_SQLITE && (*s == '$' || *s == '@'));
	size_t n = sign ? name_len(s + 1) : 0;

	return n ? n + 1 : 0;
}

/* What follows the ';' is nothing but blanks, comments and more of them. */
static int
check_end(const char *s, enum sql_dialect dialect, struct err *e)
{
	while (s && *s) {
		if (isspace((unsigned char)*s) || *s == ';')
			s++;
		else if (is_comment(s, dialect))
			s = past_token(s, dialect);
		else
			return fail(e, FAULT_DATA_STATEMENT,
				"exactly one statement is expected, and there "
				"is something after the first ';'");
	}
	return 0;
}

static void
take_verb(struct sqltext *t, const char *s, const char *end)
{
	size_t n = (size_t)(end - s);

	if (*t->verb || !name_start(*s) || n >= sizeof(t->verb))
		return;
	memcpy(t->verb, s, n);
	t->verb[n] = '\0';
	str_lower(t->verb);
}

static int
unclosed(const char *s, struct err *e)
{
	return fail(e, FAULT_DATA_STATEMENT,
		"the statement has no end for what begins with %.10s", s);
}

static int
scan(struct arena *a, struct sqltext *t, enum sql_dialect dialect,
	const char **end, struct err *e)
{
	const char *s = t->sql, *past;
	size_t n;

	while (*s && *s != ';') {
		if (is_marker(s, dialect))
			return fail(e, FAULT_DATA_STATEMENT,
				"the statement has a parameter without a name; "
				"write :name");
		n = param_len(s, dialect);
		if (n && use_add(a, t, (size_t)(s - t->sql), n, e))
			return -1;
		past = n ? s + n : past_token(s, dialect);
		if (!past)
			return unclosed(s, e);
		if (past > s && !n && !is_comment(s, dialect))
			take_verb(t, s, past);
		if (past == s) /* ::cast and := are one sign */
			past += s[0] == ':' && (s[1] == ':' || s[1] == '=') ? 2
									    : 1;
		s = past;
	}
	*end = s;
	return 0;
}

/* Blanks and comments are nothing. */
static const char *
past_nothing(const char *s, enum sql_dialect dialect)
{
	while (s && *s) {
		if (isspace((unsigned char)*s))
			s++;
		else if (is_comment(s, dialect))
			s = past_token(s, dialect);
		else
			break;
	}
	return s;
}

/* What was seen before a token, as far as uses want to know. */
struct around {
	enum { NOTHING, NOT, IN, OPENED, USED } seen;
	size_t from; /* of NOT or IN */
	bool negated;
	struct sqluse *use; /* the token before, if it was one */
};

static bool
is_word(const char *s, size_t n, const char *word)
{
	return n == strlen(word) && str_iprefix(s, word);
}

/* A token that is no parameter: at, n bytes. */
static void
see_token(struct around *x, const char *sql, size_t at, size_t n)
{
	const char *s = sql + at;

	if (x->use && is_word(s, n, "is"))
		x->use->is = true;
	if (is_word(s, n, "not")) {
		x->seen = NOT;
		x->from = at;
	} else if (is_word(s, n, "in")) {
		x->negated = x->seen == NOT;
		x->from = x->negated ? x->from : at;
		x->seen = IN;
	} else if (x->seen == IN && *s == '(') {
		x->seen = OPENED;
	} else if (x->seen == USED && *s == ')') {
		x->use->in = x->from;
		x->use->to = at + n;
		x->use->negated = x->negated;
		x->seen = NOTHING;
	} else {
		x->seen = NOTHING;
	}
	x->use = NULL;
}

static void
see_around(struct sqltext *t, enum sql_dialect dialect)
{
	const char *s = t->sql, *past;
	struct around x = { .seen = NOTHING };
	size_t next = 0;

	while ((s = past_nothing(s, dialect)) && *s) {
		size_t at = (size_t)(s - t->sql);

		if (next < t->uses && at == t->use[next].at) {
			x.use = &t->use[next++];
			x.seen = x.seen == OPENED ? USED : NOTHING;
			s += x.use->len;
			continue;
		}
		past = past_token(s, dialect);
		if (!past)
			return;
		past += past == s;
		see_token(&x, t->sql, at, (size_t)(past - s));
		s = past;
	}
}

int
sqltext_parse(struct arena *a, const char *sql, enum sql_dialect dialect,
	struct sqltext *out, struct err *e)
{
	const char *end;

	*out = (struct sqltext){ .sql = sql };
	if (strlen(sql) > SQLTEXT_MAX)
		return fail(e, FAULT_DATA_STATEMENT,
			"the statement is larger than %d bytes", SQLTEXT_MAX);
	if (!utf8_valid(sql, strlen(sql)))
		return fail(
			e, FAULT_DATA_STATEMENT, "the statement is not UTF-8");
	out->param =
		arena_array(a, SQLTEXT_PARAMS_MAX + 1, sizeof(*out->param));
	out->use = arena_array(a, SQLTEXT_USES_MAX, sizeof(*out->use));
	if (scan(a, out, dialect, &end, e) || check_end(end, dialect, e))
		return -1;
	if (!*out->verb)
		return fail(e, FAULT_DATA_STATEMENT,
			"exactly one statement is expected; this is empty");
	out->sql = arena_strndup(a, sql, (size_t)(end - sql));
	out->list = arena_array(a, SQLTEXT_PARAMS_MAX, sizeof(*out->list));
	see_around(out, dialect);
	return 0;
}

/* One use, and the text from `at` up to it. Returns where the text goes on. */
static size_t
render_use(const struct sqltext *t, const struct sqluse *u, size_t at,
	enum sqltext_style style, struct buf *out)
{
	bool list = u->to && t->list[u->param],
	     dollar = style != SQLTEXT_MARKED && style != SQLTEXT_NUMBERED;
	size_t n = u->param + 1;

	if (list && dollar) {
		buf_add(out, t->sql + at, u->in - at);
		buf_fmt(out, u->negated ? "<> ALL($%zu)" : "= ANY($%zu)", n);
		return u->to;
	}
	buf_add(out, t->sql + at, u->at - at);
	if (style == SQLTEXT_TYPING && u->is)
		buf_str(out, "NULL");
	else if (dollar)
		buf_fmt(out, "$%zu", n);
	else if (style == SQLTEXT_MARKED)
		buf_char(out, '?');
	else
		buf_fmt(out,
			list ? "SELECT value FROM json_each(?%zu)" : "?%zu", n);
	return u->at + u->len;
}

void
sqltext_render(
	const struct sqltext *t, enum sqltext_style style, struct buf *out)
{
	size_t at = 0;

	for (size_t i = 0; i < t->uses; i++)
		at = render_use(t, &t->use[i], at, style, out);
	buf_str(out, t->sql + at);
}

void
sqltext_words(const char *sql, enum sql_dialect dialect, sqltext_word_fn *fn,
	void *ctx)
{
	const char *past, *next;
	bool quoted;

	for (; *sql; sql = past) {
		past = past_token(sql, dialect);
		if (!past)
			return;
		quoted = *sql == '"' || *sql == '`' || *sql == '[';
		if (past == sql) {
			past++;
		} else if (quoted || word_start(sql, dialect)) {
			next = past_nothing(past, dialect);
			if (!fn(ctx, sql + quoted,
				    (size_t)(past - sql) - 2 * quoted,
				    next ? *next : '\0'))
				return;
		}
	}
}

bool
sqltext_has(const char *sql, enum sql_dialect dialect, const char *word)
{
	size_t n = strlen(word);

	while (*sql) {
		const char *past = past_token(sql, dialect);

		if (!past)
			return false;
		if (past == sql + n && str_iprefix(sql, word))
			return true;
		sql = past == sql ? sql + 1 : past;
	}
	return false;
}

bool
sqltext_has_sign(const char *sql, enum sql_dialect dialect, const char *signs)
{
	while (*sql) {
		const char *past = past_token(sql, dialect);

		if (!past)
			return false;
		if (past == sql && strchr(signs, *sql))
			return true;
		sql = past == sql ? sql + 1 : past;
	}
	return false;
}
