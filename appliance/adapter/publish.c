/* SPDX-License-Identifier: MIT */
/*
 * Administration: publishing in one step. The service descriptions (OpenAPI and
 * WSDL) are registered at a client of the security server, turned on, and named
 * subjects get the right to each service. All of it through the security
 * server's own administration interface, as a person at its pages would do it,
 * with the credentials of who asks: nobody gains a right by it, and the audit
 * there names the person. What is there already stays, so that it can be
 * repeated; each step says what happened. An adapter that is a machine of its
 * own is called over HTTPS: there its certificate is registered first, which
 * the security server compares at every call.
 */
#include <string.h>

#include "err.h"
#include "file.h"
#include "json_io.h"
#include "manage.h"
#include "mem.h"
#include "param.h"
#include "publish.h"
#include "text.h"

enum { CERTIFICATE_MAX = 64 * 1024 };

static const struct interface {
	const char *word, *type, *path;
} interfaces[] = {
	{ "REST", "OPENAPI3", "/api/openapi.json" },
	{ "SOAP", "WSDL", "/wsdl/services.wsdl" },
};

struct publication {
	struct request *r;
	struct arena *a;
	struct peer *peer;
	const char *client, *code, *address;
	const json_t *services; /* [{name, access}] */
	json_t *steps;
	bool failed;
};

/* ---- steps ---- */

enum done { DONE, ALREADY, SKIPPED, FAILED };

static void
step(struct publication *p, const char *what, const char *about, enum done how,
	const struct err *why)
{
	static const char *const word[] = { "done", "already", "skipped",
		"failed" };
	json_t *j = json_object();

	json_put_str(j, "step", what);
	json_put_str(j, "about", about);
	json_put_str(j, "result", word[how]);
	if (how == FAILED) {
		json_put_new(j, "error", manage_fault(p->a, why));
		p->failed = true;
	}
	json_array_append_new(p->steps, j);
}

/* Failed or done. */
static int
told(struct publication *p, const char *what, const char *about, int ret,
	const struct err *why)
{
	step(p, what, about, ret ? FAILED : DONE, why);
	return ret;
}

/* ---- the certificate ---- */

/* Of the HTTPS door, at the client: 0 also when there is nothing to do. */
static int
bring_certificate(struct publication *p, const struct conf *c)
{
	const char *file = conf_data_path(c, "adapter-tls.crt");
	const char *path = arena_printf(p->a, "/clients/%s/tls-certificates",
		segment_encode(p->a, p->client));
	struct err why = ERR_INIT;
	struct bytes text;
	int ret;

	if (!str_prefix(p->address, "https://"))
		return 0;
	ret = file_read(p->a, file, CERTIFICATE_MAX, &text, &why) ||
	      peer_send(p->peer, path, "application/octet-stream", text, &why);
	if (ret && peer_refused(&why, "certificate_already_exists")) {
		step(p, "certificate", p->client, ALREADY, NULL);
		return 0;
	}
	return told(p, "certificate", p->client, ret ? -1 : 0, &why);
}

/* ---- the description ---- */

static const json_t *
find_description(const json_t *list, const char *url)
{
	json_t *one;
	size_t i;

	json_each(one, i, list)
		if (str_equal(json_str(one, "url"), url))
			return one;
	return NULL;
}

static int
descriptions(struct publication *p, const char *url, const json_t **out,
	struct err *e)
{
	json_t *list;

	if (peer_call(p->peer, "GET",
		    arena_printf(p->a, "/clients/%s/service-descriptions",
			    segment_encode(p->a, p->client)),
		    NULL, &list, e))
		return -1;
	*out = find_description(list, url);
	return 0;
}

static int
add_description(struct publication *p, const struct interface *i,
	const char *url, struct err *e)
{
	json_t *body = json_keep(p->a, json_object());

	json_put_str(body, "url", url);
	json_put_str(body, "type", i->type);
	if (str_equal(i->word, "REST"))
		json_put_str(body, "rest_service_code", p->code);
	json_put_bool(body, "ignore_warnings", true);
	return peer_call(p->peer, "POST",
		arena_printf(p->a, "/clients/%s/service-descriptions",
			segment_encode(p->a, p->client)),
		body, NULL, e);
}

