/* SPDX-License-Identifier: MIT */
/*
 * The adapter role's recipe and its REST doors. Addresses are those of the
 * Connector: /api/service/NAME, /api/openapi.json, /wsdl/services.wsdl,
 * /ws/action.soap (field-notes section 3.1).
 */
#include "adapter_int.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "json_io.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum {
	THREADS = 128,
	CONTRACT_MAX = 8 * 1024 * 1024,
	BASE_MAX = 300,
	REFUSAL_MAX = 16 * 1024,
};

static const char soap_path[] = "/ws/action.soap";

static int
find_service(struct request *r, struct adapter *ad,
	const struct data_service **out, struct err *e)
{
	const char *name = request_segment(r, "name");

	*out = catalog_find(ad->catalog, name ? name : "");
	if (!*out)
		return fail(e, FAULT_NOT_FOUND,
			"there is no data service \"%s\"", name ? name : "");
	return 0;
}

static int
run_json(struct request *r, const struct data_service *s,
	const struct argument *arg, size_t args, struct err *e)
{
	struct buf out;
	int ret;

	buf_init(&out, ADAPTER_ANSWER_MAX);
	ret = service_run(s, arg, args, ROWS_JSON, &out, e);
	if (!ret)
		ret = reply_send(
			r, 200, "application/json", bytes_buf(&out), e);
	buf_done(&out);
	return ret;
}

/* GET: parameters from the query string. */
static int
rest_get(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	struct argument *arg = arena_array(a, FIELDS_MAX, sizeof(*arg));
	const char *p = request_query(r);
	const struct data_service *s;
	size_t n = 0;

	if (find_service(r, state, &s, e))
		return -1;
	while (p && *p) {
		size_t len = strcspn(p, "&"), name = strcspn(p, "=&");
		char *key, *value = NULL;

		if (n == FIELDS_MAX)
			return fail(e, FAULT_BAD_REQUEST,
				"more than %d parameters", FIELDS_MAX);
		if (form_decode(a, p, name, &key, e) ||
			(name < len && form_decode(a, p + name + 1,
					       len - name - 1, &value, e)))
			return -1;
		arg[n++] = (struct argument){ key, value ? value : "" };
		p += len + (p[len] == '&');
	}
	return run_json(r, s, arg, n, e);
}

/* A JSON value that is no array and no object; NULL for null. */
static char *
scalar_text(struct arena *a, const json_t *v)
{
	if (json_is_string(v))
		return arena_strdup(a, json_string_value(v));
	if (json_is_integer(v))
		return arena_printf(
			a, "%lld", (long long)json_integer_value(v));
	if (json_is_real(v)) {
		char text[REAL_TEXT_MAX];

		real_text(json_real_value(v), text);
		return arena_strdup(a, text);
	}
	if (json_is_boolean(v))
		return arena_strdup(a, json_is_true(v) ? "true" : "false");
	return NULL;
}

static int
read_object(struct arena *a, json_t *body, struct argument *arg, size_t *n,
	struct err *e)
{
	const char *key;
	json_t *v;

	if (!json_is_object(body))
		return fail(e, FAULT_BAD_REQUEST,
			"the body must be a JSON object of parameters");
	json_object_foreach(body, key, v)
	{
		if (*n == FIELDS_MAX)
			return fail(e, FAULT_BAD_REQUEST,
				"more than %d parameters", FIELDS_MAX);
		if (json_is_array(v) || json_is_object(v))
			return fail(e, FAULT_BAD_REQUEST,
				"parameter \"%.40s\" is not a single value",
				key);
		arg[(*n)++] = (struct argument){ key, scalar_text(a, v) };
	}
	return 0;
}

/* POST: parameters from a JSON object; an empty body is no parameters. */
static int
rest_post(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	struct argument *arg = arena_array(a, FIELDS_MAX, sizeof(*arg));
	const struct data_service *s;
	struct bytes body;
	json_t *root;
	size_t n = 0;

	if (find_service(r, state, &s, e) || request_body(r, &body, e))
		return -1;
	if (body.len && (json_parse(a, body, NULL, &root, e) ||
				read_object(a, root, arg, &n, e)))
		return -1;
	return run_json(r, s, arg, n, e);
}

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
	write(ad->catalog, base_url(r, base), &b);
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
	return f == FAULT_INVALID_HTTP_METHOD ? 405 : fault_http(f);
}

static void
refuse(struct request *r, const struct err *fault, void *state)
{
	int status = refusal_status(fault->fault);
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
	buf_str(&b, "}}");
	(void)reply_send(r, status, "application/json", bytes_buf(&b), NULL);
	buf_done(&b);
}

static const struct route routes[] = {
	{ "GET", "/api/service/{name}", 0, 0, rest_get },
	{ "POST", "/api/service/{name}", ADAPTER_BODY_MAX, 0, rest_post },
	{ "GET", "/api/openapi.json", 0, 0, openapi },
	{ "GET", "/wsdl/services.wsdl", 0, 0, wsdl },
	{ "POST", soap_path, ADAPTER_BODY_MAX, 0, adapter_soap },
	{ NULL, NULL, 0, 0, NULL },
};

static void
stop(void *state)
{
	struct adapter *ad = state;

	http_stop(&ad->http);
	catalog_free(&ad->catalog);
	mem_free(ad);
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
	};

	ad->conf = env->conf;
	if (catalog_load(&ad->catalog, env->conf, e) ||
		http_serve(&ad->http, &l, e)) {
		stop(ad);
		return -1;
	}
	*state = ad;
	return 0;
}

/* One statement of each database is tried; its services share the file. */
static int
health(void *state, char *out, unsigned long max)
{
	const struct catalog *c = ((struct adapter *)state)->catalog;
	struct err e = ERR_INIT;
	const struct datasource *tried = NULL;
	struct buf b;
	int ret = 0;

	for (size_t i = 0; i < c->services && !err_set(&e); i++)
		if (c->service[i].source != tried) {
			tried = c->service[i].source;
			(void)service_ready(&c->service[i], &e);
		}
	buf_init(&b, max - 1);
	buf_fmt(&b, "{\"ok\":%s,\"services\":%zu",
		err_set(&e) ? "false" : "true", c->services);
	if (err_set(&e)) {
		buf_str(&b, ",\"error\":");
		buf_json(&b, e.text);
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
	{ NULL, NULL, -1 },
};

const struct role role_adapter = {
	.name = "adapter",
	.summary = "SQL statements offered as REST and SOAP services",
	.serves = serves,
	.start = start,
	.stop = stop,
	.health = health,
};
