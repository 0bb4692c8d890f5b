/* SPDX-License-Identifier: MIT */
/*
 * Taking over a certificate with every check of
 * interop/xroad-center-admin.md 3.1; codes are those of X-Road's interface.
 * What is refused leaves everything as it was.
 */
#include "certimport_int.h"

#include <string.h>

#include "certstate_int.h"
#include "clock.h"
#include "db.h"
#include "err.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "server_sql.h"
#include "text.h"

static int
refuse(struct import *in, int status, const char *code, struct err *e,
	enum fault f, const char *why)
{
	in->status = status;
	in->refusal = code;
	return fail(e, f, "%s", why);
}

static int
check_usage(struct import *in, struct err *e)
{
	bool auth = cert_is_auth(in->cert), sign = cert_is_sign(in->cert);

	if (cert_key_usage(in->cert) < 0 || auth == sign)
		return refuse(in, 400, "cert_wrong_usage", e,
			FAULT_WRONG_CERT_USAGE,
			auth ? "the certificate is for signing and for "
			       "authentication at once"
			     : "the certificate is neither for signing nor "
			       "for authentication");
	in->usage = auth ? USAGE_AUTHENTICATION : USAGE_SIGNING;
	return 0;
}

/* The key of ours that the certificate is about. */
static int
find_key(struct server *s, const struct key_model *m, struct import *in,
	struct err *e)
{
	struct err closed = ERR_INIT;

	for (size_t i = 0; i < m->keys && !in->key; i++) {
		struct key *key = NULL;
		if (keyconf_key(s->keys, m->key[i].id, &key, &closed))
			continue;
		if (key_same_public(key, cert_key(in->cert)))
			in->key = &m->key[i];
		key_unref(&key);
	}
	if (!in->key && err_set(&closed))
		return refuse(in, 409, fault_code(closed.fault), e,
			closed.fault, closed.text);
	if (!in->key)
		return refuse(in, 400, "key_not_found", e, FAULT_KEY_NOT_FOUND,
			"no key of this server belongs to the certificate");
	if (in->key->usage != USAGE_NONE && in->key->usage != in->usage)
		return refuse(in, 400, "cert_wrong_usage", e,
			FAULT_WRONG_CERT_USAGE,
			"the key was made for another use");
	return 0;
}

static bool
ca_signs(const struct globalconf *g, const struct cert *anchor)
{
	const struct shared_params *p = globalconf_shared(g, NULL);

	for (size_t i = 0; p && i < p->cas; i++) {
		const struct gc_approved_ca *ca = &p->ca[i];
		bool is = cert_equal(ca->top.cert, anchor);
		for (size_t k = 0; k < ca->intermediates && !is; k++)
			is = cert_equal(ca->intermediate[k].cert, anchor);
		if (is && !ca->auth_only)
			return true;
	}
	return false;
}

static int
check_path(const struct globalconf *g, struct import *in, struct err *e)
{
	struct cert *path[CHAIN_MAX];
	struct cert_list none = { 0 };
	size_t n;

	in->status = 400;
	in->refusal = "cert_import_failed";
	if (globalconf_path(g, NULL, in->cert, none, clock_now(), path, &n, e))
		return -1;
	if (in->usage == USAGE_SIGNING && !ca_signs(g, path[n - 1]))
		return fail(e, FAULT_CERT_IMPORT,
			"the authority is approved for authentication only");
	in->refusal = NULL;
	return 0;
}

static int
check_member(struct server *s, struct arena *a, const struct globalconf *g,
	struct import *in, struct err *e)
{
	const struct model *m;

	if (in->usage != USAGE_SIGNING)
		return 0;
	if (serverconf_model(s->sc, a, &m, e))
		return -1;
	if (!m->initialized)
		return fail(e, FAULT_CONFIG,
			"this security server is not initialised yet");
	in->status = 400;
	in->refusal = "invalid_certificate";
	if (globalconf_sign_owner(
		    g, a, in->cert, &m->self.owner, &in->member, e))
		return -1;
	in->member.subsystem = NULL;
	for (size_t i = 0; i < m->clients; i++)
		if (client_id_same_member(&m->client[i].id, &in->member)) {
			in->refusal = NULL;
			return 0;
		}
	in->refusal = "client_not_found";
	return fail(e, FAULT_UNKNOWN_MEMBER,
		"the certificate is of %s, who is no client here",
		client_id_text(a, &in->member));
}

