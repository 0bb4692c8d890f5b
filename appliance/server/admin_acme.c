/* SPDX-License-Identifier: MIT */
/*
 * Administration: certificates ordered over ACME for requests that were made
 * here (interop/xroad-center-admin.md 3.6).
 */
#include "acme_order_int.h"
#include "admin_int.h"
#include "certimport_int.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "notify_int.h"
#include "param.h"
#include "text.h"

static const char *
account_of(struct server *s, struct arena *a, const char *member)
{
	struct server_id self;

	if (member && *member)
		return member;
	if (serverconf_self(s->sc, a, &self, NULL))
		return "";
	return admin_client_id(a, &self.owner);
}

int
admin_acme_binding(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	const char *query = request_query(r);
	enum key_usage_type usage =
		usage_parse(query_get(a, query, "key_usage_type"));
	const struct gc_approved_ca *ca = admin_ca_by_name(
		admin_globalconf(r, s), request_segment(r, "ca_name"));
	struct acme_credentials c;
	bool needed = false;
	json_t *j;

	if (usage == USAGE_NONE)
		return fail(e, FAULT_BAD_REQUEST, "key_usage_type is missing");
	if (admin_may_use(r, usage, e))
		return -1;
	if (!ca)
		return admin_refuse(
			r, 400, "certificate_authority_not_found", NULL, e);
	if (acmeconf_read(a, s->conf, ca->name,
		    account_of(s, a, query_get(a, query, "member_id")), usage,
		    &c, e) ||
		(ca->acme.url && acmeorder_needs_binding(s, ca, &needed, e)))
		return -1;
	j = json_object();
	json_put_bool(j, "acme_eab_required", needed);
	json_put_bool(j, "has_acme_external_account_credentials", c.found);
	return admin_reply(r, 200, j, e);
}

/* ---- ordering ---- */

static void
tell_activation(struct server *s, struct arena *a, const char *member,
	const struct k_cert *c)
{
	const char *arg[WORDING_ARGS] = { NULL, cert_subject_text(c->cert, a),
		c->ocsp_error, member };

	if (c->active)
		notify(s, P_MAIL_ACTIVATED, member, WORDING_ACTIVATED, arg);
	else
		notify(s, P_MAIL_NOT_ACTIVATED, member, WORDING_NOT_ACTIVATED,
			arg);
}

static int
want_of(struct server *s, struct arena *a, const struct k_csr *x,
	const struct gc_approved_ca *ca, struct acme_want *out, struct err *e)
{
	struct csr *csr;

	if (csr_parse(a, x->der, &csr, e))
		return -1;
	*out = (struct acme_want){ .ca = ca,
		.usage = x->key->usage,
		.member = account_of(s, a,
			x->has_member ? admin_client_id(a, &x->member) : NULL),
		.name = csr->dns_name ? csr->dns_name
				      : csr_subject_get(csr, a, "2.5.4.3"),
		.csr = x->der };
	return out->name ? 0
			 : fail(e, FAULT_BAD_REQUEST,
				   "the request has neither subjectAltName nor "
				   "CN");
}

int
admin_acme_fetch(struct server *s, struct arena *a, const struct k_csr *x,
	const struct gc_approved_ca *ca, struct import *in, struct err *e)
{
	bool active = conf_bool(s->conf, P_AUTO_ACTIVATE_SIGN);
	const struct k_cert *c;
	struct acme_want w;
	int ret = -1;

	in->inactive = !active;
	if (want_of(s, a, x, ca, &w, e) || acmeorder_fetch(s, &w, &in->cert, e))
		return -1;
	ret = cert_import(s, a, in, &c, e);
	if (!ret && active && in->usage == USAGE_SIGNING)
		tell_activation(s, a, w.member, c);
	cert_unref(&in->cert);
	return ret;
}

static const struct k_csr *
csr_by_id(const struct key_model *m, const char *id)
{
	for (size_t i = 0; i < m->csrs; i++)
		if (str_equal(m->csr[i].id, id))
			return &m->csr[i];
	return NULL;
}

/* What cannot be ordered: the code, or NULL. */
static const char *
objection(const struct k_csr *x, enum key_usage_type usage,
	const struct gc_approved_ca *ca)
{
	if (!ca)
		return "certificate_authority_not_found";
	if (!x)
		return "csr_not_found";
	return x->key->usage == usage ? NULL : "wrong_key_usage";
}

int
admin_acme_order(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	const struct gc_approved_ca *ca = admin_ca_by_name(
		admin_globalconf(r, s), request_segment(r, "ca_name"));
	const char *id, *word, *no;
	struct import in = { 0 };
	struct err why = ERR_INIT;
	const struct key_model *m;
	const struct k_csr *x;
	json_t *body;

	if (admin_body(r, &body, e) ||
		json_need_str(body, "csr_id", ADMIN_TEXT_MAX, &id, e) ||
		json_need_str(body, "key_usage_type", ADMIN_TEXT_MAX, &word, e))
		return -1;
	if (usage_parse(word) == USAGE_NONE)
		return fail(e, FAULT_BAD_REQUEST, "'%s' is no key usage", word);
	if (admin_may_use(r, usage_parse(word), e) ||
		keyconf_model(s->keys, a, &m, e))
		return -1;
	x = csr_by_id(m, id);
	no = objection(x, usage_parse(word), ca);
	if (no)
		return admin_refuse(r, 400, no, NULL, e);
	if (!admin_acme_fetch(s, a, x, ca, &in, &why))
		return admin_empty(r, 200, e);
	if (in.refusal)
		return admin_refuse_why(r, in.status, in.refusal, &why, e);
	return admin_refuse_why(
		r, fault_http(why.fault), fault_code(why.fault), &why, e);
}
