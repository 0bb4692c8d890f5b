/* SPDX-License-Identifier: MIT */
/*
 * `machilink api coverage`: every operation of X-Road's administration
 * interfaces and what becomes of it here. It answers, it has a row that refuses
 * with a clear error (reply_unbacked), or it is missing. The rows are the route
 * tables the program serves from; the operations are operation.def, or those of
 * a specification file.
 */
#include "cli.h"
#include "cli_int.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "center.h"
#include "console.h"
#include "err.h"
#include "file.h"
#include "http_server.h"
#include "json_io.h"
#include "language.h"
#include "mem.h"
#include "server.h"
#include "text.h"

enum { SPEC_MAX = 4 * 1024 * 1024, SPEC_OPERATIONS = 1000 };

static const char prefix[] = "/api/v1";

struct operation {
	char api; /* S security server, C center, B both */
	const char *method, *path;
};

static const struct operation known[] = {
#define OPERATION(api, method, path) { #api[0], method, path },
#include "operation.def"
};

enum state { ANSWERS, REFUSES, MISSING, STATES };

static const struct state_word {
	const char *json, *en, *ja;
} words[STATES] = {
	[ANSWERS] = { "answers", "answers", "応答する" },
	[REFUSES] = { "unavailable", "clear error", "対象外と応答" },
	[MISSING] = { "missing", "missing", "未実装" },
};

static const struct route *
row_find(
	const struct route *rows, const char *before, const struct operation *o)
{
	size_t n = strlen(before);

	for (; rows && rows->method; rows++)
		if (str_equal(rows->method, o->method) &&
			str_prefix(rows->path, before) &&
			route_same(rows->path + n, o->path))
			return rows;
	return NULL;
}

static enum state
state_of(const struct operation *o, char api)
{
	const struct role *role = api == 'C' ? &role_center : &role_server;
	const struct route *row = row_find(role->admin, "", o);

	if (!row)
		row = row_find(console_routes, prefix, o);
	if (!row)
		return MISSING;
	return row->handle == reply_unbacked ? REFUSES : ANSWERS;
}

/* ---- a specification file, as far as its list of operations goes ---- */

struct spec {
	struct operation *item;
	size_t n;
	bool inside; /* below "paths:" */
	const char *path;
	size_t depth; /* of the path's methods; 0 not known yet */
};

