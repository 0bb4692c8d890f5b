/* SPDX-License-Identifier: MIT */
/*
 * Making an authCertReg request: SOAP, two signatures over its exact bytes,
 * two certificates and an OCSP response, told apart by their order only.
 * Rule: interop/xroad-center-admin.md 2.2, 2.3.
 */
#include "err.h"
#include "key.h"
#include "mem.h"
#include "mgmt.h"
#include "text.h"

enum { BOUNDARY = 30 };

static void
header_write(struct buf *b, const struct client_id *sender,
	const struct client_id *management)
{
	char id[UUID_LEN + 1];
	struct service_id service = { *management, "authCertReg", NULL };

	uuid_make(id);
	buf_fmt(b, "<xroad:client id:objectType=\"%s\">",
		client_id_type(sender));
	client_id_to_xml(b, sender);
	buf_str(b, "</xroad:client><xroad:service "
		   "id:objectType=\"SERVICE\">");
	service_id_to_xml(b, &service);
	buf_fmt(b, "</xroad:service><xroad:id>%s</xroad:id>", id);
	buf_str(b, "<xroad:protocolVersion>4.0</xroad:protocolVersion>");
}

static void
body_write(struct buf *b, const struct auth_cert_reg *r)
{
	struct bytes der = cert_der(r->auth_cert);

	buf_str(b, "<xroad:authCertReg><xroad:server "
		   "id:objectType=\"SERVER\">");
	server_id_to_xml(b, &r->server);
	buf_str(b, "</xroad:server>");
	if (r->address) {
		buf_str(b, "<xroad:address>");
		buf_xml(b, r->address);
		buf_str(b, "</xroad:address>");
	}
	buf_str(b, "<xroad:authCert>");
	buf_base64(b, der.data, der.len);
	buf_fmt(b,
		"</xroad:authCert><xroad:dryRun>%s</xroad:dryRun>"
		"</xroad:authCertReg>",
		r->dry_run ? "true" : "false");
}

static int
soap_make(struct arena *a, const struct auth_cert_reg *r,
	const struct client_id *management, struct bytes *out, struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, MGMT_SIZE_MAX);
	buf_str(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
		    "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"" NS_SOAP
		    "\" xmlns:id=\"" NS_ID "\" xmlns:xroad=\"" NS_XROAD
		    "\"><SOAP-ENV:Header>");
	header_write(&b, &r->server.owner, management);
	buf_str(&b, "</SOAP-ENV:Header><SOAP-ENV:Body>");
	body_write(&b, r);
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
	part_write(b, boundary, "application/octet-stream", sign_alg_jca(alg),
		value);
	return 0;
}

int
auth_cert_reg_make(struct arena *a, const struct auth_cert_reg *r,
	const struct client_id *management, struct bytes *body,
	char **content_type, struct err *e)
{
	static const char binary[] = "application/octet-stream";
	char boundary[BOUNDARY + 1];
	struct bytes soap;
	struct buf b;
	int ret = -1;

	random_letters(boundary, BOUNDARY);
	buf_init(&b, MGMT_SIZE_MAX);
	if (soap_make(a, r, management, &soap, e) != 0)
		goto out;
	part_write(&b, boundary, "text/xml; charset=UTF-8", NULL, soap);
	if (signature_write(&b, boundary, a, r->auth_key, soap, e) != 0 ||
		signature_write(&b, boundary, a, r->owner_key, soap, e) != 0)
		goto out;
	part_write(&b, boundary, binary, NULL, cert_der(r->auth_cert));
	part_write(&b, boundary, binary, NULL, cert_der(r->owner_cert));
	part_write(&b, boundary, binary, NULL, r->owner_ocsp);
	buf_fmt(&b, "\r\n--%s--\r\n", boundary);
	if (buf_ok(&b, "the management request", e) != 0)
		goto out;
	*body = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	*content_type = arena_printf(a,
		"multipart/related; type=\"application/octet-stream\"; "
		"charset=UTF-8; boundary=%s",
		boundary);
	ret = 0;
out:
	buf_done(&b);
	return ret;
}
