/* SPDX-License-Identifier: MIT */
/*
 * Certificates renewed over ACME before they end, with overlap: the old one
 * stays active until its successor is, and, for authentication, until every
 * peer can know that one. What a crash interrupts goes on at the next round.
 * Rule: interop/xroad-center-admin.md 3.6.
 */
#include "renewal_int.h"

#include <string.h>

#include "acme_order_int.h"
#include "admin_int.h"
#include "certimport_int.h"
#include "clock.h"
#include "db.h"
#include "err.h"
#include "key.h"
#include "log.h"
#include "mailbox.h"
#include "mem.h"
#include "mgmt_send_int.h"
#include "notify_int.h"
#include "param.h"
#include "server_sql.h"
#include "text.h"

enum { OPEN_MS = 60000, MS = 1000 };
static const int64_t day_ms = 86400000;

struct round {
	struct server *s;
	struct arena *a;
	struct globalconf *g;
	struct server_id self;
	bool failed, open; /* open: a renewal is not finished */
};

static const char *
name_of(struct round *r, const struct k_cert *c)
{
	return cert_subject_text(c->cert, r->a);
}

/* Whose certificate it is: INST:CLASS:CODE. */
static const char *
whose(struct round *r, const struct k_cert *c)
{
	return admin_client_id(
		r->a, c->has_member ? &c->member : &r->self.owner);
}

static int
note(struct round *r, int query, const char *text, const struct k_cert *c,
	struct err *e)
{
	struct db_conn *conn = db_take(r->s->db);
	int ret = db_run(conn, query, e, db_text(text), db_int(c->row)) < 0 ? -1
									    : 0;

	db_give(conn);
	keyconf_touch(r->s->keys);
	return ret;
}

/* Told once for the same reason. */
static void
note_failure(struct round *r, const struct k_cert *c, const struct err *why)
{
	const char *arg[WORDING_ARGS] = { NULL, name_of(r, c), why->text,
		whose(r, c) };

	r->failed = true;
	log_error("certificate %s cannot be renewed: %s (%s)", arg[1],
		why->text, fault_code(why->fault));
	if (str_equal(c->renewal_error, why->text))
		return;
	(void)note(r, Q_SERVER_CERT_RENEWAL_ERROR, why->text, c, NULL);
	notify(r->s, P_MAIL_NOT_RENEWED, arg[3], WORDING_RENEWAL_FAILED, arg);
}

static void
note_success(struct round *r, const struct k_cert *c, const struct k_cert *next)
{
	bool sign = c->key->usage == USAGE_SIGNING;
	bool itself = conf_bool(
		r->s->conf, sign ? P_AUTO_ACTIVATE_SIGN : P_AUTO_ACTIVATE_AUTH);
	const char *const none[WORDING_ARGS] = { NULL };
	struct letter by_hand = wording_make(
		r->a, WORDING_BY_HAND, mailbox_japanese(r->s->conf), none);
	const char *arg[WORDING_ARGS] = { NULL, name_of(r, next),
		itself ? NULL : by_hand.text, whose(r, c) };

	(void)note(r, Q_SERVER_CERT_RENEWAL_ERROR, NULL, c, NULL);
	log_info("certificate %s was renewed", arg[1]);
	notify(r->s, P_MAIL_RENEWED, arg[3],
		sign ? WORDING_RENEWED_SIGN : WORDING_RENEWED_AUTH, arg);
}

/* ---- the new certificate ---- */

/* What the ACME server has to find us by. */
static const char *
proved_name(struct round *r, const struct k_cert *c)
{
	const char *name = cert_dns_name(c->cert, r->a);
	const struct gc_server *me;

	if (name)
		return name;
	if (c->key->usage == USAGE_AUTHENTICATION)
		return cert_subject_get(c->cert, r->a, "2.5.4.3");
	me = globalconf_server(r->g, &r->self);
	return me ? me->address : NULL;
}

static int
request_make(struct round *r, const struct k_cert *c, const char *key_id,
	struct bytes *der, struct err *e)
{
	const struct cert_request request = {
		.subject_der = cert_subject_der(c->cert),
		.dns_name = cert_dns_name(c->cert, r->a),
		.key_usage = c->key->usage == USAGE_SIGNING
				     ? KU_NON_REPUDIATION | KU_KEY_CERT_SIGN
				     : KU_DIGITAL_SIGNATURE |
					       KU_DATA_ENCIPHERMENT |
					       KU_KEY_ENCIPHERMENT,
	};
	struct key *key = NULL;
	int ret = keyconf_key(r->s->keys, key_id, &key, e) ||
				  csr_make(key, &request, r->a, der, e)
			  ? -1
			  : 0;

	key_unref(&key);
	return ret;
}

static int
order(struct round *r, const struct k_cert *c, const struct gc_approved_ca *ca,
	const char *key_id, const struct k_cert **out, struct err *e)
{
	struct acme_want w = { .ca = ca,
		.usage = c->key->usage,
		.member = whose(r, c),
		.name = proved_name(r, c) };
	struct import in = { .inactive = !conf_bool(
				     r->s->conf, P_AUTO_ACTIVATE_SIGN) };
	int ret = -1;

	if (!w.name)
		return fail(e, FAULT_BAD_REQUEST,
			"the certificate has no name that could be proved");
	if (!request_make(r, c, key_id, &w.csr, e) &&
		!acmeorder_fetch(r->s, &w, &in.cert, e) &&
		!cert_import(r->s, r->a, &in, out, e))
		ret = 0;
	cert_unref(&in.cert);
	return ret;
}

/* ---- steps ---- */

