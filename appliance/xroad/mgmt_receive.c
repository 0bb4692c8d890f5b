/* SPDX-License-Identifier: MIT */
/*
 * Reading a management request at the central server and checking whatever
 * needs no registry, in X-Road's order. Parts have roles by position only.
 * Rule: interop/xroad-center-admin.md 2.3, 2.4.
 */
#include <arpa/inet.h>
#include <string.h>

#include "err.h"
#include "key.h"
#include "mem.h"
#include "mgmt.h"
#include "soap.h"
#include "text.h"
#include "transport.h"
#include "xml.h"

/* Positions of the parts of a request; 0 (the SOAP part) where it has none. */
struct layout {
	size_t auth_signature, signature, auth_cert, cert, ocsp, parts;
};
static const struct layout layouts[] = {
	[MGMT_UNSIGNED] = { .parts = 1 },
	[MGMT_BY_CLIENT] = { 0, 1, 0, 2, 3, 4 },
	[MGMT_BY_OWNER] = { 0, 1, 0, 2, 3, 4 },
	[MGMT_BY_BOTH] = { 1, 2, 3, 4, 5, 6 },
};
enum { PARTS_MAX = 6, LABEL_MAX = 63, ADDRESS_MAX = 253, TEXT_MAX = 255 };

struct request {
	struct arena *a;
	struct err *e;
	const struct globalconf *g;
	int64_t at;
	struct mime_part *part;
	size_t parts;
	struct soap soap;
	enum mgmt_door door;
	const struct mgmt_row *row;
	const struct layout *at_part;
	struct mgmt_received *out;
};

static int
invalid(struct request *r, const char *why)
{
	return fail(r->e, FAULT_INVALID_REQUEST, "%s", why);
}

/* ---- the address: an IP address or a domain name, IDN allowed ---- */

