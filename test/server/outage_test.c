/* SPDX-License-Identifier: MIT */
/*
 * What a security server leans on goes away and comes back: time-stamping
 * service, OCSP responder, configuration source, the clock. Messages go on as
 * long as they may, then stop with the right fault, and go on again without
 * a restart. Health and diagnostics say meanwhile what is so: a service is
 * well only after it did its work.
 */
#define IN_SERVER 1

#include "net_int.h"

#include <stdio.h>
#include <string.h>

#include "admin_int.h"
#include "clock.h"
#include "err.h"
#include "health_int.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

static struct net n;
static struct http_server *admin; /* of the town */

enum { MINUTE = 60 * 1000, HEALTH_LEN = 64 * 1024 };

#define CP "server.clientproxy."
#define SP "server.serverproxy."

/* ---- asking ---- */

static void
admin_error(struct request *r, const struct err *fault, void *state)
{
	(void)state;
	(void)reply_send(r, fault_http(fault->fault), "text/plain",
		bytes_str(fault->text), NULL);
}

static void
admin_open(void)
{
	struct listener l = { .name = "admin",
		.address = TOWN_ADDRESS,
		.threads = 2,
		.routes = server_admin_routes,
		.error = admin_error,
		.state = &n.town.s };
	struct err e = ERR_INIT;

	ok_m(!http_serve(&admin, &l, &e), "administration: %s", e.text);
}

static json_t *
ask(const char *what)
{
	struct http_call c = { .method = "GET",
		.url = arena_printf(n.a, "http://" TOWN_ADDRESS ":%d%s",
			http_port(admin), what),
		.connect_timeout_ms = MINUTE,
		.total_timeout_ms = MINUTE };
	struct http_answer answer;
	json_t *j = NULL;
	struct err e = ERR_INIT;

	ok_m(!http_call(n.http, n.a, &c, &answer, &e) && answer.status == 200 &&
			!json_parse(n.a, answer.body, NULL, &j, &e),
		"%s: %s", what, e.text);
	return j;
}

/* An object of the diagnostics is in this state, with an error or without. */
static void
state_is(const char *what, json_t *j, const char *class, const char *code)
{
	const char *got = j ? json_str(j, "status_class") : "";
	json_t *why = j ? json_object_get(j, "error") : NULL;

	ok_m(str_equal(got, class), "%s: %s (got %s)", what, class, got);
	got = why ? json_str(why, "code") : "";
	ok_m(str_equal(got, code), "%s: error \"%s\" (got \"%s\")", what, code,
		got);
}

static void
tsa_is(size_t i, const char *class, const char *code)
{
	json_t *list = ask("/diagnostics/timestamping-services");

	state_is("TSA", json_array_get(list, i), class, code);
}

static void
ocsp_is(const char *class, const char *code)
{
	json_t *ca = json_array_get(ask("/diagnostics/ocsp-responders"), 0);
	json_t *list = json_object_get(ca, "ocsp_responders");

	state_is("OCSP", json_array_get(list, 0), class, code);
}

static void
conf_is(const char *class, const char *code)
{
	state_is("configuration", ask("/diagnostics/globalconf"), class, code);
}

static void
health_is(struct node *d, bool good, const char *has)
{
	char *text = arena_alloc(n.a, HEALTH_LEN);

	(void)server_health(&d->s, text, HEALTH_LEN);
	ok_m(strstr(text, good ? "\"ok\":true" : "\"ok\":false") &&
			strstr(text, has),
		"health of %s: ok is %d, has %s: %s", d->name, good, has, text);
}

/* One exchange in each spelling: "" both answered, else both refused so. */
static void
exchange_is(const char *code)
{
	const struct service_id get = { FIRM_DATA, "get", "v1" };
	const struct soap_call c = { .service = &get, .id = "outage" };
	struct http_answer a = is_get(&n, ECHO, "outage");

	ok_m(str_equal(is_error(&a), code) &&
			(a.status == 200) == (*code == '\0'),
		"REST: \"%s\" (got %d \"%s\")", code, a.status, is_error(&a));
	a = is_soap(&n, &c);
	ok_m(str_equal(soap_code(&n, &a), code), "SOAP: \"%s\" (got \"%s\")",
		code, soap_code(&n, &a));
}

