/* SPDX-License-Identifier: MIT */
/*
 * Other instances that this one trusts, and the optional parts of the internal
 * configuration. Rules: interop/xroad-center-admin.md 1.7, 1.9.
 */
#include "center_int.h"

#include "center_sql.h"
#include "mem.h"
#include "text.h"

enum { PARTNERS_MAX = 256 };

char *
anchor_hash(struct arena *a, struct bytes xml)
{
	static const char digits[] = "0123456789ABCDEF";
	struct digest d;
	char *out, *p;

	digest_of(DIGEST_SHA224, xml.data, xml.len, &d);
	p = out = arena_alloc(a, d.len * 3 + 1);
	for (size_t i = 0; i < d.len; i++) {
		if (i)
			*p++ = ':';
		*p++ = digits[d.value[i] >> 4];
		*p++ = digits[d.value[i] & 15];
	}
	return out;
}

int
partners_load(struct db_conn *c, struct arena *a, const struct gc_anchor **out,
	size_t *n, struct err *e)
{
	struct gc_anchor *list = arena_array(a, PARTNERS_MAX, sizeof(*list));
	struct query *q = db_query(c, Q_CENTER_TRUSTED_ANCHORS);
	int bad = 0;

	*n = 0;
	while (!bad && *n < PARTNERS_MAX && query_next(q))
		bad = anchor_parse(
			a, query_blob_dup(a, q, 2), &list[(*n)++], e);
	*out = list;
	return query_end(q, e) || bad ? -1 : 0;
}

const struct optional_part optional_known[OPTIONAL_PARTS] = {
	{ .identifier = "FETCHINTERVAL", .file = "fetchinterval-params.xml" },
	{ .identifier = "MONITORING", .file = "monitoring-params.xml" },
	{ .identifier = "NEXTUPDATE", .file = "nextupdate-params.xml" },
};

int
optional_parts(struct db_conn *c, struct arena *a,
	struct optional_part out[OPTIONAL_PARTS], struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_CONFIG_PARTS);

	for (int i = 0; i < OPTIONAL_PARTS; i++)
		out[i] = optional_known[i];
	while (query_next(q))
		for (int i = 0; i < OPTIONAL_PARTS; i++)
			if (str_equal(query_text(q, 0), out[i].identifier)) {
				out[i].xml = query_blob_dup(a, q, 1);
				out[i].updated_at = query_int(q, 2);
			}
	return query_end(q, e);
}
