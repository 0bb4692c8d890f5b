/* SPDX-License-Identifier: MIT */
/* The rows of contract.def, and how a request is held against them. */
#include "contract_int.h"

#include <stdint.h>
#include <string.h>

#include "console_int.h"
#include "err.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"

enum { MAY, MUST };
/* With this many keys and codes of a key a refusal is full. */
enum { KEY_MAX = 256, WRONG_MAX = 50, CODES_MAX = 20, TRIM_MAX = ' ' };
/* Their most bytes in JSON; keys and codes are ours, and need no escapes. */
enum {
	CODE_ROOM = sizeof("\"IdentifierChars\","),
	KEY_ROOM = KEY_MAX + sizeof("\"\":[],"),
	REFUSAL_MAX = 256 + WRONG_MAX * (KEY_ROOM + CODES_MAX * CODE_ROOM)
};

/* clang-format off */
#define SHAPE(n) static const struct member n[] = { { KIND_NAME, MAY, #n, 0, 0, NULL, NULL },
#define END { KIND_END, MAY, NULL, 0, 0, NULL, NULL } };
#define IDENT(need, n, high) { KIND_IDENT, need, n, 1, high, NULL, NULL },
#define TEXT(need, n, low, high) { KIND_TEXT, need, n, low, high, NULL, NULL },
#define LINES(need, n, low, high) { KIND_LINES, need, n, low, high, NULL, NULL },
#define SECRET(need, n, low, high) { KIND_SECRET, need, n, low, high, NULL, NULL },
#define DIGITS(need, n, low, high) { KIND_DIGITS, need, n, low, high, NULL, NULL },
#define WORD(need, n, w) { KIND_WORD, need, n, 0, 0, w, NULL },
#define FLAG(need, n) { KIND_FLAG, need, n, 0, 0, NULL, NULL },
#define NUMBER(need, n, low, high) { KIND_NUMBER, need, n, low, high, NULL, NULL },
#define PART(need, n, s) { KIND_PART, need, n, 0, 0, NULL, s },
#define LIST(need, n, s) { KIND_LIST, need, n, 0, 0, NULL, s },
#define TEXTS(need, n, low, high) { KIND_TEXTS, need, n, low, high, NULL, NULL },
#define WORDS(need, n, w) { KIND_WORDS, need, n, 0, 0, w, NULL },
#define ANY(need, n) { KIND_ANY, need, n, 0, 0, NULL, NULL },
#include "contract.def"

static const struct contract rows[] = {
#define TAKES(api, method, path, query, media, body, makes) \
	{ #api[0], MEDIA_##media, method, path, query, body, makes },
#include "contract.def"
};
/* clang-format on */

const struct contract *
contract_find(char api, const char *method, const char *path)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((rows[i].api == api || rows[i].api == 'B') &&
			str_equal(rows[i].method, method) &&
			route_same(rows[i].path, path))
			return &rows[i];
	return NULL;
}

/* ---- one value ---- */

/* Where we are, for the key of a refusal: "clientAddDto.client.memberCode". */
struct judge {
	bool strict, trimmed;
	json_t *wrong;
	char key[KEY_MAX];
};

static void
wrong(struct judge *j, const char *code)
{
	json_t *list = json_object_get(j->wrong, j->key);

	if (list ? json_array_size(list) >= CODES_MAX
		 : json_object_size(j->wrong) >= WRONG_MAX)
		return;
	if (!list) {
		list = json_array();
		json_put_new(j->wrong, j->key, list);
	}
	json_array_append_new(list, json_text_new(code));
}

/* Appends a piece to the key, snake case as camel case; returns where it was
   long before. */
static size_t
key_push(struct judge *j, const char *name)
{
	size_t was = strlen(j->key), n = was;
	bool up = false;

	if (n && n + 1 < KEY_MAX)
		j->key[n++] = '.';
	for (; *name && n + 1 < KEY_MAX; name++) {
		if (*name == '_') {
			up = true;
			continue;
		}
		j->key[n++] = up && *name >= 'a' && *name <= 'z'
				      ? (char)(*name - 'a' + 'A')
				      : *name;
		up = false;
	}
	j->key[n] = '\0';
	return was;
}

/* The code point at *p of valid UTF-8, which moves on. */
static uint32_t
next_char(const char **p)
{
	const unsigned char *s = (const unsigned char *)*p;
	int more = *s >= 0xf0 ? 3 : *s >= 0xe0 ? 2 : *s >= 0xc0 ? 1 : 0;
	uint32_t c = more ? *s & (0x3fU >> more) : *s;

	for (int i = 1; i <= more; i++)
		c = c << 6 | (s[i] & 0x3f);
	*p += more + 1;
	return c;
}

