/* SPDX-License-Identifier: MIT */
/*
 * The message log: what was acknowledged survives, what could not be logged
 * does not happen, and every record gets its time stamp, whatever the
 * time-stamping services do. Downloads are in asic_download_test.c.
 */
#define IN_SERVER 1

#include "net.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "faultpoint.h"
#include "mem.h"
#include "messagelog_int.h"
#include "messagelog_sql.h"
#include "param.h"
#include "server_sql.h"
#include "tap.h"
#include "text.h"

static struct net n;

static void
exchange(const char *id)
{
	struct http_answer a = is_post(&n, ECHO, id, bytes_str("body"));

	ok_m(a.status == 200, "%s: %d %s", id, a.status, is_error(&a));
}

static size_t
find(struct node *d, const char *id, struct evidence **out)
{
	const struct client_id *local =
		d == &n.town ? &TOWN_PORTAL : &FIRM_DATA;

	return node_evidence(&n, d, local, id, out);
}

static int64_t
waiting(struct node *d)
{
	struct messagelog_status st;

	messagelog_status(d->s.log, &st);
	return st.waiting;
}

static int64_t
stamp(struct node *d)
{
	struct err e = ERR_INIT;
	int64_t count = messagelog_stamp(d->s.log, &e);

	if (count < 0)
		tap_note("%s: %s (%s)", d->name, e.text, e.code);
	return count;
}

/* Both records of the exchange, stamped in this form, verify. */
static void
verifies(struct node *d, const char *id, bool batch)
{
	struct globalconf *g = NULL;
	struct evidence *v;
	struct err e = ERR_INIT;
	size_t count = find(d, id, &v);

	is_int(count, 2);
	if (confclient_get(d->s.confclient, &g, &e))
		ok_m(false, "%s", e.text);
	for (size_t i = 0; i < count; i++) {
		struct asic_report r = { .kind = NULL };
		struct asic again;
		struct buf b;

		buf_init(&b, ASIC_SIZE_MAX);
		ok_m(v[i].stamped && (v[i].asic.ts_result.len > 0) == batch,
			"%s: %s stamp", id, batch ? "batch" : "single");
		ok_m(!asic_write(&v[i].asic, &b, &e) &&
				!asic_read(n.a, bytes_buf(&b), &again, &e) &&
				!asic_verify(n.a, &again, g, &r, &e),
			"%s verifies: %s", id, e.text);
		ok(r.batch_stamp == batch);
		ok(r.stamped_at > clock_now() - NET_HOUR_MS &&
			r.stamped_at <= clock_now());
		buf_done(&b);
	}
	globalconf_unref(&g);
}

/* ---- a process is killed ---- */

enum { CRASHES = 25, ID_MAX = 32 };

/* The child: exchanges without end, each told when it was answered. */
static void
child_run(int out)
{
	int null = open("/dev/null", O_WRONLY);
	char id[ID_MAX];

	dup2(null, STDOUT_FILENO);
	net_fork(&n, "crash");
	net_open(&n);
	for (int i = 0;; i++) {
		struct http_answer a;

		snprintf(id, sizeof(id), "crash-%06d", i);
		a = is_post(&n, ECHO, id, bytes_str("body"));
		if (a.status == 200 && write(out, id, ID_MAX) != ID_MAX)
			_exit(0);
	}
}