static bool
label_char(unsigned char c)
{
	return c >= 0x80 || c == '-' || (c >= '0' && c <= '9') ||
	       (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
domain_ok(const char *s)
{
	size_t n, i;

	for (;; s += n + 1) {
		n = strcspn(s, ".");
		if (n == 0 || n > LABEL_MAX || s[0] == '-' || s[n - 1] == '-')
			return false;
		for (i = 0; i < n; i++)
			if (!label_char((unsigned char)s[i]))
				return false;
		if (s[n] == '\0')
			return true;
	}
}

static bool
address_ok(const char *s)
{
	size_t n = strlen(s);
	struct in6_addr v6;

	if (n == 0 || n > ADDRESS_MAX || !utf8_valid(s, n))
		return false;
	if (strchr(s, ':'))
		return inet_pton(AF_INET6, s, &v6) == 1;
	return domain_ok(s);
}

/* ---- SOAP ---- */

static int
content_text(struct request *r, const struct xml_node *n, const char *local,
	const char **out)
{
	const struct xml_node *c = xml_child(n, NS_XROAD, local);

	*out = c ? xml_text(c, r->a) : NULL;
	if (c && xml_next(c, NS_XROAD, local))
		return invalid(r, "an element of the request is repeated");
	return 0;
}

static int
dry_run_read(struct request *r, const char *s)
{
	r->out->dry_run = str_equal(s, "true") || str_equal(s, "1");
	if (!s || r->out->dry_run || str_equal(s, "false") || str_equal(s, "0"))
		return 0;
	return invalid(r, "dryRun is neither true nor false");
}

static int
cert_text_read(struct request *r, const char *text)
{
	if (!text ||
		base64_decode(r->a, text, strlen(text), &r->out->auth_cert_der,
			NULL) != 0 ||
		r->out->auth_cert_der.len == 0)
		return invalid(r, "the request has no certificate");
	return 0;
}

static int
client_read(struct request *r, const struct xml_node *n)
{
	const struct xml_node *c = xml_child(n, NS_XROAD, "client");
	struct err why = ERR_INIT;

	if (!c || client_id_from_xml(r->a, c, &r->out->client, &why) != 0)
		return invalid(r, "the request has no valid client");
	return 0;
}

/* What the kind has beside the server. */
static int
fields_read(struct request *r, const struct xml_node *n)
{
	const struct {
		enum mgmt_part part;
		const char *name;
		const char **to;
	} rows[] = {
		{ MGMT_NAME, "subsystemName", &r->out->subsystem_name },
		{ MGMT_ADDRESS, "address", &r->out->address },
		{ MGMT_MESSAGE, "message", &r->out->message },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!(r->row->has & rows[i].part))
			continue;
		if (content_text(r, n, rows[i].name, rows[i].to) != 0)
			return -1;
		if ((r->row->needs & rows[i].part) &&
			(!*rows[i].to || !**rows[i].to))
			return invalid(r, "an element of the request is "
					  "missing");
		if (*rows[i].to && strlen(*rows[i].to) > TEXT_MAX)
			return invalid(r, "a text of the request is too long");
	}
	return 0;
}

static int
content_read(struct request *r, const struct xml_node *n)
{
	const struct xml_node *server = xml_child(n, NS_XROAD, "server");
	const char *cert, *dry_run = NULL;
	struct err why = ERR_INIT;

	if (!server ||
		server_id_from_xml(r->a, server, &r->out->server, &why) != 0)
		return invalid(r, "the request has no valid server");
	if ((r->row->has & MGMT_CLIENT) && client_read(r, n) != 0)
		return -1;
	if (fields_read(r, n) != 0 ||
		((r->row->has & MGMT_DRY_RUN) &&
			content_text(r, n, "dryRun", &dry_run) != 0))
		return -1;
	if ((r->row->has & MGMT_CERT) &&
		(content_text(r, n, "authCert", &cert) != 0 ||
			cert_text_read(r, cert) != 0))
		return -1;
	return dry_run_read(r, dry_run);
}

/* The row of the service code, if this door serves it. */
static int
kind_find(struct request *r)
{
	for (int k = 0; k < MGMT_KINDS; k++) {
		bool reg = k == MGMT_AUTH_CERT_REG;

		if (reg != (r->door == MGMT_DOOR_REGISTRATION) ||
			!str_equal(r->soap.service.service,
				mgmt_row((enum mgmt_kind)k)->service))
			continue;
		r->out->kind = (enum mgmt_kind)k;
		r->row = mgmt_row(r->out->kind);
		r->at_part = &layouts[r->row->signer];
		return 0;
	}
	return fail(r->e, FAULT_INVALID_REQUEST,
		"the request \"%s\" is not served here",
		r->soap.service.service ? r->soap.service.service : "");
}

static int
soap_read(struct request *r)
{
	const struct mime_part *p = &r->part[0];
	const char *type =
		r->parts ? mime_part_header(p, "content-type") : NULL;
	const struct xml_node *n;

	if (!type)
		return fail(r->e, FAULT_MISSING_SOAP,
			"the request has no SOAP message");
	if (soap_parse(r->a, p->body, type, &r->soap, r->e) != 0)
		return -1;
	if (r->soap.fault)
		return invalid(r, "the request is a fault");
	if (kind_find(r) != 0)
		return -1;
	n = xml_child(
		xml_child(xml_root(r->soap.doc), NS_SOAP, "Body"), NULL, NULL);
	if (!xml_is(n, NS_XROAD, r->row->service))
		return invalid(r, "the SOAP body is not the request that the "
				  "header names");
	r->out->soap = p->body;
	r->out->id = r->soap.id;
	r->out->management = r->soap.service.provider;
	if (r->parts != r->at_part->parts)
		return invalid(r, "parts of the request are missing or too "
				  "many");
	return content_read(r, n);
}

/* ---- signatures and certificates ---- */

static void
cert_drop(void *p)
{
	struct cert *c = p;

	cert_unref(&c);
}

static int
cert_read(struct request *r, size_t part, struct cert **out)
{
	struct err why = ERR_INIT;

	if (cert_parse(out, r->part[part].body, &why) != 0)
		return fail(r->e, FAULT_CERT_VALIDATION,
			"a certificate of the request is not valid: %s",
			why.text);
	arena_defer(r->a, cert_drop, *out);
	return 0;
}

static int
signature_check(
	struct request *r, size_t part, const struct cert *c, const char *whose)
{
	const struct mime_part *p = &r->part[part];
	const char *name = mime_part_header(p, "signature-algorithm-id");
	struct sign_alg alg;

	if (!name)
		return fail(r->e, FAULT_INVALID_REQUEST,
			"the algorithm of the %s signature is missing", whose);
	if (sign_alg_by_jca(name, &alg, NULL) != 0 ||
		alg.digest == DIGEST_SHA1 || alg.digest == DIGEST_SHA224)
		return fail(r->e, FAULT_UNSUPPORTED_ALGORITHM,
			"the algorithm of the %s signature is not accepted",
			whose);
	if (key_verify(cert_key(c), alg, r->part[0].body, p->body, NULL) != 0)
		return fail(r->e, FAULT_INVALID_SIGNATURE_VALUE,
			"the %s signature does not verify", whose);
	return 0;
}

static int
auth_check(struct request *r)
{
	struct cert_list none = { NULL, 0 };
	struct cert *path[CHAIN_MAX];
	struct err why = ERR_INIT;
	size_t n;

	if (!r->at_part->auth_cert)
		return 0;
	if (cert_read(r, r->at_part->auth_cert, &r->out->auth_cert) != 0)
		return -1;
	if (!cert_is_auth(r->out->auth_cert))
		return fail(r->e, FAULT_CERT_VALIDATION,
			"the certificate is not an authentication "
			"certificate");
	if (globalconf_path(r->g, NULL, r->out->auth_cert, none, r->at, path,
		    &n, &why) != 0)
		return fail(r->e, FAULT_CERT_VALIDATION,
			"the authentication certificate is not valid: %s",
			why.text);
	return signature_check(
		r, r->at_part->auth_signature, r->out->auth_cert, "auth");
}

static int
signer_check(struct request *r)
{
	struct cert_list none = { NULL, 0 };
	struct err why = ERR_INIT;

	if (!r->at_part->cert)
		return 0;
	if (cert_read(r, r->at_part->cert, &r->out->cert) != 0)
		return -1;
	r->out->ocsp = r->part[r->at_part->ocsp].body;
	if (!cert_is_sign(r->out->cert))
		return fail(r->e, FAULT_CERT_VALIDATION,
			"the signer's certificate is not a signing "
			"certificate");
	if (globalconf_prove_cert(r->g, NULL, r->out->cert, none, &r->out->ocsp,
		    1, r->at, &why) != 0)
		return fail(r->e, FAULT_CERT_VALIDATION,
			"the signer's certificate is not proven: %s", why.text);
	return signature_check(
		r, r->at_part->signature, r->out->cert, "signer's");
}

/* ---- who speaks to whom about what ---- */

static int
addressee_check(struct request *r)
{
	const struct private_params *p = globalconf_private(r->g);

	if (p && client_id_equal(&p->management, &r->out->management) &&
		str_equal(r->soap.client.instance, globalconf_instance(r->g)))
		return 0;
	return fail(r->e, FAULT_MANAGEMENT_ADDRESS,
		"Invalid management service address. Contact central server "
		"administrator");
}

static int
parts_check(struct request *r, const struct client_id *id)
{
	struct err why = ERR_INIT;

	if (ident_part_check(id->instance, "instance", &why) != 0 ||
		ident_part_check(id->cls, "member class", &why) != 0 ||
		ident_part_check(id->code, "member code", &why) != 0 ||
		(id->subsystem && ident_part_check(id->subsystem,
					  "subsystem code", &why) != 0))
		return fail(
			r->e, FAULT_INVALID_CLIENT_IDENTIFIER, "%s", why.text);
	return 0;
}

static int
server_check(struct request *r)
{
	const struct server_id *s = &r->out->server;
	struct err why = ERR_INIT;

	if (parts_check(r, &s->owner) != 0)
		return -1;
	if (ident_part_check(s->server, "server code", &why) != 0)
		return fail(
			r->e, FAULT_INVALID_CLIENT_IDENTIFIER, "%s", why.text);
	if (r->out->client.cls && parts_check(r, &r->out->client) != 0)
		return -1;
	if (!client_id_equal(&s->owner, &r->soap.client))
		return invalid(r, "the sender is not the server's owner");
	if (r->out->address && !address_ok(r->out->address))
		return invalid(r, "the server's address is not valid");
	return 0;
}

static int
ownership_check(struct request *r)
{
	bool by_client = r->row->signer == MGMT_BY_CLIENT;
	struct client_id want =
		by_client ? r->out->client : r->out->server.owner;
	struct client_id owner;

	if (r->out->auth_cert && !bytes_equal(cert_der(r->out->auth_cert),
					 r->out->auth_cert_der))
		return fail(r->e, FAULT_CERT_VALIDATION,
			"the authentication certificates do not match");
	if (!r->out->cert)
		return 0;
	want.subsystem = NULL;
	if (globalconf_sign_owner(
		    r->g, r->a, r->out->cert, &want, &owner, r->e) != 0)
		return -1;
	if (client_id_equal(&owner, &want))
		return 0;
	return invalid(r, by_client ? "the signing certificate does not belong "
				      "to the client"
				    : "the signing certificate does not belong "
				      "to the server's owner");
}

/* A plain SOAP message is a request of one part. */
static int
parts_read(struct request *r, const char *content_type, struct bytes body)
{
	const char *base = mime_base(r->a, content_type);
	struct mime_header *h;

	if (str_equal(base, "multipart/related"))
		return mime_split(r->a, content_type, body, PARTS_MAX + 1,
			&r->part, &r->parts, r->e);
	if (r->door == MGMT_DOOR_REGISTRATION || !str_equal(base, "text/xml"))
		return fail(r->e, FAULT_INVALID_CONTENT_TYPE,
			r->door == MGMT_DOOR_REGISTRATION
				? "the content type is not multipart/related"
				: "the content type is neither "
				  "multipart/related nor text/xml");
	h = arena_new_of(r->a, struct mime_header);
	*h = (struct mime_header){ "content-type", content_type };
	r->part = arena_new_of(r->a, struct mime_part);
	*r->part = (struct mime_part){ h, 1, body };
	r->parts = 1;
	return 0;
}

int
mgmt_receive(struct arena *a, enum mgmt_door door, const char *content_type,
	struct bytes body, const struct globalconf *g, int64_t at,
	struct mgmt_received *out, struct err *e)
{
	static int (*const check[])(struct request *) = {
		soap_read,
		auth_check,
		signer_check,
		addressee_check,
		server_check,
		ownership_check,
	};
	struct request r = {
		.a = a, .e = e, .g = g, .at = at, .door = door, .out = out
	};
	size_t i;

	*out = (struct mgmt_received){ 0 };
	if (globalconf_valid(g, at, e) != 0)
		return -1;
	if (body.len > MGMT_SIZE_MAX)
		return fail(e, FAULT_TOO_LARGE,
			"the management request is larger than %d bytes",
			MGMT_SIZE_MAX);
	if (parts_read(&r, content_type, body) != 0)
		return -1;
	for (i = 0; i < sizeof(check) / sizeof(*check); i++)
		if (check[i](&r) != 0)
			return -1;
	return 0;
}
