/* SPDX-License-Identifier: MIT */
/*
 * A person's links with organisations, their end, and who may act for whom.
 */
#include "person.h"

#include <assert.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_int.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

static int
links(struct db_conn *c, int64_t person, struct arena *a, struct idlink **out,
	size_t *n, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_IDLINKS, db_int(person));

	for (*n = 0, *out = NULL; query_next(q); (*n)++) {
		LIST_GROW(a, *out, *n);
		(*out)[*n] = (struct idlink){
			.organisation = query_text_dup(a, q, 0),
			.name_ja = query_text_dup(a, q, 1),
			.name_en = query_text_dup(a, q, 2),
			.pairwise = query_text_dup(a, q, 3),
			.state = query_text_dup(a, q, 4),
			.changed_at = query_int(q, 5),
		};
	}
	return query_end(q, e);
}

int
person_links(struct linkbook *b, int64_t person, struct arena *a,
	struct idlink **out, size_t *n, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int ret = links(c, person, a, out, n, e);

	db_give(c);
	return ret;
}

struct unlink {
	bool organisation_asks;
	int64_t person;
	const struct consent_viewer *v; /* unless the organisation asks */
	const char *organisation;
};

static struct consent_move
end_by(const struct unlink *u)
{
	struct consent_move m = { .to = CONSENT_INAPPLICABLE,
		.who = ACTOR_SYSTEM,
		.reason = "link_ended" };

	if (u->organisation_asks)
		return m;
	m.to = CONSENT_WITHDRAWN;
	m.who = u->v->represented ? ACTOR_REPRESENTATIVE : ACTOR_RESIDENT;
	m.person = u->v->person;
	return m;
}

/* The link ends, and with it what was agreed because of it. */
static int
end_link(struct db_conn *c, const struct unlink *u, const char *pairwise,
	const char *state, struct err *e)
{
	const struct consent_move m = end_by(u);
	int64_t moved;

	do {
		if (consent_move_all(c,
			    db_query(c, Q_LINK_CONSENTS_LINKED,
				    db_int(u->person),
				    db_text(u->organisation)),
			    &m, &moved, e))
			return -1;
	} while (moved == CONSENT_BATCH);
	return idlink_move(c, pairwise, state, "unlinked", u->organisation, e);
}

static int
unlink_one(struct db_conn *c, void *arg, struct err *e)
{
	struct unlink *u = arg;
	struct arena *a = arena_new();
	const char *pairwise, *state;
	int ret = viewer_whose(c, u->v, &u->person, e) ||
				  idlink_live(c, u->person, u->organisation, a,
					  &pairwise, &state, e)
			  ? -1
			  : 0;

	if (!ret && !pairwise)
		ret = link_refuse(e, LINK_NO_LINK);
	if (!ret)
		ret = end_link(c, u, pairwise, state, e);
	arena_free(&a);
	return ret;
}

int
person_unlink(struct linkbook *b, const struct consent_viewer *v,
	const char *organisation, struct err *e)
{
	struct unlink u = { .v = v, .organisation = organisation };

	assert(b->mode == LINK_CENTER);
	return linkbook_transact(b, unlink_one, &u, e);
}

struct completion {
	const char *organisation, *id, *to;
};

static int
complete_in(struct db_conn *c, const struct completion *x, struct arena *a,
	struct err *e)
{
	struct unlink u = { .organisation_asks = true,
		.organisation = x->organisation };
	const char *pairwise, *state;

	if (idlink_of(c, x->organisation, x->id, a, &pairwise, &u.person,
		    &state, e))
		return -1;
	if (str_equal(x->to, "unlinked") && !str_equal(state, x->to))
		return end_link(c, &u, pairwise, state, e);
	return idlink_move(c, pairwise, state, x->to, x->organisation, e);
}

static int
complete(struct db_conn *c, void *arg, struct err *e)
{
	struct arena *a = arena_new();
	int ret = complete_in(c, arg, a, e);

	arena_free(&a);
	return ret;
}

int
idlink_complete(struct linkbook *b, const char *organisation, const char *id,
	const char *to, struct err *e)
{
	struct completion x = { organisation, id, to };

	assert(b->mode == LINK_CENTER);
	return linkbook_transact(b, complete, &x, e);
}

/* ---- leaving ---- */

static int
end_open(struct db_conn *c, int64_t person, struct arena *a, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_CONSENTS_OPEN, db_int(person));
	const char **reference = NULL;
	size_t n = 0;

	for (; query_next(q); n++) {
		LIST_GROW(a, reference, n);
		reference[n] = query_text_dup(a, q, 0);
	}
	if (query_end(q, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct consent_move m = { .who = ACTOR_RESIDENT,
			.person = person,
			.reason = "person_left" };
		struct consent now;

		if (consent_in(c, reference[i], a, &now, e))
			return -1;
		m.to = now.state == CONSENT_APPROVED ? CONSENT_WITHDRAWN
						     : CONSENT_DECLINED;
		if (consent_move(c, &now, &m, a, e))
			return -1;
	}
	return 0;
}

