/* SPDX-License-Identifier: MIT */
/*
 * Body logging on and off over real exchanges: what the log keeps, what the
 * containers then say, the limits, and configurations that are refused.
 */
#define IN_SERVER 1

#include "net.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "messagelog_int.h"
#include "param.h"
#include "tap.h"
#include "text.h"

#define DATA "JP/COM/2000/Data"

static struct net n;
static const struct service_id GET_V1 = { { "JP", "COM", "2000", "Data" },
	"get", "v1" };
static const char SECRET[] = "secret content";

static size_t
find(struct node *d, const char *id, struct evidence **out)
{
	return node_evidence(
		&n, d, d == &n.town ? &TOWN_PORTAL : &FIRM_DATA, id, out);
}

/* Did the record keep its content, and does its container say so? */
static void
record_is(struct node *d, const char *id, bool response, bool kept)
{
	struct asic_report r = { .kind = NULL };
	struct globalconf *g = NULL;
	struct err e = ERR_INIT;
	struct evidence *v;
	struct asic again;
	struct buf b;
	bool secret, valid;

	if (messagelog_stamp(d->s.log, &e) < 0 || find(d, id, &v) != 2 ||
		confclient_get(d->s.confclient, &g, &e)) {
		ok_m(false, "%s: no two records: %s", id, e.text);
		return;
	}
	v += response;
	buf_init(&b, ASIC_SIZE_MAX);
	secret = text_has(v->asic.message, SECRET);
	for (size_t i = 0; i < v->asic.attachments; i++)
		secret |= text_has(v->asic.attachment[i], SECRET);
	/* the played SOAP service repeats no text */
	if (response && str_suffix(id, "soap"))
		secret = !text_has(v->asic.message, "<xroad:getResponse/>");
	ok_m(secret == kept, "%s: %s %s", d->name, id,
		kept ? "is kept" : "is not kept");
	ok(kept || !v->asic.attachments);
	ok_m(!asic_write(&v->asic, &b, &e) &&
			!asic_read(n.a, bytes_buf(&b), &again, &e),
		"it is a container: %s", e.text);
	valid = !asic_verify(n.a, &again, g, &r, &e);
	ok_m(valid == kept, "it %s: %s", kept ? "verifies" : "does not verify",
		e.text);
	is_str(r.message_id, id);
	is_str(r.sender_text,
		response ? "SUBSYSTEM:" DATA : "SUBSYSTEM:JP/GOV/1000/Portal");
	buf_done(&b);
	globalconf_unref(&g);
}

static void
exchanges(const char *rest, const char *soap)
{
	const struct soap_call c = { .service = &GET_V1,
		.id = soap,
		.type = "text/xml; charset=UTF-8",
		.text = SECRET };
	struct http_answer a = is_post(&n,
		ECHO "/42?who="
		     "me",
		rest, bytes_str(SECRET));

	ok_m(a.status == 200, "%s: %d %s", rest, a.status, is_error(&a));
	net_say(&n, &(struct service_say){ .status = 200,
			    .soap_type = "text/xml; charset=utf-8" });
	a = is_soap(&n, &c);
	ok_m(a.status == 200 && !*soap_code(&n, &a), "%s: %d %s", soap,
		a.status, soap_code(&n, &a));
	net_say(&n, &(struct service_say){
			    .status = 200, .body = bytes_str(SECRET) });
}

static void
records_are(const char *id, bool town, bool firm)
{
	for (int response = 0; response < 2; response++) {
		record_is(&n.town, id, response, town);
		record_is(&n.firm, id, response, firm);
	}
}

static void
test_off(void)
{
	struct evidence *v;

	exchanges("on-rest", "on-soap");
	records_are("on-rest", true, true);
	records_are("on-soap", true, true);
	node_restart(
		&n, &n.town, "message-log", "message-body-logging", "false");
	exchanges("off-rest", "off-soap");
	records_are("off-rest", false, true);
	records_are("off-soap", false, true);
	if (find(&n.town, "off-rest", &v) == 2) {
		ok(!text_has(v->asic.message, "who=me"));
		ok(text_has(v->asic.message, "POST\r\n" ECHO "\r\n"));
		ok(!text_has(v->asic.message, "Content-Type"));
	}
	if (find(&n.town, "off-soap", &v) == 2) {
		ok(text_has(v[0].asic.message, "<xroad:get/>"));
		ok(text_has(v[1].asic.message, "<xroad:getResponse/>"));
		ok(text_has(v[1].asic.message, "<xroad:requestHash"));
	}
}

