/* SPDX-License-Identifier: MIT */
/*
 * Administration: approved certification services and their intermediate CAs.
 */
#include "desk_int.h"

#include <arpa/inet.h>
#include <string.h>

#include "center_sql.h"
#include "certjson.h"
#include "clock.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"

#define NO_CA           "certification_service_not_found"
#define NO_INTERMEDIATE "intermediate_ca_not_found"

int
desk_approved(
	struct center *ct, struct arena *a, struct approved *out, struct err *e)
{
	struct db_conn *c = db_take(ct->db);
	int ret = approved_read(c, a, out, e);

	db_give(c);
	return ret;
}

const struct approved_ca *
desk_ca_find(const struct approved *all, int64_t id, struct err *e)
{
	for (size_t i = 0; i < all->cas; i++)
		if (all->ca[i].id == id)
			return &all->ca[i];
	refuse(e, FAULT_NOT_FOUND, NO_CA,
		"there is no certification service %lld", (long long)id);
	return NULL;
}

const struct approved_intermediate *
desk_intermediate_find(const struct approved *all, int64_t id, struct err *e)
{
	for (size_t i = 0; i < all->intermediates; i++)
		if (all->intermediate[i].id == id)
			return &all->intermediate[i];
	refuse(e, FAULT_NOT_FOUND, NO_INTERMEDIATE,
		"there is no intermediate CA %lld", (long long)id);
	return NULL;
}

/* The service of the path. */
static const struct approved_ca *
ca_of_path(struct request *r, struct center *ct, struct approved *all,
	struct err *e)
{
	int64_t id;

	if (desk_id(r, "id", NO_CA, &id, e) ||
		desk_approved(ct, request_arena(r), all, e))
		return NULL;
	return desk_ca_find(all, id, e);
}

/* ---- shapes ---- */

static json_t *
item_json(const struct approved_ca *x)
{
	json_t *j = json_object();

	json_put_int(j, "id", x->id);
	json_put_str(j, "name", x->name);
	desk_put_time(j, "not_before", cert_not_before(x->cert));
	desk_put_time(j, "not_after", cert_not_after(x->cert));
	return j;
}

static void
put_some(json_t *j, const char *key, const char *value)
{
	if (value)
		json_put_str(j, key, value);
}

static json_t *
ca_json(struct arena *a, const struct approved_ca *x)
{
	json_t *j = item_json(x);

	json_put_str(
		j, "issuer_distinguished_name", cert_issuer_text(x->cert, a));
	json_put_str(
		j, "subject_distinguished_name", cert_subject_text(x->cert, a));
	json_put_str(j, "certificate_profile_info", x->profile);
	json_put_bool(j, "tls_auth", x->tls_auth);
	json_put_str(j, "default_csr_format", x->csr_format);
	put_some(j, "acme_server_directory_url", x->acme.url);
	put_some(j, "acme_server_ip_address", x->acme.address);
	put_some(j, "authentication_certificate_profile_id",
		x->acme.auth_profile);
	put_some(j, "signing_certificate_profile_id", x->acme.sign_profile);
	return j;
}

/* ---- settings, as a form or as JSON ---- */

struct settings {
	const char *profile, *tls_auth, *csr_format;
	struct gc_acme acme;
};

static const struct field {
	const char *name;
	size_t at;
} fields[] = {
	{ "certificate_profile_info", offsetof(struct settings, profile) },
	{ "tls_auth", offsetof(struct settings, tls_auth) },
	{ "default_csr_format", offsetof(struct settings, csr_format) },
	{ "acme_server_directory_url", offsetof(struct settings, acme.url) },
	{ "acme_server_ip_address", offsetof(struct settings, acme.address) },
	{ "authentication_certificate_profile_id",
		offsetof(struct settings, acme.auth_profile) },
	{ "signing_certificate_profile_id",
		offsetof(struct settings, acme.sign_profile) },
};
enum { FIELDS = sizeof(fields) / sizeof(*fields) };

static const char **
field_of(struct settings *s, int i)
{
	return (const char **)(void *)((char *)s + fields[i].at);
}

static int
settings_form(const struct form *f, struct settings *s, struct err *e)
{
	for (int i = 0; i < FIELDS; i++)
		if (form_text(f, fields[i].name, ADMIN_TEXT_MAX, field_of(s, i),
			    e))
			return -1;
	return 0;
}