static void
survived(const char *node, const char ids[][ID_MAX], int count)
{
	struct arena *a = arena_new();
	struct db *db = NULL;
	struct err e = ERR_INIT;
	int lost = 0;

	if (db_open(&db, &schema_messagelog,
		    arena_printf(
			    a, "%s/crash/%s/messagelog.db", tap_dir(), node),
		    DB_EVIDENCE, &e)) {
		ok_m(false, "%s: %s", node, e.text);
		arena_free(&a);
		return;
	}
	for (int i = 0; i < count; i++) {
		struct db_conn *c = db_take(db);
		struct query *q = db_query(c, Q_MESSAGELOG_FIND,
			db_text(ids[i]), db_text(*node == 't' ? "GOV" : "COM"),
			db_text(*node == 't' ? "1000" : "2000"),
			db_text(*node == 't' ? "Portal" : "Data"), db_int(10),
			db_int(log_message_hash(ids[i])));
		int records = 0;

		while (query_next(q))
			records++;
		lost += records != 2 || query_end(q, &e);
		db_give(c);
	}
	ok_m(lost == 0, "%s: none of %d acknowledged exchanges is lost (%d)",
		node, count, lost);
	db_close(&db);
	arena_free(&a);
}

/* Before this process has threads. */
static void
test_kill(void)
{
	static char ids[CRASHES][ID_MAX];
	int fd[2], count = 0;
	pid_t pid;

	(void)tap_dir();
	if (pipe(fd))
		abort();
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		child_run(fd[1]);
	}
	close(fd[1]);
	while (count < CRASHES && read(fd[0], ids[count], ID_MAX) == ID_MAX)
		count++;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd[0]);
	is_int(count, CRASHES);
	survived("town", ids, count);
	survived("firm", ids, count);
}

/* ---- the disk is full ---- */

/* The k-th commit of an exchange fails. */
static void
commit_fails(int k, const char *code, int called, size_t town, size_t firm)
{
	char id[ID_MAX];
	struct http_answer a;
	struct evidence *v;
	int before = net_seen(&n).calls;

	snprintf(id, sizeof(id), "full-%d", k);
	fault_arm("store.commit", k, 1);
	a = is_post(&n, ECHO, id, bytes_str("body"));
	fault_disarm();
	ok_m(str_equal(is_error(&a), code), "commit %d: %s (got %d %s)", k,
		code, a.status, is_error(&a));
	ok(!text_has(a.body, "the answer"));
	is_int(net_seen(&n).calls - before, called);
	is_int(find(&n.town, id, &v), town);
	is_int(find(&n.firm, id, &v), firm);
}

static void
test_commit(void)
{
	exchange("full-before");
	commit_fails(0, "server.clientproxy.logging_failed", 0, 0, 0);
	commit_fails(1, "server.serverproxy.logging_failed", 0, 1, 0);
	commit_fails(2, "server.serverproxy.logging_failed", 1, 1, 1);
	commit_fails(3, "server.clientproxy.logging_failed", 1, 1, 2);
	exchange("full-after");
}

/* ---- time stamps ---- */

static int
tsa_calls(int which)
{
	int calls;

	pthread_mutex_lock(&n.lock);
	calls = which == 1 ? n.tsa_calls : n.tsa2_calls;
	pthread_mutex_unlock(&n.lock);
	return calls;
}

static void
test_forms(void)
{
	struct evidence *v;
	struct err e = ERR_INIT;

	ok(stamp(&n.town) >= 0);
	exchange("form-batch");
	is_int(waiting(&n.town), 2);
	is_int(stamp(&n.town), 2);
	is_int(waiting(&n.town), 0);
	verifies(&n.town, "form-batch", true);
	exchange("form-single");
	is_int(find(&n.town, "form-single", &v), 2);
	ok_m(!stamp_one(n.town.s.log, v[0].id, &e), "one: %s", e.text);
	is_int(waiting(&n.town), 1);
	is_int(stamp(&n.town), 1);
	verifies(&n.town, "form-single", false);
	/* stamping what is stamped changes nothing */
	ok(!stamp_one(n.town.s.log, v[0].id, &e));
	verifies(&n.town, "form-single", false);
	is_int(stamp(&n.town), 0);
}

/* More records than one stamp may cover: 50 here. */
static void
test_limit(void)
{
	int calls;
	char id[ID_MAX];

	for (int i = 0; i < 30; i++) {
		snprintf(id, sizeof(id), "limit-%d", i);
		exchange(id);
	}
	calls = tsa_calls(1);
	is_int(waiting(&n.town), 60);
	is_int(stamp(&n.town), 60);
	is_int(tsa_calls(1) - calls, 2);
	verifies(&n.town, "limit-0", true);
	verifies(&n.town, "limit-29", true);
}

