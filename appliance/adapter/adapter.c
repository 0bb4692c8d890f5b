/* SPDX-License-Identifier: MIT */
/*
 * The adapter role's recipe, its contracts and its refusals. Addresses are those of the
 * Connector: /api/service/NAME, /api/openapi.json, /wsdl/services.wsdl,
 * /ws/action.soap (field-notes section 3.1).
 */
#include "adapter_int.h"

#include <stdio.h>
#include <string.h>

#include "adapter_sql.h"
#include "db.h"
#include "err.h"
#include "gauges.h"
#include "job.h"
#include "log.h"
#include "manage.h"
#include "mem.h"
#include "monitor.h"
#include "param.h"
#include "text.h"

enum {
	THREADS = 128,
	CONTRACT_MAX = 8 * 1024 * 1024,
	BASE_MAX = 300,
	REFUSAL_MAX = 16 * 1024,
	WATCH_MS = 200,
	LOOK_MS = 300,  /* a changed file serves within a second */
	WAKE_MS = 2000, /* a database that was away is used again */
	TRACE_MS = 200,
	TIDY_MS = 600000,
	TIDY_NEXT_MS = 100,
};

static const char soap_path[] = "/ws/action.soap";

static const char *
base_url(struct request *r, char out[BASE_MAX])
{
	const char *host = request_header(r, "Host");

	snprintf(out, BASE_MAX, "%s://%.200s",
		request_is_tls(r) ? "https" : "http",
		host ? host : "localhost");
	return out;
}

typedef void contract_fn(
	const struct catalog *c, const char *base, struct buf *b);