static int
leave_in(struct db_conn *c, int64_t person, struct arena *a, struct err *e)
{
	struct idlink *link;
	size_t n;
	int64_t now = clock_now();

	if (person_need(c, person, e) || end_open(c, person, a, e) ||
		links(c, person, a, &link, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!str_equal(link[i].state, "unlinked") &&
			idlink_move(c, link[i].pairwise, link[i].state,
				"unlinked", link[i].organisation, e))
			return -1;
	return db_run(c, Q_LINK_ACCOUNTS_END, e, db_int(person), db_int(now)) <
				       0 ||
			       db_run(c, Q_LINK_PERSON_CLOSE, e, db_int(person),
				       db_int(now)) < 0
		       ? -1
		       : 0;
}

static int
leave(struct db_conn *c, void *arg, struct err *e)
{
	struct arena *a = arena_new();
	int ret = leave_in(c, *(const int64_t *)arg, a, e);

	arena_free(&a);
	return ret;
}

int
person_close(struct linkbook *b, int64_t person, struct err *e)
{
	assert(b->mode == LINK_CENTER);
	return linkbook_transact(b, leave, &person, e);
}

/* ---- who may act for whom ---- */

static int
representations(struct linkbook *b, int statement, int64_t person,
	struct arena *a, struct represented **out, size_t *n, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	struct query *q =
		db_query(c, statement, db_int(person), db_int(clock_now()));
	int ret;

	for (*n = 0, *out = NULL; query_next(q); (*n)++) {
		LIST_GROW(a, *out, *n);
		(*out)[*n] = (struct represented){
			.id = query_text_dup(a, q, 0),
			.person = query_int(q, 1),
			.kind = query_text_dup(a, q, 2),
			.organisation = query_text_dup(a, q, 3),
			.name_ja = query_text_dup(a, q, 4),
			.name_en = query_text_dup(a, q, 5),
			.valid_to = query_int(q, 6),
		};
	}
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

int
person_represented(struct linkbook *b, int64_t person, struct arena *a,
	struct represented **out, size_t *n, struct err *e)
{
	return representations(b, Q_LINK_REPRESENTED, person, a, out, n, e);
}

int
person_representatives(struct linkbook *b, int64_t person, struct arena *a,
	struct represented **out, size_t *n, struct err *e)
{
	return representations(b, Q_LINK_REPRESENTATIVES, person, a, out, n, e);
}

struct attest {
	const struct attestation *t;
	struct arena *a;
	const char *registered; /* a new person's identifier */
	char id[LINK_ID_LEN + 1];
};

static int
is_whom(struct db_conn *c, const struct attest *x, const char *id,
	struct arena *a, int64_t *person, struct err *e)
{
	const char *pairwise, *state;

	if (idlink_of(
		    c, x->t->organisation, id, a, &pairwise, person, &state, e))
		return -1;
	return str_equal(state, "unlinked") ? link_refuse(e, LINK_NO_LINK) : 0;
}

/* Who has no account yet: the organisation alone knows who it is. */
static int
enter_ward(struct db_conn *c, struct attest *x, const struct organisation *o,
	int64_t *person, struct err *e)
{
	char base[LINK_ID_LEN + 1];
	const char *pairwise;

	link_id_make(base);
	if (db_run(c, Q_LINK_PERSON_ADD, e, db_text(base),
		    db_int(clock_now())) < 0)
		return -1;
	*person = db_last_id(c);
	if (idlink_make(c, *person, o->member, x->a, &pairwise, e))
		return -1;
	x->registered = o->shared ? arena_strdup(x->a, base) : pairwise;
	return 0;
}

static int
attest_in(struct db_conn *c, struct attest *x, struct arena *a, struct err *e)
{
	int64_t ward, other;
	struct organisation o;

	if (organisation_in(c, x->t->organisation, a, &o, e))
		return -1;
	if (!o.attests)
		return link_refuse(e, LINK_NO_ATTESTATION);
	if (is_whom(c, x, x->t->representative, a, &other, e) ||
		(x->t->person ? is_whom(c, x, x->t->person, a, &ward, e)
			      : enter_ward(c, x, &o, &ward, e)))
		return -1;
	if (ward == other)
		return fail(e, FAULT_BAD_REQUEST,
			"nobody is their own representative");
	link_id_make(x->id);
	return db_run(c, Q_LINK_REPRESENTATION_ADD, e, db_text(x->id),
		       db_int(ward), db_int(other), db_text(x->t->kind),
		       db_text(x->t->organisation), db_int(x->t->valid_to)) < 0
		       ? -1
		       : 0;
}

static int
attest(struct db_conn *c, void *arg, struct err *e)
{
	struct arena *a = arena_new();
	int ret = attest_in(c, arg, a, e);

	arena_free(&a);
	return ret;
}

int
representation_add(struct linkbook *b, const struct attestation *t,
	struct arena *a, const char **id, struct err *e)
{
	struct attest x = { .t = t, .a = a };

	assert(b->mode == LINK_CENTER);
	assert(t->person || t->registered);
	if (!str_equal(t->kind, "child") && !str_equal(t->kind, "ward"))
		return fail(e, FAULT_BAD_REQUEST,
			"\"kind\" can be \"child\" or \"ward\"");
	if (linkbook_transact(b, attest, &x, e))
		return -1;
	*id = arena_strdup(a, x.id);
	if (!t->person)
		*t->registered = x.registered;
	return 0;
}

int
representation_end(struct linkbook *b, const char *organisation, const char *id,
	struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int64_t n = db_run(c, Q_LINK_REPRESENTATION_END, e, db_text(id),
		db_text(organisation), db_int(clock_now()));

	db_give(c);
	if (n == 0)
		return link_refuse(e, LINK_NO_REPRESENTATION);
	return n < 0 ? -1 : 0;
}