/* Ends of lines and tabs: what a text of many lines has. */
static bool
is_layout(uint32_t c)
{
	return c == '\n' || c == '\r' || c == '\t';
}

/* Neither XML nor a log line can carry it. */
static bool
is_control(uint32_t c)
{
	return c < ' ' || (c >= 0x7f && c <= 0x9f) || c == 0xfffe ||
	       c == 0xffff;
}

static bool
ident_fits(uint32_t c, bool strict)
{
	if (strict)
		return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		       (c >= 'a' && c <= 'z') ||
		       (c && c < 0x80 && strchr("'()+,-.=?", (int)c));
	return !is_control(c) && c != 0xfeff && c != 0x200b &&
	       !(c < 0x80 && strchr(":;%/\\", (int)c));
}

static void
judge_text(struct judge *j, const struct member *m, const char *s)
{
	bool control = false, ident = true;
	int64_t n = 0;

	for (; *s; n++) {
		uint32_t c = next_char(&s);

		control = control ||
			  (is_control(c) &&
				  !(m->kind == KIND_LINES && is_layout(c)));
		ident = ident && ident_fits(c, j->strict);
	}
	if (n < m->low || n > m->high)
		wrong(j, "Size");
	if (m->kind == KIND_IDENT ? !ident : control)
		wrong(j, m->kind == KIND_IDENT ? "IdentifierChars"
					       : "NoControlChars");
}

static bool
word_known(const char *words, const char *s, size_t n)
{
	while (*words) {
		size_t len = strcspn(words, "|");

		if (len == n && !strncmp(words, s, n))
			return true;
		words += len + (words[len] == '|');
	}
	return false;
}

/* Spaces and control characters around it go, as java.lang.String.trim(). */
static const char *
trim(struct judge *j, json_t *v)
{
	const char *s = json_string_value(v), *from = s;
	size_t n = json_string_length(v);
	char *copy;

	while (n && (unsigned char)s[n - 1] <= TRIM_MAX)
		n--;
	while (n && (unsigned char)*from <= TRIM_MAX) {
		from++;
		n--;
	}
	if (n == json_string_length(v))
		return s;
	copy = mem_alloc(n + 1);
	memcpy(copy, from, n);
	json_string_setn(v, copy, n);
	mem_wipe(copy, n);
	mem_free(copy);
	j->trimmed = true;
	return json_string_value(v);
}

static void judge_object(
	struct judge *j, const struct member *rows_of, json_t *v);

static void
judge_items(struct judge *j, const struct member *m, json_t *list)
{
	struct member item = *m;
	json_t *x;
	size_t i;

	if (!json_is_array(list)) {
		wrong(j, "typeMismatch");
		return;
	}
	item.kind = m->kind == KIND_LIST ? KIND_PART : KIND_TEXT;
	json_each(x, i, list) {
		const char *s = json_is_string(x) ? trim(j, x) : NULL;

		if (m->kind == KIND_LIST && json_is_object(x))
			judge_object(j, m->part, x);
		else if (m->kind == KIND_TEXTS && s)
			judge_text(j, &item, s);
		else if (m->kind != KIND_WORDS || !s ||
			 !word_known(m->words, s, strlen(s)))
			wrong(j, "typeMismatch");
	}
}

static void
judge_number(struct judge *j, const struct member *m, json_t *v)
{
	double n = json_number_value(v);

	if (!json_is_number(v))
		wrong(j, "typeMismatch");
	else if (n < (double)m->low)
		wrong(j, "Min");
	else if (n > (double)m->high)
		wrong(j, "Max");
	else if (!json_is_integer(v))
		wrong(j, "typeMismatch");
}

static void
judge_string(struct judge *j, const struct member *m, json_t *v)
{
	if (json_is_string(v))
		judge_text(j, m,
			m->kind == KIND_SECRET ? json_string_value(v)
					       : trim(j, v));
	else if (m->kind != KIND_DIGITS || !json_is_integer(v))
		wrong(j, "typeMismatch");
}

static void
judge_word(struct judge *j, const struct member *m, json_t *v)
{
	const char *s = json_is_string(v) ? trim(j, v) : "";

	if (!word_known(m->words, s, strlen(s)))
		wrong(j, "typeMismatch");
}

static void
judge_flag(struct judge *j, const struct member *m, json_t *v)
{
	(void)m;
	if (!json_is_boolean(v))
		wrong(j, "typeMismatch");
}

static void
judge_part(struct judge *j, const struct member *m, json_t *v)
{
	if (json_is_object(v))
		judge_object(j, m->part, v);
	else
		wrong(j, "typeMismatch");
}

