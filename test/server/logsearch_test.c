/* SPDX-License-Identifier: MIT */
/*
 * Searching the message log: every condition against a plain comparison over
 * all records, pages that fit together, clocks that were set, a database read
 * from outside.
 */
#define IN_SERVER 1

#include <string.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "messagelog_int.h"
#include "messagelog_row.h"
#include "messagelog_sql.h"
#include "param.h"
#include "tap.h"
#include "text.h"

/* Records lie in three segments, with gaps. */
enum { SEGMENT = 65536, PER_SEGMENT = 6000, SEGMENTS = 3, T0 = 1000000 };
enum { RECORDS = PER_SEGMENT * SEGMENTS, CLIENTS = 6, SERVICES = 4 };

static const char *const clients[CLIENTS] = { "JP/GOV/1000/Portal",
	"JP/GOV/1000", "JP/GOV/1000-1/Portal", "JP/GOV/10000/Portal",
	"JP/COM/2000/Data", "JP/GOV/2%2F1/x" };
static const char *const services[SERVICES] = { "JP/COM/2000/Data/echo",
	"JP/COM/2000/Data/echo/v1", "JP/COM/2000/Data/echo2",
	"JP/GOV/1000/Portal/get" };

static struct arena *a;
static struct messagelog *m;
static struct log_hit all[RECORDS]; /* oldest first */

/* The clock goes forward, but back by half a segment in the middle one. */
static int64_t
time_of(int i)
{
	return T0 + i * 10 - (i > RECORDS / 2 ? PER_SEGMENT * 5 : 0);
}

static int
fill(struct db_conn *c, void *arg, struct err *e)
{
	const int *segment = arg;

	for (int k = 0; k < PER_SEGMENT; k++) {
		int i = *segment * PER_SEGMENT + k;
		struct log_hit *h = &all[i];

		h->id = *segment * SEGMENT + k + 1;
		h->time = time_of(i);
		h->message_id = arena_printf(a, "id-%d", i / 4);
		h->client = clients[i % 101 % CLIENTS];
		h->service = services[i % 53 % SERVICES];
		h->response = i & 1;
		h->rest = i & 2;
		h->as_client = i & 4;
		const struct log_row row = { .time = h->time,
			.query_id = h->message_id,
			.request_id = "x",
			.response = h->response,
			.rest = h->rest,
			.as_client = h->as_client,
			.cls = "C",
			.code = "M",
			.client = h->client,
			.service = h->service,
			.message = bytes_str("m"),
			.signature = { .xml = bytes_str("s") } };
		int64_t id;

		if (log_row_add(c, NULL, &row, &id, e) || id != h->id)
			return -1;
	}
	return 0;
}

enum { JUMP, DROP, DROP_TO_ARCHIVE, PARTIES, MESSAGES };

/* Statements that the product does not have; the number they give. */
static int64_t
raw(const char *path, int which, int64_t arg)
{
	static const struct db_statement statement[] = {
		{ "jump", "UPDATE sqlite_sequence SET seq = ?1 "
			  "WHERE name = 'record'" },
		{ "drop", "DELETE FROM record WHERE id <= ?1" },
		{ "drop archive", "DELETE FROM to_archive WHERE record <= ?1" },
		{ "parties", "SELECT count(*) FROM lookup_party "
			     "WHERE record >= ?1" },
		{ "messages", "SELECT count(*) FROM lookup_message "
			      "WHERE record >= ?1" },
	};
	struct db_schema schema = schema_messagelog;
	struct err e = ERR_INIT;
	struct db *db = NULL;
	struct db_conn *c;
	struct query *q;
	int64_t n = 0;

	schema.statement = statement;
	schema.n_statements = 5;
	ok_m(!db_open(&db, &schema, path, DB_EVIDENCE, &e), "%s", e.text);
	c = db_take(db);
	q = db_query(c, which, db_int(arg));
	if (query_next(q))
		n = query_int(q, 0);
	ok_m(!query_end(q, &e), "%s", e.text);
	db_give(c);
	db_close(&db);
	return n;
}

static bool
below(const char *name, const char *path)
{
	size_t n = strlen(name);

	return !name[0] ||
	       (str_prefix(path, name) && (!path[n] || path[n] == '/'));
}