/* Sent until the center has taken it. */
static void
send_registration(
	struct round *r, const struct k_cert *old, const struct k_cert *c)
{
	const struct gc_server *me = globalconf_server(r->g, &r->self);
	struct mgmt_order o = { .kind = MGMT_AUTH_CERT_REG,
		.auth_cert = c->cert,
		.address = me ? me->address : NULL };
	struct err e = ERR_INIT;
	int64_t id;

	if (!me)
		fail(&e, FAULT_INVALID_SECURITY_SERVER,
			"the global configuration does not show this server");
	else if (!management_send_auth(r->s, r->a, &o, c->key->id, &id, &e) &&
		 !cert_set_status(r->s, c, "REGISTRATION_IN_PROGRESS", &e))
		log_info("registration request %lld sent for %s", (long long)id,
			name_of(r, c));
	if (err_set(&e))
		note_failure(r, old, &e);
	else
		note_success(r, old, c);
}

static void
renew(struct round *r, const struct k_cert *c, const struct gc_approved_ca *ca)
{
	const struct new_key key = { c->key->token, c->key->label,
		c->key->usage, c->key->algorithm };
	const struct k_cert *next = NULL;
	struct err e = ERR_INIT;
	char id[KEY_ID_LEN + 1];

	log_info("renewing certificate %s", name_of(r, c));
	if (token_key_make(r->s, &key, id, &e)) {
		note_failure(r, c, &e);
		return;
	}
	if (order(r, c, ca, id, &next, &e) ||
		note(r, Q_SERVER_CERT_RENEWED, next->sha256, c, &e)) {
		(void)admin_key_remove(r->s, id, NULL);
		note_failure(r, c, &e);
		return;
	}
	r->open = true;
	if (c->key->usage == USAGE_AUTHENTICATION)
		send_registration(r, c, next);
	else
		note_success(r, c, next);
}

/* Signatures prove themselves; a TLS certificate must be known to peers. */
static bool
can_retire(struct round *r, const struct k_cert *c, const struct k_cert *next)
{
	int64_t overlap = conf_int(r->s->conf, P_RENEWAL_OVERLAP) * MS;

	if (!next->active || !str_equal(next->status, "REGISTERED"))
		return false;
	return c->key->usage == USAGE_SIGNING ||
	       clock_now() >= next->active_since + overlap;
}

static void
go_on(struct round *r, const struct k_cert *c, const struct k_cert *next)
{
	struct err e = ERR_INIT;

	if (!c->active)
		return;
	r->open = true;
	if (c->key->usage == USAGE_AUTHENTICATION &&
		str_equal(next->status, "SAVED"))
		send_registration(r, c, next);
	else if (can_retire(r, c, next) && cert_set_active(r->s, c, false, &e))
		log_err("the renewed certificate", &e);
	else if (can_retire(r, c, next))
		log_info("certificate %s is no longer used: its successor is",
			name_of(r, c));
}

static void
plan(struct round *r, const struct k_cert *c, int64_t when)
{
	struct db_conn *conn;

	if (c->next_renewal == when)
		return;
	conn = db_take(r->s->db);
	(void)db_run(conn, Q_SERVER_CERT_NEXT_RENEWAL, NULL, db_int(when),
		db_int(c->row));
	db_give(conn);
	keyconf_touch(r->s->keys);
}

static void
refresh_account(struct round *r, const struct k_cert *c,
	const struct gc_approved_ca *ca)
{
	const struct acme_want w = {
		.ca = ca, .usage = c->key->usage, .member = whose(r, c)
	};
	struct err e = ERR_INIT;

	if (acmeorder_refresh_key(r->s, &w, &e))
		log_warning("the key of the ACME account at %s: %s", ca->name,
			e.text);
}

static void
look_at(struct round *r, const struct key_model *m, const struct k_cert *c)
{
	const struct gc_approved_ca *ca;
	int64_t due = cert_not_after(c->cert) -
		      conf_int(r->s->conf, P_ACME_RENEWAL_BEFORE) * day_ms;

	if (c->renewed_by) {
		const struct k_cert *next = key_model_cert(m, c->renewed_by);
		if (next)
			go_on(r, c, next);
		else /* somebody deleted it */
			(void)note(r, Q_SERVER_CERT_RENEWED, NULL, c, NULL);
		return;
	}
	if (!c->active || !str_equal(c->status, "REGISTERED"))
		return;
	ca = cert_authority(r->g, c->cert);
	if (!ca || !ca->acme.url)
		return;
	plan(r, c, due);
	refresh_account(r, c, ca);
	if (clock_now() >= due)
		renew(r, c, ca);
}

int
renewal_round(struct server *s, int64_t *wait_ms, struct err *e)
{
	struct round r = { .s = s, .a = arena_new() };
	const struct key_model *m;
	int ret = -1;

	*wait_ms = conf_int(s->conf, P_ACME_RENEWAL_RETRY) * MS;
	if (!serverconf_self(s->sc, r.a, &r.self, e) &&
		!confclient_valid(s->confclient, &r.g, e) &&
		!keyconf_model(s->keys, r.a, &m, e)) {
		for (size_t i = 0; i < m->certs; i++)
			look_at(&r, m, &m->cert[i]);
		if (!r.failed)
			*wait_ms =
				conf_int(s->conf, P_ACME_RENEWAL_INTERVAL) * MS;
		if (r.open && *wait_ms > OPEN_MS)
			*wait_ms = OPEN_MS;
		ret = 0;
	}
	globalconf_unref(&r.g);
	arena_free(&r.a);
	return ret;
}
