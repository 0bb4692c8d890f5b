/* SPDX-License-Identifier: MIT */
/*
 * Consents as the person, or who represents them, sees them: every one there
 * ever was, its steps, their containers, the transfers under it.
 */
#include "link_int.h"

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

void
consent_row(struct arena *a, struct query *q, struct consent *out)
{
	*out = (struct consent){
		.reference = query_text_dup(a, q, 0),
		.request = query_text_dup(a, q, 1),
		.person = query_int(q, 2),
		.subject = query_text_dup(a, q, 3),
		.asked = codes_parse(a, query_text(q, 4)),
		.items = codes_parse(a, query_text(q, 5)),
		.days = query_int(q, 6),
		.state = consent_state_by_name(query_text(q, 7)),
		.valid_from = query_int(q, 8),
		.valid_to = query_int(q, 9),
		.changed_at = query_int(q, 10),
		.requested_at = query_int(q, 11),
		.provider = { query_text_dup(a, q, 12),
			query_text_dup(a, q, 13) },
		.consumer = { query_text_dup(a, q, 14),
			query_text_dup(a, q, 15) },
	};
	offering_row(a, q, 16, &out->service);
	purpose_row(a, q, 31, &out->purpose);
}

int
consent_in(struct db_conn *c, const char *reference, struct arena *a,
	struct consent *out, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_CONSENT_GET, db_text(reference));
	bool found = query_next(q);

	if (found)
		consent_row(a, q, out);
	if (query_end(q, e))
		return -1;
	return found ? 0 : link_refuse(e, LINK_NO_CONSENT);
}

int
viewer_whose(struct db_conn *c, const struct consent_viewer *v, int64_t *person,
	struct err *e)
{
	struct query *q;
	bool may;

	*person = v->person;
	if (!v->represented)
		return person_need(c, v->person, e);
	*person = v->represented;
	q = db_query(c, Q_LINK_REPRESENTS, db_int(v->person),
		db_int(v->represented), db_int(clock_now()));
	may = query_next(q);
	if (query_end(q, e))
		return -1;
	return may ? 0 : link_refuse(e, LINK_NO_REPRESENTATION);
}

int
viewer_person(struct linkbook *b, const struct consent_viewer *v,
	int64_t *person, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int ret = viewer_whose(c, v, person, e);

	db_give(c);
	return ret;
}

int
viewer_consent(struct db_conn *c, const struct consent_viewer *v,
	const char *reference, struct arena *a, struct consent *out,
	struct err *e)
{
	int64_t person;

	if (viewer_whose(c, v, &person, e) ||
		consent_in(c, reference, a, out, e))
		return -1;
	return out->person == person ? 0 : link_refuse(e, LINK_NO_CONSENT);
}

static int
collect(struct query *q, struct arena *a, int64_t person, bool or_nobody,
	struct consent **out, size_t *n, struct err *e)
{
	*n = 0;
	*out = NULL;
	while (query_next(q)) {
		struct consent one;

		consent_row(a, q, &one);
		if (one.person != person && (one.person || !or_nobody))
			continue;
		LIST_GROW(a, *out, *n);
		(*out)[(*n)++] = one;
	}
	return query_end(q, e);
}

int
consent_list(struct linkbook *b, const struct consent_viewer *v, size_t offset,
	struct arena *a, struct consent **out, size_t *n, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int64_t person;
	int ret = viewer_whose(c, v, &person, e);

	*n = 0;
	if (!ret)
		ret = collect(
			db_query(c, Q_LINK_CONSENTS, db_int(person),
				db_int(CONSENTS_PAGE), db_int((int64_t)offset)),
			a, person, false, out, n, e);
	db_give(c);
	return ret;
}

int
consent_of_request(struct linkbook *b, const struct consent_viewer *v,
	const char *request, struct arena *a, struct consent **out, size_t *n,
	struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int64_t person;
	int ret = viewer_whose(c, v, &person, e);

	*n = 0;
	if (!ret)
		ret = collect(db_query(c, Q_LINK_CONSENTS_OF_REQUEST,
				      db_text(request)),
			a, person, true, out, n, e);
	db_give(c);
	return ret;
}