static const char *
description_path(struct publication *p, const json_t *d, const char *verb)
{
	return arena_printf(p->a, "/service-descriptions/%s/%s",
		segment_encode(p->a, json_str(d, "id")), verb);
}

/* It is there, fresh and on. */
static int
bring_description(
	struct publication *p, const struct interface *i, const json_t **out)
{
	const char *url = arena_printf(p->a, "%s%s", p->address, i->path);
	json_t *ignore = json_keep(p->a, json_object());
	struct err why = ERR_INIT;
	int ret;

	json_put_bool(ignore, "ignore_warnings", true);
	if (descriptions(p, url, out, &why))
		return told(p, "register", url, -1, &why);
	if (*out) {
		ret = peer_call(p->peer, "PUT",
			description_path(p, *out, "refresh"), ignore, NULL,
			&why);
		if (told(p, "refresh", url, ret, &why))
			return -1;
	} else if (told(p, "register", url, add_description(p, i, url, &why),
			   &why)) {
		return -1;
	}
	if (descriptions(p, url, out, &why) || !*out)
		return told(p, "register", url, -1, &why);
	if (!json_bool(*out, "disabled", false)) {
		step(p, "enable", url, ALREADY, NULL);
		return 0;
	}
	ret = peer_call(p->peer, "PUT", description_path(p, *out, "enable"),
		NULL, NULL, &why);
	return told(p, "enable", url, ret, &why);
}

/* ---- rights ---- */

/* Who may already, out of what is wanted; what is left in *items. */
static int
missing(struct publication *p, const char *path, const json_t *access,
	json_t **items, struct err *e)
{
	json_t *have, *one, *x;
	size_t i, k;

	if (peer_call(p->peer, "GET", path, NULL, &have, e))
		return -1;
	*items = json_keep(p->a, json_array());
	json_each(one, i, access) {
		const char *id = json_string_value(one);
		bool there = false;
		json_t *item;

		json_each(x, k, have)
			there |= str_equal(json_str(x, "id"), id) ||
				 str_equal(json_str(x, "local_group_code"), id);
		if (there || !id)
			continue;
		item = json_object();
		json_put_str(item, "id", id);
		json_put_str(item, "service_client_type", subject_kind(id));
		json_array_append_new(*items, item);
	}
	return 0;
}

static void
grant(struct publication *p, const char *path, const char *about,
	const json_t *access)
{
	json_t *items = NULL, *body = json_keep(p->a, json_object());
	struct err why = ERR_INIT;
	int ret = missing(p, path, access, &items, &why);

	if (!ret && !json_array_size(items)) {
		step(p, "grant", about, ALREADY, NULL);
		return;
	}
	if (!ret) {
		json_object_set(body, "items", items);
		ret = peer_call(p->peer, "POST", path, body, NULL, &why);
	}
	(void)told(p, "grant", about, ret, &why);
}

static const json_t *
service_named(const json_t *description, const char *code)
{
	json_t *one;
	size_t i;

	json_each(one, i, json_list(description, "services"))
		if (str_equal(json_str(one, "service_code"), code))
			return one;
	return NULL;
}

/* REST: the endpoints of the data service, each by its method and path. */
static bool
grant_endpoints(struct publication *p, const json_t *description,
	const char *name, const json_t *access)
{
	const json_t *s = service_named(description, p->code);
	const char *path = arena_printf(p->a, "/api/service/%s", name);
	bool any = false;
	json_t *one;
	size_t i;

	json_each(one, i, json_list(s, "endpoints")) {
		if (!str_equal(json_str(one, "path"), path))
			continue;
		any = true;
		grant(p,
			arena_printf(p->a, "/endpoints/%s/service-clients",
				segment_encode(p->a, json_str(one, "id"))),
			arena_printf(
				p->a, "%s %s", json_str(one, "method"), path),
			access);
	}
	return any;
}

