/* SPDX-License-Identifier: MIT */
/*
 * One-time links and tickets: made, opened, bound to the first who comes with
 * them, used once. Only the hash of the secret is kept.
 */
#include "ticket.h"

#include <assert.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_int.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

enum { SECRET_BYTES = 32 };

static const char *
secret_make(struct arena *a)
{
	uint8_t raw[SECRET_BYTES];
	char *text;

	random_bytes(raw, sizeof(raw));
	text = base64_encode(a, raw, sizeof(raw));
	for (char *p = text; *p; p++)
		*p = (char)(*p == '+' ? '-' : *p == '/' ? '_' : *p);
	text[TICKET_SECRET_LEN] = '\0'; /* no padding */
	return text;
}

int
ticket_make(struct db_conn *c, const struct ticket_new *t, struct arena *a,
	const char **secret, struct err *e)
{
	*secret = secret_make(a);
	return db_run(c, Q_LINK_TICKET_ADD, e,
		       db_text(link_secret_hash(a, *secret)), db_text(t->kind),
		       db_text(t->organisation), db_text(t->request),
		       db_text(t->state),
		       t->person ? db_int(t->person) : db_null(),
		       db_int(clock_now() + t->seconds * 1000)) < 0
		       ? -1
		       : 0;
}

/* What the row says, besides what pages see. */
struct found {
	struct ticket t;
	bool used, active, shared;
	int64_t meant; /* whom the consumer means; 0: who comes */
	const char *hash;
	const char *home; /* the organisation's registered return address */
};

static int
find(struct db_conn *c, const char *secret, struct arena *a, struct found *f,
	struct err *e)
{
	struct query *q;
	bool found;

	f->hash = link_secret_hash(a, secret);
	q = db_query(c, Q_LINK_TICKET_GET, db_text(f->hash));
	found = query_next(q);
	if (found) {
		f->t = (struct ticket){
			.kind = query_text_dup(a, q, 0),
			.organisation = query_text_dup(a, q, 1),
			.name_ja = query_text_dup(a, q, 2),
			.name_en = query_text_dup(a, q, 3),
			.request = query_text_dup(a, q, 4),
			.state = query_text_dup(a, q, 5),
			.person = query_int(q, 6),
			.expires_at = query_int(q, 7),
			.return_url = query_text_dup(a, q, 9),
		};
		f->used = !query_null(q, 8);
		f->meant = query_int(q, 10);
		f->active = query_int(q, 11) != 0;
		f->shared = query_int(q, 12) != 0;
		f->home = query_text_dup(a, q, 13);
	}
	if (query_end(q, e))
		return -1;
	if (!found || !f->active)
		return link_refuse(e, LINK_NO_TICKET);
	if (f->used)
		return link_refuse(e, LINK_TICKET_USED);
	if (f->t.expires_at <= clock_now())
		return link_refuse(e, LINK_TICKET_EXPIRED);
	return 0;
}

static bool
is_page(const struct found *f)
{
	return !str_equal(f->t.kind, "inquiry");
}

int
ticket_look(struct linkbook *b, const char *secret, struct arena *a,
	struct ticket *out, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	struct found f;
	int ret = find(c, secret, a, &f, e);

	db_give(c);
	if (!ret && !is_page(&f))
		ret = link_refuse(e, LINK_NO_TICKET);
	if (!ret)
		*out = f.t;
	return ret;
}

struct opening {
	const char *secret;
	int64_t person;
	struct arena *a;
	struct found f;
	const char *out, *code;
};

/* May this person? */
static int
open_in(struct db_conn *c, void *arg, struct err *e)
{
	struct opening *o = arg;
	struct found *f = &o->f;

	if (find(c, o->secret, o->a, f, e) || person_need(c, o->person, e))
		return -1;
	if (!is_page(f))
		return link_refuse(e, LINK_NO_TICKET);
	if ((f->t.person && f->t.person != o->person) ||
		(f->meant && f->meant != o->person))
		return link_refuse(e, LINK_TICKET_OTHER);
	return 0;
}

/* The page and the person belong together, for good. */
static int
bind_in(struct db_conn *c, void *arg, struct err *e)
{
	struct opening *o = arg;
	struct found *f = &o->f;

	if (open_in(c, o, e))
		return -1;
	if (f->t.person)
		return 0;
	f->t.person = o->person;
	if (db_run(c, Q_LINK_TICKET_BIND, e, db_text(f->hash),
		    db_int(o->person)) < 0)
		return -1;
	if (!f->t.request)
		return 0;
	return db_run(c, Q_LINK_REQUEST_BIND, e, db_text(f->t.request),
		       db_int(o->person)) < 0 ||
			       db_run(c, Q_LINK_CONSENTS_BIND, e,
				       db_text(f->t.request),
				       db_int(o->person)) < 0
		       ? -1
		       : 0;
}

