/* SPDX-License-Identifier: MIT */
/*
 * The contract of the data services for REST: OpenAPI 3.0.3, from the same
 * declaration as the WSDL. What it has no word for stands in x- members:
 * x-kind, x-personal, x-minimum and x-maximum of dates, x-version.
 */
#include "adapter_int.h"

#include <string.h>

#include "datasource.h"
#include "mem.h"
#include "text.h"

static void
put_number(struct buf *b, const char *key, int64_t n)
{
	if (n >= 0)
		buf_fmt(b, ",\"%s\":%lld", key, (long long)n);
}

static void
put_text(struct buf *b, const char *key, const char *text)
{
	if (!text)
		return;
	buf_fmt(b, ",\"%s\":", key);
	buf_json(b, text);
}

/* Where a value stands. */
enum place { ROW, QUERY, BODY };

/* A value of the kind as it stands in JSON: "5." is 5, "1" of a truth true. */
static void
put_value(struct buf *b, const struct kind *k, const char *text)
{
	struct arena *a = arena_new();
	struct buf scratch;
	struct bytes out;
	struct cell v;

	buf_init(&scratch, 1024);
	if (k->plain && k->read(k, a, text, &v) &&
		k->write(k, &v, &scratch, &out))
		buf_bytes(b, out);
	else
		buf_json(b, text);
	buf_done(&scratch);
	arena_free(&a);
}

static void
put_range(struct buf *b, const struct field *f)
{
	const char *text[] = { f->rules.least, f->rules.greatest };

	for (int i = 0; i < 2; i++) {
		if (!text[i])
			continue;
		buf_fmt(b, ",\"%s%s\":", f->kind->number ? "" : "x-",
			i ? "maximum" : "minimum");
		put_value(b, f->kind, text[i]);
	}
}

static void
put_allowed(struct buf *b, const struct field *f, bool nullable)
{
	if (!f->rules.allowed)
		return;
	buf_str(b, ",\"enum\":[");
	for (size_t i = 0; i < f->rules.allowed_n; i++) {
		if (i)
			buf_char(b, ',');
		put_value(b, f->kind, f->rules.allowed[i]);
	}
	buf_str(b, nullable ? ",null]" : "]");
}

static void
put_rules(struct buf *b, const struct field *f, bool nullable)
{
	const struct rules *r = &f->rules;

	if (!f->kind->plain) {
		put_number(b, "minLength", r->shortest);
		put_number(b, "maxLength", r->longest);
	}
	put_range(b, f);
	if (r->pattern) {
		struct buf whole;

		buf_init(&whole, 2 * PATTERN_MAX);
		buf_fmt(&whole, "^(%s)$", r->pattern);
		put_text(b, "pattern", whole.data);
		buf_done(&whole);
	}
	put_allowed(b, f, nullable);
	if (f->fallback) {
		buf_str(b, ",\"default\":");
		put_value(b, f->kind, f->fallback);
	}
}

/* One value; of parameters with the rules and what people have to know. */
static void
put_schema(
	struct buf *b, const struct field *f, bool nullable, enum place place)
{
	const struct kind *k = f->kind;
	bool param = place != ROW;
	bool any = (place == BODY && f->loose) || k == &kind_any;

	buf_str(b, any ? "{\"anyOf\":[" : "");
	buf_fmt(b, "{\"type\":\"%s\"", k->oas);
	if (k->format)
		buf_fmt(b, ",\"format\":\"%s\"", k->format);
	if (nullable)
		buf_str(b, ",\"nullable\":true");
	if (param)
		put_rules(b, f, nullable);
	if (k->example) {
		put_text(b, "x-kind", k->name);
		put_text(b, "example", k->example);
	}
	if (param && k->example && !f->title)
		put_text(b, "description", k->want);
	if (f->personal)
		buf_str(b, ",\"x-personal\":true");
	buf_str(b, any ? "},{\"type\":\"number\"}]}" : "}");
}

