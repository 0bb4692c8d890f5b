/* SPDX-License-Identifier: MIT */
/*
 * Administration: the own authorities and the certificates they issue. X-Road
 * leaves these to somebody else; here they live below /machilink.
 */
#include "desk_int.h"

#include <string.h>

#include "center_sql.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"

char *
desk_cert_pem(struct arena *a, struct bytes der)
{
	return pem_encode(a, "CERTIFICATE", der);
}

struct trust_view {
	struct authority ca;
	struct tsa tsa;
	struct instance in;
};

static int
trust_load(
	struct center *ct, struct arena *a, struct trust_view *v, struct err *e)
{
	struct db_conn *c = db_take(ct->db);
	int ret = -1;

	if (!instance_need(c, a, &v->in, e) && !authority_load(c, a, &v->ca, e))
		ret = tsa_load(c, a, &v->tsa, e);
	db_give(c);
	return ret;
}

static int
trust_reply(struct request *r, struct center *ct, int status, struct err *e)
{
	struct arena *a = request_arena(r);
	struct trust_view v;
	json_t *j;

	if (trust_load(ct, a, &v, e))
		return -1;
	j = json_object();
	json_put_str(j, "ca_name", v.ca.name);
	json_put_str(j, "certificate_profile_info", v.ca.profile);
	json_put_str(
		j, "ca_certificate", desk_cert_pem(a, cert_der(v.ca.cert)));
	json_put_str(j, "ocsp_certificate",
		desk_cert_pem(a, cert_der(v.ca.ocsp_cert)));
	json_put_str(j, "ocsp_url", center_url(a, ct, v.in.address, "/ocsp"));
	json_put_str(j, "tsa_name", v.tsa.name);
	json_put_str(
		j, "tsa_certificate", desk_cert_pem(a, cert_der(v.tsa.cert)));
	json_put_str(j, "tsa_url", center_url(a, ct, v.in.address, "/tsa"));
	return desk_reply(r, status, j, e);
}

DESK_HANDLER(desk_trust_get)
{
	return trust_reply(r, state, 200, e);
}

DESK_HANDLER(desk_trust_post)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct trust_plan p = {
		.profile = "BasicCertificateProfileInfoProvider",
		.country = "JP",
	};
	struct db_conn *c = db_take(ct->db);
	struct instance in;
	json_t *body;
	int ret = instance_need(c, a, &in, e);

	db_give(c);
	if (ret)
		return -1;
	p.name = in.instance;
	if (desk_body(r, &body, e) ||
		json_opt_str(body, "name", 50, &p.name, e) ||
		json_opt_str(body, "certificate_profile_info", ADMIN_TEXT_MAX,
			&p.profile, e) ||
		json_opt_str(body, "country", 2, &p.country, e) ||
		trust_create(ct, &p, e))
		return -1;
	return trust_reply(r, ct, 201, e);
}

/* ---- certificates ---- */

/* PEM as text, or the base64 of DER or PEM. */
static int
csr_bytes(struct arena *a, const char *text, struct bytes *out, struct err *e)
{
	if (str_prefix(text, "-----BEGIN")) {
		*out = bytes_str(text);
		return 0;
	}
	return base64_decode(a, text, strlen(text), out, e);
}

int
desk_order_read(struct arena *a, const json_t *body, struct issue_order *o,
	struct err *e)
{
	const char *csr, *usage, *member = NULL, *server = NULL;
	struct server_id sid;

	*o = (struct issue_order){ 0 };
	if (json_need_str(body, "csr", ADMIN_BODY_MAX, &csr, e) ||
		json_need_str(body, "usage", ADMIN_TEXT_MAX, &usage, e) ||
		json_opt_str(
			body, "member_id", 4 * ADMIN_TEXT_MAX, &member, e) ||
		json_opt_str(body, "security_server_id", 4 * ADMIN_TEXT_MAX,
			&server, e) ||
		csr_bytes(a, csr, &o->csr, e))
		return -1;
	o->auth = str_equal(usage, "AUTHENTICATION");
	if (!o->auth && !str_equal(usage, "SIGNING"))
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"usage must be SIGNING or AUTHENTICATION");
	if (!o->auth) {
		if (client_decode(a, member, &o->member, e))
			return -1;
		o->member.subsystem = NULL;
		return 0;
	}
	if (server_decode(a, server, &sid, e))
		return -1;
	o->member = sid.owner;
	o->server = sid.server;
	return 0;
}

DESK_HANDLER(desk_cert_post)
{
	struct arena *a = request_arena(r);
	struct cert *cert = NULL;
	struct issue_order o;
	json_t *body, *j;

	if (desk_body(r, &body, e) || desk_order_read(a, body, &o, e) ||
		cert_order(state, &o, a, &cert, e))
		return -1;
	j = cert_json(a, cert);
	json_put_str(j, "serial", serial_text(a, cert_serial(cert)));
	json_put_str(j, "certificate", desk_cert_pem(a, cert_der(cert)));
	cert_unref(&cert);
	return desk_reply(r, 201, j, e);
}

static json_t *
issued_json(struct query *q)
{
	static const char *const name[] = { "serial", "usage", "subject",
		"member", "server" };
	json_t *j = json_object();

	for (int i = 0; i < 5; i++)
		json_put_str(j, name[i], query_text(q, i));
	desk_put_time(j, "not_after", query_int(q, 5));
	desk_put_time(j, "issued_at", query_int(q, 6));
	json_put_str(j, "status", query_null(q, 7) ? "good" : "revoked");
	if (!query_null(q, 7)) {
		desk_put_time(j, "revoked_at", query_int(q, 7));
		json_put_str(j, "reason", query_text(q, 8));
	}
	return j;
}

DESK_HANDLER(desk_certs)
{
	struct center *ct = state;
	json_t *list = json_keep(request_arena(r), json_array());
	struct db_conn *c = db_take(ct->db);
	struct query *q;
	struct page p;
	int ret;

	if (desk_page_query(r, &p, e)) {
		db_give(c);
		return -1;
	}
	q = db_query(c, Q_CENTER_ISSUED, db_int(p.limit),
		db_int(p.limit * p.offset));
	while (query_next(q))
		json_array_append_new(list, issued_json(q));
	ret = query_end(q, e);
	db_give(c);
	return ret ? -1 : desk_reply(r, 200, json_incref(list), e);
}

DESK_HANDLER(desk_cert_get)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	const char *serial = request_segment(r, "serial");
	struct db_conn *c = db_take(ct->db);
	struct query *q = db_query(c, Q_CENTER_ISSUED_GET, db_text(serial));
	json_t *j = NULL;
	int ret;

	if (query_next(q)) {
		j = json_keep(a, issued_json(q));
		json_put_str(
			j, "certificate", desk_cert_pem(a, query_blob(q, 9)));
	}
	ret = query_end(q, e);
	db_give(c);
	if (ret)
		return -1;
	if (!j)
		return refuse(e, FAULT_NOT_FOUND, "certificate_not_found",
			"no certificate has the serial number %s", serial);
	return desk_reply(r, 200, json_incref(j), e);
}

DESK_HANDLER(desk_cert_revoke)
{
	const char *reason = "unspecified";
	json_t *body;

	if (desk_body(r, &body, e) ||
		json_opt_str(body, "reason", ADMIN_TEXT_MAX, &reason, e) ||
		cert_revoke(state, request_segment(r, "serial"), reason, e))
		return -1;
	return desk_no_content(r, e);
}
