/* SPDX-License-Identifier: MIT */
/*
 * Reading an authCertReg request at the central server and checking whatever
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

enum part {
	PART_SOAP,
	PART_AUTH_SIGNATURE,
	PART_OWNER_SIGNATURE,
	PART_AUTH_CERT,
	PART_OWNER_CERT,
	PART_OCSP,
	PARTS,
};
enum { LABEL_MAX = 63, ADDRESS_MAX = 253 };

struct request {
	struct arena *a;
	struct err *e;
	const struct globalconf *g;
	int64_t at;
	struct mime_part *part;
	size_t parts;
	struct soap soap;
	struct bytes cert_in_body;
	struct auth_cert_reg_received *out;
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
content_read(struct request *r, const struct xml_node *n)
{
	const struct xml_node *server = xml_child(n, NS_XROAD, "server");
	const char *cert, *dry_run;
	struct err why = ERR_INIT;

	if (!server ||
		server_id_from_xml(r->a, server, &r->out->server, &why) != 0)
		return invalid(r, "the request has no valid server");
	if (content_text(r, n, "address", &r->out->address) != 0 ||
		content_text(r, n, "dryRun", &dry_run) != 0 ||
		content_text(r, n, "authCert", &cert) != 0)
		return -1;
	if (!cert ||
		base64_decode(r->a, cert, strlen(cert), &r->cert_in_body,
			NULL) != 0 ||
		r->cert_in_body.len == 0)
		return invalid(r, "the request has no certificate");
	return dry_run_read(r, dry_run);
}

static int
soap_read(struct request *r)
{
	const struct mime_part *p = &r->part[PART_SOAP];
	const char *type =
		r->parts ? mime_part_header(p, "content-type") : NULL;
	const struct xml_node *n;

	if (!type)
		return fail(r->e, FAULT_MISSING_SOAP,
			"the request has no SOAP message");
	if (soap_parse(r->a, p->body, type, &r->soap, r->e) != 0)
		return -1;
	if (r->soap.fault || !str_equal(r->soap.service.service, "authCertReg"))
		return invalid(r, "the request is not authCertReg");
	n = xml_child(
		xml_child(xml_root(r->soap.doc), NS_SOAP, "Body"), NULL, NULL);
	if (!xml_is(n, NS_XROAD, "authCertReg"))
		return invalid(r, "the SOAP body is not authCertReg");
	r->out->soap = p->body;
	r->out->id = r->soap.id;
	r->out->management = r->soap.service.provider;
	if (r->parts != PARTS)
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
cert_read(struct request *r, enum part part, struct cert **out)
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
signature_check(struct request *r, enum part part, const struct cert *c,
	const char *whose)
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
	if (key_verify(cert_key(c), alg, r->part[PART_SOAP].body, p->body,
		    NULL) != 0)
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

	if (cert_read(r, PART_AUTH_CERT, &r->out->auth_cert) != 0)
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
		r, PART_AUTH_SIGNATURE, r->out->auth_cert, "auth");
}

static int
owner_check(struct request *r)
{
	struct cert_list none = { NULL, 0 };
	struct err why = ERR_INIT;

	if (cert_read(r, PART_OWNER_CERT, &r->out->owner_cert) != 0)
		return -1;
	r->out->owner_ocsp = r->part[PART_OCSP].body;
	if (!cert_is_sign(r->out->owner_cert))
		return fail(r->e, FAULT_CERT_VALIDATION,
			"the owner's certificate is not a signing "
			"certificate");
	if (globalconf_prove_cert(r->g, NULL, r->out->owner_cert, none,
		    &r->out->owner_ocsp, 1, r->at, &why) != 0)
		return fail(r->e, FAULT_CERT_VALIDATION,
			"the owner's certificate is not proven: %s", why.text);
	return signature_check(
		r, PART_OWNER_SIGNATURE, r->out->owner_cert, "owner");
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
server_check(struct request *r)
{
	const struct server_id *s = &r->out->server;
	struct err why = ERR_INIT;

	if (ident_part_check(s->owner.instance, "instance", &why) != 0 ||
		ident_part_check(s->owner.cls, "member class", &why) != 0 ||
		ident_part_check(s->owner.code, "member code", &why) != 0 ||
		ident_part_check(s->server, "server code", &why) != 0)
		return fail(
			r->e, FAULT_INVALID_CLIENT_IDENTIFIER, "%s", why.text);
	if (!client_id_equal(&s->owner, &r->soap.client))
		return invalid(r, "the sender is not the server's owner");
	if (r->out->address && !address_ok(r->out->address))
		return invalid(r, "the server's address is not valid");
	return 0;
}

static int
ownership_check(struct request *r)
{
	struct client_id owner;

	if (!bytes_equal(cert_der(r->out->auth_cert), r->cert_in_body))
		return fail(r->e, FAULT_CERT_VALIDATION,
			"the authentication certificates do not match");
	if (globalconf_sign_owner(r->g, r->a, r->out->owner_cert,
		    &r->out->server.owner, &owner, r->e) != 0)
		return -1;
	if (client_id_equal(&owner, &r->out->server.owner))
		return 0;
	return invalid(r, "the signing certificate does not belong to the "
			  "server's owner");
}

int
auth_cert_reg_receive(struct arena *a, const char *content_type,
	struct bytes body, const struct globalconf *g, int64_t at,
	struct auth_cert_reg_received *out, struct err *e)
{
	static int (*const check[])(struct request *) = {
		soap_read,
		auth_check,
		owner_check,
		addressee_check,
		server_check,
		ownership_check,
	};
	struct request r = { .a = a, .e = e, .g = g, .at = at, .out = out };
	size_t i;

	*out = (struct auth_cert_reg_received){ 0 };
	if (globalconf_valid(g, at, e) != 0)
		return -1;
	if (body.len > MGMT_SIZE_MAX)
		return fail(e, FAULT_TOO_LARGE,
			"the management request is larger than %d bytes",
			MGMT_SIZE_MAX);
	if (!str_equal(mime_base(a, content_type), "multipart/related"))
		return fail(e, FAULT_INVALID_CONTENT_TYPE,
			"the content type is not multipart/related");
	if (mime_split(a, content_type, body, PARTS + 1, &r.part, &r.parts,
		    e) != 0)
		return -1;
	for (i = 0; i < sizeof(check) / sizeof(*check); i++)
		if (check[i](&r) != 0)
			return -1;
	return 0;
}