static void
judge_any(struct judge *j, const struct member *m, json_t *v)
{
	(void)j;
	(void)m;
	(void)v;
}

static void (*const judges[KIND_END])(
	struct judge *j, const struct member *m, json_t *v) = {
	[KIND_NAME] = judge_any,
	[KIND_IDENT] = judge_string,
	[KIND_TEXT] = judge_string,
	[KIND_LINES] = judge_string,
	[KIND_SECRET] = judge_string,
	[KIND_DIGITS] = judge_string,
	[KIND_WORD] = judge_word,
	[KIND_FLAG] = judge_flag,
	[KIND_NUMBER] = judge_number,
	[KIND_PART] = judge_part,
	[KIND_LIST] = judge_items,
	[KIND_TEXTS] = judge_items,
	[KIND_WORDS] = judge_items,
	[KIND_ANY] = judge_any,
};

static void
judge_object(struct judge *j, const struct member *rows_of, json_t *v)
{
	for (const struct member *m = rows_of + 1; m->kind != KIND_END; m++) {
		json_t *x = json_object_get(v, m->name);
		size_t was = key_push(j, m->name);

		if (x && !json_is_null(x))
			judges[m->kind](j, m, x);
		else if (m->must)
			wrong(j, "NotNull");
		j->key[was] = '\0';
	}
}

/* "ClientAdd" to "clientAddDto", as X-Road's classes are called. The same name
   means two things in the two interfaces: ours tells them apart before it. */
static void
key_start(struct judge *j, const struct member *shape)
{
	static const char *const apart[] = { "Server", "Center" };
	const char *name = shape->name;

	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
		if (str_prefix(name, apart[i]) &&
			name[strlen(apart[i])] != '\0')
			name += strlen(apart[i]);
	j->key[0] = '\0';
	key_push(j, name);
	if (j->key[0] >= 'A' && j->key[0] <= 'Z')
		j->key[0] = (char)(j->key[0] - 'A' + 'a');
	if (strlen(j->key) + sizeof("Dto") <= KEY_MAX)
		memcpy(j->key + strlen(j->key), "Dto", sizeof("Dto"));
}

bool
contract_body(
	const struct contract *c, bool strict, json_t *body, json_t *errors)
{
	struct judge j = { .strict = strict, .wrong = errors };

	key_start(&j, c->body);
	if (json_is_object(body))
		judge_object(&j, c->body, body);
	else
		wrong(&j, "typeMismatch");
	return j.trimmed;
}

/* ---- the query ---- */

/* The value as JSON would have it; NULL if it cannot be of that kind. */
static json_t *
query_value(const struct member *m, const char *s)
{
	int64_t n;
	json_t *list;

	if (m->kind == KIND_FLAG && str_iequal(s, "true"))
		return json_true();
	if (m->kind == KIND_FLAG && str_iequal(s, "false"))
		return json_false();
	if (m->kind == KIND_NUMBER &&
		!int_parse(s, INT64_MIN, INT64_MAX, &n, NULL))
		return json_integer(n);
	if (m->kind == KIND_FLAG || m->kind == KIND_NUMBER)
		return NULL;
	if (m->kind != KIND_WORDS)
		return json_text_new(s);
	list = json_array();
	while (*s) {
		size_t len = strcspn(s, ",");

		json_array_append_new(list, json_stringn(s, len));
		s += len + (s[len] == ',');
	}
	return list;
}

/* An empty parameter that is no text is as if it were not there. */
static void
query_judge(struct judge *j, const struct member *m, const char *s)
{
	json_t *v;

	if (!*s && m->kind != KIND_TEXT && !m->must)
		return;
	v = query_value(m, s);
	if (v)
		judges[m->kind](j, m, v);
	else
		wrong(j, "typeMismatch");
	json_decref(v);
}

/* Every value of the name is judged; how many there are. */
static int
query_member(struct judge *j, const struct member *m, struct arena *a,
	const char *query)
{
	const char *end, *eq;
	char *name, *value;
	int n = 0;

	for (; query && *query; query = *end ? end + 1 : end) {
		end = query + strcspn(query, "&");
		eq = memchr(query, '=', (size_t)(end - query));
		if (!eq)
			eq = end;
		if (form_decode(a, query, (size_t)(eq - query), &name, NULL) ||
			!str_equal(name, m->name))
			continue;
		n++;
		if (eq == end)
			query_judge(j, m, "");
		else if (form_decode(a, eq + 1, (size_t)(end - eq - 1), &value,
				 NULL))
			wrong(j, "typeMismatch");
		else
			query_judge(j, m, value);
	}
	return n;
}

