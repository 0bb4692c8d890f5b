/* SPDX-License-Identifier: MIT */
/*
 * Administration: approved certification authorities, certificate requests
 * and the fields of their subjects (interop/xroad-center-admin.md 3.2, 3.3).
 */
#include <string.h>

#include "admin_int.h"
#include "certimport_int.h"
#include "clock.h"
#include "csrfield_int.h"
#include "err.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "server_sql.h"
#include "text.h"

enum { CSR_ID_BYTES = 20 };

/* ---- certification authorities ---- */

const struct gc_approved_ca *
admin_ca_by_name(const struct globalconf *g, const char *name)
{
	const struct shared_params *p = g ? globalconf_shared(g, NULL) : NULL;

	for (size_t i = 0; p && i < p->cas; i++)
		if (str_equal(p->ca[i].name, name))
			return &p->ca[i];
	return NULL;
}

/* Separated by commas. */
static json_t *
address_list(struct arena *a, const char *text)
{
	json_t *list = json_array();

	while (text && *text) {
		size_t n = strcspn(text, ",");
		const char *one = str_trim(arena_strndup(a, text, n));
		if (*one)
			json_array_append_new(list, json_text_new(one));
		text += n + (text[n] == ',');
	}
	return list;
}

static json_t *
ca_json(struct arena *a, const struct gc_approved_ca *ca,
	const struct gc_ca *one, bool top)
{
	json_t *j = json_object(), *list = json_array();

	json_put_str(j, "name", ca->name);
	json_put_str(j, "subject_distinguished_name",
		cert_subject_text(one->cert, a));
	json_put_str(
		j, "issuer_distinguished_name", cert_issuer_text(one->cert, a));
	json_put_str(j, "ocsp_response", "NOT_AVAILABLE");
	json_put_time(j, "not_after", cert_not_after(one->cert));
	json_put_bool(j, "top_ca", top);
	json_put_str(j, "path", cert_subject_text(one->cert, a));
	json_put_bool(j, "authentication_only", ca->auth_only);
	json_put_str(j, "certificate_profile_info", ca->profile);
	if (ca->csr_format)
		json_put_str(j, "default_csr_format", ca->csr_format);
	json_put_bool(j, "acme_capable", ca->acme.url != NULL);
	json_put_new(j, "acme_server_ip_addresses",
		address_list(a, ca->acme.address));
	for (size_t i = 0; i < one->ocsps; i++) {
		json_t *o = json_object();
		json_put_str(o, "url", one->ocsp[i].url);
		json_put_str(o, "cost_type",
			one->ocsp[i].cost ? one->ocsp[i].cost : "UNDEFINED");
		json_array_append_new(list, o);
	}
	json_put_new(j, "ocsp_responders", list);
	return j;
}

int
admin_cas_get(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	const struct globalconf *g = admin_globalconf(r, state);
	const struct shared_params *p = g ? globalconf_shared(g, NULL) : NULL;
	const char *query = request_query(r);
	bool sign = usage_parse(query_get(a, query, "key_usage_type")) ==
		    USAGE_SIGNING;
	bool all = str_equal(
		query_get(a, query, "include_intermediate_cas"), "true");
	json_t *list = json_array();

	for (size_t i = 0; p && i < p->cas; i++) {
		const struct gc_approved_ca *ca = &p->ca[i];
		if (sign && ca->auth_only)
			continue;
		json_array_append_new(list, ca_json(a, ca, &ca->top, true));
		for (size_t k = 0; all && k < ca->intermediates; k++)
			json_array_append_new(list,
				ca_json(a, ca, &ca->intermediate[k], false));
	}
	return admin_reply(r, 200, list, e);
}

/* ---- subject ---- */

static int
subject_of(struct request *r, struct server *s, enum key_usage_type usage,
	const struct gc_approved_ca *ca, const struct client_id *member,
	struct csr_subject *out, struct err *e)
{
	struct arena *a = request_arena(r);

	*out = (struct csr_subject){ .usage = usage, .profile = ca->profile };
	if (serverconf_self(s->sc, a, &out->server, e))
		return -1;
	out->member = usage == USAGE_SIGNING ? *member : out->server.owner;
	out->member.subsystem = NULL;
	out->member_name =
		admin_member_name(admin_globalconf(r, s), &out->member);
	return 0;
}

