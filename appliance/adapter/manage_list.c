/* SPDX-License-Identifier: MIT */
/*
 * Administration: a CSV file becomes data services, as `machilink import
 * open-data` does it. The answer says what was understood, so that an officer
 * can look at it (dry_run) before anything changes.
 */
#include <string.h>

#include "err.h"
#include "json_io.h"
#include "manage.h"
#include "mem.h"
#include "opendata.h"
#include "text.h"

#define DATABASE "opendata.db"

struct list_change {
	const struct sheet *sheet;
	const struct opendata_names *names;
	const char *database; /* path */
};

static json_t *
columns_json(const struct sheet *s)
{
	static const char *const word[] = {
		[DATATABLE_TEXT] = "STRING",
		[DATATABLE_INT] = "LONG",
		[DATATABLE_REAL] = "DOUBLE",
		[DATATABLE_DATE] = "DATE",
	};
	json_t *list = json_array();

	for (size_t i = 0; i < s->columns; i++) {
		json_t *o = json_object();

		json_put_str(o, "heading", s->heading[i]);
		json_put_str(o, "name", s->column[i].name);
		json_put_str(o, "type", word[s->column[i].kind]);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *
list_json(const struct sheet *s, const struct opendata_names *n, bool dry)
{
	json_t *o = json_object(), *notes = json_array(), *names = json_array();

	json_put_str(o, "set", s->set ? s->set->number : NULL);
	json_put_str(o, "title", n->title);
	json_put_int(o, "rows", (int64_t)s->rows);
	json_put_str(o, "encoding", s->encoding);
	json_put_int(o, "replaced_characters", s->unreadable);
	json_put_bool(o, "dry_run", dry);
	json_put_new(o, "columns", columns_json(s));
	for (size_t i = 0; i < s->notes; i++) {
		json_t *note = json_object();

		json_put_str(note, "message", s->note[i].en);
		json_put_str(note, "message_ja", s->note[i].ja);
		json_array_append_new(notes, note);
	}
	json_put_new(o, "notes", notes);
	json_array_append_new(names, json_text_new(n->service));
	if (opendata_by_id(s, n))
		json_array_append_new(
			names, json_text_new(opendata_by_id(s, n)));
	json_put_new(o, "services", names);
	return o;
}

/* The table is there before its statements are checked against it. */
static int
take_list(void *ctx, json_t *root, struct err *e)
{
	const struct list_change *c = ctx;

	return opendata_offer(c->sheet, c->names, DATABASE, root,
		       e) || opendata_store(c->sheet, c->names, c->database, e)
		       ? -1
		       : 0;
}

static const char *
given(struct request *r, const char *key)
{
	const char *v = query_get(request_arena(r), request_query(r), key);

	return v && *v ? v : NULL;
}

static char *
database_path(struct arena *a, const struct conf *conf)
{
	const char *path = catalog_path(conf), *slash = strrchr(path, '/');

	return slash ? arena_printf(
			       a, "%.*s/" DATABASE, (int)(slash - path), path)
		     : arena_strdup(a, DATABASE);
}

int
manage_list(struct request *r, void *state, struct err *e)
{
	struct adapter *ad = state;
	struct arena *a = request_arena(r);
	const char *file = given(r, "file");
	bool dry = str_equal(given(r, "dry_run"), "true");
	struct opendata_names names = { given(r, "name"), given(r, "title") };
	struct list_change change = { .names = &names,
		.database = database_path(a, ad->conf) };
	struct err why = ERR_INIT;
	struct bytes body;
	struct sheet *s;

	if (!file)
		file = "";
	if (request_body(r, &body, &why) ||
		opendata_read(a, file, body, &s, &why) ||
		opendata_name(s, file, &names, &why))
		return manage_fail(r, &why, e);
	change.sheet = s;
	if (!dry && manage_change(r, ad, names.service, take_list, &change, e))
		return -1;
	return manage_reply(
		r, dry ? 200 : 201, list_json(s, &names, dry), NULL, e);
}
