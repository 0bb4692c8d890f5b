/* SPDX-License-Identifier: MIT */
/*
 * Administration: the certificate by which information systems know this
 * server (interop/xroad-center-admin.md 5.4), to be looked at, taken along and
 * replaced: a new key, a request to an authority, what the authority issued.
 */
#include "admin_int.h"
#include "cert.h"
#include "clock.h"
#include "err.h"
#include "key.h"
#include "mem.h"
#include "server_int.h"
#include "targz.h"

enum { ARCHIVE_MAX = 64 * 1024 };

int
admin_internal_get(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct key *key = NULL;
	struct cert *cert = NULL;
	int ret = internal_tls(s->conf, &key, &cert, e);

	if (!ret)
		ret = admin_reply(
			r, 200, admin_cert_details(request_arena(r), cert), e);
	key_unref(&key);
	cert_unref(&cert);
	return ret;
}

/* certs.tar.gz with the certificate as PEM and as DER. */
int
admin_internal_export(struct request *r, void *state, struct err *e)
{
	const struct http_header head[] = {
		{ "Content-Type", "application/gzip" },
		{ "Content-Disposition",
			"attachment; filename=\"certs.tar.gz\"" },
	};
	struct arena *a = request_arena(r);
	struct server *s = state;
	struct key *key = NULL;
	struct cert *cert = NULL;
	struct buf out;
	int ret = internal_tls(s->conf, &key, &cert, e);

	buf_init(&out, ARCHIVE_MAX);
	if (!ret)
		ret = targz_cert(&out, a, cert, e);
	if (!ret)
		ret = reply_send_headers(r, 200, head,
			sizeof(head) / sizeof(head[0]), bytes_buf(&out), e);
	buf_done(&out);
	key_unref(&key);
	cert_unref(&cert);
	return ret;
}

int
admin_internal_post(struct request *r, void *state, struct err *e)
{
	return internal_renew(state, e) ? -1 : admin_empty(r, 204, e);
}

static int
send_request(struct request *r, struct bytes der, struct err *e)
{
	struct arena *a = request_arena(r);
	char now[TIME_TEXT_MAX];
	const struct http_header head[] = {
		{ "Content-Type", "application/octet-stream" },
		{ "Content-Disposition",
			arena_printf(a,
				"attachment; filename=\"request_%.8s.csr\"",
				time_compact(now, clock_now())) },
	};

	return reply_send_headers(r, 201, head, sizeof(head) / sizeof(head[0]),
		bytes_str(pem_encode(a, "CERTIFICATE REQUEST", der)), e);
}

int
admin_internal_csr(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	struct cert_request request = { 0 };
	struct server *s = state;
	struct err why = ERR_INIT;
	struct key *key = NULL;
	struct cert *cert = NULL;
	struct rdn *rdn;
	struct bytes der;
	const char *name;
	json_t *body;
	int ret = -1;

	if (admin_body(r, &body, e) ||
		json_need_str(body, "name", ADMIN_TEXT_MAX, &name, e))
		return -1;
	if (rdn_parse(a, name, &rdn, &request.subjects, &why))
		return admin_refuse_why(
			r, 400, "invalid_distinguished_name", &why, e);
	request.subject = rdn;
	if (!internal_tls(s->conf, &key, &cert, e) &&
		!csr_make(key, &request, a, &der, e))
		ret = send_request(r, der, e);
	key_unref(&key);
	cert_unref(&cert);
	return ret;
}

/* Refusals of what is imported: others are our own trouble. */
static const struct refusal {
	enum fault fault;
	int status;
	const char *code;
} REFUSAL[] = {
	{ FAULT_KEY_NOT_FOUND, 400, "key_not_found" },
	{ FAULT_CONFLICT, 409, "certificate_already_exists" },
	{ FAULT_INVALID_CERT_PATH, 400, "import_internal_cert_failed" },
	{ FAULT_INVALID_MESSAGE, 400, "invalid_certificate" },
	{ FAULT_TOO_LARGE, 400, "invalid_certificate" },
	{ FAULT_UNSUPPORTED_ALGORITHM, 400, "invalid_certificate" },
	{ FAULT_BAD_REQUEST, 400, "invalid_certificate" },
	{ 0 },
};

int
admin_internal_import(struct request *r, void *state, struct err *e)
{
	const struct refusal *refusal = REFUSAL;
	struct err why = ERR_INIT;
	struct bytes data;

	if (request_body(r, &data, e))
		return -1;
	if (!internal_replace(state, data, &why))
		return admin_internal_get(r, state, e);
	while (refusal->code && refusal->fault != why.fault)
		refusal++;
	if (refusal->code)
		return admin_refuse_why(
			r, refusal->status, refusal->code, &why, e);
	return fail(e, why.fault, "%s", why.text);
}
