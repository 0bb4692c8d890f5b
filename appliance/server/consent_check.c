/* SPDX-License-Identifier: MIT */
/*
 * Is there a consent: one indexed statement on the views of Personal-Link's
 * cache, so the consents are as new as the age says that comes with them.
 * Clocks that were moved, a cache that is old, restored or absent end in a
 * refusal.
 */
#include "consent_int.h"

#include <pthread.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "link_sql.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { RETRY_MS = 1000, BOOT_MAX = 63, REFERENCE_BYTES = 8 };

struct consent_gate {
	const char *path;
	struct arena *arena;
	const char *boot;
	pthread_mutex_t lock; /* guards what follows */
	struct db *db;        /* NULL: not there yet */
	int64_t next_try;     /* clock_ticks() */
	struct err why;
};

struct consent_gate *
consent_gate_new(const struct conf *c)
{
	struct consent_gate *g = mem_alloc(sizeof(*g));
	const char *own = conf_text(c, P_CONSENT_CACHE);
	struct bytes id;
	char *boot;

	g->arena = arena_new();
	g->path = *own ? own : conf_data_path(c, "link.db");
	if (file_read(g->arena, "/proc/sys/kernel/random/boot_id", BOOT_MAX,
		    &id, NULL))
		id = bytes_str("unknown");
	boot = arena_strndup(g->arena, (const char *)id.data, id.len);
	boot[strcspn(boot, "\n")] = '\0';
	g->boot = boot;
	pthread_mutex_init(&g->lock, NULL);
	return g;
}

void
consent_gate_free(struct consent_gate **g)
{
	if (!*g)
		return;
	db_close(&(*g)->db);
	pthread_mutex_destroy(&(*g)->lock);
	arena_free(&(*g)->arena);
	mem_free(*g);
	*g = NULL;
}

/* The cache's role may begin after us. */
static int
database(struct consent_gate *g, struct db **out, struct err *e)
{
	pthread_mutex_lock(&g->lock);
	if (!g->db && clock_ticks() >= g->next_try) {
		g->next_try = clock_ticks() + RETRY_MS;
		g->why = (struct err)ERR_INIT;
		if (!file_exists(g->path))
			fail(&g->why, FAULT_NOT_FOUND, "%s is not there",
				g->path);
		else if (db_open(&g->db, &schema_link, g->path,
				 DB_READONLY | DB_VIEWS, &g->why))
			g->db = NULL;
	}
	*out = g->db;
	if (!g->db)
		*e = g->why;
	pthread_mutex_unlock(&g->lock);
	return *out ? 0 : -1;
}

/* ---- how old ---- */

struct freshness {
	bool whole;
	int64_t age_ms;
	int64_t now; /* not earlier than the center says it is */
};

/* From the column where a contact begins. */
enum contact_column { WHOLE, AT, TICKS, BOOT, CENTER_TIME };

/* The larger of what the two clocks say; a contact in the future, before this
   machine was started, is none. */
static void
judge_age(const struct consent_gate *g, struct query *q, int first,
	struct freshness *f)
{
	int64_t now = clock_now(), wall = now - query_int(q, first + AT);
	bool same = str_equal(query_text(q, first + BOOT), g->boot);
	int64_t steady = same ? clock_ticks() - query_int(q, first + TICKS) : 0;
	int64_t center = query_int(q, first + CENTER_TIME);

	f->whole = query_int(q, first + WHOLE) != 0 && (wall >= 0 || same);
	f->age_ms = wall > steady ? wall : steady;
	f->now = center + f->age_ms > now && f->age_ms >= 0 ? center + f->age_ms
							    : now;
}

static int
read_age(struct consent_gate *g, struct db_conn *c, const char *provider,
	struct freshness *f, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_CHECK_CONTACT, db_text(provider));

	*f = (struct freshness){ 0 };
	if (query_next(q))
		judge_age(g, q, 0, f);
	return query_end(q, e);
}

/* ---- which consent ---- */

/* From worst to best: the best row says why. */
enum verdict {
	V_NONE,
	V_PURPOSE,
	V_ENDED, /* withdrawn, expired, inapplicable */
	V_UNLINKED,
	V_ITEMS,
	V_NO_USER,
	V_OLD,
	V_GOOD,
};
static const char *const WHY[] = {
	[V_NONE] = "no consent for this consumer, person and service",
	[V_PURPOSE] = "a consent, but for another purpose",
	[V_ENDED] = "the consent or its declarations ended",
	[V_UNLINKED] = "the person is not linked with the provider",
	[V_ITEMS] = "the consent lacks items that the service gives",
	[V_NO_USER] = "no user ID of the person is registered here",
	[V_OLD] = "the cache is older than the declaration allows",
};

enum column {
	SUBSYSTEM,
	TARGET,
	STATE,
	VALID_FROM,
	VALID_TO,
	ITEMS,
	PURPOSE,
	REFERENCE,
	PAIRWISE,
	USER_ID,
	MAX_AGE,
	SERVICE_STATE,
	PURPOSE_STATE,
	LINK_STATE,
	CONTACT,
};

struct found {
	enum verdict verdict;
	const char *reference;
	struct consent_grant grant;
};

static bool
is(struct query *q, enum column col, const char *text)
{
	return str_equal(query_text(q, (int)col), text);
}

static bool
in_force(struct query *q, int64_t now)
{
	return is(q, STATE, "approved") && is(q, SERVICE_STATE, "valid") &&
	       is(q, PURPOSE_STATE, "valid") && !query_null(q, VALID_FROM) &&
	       query_int(q, VALID_FROM) <= now && !query_null(q, VALID_TO) &&
	       now < query_int(q, VALID_TO);
}

