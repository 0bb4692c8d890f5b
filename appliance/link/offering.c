/* SPDX-License-Identifier: MIT */
/*
 * Service declarations: what data a provider gives upon consent, in words a
 * resident understands. Never changed, only withdrawn.
 */
#include "link_int.h"

#include "db.h"
#include "err.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

json_t *
items_json(const struct offering *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->items; i++) {
		json_t *j = words_json(&s->item[i].name);

		json_put_str(j, "code", s->item[i].code);
		json_array_append_new(list, j);
	}
	return list;
}

int
items_read(struct arena *a, const json_t *list, struct offering *out,
	struct err *e)
{
	struct offering_item *item;
	json_t *one;
	size_t i;

	out->items = json_array_size(list);
	item = arena_array(a, out->items, sizeof(*item));
	out->item = item;
	json_each(one, i, list) {
		if (json_need_str(
			    one, "code", LINK_NAME_MAX, &item[i].code, e) ||
			json_need_str(one, "ja", LINK_TEXT_MAX,
				&item[i].name.ja, e) ||
			json_need_str(
				one, "en", LINK_TEXT_MAX, &item[i].name.en, e))
			return -1;
		for (size_t k = 0; k < i; k++)
			if (str_equal(item[k].code, item[i].code))
				return fail(e, FAULT_BAD_REQUEST,
					"\"items\" has the code %s twice",
					item[i].code);
	}
	return 0;
}

json_t *
offering_json(const struct offering *s)
{
	json_t *j = json_object();

	json_put_str(j, "id", s->id);
	json_put_str(j, "provider", s->provider);
	json_put_str(j, "target", s->target);
	json_put_new(j, "title", words_json(&s->title));
	json_put_new(j, "data", words_json(&s->data));
	json_put_new(j, "items", items_json(s));
	json_put_new(j, "legal", words_json(&s->legal));
	json_put_int(j, "maxDays", s->max_days);
	json_put_int(j, "maxAge", s->max_age);
	json_put_str(j, "level", s->level);
	json_put_bool(j, "representable", s->representable);
	json_put_str(j, "state", s->valid ? "valid" : "withdrawn");
	return j;
}

int
offering_read(
	struct arena *a, const json_t *j, struct offering *out, struct err *e)
{
	json_t *items;

	*out = (struct offering){ .max_age = LINK_AGE_DEFAULT, .valid = true };
	if (json_need_str(j, "target", LINK_URL_MAX, &out->target, e) ||
		link_member_of(a, out->target, 5, &out->provider, e) ||
		words_read(j, "title", &out->title, e) ||
		words_read(j, "data", &out->data, e) ||
		words_read(j, "legal", &out->legal, e) ||
		json_need_list(j, "items", LINK_ITEMS_MAX, &items, e) ||
		items_read(a, items, out, e) ||
		json_need_int(
			j, "maxDays", 1, LINK_DAYS_MAX, &out->max_days, e) ||
		json_opt_int(j, "maxAge", 1, LINK_AGE_MAX, &out->max_age, e) ||
		json_opt_str(j, "level", LINK_NAME_MAX, &out->level, e) ||
		json_opt_bool(j, "representable", &out->representable, e))
		return -1;
	if (!out->items)
		return fail(e, FAULT_BAD_REQUEST,
			"\"items\" must name at least one item");
	return 0;
}

int
offering_store(struct db_conn *c, const struct offering *s, struct err *e)
{
	struct arena *a = arena_new();
	const char *items = codes_text(a, json_keep(a, items_json(s)));
	int64_t n = db_run(c, Q_LINK_SERVICE_PUT, e, db_text(s->id),
		db_text(s->provider), db_text(s->target), db_text(s->title.ja),
		db_text(s->title.en), db_text(s->data.ja), db_text(s->data.en),
		db_text(items), db_text(s->legal.ja), db_text(s->legal.en),
		db_int(s->max_days), db_int(s->max_age), db_text(s->level),
		db_int(s->representable),
		db_text(s->valid ? "valid" : "withdrawn"));

	arena_free(&a);
	return n < 0 ? -1 : 0;
}

void
offering_row(struct arena *a, struct query *q, int col, struct offering *s)
{
	*s = (struct offering){
		.id = query_text_dup(a, q, col),
		.provider = query_text_dup(a, q, col + 1),
		.target = query_text_dup(a, q, col + 2),
		.title = { query_text_dup(a, q, col + 3),
			query_text_dup(a, q, col + 4) },
		.data = { query_text_dup(a, q, col + 5),
			query_text_dup(a, q, col + 6) },
		.legal = { query_text_dup(a, q, col + 8),
			query_text_dup(a, q, col + 9) },
		.max_days = query_int(q, col + 10),
		.max_age = query_int(q, col + 11),
		.level = query_text_dup(a, q, col + 12),
		.representable = query_int(q, col + 13) != 0,
		.valid = str_equal(query_text(q, col + 14), "valid"),
	};
	if (items_read(a, codes_parse(a, query_text(q, col + 7)), s, NULL))
		s->items = 0;
}

struct put {
	struct offering *s;
	struct arena *a;
};

static int
put(struct db_conn *c, void *arg, struct err *e)
{
	struct put *p = arg;
	struct organisation o;

	if (organisation_in(c, p->s->provider, p->a, &o, e))
		return -1;
	if (!o.active)
		return link_refuse(e, LINK_NO_ORGANISATION);
	if (offering_store(c, p->s, e))
		return -1;
	return feed_add(c, p->s->provider, "service", p->s->id, e);
}

int
offering_put(
	struct linkbook *b, struct offering *s, struct arena *a, struct err *e)
{
	struct put p = { s, a };
	char id[LINK_ID_LEN + 1];

	link_id_make(id);
	s->id = arena_strdup(a, id);
	return linkbook_transact(b, put, &p, e);
}

int
offering_in(struct db_conn *c, const char *id, struct arena *a,
	struct offering *out, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_SERVICE_GET, db_text(id));
	bool found = query_next(q);

	if (found)
		offering_row(a, q, 0, out);
	if (query_end(q, e))
		return -1;
	return found ? 0 : link_refuse(e, LINK_NO_SERVICE);
}

int
offering_get(struct linkbook *b, const char *id, struct arena *a,
	struct offering *out, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int ret = offering_in(c, id, a, out, e);

	db_give(c);
	return ret;
}

int
offering_list(struct linkbook *b, struct arena *a, struct offering **out,
	size_t *n, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	struct query *q = db_query(c, Q_LINK_SERVICES);
	int ret;

	for (*n = 0, *out = NULL; query_next(q); (*n)++) {
		LIST_GROW(a, *out, *n);
		offering_row(a, q, 0, &(*out)[*n]);
	}
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

/* Caches hear of the service first: they refuse at once, however many
   consents end with it. */
static int
end(struct db_conn *c, void *arg, struct err *e)
{
	const char *const *id = arg;
	int64_t n = db_run(c, Q_LINK_SERVICE_END, e, db_text(*id));

	if (n == 0)
		return link_refuse(e, LINK_NO_SERVICE);
	return n < 0 ? -1 : feed_again(c, "service", *id, e);
}

int
offering_withdraw(struct linkbook *b, const char *id, struct err *e)
{
	if (linkbook_transact(b, end, &id, e))
		return -1;
	return consent_sweep(b, e) < 0 ? -1 : 0;
}