static bool
grant_operation(struct publication *p, const json_t *description,
	const char *name, const json_t *access)
{
	const json_t *s = service_named(description, name);

	if (!s)
		return false;
	grant(p,
		arena_printf(p->a, "/services/%s/service-clients",
			segment_encode(p->a, json_str(s, "id"))),
		arena_printf(p->a, "SOAP %s", name), access);
	return true;
}

static void
grant_all(struct publication *p, const struct interface *i,
	const json_t *description)
{
	bool rest = str_equal(i->word, "REST"), found;
	json_t *one;
	size_t n;

	json_each(one, n, p->services) {
		const char *name = json_str(one, "name");
		const json_t *access = json_list(one, "access");
		struct err why = ERR_INIT;

		if (!json_array_size(access))
			continue;
		found = rest ? grant_endpoints(p, description, name, access)
			     : grant_operation(p, description, name, access);
		if (found)
			continue;
		fail(&why, FAULT_NOT_FOUND,
			"the service description has no service \"%.100s\"",
			name ? name : "");
		step(p, "grant",
			arena_printf(p->a, "%s %s", i->word, name ? name : ""),
			FAILED, &why);
	}
}

/* ---- the whole ---- */

static void
publish(struct publication *p, const json_t *wanted)
{
	for (size_t i = 0; i < sizeof(interfaces) / sizeof(*interfaces); i++) {
		const struct interface *x = &interfaces[i];
		const json_t *description = NULL;

		if (wanted && !json_list_has(wanted, x->word))
			continue;
		if (bring_description(p, x, &description))
			step(p, "grant", x->word, SKIPPED, NULL);
		else
			grant_all(p, x, description);
	}
}

/* Where the security server reaches the data services. */
static const char *
own_address(struct arena *a, const struct conf *c)
{
	int64_t port = conf_int(c, P_ADAPTER_TLS_PORT);
	bool far = *conf_text(c, P_ADAPTER_SERVER_URL) && port;
	const char *scheme = far ? "https" : "http";
	const char *address =
		conf_text(c, far ? P_ADAPTER_TLS_ADDRESS : P_ADAPTER_ADDRESS);

	if (str_equal(address, "0.0.0.0") || str_equal(address, "::"))
		address = far ? conf_text(c, P_NODE_ADDRESS) : "127.0.0.1";
	return arena_printf(a,
		strchr(address, ':') ? "%s://[%s]:%lld" : "%s://%s:%lld",
		scheme, address,
		(long long)(far ? port : conf_int(c, P_ADAPTER_PORT)));
}

static int
reply(struct publication *p, struct err *e)
{
	json_t *j = json_object();

	json_put_bool(j, "ok", !p->failed);
	json_put_str(j, "client", p->client);
	json_put_new(j, "steps", json_incref(p->steps));
	return manage_reply(p->r, 200, j, NULL, e);
}

int
manage_publish(struct request *r, void *state, struct err *e)
{
	struct adapter *ad = state;
	struct publication p = { .r = r, .a = request_arena(r) };
	struct err why = ERR_INIT;
	json_t *body;
	int ret;

	if (manage_body(r, &body, e))
		return -1;
	p.client = json_str(body, "client");
	p.code = json_str(body, "rest_service_code");
	p.address = json_str(body, "address");
	p.services = json_list(body, "services");
	p.steps = json_keep(p.a, json_array());
	if (!p.code || !*p.code)
		p.code = "data";
	if (!p.address || !*p.address)
		p.address = own_address(p.a, ad->conf);
	if (peer_open(&p.peer, r, ad->conf, &why))
		return manage_fail(r, &why, e);
	if (!bring_certificate(&p, ad->conf))
		publish(&p, json_list(body, "interfaces"));
	ret = reply(&p, e);
	peer_close(&p.peer);
	return ret;
}