int
ticket_open(struct linkbook *b, const char *secret, int64_t person,
	struct arena *a, struct ticket *out, struct err *e)
{
	struct opening o = { .secret = secret, .person = person, .a = a };

	assert(b->mode == LINK_CENTER);
	if (db_transact(b->db, open_in, &o, e))
		return -1;
	*out = o.f.t;
	return 0;
}

int
ticket_bind(struct linkbook *b, const char *secret, int64_t person,
	struct arena *a, struct ticket *out, struct err *e)
{
	struct opening o = { .secret = secret, .person = person, .a = a };

	assert(b->mode == LINK_CENTER);
	if (db_transact(b->db, bind_in, &o, e))
		return -1;
	*out = o.f.t;
	return 0;
}

static int
use_in(struct db_conn *c, void *arg, struct err *e)
{
	struct opening *o = arg;

	if (bind_in(c, o, e))
		return -1;
	return db_run(c, Q_LINK_TICKET_USE, e, db_text(o->f.hash),
		       db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

int
ticket_use(
	struct linkbook *b, const char *secret, int64_t person, struct err *e)
{
	struct opening o = { .secret = secret, .person = person };
	int ret;

	assert(b->mode == LINK_CENTER);
	o.a = arena_new();
	ret = db_transact(b->db, use_in, &o, e);
	arena_free(&o.a);
	return ret;
}

/* The registered address with the ticket; it may have a query already. */
static void
lead_back(struct opening *o)
{
	const char *home = o->f.home;
	const char *state = o->f.t.state;

	if (!home)
		return;
	o->out = arena_printf(o->a, "%s%sticket=%s%s%s", home,
		strchr(home, '?') ? "&" : "?", o->code, state ? "&state=" : "",
		state ? form_encode(o->a, state) : "");
}

static int
link_in(struct db_conn *c, void *arg, struct err *e)
{
	struct opening *o = arg;
	struct ticket_new t = { .kind = "inquiry",
		.person = o->person,
		.seconds = TICKET_INQUIRY_S };
	const char *pairwise;

	if (use_in(c, o, e))
		return -1;
	if (!str_equal(o->f.t.kind, "link"))
		return link_refuse(e, LINK_NO_TICKET);
	t.organisation = o->f.t.organisation;
	if (idlink_make(c, o->person, t.organisation, o->a, &pairwise, e) ||
		ticket_make(c, &t, o->a, &o->code, e))
		return -1;
	lead_back(o);
	return 0;
}

int
ticket_link(struct linkbook *b, const char *secret, int64_t person,
	struct arena *a, const char **out, const char **code, struct err *e)
{
	struct opening o = { .secret = secret, .person = person, .a = a };

	assert(b->mode == LINK_CENTER);
	if (linkbook_transact(b, link_in, &o, e))
		return -1;
	*out = o.out;
	*code = o.code;
	return 0;
}

/* ---- BaseID照会 ---- */

struct inquiring {
	const char *organisation, *secret;
	struct arena *a;
	struct inquiry *out;
};

static int
level_of(struct db_conn *c, int64_t person, struct arena *a, const char **level,
	struct err *e)
{
	struct query *q = db_query(c, Q_LINK_ACCOUNT_LEVEL, db_int(person));

	*level = query_next(q) ? query_text_dup(a, q, 0) : "";
	return query_end(q, e);
}

static int
base_of(struct db_conn *c, const struct found *f, struct arena *a,
	const char **id, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_PERSON_HERE, db_int(f->t.person));

	if (query_next(q))
		*id = query_text_dup(a, q, 0);
	return query_end(q, e);
}

static int
inquire_in(struct db_conn *c, void *arg, struct err *e)
{
	struct inquiring *x = arg;
	struct found f;

	if (find(c, x->secret, x->a, &f, e))
		return -1;
	if (is_page(&f) || !str_equal(f.t.organisation, x->organisation))
		return link_refuse(e, LINK_NO_TICKET);
	if (person_need(c, f.t.person, e) ||
		db_run(c, Q_LINK_TICKET_USE, e, db_text(f.hash),
			db_int(clock_now())) < 0 ||
		idlink_live(c, f.t.person, x->organisation, x->a, &x->out->id,
			&x->out->state, e) ||
		level_of(c, f.t.person, x->a, &x->out->level, e))
		return -1;
	if (!x->out->id)
		return link_refuse(e, LINK_NO_LINK);
	x->out->shared = f.shared;
	return f.shared ? base_of(c, &f, x->a, &x->out->id, e) : 0;
}

int
ticket_inquire(struct linkbook *b, const char *organisation, const char *secret,
	struct arena *a, struct inquiry *out, struct err *e)
{
	struct inquiring x = { organisation, secret, a, out };

	assert(b->mode == LINK_CENTER);
	return db_transact(b->db, inquire_in, &x, e);
}
