/* SPDX-License-Identifier: MIT */
/*
 * The database of Personal-Link: opening, transactions, identifiers, days,
 * refusals.
 */
#include "link_int.h"

#include <stdio.h>
#include <string.h>

#include "db.h"
#include "digest.h"
#include "err.h"
#include "ident.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

static const char *const mode_name[] = { "center", "cache" };

static int
found(struct db_conn *c, void *arg, struct err *e)
{
	const struct linkbook *b = arg;
	const char *mode = mode_name[b->mode];
	char epoch[LINK_ID_LEN + 1];
	struct query *q = db_query(c, Q_LINK_PLACE);
	bool there = query_next(q);
	bool other = there && !str_equal(query_text(q, 0), mode);

	if (query_end(q, e))
		return -1;
	if (other)
		return fail(e, FAULT_CONFIG,
			"the database of Personal-Link in the data directory is "
			"not that of a %s: put [personal-link] mode back, or "
			"use another data-dir",
			mode);
	if (there)
		return 0;
	link_id_make(epoch);
	return db_run(c, Q_LINK_PLACE_FOUND, e, db_text(mode), db_text(epoch)) <
			       0
		       ? -1
		       : 0;
}

int
linkbook_open(struct linkbook *b, const char *path, enum link_mode mode,
	struct err *e)
{
	b->mode = mode;
	if (db_open(&b->db, &schema_link, path, DB_EVIDENCE, e))
		return -1;
	if (db_transact(b->db, found, b, e)) {
		linkbook_close(b);
		return -1;
	}
	return 0;
}

void
linkbook_close(struct linkbook *b)
{
	if (b->db)
		db_close(&b->db);
}

int
linkbook_transact(struct linkbook *b, linkbook_fn *fn, void *arg, struct err *e)
{
	if (db_transact(b->db, fn, arg, e))
		return -1;
	if (b->changed)
		b->changed(b->ctx);
	return 0;
}

/* ---- refusals ---- */

struct refusal {
	enum fault fault;
	const char *code, *en, *ja;
};

static const struct refusal refusals[] = {
#define REFUSAL(id, fault, code, en, ja) { FAULT_##fault, code, en, ja },
#include "refusal.def"
};

void
link_refusal(struct err *e, enum link_refusal why)
{
	const struct refusal *r = &refusals[why];

	if (e && !err_set(e)) {
		(void)fail(e, r->fault, "%s", r->en);
		snprintf(e->code, sizeof(e->code), "%s", r->code);
	}
}

const char *
link_refusal_ja(const struct err *e)
{
	for (size_t i = 0; i < LINK_REFUSALS; i++)
		if (str_equal(e->code, refusals[i].code))
			return refusals[i].ja;
	return e->text;
}

/* ---- identifiers ---- */

void
link_id_make(char out[LINK_ID_LEN + 1])
{
	static const char digit[] = "0123456789abcdef";
	uint8_t raw[LINK_ID_LEN / 2];

	random_bytes(raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++) {
		out[2 * i] = digit[raw[i] >> 4];
		out[2 * i + 1] = digit[raw[i] & 15];
	}
	out[LINK_ID_LEN] = '\0';
}

const char *
link_secret_hash(struct arena *a, const char *secret)
{
	struct digest d;

	digest_of(DIGEST_SHA256, secret, strlen(secret), &d);
	return hex_encode(a, d.value, d.len);
}

int
link_member_of(struct arena *a, const char *path, size_t pieces,
	const char **out, struct err *e)
{
	struct client_id id;
	struct service_id service;

	if (pieces == 5) {
		if (service_id_parse(a, path, &service, e))
			return -1;
		id = service.provider;
	} else if (client_id_parse(a, path, &id, e)) {
		return -1;
	}
	if ((pieces == 4 && !id.subsystem) || (pieces == 3 && id.subsystem))
		return fail(e, FAULT_BAD_REQUEST,
			"%s has not %zu pieces, as an X-Road %s has", path,
			pieces, pieces == 4 ? "subsystem" : "member");
	id.subsystem = NULL;
	*out = client_id_path(a, &id);
	return 0;
}

/* ---- days ---- */

enum { JAPAN_MS = 9 * 3600 * 1000 };

int64_t
link_day_begin(int64_t ms)
{
	int64_t in_day = (ms + JAPAN_MS) % LINK_DAY_MS;

	return ms - (in_day < 0 ? in_day + LINK_DAY_MS : in_day);
}

int64_t
link_day_end(int64_t now, int64_t days)
{
	return link_day_begin(now) + (days + 1) * LINK_DAY_MS;
}

/* ---- lists ---- */

void *
list_grown(struct arena *a, void *list, size_t n, size_t size)
{
	void *more;

	if (n & (n - 1))
		return list;
	more = arena_array(a, n ? 2 * n : 1, size);
	if (n)
		memcpy(more, list, n * size);
	return more;
}

json_t *
codes_parse(struct arena *a, const char *text)
{
	json_t *codes;

	if (text && !json_parse(a, bytes_str(text), NULL, &codes, NULL) &&
		json_is_array(codes))
		return codes;
	return json_keep(a, json_array());
}

const char *
codes_text(struct arena *a, const json_t *codes)
{
	struct buf b;
	const char *text;

	buf_init(&b, JSON_BYTES);
	json_write(&b, codes, JSON_PLAIN);
	text = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	return text;
}
