/* SPDX-License-Identifier: MIT */
/*
 * First start, the security servers: anchor, initialisation, keys,
 * certificates, registration, clients, services, access rights; through the
 * administration API as X-Road's own bring-up goes
 * (interop/xroad-center-admin.md 5.5).
 */
#include "lab_int.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "text.h"

enum { ANCHOR_MAX = 1024 * 1024 };

typedef int machine_fn(struct lab *l, struct machine *m, struct err *e);

static int
both(struct lab *l, machine_fn *fn, struct err *e)
{
	if (fn(l, &l->machine[TOWN], e))
		return -1;
	return fn(l, &l->machine[FIRM], e);
}

char *
lab_member_id(struct lab *l, const struct machine *m)
{
	return arena_printf(l->arena, LAB_INSTANCE ":%s:%s", m->cls, m->code);
}

static const char *
system_of(const struct lab *l, const struct machine *m)
{
	return m == &l->machine[TOWN] ? TOWN_SYSTEM : FIRM_SYSTEM;
}

char *
lab_client_id(struct lab *l, const struct machine *m)
{
	return arena_printf(
		l->arena, "%s:%s", lab_member_id(l, m), system_of(l, m));
}

/* ---- anchor, initialisation ---- */

static int
upload_anchor(struct lab *l, struct machine *m, struct err *e)
{
	struct api_answer a;
	struct bytes xml;

	if (file_read(l->arena, path_join(l->arena, l->dir, "anchor.xml"),
		    ANCHOR_MAX, &xml, e))
		return -1;
	return api_put_bytes(l, m, "/system/anchor", xml, &a, e);
}

static int
initialize(struct lab *l, struct machine *m, struct err *e)
{
	struct api_answer a;

	if (api_do(l, m, "POST", "/initialization",
		    arena_printf(l->arena,
			    "{\"owner_member_class\":\"%s\","
			    "\"owner_member_code\":\"%s\","
			    "\"security_server_code\":\"%s\","
			    "\"software_token_pin\":\"%s\","
			    "\"ignore_warnings\":false}",
			    m->cls, m->code, m->server, m->pin),
		    &a, e))
		return -1;
	return api_do(l, m, "PUT", "/tokens/0/login",
		arena_printf(l->arena, "{\"password\":\"%s\"}", m->pin), &a, e);
}

/* The first time-stamping service the network approves. */
static int
choose_tsa(struct lab *l, struct machine *m, struct err *e)
{
	struct api_answer a;
	json_t *first;

	if (api_do(l, m, "GET", "/timestamping-services", NULL, &a, e))
		return -1;
	first = json_array_get(a.json, 0);
	if (!first)
		return fail(e, FAULT_INTERNAL,
			"the network approves no time-stamping service");
	return api_do(l, m, "POST", "/system/timestamping-services",
		arena_printf(l->arena,
			"{\"name\":\"%s\",\"url\":\"%s\",\"cost_type\":"
			"\"FREE\"}",
			json_str(first, "name"), json_str(first, "url")),
		&a, e);
}

static int
anchors(struct lab *l, struct err *e)
{
	return both(l, upload_anchor, e);
}

static int
initializes(struct lab *l, struct err *e)
{
	return both(l, initialize, e);
}

static int
tsas(struct lab *l, struct err *e)
{
	return both(l, choose_tsa, e);
}

/* ---- keys and certificates ---- */

struct order {
	const char *usage; /* SIGNING or AUTHENTICATION */
	char *subject;     /* JSON object of subject fields */
};

