/* SPDX-License-Identifier: MIT */
/*
 * Signing and authentication certificates are replaced while messages are
 * exchanged: none of them fails, also while the other server does not know
 * the new authentication certificate yet.
 */
#define IN_SERVER 1
#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "job.h"
#include "keys_int.h"
#include "mem.h"
#include "net.h"
#include "param.h"
#include "proxy_int.h"
#include "renewal_int.h"
#include "server_sql.h"
#include "tap.h"
#include "text.h"

enum { OVERLAP_MS = 601 * 1000, CALLERS = 2 };

static struct net n;
static atomic_bool done;
static atomic_int good, bad;

/* ---- an information system that never stops asking ---- */

static void
ask(void *ctx)
{
	const struct http_header h = { "X-Road-Client", "JP/GOV/1000/Portal" };
	struct http_client *http = NULL;

	(void)ctx;
	(void)http_client_new(&http, NULL);
	while (!atomic_load(&done)) {
		struct arena *a = arena_new();
		const struct http_call c = { .method = "GET",
			.url = arena_printf(a, "http://" TOWN_ADDRESS ":%d%s",
				n.town.http, ECHO),
			.header = &h,
			.headers = 1,
			.connect_timeout_ms = 60000,
			.total_timeout_ms = 60000,
			.pool_key = "is" };
		struct http_answer answer = { 0 };
		struct err e = ERR_INIT;
		bool failed = http_call(http, a, &c, &answer, &e) ||
			      answer.status != 200 ||
			      answer_header(&answer, "X-Road-Error");
		if (failed)
			tap_note("%d %s: %.*s", answer.status, e.text,
				(int)answer.body.len,
				(const char *)answer.body.data);
		atomic_fetch_add(failed ? &bad : &good, 1);
		arena_free(&a);
	}
	http_client_free(&http);
}

/* So many more have passed since. */
static void
pass(int more)
{
	int from = atomic_load(&good);

	while (atomic_load(&good) < from + more && !atomic_load(&bad))
		ok(is_get(&n, ECHO, NULL).status == 200);
	is_int(atomic_load(&bad), 0);
}

/* ---- steps ---- */

static const struct k_cert *
row_of(struct arena *a, const struct cert *c)
{
	const struct key_model *m;

	ok(!keyconf_model(n.town.s.keys, a, &m, NULL));
	for (size_t i = 0; i < m->certs; i++)
		if (cert_equal(m->cert[i].cert, c))
			return &m->cert[i];
	ok_m(false, "no such certificate");
	return NULL;
}

static void
run(int query, const struct db_arg *arg)
{
	struct db_conn *c = db_take(n.town.s.db);

	ok(db_run_args(c, query, NULL, arg) >= 0);
	db_give(c);
	keyconf_touch(n.town.s.keys);
}

#define RUN(query, ...) \
 run((query), (const struct db_arg[DB_ARGS_MAX + 1]){ __VA_ARGS__ })

/* As the renewal job leaves them: linked, the new one active since now. */
static void
link_up(const struct cert *old, const struct cert *fresh)
{
	struct arena *a = arena_new();
	const struct k_cert *o = row_of(a, old), *f = row_of(a, fresh);

	RUN(Q_SERVER_CERT_RENEWED, db_text(f->sha256), db_int(o->row));
	RUN(Q_SERVER_CERT_ACTIVE, db_int(0), db_null(), db_int(f->row),
		db_int(clock_now()));
	RUN(Q_SERVER_CERT_ACTIVE, db_int(1), db_null(), db_int(f->row),
		db_int(clock_now()));
	arena_free(&a);
}

static bool
is_active(const struct cert *c)
{
	struct arena *a = arena_new();
	const struct k_cert *row = row_of(a, c);
	bool yes = row && row->active;

	arena_free(&a);
	return yes;
}

static void
rounds(void)
{
	struct err e = ERR_INIT;
	int64_t next;

	ok_m(!ocsp_round(&n.town.s, &next, &e), "%s", e.text);
	ok_m(!renewal_round(&n.town.s, &next, &e), "%s", e.text);
	ok_m(!proxy_reload_tls(&n.town.s, &e), "%s", e.text);
}

static void
test_sign(void)
{
	struct party fresh =
		net_issue(&n, KEY_EC, PARTY_SIGN, "GOV", "1000", NULL, 900);

	node_key(&n.town, &fresh, "SIGNING", "JP/GOV/1000");
	keyconf_touch(n.town.s.keys);
	link_up(n.town.sign.cert, fresh.cert);
	pass(20);
	rounds();
	ok(!is_active(n.town.sign.cert) && is_active(fresh.cert));
	pass(20);
	party_drop(&fresh);
}

static void
test_auth(void)
{
	n.town.next_auth =
		net_issue(&n, KEY_RSA, PARTY_AUTH, "GOV", "ss1", NULL, 900);
	node_key(&n.town, &n.town.next_auth, "AUTHENTICATION", NULL);
	keyconf_touch(n.town.s.keys);
	link_up(n.town.auth.cert, n.town.next_auth.cert);
	rounds(); /* nobody knows the new one: the old one serves */
	ok(is_active(n.town.auth.cert) && is_active(n.town.next_auth.cert));
	pass(20);
	net_publish(&n); /* both are registered */
	rounds();
	ok(is_active(n.town.auth.cert));
	pass(20);
	clock_shift(OVERLAP_MS);
	net_publish(&n);
	rounds();
	ok(!is_active(n.town.auth.cert) && is_active(n.town.next_auth.cert));
	pass(40);
}

int
main(void)
{
	struct worker *w[CALLERS];

	net_fork(&n, "overlap");
	net_open(&n);
	is_int(is_get(&n, ECHO, NULL).status, 200);
	for (int i = 0; i < CALLERS; i++)
		ok(!worker_start(&w[i], "asking", ask, NULL, NULL));
	pass(10);
	test_sign();
	test_auth();
	atomic_store(&done, true);
	for (int i = 0; i < CALLERS; i++)
		worker_join(&w[i]);
	is_int(atomic_load(&bad), 0);
	tap_note("%d exchanges", atomic_load(&good));
	party_drop(&n.town.next_auth);
	net_close(&n);
	return tap_done();
}
