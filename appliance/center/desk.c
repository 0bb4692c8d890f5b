/* SPDX-License-Identifier: MIT */
/*
 * The desk, the center's administration API: the route table (paths below
 * /api/v1, as X-Road's central server has them; ours below /machilink) and
 * what handlers share. Who may: interop/xroad-center-admin.md 6.5.
 */
#include "desk_int.h"

#include <string.h>

#include "clock.h"
#include "http_server.h"
#include "mem.h"
#include "role.h"
#include "text.h"

int
desk_body(struct request *r, json_t **out, struct err *e)
{
	struct bytes text;

	if (request_body(r, &text, e) ||
		json_parse(request_arena(r), text, NULL, out, e))
		return -1;
	if (!json_is_object(*out))
		return fail(
			e, FAULT_BAD_REQUEST, "the body must be a JSON object");
	return 0;
}

int
desk_reply(struct request *r, int status, json_t *j, struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, GC_PART_MAX);
	json_write(&b, j, JSON_PLAIN);
	json_decref(j);
	ret = buf_ok(&b, "the answer", e);
	if (!ret)
		ret = reply_send(
			r, status, "application/json", bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}

int
desk_no_content(struct request *r, struct err *e)
{
	return reply_send(r, 204, NULL, (struct bytes){ 0 }, e);
}

/* Splits at colons; the number of pieces, 0 if an empty one is among them. */
static size_t
split(char *s, const char *piece[], size_t max)
{
	size_t n = 0;

	for (;;) {
		char *colon = strchr(s, ':');

		if (n == max || !*s || colon == s)
			return 0;
		piece[n++] = s;
		if (!colon)
			return n;
		*colon = '\0';
		s = colon + 1;
	}
}

int
client_decode(
	struct arena *a, const char *s, struct client_id *out, struct err *e)
{
	const char *p[4] = { 0 };
	size_t n = s ? split(arena_strdup(a, s), p, 4) : 0;

	if (n < 3)
		return refuse(e, FAULT_BAD_REQUEST, "invalid_member_id",
			"'%s' is not INSTANCE:CLASS:CODE[:SUBSYSTEM]",
			s ? s : "");
	*out = (struct client_id){ p[0], p[1], p[2], p[3] };
	return 0;
}

int
server_decode(
	struct arena *a, const char *s, struct server_id *out, struct err *e)
{
	const char *p[4] = { 0 };
	size_t n = s ? split(arena_strdup(a, s), p, 4) : 0;

	if (n != 4)
		return refuse(e, FAULT_BAD_REQUEST, "invalid_server_id",
			"'%s' is not INSTANCE:CLASS:CODE:SERVER", s ? s : "");
	*out = (struct server_id){ { p[0], p[1], p[2], NULL }, p[3] };
	return 0;
}

char *
client_encode(struct arena *a, const struct client_id *id)
{
	return arena_printf(a, "%s:%s:%s%s%s", id->instance, id->cls, id->code,
		id->subsystem ? ":" : "", id->subsystem ? id->subsystem : "");
}

char *
server_encode(struct arena *a, const struct server_id *id)
{
	return arena_printf(
		a, "%s:%s", client_encode(a, &id->owner), id->server);
}

json_t *
client_json(struct arena *a, const struct client_id *id)
{
	json_t *j = json_object();

	json_put_str(j, "instance_id", id->instance);
	json_put_str(j, "type", client_id_type(id));
	json_put_str(j, "member_class", id->cls);
	json_put_str(j, "member_code", id->code);
	if (id->subsystem)
		json_put_str(j, "subsystem_code", id->subsystem);
	json_put_str(j, "encoded_id", client_encode(a, id));
	return j;
}

json_t *
server_json(struct arena *a, const struct server_id *id)
{
	json_t *j = json_object();

	json_put_str(j, "instance_id", id->owner.instance);
	json_put_str(j, "type", "SERVER");
	json_put_str(j, "member_class", id->owner.cls);
	json_put_str(j, "member_code", id->owner.code);
	json_put_str(j, "server_code", id->server);
	json_put_str(j, "encoded_id", server_encode(a, id));
	return j;
}