/* `of`: whose key it is; machine `m` holds it. */
static json_t *
post_key(struct lab *l, struct machine *m, const struct machine *of,
	const struct order *o, struct err *e)
{
	struct api_answer a;

	if (api_do(l, m, "POST", "/tokens/0/keys-with-csrs",
		    arena_printf(l->arena,
			    "{\"key_label\":\"%s\",\"csr_generate_request\":{"
			    "\"key_usage_type\":\"%s\",\"ca_name\":\"LAB\","
			    "\"csr_format\":\"PEM\",\"member_id\":\"%s\","
			    "\"subject_field_values\":%s}}",
			    o->usage, o->usage, lab_member_id(l, of),
			    o->subject),
		    &a, e))
		return NULL;
	if (!json_str(a.json, "csr_id") ||
		!json_str(json_sub(a.json, "key"), "id")) {
		fail(e, FAULT_INTERNAL, "the %s made no request", m->name);
		return NULL;
	}
	return a.json;
}

/* The center's authority issues; PEM text. */
static const char *
issue(struct lab *l, const struct machine *of, const struct order *o,
	struct bytes csr, struct err *e)
{
	struct api_answer a;
	struct buf b;
	int ret;

	buf_init(&b, ANCHOR_MAX);
	buf_str(&b, "{\"csr\":");
	buf_json(&b, arena_strndup(l->arena, (const char *)csr.data, csr.len));
	buf_fmt(&b,
		",\"usage\":\"%s\",\"member_id\":\"%s\","
		"\"security_server_id\":\"%s:%s\"}",
		o->usage, lab_member_id(l, of), lab_member_id(l, of),
		of->server ? of->server : "none");
	ret = api_do(l, &l->machine[CENTER], "POST", "/machilink/certificates",
		b.data, &a, e);
	buf_done(&b);
	return ret ? NULL : json_str(a.json, "certificate");
}

static int
certificate(struct lab *l, struct machine *m, const struct machine *of,
	const struct order *o, struct err *e)
{
	struct api_answer a;
	json_t *made = post_key(l, m, of, o, e);
	const char *pem;

	if (!made || api_do(l, m, "GET",
			     arena_printf(l->arena,
				     "/keys/%s/csrs/%s?csr_format=PEM",
				     json_str(json_sub(made, "key"), "id"),
				     json_str(made, "csr_id")),
			     NULL, &a, e))
		return -1;
	pem = issue(l, of, o, a.body, e);
	if (!pem)
		return -1;
	return api_put_bytes(
		l, m, "/token-certificates", bytes_str(pem), &a, e);
}

int
lab_sign_certificate(struct lab *l, struct machine *m, const struct machine *of,
	struct err *e)
{
	struct order o = { "SIGNING",
		arena_printf(l->arena,
			"{\"C\":\"JP\",\"O\":\"%s\",\"businessCategory\":"
			"\"%s\",\"serialNumber\":\"%s\",\"CN\":\"%s\"}",
			of->owner_name, of->cls, of->code, of->owner_name) };

	return certificate(l, m, of, &o, e);
}

static int
sign_certificate(struct lab *l, struct machine *m, struct err *e)
{
	return lab_sign_certificate(l, m, m, e);
}

static int
auth_certificate(struct lab *l, struct machine *m, struct err *e)
{
	struct order o = { "AUTHENTICATION",
		arena_printf(l->arena,
			"{\"C\":\"JP\",\"O\":\"%s\",\"serialNumber\":\"%s\","
			"\"CN\":\"%s\"}",
			m->owner_name, m->code, m->server) };

	return certificate(l, m, m, &o, e);
}

static int
sign_certificates(struct lab *l, struct err *e)
{
	return both(l, sign_certificate, e);
}

static int
auth_certificates(struct lab *l, struct err *e)
{
	return both(l, auth_certificate, e);
}

/* ---- registration of the authentication certificate ---- */

/* Of the token's keys: the authentication certificate with this status (NULL
   any). */
static json_t *
find_auth(const json_t *token, const char *status, bool active)
{
	json_t *key, *cert;
	size_t i, j;

	json_each(key, i, json_list(token, "keys")) {
		if (!str_equal(json_str(key, "usage"), "AUTHENTICATION"))
			continue;
		json_each(cert, j, json_list(key, "certificates")) {
			if ((!status || str_equal(json_str(cert, "status"),
						status)) &&
				(!active || json_bool(cert, "active", false)))
				return cert;
		}
	}
	return NULL;
}

