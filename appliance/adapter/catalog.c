/* SPDX-License-Identifier: MIT */
/*
 * The catalogue of data services, read from a Connector-shaped services.json:
 * dbSources[] with dbServices[]. Only SQLite sources are served.
 */
#include "adapter_int.h"

#include <ctype.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "json_io.h"
#include "mem.h"
#include "param.h"
#include "datasource.h"
#include "sqltext.h"
#include "text.h"

enum { TITLE_MAX = 500 };

static const struct field_type types[] = {
	{ "STRING", "string", "string", NULL, FIELD_TEXT },
	{ "INTEGER", "int", "integer", "int32", FIELD_INT },
	{ "INT", "int", "integer", "int32", FIELD_INT },
	{ "INT32", "int", "integer", "int32", FIELD_INT },
	{ "LONG", "long", "integer", "int64", FIELD_INT },
	{ "INT64", "long", "integer", "int64", FIELD_INT },
	{ "DOUBLE", "double", "number", "double", FIELD_REAL },
	{ "FLOAT", "float", "number", "float", FIELD_REAL },
	{ "DECIMAL", "decimal", "number", NULL, FIELD_REAL },
	{ "BOOLEAN", "boolean", "boolean", NULL, FIELD_BOOL },
	{ "DATE", "date", "string", "date", FIELD_DATE },
	{ "TIMESTAMP", "dateTime", "string", "date-time", FIELD_TIME },
	{ "DATETIME", "dateTime", "string", "date-time", FIELD_TIME },
	{ "BINARY", "base64Binary", "string", "byte", FIELD_BLOB },
};

const struct field_type *
field_type(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (str_iequal(types[i].name, name))
			return &types[i];
	return NULL;
}

/* ASCII letters, digits, "_-.", and the CJK, kana and full-width ranges (XML
   1.0, fifth edition, production 4). Returns the length in bytes, 0 when it
   does not fit. */