static json_t *
usages_json(int bits)
{
	static const struct {
		enum key_usage bit;
		const char *name;
	} rows[] = {
		{ KU_DIGITAL_SIGNATURE, "DIGITAL_SIGNATURE" },
		{ KU_NON_REPUDIATION, "NON_REPUDIATION" },
		{ KU_KEY_ENCIPHERMENT, "KEY_ENCIPHERMENT" },
		{ KU_DATA_ENCIPHERMENT, "DATA_ENCIPHERMENT" },
		{ KU_KEY_AGREEMENT, "KEY_AGREEMENT" },
		{ KU_KEY_CERT_SIGN, "KEY_CERT_SIGN" },
		{ KU_CRL_SIGN, "CRL_SIGN" },
	};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (bits > 0 && (bits & (int)rows[i].bit))
			json_array_append_new(
				list, json_text_new(rows[i].name));
	return list;
}

json_t *
cert_json(struct arena *a, const struct cert *c)
{
	json_t *j = json_object();
	struct digest d;
	char *subject = cert_subject_text(c, a);
	char *cn = cert_subject_get(c, a, "2.5.4.3");
	char *hash;

	cert_digest(c, DIGEST_SHA256, &d);
	hash = hex_encode(a, d.value, d.len);
	for (char *p = hash; *p; p++)
		if (*p >= 'a')
			*p = (char)(*p - 'a' + 'A');
	json_put_str(j, "hash", hash);
	json_put_str(j, "subject_distinguished_name", subject);
	json_put_str(j, "subject_common_name", cn ? cn : "");
	json_put_str(j, "issuer_distinguished_name", cert_issuer_text(c, a));
	json_put_str(j, "serial", cert_serial_text(c, a));
	json_put_int(j, "version", 3);
	desk_put_time(j, "not_before", cert_not_before(c));
	desk_put_time(j, "not_after", cert_not_after(c));
	json_put_new(j, "key_usages", usages_json(cert_key_usage(c)));
	return j;
}

void
desk_put_time(json_t *j, const char *key, int64_t ms)
{
	char text[TIME_TEXT_MAX];

	json_put_str(j, key, time_iso_ms(text, ms));
}

void
page_read(struct request *r, int64_t *limit, int64_t *offset)
{
	const char *q = request_query(r);
	const char *l = q ? query_get(request_arena(r), q, "limit") : NULL;
	const char *o = q ? query_get(request_arena(r), q, "offset") : NULL;

	*limit = ADMIN_PAGE;
	*offset = 0;
	if (l)
		(void)int_parse(l, 1, ADMIN_PAGE_MAX, limit, NULL);
	if (o)
		(void)int_parse(o, 0, INT32_MAX, offset, NULL);
}

json_t *
page_json(int64_t total, size_t items, int64_t limit, int64_t offset)
{
	json_t *j = json_object();

	json_put_int(j, "total_items", total);
	json_put_int(j, "items", (int64_t)items);
	json_put_int(j, "limit", limit);
	json_put_int(j, "offset", offset);
	return j;
}

/* clang-format off */
#define GET(path, who, fn) { "GET", path, 0, who, fn }
#define PUT(path, who, fn) { "PUT", path, ADMIN_BODY_MAX, who, fn }
#define POST(path, who, fn) { "POST", path, ADMIN_BODY_MAX, who, fn }
#define PATCH(path, who, fn) { "PATCH", path, ADMIN_BODY_MAX, who, fn }
#define DELETE(path, who, fn) { "DELETE", path, 0, who, fn }
#define SETUP (ADMIN_SO | ADMIN_SYS)