static int
settings_json(const json_t *j, struct settings *s, struct err *e)
{
	for (int i = 0; i < FIELDS; i++)
		if (json_opt_str(j, fields[i].name, ADMIN_TEXT_MAX,
			    field_of(s, i), e))
			return -1;
	return 0;
}

static bool
is_ip(const char *s)
{
	struct in6_addr at;

	return inet_pton(AF_INET, s, &at) == 1 ||
	       inet_pton(AF_INET6, s, &at) == 1;
}

static bool
is_url(const char *s)
{
	return (str_prefix(s, "http://") || str_prefix(s, "https://")) &&
	       strlen(s) > strlen("https://") && !strpbrk(s, " \t\r\n<>\"");
}

int
desk_url_check(const char *s, struct err *e)
{
	if (s && is_url(s))
		return 0;
	return refuse(e, FAULT_BAD_REQUEST, "invalid_url",
		"'%s' is no http or https address", s ? s : "");
}

int
desk_cost_check(const char *s, struct err *e)
{
	if (str_equal(s, "FREE") || str_equal(s, "PAID") ||
		str_equal(s, "UNDEFINED"))
		return 0;
	return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
		"cost_type must be FREE, PAID or UNDEFINED");
}

static int
settings_check(struct settings *s, struct err *e)
{
	for (int i = 0; i < FIELDS; i++)
		if (*field_of(s, i) && !**field_of(s, i))
			*field_of(s, i) = NULL;
	if (!s->profile || !profile_known(s->profile))
		return refuse(e, FAULT_BAD_REQUEST,
			"certificate_profile_info_class_not_found",
			"the certificate profile '%s' is unknown",
			s->profile ? s->profile : "");
	if (!s->csr_format)
		s->csr_format = "PEM";
	if (!str_equal(s->csr_format, "PEM") &&
		!str_equal(s->csr_format, "DER"))
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"default_csr_format must be PEM or DER");
	if (s->acme.address && !is_ip(s->acme.address))
		return refuse(e, FAULT_BAD_REQUEST, "invalid_ip_address",
			"'%s' is no IP address", s->acme.address);
	return s->acme.url ? desk_url_check(s->acme.url, e) : 0;
}

/* ---- handlers ---- */

DESK_HANDLER(desk_cas)
{
	struct approved all;
	json_t *list;

	if (desk_approved(state, request_arena(r), &all, e))
		return -1;
	list = json_array();
	for (size_t i = 0; i < all.cas; i++)
		json_array_append_new(list, item_json(&all.ca[i]));
	return desk_reply(r, 200, list, e);
}

DESK_HANDLER(desk_ca_get)
{
	struct approved all;
	const struct approved_ca *x = ca_of_path(r, state, &all, e);

	return x ? desk_reply(r, 200, ca_json(request_arena(r), x), e) : -1;
}

DESK_HANDLER(desk_ca_cert)
{
	struct approved all;
	const struct approved_ca *x = ca_of_path(r, state, &all, e);

	return x ? desk_reply(r, 200, cert_json(request_arena(r), x->cert), e)
		 : -1;
}

char *
desk_cert_name(struct arena *a, const struct cert *c)
{
	char *cn = cert_subject_get(c, a, "2.5.4.3");

	return cn && *cn ? cn : cert_subject_text(c, a);
}

static int
ca_store(struct center *ct, struct arena *a, const struct settings *s,
	const struct cert *cert, int64_t *id, struct err *e)
{
	struct db_conn *c = work_begin(ct, e);
	struct err why = ERR_INIT;
	int ret = -1;

	if (!c)
		return -1;
	if (db_run(c, Q_CENTER_APPROVED_CA_ADD, &why, db_null(),
		    db_text(desk_cert_name(a, cert)), desk_cert_arg(cert),
		    db_text(s->profile), db_int(str_equal(s->tls_auth, "true")),
		    db_text(s->csr_format), db_text(s->acme.url),
		    db_text(s->acme.address), db_text(s->acme.auth_profile),
		    db_text(s->acme.sign_profile), db_int(clock_now())) >= 0)
		ret = 0;
	else if (why.fault == FAULT_CONFLICT)
		refuse(e, FAULT_BAD_REQUEST, "certificate_already_exists",
			"this certification service is approved already");
	else
		fail(e, why.fault, "%s", why.text);
	*id = db_last_id(c);
	return work_done(ct, c, ret, e);
}