static void
set(bool *flag, bool to)
{
	pthread_mutex_lock(&n.lock);
	*flag = to;
	pthread_mutex_unlock(&n.lock);
}

static bool
stamp(struct node *d)
{
	struct err e = ERR_INIT;

	return messagelog_stamp(d->s.log, &e) >= 0;
}

/* A round; -1 or how long until the next, ms. */
static int64_t
ocsp(struct node *d)
{
	struct err e = ERR_INIT;
	int64_t next;

	return ocsp_round(&d->s, &next, &e) ? -1 : next;
}

/* What the jobs of both servers would do by and by. */
static void
follow(void)
{
	struct node *node[] = { &n.town, &n.firm };

	for (int i = 0; i < 2; i++) {
		struct err e = ERR_INIT;

		(void)confclient_update(node[i]->s.confclient, &e);
		(void)ocsp(node[i]);
	}
}

/* ---- time stamps ---- */

/* 100 s without a stamp are acceptable here (net.c). */
static void
test_tsa(void)
{
	tsa_is(0, "WAITING", "");
	exchange_is("");
	tsa_is(0, "WAITING", ""); /* nothing was asked yet */
	ok(stamp(&n.town) && stamp(&n.firm));
	tsa_is(0, "OK", "");
	health_is(&n.town, true, "\"timestamping\"");
	set(&n.tsa_down, true);
	exchange_is("");
	ok(!stamp(&n.town));
	tsa_is(0, "FAIL", "mlog.timestamping_non_ok_response");
	health_is(&n.town, false, "HTTP 5");
	exchange_is("");
	clock_shift(101 * 1000);
	exchange_is(CP "timestamping_failed");
	ok(!stamp(&n.town));
	exchange_is(CP "timestamping_failed");
	set(&n.tsa_down, false);
	set(&n.tsa_wrong, true); /* answers, but nobody lists its key */
	ok(!stamp(&n.town));
	tsa_is(0, "FAIL", "mlog.tsp_certificate_not_found");
	exchange_is(CP "timestamping_failed");
	set(&n.tsa_wrong, false);
	ok(stamp(&n.town));
	tsa_is(0, "OK", "");
	health_is(&n.town, true, "\"waiting\":0");
	exchange_is("");
	clock_shift(0);
}

/* The diagnostics say more closely what a service does not do. */
static void
test_tsa_why(void)
{
	node_restart(&n, &n.town, "message-log",
		"timestamper-client-read-timeout", "1500");
	exchange_is("");
	set(&n.tsa_late, true);
	ok(!stamp(&n.town));
	tsa_is(0, "FAIL", "mlog.timestamp_request_timed_out");
	set(&n.tsa_late, false);
	ok(stamp(&n.town));
	tsa_is(0, "OK", "");
	node_restart(&n, &n.town, "message-log",
		"timestamper-client-read-timeout", "60000");
}

/* The provider cannot stamp: the fault is its own. */
static void
test_tsa_of_provider(void)
{
	ok(stamp(&n.town) && stamp(&n.firm));
	exchange_is("");
	set(&n.tsa_down, true);
	ok(!stamp(&n.firm));
	clock_shift(101 * 1000);
	exchange_is(SP "timestamping_failed");
	set(&n.tsa_down, false);
	ok(stamp(&n.firm));
	exchange_is("");
	clock_shift(0);
}

