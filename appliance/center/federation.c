/* SPDX-License-Identifier: MIT */
/*
 * Other instances that this one trusts, and the optional parts of the internal
 * configuration. Rules: interop/xroad-center-admin.md 1.7, 1.9.
 */
#include "center_int.h"

#include "center_sql.h"
#include "clock.h"
#include "gcdir.h"
#include "http_client.h"
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

/* ---- is the partner's configuration what its anchor says? ---- */

enum { FETCH_MS = 10000 };

static int
fetch(struct center *ct, struct arena *a, const char *url, struct bytes *out,
	struct err *e)
{
	struct http_call call = {
		.method = "GET",
		.answer_max = GC_DIR_MAX,
		.connect_timeout_ms = FETCH_MS,
		.total_timeout_ms = FETCH_MS,
	};
	struct http_answer answer = { 0 };

	for (int v = GC_VERSION_MAX; v >= GC_VERSION_MIN; v--) {
		call.url = arena_printf(a, "%s?version=%d", url, v);
		if (http_call(ct->http, a, &call, &answer, e))
			return -1;
		if (answer.status != 404)
			break;
	}
	*out = answer.body;
	return answer.status == 200 ? 0
				    : fail(e, FAULT_HTTP, "%s answered %d", url,
					      answer.status);
}

/* Signed by the anchor's key, of its instance, with nothing private. */
static int
source_verify(struct center *ct, struct arena *a, const struct gc_anchor *an,
	const struct gc_anchor_source *src, struct err *e)
{
	struct bytes dir;
	struct gcdir d;

	if (fetch(ct, a, src->url, &dir, e) ||
		gcdir_verify(a, dir, src->cert, src->certs, clock_now(), &d, e))
		return -1;
	for (size_t i = 0; i < d.parts; i++) {
		if (str_equal(d.part[i].identifier, "PRIVATE-PARAMETERS"))
			return fail(e, FAULT_CONFIG,
				"the source is an internal one");
		if (d.part[i].instance &&
			!str_equal(d.part[i].instance, an->instance))
			return fail(e, FAULT_GC_PART_INSTANCE,
				"the source belongs to another instance");
	}
	return 0;
}

int
partner_verify(struct center *ct, struct arena *a, const struct gc_anchor *an,
	struct err *e)
{
	struct err why = ERR_INIT;

	for (size_t i = 0; i < an->sources; i++) {
		if (!str_prefix(an->source[i].url, "http://"))
			continue;
		err_reset(&why);
		if (!source_verify(ct, a, an, &an->source[i], &why))
			return 0;
	}
	return refuse(e, FAULT_BAD_REQUEST,
		"trusted_anchor_verification_failed",
		"the configuration of the anchor cannot be verified: %s",
		why.text);
}