/* Records are marked in parts: when one part fails, the parts before it are
   stamped, and the rest gets another stamp. */
static void
test_parts(void)
{
	char id[ID_MAX];
	int64_t left;

	for (int i = 0; i < 20; i++) {
		snprintf(id, sizeof(id), "parts-%d", i);
		exchange(id);
	}
	fault_arm("store.commit", 1, 1);
	is_int(stamp(&n.town), -1);
	fault_disarm();
	left = waiting(&n.town);
	ok_m(left > 0 && left < 40, "%d of 40 wait", (int)left);
	verifies(&n.town, "parts-0", true);
	is_int(stamp(&n.town), left);
	is_int(waiting(&n.town), 0);
	verifies(&n.town, "parts-18", true);
}

static void
tsa(bool down, bool down2, bool wrong)
{
	pthread_mutex_lock(&n.lock);
	n.tsa_down = down;
	n.tsa2_down = down2;
	n.tsa_wrong = wrong;
	n.tsa_calls = n.tsa2_calls = 0;
	pthread_mutex_unlock(&n.lock);
}

static void
test_tsa_down(void)
{
	struct messagelog_status st;
	struct evidence *v;

	tsa(true, false, false);
	exchange("down-1");
	exchange("down-2");
	is_int(stamp(&n.town), -1);
	messagelog_status(n.town.s.log, &st);
	is_int(st.waiting, 4);
	ok(st.error.fault == FAULT_TSA_STATUS);
	is_int(stamp(&n.town), -1);
	is_int(tsa_calls(1), 2);
	exchange("down-3"); /* messages go on */
	tsa(false, false, false);
	/* one record tries first, then all the others at once */
	is_int(stamp(&n.town), 6);
	is_int(tsa_calls(1), 2);
	messagelog_status(n.town.s.log, &st);
	is_int(st.waiting, 0);
	ok(!err_set(&st.error));
	is_int(find(&n.town, "down-1", &v), 2);
	ok(v[0].stamped && !v[0].asic.ts_result.len);
	ok(v[1].stamped && v[1].asic.ts_result.len);
	verifies(&n.town, "down-3", true);
}

static void
test_acceptable_period(void)
{
	struct http_answer a;
	int before;

	tsa(true, false, false);
	exchange("period-1");
	is_int(stamp(&n.town), -1);
	clock_shift(90 * 1000);
	exchange("period-2");
	clock_shift(110 * 1000);
	before = net_seen(&n).calls;
	a = is_get(&n, ECHO, "period-3");
	is_str(is_error(&a), "server.clientproxy.timestamping_failed");
	is_int(net_seen(&n).calls, before);
	is_int(stamp(&n.town), -1);
	tsa(false, false, false);
	ok(stamp(&n.town) > 0);
	exchange("period-4");
	is_int(stamp(&n.town), 2);
	verifies(&n.town, "period-4", true);
	/* the other side stops too */
	tsa(true, false, false);
	is_int(stamp(&n.firm), -1);
	clock_shift(220 * 1000);
	a = is_get(&n, ECHO, "period-5");
	is_str(is_error(&a), "server.serverproxy.timestamping_failed");
	is_int(net_seen(&n).calls - before, 1);
	tsa(false, false, false);
	ok(stamp(&n.firm) > 0);
	exchange("period-6");
	clock_shift(0);
	ok(stamp(&n.town) > 0);
}