static int
contract(struct request *r, struct adapter *ad, contract_fn *write,
	const char *type, struct err *e)
{
	char base[BASE_MAX];
	struct buf b;
	int ret;

	buf_init(&b, CONTRACT_MAX);
	write(shelf_of(ad->shelf, r), base_url(r, base), &b);
	ret = buf_ok(&b, "the service description", e);
	if (!ret)
		ret = reply_send(r, 200, type, bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}

static int
openapi(struct request *r, void *state, struct err *e)
{
	return contract(r, state, openapi_write, "application/json", e);
}

static int
wsdl(struct request *r, void *state, struct err *e)
{
	return contract(r, state, wsdl_write, "text/xml; charset=UTF-8", e);
}

/* Limits of ours are no fault of the caller: 503 instead of 429. */
static int
refusal_status(enum fault f)
{
	if (f == FAULT_LIMIT)
		return 503;
	if (f == FAULT_SSL_AUTH)
		return 403;
	return f == FAULT_INVALID_HTTP_METHOD ? 405 : fault_http(f);
}

static void
refuse(struct request *r, const struct err *fault, void *state)
{
	/* of services that write, which have their row for GET like others */
	static const struct http_header h[] = {
		{ "Content-Type", "application/json" },
		{ "Allow", "POST" },
	};
	int status = refusal_status(fault->fault);
	const struct call *c = request_user(r);
	struct buf b;

	(void)state;
	if (str_equal(request_path(r), soap_path) && status != 405) {
		adapter_soap_refuse(r, fault);
		return;
	}
	if (status >= 500)
		log_err("data service", fault);
	buf_init(&b, REFUSAL_MAX);
	buf_str(&b, "{\"error\":{\"code\":");
	buf_json(&b, *fault->code ? fault->code : fault_code(fault->fault));
	buf_str(&b, ",\"message\":");
	buf_json(&b, fault->text);
	buf_str(&b, ",\"message_ja\":");
	buf_json(&b, c && c->complaint.param
			     ? c->complaint.ja
			     : sentence_ja(request_arena(r), fault));
	if (c && c->complaint.param) {
		buf_str(&b, ",\"parameter\":");
		buf_json(&b, c->complaint.param);
	}
	buf_str(&b, "}}");
	(void)reply_send_headers(r, status, h,
		status == 405 && request_route(r) ? 2 : 1, bytes_buf(&b), NULL);
	buf_done(&b);
}

static const struct route routes[] = {
	/* a body is read to be refused in words */
	{ "GET", "/api/service/{name}", ADAPTER_BODY_MAX, 0, told_get },
	{ "POST", "/api/service/{name}", ADAPTER_BODY_MAX, 0, told_post },
	{ "GET", "/api/openapi.json", 0, 0, openapi },
	{ "GET", "/wsdl/services.wsdl", 0, 0, wsdl },
	{ "POST", soap_path, ADAPTER_BODY_MAX, 0, told_soap },
	{ NULL, NULL, 0, 0, NULL },
};

static int64_t
look(void *state)
{
	struct adapter *ad = state;

	shelf_look(ad->shelf);
	secure_look(ad->secure);
	return 0;
}

static int64_t
watch(void *state)
{
	watch_look(((struct adapter *)state)->watch);
	return 0;
}

static int64_t
wake(void *state)
{
	shelf_wake(((struct adapter *)state)->shelf);
	return 0;
}

static int64_t
trace(void *state)
{
	trace_write(((struct adapter *)state)->trace);
	return 0;
}

static int64_t
tidy(void *state)
{
	return trace_tidy(((struct adapter *)state)->trace) ? TIDY_NEXT_MS : 0;
}

static const struct job jobs[] = {
	{ "callers", WATCH_MS, WATCH_MS, watch },
	{ "data services", LOOK_MS, LOOK_MS, look },
	{ "sleeping services", WAKE_MS, WAKE_MS, wake },
	{ "trace", TRACE_MS, TRACE_MS, trace },
	{ "old trace", TIDY_MS, TIDY_MS, tidy },
	{ NULL, 0, 0, NULL },
};

static void
stop(void *state)
{
	struct adapter *ad = state;

	monitor_forget(ad->monitor, ad);
	http_stop(&ad->http);
	jobs_stop(&ad->jobs);
	secure_close(&ad->secure);
	shelf_close(&ad->shelf);
	watch_free(&ad->watch);
	trace_free(&ad->trace);
	db_close(&ad->db);
	mem_free(ad);
}

/* Before every handler of the plain door: whoever comes in says for whom. */
static int
peer_guard(struct request *r, unsigned flags, void *state, struct err *e)
{
	struct adapter *ad = state;

	(void)flags;
	if (conf_has(ad->conf, P_ADAPTER_PEERS, request_peer(r)))
		return 0;
	return fail(e, FAULT_FORBIDDEN,
		"%s may not call here: only the machines of [adapter] "
		"allowed-peers may",
		request_peer(r));
}

static int
open_doors(struct adapter *ad, const struct listener *l, struct err *e)
{
	if (l->port && http_serve(&ad->http, l, e))
		return -1;
	if (secure_open(ad, l, e))
		return -1;
	if (!l->port && !ad->secure)
		return fail(e, FAULT_CONFIG,
			"[adapter] listen-port and tls-port are both 0: nobody "
			"could call a data service");
	return 0;
}

static int
open_store(struct adapter *ad, struct err *e)
{
	if (db_open(&ad->db, &schema_adapter,
		    conf_data_path(ad->conf, "adapter.db"), 0, e))
		return -1;
	ad->trace = trace_new(ad->db, conf_int(ad->conf, P_ADAPTER_TRACE_DAYS),
		conf_int(ad->conf, P_ADAPTER_TRACE_ROWS));
	return 0;
}

static int
start(void **state, const struct role_env *env, struct err *e)
{
	struct adapter *ad = mem_alloc(sizeof(*ad));
	struct listener l = {
		.name = "data services",
		.address = conf_text(env->conf, P_ADAPTER_ADDRESS),
		.port = (int)conf_int(env->conf, P_ADAPTER_PORT),
		.threads = THREADS,
		.routes = routes,
		.state = ad,
		.error = refuse,
		.guard = peer_guard,
	};

	ad->conf = env->conf;
	ad->monitor = monitor_of(env);
	random_bytes(ad->page_key, sizeof(ad->page_key));
	if (watch_new(&ad->watch, e) || open_store(ad, e) ||
		shelf_open(&ad->shelf, env->conf, ad->db, e) ||
		open_doors(ad, &l, e) || jobs_start(&ad->jobs, jobs, ad, e)) {
		stop(ad);
		return -1;
	}
	monitor_watch(ad->monitor, gauges_write, ad);
	*state = ad;
	return 0;
}

/* One statement of each database is tried, which its services share; what
   sleeps says why. */
static int
health(void *state, char *out, unsigned long max)
{
	struct shelf *shelf = ((struct adapter *)state)->shelf;
	struct catalog *c = shelf_take(shelf);
	struct err e = ERR_INIT;
	const struct datasource *tried = NULL;
	char trouble[ERR_TEXT_MAX];
	struct buf b;
	int ret = 0;

	for (size_t i = 0; i < c->services && !err_set(&e); i++)
		if (c->service[i].asleep || c->service[i].source != tried) {
			tried = c->service[i].source;
			(void)service_ready(&c->service[i], &e);
		}
	shelf_trouble(shelf, trouble);
	buf_init(&b, max - 1);
	buf_fmt(&b, "{\"ok\":%s,\"services\":%zu",
		err_set(&e) || *trouble ? "false" : "true", c->services);
	catalog_free(&c);
	if (err_set(&e) || *trouble) {
		buf_str(&b, ",\"error\":");
		buf_json(&b, err_set(&e) ? e.text : trouble);
	}
	buf_char(&b, '}');
	if (b.over)
		ret = -1;
	else
		memcpy(out, b.data, b.len + 1);
	buf_done(&b);
	return ret;
}

static const struct role_port serves[] = {
	{ "data services", "http: REST, SOAP", P_ADAPTER_PORT },
	{ "data services", "https mutual: REST, SOAP", P_ADAPTER_TLS_PORT },
	{ NULL, NULL, -1 },
};

static const struct role_port calls[] = {
	{ "administration", "https", P_ADMIN_PORT },
	{ NULL, NULL, -1 },
};
static const char *const owns[] = { "adapter", NULL };

const struct role role_adapter = {
	.name = "adapter",
	.summary = "SQL statements offered as REST and SOAP services",
	.owns = owns,
	.serves = serves,
	.calls = calls,
	.admin = manage_routes,
	.start = start,
	.stop = stop,
	.health = health,
};