static void
test_exceptions(void)
{
	/* of what the town calls, only this is kept */
	node_restart(&n, &n.town, "message-log",
		"enabled-body-logging-remote-producer-subsystems",
		"JP/GOV/1000/x, " DATA " ,");
	/* of what the firm serves, this is not kept */
	node_restart(&n, &n.firm, "message-log",
		"disabled-body-logging-local-producer-subsystems", DATA);
	exchanges("list-rest", "list-soap");
	records_are("list-rest", true, false);
	records_are("list-soap", true, false);
	/* the other side's list does not matter */
	node_restart(&n, &n.town, "message-log",
		"enabled-body-logging-remote-producer-subsystems", "");
	node_restart(&n, &n.town, "message-log",
		"enabled-body-logging-local-producer-subsystems", DATA);
	node_restart(&n, &n.firm, "message-log",
		"disabled-body-logging-local-producer-subsystems",
		"JP/COM/2000/data");
	exchanges("case-rest", "case-soap");
	records_are("case-rest", false, true);
	records_are("case-soap", false, true);
}

static void
test_limit(void)
{
	struct http_answer a;
	struct evidence *v;
	int calls;

	node_restart(&n, &n.town, "message-log",
		"enabled-body-logging-local-producer-subsystems", "");
	node_restart(
		&n, &n.town, "message-log", "message-body-logging", "true");
	node_restart(&n, &n.town, "message-log",
		"max-loggable-message-body-size", "14");
	a = is_post(&n, ECHO, "fits", bytes_str(SECRET));
	is_int(a.status, 200);
	records_are("fits", true, true);
	calls = net_seen(&n).calls;
	a = is_post(&n, ECHO, "large", bytes_str("secret content!"));
	is_str(is_error(&a), "server.clientproxy.logging_failed");
	is_int(net_seen(&n).calls - calls, 0);
	is_int(find(&n.town, "large", &v), 0);
	node_restart(
		&n, &n.town, "message-log", "truncated-body-allowed", "true");
	a = is_post(&n, ECHO, "cut", bytes_str("secret content!"));
	is_int(a.status, 200);
	if (find(&n.town, "cut", &v) == 2)
		is_int(v->asic.attachment[0].len, 14);
	node_restart(&n, &n.town, "message-log",
		"max-loggable-message-body-size", "0");
	a = is_post(&n, ECHO, "zero", bytes_str("secret content!"));
	is_int(a.status, 200);
	if (find(&n.town, "zero", &v) == 2)
		is_int(v->asic.attachments, 0);
}

/* Neither list may say what holds anyway, nor may it be no list. */
static void
test_refused(void)
{
	static const char *const bad[][3] = {
		{ "true", "enabled-body-logging-local-producer-subsystems",
			DATA },
		{ "true", "enabled-body-logging-remote-producer-subsystems",
			DATA },
		{ "false", "disabled-body-logging-local-producer-subsystems",
			DATA },
		{ "false", "disabled-body-logging-remote-producer-subsystems",
			DATA },
		{ "true", "disabled-body-logging-local-producer-subsystems",
			"JP/COM/2000" },
		{ "true", "disabled-body-logging-local-producer-subsystems",
			DATA "/x" },
		{ "true", "disabled-body-logging-local-producer-subsystems",
			DATA ",JP/COM//Data" },
		{ "true", "disabled-body-logging-local-producer-subsystems",
			DATA " JP/COM/2000/Other,x" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct conf *c = conf_defaults();
		struct messagelog *m = NULL;
		struct err e = ERR_INIT;

		conf_set(c, "machilink", "data-dir", tap_dir(), NULL);
		conf_set(c, "message-log", "message-body-logging", bad[i][0],
			NULL);
		ok(!conf_set(c, "message-log", bad[i][1], bad[i][2], &e));
		ok_m(messagelog_open(&m, c, NULL, NULL, NULL, &e) &&
				e.fault == FAULT_CONFIG &&
				strstr(e.text, bad[i][1]),
			"%s = %s: %s", bad[i][1], bad[i][2], e.text);
		messagelog_close(&m);
		conf_free(&c);
	}
}

int
main(void)
{
	net_fork(&n, "net");
	net_open(&n);
	net_say(&n, &(struct service_say){
			    .status = 200, .body = bytes_str(SECRET) });
	test_off();
	test_exceptions();
	test_limit();
	test_refused();
	net_close(&n);
	return tap_done();
}