/* The given codes; false when one that the rule wants is not among them. */
static bool
items_given(struct arena *a, const json_t *wanted, const char *text,
	const char **out)
{
	json_t *given, *one;
	const char *list = "";
	size_t i;

	if (json_parse(a, bytes_str(text ? text : "[]"), NULL, &given, NULL))
		return false;
	json_each(one, i, given)
		list = arena_printf(a, "%s%s%s", list, *list ? "," : "",
			segment_encode(a, json_string_value(one)));
	json_each(one, i, wanted) {
		if (!json_list_has(given, json_string_value(one)))
			return false;
	}
	*out = list;
	return true;
}

static enum verdict
judge_row(struct query *q, const struct consent_ask *ask,
	const struct freshness *f, struct arena *a, struct consent_grant *g)
{
	const char *link = query_text(q, LINK_STATE);

	if (!is(q, SUBSYSTEM, ask->subsystem) || !is(q, TARGET, ask->target))
		return V_NONE;
	if (!is(q, PURPOSE, ask->purpose))
		return V_PURPOSE;
	if (!in_force(q, f->now))
		return V_ENDED;
	if (!link || str_equal(link, "unlinked"))
		return V_UNLINKED;
	if (!items_given(a, ask->items, query_text(q, ITEMS), &g->items))
		return V_ITEMS;
	if (query_null(q, USER_ID))
		return V_NO_USER;
	if (f->age_ms > query_int(q, MAX_AGE) * 1000)
		return V_OLD;
	g->reference = query_text_dup(a, q, REFERENCE);
	g->user_id = query_text_dup(a, q, USER_ID);
	g->purpose = query_text_dup(a, q, PURPOSE);
	g->items_json = query_text_dup(a, q, ITEMS);
	return V_GOOD;
}

/* Whether the cache may be believed at all. */
static int
usable(const struct freshness *f, const struct consent_ask *ask, struct err *e)
{
	if (!f->whole)
		return fail(e, FAULT_LIMIT,
			"the cache has not heard from the center since it "
			"began or was restored");
	if (ask->max_age_s && f->age_ms > ask->max_age_s * 1000)
		return fail(e, FAULT_LIMIT,
			"the cache last heard from the center %lld s ago",
			(long long)f->age_ms / 1000);
	return 0;
}

static void
consider(struct query *q, const struct consent_ask *ask,
	const struct freshness *f, struct arena *a, struct found *out)
{
	struct consent_grant g = { 0 };
	enum verdict v = judge_row(q, ask, f, a, &g);

	if (v <= out->verdict)
		return;
	out->verdict = v;
	out->grant = g;
	if (v > V_PURPOSE) /* the consumer's own */
		out->reference = query_text_dup(a, q, REFERENCE);
}

static int
look(struct consent_gate *g, struct db_conn *c, const struct consent_ask *ask,
	struct arena *a, struct found *out, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_CHECK_CONSENT,
		db_text(ask->subject), db_text(ask->provider));
	struct freshness f = { 0 };
	size_t rows = 0;
	int ret = 0;

	while (!ret && out->verdict != V_GOOD && rows < CONSENT_ROWS_MAX &&
		query_next(q)) {
		if (!rows++) {
			judge_age(g, q, CONTACT, &f);
			ret = usable(&f, ask, e);
		}
		if (!ret)
			consider(q, ask, &f, a, out);
	}
	if (query_end(q, e) || ret)
		return -1;
	if (rows)
		return 0;
	return read_age(g, c, ask->provider, &f, e) || usable(&f, ask, e) ? -1
									  : 0;
}

/* ---- what is told ---- */

/* Both have the number; the reason stays here. */
static int
refuse(struct arena *a, enum fault fault, const struct consent_ask *ask,
	const char *why, const char *consent, struct err *e)
{
	uint8_t random[REFERENCE_BYTES];
	const char *number;

	random_bytes(random, sizeof(random));
	number = hex_encode(a, random, sizeof(random));
	log_warning("consent refusal %s: %s of %s: %s%s%s", number, ask->target,
		ask->subsystem, why, consent ? "; consent " : "",
		consent ? consent : "");
	if (fault == FAULT_CONSENT_UNCERTAIN)
		return fail(e, fault,
			"the provider cannot check the person's consent now: "
			"try again later, or ask the provider, naming %s / "
			"提供者側で今は同意を確認できません。しばらく待つか、"
			"照会番号 %s を示して提供者に問い合わせてください",
			number, number);
	return fail(e, fault,
		"no consent of the person covers this consumer, service, "
		"purpose and time: ask for one, or ask the provider, naming "
		"%s%s%s / 本人の有効な同意がありません。同意を求めるか、照会番号 "
		"%s を示して提供者に問い合わせてください",
		number, consent ? "; consent " : "", consent ? consent : "",
		number);
}

int
consent_check(struct consent_gate *g, const struct consent_ask *ask,
	struct arena *a, struct consent_grant *out, struct err *e)
{
	struct found found = { 0 };
	struct err why = ERR_INIT;
	struct db_conn *c;
	struct db *db;
	int ret;

	if (database(g, &db, &why))
		return refuse(
			a, FAULT_CONSENT_UNCERTAIN, ask, why.text, NULL, e);
	c = db_take(db);
	ret = look(g, c, ask, a, &found, &why);
	db_give(c);
	if (ret)
		return refuse(
			a, FAULT_CONSENT_UNCERTAIN, ask, why.text, NULL, e);
	if (found.verdict != V_GOOD)
		return refuse(a,
			found.verdict == V_OLD ? FAULT_CONSENT_UNCERTAIN
					       : FAULT_CONSENT_REQUIRED,
			ask, WHY[found.verdict], found.reference, e);
	*out = found.grant;
	return 0;
}