int
consent_get(struct linkbook *b, const struct consent_viewer *v,
	const char *reference, struct arena *a, struct consent *out,
	struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int ret = viewer_consent(c, v, reference, a, out, e);

	db_give(c);
	return ret;
}

static int
steps(struct db_conn *c, const struct consent_viewer *v, const char *reference,
	struct arena *a, struct consent_step **out, size_t *n, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_STEPS, db_text(reference));

	for (*n = 0, *out = NULL; query_next(q); (*n)++) {
		LIST_GROW(a, *out, *n);
		(*out)[*n] = (struct consent_step){
			.id = query_int(q, 0),
			.at = query_int(q, 1),
			.from = query_text_dup(a, q, 2),
			.to = query_text_dup(a, q, 3),
			.actor = query_text_dup(a, q, 4),
			.reason = query_text_dup(a, q, 5),
			.mine = query_int(q, 6) == v->person,
			.items = codes_parse(a, query_text(q, 7)),
			.valid_to = query_int(q, 8),
			.proved = query_int(q, 9) != 0,
		};
	}
	return query_end(q, e);
}

int
consent_steps(struct linkbook *b, const struct consent_viewer *v,
	const char *reference, struct arena *a, struct consent_step **out,
	size_t *n, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	struct consent whole;
	int ret = viewer_consent(c, v, reference, a, &whole, e);

	if (!ret)
		ret = steps(c, v, reference, a, out, n, e);
	db_give(c);
	return ret;
}

int
consent_container(struct linkbook *b, const struct consent_viewer *v,
	int64_t step, struct arena *a, struct bytes *out, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	struct query *q = db_query(c, Q_LINK_EVIDENCE_GET, db_int(step));
	const char *reference = NULL;
	struct consent whole;
	int ret;

	*out = bytes_of(NULL, 0);
	if (query_next(q)) {
		reference = query_text_dup(a, q, 0);
		*out = query_blob_dup(a, q, 1);
	}
	ret = query_end(q, e);
	if (!ret && !reference)
		ret = link_refuse(e, LINK_NO_CONSENT);
	if (!ret)
		ret = viewer_consent(c, v, reference, a, &whole, e);
	db_give(c);
	return ret;
}

static void
transfer_row(struct arena *a, struct query *q, struct transfer *out)
{
	*out = (struct transfer){
		.id = query_text_dup(a, q, 0),
		.reference = query_text_dup(a, q, 1),
		.at = query_int(q, 2),
		.items = codes_parse(a, query_text(q, 3)),
		.service = { query_text_dup(a, q, 4), query_text_dup(a, q, 5) },
		.purpose = { query_text_dup(a, q, 6), query_text_dup(a, q, 7) },
		.provider = { query_text_dup(a, q, 8),
			query_text_dup(a, q, 9) },
		.consumer = { query_text_dup(a, q, 10),
			query_text_dup(a, q, 11) },
	};
	if (items_read(a, codes_parse(a, query_text(q, 12)), &out->named, NULL))
		out->named.items = 0; /* codes are shown instead */
}

int
consent_transfers(struct linkbook *b, const struct consent_viewer *v,
	size_t offset, struct arena *a, struct transfer **out, size_t *n,
	struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int64_t person;
	struct query *q;
	int ret = viewer_whose(c, v, &person, e);

	*n = 0;
	*out = NULL;
	if (!ret) {
		q = db_query(c, Q_LINK_TRANSFERS, db_int(person),
			db_int(CONSENTS_PAGE), db_int((int64_t)offset));
		for (; query_next(q); (*n)++) {
			LIST_GROW(a, *out, *n);
			transfer_row(a, q, &(*out)[*n]);
		}
		ret = query_end(q, e);
	}
	db_give(c);
	return ret;
}