DESK_HANDLER(desk_ca_post)
{
	struct arena *a = request_arena(r);
	struct settings s = { 0 };
	struct approved all;
	struct form f;
	struct cert *cert;
	struct bytes file;
	int64_t id;

	if (desk_form(r, &f, e) ||
		form_need_file(&f, "certificate", &file, e) ||
		form_cert(&f, "certificate", &cert, e) ||
		settings_form(&f, &s, e) || settings_check(&s, e) ||
		ca_store(state, a, &s, cert, &id, e) ||
		desk_approved(state, a, &all, e))
		return -1;
	return desk_reply(r, 201, ca_json(a, desk_ca_find(&all, id, NULL)), e);
}

DESK_HANDLER(desk_ca_patch)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct approved all;
	const struct approved_ca *x = ca_of_path(r, ct, &all, e);
	struct settings s;
	struct db_conn *c;
	json_t *body;
	int ret;

	if (!x)
		return -1;
	s = (struct settings){ x->profile, x->tls_auth ? "true" : "false",
		x->csr_format, x->acme };
	if (desk_body(r, &body, e) || settings_json(body, &s, e) ||
		settings_check(&s, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	ret = db_run(c, Q_CENTER_APPROVED_CA_SET, e, db_int(x->id),
		      db_text(s.profile), db_int(str_equal(s.tls_auth, "true")),
		      db_text(s.csr_format), db_text(s.acme.url),
		      db_text(s.acme.address), db_text(s.acme.auth_profile),
		      db_text(s.acme.sign_profile)) < 0
		      ? -1
		      : 0;
	if (work_done(ct, c, ret, e) || desk_approved(ct, a, &all, e))
		return -1;
	return desk_reply(
		r, 200, ca_json(a, desk_ca_find(&all, x->id, NULL)), e);
}

DESK_HANDLER(desk_ca_delete)
{
	int64_t id;

	if (desk_id(r, "id", NO_CA, &id, e) ||
		desk_run(state, Q_CENTER_APPROVED_CA_DELETE, NO_CA, e,
			db_int(id), (struct db_arg){ 0 }))
		return -1;
	return desk_no_content(r, e);
}

/* ---- intermediate CAs ---- */

static json_t *
intermediate_json(struct arena *a, const struct approved_intermediate *x)
{
	json_t *j = json_object();

	json_put_int(j, "id", x->id);
	json_put_new(j, "ca_certificate", cert_json(a, x->cert));
	return j;
}

DESK_HANDLER(desk_intermediates)
{
	struct approved all;
	const struct approved_ca *x = ca_of_path(r, state, &all, e);
	json_t *list;

	if (!x)
		return -1;
	list = json_array();
	for (size_t i = 0; i < all.intermediates; i++)
		if (all.intermediate[i].ca == x->id)
			json_array_append_new(
				list, intermediate_json(request_arena(r),
					      &all.intermediate[i]));
	return desk_reply(r, 200, list, e);
}

DESK_HANDLER(desk_intermediate_post)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct approved all;
	const struct approved_ca *x = ca_of_path(r, ct, &all, e);
	struct approved_intermediate made;
	struct form f;
	struct bytes file;
	struct db_conn *c;
	int ret;

	if (!x || desk_form(r, &f, e) ||
		form_need_file(&f, "certificate", &file, e) ||
		form_cert(&f, "certificate", &made.cert, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	ret = db_run(c, Q_CENTER_APPROVED_INTERMEDIATE_ADD, e, db_int(x->id),
		      desk_cert_arg(made.cert), db_int(clock_now())) < 0
		      ? -1
		      : 0;
	made.id = db_last_id(c);
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_reply(r, 201, intermediate_json(a, &made), e);
}

DESK_HANDLER(desk_intermediate_get)
{
	const struct approved_intermediate *x;
	struct approved all;
	int64_t id;

	if (desk_id(r, "id", NO_INTERMEDIATE, &id, e) ||
		desk_approved(state, request_arena(r), &all, e))
		return -1;
	x = desk_intermediate_find(&all, id, e);
	return x ? desk_reply(r, 200, intermediate_json(request_arena(r), x), e)
		 : -1;
}

DESK_HANDLER(desk_intermediate_delete)
{
	int64_t id;

	if (desk_id(r, "id", NO_INTERMEDIATE, &id, e) ||
		desk_run(state, Q_CENTER_APPROVED_INTERMEDIATE_DELETE,
			NO_INTERMEDIATE, e, db_int(id), (struct db_arg){ 0 }))
		return -1;
	return desk_no_content(r, e);
}
