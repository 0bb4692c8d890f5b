/* SPDX-License-Identifier: MIT */
/*
 * Administration: the TLS key and certificate of the management service on
 * 4002: shown, made anew, asked for, replaced. New connections use the new one
 * at once. Rule: interop/xroad-center-admin.md 6.1.
 */
#include "desk_int.h"

#include <string.h>

#include "file.h"
#include "http_server.h"
#include "identity.h"
#include "key.h"
#include "mem.h"
#include "param.h"
#include "targz.h"
#include "text.h"
#include "tls.h"

enum { ARCHIVE_MAX = 64 * 1024 };

static struct identity_plan
door_plan(struct center *ct, struct arena *a)
{
	struct db_conn *c = db_take(ct->db);
	struct instance in = { 0 };

	(void)instance_load(c, a, &in, NULL);
	db_give(c);
	return (struct identity_plan){ conf_text(ct->conf, P_DATA_DIR),
		"management", in.address ? in.address : "localhost", KEY_EC };
}

static char *
door_path(struct arena *a, const struct identity_plan *plan, const char *end)
{
	return arena_printf(
		a, "%s%s", path_join(a, plan->dir, plan->name), end);
}

/* What is in the files serves new connections. */
static int
door_reload(struct center *ct, const char *host, struct err *e)
{
	struct tls *tls = NULL;

	if (!ct->mgmt_https)
		return 0;
	if (management_tls(ct, host, &tls, NULL, e))
		return -1;
	http_set_tls(ct->mgmt_https, tls);
	tls_unref(&tls);
	return 0;
}

static int
door_load(struct center *ct, struct arena *a, struct key **key,
	struct cert **cert, struct err *e)
{
	struct identity_plan plan = door_plan(ct, a);

	return identity_load(&plan, key, cert, e);
}

DESK_HANDLER(desk_door_cert)
{
	struct arena *a = request_arena(r);
	struct key *key = NULL;
	struct cert *cert = NULL;
	int ret = door_load(state, a, &key, &cert, e);

	if (!ret)
		ret = desk_reply(r, 200, cert_json(a, cert), e);
	key_unref(&key);
	cert_unref(&cert);
	return ret;
}

/* certs.tar.gz with the certificate as PEM and as DER. */
DESK_HANDLER(desk_door_download)
{
	const struct http_header head[] = {
		{ "Content-Type", "application/gzip" },
		{ "Content-Disposition",
			"attachment; filename=\"certs.tar.gz\"" },
	};
	struct arena *a = request_arena(r);
	struct key *key = NULL;
	struct cert *cert = NULL;
	struct buf out;
	int ret = door_load(state, a, &key, &cert, e);

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

/* The old pair goes, loading makes a new one. */
DESK_HANDLER(desk_door_make)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct identity_plan plan = door_plan(ct, a);

	if (file_remove(door_path(a, &plan, ".key"), e) ||
		file_remove(door_path(a, &plan, ".crt"), e) ||
		door_reload(ct, plan.host, e))
		return -1;
	return reply_send(r, 201, NULL, (struct bytes){ 0 }, e);
}

DESK_HANDLER(desk_door_csr)
{
	struct arena *a = request_arena(r);
	struct cert_request order = { 0 };
	struct err why = ERR_INIT;
	struct rdn *subject;
	struct key *key = NULL;
	struct cert *cert = NULL;
	struct bytes der;
	const char *name;
	json_t *body;
	int ret;

	if (desk_body(r, &body, e) ||
		json_need_str(body, "name", ADMIN_TEXT_MAX, &name, e))
		return -1;
	if (rdn_parse(a, name, &subject, &order.subjects, &why))
		return refuse(e, FAULT_BAD_REQUEST,
			"invalid_distinguished_name", "%s", why.text);
	order.subject = subject;
	ret = door_load(state, a, &key, &cert, e) ||
	      csr_make(key, &order, a, &der, e);
	key_unref(&key);
	cert_unref(&cert);
	if (ret)
		return -1;
	return reply_send(r, 201, "application/octet-stream",
		bytes_str(pem_encode(a, "CERTIFICATE REQUEST", der)), e);
}

static int
door_install(
	struct center *ct, struct arena *a, struct cert *fresh, struct err *e)
{
	struct identity_plan plan = door_plan(ct, a);
	struct key *key = NULL;
	struct cert *old = NULL;
	int ret = identity_load(&plan, &key, &old, e);

	if (!ret && !key_same_public(key, cert_key(fresh)))
		ret = refuse(e, FAULT_BAD_REQUEST, "key_not_found",
			"the certificate does not belong to our key");
	if (!ret && cert_equal(old, fresh))
		ret = refuse(e, FAULT_CONFLICT, "certificate_already_exists",
			"this certificate is in use already");
	if (!ret)
		ret = file_write(door_path(a, &plan, ".crt"),
			bytes_str(
				pem_encode(a, "CERTIFICATE", cert_der(fresh))),
			FILE_PUBLIC, e);
	key_unref(&key);
	cert_unref(&old);
	return ret ? -1 : door_reload(ct, plan.host, e);
}

DESK_HANDLER(desk_door_upload)
{
	struct arena *a = request_arena(r);
	struct cert *cert;
	struct bytes file;
	struct form f;

	if (desk_form(r, &f, e) ||
		form_need_file(&f, "certificate", &file, e) ||
		form_cert(&f, "certificate", &cert, e) ||
		door_install(state, a, cert, e))
		return -1;
	return desk_reply(r, 200, cert_json(a, cert), e);
}