/* What a list is when it is not given. */
static void
put_items(struct buf *b, const struct field *f)
{
	if (!f->items)
		return;
	buf_str(b, ",\"default\":[");
	for (size_t i = 0; i < f->items_n; i++) {
		buf_str(b, i ? "," : "");
		put_value(b, f->kind, f->items[i]);
	}
	buf_char(b, ']');
}

static void
put_field(struct buf *b, const struct field *f, bool nullable, enum place place)
{
	if (!f->list) {
		put_schema(b, f, nullable, place);
		return;
	}
	buf_str(b, "{\"type\":\"array\",\"items\":");
	put_schema(b, f, false, place);
	put_number(b, "minItems", f->rules.fewest);
	put_number(b, "maxItems", f->rules.most);
	put_items(b, f);
	buf_str(b, nullable ? ",\"nullable\":true}" : "}");
}

static void
put_params(struct buf *b, const struct data_service *s)
{
	const char *sep = "";

	buf_str(b, "\"parameters\":[");
	for (size_t i = 0; i < s->params; i++) {
		const struct field *f = &s->param[i];

		if (f->grant)
			continue;
		buf_fmt(b,
			"%s{\"name\":\"%s\",\"in\":\"query\",\"required\":%s,"
			"\"schema\":",
			sep, f->name, f->optional ? "false" : "true");
		sep = ",";
		put_field(b, f, false, QUERY);
		put_text(b, "description", f->title);
		buf_char(b, '}');
	}
	buf_str(b, "],");
}

/* rows: every member is always there. Otherwise parameters, of which null is
   a value that may be given. */
static void
put_properties(struct buf *b, const struct field *f, size_t n, bool rows)
{
	const char *sep = "";

	buf_str(b, "\"type\":\"object\",\"properties\":{");
	for (size_t i = 0; i < n; i++) {
		if (f[i].grant)
			continue;
		buf_fmt(b, "%s\"%s\":", sep, f[i].name);
		put_field(b, &f[i], true, rows ? ROW : BODY);
		sep = ",";
	}
	buf_char(b, '}');
	if (!rows)
		buf_str(b, ",\"additionalProperties\":false");
	sep = "";
	for (size_t i = 0; i < n; i++) {
		if (f[i].optional || f[i].grant)
			continue;
		buf_str(b, *sep ? sep : ",\"required\":[");
		buf_json(b, f[i].name);
		sep = ",";
	}
	if (*sep)
		buf_char(b, ']');
}

static const struct {
	const char *status, *text;
} refusals[] = {
	{ "400", "a parameter is missing, unknown or does not fit" },
	{ "406", "no type of answer that the caller takes" },
	{ "503", "the statement took too long or found too much, or the "
		 "database is not there" },
	{ "default", "another failure" },
};

static void
put_responses(struct buf *b, const struct data_service *s)
{
	buf_str(b, "\"responses\":{\"200\":{\"description\":\"rows\","
		   "\"content\":{\"application/json\":{\"schema\":{\"type\":"
		   "\"object\",\"required\":[\"rows\"");
	buf_str(b, s->write ? ",\"affected\"" : "");
	buf_str(b, "],\"properties\":{\"truncated\":{\"type\":\"boolean\"},");
	if (s->ordered)
		buf_str(b, "\"next\":{\"type\":\"string\"},");
	if (s->write)
		buf_str(b, "\"affected\":{\"type\":\"integer\",\"format\":"
			   "\"int64\"},");
	buf_str(b, "\"rows\":{\"type\":\"array\",\"items\":{");
	put_properties(b, s->result, s->results, true);
	buf_str(b, "}}}}},\"application/xml\":{\"schema\":{\"type\":"
		   "\"string\"}},\"text/csv\":{\"schema\":{\"type\":"
		   "\"string\"}}}}");
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		buf_fmt(b,
			",\"%s\":{\"description\":\"%s\",\"content\":{"
			"\"application/json\":{\"schema\":{\"$ref\":"
			"\"#/components/schemas/Error\"}}}}",
			refusals[i].status, refusals[i].text);
	buf_char(b, '}');
}