static const char *
method_of(const char *key)
{
	static const char *const rows[][2] = { { "get:", "GET" },
		{ "put:", "PUT" }, { "post:", "POST" }, { "patch:", "PATCH" },
		{ "delete:", "DELETE" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_equal(key, rows[i][0]))
			return rows[i][1];
	return NULL;
}

/* YAML by indentation: paths at two, their methods at the next depth. */
static int
spec_line(struct arena *a, struct spec *s, char api, char *line, struct err *e)
{
	size_t depth = strspn(line, " ");
	char *key = str_trim(line + depth);
	const char *method;

	if (!*key || *key == '#')
		return 0;
	if (depth == 0)
		s->inside = str_equal(key, "paths:");
	if (!s->inside)
		return 0;
	if (depth == 2) {
		key[strcspn(key, ":")] = '\0';
		s->path = arena_strdup(
			a, *key == '\'' || *key == '"' ? key + 1 : key);
		s->depth = 0;
		return 0;
	}
	if (!s->depth)
		s->depth = depth;
	method = depth == s->depth ? method_of(key) : NULL;
	if (!method)
		return 0;
	if (!s->path || s->n == SPEC_OPERATIONS)
		return fail(e, FAULT_BAD_REQUEST,
			"the specification cannot be read");
	s->item[s->n++] = (struct operation){ api, method, s->path };
	return 0;
}

static int
spec_read(struct arena *a, const char *file, char api, struct spec *s,
	struct err *e)
{
	struct bytes text;
	char *line, *end;

	*s = (struct spec){ .item = arena_array(
				    a, SPEC_OPERATIONS, sizeof(*s->item)) };
	if (file_read(a, file, SPEC_MAX, &text, e))
		return -1;
	line = arena_strndup(a, (const char *)text.data, text.len);
	for (; line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		if (spec_line(a, s, api, line, e))
			return -1;
	}
	if (!s->n)
		return fail(
			e, FAULT_BAD_REQUEST, "%s lists no operations", file);
	return 0;
}

/* ---- the report ---- */

struct report {
	const struct operation *item;
	size_t n;
	bool missing_only, json, ja;
	json_t *list;
	size_t count[STATES];
};

static void
print_operation(struct report *r, const struct operation *o, char api)
{
	enum state st = state_of(o, api);
	const struct state_word *w = &words[st];
	json_t *j;

	r->count[st]++;
	if (r->missing_only && st == ANSWERS)
		return;
	if (!r->json) {
		printf("  %-6s %s: %s\n", o->method, o->path,
			r->ja ? w->ja : w->en);
		return;
	}
	j = json_object();
	json_put_str(j, "api", api == 'C' ? "center" : "security-server");
	json_put_str(j, "method", o->method);
	json_put_str(j, "path", o->path);
	json_put_str(j, "state", w->json);
	json_array_append_new(r->list, j);
}

static void
print_api(struct report *r, char api, const char *title)
{
	size_t all = 0;

	memset(r->count, 0, sizeof(r->count));
	if (!r->json)
		puts(title);
	for (size_t i = 0; i < r->n; i++)
		if (r->item[i].api == api || r->item[i].api == 'B') {
			print_operation(r, &r->item[i], api);
			all++;
		}
	if (r->json)
		return;
	for (int st = 0; st < STATES; st++)
		printf("%s%s %zu", st ? ", " : "  ",
			r->ja ? words[st].ja : words[st].en, r->count[st]);
	printf(r->ja ? " (全 %zu)\n" : " (of %zu)\n", all);
}

static int
print_json(struct report *r, struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, SPEC_MAX);
	json_write(&b, r->list, JSON_PRETTY);
	json_decref(r->list);
	ret = buf_ok(&b, "the report", e);
	if (!ret)
		puts(b.data);
	buf_done(&b);
	return ret;
}

static int
report(struct report *r, char only, struct err *e)
{
	r->list = r->json ? json_array() : NULL;
	if (only != 'C')
		print_api(r, 'S',
			r->ja ? "セキュリティサーバ" : "security server");
	if (only != 'S')
		print_api(r, 'C', r->ja ? "センター" : "center");
	return r->json ? print_json(r, e) : 0;
}

int
cmd_api(int argc, char **argv)
{
	const char *file = NULL, *lang = NULL;
	struct report r = { .item = known,
		.n = sizeof(known) / sizeof(known[0]) };
	const struct option_row rows[] = { { "spec", &file, NULL },
		{ "lang", &lang, NULL }, { "missing", NULL, &r.missing_only },
		{ "json", NULL, &r.json }, { NULL, NULL, NULL } };
	struct arena *a = arena_new();
	struct err e = ERR_INIT;
	struct spec s;
	char only = 0;
	int ret = EXIT_OK;

	if (options_read(rows, &argc, argv) || argc != 1 ||
		!str_equal(argv[0], "coverage")) {
		ret = complain(EXIT_USAGE,
			"usage: machilink api coverage [--spec FILE] "
			"[--missing] [--json] [--lang ja|en]");
		goto out;
	}
	r.ja = language_is_japanese(lang);
	if (file) {
		only = strstr(file, "central") ? 'C' : 'S';
		ret = spec_read(a, file, only, &s, &e) ? EXIT_FAILED : EXIT_OK;
		r.item = s.item;
		r.n = s.n;
	}
	if (ret == EXIT_OK && report(&r, only, &e))
		ret = EXIT_FAILED;
	if (ret)
		complain_err(ret, &e);
out:
	arena_free(&a);
	return ret;
}
