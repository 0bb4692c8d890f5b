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
#include "sqldata.h"
#include "text.h"

static const struct field_type types[] = {
	{ "STRING", "string", "string", NULL, FIELD_TEXT },
	{ "INTEGER", "int", "integer", "int32", FIELD_INT },
	{ "INT32", "int", "integer", "int32", FIELD_INT },
	{ "LONG", "long", "integer", "int64", FIELD_INT },
	{ "INT64", "long", "integer", "int64", FIELD_INT },
	{ "DOUBLE", "double", "number", "double", FIELD_REAL },
	{ "FLOAT", "float", "number", "float", FIELD_REAL },
	{ "DECIMAL", "decimal", "number", NULL, FIELD_REAL },
	{ "BOOLEAN", "boolean", "boolean", NULL, FIELD_BOOL },
	{ "DATE", "date", "string", "date", FIELD_TEXT },
	{ "TIMESTAMP", "dateTime", "string", "date-time", FIELD_TEXT },
};

const struct field_type *
field_type(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (str_iequal(types[i].name, name))
			return &types[i];
	return NULL;
}

/* A code point that XML allows in a name: ASCII letters, digits, "_-.", and
   the CJK, kana and full-width ranges (XML 1.0 production 4). Returns its
   length in bytes, 0 when it does not fit. */
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

/* Names become path pieces, XML elements and JSON members. */
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
			"%s \"%s\": a name begins with a letter and has up to "
			"%d bytes of letters, digits, '_', '-' or '.'",
			what, name, NAME_MAX_LEN);
	return 0;
}

static int
read_field(json_t *item, const char *service, struct field *out, struct err *e)
{
	const char *type = json_str(item, "type");

	if (!type)
		type = json_str(item, "oasType");
	if (json_need_str(item, "name", NAME_MAX_LEN, &out->name, e) ||
		check_name(out->name, service, e))
		return -1;
	out->type = field_type(type ? type : "STRING");
	out->optional = !json_bool(item, "required", true);
	if (!out->type)
		return fail(e, FAULT_CONFIG,
			"service \"%s\": \"%s\" has the unknown type %s",
			service, out->name, type);
	return 0;
}

static int
read_fields(struct arena *a, json_t *list, const char *service,
	const struct field **out, size_t *n, struct err *e)
{
	struct field *f = arena_array(a, json_array_size(list) + 1, sizeof(*f));
	json_t *item;
	size_t i;

	if (json_array_size(list) > FIELDS_MAX)
		return fail(e, FAULT_CONFIG, "service \"%s\": over %d fields",
			service, FIELDS_MAX);
	json_each(item, i, list) {
		if (read_field(item, service, &f[i], e))
			return -1;
	}
	*out = f;
	*n = json_array_size(list);
	return 0;
}

static const char *const *
read_tables(struct arena *a, json_t *list)
{
	const char **t;
	json_t *item;
	size_t i, n = 0;

	if (!list)
		return NULL;
	t = arena_array(a, json_array_size(list) + 1, sizeof(*t));
	json_each(item, i, list) {
		if (json_is_string(item))
			t[n++] = json_string_value(item);
	}
	return t;
}

/* Columns of the statement where the file declares none. */
static void
columns_of(struct arena *a, struct sqldata *q, struct data_service *s)
{
	struct field *f;
	size_t n = 0;

	while (sqldata_column(q, (int)n))
		n++;
	f = arena_array(a, n + 1, sizeof(*f));
	for (size_t i = 0; i < n; i++) {
		const char *decl = sqldata_decltype(q, (int)i);

		f[i].name = arena_strdup(a, sqldata_column(q, (int)i));
		f[i].type = field_type("STRING");
		if (str_iprefix(decl, "INT"))
			f[i].type = field_type("LONG");
		else if (str_iprefix(decl, "REAL"))
			f[i].type = field_type("DOUBLE");
	}
	s->result = f;
	s->results = n;
}

