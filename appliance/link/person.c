/* SPDX-License-Identifier: MIT */
/*
 * Persons and their accounts at OpenID providers (RPリンク): login, new
 * registration, second accounts, leaving.
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

struct sign_in {
	const struct account_claim *claim;
	int64_t person, account;
};

/* The live account of issuer and subject; LINK_NO_ACCOUNT. */
static int
find(struct db_conn *c, struct sign_in *s, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_ACCOUNT_FIND,
		db_text(s->claim->issuer), db_text(s->claim->subject));
	bool found = query_next(q);

	if (found) {
		s->account = query_int(q, 0);
		s->person = query_int(q, 1);
	}
	if (query_end(q, e))
		return -1;
	return found ? 0 : link_refuse(e, LINK_NO_ACCOUNT);
}

static int
login(struct db_conn *c, void *arg, struct err *e)
{
	struct sign_in *s = arg;

	if (find(c, s, e))
		return -1;
	return db_run(c, Q_LINK_ACCOUNT_SEEN, e, db_int(s->account),
		       db_text(s->claim->level), db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

/* Nothing a cache hears of: the plain transaction. */
int
person_login(struct linkbook *b, const struct account_claim *claim,
	int64_t *person, struct err *e)
{
	struct sign_in s = { .claim = claim };

	assert(b->mode == LINK_CENTER);
	if (db_transact(b->db, login, &s, e))
		return -1;
	*person = s.person;
	return 0;
}

static int
add_account(struct db_conn *c, const struct sign_in *s, struct err *e)
{
	struct err why = ERR_INIT;

	if (db_run(c, Q_LINK_ACCOUNT_ADD, &why, db_int(s->person),
		    db_text(s->claim->issuer), db_text(s->claim->subject),
		    db_text(s->claim->level), db_int(clock_now())) >= 0)
		return 0;
	if (why.fault == FAULT_CONFLICT)
		return link_refuse(e, LINK_ACCOUNT_TAKEN);
	return fail(e, why.fault, "%s", why.text);
}

static int
enter(struct db_conn *c, void *arg, struct err *e)
{
	struct sign_in *s = arg;
	char base[LINK_ID_LEN + 1];

	link_id_make(base);
	if (db_run(c, Q_LINK_PERSON_ADD, e, db_text(base),
		    db_int(clock_now())) < 0)
		return -1;
	s->person = db_last_id(c);
	return add_account(c, s, e);
}

int
person_register(struct linkbook *b, const struct account_claim *claim,
	int64_t *person, struct err *e)
{
	struct sign_in s = { .claim = claim };

	assert(b->mode == LINK_CENTER);
	if (db_transact(b->db, enter, &s, e))
		return -1;
	*person = s.person;
	return 0;
}

int
person_need(struct db_conn *c, int64_t person, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_PERSON_HERE, db_int(person));
	bool found = query_next(q);

	if (query_end(q, e))
		return -1;
	return found ? 0 : link_refuse(e, LINK_NO_PERSON);
}

static int
one_more(struct db_conn *c, void *arg, struct err *e)
{
	struct sign_in *s = arg;

	return person_need(c, s->person, e) || add_account(c, s, e) ? -1 : 0;
}

int
person_account_add(struct linkbook *b, int64_t person,
	const struct account_claim *claim, struct err *e)
{
	struct sign_in s = { .claim = claim, .person = person };

	assert(b->mode == LINK_CENTER);
	return db_transact(b->db, one_more, &s, e);
}

static int
accounts(struct db_conn *c, int64_t person, struct arena *a,
	struct account **out, size_t *n, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_ACCOUNTS, db_int(person));

	for (*n = 0, *out = NULL; query_next(q); (*n)++) {
		LIST_GROW(a, *out, *n);
		(*out)[*n] = (struct account){
			.id = query_int(q, 0),
			.issuer = query_text_dup(a, q, 1),
			.subject = query_text_dup(a, q, 2),
			.level = query_text_dup(a, q, 3),
			.linked_at = query_int(q, 4),
			.seen_at = query_int(q, 5),
		};
	}
	return query_end(q, e);
}

int
person_accounts(struct linkbook *b, int64_t person, struct arena *a,
	struct account **out, size_t *n, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int ret = accounts(c, person, a, out, n, e);

	db_give(c);
	return ret;
}

static int
remove_account(struct db_conn *c, void *arg, struct err *e)
{
	struct sign_in *s = arg;
	struct arena *a = arena_new();
	struct account *list;
	size_t n = 0, k = 0;
	int64_t done;
	int ret = accounts(c, s->person, a, &list, &n, e);

	if (ret)
		goto out;
	while (k < n && list[k].id != s->account)
		k++;
	if (k == n || n == 1) {
		ret = link_refuse(
			e, k == n ? LINK_NO_ACCOUNT : LINK_LAST_ACCOUNT);
		goto out;
	}
	done = db_run(c, Q_LINK_ACCOUNT_END, e, db_int(s->person),
		db_int(s->account), db_int(clock_now()));
	ret = done < 0 ? -1 : 0;
out:
	arena_free(&a);
	return ret;
}

int
person_account_remove(
	struct linkbook *b, int64_t person, int64_t account, struct err *e)
{
	struct sign_in s = { .person = person, .account = account };

	assert(b->mode == LINK_CENTER);
	return db_transact(b->db, remove_account, &s, e);
}