static void
test_second_tsa(void)
{
	node_tsa(&n.town, "tsa2", net_url(&n, "/tsa2"));
	node_touch(&n.town);
	set(&n.tsa_down, true);
	exchange_is("");
	ok(stamp(&n.town));
	tsa_is(0, "FAIL", "mlog.timestamping_non_ok_response");
	tsa_is(1, "OK", "");
	health_is(&n.town, true, "\"waiting\":0");
	node_tsa(&n.town, "tsa3", "odd:place");
	node_touch(&n.town);
	set(&n.tsa2_down, true);
	exchange_is("");
	ok(!stamp(&n.town));
	tsa_is(2, "FAIL", "mlog.malformed_timestamp_server_url");
	set(&n.tsa2_down, false);
	set(&n.tsa_down, false);
	exchange_is("");
	ok(stamp(&n.town) && stamp(&n.firm));
	tsa_is(0, "OK", "");
}

/* ---- OCSP: answers are fresh for an hour ---- */

static void
test_ocsp(void)
{
	ocsp_is("OK", "");
	set(&n.ocsp_down, true);
	clock_shift(31 * MINUTE); /* time for a new answer */
	is_int(ocsp(&n.town), -1);
	ocsp_is("FAIL", "http_error");
	exchange_is("");
	clock_shift(61 * MINUTE);
	exchange_is(CP "ssl_authentication_failed");
	ocsp_is("FAIL", "http_error");
	health_is(&n.town, false, "no usable authentication certificate");
	health_is(&n.town, false, "no usable signing certificate");
	set(&n.ocsp_down, false);
	ok(ocsp(&n.town) > 0);
	ocsp_is("OK", "");
	ok(ocsp(&n.firm) > 0);
	exchange_is("");
	health_is(&n.town, true, "\"auth_cert\":\"good\"");
	clock_shift(0);
	follow();
}

/* Nobody asked the responder, but what is held became too old. */
static void
test_ocsp_stale(void)
{
	follow();
	clock_shift(61 * MINUTE);
	ocsp_is("FAIL", "incorrect_validation_info");
	follow();
	ocsp_is("OK", "");
	exchange_is("");
	clock_shift(0);
	follow();
}

/* ---- the global configuration: valid for a day ---- */

static void
test_configuration(void)
{
	conf_is("OK", "");
	set(&n.conf_down, true);
	follow();
	conf_is("FAIL", "global_conf_download_url_connection_failure");
	health_is(&n.town, true, "\"state\":\"valid\"");
	exchange_is("");
	clock_shift((int64_t)NET_DAY_MS + MINUTE);
	follow();
	conf_is("FAIL", "global_conf_download_url_connection_failure");
	health_is(&n.town, false, "\"state\":\"expired\"");
	exchange_is(CP "global_conf_outdated");
	set(&n.conf_down, false);
	follow(); /* the source is there, what it gives is old */
	conf_is("FAIL", "global_conf_outdated");
	exchange_is(CP "global_conf_outdated");
	net_publish(&n);
	follow();
	conf_is("OK", "");
	exchange_is("");
	clock_shift(0);
	net_publish(&n);
	follow();
	exchange_is("");
}

/* ---- the clock ---- */

/* Ten minutes forward and back, at both servers and everything else. */
static void
test_clock(void)
{
	static const int64_t by[] = { 10, 0, -10, 0 };

	for (size_t i = 0; i < sizeof(by) / sizeof(*by); i++) {
		clock_shift(by[i] * MINUTE);
		follow();
		exchange_is("");
		ok_m(stamp(&n.town) && stamp(&n.firm), "stamps at %lld min",
			(long long)by[i]);
		tsa_is(0, "OK", "");
		ocsp_is("OK", "");
		conf_is("OK", "");
	}
}

int
main(void)
{
	net_fork(&n, "net");
	net_open(&n);
	admin_open();
	test_tsa();
	test_tsa_why();
	test_tsa_of_provider();
	test_second_tsa();
	test_ocsp();
	test_ocsp_stale();
	test_configuration();
	test_clock();
	http_stop(&admin);
	net_close(&n);
	return tap_done();
}
