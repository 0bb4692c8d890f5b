/* SPDX-License-Identifier: MIT */
/*
 * ユーザマスタ of a cache: whose identifier is which user of the organisation.
 */
#include "usermaster.h"

#include <assert.h>
#include <string.h>

#include "db.h"
#include "err.h"
#include "link_int.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

struct user {
	const char *organisation, *id;
	const char *user_id; /* NULL: remove */
};

/* The identifier may not have arrived yet: the organisation has it from its
   inquiry, the feed brings it after. */
static int
resolve(struct db_conn *c, const struct user *u, struct arena *a,
	const char **pairwise, struct err *e)
{
	struct query *q = db_query(
		c, Q_LINK_ID_SHARED, db_text(u->organisation), db_text(u->id));

	*pairwise = query_next(q) ? query_text_dup(a, q, 0) : u->id;
	return query_end(q, e);
}

static int64_t
forget(struct db_conn *c, const char *pairwise, struct err *e)
{
	if (db_run(c, Q_LINK_USER_UNFORMER, e, db_text(pairwise), db_int(1)) <
		0)
		return -1;
	return db_run(c, Q_LINK_USER_REMOVE, e, db_text(pairwise));
}

static int64_t
assign(struct db_conn *c, const struct user *u, const char *pairwise,
	struct err *e)
{
	struct db_arg id = db_text(pairwise), user = db_text(u->user_id);

	if (db_run(c, Q_LINK_USER_FORMER, e, user, id) < 0 ||
		db_run(c, Q_LINK_USER_UNFORMER, e, id, db_int(0)) < 0 ||
		db_run(c, Q_LINK_USER_FORGET, e, user, id) < 0)
		return -1;
	return db_run(c, Q_LINK_USER_PUT, e, id, user);
}

static int
put(struct db_conn *c, void *arg, struct err *e)
{
	const struct user *u = arg;
	struct arena *a = arena_new();
	const char *pairwise;
	int64_t n = -1;

	if (resolve(c, u, a, &pairwise, e))
		goto out;
	n = u->user_id ? assign(c, u, pairwise, e) : forget(c, pairwise, e);
out:
	arena_free(&a);
	return n < 0 ? -1 : 0;
}

/* It goes into a header of the provider's internal call. */
static bool
fits(const char *user_id)
{
	size_t len = strlen(user_id);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)user_id[i] <= ' ' || user_id[i] == 0x7f)
			return false;
	return len > 0 && len <= USER_ID_MAX && utf8_valid(user_id, len);
}

int
user_put(struct linkbook *b, const char *organisation, const char *id,
	const char *user_id, struct err *e)
{
	struct user u = { organisation, id, user_id };

	assert(b->mode == LINK_CACHE);
	if (!fits(user_id))
		return fail(e, FAULT_BAD_REQUEST,
			"a user ID has 1 to %d bytes, no spaces and no control "
			"characters",
			USER_ID_MAX);
	if (strlen(id) != LINK_ID_LEN ||
		strspn(id, "0123456789abcdef") != LINK_ID_LEN)
		return link_refuse(e, LINK_NO_LINK);
	return db_transact(b->db, put, &u, e);
}

int
user_remove(struct linkbook *b, const char *organisation, const char *id,
	struct err *e)
{
	struct user u = { organisation, id, NULL };

	assert(b->mode == LINK_CACHE);
	return db_transact(b->db, put, &u, e);
}