/* Every parameter of the statement is declared, and the reverse. */
static int
check_params(struct sqldata *q, const struct data_service *s, struct err *e)
{
	const char *name;
	size_t n;

	for (n = 0; (name = sqldata_param(q, (int)n)); n++) {
		size_t i = 0;

		while (i < s->params && !str_equal(s->param[i].name, name))
			i++;
		if (i == s->params)
			return fail(e, FAULT_CONFIG,
				"service \"%s\": :%s is not declared in "
				"params",
				s->name, name);
	}
	if (n != s->params)
		return fail(e, FAULT_CONFIG,
			"service \"%s\": a declared parameter is not used",
			s->name);
	return 0;
}

static int
check_statement(struct arena *a, struct data_service *s, struct err *e)
{
	struct sqldata *q = NULL;
	int ret = -1;

	if (sqldata_open(&q, s->file, s->sql, s->table, e))
		goto out;
	if (!s->results)
		columns_of(a, q, s);
	for (size_t i = 0; i < s->results; i++)
		if (check_name(s->result[i].name, s->name, e))
			goto out;
	ret = check_params(q, s, e);
out:
	sqldata_close(&q);
	return ret;
}

static int
read_service(struct arena *a, json_t *item, const char *file,
	const struct conf *c, struct data_service *s, struct err *e)
{
	if (json_need_str(item, "name", NAME_MAX_LEN, &s->name, e) ||
		check_name(s->name, "service", e) ||
		json_need_str(item, "sqlTemplate", SQLDATA_SQL_MAX, &s->sql, e))
		return -1;
	s->title = json_str(item, "displayName");
	if (!s->title)
		s->title = s->name;
	s->file = file;
	s->row_cap = json_int(item, "rowLimit", conf_int(c, P_ADAPTER_ROW_CAP));
	s->time_cap_ms =
		json_int(item, "queryTimeout", conf_int(c, P_ADAPTER_TIME_CAP));
	s->table = read_tables(a, json_list(item, "tables"));
	if (read_fields(a, json_list(item, "params"), s->name, &s->param,
		    &s->params, e) ||
		read_fields(a, json_list(item, "result"), s->name, &s->result,
			&s->results, e))
		return -1;
	return check_statement(a, s, e);
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

static int
read_sources(struct catalog *c, json_t *root, const char *dir,
	const struct conf *conf, struct err *e)
{
	struct data_service *s =
		arena_array(c->arena, SERVICES_MAX, sizeof(*s));
	json_t *source, *item;
	const char *file;
	size_t i, j;

	c->service = s;
	json_each(source, i, json_list(root, "dbSources")) {
		if (source_file(c->arena, source, dir, &file, e))
			return -1;
		json_each(item, j, json_list(source, "dbServices")) {
			if (c->services == SERVICES_MAX)
				return fail(e, FAULT_CONFIG,
					"more than %d services", SERVICES_MAX);
			if (read_service(c->arena, item, file, conf,
				    &s[c->services], e))
				return -1;
			if (catalog_find(c, s[c->services].name))
				return fail(e, FAULT_CONFIG,
					"service \"%s\" is there twice",
					s[c->services].name);
			c->services++;
		}
	}
	return 0;
}

static char *
folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? arena_strndup(a, path, (size_t)(slash - path))
		     : arena_strdup(a, ".");
}

int
catalog_load(struct catalog **out, const struct conf *conf, struct err *e)
{
	struct catalog *c = mem_alloc(sizeof(*c));
	const char *path = conf_text(conf, P_ADAPTER_SERVICES);
	const struct json_limits limits = { .bytes = SERVICES_FILE_MAX };
	struct bytes text;
	json_t *root;

	c->arena = arena_new();
	if (!*path)
		path = conf_data_path(conf, "services.json");
	if (file_read(c->arena, path, SERVICES_FILE_MAX, &text, e) ||
		json_parse(c->arena, text, &limits, &root, e) ||
		read_sources(c, root, folder_of(c->arena, path), conf, e)) {
		catalog_free(&c);
		return -1;
	}
	*out = c;
	return 0;
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