static bool
registered(const json_t *answer, const void *ctx)
{
	(void)ctx;
	return find_auth(answer, "REGISTERED", true) != NULL;
}

static int
register_auth(struct lab *l, struct machine *m, struct err *e)
{
	struct api_answer a;
	json_t *cert;

	if (api_do(l, m, "GET", "/tokens/0", NULL, &a, e))
		return -1;
	cert = find_auth(a.json, NULL, false);
	if (!cert)
		return fail(e, FAULT_INTERNAL,
			"the %s has no authentication certificate", m->name);
	return api_do(l, m, "PUT",
		arena_printf(l->arena, "/token-certificates/%s/register",
			json_str(
				json_sub(cert, "certificate_details"), "hash")),
		arena_printf(l->arena, "{\"address\":\"%s\"}", m->address), &a,
		e);
}

static int
registers(struct lab *l, struct err *e)
{
	return both(l, register_auth, e);
}

static int
await_registered(struct lab *l, struct machine *m, struct err *e)
{
	return api_wait(l, m, "/tokens/0", registered, NULL,
		"the registration of the authentication certificate", e);
}

static int
await_registration(struct lab *l, struct err *e)
{
	return both(l, await_registered, e);
}

/* ---- clients and services ---- */

int
lab_add_client(struct lab *l, struct machine *m, const struct machine *of,
	const char *system, struct err *e)
{
	struct api_answer a;

	return api_do(l, m, "POST", "/clients",
		arena_printf(l->arena,
			"{\"client\":{\"member_class\":\"%s\","
			"\"member_code\":\"%s\",\"subsystem_code\":\"%s\","
			"\"connection_type\":\"HTTP\"},"
			"\"ignore_warnings\":true}",
			of->cls, of->code, system),
		&a, e);
}

static int
add_client(struct lab *l, struct machine *m, struct err *e)
{
	return lab_add_client(l, m, m, system_of(l, m), e);
}

static int
clients(struct lab *l, struct err *e)
{
	return both(l, add_client, e) || link_clients(l, e) ? -1 : 0;
}

int
lab_describe(struct lab *l, struct machine *m, const char *client,
	const struct description *d, json_t **out, struct err *e)
{
	const char *code =
		*d->code ? arena_printf(l->arena,
				   "\"rest_service_code\":\"%s\",", d->code)
			 : "";
	struct api_answer a;
	const char *id;

	if (api_do(l, m, "POST",
		    arena_printf(l->arena, "/clients/%s/service-descriptions",
			    client),
		    arena_printf(l->arena,
			    "{\"url\":\"%s\",\"type\":\"%s\",%s"
			    "\"ignore_warnings\":true}",
			    d->url, d->type, code),
		    &a, e))
		return -1;
	*out = a.json;
	id = json_str(a.json, "id");
	if (!id)
		return fail(e, FAULT_INTERNAL, "the %s described no service",
			m->name);
	return api_do(l, m, "PUT",
		arena_printf(l->arena, "/service-descriptions/%s/enable", id),
		NULL, &a, e);
}

static int
describe(struct lab *l, struct machine *m, const char *type, const char *url,
	const char *code, struct err *e)
{
	const struct description d = { type, url, code };
	json_t *made;

	return lab_describe(l, m, lab_client_id(l, m), &d, &made, e);
}

static int
describe_rest(
	struct lab *l, struct machine *m, const char *service, struct err *e)
{
	char *base = arena_printf(l->arena, "http://%s:%d", m->address,
		lab_port(l, PORT_ADAPTER));

	return describe(l, m, "REST",
		arena_printf(l->arena, "%s/api/service/%s", base, service),
		service, e);
}

static int
grant(struct lab *l, struct machine *m, const char *service,
	const struct machine *to, struct err *e)
{
	struct api_answer a;

	return api_do(l, m, "POST",
		arena_printf(l->arena, "/services/%s:%s/service-clients",
			lab_client_id(l, m), service),
		arena_printf(l->arena,
			"{\"items\":[{\"id\":\"%s\",\"service_client_type\":"
			"\"SUBSYSTEM\"}]}",
			lab_client_id(l, to)),
		&a, e);
}