static bool
wanted(const struct log_query *q, const struct log_hit *h)
{
	return h->id &&
	       (!q->message_id || str_equal(q->message_id, h->message_id)) &&
	       (!q->member || below(q->member, h->client) ||
		       below(q->member, h->service)) &&
	       (!q->service || below(q->service, h->service)) &&
	       (!q->from || h->time >= q->from) &&
	       (!q->to || h->time <= q->to) && (!q->rest || h->rest) &&
	       (!q->soap || !h->rest) && (!q->request || !h->response) &&
	       (!q->response || h->response) &&
	       (!q->before || h->id < q->before);
}

/* All pages together are exactly what was wanted, newest first. */
static void
check(const char *what, struct log_query q)
{
	struct log_query ask = q;
	int i = RECORDS - 1, wrong = 0, pages = 0, hits = 0;

	do {
		struct arena *t = arena_new();
		struct log_page p;
		struct err e = ERR_INIT;

		if (log_search(m, t, &ask, &p, &e)) {
			ok_m(false, "%s: %s", what, e.text);
			return;
		}
		for (size_t k = 0; k < p.n; k++, i--, hits++) {
			while (i >= 0 && !wanted(&q, &all[i]))
				i--;
			wrong += i < 0 || p.hit[k].id != all[i].id ||
				 p.hit[k].time != all[i].time ||
				 !str_equal(p.hit[k].service, all[i].service);
		}
		wrong += (int64_t)p.n > (q.limit ? q.limit : 50);
		ask.before = p.next;
		pages++;
		arena_free(&t);
	} while (ask.before && pages < RECORDS);
	while (i >= 0 && !wanted(&q, &all[i]))
		i--;
	ok_m(!wrong && i < 0, "%s: %d records, %d pages, %d wrong, left %d",
		what, hits, pages, wrong, i);
}

static void
test_conditions(void)
{
	const int64_t mid = time_of(RECORDS / 2);

	check("all", (struct log_query){ .limit = 500 });
	check("usual limit", (struct log_query){ .before = 300 });
	check("message id", (struct log_query){ .message_id = "id-7" });
	check("last message id", (struct log_query){ .message_id = "id-2249" });
	check("one by one",
		(struct log_query){ .message_id = "id-1000", .limit = 1 });
	check("no such id", (struct log_query){ .message_id = "id" });
	check("id and service", (struct log_query){ .message_id = "id-7",
					.service = services[0] });
	check("REST", (struct log_query){ .rest = true, .limit = 499 });
	check("SOAP responses",
		(struct log_query){
			.soap = true, .response = true, .limit = 100 });
	check("requests before",
		(struct log_query){
			.request = true, .before = SEGMENT + 17, .limit = 77 });
	check("times", (struct log_query){
			       .from = T0 + 500, .to = T0 + 1500, .limit = 7 });
	check("times that came twice",
		(struct log_query){
			.from = mid - 5000, .to = mid, .limit = 100 });
	check("since", (struct log_query){ .from = mid, .limit = 500 });
	check("until", (struct log_query){ .to = mid, .limit = 500 });
	check("never", (struct log_query){ .from = 1, .to = 2 });
}

static void
test_parties(void)
{
	for (int i = 0; i < CLIENTS; i++) {
		check(clients[i], (struct log_query){
					  .member = clients[i], .limit = 211 });
		check(clients[i], (struct log_query){ .member = clients[i],
					  .limit = 20,
					  .from = T0 + 4000,
					  .to = T0 + 9000,
					  .rest = true });
	}
	for (int i = 0; i < SERVICES; i++)
		check(services[i], (struct log_query){ .service = services[i],
					   .limit = 500 });
	check("a member and all below",
		(struct log_query){ .member = "JP/GOV/1000", .limit = 500 });
	check("nobody", (struct log_query){ .member = "JP/GOV/100" });
	check("no service",
		(struct log_query){ .service = "JP/COM/2000/Data/ech" });
	check("member and service",
		(struct log_query){ .member = "JP/GOV/10000/Portal",
			.service = "JP/COM/2000/Data/echo",
			.limit = 3 });
}

static void
set_is(const char *name, const char *value, const char *want)
{
	struct log_query q = { 0 };
	struct err e = ERR_INIT;

	if (log_query_set(a, &q, name, value, &e))
		ok_m(!want && e.fault == FAULT_BAD_REQUEST, "%s=%s: %s", name,
			value, e.text);
	else
		is_str(q.member ? q.member
			: q.service
				? q.service
				: arena_printf(a, "%lld-%lld",
					  (long long)q.from, (long long)q.to),
			want);
}