static bool
needs_any(const struct data_service *s)
{
	for (size_t i = 0; i < s->params; i++)
		if (!s->param[i].optional && !s->param[i].grant)
			return true;
	return false;
}

static void
put_operation(struct buf *b, const struct data_service *s, bool post)
{
	buf_fmt(b, "\"%s\":{\"operationId\":\"%s_%s\",\"summary\":",
		post ? "post" : "get", post ? "post" : "get", s->name);
	buf_json(b, s->title);
	put_text(b, "x-version", s->version);
	if (s->category) {
		buf_str(b, ",\"tags\":[");
		buf_json(b, s->category);
		buf_char(b, ']');
	}
	buf_char(b, ',');
	if (post) {
		buf_fmt(b,
			"\"requestBody\":{\"required\":%s,\"content\":{"
			"\"application/json\":{\"schema\":{",
			needs_any(s) ? "true" : "false");
		put_properties(b, s->param, s->params, false);
		buf_str(b, "}}}},");
	} else {
		put_params(b, s);
	}
	put_responses(b, s);
	buf_char(b, '}');
}

/* What every operation of the path takes. */
static void
put_common(struct buf *b, const struct data_service *s)
{
	buf_str(b, "\"parameters\":[{\"name\":\"_format\",\"in\":\"query\","
		   "\"description\":\"instead of the Accept header\","
		   "\"schema\":{\"type\":\"string\",\"enum\":[");
	for (size_t i = 0; rowform_row(i); i++)
		buf_fmt(b, "%s\"%s\"", i ? "," : "", rowform_row(i)->name);
	buf_str(b, "]}}");
	if (s->ordered)
		buf_fmt(b,
			",{\"name\":\"_limit\",\"in\":\"query\","
			"\"description\":\"rows of a page\",\"schema\":{"
			"\"type\":\"integer\",\"minimum\":1,\"maximum\":%lld}},"
			"{\"name\":\"_cursor\",\"in\":\"query\","
			"\"description\":\"the next of the page before\","
			"\"schema\":{\"type\":\"string\",\"pattern\":"
			"\"^[0-9a-f]{58,1058}$\"}}",
			(long long)s->row_cap);
	buf_str(b, "],");
}

static void
put_error(struct buf *b)
{
	buf_str(b, "\"components\":{\"schemas\":{\"Error\":{\"type\":"
		   "\"object\",\"required\":[\"error\"],\"properties\":{"
		   "\"error\":{\"type\":\"object\",\"required\":[\"code\","
		   "\"message\"],\"properties\":{\"code\":{\"type\":\"string\"}"
		   ",\"message\":{\"type\":\"string\"},\"message_ja\":{"
		   "\"type\":\"string\"},\"parameter\":{\"type\":\"string\"}}}"
		   "}}}}");
}

void
openapi_write(const struct catalog *c, const char *base, struct buf *b)
{
	const char *before = "";

	buf_str(b, "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"Data "
		   "services\",\"version\":\"" VERSION "\"},\"servers\":[{"
		   "\"url\":");
	buf_json(b, base);
	buf_str(b, "}],\"paths\":{");
	for (size_t i = 0; i < c->services; i++) {
		const struct data_service *s = &c->service[i];

		if (!s->told)
			continue;
		buf_fmt(b, "%s\"/api/service/%s\":{", before, s->name);
		before = ",";
		put_common(b, s);
		if (!s->write) {
			put_operation(b, s, false);
			buf_char(b, ',');
		}
		put_operation(b, s, true);
		buf_char(b, '}');
	}
	buf_str(b, "},");
	put_error(b);
	buf_char(b, '}');
}