static const char *const town_services[] = { "evacuation-sites", "garbage-days",
	"public-facilities", NULL };

static int
services(struct lab *l, struct err *e)
{
	struct machine *town = &l->machine[TOWN], *firm = &l->machine[FIRM];
	char *wsdl = arena_printf(l->arena, "http://%s:%d/wsdl/services.wsdl",
		town->address, lab_port(l, PORT_ADAPTER));

	for (const char *const *s = town_services; *s; s++)
		if (describe_rest(l, town, *s, e))
			return -1;
	if ((l->postgres.ready &&
		    describe_rest(l, town, "nursery-places", e)) ||
		link_services(l, e) || describe(l, town, "WSDL", wsdl, "", e) ||
		describe_rest(l, firm, "emergency-goods", e))
		return -1;
	wsdl = arena_printf(l->arena, "http://%s:%d/wsdl/services.wsdl",
		firm->address, lab_port(l, PORT_ADAPTER));
	return describe(l, firm, "WSDL", wsdl, "", e);
}

/* A right on a service code covers all its versions, REST and SOAP. None on
   public-facilities: that refusal is shown. */
static int
rights(struct lab *l, struct err *e)
{
	struct machine *town = &l->machine[TOWN], *firm = &l->machine[FIRM];

	if (grant(l, town, "evacuation-sites", firm, e) ||
		grant(l, town, "garbage-days", firm, e) ||
		(l->postgres.ready &&
			grant(l, town, "nursery-places", firm, e)))
		return -1;
	return grant(l, firm, "emergency-goods", town, e) || link_rights(l, e)
		       ? -1
		       : 0;
}

bool
lab_client_is_registered(const json_t *answer, const void *ctx)
{
	(void)ctx;
	return str_equal(json_str(answer, "status"), "REGISTERED");
}

static int
await_client(struct lab *l, struct machine *m, struct err *e)
{
	return api_wait(l, m,
		arena_printf(l->arena, "/clients/%s", lab_client_id(l, m)),
		lab_client_is_registered, NULL,
		"the registration of the client", e);
}

static int
await_clients(struct lab *l, struct err *e)
{
	return both(l, await_client, e) || link_await(l, e) ? -1 : 0;
}

const struct step setup_server_steps[] = {
	{ "start-servers", "町と会社を起動", "town and company started",
		lab_start_servers },
	{ "upload-anchor", "アンカーを登録しグローバル設定を検証",
		"anchor uploaded, global configuration verified", anchors },
	{ "initialize-servers", "セキュリティサーバを初期設定",
		"security servers initialised", initializes },
	{ "timestamping", "タイムスタンプ局を選択",
		"time-stamping service chosen", tsas },
	{ "sign-certificates", "署名用の鍵・CSR・証明書",
		"signing keys, requests, certificates", sign_certificates },
	{ "auth-certificates", "認証用の鍵・CSR・証明書",
		"authentication keys, requests, certificates",
		auth_certificates },
	{ "register", "認証用証明書の登録を申請 (4001)",
		"registration of the authentication certificates (4001)",
		registers },
	{ "management-provider", "管理サービスを町のサーバで提供",
		"management services offered by the town's server",
		management_provider },
	{ "clients", "サブシステムを追加", "subsystems added", clients },
	{ "services", "サービスを公開", "services described and enabled",
		services },
	{ "rights", "アクセス権を設定", "access rights granted", rights },
	{ "await-registration", "新しいグローバル設定に反映",
		"the new global configuration shows the servers",
		await_registration },
	{ "client-requests", "サブシステムの登録を申請 (X-Road 経由)",
		"registration of the subsystems, asked for over X-Road",
		client_requests },
	{ "await-clients", "サブシステムが登録済みになる",
		"subsystems are registered", await_clients },
	{ NULL, NULL, NULL, NULL },
};
