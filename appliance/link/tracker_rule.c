/* SPDX-License-Identifier: MIT */
/* The officers' rules about usages: later, never, or in other words. */
#include "tracker.h"

#include <string.h>

#include "db.h"
#include "err.h"
#include "link_int.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

static const char *const kinds[] = { "delay", "hide", "bulk" };

static json_t *
rule_json(struct query *q)
{
	json_t *j = json_object();

	json_put_str(j, "id", query_text(q, 0));
	json_put_str(j, "consumer", query_text(q, 1));
	json_put_str(j, "purpose", query_text(q, 2));
	json_put_str(j, "target", query_text(q, 3));
	json_put_str(j, "kind", query_text(q, 4));
	if (query_int(q, 5))
		json_put_int(j, "days", query_int(q, 5));
	if (!query_null(q, 6)) {
		const struct words w = { query_text(q, 6), query_text(q, 7) };

		json_put_new(j, "words", words_json(&w));
	}
	json_put_str(j, "reason", query_text(q, 8));
	return j;
}

int
tracker_rules(struct linkbook *b, struct arena *a, json_t **out, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	struct query *q = db_query(c, Q_LINK_USAGE_RULES);
	int ret;

	*out = json_keep(a, json_array());
	while (query_next(q))
		json_array_append_new(*out, rule_json(q));
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

struct rule {
	const char *id, *consumer, *purpose, *target, *kind, *reason;
	int64_t days;
	struct words words;
};

static int
read_kind(const json_t *j, struct rule *out, struct err *e)
{
	size_t i = 0;

	if (json_need_str(j, "kind", LINK_NAME_MAX, &out->kind, e))
		return -1;
	while (i < sizeof(kinds) / sizeof(*kinds) &&
		!str_equal(kinds[i], out->kind))
		i++;
	if (i == sizeof(kinds) / sizeof(*kinds))
		return fail(e, FAULT_BAD_REQUEST,
			"\"kind\" can be delay, hide or bulk, not %s",
			out->kind);
	if (str_equal(out->kind, "delay"))
		return json_need_int(
			j, "days", 1, USAGE_DAYS_MAX, &out->days, e);
	if (str_equal(out->kind, "bulk"))
		return words_read(j, "words", &out->words, e);
	return 0;
}

/* Names are compared as they are written: another spelling would fit nothing
   and what should be hidden would be shown. */
static int
read_name(struct arena *a, const json_t *j, const char *key, size_t pieces,
	const char **out, struct err *e)
{
	const char *member;

	if (json_opt_str(j, key, LINK_URL_MAX, out, e))
		return -1;
	return *out ? link_member_of(a, *out, pieces, &member, e) : 0;
}

static int
read_rule(struct arena *a, const json_t *j, struct rule *out, struct err *e)
{
	if (read_kind(j, out, e) ||
		read_name(a, j, "consumer", 3, &out->consumer, e) ||
		read_name(a, j, "target", 5, &out->target, e) ||
		json_opt_str(j, "purpose", LINK_NAME_MAX, &out->purpose, e) ||
		json_need_str(j, "reason", LINK_TEXT_MAX, &out->reason, e))
		return -1;
	if (!out->consumer && !out->purpose && !out->target)
		return fail(e, FAULT_BAD_REQUEST,
			"a rule names a consumer, a purpose or a target: one "
			"for everything would say nothing to anybody");
	return 0;
}

static int
add_rule(struct db_conn *c, void *arg, struct err *e)
{
	const struct rule *r = arg;
	struct query *q = db_query(c, Q_LINK_USAGE_RULES);
	size_t n = 0;

	while (query_next(q))
		n++;
	if (query_end(q, e))
		return -1;
	if (n >= USAGE_RULES_MAX)
		return fail(e, FAULT_CONFLICT,
			"there are %d rules already; remove one first",
			USAGE_RULES_MAX);
	return db_run(c, Q_LINK_USAGE_RULE_ADD, e, db_text(r->id),
		       db_text(r->consumer), db_text(r->purpose),
		       db_text(r->target), db_text(r->kind), db_int(r->days),
		       db_text(r->words.ja), db_text(r->words.en),
		       db_text(r->reason)) < 0
		       ? -1
		       : 0;
}

int
tracker_rule_add(struct linkbook *b, const json_t *rule, struct arena *a,
	const char **id, struct err *e)
{
	char *made = arena_array(a, LINK_ID_LEN + 1, 1);
	struct rule r = { .id = made };

	link_id_make(made);
	*id = made;
	if (read_rule(a, rule, &r, e))
		return -1;
	return db_transact(b->db, add_rule, &r, e);
}

int
tracker_rule_remove(struct linkbook *b, const char *id, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int64_t n = db_run(c, Q_LINK_USAGE_RULE_REMOVE, e, db_text(id));

	db_give(c);
	if (!n)
		return fail(e, FAULT_NOT_FOUND, "there is no such rule");
	return n < 0 ? -1 : 0;
}