static size_t
name_char(const unsigned char *p, bool first)
{
	static const char more[] = "0123456789-.";
	unsigned c;

	if (*p < 0x80)
		return isalpha(*p) || *p == '_' || (!first && strchr(more, *p));
	if ((*p & 0xf0) != 0xe0)
		return 0;
	c = (*p & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	return (c >= 0x3001 && c <= 0xd7ff) || (c >= 0xf900 && c <= 0xfdcf) ||
			       (c >= 0xfdf0 && c <= 0xfffd)
		       ? 3
		       : 0;
}

/* Names become path pieces and JSON members, and XML elements (name.c). */
static int
check_name(const char *name, const char *what, struct err *e)
{
	const unsigned char *p = (const unsigned char *)name;
	size_t len = strlen(name), n = 0;

	if (!len || len > NAME_MAX_LEN || !utf8_valid(name, len))
		n = 0;
	else
		while (*p && (n = name_char(p, p == (const void *)name)))
			p += n;
	if (!n)
		return fail(e, FAULT_CONFIG,
			"%s \"%.100s\": a name begins with a letter and has up "
			"to %d bytes of letters, digits, '_', '-' or '.'",
			what, name, NAME_MAX_LEN);
	return 0;
}

/* "type" is ours; the other two are the Connector's, for results. */
static int
read_type(json_t *item, struct field *f, struct err *e)
{
	static const char *const key[] = { "type", "oasType", "xsdType" };
	const char *type = NULL;

	for (size_t i = 0; i < sizeof(key) / sizeof(*key) && !type; i++)
		if (json_opt_str(item, key[i], NAME_MAX_LEN, &type, e))
			return -1;
	f->type = field_type(type ? type : "STRING");
	if (!f->type)
		return fail(e, FAULT_CONFIG, "\"%s\" has the unknown type %s",
			f->name, type);
	return 0;
}

static int
read_field(json_t *item, const char *what, struct field *f, struct err *e)
{
	bool required = true;

	if (json_need_str(item, "name", NAME_MAX_LEN, &f->name, e) ||
		check_name(f->name, what, e) || read_type(item, f, e) ||
		json_opt_bool(item, "required", &required, e))
		return -1;
	f->optional = !required;
	return 0;
}

/* Absent is an empty list; anything else than an array is an error. */
static int
optional_list(json_t *item, const char *key, json_t **out, struct err *e)
{
	json_t *list = json_object_get(item, key);

	*out = json_is_null(list) ? NULL : list;
	if (*out && !json_is_array(*out))
		return fail(e, FAULT_CONFIG, "\"%s\" is not a list", key);
	return 0;
}

static int
read_fields(struct arena *a, json_t *service, const char *key, const char *what,
	struct field **out, size_t *n, struct err *e)
{
	json_t *list, *item;
	struct field *f;
	size_t i;

	if (optional_list(service, key, &list, e))
		return -1;
	if (json_array_size(list) > FIELDS_MAX)
		return fail(e, FAULT_CONFIG, "\"%s\" has over %d entries", key,
			FIELDS_MAX);
	f = arena_array(a, json_array_size(list) + 1, sizeof(*f));
	json_each(item, i, list) {
		if (read_field(item, what, &f[i], e))
			return -1;
		for (size_t j = 0; j < i; j++)
			if (str_equal(f[j].name, f[i].name))
				return fail(e, FAULT_CONFIG,
					"%s \"%s\" is there twice", what,
					f[i].name);
	}
	*out = f;
	*n = json_array_size(list);
	return 0;
}

/* Absent: every table may be read. */
static int
read_tables(struct arena *a, json_t *service, const char *const **out,
	struct err *e)
{
	const char **t;
	json_t *list, *item;
	size_t i;

	*out = NULL;
	if (optional_list(service, "tables", &list, e))
		return -1;
	if (!list)
		return 0;
	t = arena_array(a, json_array_size(list) + 1, sizeof(*t));
	json_each(item, i, list) {
		t[i] = json_string_value(item);
		if (!t[i])
			return fail(e, FAULT_CONFIG,
				"\"tables\" holds something that is not a "
				"name");
	}
	*out = t;
	return 0;
}

/* Columns of the statement where the file declares none. */
static void
columns_of(struct arena *a, const struct description *d, struct data_service *s)
{
	static const char *const type[] = {
		[DATA_INT] = "LONG",
		[DATA_LONG] = "LONG",
		[DATA_REAL] = "DOUBLE",
		[DATA_BLOB] = "BINARY",
		[DATA_LIST] = NULL,
	};
	struct field *f = arena_array(a, d->columns + 1, sizeof(*f));

	for (size_t i = 0; i < d->columns; i++) {
		const char *name = type[d->column[i].kind];

		f[i].name = d->column[i].name;
		f[i].type = field_type(name ? name : "STRING");
	}
	s->result = f;
	s->results = d->columns;
}

/* Every parameter of the statement is declared, and the reverse. */
static int
check_params(struct data_service *s, struct err *e)
{
	const char *name;

	for (size_t n = 0; (name = command_param(s->command, n)); n++) {
		size_t i = 0;

		while (i < s->params && !str_equal(s->param[i].name, name))
			i++;
		if (i == s->params)
			return fail(e, FAULT_CONFIG,
				"the statement uses :%s, which is not declared "
				"in params",
				name);
	}
	for (size_t i = 0; i < s->params; i++) {
		size_t n = 0;

		while ((name = command_param(s->command, n)) &&
			!str_equal(name, s->param[i].name))
			n++;
		if (!name)
			return fail(e, FAULT_CONFIG,
				"parameter \"%s\" is declared, but the "
				"statement does not use it",
				s->param[i].name);
		s->param[i].column = (int)n;
	}
	return 0;
}

/* Finds each result among the columns; a name that two columns have is none. */
static int
check_results(const struct description *d, const struct data_service *s,
	struct err *e)
{
	struct field *f = s->result;

	for (size_t i = 0; i < s->results; i++) {
		int found = 0;

		if (check_name(f[i].name, "column", e))
			return -1;
		for (size_t n = 0; n < d->columns; n++) {
			if (!str_equal(d->column[n].name, f[i].name))
				continue;
			f[i].column = (int)n;
			found++;
		}
		if (found != 1)
			return fail(e, FAULT_CONFIG,
				found ? "two columns are called \"%s\"; use AS "
					"in the statement"
				      : "the statement has no column \"%s\"",
				f[i].name);
	}
	return 0;
}

static void
drop_command(void *command)
{
	struct command *c = command;

	command_free(&c);
}

static int
check_statement(struct arena *a, struct data_service *s,
	const struct command_text *text, struct err *e)
{
	struct description d;

	if (command_new(&s->command, s->source, text, e))
		return -1;
	arena_defer(a, drop_command, s->command);
	if (command_describe(s->command, a, &d, e))
		return -1;
	if (!s->results)
		columns_of(a, &d, s);
	if (check_params(s, e) || check_results(&d, s, e))
		return -1;
	return 0;
}

/* The WSDL needs NAMEResponse and requestHeader for itself, and X-Road wants
   the code of the service as the element of the message. */
static int
check_reserved(struct arena *a, const char *name, struct err *e)
{
	if (!str_equal(name_element(a, name), name))
		return fail(e, FAULT_CONFIG,
			"SOAP has no element of this name; use letters, "
			"digits, kana and kanji");
	if (str_suffix(name, "Response") || str_equal(name, "requestHeader") ||
		str_equal(name, "Fault"))
		return fail(e, FAULT_CONFIG,
			"the name is reserved: SOAP uses it for answers");
	return 0;
}

static void
name_elements(struct arena *a, struct field *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		f[i].element = name_element(a, f[i].name);
}

static int
read_service(struct arena *a, json_t *item, struct data_service *s,
	const struct conf *c, struct err *e)
{
	struct command_text text = { 0 };

	s->title = s->name;
	s->row_cap = conf_int(c, P_ADAPTER_ROW_CAP);
	s->time_cap_ms = conf_int(c, P_ADAPTER_TIME_CAP);
	if (check_name(s->name, "service", e) ||
		check_reserved(a, s->name, e) ||
		json_need_str(item, "sqlTemplate", SQLTEXT_MAX, &text.sql, e) ||
		json_opt_str(item, "displayName", TITLE_MAX, &s->title, e) ||
		json_opt_int(item, "rowLimit", 1, ROWS_MOST, &s->row_cap, e) ||
		json_opt_int(item, "queryTimeout", 1, TIME_MOST,
			&s->time_cap_ms, e) ||
		read_tables(a, item, &text.tables, e) ||
		read_fields(a, item, "params", "parameter", &s->param,
			&s->params, e) ||
		read_fields(a, item, "result", "column", &s->result,
			&s->results, e) ||
		check_statement(a, s, &text, e))
		return -1;
	name_elements(a, s->param, s->params);
	name_elements(a, s->result, s->results);
	return 0;
}

/* databaseName, or what follows jdbc:sqlite: */
static int
source_file(struct arena *a, json_t *source, const char *dir, const char **out,
	struct err *e)
{
	const char *type = json_str(source, "databaseType");
	const char *name = json_str(source, "databaseName");
	const char *url = json_str(source, "jdbcUrl");

	if (!type || !str_iequal(type, "SQLITE"))
		return fail(e, FAULT_CONFIG,
			"databaseType %s is not served yet; only SQLITE is",
			type ? type : "(none)");
	if (url && str_prefix(url, "jdbc:sqlite:"))
		name = url + strlen("jdbc:sqlite:");
	if (!name || !*name)
		return fail(e, FAULT_CONFIG,
			"an SQLITE source needs databaseName, the path of its "
			"file");
	*out = *name == '/' ? name : path_join(a, dir, name);
	return 0;
}

static void
drop_source(void *source)
{
	struct datasource *ds = source;

	datasource_close(&ds);
}

static int
open_source(struct arena *a, json_t *item, const char *dir,
	struct datasource **out, struct err *e)
{
	struct datasource_config config = { .driver = "sqlite" };

	if (source_file(a, item, dir, &config.file, e))
		return -1;
	config.name = config.file;
	if (datasource_open(out, &config, e))
		return -1;
	arena_defer(a, drop_source, *out);
	return 0;
}

/* The Connector marks services that are being worked on: not VALID. */
static bool
is_off(json_t *item)
{
	const char *status = json_str(item, "status");

	return status && !str_iequal(status, "VALID");
}

static int
add_service(struct catalog *c, json_t *item, struct datasource *source,
	const struct conf *conf, struct err *e)
{
	struct data_service *s;
	struct err why = ERR_INIT;

	if (is_off(item))
		return 0;
	if (c->services == SERVICES_MAX)
		return fail(
			e, FAULT_CONFIG, "more than %d services", SERVICES_MAX);
	s = &c->service[c->services];
	if (json_need_str(item, "name", NAME_MAX_LEN, &s->name, e))
		return -1;
	if (catalog_find(c, s->name))
		return fail(e, FAULT_CONFIG, "service \"%s\" is there twice",
			s->name);
	s->source = source;
	if (read_service(c->arena, item, s, conf, &why))
		return fail(e, FAULT_CONFIG, "service \"%s\": %s", s->name,
			why.text);
	c->services++;
	return 0;
}

static int
read_sources(struct catalog *c, json_t *root, const char *dir,
	const struct conf *conf, struct err *e)
{
	json_t *source, *sources, *item, *list;
	struct datasource *ds;
	size_t i, j;

	c->service = arena_array(c->arena, SERVICES_MAX, sizeof(*c->service));
	if (json_need_list(root, "dbSources", SERVICES_MAX, &sources, e))
		return -1;
	json_each(source, i, sources) {
		if (open_source(c->arena, source, dir, &ds, e) ||
			optional_list(source, "dbServices", &list, e))
			return -1;
		json_each(item, j, list) {
			if (add_service(c, item, ds, conf, e))
				return -1;
		}
	}
	return 0;
}

static char *
folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == path)
		return arena_strdup(a, "/");
	return slash ? arena_strndup(a, path, (size_t)(slash - path))
		     : arena_strdup(a, ".");
}