/* The period began before the restart; it ends without one. */
static void
test_period_restart(void)
{
	struct http_answer a;

	tsa(true, false, false);
	exchange("restart-1");
	is_int(stamp(&n.town), -1);
	clock_shift(60 * 1000);
	node_restart(&n, &n.town, NULL, NULL, NULL);
	exchange("restart-2");
	is_int(stamp(&n.town), -1);
	clock_shift(110 * 1000);
	a = is_get(&n, ECHO, "restart-3");
	is_str(is_error(&a), "server.clientproxy.timestamping_failed");
	node_restart(&n, &n.town, NULL, NULL, NULL);
	a = is_get(&n, ECHO, "restart-4");
	is_str(is_error(&a), "server.clientproxy.timestamping_failed");
	tsa(false, false, false);
	is_int(stamp(&n.town), 4);
	exchange("restart-5");
	node_restart(&n, &n.town, NULL, NULL, NULL);
	exchange("restart-6");
	clock_shift(0);
	is_int(stamp(&n.town), 4);
	/* the clock goes back: nothing stops */
	tsa(true, false, false);
	exchange("back-1");
	is_int(stamp(&n.town), -1);
	clock_shift(-600 * 1000);
	exchange("back-2");
	clock_shift(0);
	tsa(false, false, false);
	is_int(stamp(&n.town), 4);
}

static struct tsa_state
state_of(const char *path)
{
	struct tsa_state st;

	messagelog_tsa(n.town.s.log, net_url(&n, path), &st);
	return st;
}

static void
test_second_tsa(void)
{
	struct messagelog_status st;

	is_int(state_of("/tsa2").last_try, 0);
	node_tsa(&n.town, "tsa2", net_url(&n, "/tsa2"));
	node_touch(&n.town);
	tsa(true, false, false);
	exchange("second-1");
	is_int(stamp(&n.town), 2);
	is_int(tsa_calls(1), 1);
	is_int(tsa_calls(2), 1);
	messagelog_status(n.town.s.log, &st);
	ok(str_suffix(st.url, "/tsa2"));
	/* each service is what its own answers were */
	ok(state_of("/tsa").error.fault == FAULT_TSA_STATUS);
	is_int(state_of("/tsa2").error.text[0], 0);
	ok(state_of("/tsa2").last_success > 0);
	verifies(&n.town, "second-1", true);
	tsa(false, false, false);
	exchange("second-2");
	is_int(stamp(&n.town), 2);
	is_int(tsa_calls(2), 0);
	tsa(true, true, false);
	exchange("second-3");
	is_int(stamp(&n.town), -1);
	tsa(false, false, false);
	is_int(stamp(&n.town), 2);
}

/* A token by a certificate that the configuration does not name. */
static void
test_wrong_tsa(void)
{
	struct messagelog_status st;
	struct evidence *v;

	tsa(false, false, true);
	exchange("wrong-1");
	is_int(stamp(&n.town), -1);
	messagelog_status(n.town.s.log, &st);
	is_str(fault_code(st.error.fault), "mlog.tsp_certificate_not_found");
	is_int(state_of("/tsa").error.fault, FAULT_TSA_CERT);
	is_int(st.waiting, 2);
	is_int(find(&n.town, "wrong-1", &v), 2);
	ok(!v[0].stamped && !v[1].stamped);
	tsa(false, false, false);
	is_int(stamp(&n.town), 2);
	verifies(&n.town, "wrong-1", false);
}

static void
test_no_tsa(void)
{
	struct db_conn *c = db_take(n.firm.s.db);
	struct err e = ERR_INIT;
	int calls = net_seen(&n).calls;
	struct http_answer a;
	struct evidence *v;

	ok(stamp(&n.firm) >= 0);
	ok(db_run(c, Q_SERVER_TSA_DELETE, &e, db_text("tsa"),
		   db_text(net_url(&n, "/tsa"))) == 1);
	db_give(c);
	node_touch(&n.firm);
	a = is_get(&n, ECHO, "none-1");
	is_str(is_error(&a), "server.serverproxy.mlog.no_timestamping_provider_"
			     "found");
	is_int(net_seen(&n).calls, calls);
	is_int(find(&n.firm, "none-1", &v), 0);
	node_tsa(&n.firm, "tsa", net_url(&n, "/tsa"));
	node_touch(&n.firm);
	exchange("none-2");
	is_int(stamp(&n.firm), 2);
	ok(stamp(&n.town) > 0);
}

