/* SPDX-License-Identifier: MIT */
/*
 * Making a management request: SOAP, signatures over its exact bytes,
 * certificates and an OCSP response, told apart by their order only.
 * Rule: interop/xroad-center-admin.md 2.2, 2.3.
 */
#include "err.h"
#include "key.h"
#include "mem.h"
#include "mgmt.h"
#include "text.h"

enum { BOUNDARY = 30 };

static const char binary[] = "application/octet-stream";

static void
header_write(struct buf *b, const struct mgmt_order *o,
	const struct client_id *management)
{
	char id[UUID_LEN + 1];
	struct service_id service = { *management, mgmt_row(o->kind)->service,
		NULL };

	uuid_make(id);
	buf_fmt(b, "<xroad:client id:objectType=\"%s\">",
		client_id_type(&o->server.owner));
	client_id_to_xml(b, &o->server.owner);
	buf_str(b, "</xroad:client><xroad:service "
		   "id:objectType=\"SERVICE\">");
	service_id_to_xml(b, &service);
	buf_fmt(b, "</xroad:service><xroad:id>%s</xroad:id>", id);
	buf_str(b, "<xroad:protocolVersion>4.0</xroad:protocolVersion>");
}

static void
text_write(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_fmt(b, "<xroad:%s>", name);
	buf_xml(b, value);
	buf_fmt(b, "</xroad:%s>", name);
}

/* The order of the elements is the schema's, for every kind. */
static void
body_write(struct buf *b, const struct mgmt_order *o)
{
	const struct mgmt_row *row = mgmt_row(o->kind);
	struct bytes der;

	buf_fmt(b, "<xroad:%s><xroad:server id:objectType=\"SERVER\">",
		row->service);
	server_id_to_xml(b, &o->server);
	buf_str(b, "</xroad:server>");
	if (row->has & MGMT_CLIENT) {
		buf_fmt(b, "<xroad:client id:objectType=\"%s\">",
			client_id_type(&o->client));
		client_id_to_xml(b, &o->client);
		buf_str(b, "</xroad:client>");
	}
	if (row->has & MGMT_NAME)
		text_write(b, "subsystemName", o->subsystem_name);
	if (row->has & MGMT_ADDRESS)
		text_write(b, "address", o->address);
	if (row->has & MGMT_MESSAGE)
		text_write(b, "message", o->message);
	if (row->has & MGMT_CERT) {
		der = cert_der(o->auth_cert);
		buf_str(b, "<xroad:authCert>");
		buf_base64(b, der.data, der.len);
		buf_str(b, "</xroad:authCert>");
	}
	if (row->has & MGMT_DRY_RUN)
		text_write(b, "dryRun", o->dry_run ? "true" : "false");
	buf_fmt(b, "</xroad:%s>", row->service);
}

static int
soap_make(struct arena *a, const struct mgmt_order *o,
	const struct client_id *management, struct bytes *out, struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, MGMT_SIZE_MAX);
	buf_str(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
		    "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"" NS_SOAP
		    "\" xmlns:id=\"" NS_ID "\" xmlns:xroad=\"" NS_XROAD
		    "\"><SOAP-ENV:Header>");
	header_write(&b, o, management);
	buf_str(&b, "</SOAP-ENV:Header><SOAP-ENV:Body>");
	body_write(&b, o);
	buf_str(&b, "</SOAP-ENV:Body></SOAP-ENV:Envelope>");
	ret = buf_ok(&b, "the management request", e);
	*out = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	return ret;
}

static void
part_write(struct buf *b, const char *boundary, const char *type,
	const char *algorithm, struct bytes body)
{
	buf_fmt(b, "%s--%s\r\ncontent-type: %s\r\n", b->len ? "\r\n" : "",
		boundary, type);
	if (algorithm)
		buf_fmt(b, "signature-algorithm-id: %s\r\n", algorithm);
	buf_str(b, "\r\n");
	buf_bytes(b, body);
}

static int
signature_write(struct buf *b, const char *boundary, struct arena *a,
	struct key *key, struct bytes soap, struct err *e)
{
	struct sign_alg alg = key_default_alg(key, DIGEST_SHA512);
	struct bytes value;

	if (key_sign(key, alg, soap, a, &value, e) != 0)
		return -1;
	part_write(b, boundary, binary, sign_alg_jca(alg), value);
	return 0;
}

/* Everything that is not the SOAP message, in the order that gives roles. */
static int
proofs_write(struct buf *b, const char *boundary, struct arena *a,
	const struct mgmt_order *o, struct bytes soap, struct err *e)
{
	bool both = mgmt_row(o->kind)->signer == MGMT_BY_BOTH;

	if (both && signature_write(b, boundary, a, o->auth_key, soap, e) != 0)
		return -1;
	if (signature_write(b, boundary, a, o->key, soap, e) != 0)
		return -1;
	if (both)
		part_write(b, boundary, binary, NULL, cert_der(o->auth_cert));
	part_write(b, boundary, binary, NULL, cert_der(o->cert));
	part_write(b, boundary, binary, NULL, o->ocsp);
	buf_fmt(b, "\r\n--%s--\r\n", boundary);
	return 0;
}

int
mgmt_make(struct arena *a, const struct mgmt_order *o,
	const struct client_id *management, struct bytes *body,
	char **content_type, struct err *e)
{
	char boundary[BOUNDARY + 1];
	struct bytes soap;
	struct buf b;
	int ret = -1;

	if (soap_make(a, o, management, &soap, e) != 0)
		return -1;
	if (mgmt_row(o->kind)->signer == MGMT_UNSIGNED) {
		*body = soap;
		*content_type = arena_strdup(a, "text/xml; charset=UTF-8");
		return 0;
	}
	random_letters(boundary, BOUNDARY);
	buf_init(&b, MGMT_SIZE_MAX);
	part_write(&b, boundary, "text/xml; charset=UTF-8", NULL, soap);
	if (proofs_write(&b, boundary, a, o, soap, e) != 0 ||
		buf_ok(&b, "the management request", e) != 0)
		goto out;
	*body = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	*content_type = arena_printf(a,
		"multipart/related; type=\"%s\"; charset=UTF-8; boundary=%s",
		binary, boundary);
	ret = 0;
out:
	buf_done(&b);
	return ret;
}