int
catalog_load(struct catalog **out, const struct conf *conf, struct err *e)
{
	struct catalog *c = mem_alloc(sizeof(*c));
	const char *path = conf_text(conf, P_ADAPTER_SERVICES);
	const struct json_limits limits = { .bytes = SERVICES_FILE_MAX };
	struct err why = ERR_INIT;
	struct bytes text;
	json_t *root;

	c->arena = arena_new();
	if (!*path)
		path = conf_data_path(conf, "services.json");
	if (file_read(c->arena, path, SERVICES_FILE_MAX, &text, e))
		goto fail;
	if (json_parse(c->arena, text, &limits, &root, &why) ||
		read_sources(c, root, folder_of(c->arena, path), conf, &why)) {
		fail(e, FAULT_CONFIG, "%s: %s", path, why.text);
		goto fail;
	}
	*out = c;
	return 0;
fail:
	catalog_free(&c);
	return -1;
}

void
catalog_free(struct catalog **c)
{
	if (!*c)
		return;
	arena_free(&(*c)->arena);
	mem_free(*c);
	*c = NULL;
}

const struct data_service *
catalog_find(const struct catalog *c, const char *name)
{
	for (size_t i = 0; i < c->services; i++)
		if (str_equal(c->service[i].name, name))
			return &c->service[i];
	return NULL;
}