static void
test_text(void)
{
	set_is("member", "JP/GOV/2%2F1/x", "JP/GOV/2%2F1/x");
	set_is("member", "JP/GOV/%61", "JP/GOV/a");
	set_is("member", "JP/GOV", NULL);
	set_is("service", "JP/COM/2000/Data/echo", "JP/COM/2000/Data/echo");
	set_is("service", "JP/COM/2000/Data/ec%68o/v1",
		"JP/COM/2000/Data/echo/v1");
	set_is("service", "JP/COM/2000/Data", NULL);
	set_is("from", "1970-01-02", "86400000-0");
	set_is("to", "1970-01-01", "0-86399999");
	set_is("to", "1970-01-01T09:00:01+09:00", "0-1000");
	set_is("from", "yesterday", NULL);
	set_is("protocol", "http", NULL);
	set_is("direction", "both", NULL);
	set_is("limit", "501", NULL);
	set_is("before", "0", NULL);
	set_is("sort", "x", NULL);
}

/* What was cleaned away is forgotten, segment by segment. */
static void
test_clean(const char *path)
{
	struct err e = ERR_INIT;

	is_int(raw(path, PARTIES, 0), 4 * LOG_INDEX_CHUNK);
	is_int(raw(path, MESSAGES, 0), 2 * LOG_INDEX_CHUNK);
	raw(path, DROP_TO_ARCHIVE, SEGMENT + 100);
	raw(path, DROP, SEGMENT + 100);
	is_int(messagelog_clean(m, NULL, &e), 0);
	is_int(raw(path, PARTIES, 0), raw(path, PARTIES, SEGMENT));
	ok(raw(path, PARTIES, SEGMENT) > 0);
	/* all in one segment of message ids: they stay */
	is_int(raw(path, MESSAGES, 0), 2 * LOG_INDEX_CHUNK);
	for (int i = 0; i < PER_SEGMENT + 100; i++)
		all[i].id = 0;
	check("after cleaning", (struct log_query){ .message_id = "id-1510" });
	check("what is gone", (struct log_query){ .message_id = "id-7" });
	check("a client",
		(struct log_query){ .member = clients[1], .limit = 300 });
}

/* A second reader beside the server's own handle; it cannot write. */
static void
test_outside(struct conf *conf)
{
	struct messagelog *server = m, *out = NULL;
	struct err e = ERR_INIT;
	struct buf b;
	char *name;

	ok_m(!messagelog_read(&out, conf, &e), "read: %s", e.text);
	m = out;
	check("from outside", (struct log_query){ .member = clients[2] });
	buf_init(&b, 1 << 20);
	is_int(log_container(m, a, 1, &b, &name, &e), -1);
	is_int(e.fault, FAULT_TIMESTAMPING_FAILED);
	err_reset(&e);
	is_int(log_container(m, a, 999999999, &b, &name, &e), -1);
	is_int(e.fault, FAULT_NOT_FOUND);
	buf_done(&b);
	m = server;
	messagelog_close(&out);
	conf = conf_defaults();
	conf_set(conf, "machilink", "data-dir", "/nonexistent", NULL);
	err_reset(&e);
	is_int(messagelog_read(&out, conf, &e), -1);
	tap_note("%s", e.text);
	conf_free(&conf);
}

int
main(void)
{
	struct conf *conf = conf_defaults();
	const char *path =
		path_join(a = arena_new(), tap_dir(), "messagelog.db");
	struct log_page none;
	struct err e = ERR_INIT;

	conf_set(conf, "machilink", "data-dir", tap_dir(), NULL);
	if (messagelog_open(&m, conf, NULL, NULL, NULL, &e)) {
		ok_m(false, "%s", e.text);
		return tap_done();
	}
	ok(!log_search(m, a, &(struct log_query){ .rest = true }, &none, &e));
	ok(!none.n && !none.next);
	for (int s = 0; s < SEGMENTS; s++) {
		if (s)
			raw(path, JUMP, (int64_t)s * SEGMENT);
		ok_m(!writer_submit(m->writer, fill, &s, &e), "%s", e.text);
	}
	test_conditions();
	test_parties();
	/* with the table, and with some records that are not in it yet */
	is_int(messagelog_index(m, NULL, &e), 2 * LOG_INDEX_CHUNK);
	is_int(messagelog_index(m, NULL, &e), 0);
	test_conditions();
	test_parties();
	test_text();
	test_outside(conf);
	test_clean(path);
	messagelog_close(&m);
	conf_free(&conf);
	arena_free(&a);
	return tap_done();
}