int
admin_csr_fields(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	const char *query = request_query(r);
	const char *member = query_get(a, query, "member_id");
	enum key_usage_type usage =
		usage_parse(query_get(a, query, "key_usage_type"));
	const struct gc_approved_ca *ca = admin_ca_by_name(
		admin_globalconf(r, s), request_segment(r, "ca_name"));
	struct client_id id = { 0 };
	struct csr_subject subject;
	struct csr_field f[CSR_FIELDS_MAX];
	json_t *list;
	size_t n;

	if (!ca)
		return admin_refuse(
			r, 404, "certificate_authority_not_found", NULL, e);
	if (usage == USAGE_NONE)
		return fail(e, FAULT_BAD_REQUEST, "key_usage_type is missing");
	if (admin_may_use(r, usage, e))
		return -1;
	if ((usage == USAGE_SIGNING && admin_client_parse(a, member, &id, e)) ||
		subject_of(r, s, usage, ca, &id, &subject, e))
		return -1;
	n = csr_fields(a, &subject, f);
	list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *j = json_object();
		json_put_str(j, "id", f[i].id);
		json_put_str(j, "label_key", f[i].label_key);
		json_put_str(j, "default_value", f[i].value);
		json_put_bool(j, "read_only", f[i].read_only);
		json_put_bool(j, "required", f[i].required);
		json_put_bool(j, "localized", true);
		json_array_append_new(list, j);
	}
	return admin_reply(r, 200, list, e);
}

/* ---- requests ---- */

/* A member signs here if it or one of its subsystems is a client. */
static bool
member_is_local(const struct model *m, const struct client_id *id)
{
	for (size_t i = 0; i < m->clients; i++)
		if (client_id_same_member(&m->client[i].id, id))
			return true;
	return false;
}

static int
refused(int replied)
{
	return replied ? -1 : 1;
}

static int
read_member(struct request *r, struct server *s, json_t *body,
	struct admin_csr *out, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *id = json_str(body, "member_id");
	const struct model *m;

	if (out->usage != USAGE_SIGNING)
		return 0;
	if (!id || !*id)
		return refused(admin_refuse(
			r, 400, "memberId_required_for_sign_csr", NULL, e));
	if (admin_client_parse(a, id, &out->member, e) ||
		serverconf_model(s->sc, a, &m, e))
		return -1;
	out->member.subsystem = NULL;
	out->has_member = true;
	if (!member_is_local(m, &out->member))
		return refused(
			admin_refuse(r, 404, "client_not_found", NULL, e));
	return 0;
}

int
admin_csr_read(struct request *r, struct server *s, json_t *body,
	struct admin_csr *out, struct err *e)
{
	const char *usage, *ca, *format;

	*out = (struct admin_csr){ 0 };
	if (json_need_str(body, "key_usage_type", ADMIN_TEXT_MAX, &usage, e) ||
		json_need_str(body, "ca_name", ADMIN_TEXT_MAX, &ca, e) ||
		json_need_str(body, "csr_format", ADMIN_TEXT_MAX, &format, e))
		return -1;
	out->usage = usage_parse(usage);
	out->values = json_sub(body, "subject_field_values");
	out->der = str_equal(format, "DER");
	out->acme = json_bool(body, "acme_order", false);
	if (out->usage == USAGE_NONE)
		return fail(
			e, FAULT_BAD_REQUEST, "'%s' is no key usage", usage);
	if (admin_may_use(r, out->usage, e))
		return -1;
	if (!out->der && !str_equal(format, "PEM"))
		return refused(
			admin_refuse(r, 400, "invalid_csr_format", NULL, e));
	out->ca = admin_ca_by_name(admin_globalconf(r, s), ca);
	if (!out->ca)
		return refused(admin_refuse(
			r, 404, "certificate_authority_not_found", NULL, e));
	if (out->usage == USAGE_SIGNING && out->ca->auth_only)
		return refused(
			admin_refuse(r, 409, "wrong_key_usage", NULL, e));
	return read_member(r, s, body, out, e);
}

static int
csr_store(struct server *s, struct arena *a, const char *key_id,
	const struct admin_csr *c, const char *csr_id, struct bytes der,
	struct err *e)
{
	int64_t n = admin_run(s, Q_SERVER_KEY_USAGE, e,
		db_text(usage_word(c->usage)), db_text(key_id));