const struct route center_admin_routes[] = {
	POST("/initialization", SETUP, desk_init_post),
	GET("/initialization/status", ADMIN_ANY, desk_init_status),
	GET("/tokens", SETUP, desk_tokens),
	PUT("/tokens/{token_id}/login", SETUP, desk_token_login),
	GET("/system/status", ADMIN_ANY, desk_system_status),
	GET("/system/version", ADMIN_ANY, desk_system_version),
	PUT("/system/server-address", ADMIN_SO, desk_system_address),

	GET("/member-classes", ADMIN_ANY, desk_classes),
	POST("/member-classes", ADMIN_SO, desk_class_post),
	GET("/members", ADMIN_ANY, desk_members),
	POST("/members", ADMIN_RO, desk_member_post),
	GET("/members/{member_id}", ADMIN_ANY, desk_member_get),
	PATCH("/members/{member_id}", ADMIN_RO, desk_member_patch),
	DELETE("/members/{member_id}", ADMIN_RO, desk_member_delete),
	GET("/members/{member_id}/subsystems", ADMIN_ANY, desk_subsystems),
	DELETE("/members/{client_id}/servers/{server_id}", ADMIN_RO, desk_server_client_delete),
	POST("/subsystems", ADMIN_RO, desk_subsystem_post),
	DELETE("/subsystems/{client_id}/servers/{server_id}", ADMIN_RO, desk_server_client_delete),
	GET("/clients", ADMIN_ANY, desk_clients),

	GET("/security-servers", ADMIN_ANY, desk_servers),
	GET("/security-servers/{server_id}", ADMIN_ANY, desk_server_get),
	GET("/security-servers/{server_id}/clients", ADMIN_ANY, desk_server_clients),
	POST("/security-servers/{server_id}/clients", ADMIN_RO, desk_server_client_post),
	DELETE("/security-servers/{server_id}/clients/{client_id}", ADMIN_RO, desk_server_client_delete),
	GET("/management-services-configuration", ADMIN_ANY, desk_provider_get),
	PATCH("/management-services-configuration", SETUP, desk_provider_patch),
	POST("/management-services-configuration/register-provider", SETUP, desk_provider_register),

	GET("/management-requests", ADMIN_ANY, desk_requests),
	POST("/management-requests", ADMIN_RO, desk_request_post),
	GET("/management-requests/{id}", ADMIN_ANY, desk_request_get),
	DELETE("/management-requests/{id}", ADMIN_RO, desk_request_delete),
	POST("/management-requests/{id}/approval", ADMIN_RO, desk_request_approve),

	GET("/configuration-sources/{type}/anchor", ADMIN_ANY, desk_anchor_get),
	GET("/configuration-sources/{type}/anchor/download", ADMIN_ANY, desk_anchor_download),
	PUT("/configuration-sources/{type}/anchor/re-create", ADMIN_SO, desk_anchor_create),
	GET("/configuration-sources/{type}/download-url", ADMIN_ANY, desk_download_url),
	GET("/configuration-sources/{type}/signing-keys", ADMIN_ANY, desk_keys),
	POST("/configuration-sources/{type}/signing-keys", ADMIN_SO, desk_key_post),
	PUT("/signing-keys/{id}/activate", ADMIN_SO, desk_key_activate),
	DELETE("/signing-keys/{id}", ADMIN_SO, desk_key_delete),

	GET("/certification-services", ADMIN_ANY, desk_cas),
	GET("/timestamping-services", ADMIN_ANY, desk_tsas),
	GET("/machilink/trust-services", ADMIN_ANY, desk_trust_get),
	POST("/machilink/trust-services", ADMIN_SYS, desk_trust_post),
	GET("/machilink/certificates", ADMIN_ANY, desk_certs),
	POST("/machilink/certificates", ADMIN_RO | ADMIN_SYS, desk_cert_post),
	GET("/machilink/certificates/{serial}", ADMIN_ANY, desk_cert_get),
	POST("/machilink/certificates/{serial}/revocation", ADMIN_RO | ADMIN_SYS, desk_cert_revoke),
	{ 0 },
};
/* clang-format on */
