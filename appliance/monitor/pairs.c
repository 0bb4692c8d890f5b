/* SPDX-License-Identifier: MIT */
/* Who exchanged something with whom, as the database knows it. */
#include "monitor_int.h"

#include <string.h>

#include "db.h"
#include "mem.h"
#include "monitor_sql.h"

/* "a/b/c", empty pieces left out. */
static const char *
joined(struct arena *a, const char *const *piece, int first, int last)
{
	const char *out = "";

	for (int i = first; i <= last; i++)
		if (*piece[i])
			out = *out ? arena_printf(a, "%s/%s", out, piece[i])
				   : piece[i];
	return out;
}

static void
pair_read(struct arena *a, struct query *q, struct pair *p)
{
	*p = (struct pair){ .id = query_int(q, 0),
		.side = (enum monitor_side)query_int(q, 1),
		.service_type = query_text_dup(a, q, 12),
		.first_use = query_int(q, 13),
		.last_ok = query_int(q, 14),
		.last_failed = query_int(q, 15) };
	for (int i = 0; i <= MT_SERVICE_VERSION; i++)
		p->who[i] = query_text_dup(a, q, 2 + i);
	p->consumer =
		joined(a, p->who, MT_CLIENT_INSTANCE, MT_CLIENT_SUBSYSTEM);
	p->service = joined(a, p->who, MT_SERVICE_INSTANCE, MT_SERVICE_VERSION);
}

int
pairs_load(struct db_conn *c, struct arena *a, struct pair **out, size_t *n,
	struct err *e)
{
	struct query *q = db_query(c, Q_MONITOR_PAIRS, { 0 });
	size_t cap = 0;

	*out = NULL;
	*n = 0;
	while (query_next(q)) {
		if (*n == cap) {
			struct pair *more;

			cap = cap ? cap * 2 : 256;
			more = arena_array(a, cap, sizeof(*more));
			if (*n)
				memcpy(more, *out, *n * sizeof(*more));
			*out = more;
		}
		pair_read(a, q, &(*out)[(*n)++]);
	}
	return query_end(q, e);
}

/* They are in the order of their numbers. */
const struct pair *
pair_by_id(const struct pair *p, size_t n, int64_t id)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (p[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && p[low].id == id ? &p[low] : NULL;
}