static void
order_is(const char *strategy, const char *want)
{
	static const struct tsa_choice all[] = { { "n", "a", NULL },
		{ "n", "b", "PAID" }, { "n", "c", "FREE" },
		{ "n", "d", "UNDEFINED" }, { "n", "e", "PAID" },
		{ "n", "f", "FREE" } };
	struct tsa_choice t[6];
	struct conf *c = conf_defaults();
	struct err e = ERR_INIT;
	char got[8] = "";
	size_t count = 6;

	memcpy(t, all, sizeof(t));
	ok(!conf_set(c, "message-log", "timestamping-prioritization-strategy",
		strategy, &e));
	ok_m(!tsa_strategy_check(c, &e), "%s: %s", strategy, e.text);
	tsa_order(c, t, &count);
	for (size_t i = 0; i < count; i++)
		got[i] = *t[i].url;
	is_str(got, want);
	conf_free(&c);
}

/* By cost type; what is equal stays in the order of choosing. */
static void
test_strategy(void)
{
	struct conf *c = conf_defaults();
	struct err e = ERR_INIT;

	order_is("NONE", "abcdef");
	order_is("FREE_FIRST", "cfbead");
	order_is("PAID_FIRST", "becfad");
	order_is("ONLY_FREE", "cf");
	order_is("only_paid", "be");
	conf_set(c, "message-log", "timestamping-prioritization-strategy",
		"CHEAP", &e);
	ok(tsa_strategy_check(c, &e) && e.fault == FAULT_CONFIG);
	conf_free(&c);
	/* nothing is left: said as such, and messages go on for a while */
	node_restart(&n, &n.town, "message-log",
		"timestamping-prioritization-strategy", "ONLY_PAID");
	exchange("paid-1");
	err_reset(&e);
	ok(messagelog_stamp(n.town.s.log, &e) < 0);
	is_int(e.fault, FAULT_NO_TSA);
	node_restart(&n, &n.town, "message-log",
		"timestamping-prioritization-strategy", "FREE_FIRST");
	is_int(stamp(&n.town), 2);
}

/* timestamp-immediately: the record is stamped before it is answered. */
static void
test_immediately(void)
{
	struct http_answer a;
	struct evidence *v;

	ok(stamp(&n.town) >= 0);
	node_restart(
		&n, &n.town, "message-log", "timestamp-immediately", "true");
	exchange("now-1");
	is_int(waiting(&n.town), 0);
	verifies(&n.town, "now-1", false);
	tsa(true, true, false);
	a = is_get(&n, ECHO, "now-2");
	is_str(is_error(&a), "server.clientproxy.timestamping_failed");
	is_int(find(&n.firm, "now-2", &v), 0);
	/* each message tries for itself, however long it failed */
	clock_shift(-NET_HOUR_MS);
	ok(stamp(&n.town) < 0);
	clock_shift(0);
	tsa(false, false, false);
	exchange("now-4");
	ok(stamp(&n.town) > 0);
	node_restart(
		&n, &n.town, "message-log", "timestamp-immediately", "false");
	verifies(&n.town, "now-1", false);
	exchange("now-3");
}

int
main(void)
{
	static const struct http_header h = { "Content-Type", "text/plain" };

	test_kill();
	net_fork(&n, "net");
	net_open(&n);
	net_say(&n, &(struct service_say){ .status = 200,
			    .header = &h,
			    .headers = 1,
			    .body = bytes_str("the answer") });
	test_commit();
	test_forms();
	test_limit();
	test_parts();
	test_tsa_down();
	test_acceptable_period();
	test_period_restart();
	test_second_tsa();
	test_wrong_tsa();
	test_no_tsa();
	test_strategy();
	test_immediately();
	net_close(&n);
	return tap_done();
}
