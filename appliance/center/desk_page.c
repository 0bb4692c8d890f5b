/* SPDX-License-Identifier: MIT */
/*
 * Administration: lists in pages. Sorting and paging parameters as X-Road has
 * them: `offset` counts pages, `sort` names a property that the list allows.
 */
#include "desk_int.h"

#include <stdlib.h>
#include <string.h>

#include "http_server.h"
#include "mem.h"
#include "text.h"

static int
bad_page(const char *what, struct err *e)
{
	return refuse(e, FAULT_BAD_REQUEST, "invalid_pagination_properties",
		"%s is out of range", what);
}

int
desk_page_query(struct request *r, struct page *p, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *q = request_query(r);
	const char *limit = q ? query_get(a, q, "limit") : NULL;
	const char *offset = q ? query_get(a, q, "offset") : NULL;

	*p = (struct page){ .limit = ADMIN_PAGE };
	if (q) {
		p->sort = query_get(a, q, "sort");
		p->desc = str_equal(query_get(a, q, "desc"), "true");
	}
	if (limit && *limit &&
		int_parse(limit, 1, ADMIN_PAGE_MAX, &p->limit, NULL))
		return bad_page("limit", e);
	if (offset && *offset &&
		int_parse(offset, 0, ADMIN_OFFSET_MAX, &p->offset, NULL))
		return bad_page("offset", e);
	return 0;
}

int
desk_page_json(const json_t *j, struct page *p, struct err *e)
{
	*p = (struct page){ .limit = ADMIN_PAGE };
	if (!j)
		return 0;
	p->sort = json_str(j, "sort");
	p->desc = json_bool(j, "desc", false);
	p->limit = json_int(j, "limit", ADMIN_PAGE);
	p->offset = json_int(j, "offset", 0);
	if (p->limit < 1 || p->limit > ADMIN_PAGE_MAX)
		return bad_page("limit", e);
	if (p->offset < 0 || p->offset > ADMIN_OFFSET_MAX)
		return bad_page("offset", e);
	return 0;
}

int
desk_page_sort(const struct page *p, const struct sort_row *rows,
	const char **path, struct err *e)
{
	*path = NULL;
	if (!p->sort || !*p->sort)
		return 0;
	for (; rows->name; rows++)
		if (str_equal(rows->name, p->sort)) {
			*path = rows->path;
			return 0;
		}
	return refuse(e, FAULT_BAD_REQUEST, "invalid_sort_properties",
		"the list cannot be sorted by %s", p->sort);
}

/* The value at "outer.inner", or NULL. */
static const json_t *
value_at(const json_t *item, const char *path)
{
	char key[ADMIN_TEXT_MAX + 1];

	while (item) {
		size_t n = strcspn(path, ".");

		if (n >= sizeof(key))
			return NULL;
		memcpy(key, path, n);
		key[n] = '\0';
		item = json_object_get(item, key);
		if (!path[n])
			return item;
		path += n + 1;
	}
	return NULL;
}

struct sortable {
	const json_t *item, *key;
	size_t at; /* keeps equal ones in their order */
	bool desc;
};

static int
compare(const void *one, const void *two)
{
	const struct sortable *a = one, *b = two;
	const char *s = json_string_value(a->key);
	const char *t = json_string_value(b->key);
	int d;

	if (s || t)
		d = strcasecmp(s ? s : "", t ? t : "");
	else
		d = (json_integer_value(a->key) > json_integer_value(b->key)) -
		    (json_integer_value(a->key) < json_integer_value(b->key));
	if (d)
		return a->desc ? -d : d;
	return (a->at > b->at) - (a->at < b->at);
}

static struct sortable *
sorted(struct arena *a, const json_t *list, const char *path, bool desc)
{
	size_t n = json_array_size(list), i;
	struct sortable *row = arena_array(a, n + 1, sizeof(*row));
	json_t *item;

	json_each(item, i, list)
		row[i] = (struct sortable){ item,
			path ? value_at(item, path) : NULL, i, desc };
	if (path)
		qsort(row, n, sizeof(*row), compare);
	return row;
}

int
desk_paged_reply(struct request *r, json_t *list, const char *key,
	int64_t total, const struct page *p, struct err *e)
{
	json_t *j = json_object(), *paging = json_object();

	json_put_int(paging, "total_items", total);
	json_put_int(paging, "items", (int64_t)json_array_size(list));
	json_put_int(paging, "limit", p->limit);
	json_put_int(paging, "offset", p->offset);
	json_put_new(j, "paging_metadata", paging);
	json_put_new(j, key, json_incref(list));
	return desk_reply(r, 200, j, e);
}

int
desk_page_reply(struct request *r, json_t *list, const char *key,
	const struct page *p, const struct sort_row *rows, struct err *e)
{
	size_t n = json_array_size(list), from, to;
	struct sortable *row;
	const char *path;
	json_t *cut;

	if (desk_page_sort(p, rows, &path, e))
		return -1;
	row = sorted(request_arena(r), list, path, p->desc);
	from = (size_t)(p->limit * p->offset);
	to = from + (size_t)p->limit;
	cut = json_keep(request_arena(r), json_array());
	for (size_t i = from; i < to && i < n; i++)
		json_array_append(cut, json_array_get(list, row[i].at));
	return desk_paged_reply(r, cut, key, (int64_t)n, p, e);
}

bool
desk_contains(const char *text, const char *part)
{
	return !part || !*part || (text && strcasestr(text, part));
}

const char *
desk_query(struct request *r, const char *name)
{
	const char *q = request_query(r);
	const char *v = q ? query_get(request_arena(r), q, name) : NULL;

	return v && *v ? v : NULL;
}