	if (n < 0)
		return -1;
	if (!n)
		return fail(e, FAULT_WRONG_CERT_USAGE,
			"the key has another use already");
	return admin_run(s, Q_SERVER_CSR_ADD, e, db_text(csr_id),
		       db_text(key_id),
		       db_text(c->has_member ? client_id_path(a, &c->member)
					     : NULL),
		       db_text(c->ca->profile), db_blob(der.data, der.len),
		       db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

int
admin_csr_make(struct request *r, struct server *s, const char *key_id,
	const struct admin_csr *c, char **csr_id, struct err *e)
{
	struct arena *a = request_arena(r);
	struct csr_subject subject;
	struct cert_request request;
	uint8_t id[CSR_ID_BYTES];
	struct key *key = NULL;
	struct bytes der;
	int ret = -1;

	if (subject_of(r, s, c->usage, c->ca, &c->member, &subject, e) ||
		csr_subject_make(a, &subject, c->values, &request, e) ||
		keyconf_key(s->keys, key_id, &key, e) ||
		csr_make(key, &request, a, &der, e))
		goto out;
	random_bytes(id, sizeof(id));
	*csr_id = hex_encode(a, id, sizeof(id));
	if (csr_store(s, a, key_id, c, *csr_id, der, e))
		goto out;
	keyconf_touch(s->keys);
	log_info("certificate request for a %s key made", usage_word(c->usage));
	ret = 0;
out:
	key_unref(&key);
	return ret;
}

/* Its name says what the request is for: people hand two of them on. */
static int
csr_send(struct request *r, struct bytes der, bool pem,
	enum key_usage_type usage, const char *id, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *what = usage == USAGE_AUTHENTICATION ? "auth" : "sign";
	char day[TIME_TEXT_MAX];
	struct http_header h[] = {
		{ "Content-Type", "application/octet-stream" },
		{ "Content-Disposition",
			arena_printf(a,
				"attachment; filename=\"%s_csr_%.8s_%.8s.%s\"",
				what, time_compact(day, clock_now()), id,
				pem ? "pem" : "der") },
	};

	if (pem)
		der = bytes_str(pem_encode(a, "CERTIFICATE REQUEST", der));
	return reply_send_headers(r, 200, h, 2, der, e);
}

int
admin_csr_order(struct server *s, struct arena *a, const char *key_id,
	const char *csr_id, const struct admin_csr *c, struct admin_refusal *no)
{
	struct import in = { 0 };
	const struct key_model *m;

	*no = (struct admin_refusal){ 0 };
	if (!c->acme || !c->ca->acme.url)
		return 0;
	if (!keyconf_model(s->keys, a, &m, &no->why) &&
		!admin_acme_fetch(s, a, key_model_csr(m, key_id, csr_id), c->ca,
			&in, &no->why))
		return 0;
	no->status = in.refusal ? in.status : fault_http(no->why.fault);
	no->code = in.refusal ? in.refusal : fault_code(no->why.fault);
	return -1;
}

int
admin_csr_get(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	const char *format = query_get(a, request_query(r), "csr_format");
	const struct key_model *m;
	const struct k_csr *x;

	if (keyconf_model(s->keys, a, &m, e))
		return -1;
	x = key_model_csr(
		m, request_segment(r, "id"), request_segment(r, "csr_id"));
	if (!x)
		return admin_refuse(r, 404, "csr_not_found", NULL, e);
	if (admin_may_use(r, x->key->usage, e))
		return -1;
	return csr_send(
		r, x->der, !str_equal(format, "DER"), x->key->usage, x->id, e);
}

/* A key serves one usage, and one certificate: 0, 1 refused, -1. */
static int
may_request(struct request *r, struct server *s, const struct key_model *m,
	const struct k_key *k, enum key_usage_type usage, struct err *e)
{
	if (k->usage != USAGE_NONE && k->usage != usage)
		return refused(
			admin_refuse(r, 400, "wrong_key_usage", NULL, e));
	return admin_act(r,
		admin_key_actions(m, k, admin_token_active(s, k->token)),
		usage == USAGE_SIGNING ? ACT_SIGN_CSR : ACT_AUTH_CSR, e);
}

int
admin_key_csr_post(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	const char *key = request_segment(r, "id");
	const struct key_model *m;
	const struct k_key *k;
	struct admin_csr c;
	struct admin_refusal no;
	struct bytes der;
	char *csr_id;
	json_t *body;
	int ret;

	if (keyconf_model(s->keys, a, &m, e))
		return -1;
	k = key ? key_model_key(m, key) : NULL;
	if (!k)
		return admin_refuse(r, 404, "key_not_found", NULL, e);
	if (admin_body(r, &body, e))
		return -1;
	ret = admin_csr_read(r, s, body, &c, e);
	if (!ret)
		ret = may_request(r, s, m, k, c.usage, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (admin_csr_make(r, s, key, &c, &csr_id, e) ||
		keyconf_model(s->keys, a, &m, e))
		return -1;
	der = key_model_csr(m, key, csr_id)->der;
	if (admin_csr_order(s, a, key, csr_id, &c, &no))
		return admin_refuse_why(r, no.status, no.code, &no.why, e);
	return csr_send(r, der, !c.der, c.usage, csr_id, e);
}