struct import_write {
	const struct import *in;
	struct arena *a;
};

static int
import_write(struct db_conn *c, void *arg, struct err *e)
{
	const struct import_write *w = arg;
	const struct import *in = w->in;
	struct bytes der = cert_der(in->cert);
	struct digest d;
	bool sign = in->usage == USAGE_SIGNING;

	cert_digest(in->cert, DIGEST_SHA256, &d);
	if (db_run(c, Q_SERVER_KEY_USAGE, e, db_text(usage_word(in->usage)),
		    db_text(in->key->id)) < 0 ||
		db_run(c, Q_SERVER_CERT_ADD, e, db_text(in->key->id),
			db_text(hex_encode(w->a, d.value, d.len)),
			db_blob(der.data, der.len),
			db_text(sign ? client_id_path(w->a, &in->member)
				     : NULL),
			db_text(sign ? "REGISTERED" : "SAVED"), db_int(0),
			db_null(), db_int(clock_now())) < 0 ||
		db_run(c, Q_SERVER_CSR_DELETE_KEY, e, db_text(in->key->id)) < 0)
		return -1;
	return 0;
}

static int
check(struct server *s, struct arena *a, struct import *in, struct err *e)
{
	struct globalconf *g = NULL;
	const struct key_model *m;
	int ret = -1;

	if (confclient_valid(s->confclient, &g, e)) {
		in->status = 409;
		in->refusal = "global_conf_outdated";
	} else if (!keyconf_model(s->keys, a, &m, e) && !check_usage(in, e) &&
		   !(in->permit && in->permit(in->ctx, in->usage, e)) &&
		   !find_key(s, m, in, e) && !check_path(g, in, e) &&
		   !check_member(s, a, g, in, e)) {
		ret = 0;
	}
	globalconf_unref(&g);
	return ret;
}

static const struct k_cert *
find(struct server *s, struct arena *a, const struct cert *c, struct err *e)
{
	const struct key_model *m;
	struct digest d;

	if (keyconf_model(s->keys, a, &m, e))
		return NULL;
	cert_digest(c, DIGEST_SHA256, &d);
	return key_model_cert(m, hex_encode(a, d.value, d.len));
}

/* A signing certificate works at once if OCSP says good; otherwise it waits
   inactive with the reason. */
static int
finish(struct server *s, struct arena *a, const struct import *in,
	const struct k_cert **out, struct err *e)
{
	const char *subject = cert_subject_text(in->cert, a);
	struct err why = ERR_INIT;

	keyconf_touch(s->keys);
	*out = find(s, a, in->cert, e);
	if (*out && in->usage == USAGE_SIGNING && !in->inactive) {
		if (cert_set_active(s, *out, true, &why))
			log_warning("imported certificate %s stays inactive: "
				    "%s",
				subject, why.text);
		*out = find(s, a, in->cert, e);
	}
	if (!*out)
		return fail(e, FAULT_INTERNAL, "the certificate is gone");
	log_info("%s certificate %s imported", usage_word(in->usage), subject);
	return 0;
}

int
cert_import(struct server *s, struct arena *a, struct import *in,
	const struct k_cert **out, struct err *e)
{
	struct import_write w = { in, a };

	if (find(s, a, in->cert, NULL))
		return refuse(in, 409, "certificate_already_exists", e,
			FAULT_CERT_EXISTS, "the certificate is here already");
	return check(s, a, in, e) || db_transact(s->db, import_write, &w, e) ||
			       finish(s, a, in, out, e)
		       ? -1
		       : 0;
}

const struct gc_approved_ca *
cert_authority(const struct globalconf *g, const struct cert *c)
{
	const struct shared_params *p = globalconf_shared(g, NULL);

	for (size_t i = 0; p && i < p->cas; i++) {
		const struct gc_approved_ca *ca = &p->ca[i];
		if (!cert_signed_by(c, ca->top.cert, NULL))
			return ca;
		for (size_t k = 0; k < ca->intermediates; k++)
			if (!cert_signed_by(c, ca->intermediate[k].cert, NULL))
				return ca;
	}
	return NULL;
}