void
contract_query(const struct contract *c, struct arena *a, const char *query,
	json_t *errors)
{
	for (const struct member *m = c->query + 1; m->kind != KIND_END; m++) {
		struct judge j = { .wrong = errors };

		key_push(&j, m->name);
		if (!query_member(&j, m, a, query) && m->must)
			wrong(&j, "NotNull");
	}
}

/* ---- media types ---- */

/* Does "a/b" fall into one range of an Accept field? q=0 is not looked for. */
static bool
type_accepted(const char *accept, const char *type)
{
	size_t major = strcspn(type, "/") + 1;

	while (*accept) {
		const char *from = accept + strspn(accept, " \t,");
		size_t len = strcspn(from, ",; \t");

		if ((len == 3 && !strncmp(from, "*/*", 3)) ||
			(len == major + 1 && from[major] == '*' &&
				!strncasecmp(from, type, major)) ||
			(len == strlen(type) && !strncasecmp(from, type, len)))
			return true;
		accept = from + strcspn(from, ",");
	}
	return false;
}

static bool
acceptable(const struct contract *c, const char *accept)
{
	return !accept || !accept[strspn(accept, " \t")] ||
	       type_accepted(accept, "application/json") ||
	       (c && *c->makes && type_accepted(accept, c->makes));
}

static bool
type_is(const char *header, const char *type)
{
	size_t n = strlen(type);

	return !strncasecmp(header, type, n) && strchr(" \t;", header[n]);
}

/* X-Road's server takes a body without a type for bytes. */
static bool
media_fits(enum media media, const char *type)
{
	static const char *const names[] = { [MEDIA_NONE] = NULL,
		[MEDIA_JSON] = "application/json",
		[MEDIA_BYTES] = "application/octet-stream",
		[MEDIA_FORM] = "multipart/form-data" };

	if (!names[media])
		return true;
	return type_is(type ? type : names[MEDIA_BYTES], names[media]);
}

/* ---- a request ---- */

static int
refuse_validation(struct request *r, json_t *errors, struct err *e)
{
	json_t *all = json_object(), *error = json_object();
	struct buf b;
	int ret;

	json_put_int(all, "status", 400);
	json_put_str(error, "code", "validation_failure");
	json_put_new(error, "validation_errors", json_incref(errors));
	json_put_new(all, "error", error);
	buf_init(&b, REFUSAL_MAX);
	json_write(&b, all, JSON_PLAIN);
	json_decref(all);
	ret = buf_ok(&b, "the refusal", e);
	if (!ret)
		ret = reply_json(r, 400, b.data, e);
	buf_done(&b);
	return ret ? -1 : 1;
}

/* The handler reads what was trimmed. */
static void
body_replace(struct request *r, json_t *body)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	json_write(&b, body, JSON_PLAIN);
	request_set_body(r,
		bytes_of(arena_memdup(request_arena(r), b.data, b.len), b.len));
	mem_wipe(b.data, b.len);
	buf_done(&b);
}

static int
body_check(struct request *r, const struct contract *c, bool strict,
	json_t *errors, struct err *e)
{
	struct bytes text;
	json_t *body;

	if (request_body(r, &text, e))
		return -1;
	if (!text.len)
		return 0; /* the handler says what it misses */
	if (!media_fits(c->media, request_header(r, "Content-Type")))
		return fail(e, FAULT_MEDIA_TYPE,
			"the body must be application/json");
	if (json_parse(request_arena(r), text, NULL, &body, e))
		return -1;
	if (contract_body(c, strict, body, errors))
		body_replace(r, body);
	return 0;
}

int
contract_check(
	struct request *r, const struct contract *c, bool strict, struct err *e)
{
	json_t *errors;
	int ret = 0;

	if (!acceptable(c, request_header(r, "Accept")))
		return fail(e, FAULT_NOT_ACCEPTABLE,
			"the answer would be of another type than Accept has");
	if (!c)
		return 0;
	if (c->media > MEDIA_JSON &&
		!media_fits(c->media, request_header(r, "Content-Type")))
		return fail(e, FAULT_MEDIA_TYPE, "the body must be %s",
			c->media == MEDIA_FORM ? "multipart/form-data"
					       : "application/octet-stream");
	errors = json_keep(request_arena(r), json_object());
	contract_query(c, request_arena(r), request_query(r), errors);
	if (c->media == MEDIA_JSON)
		ret = body_check(r, c, strict, errors, e);
	if (!ret && json_object_size(errors))
		ret = refuse_validation(r, errors, e);
	return ret;
}
