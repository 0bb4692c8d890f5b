/* SPDX-License-Identifier: MIT */
/* Checks of the set-up that need nobody else: what this server has and knows. */
#include "setup_check_int.h"

#include "clock.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "param.h"
#include "signer.h"
#include "text.h"

enum { DISK_MIN = 1 << 30 };

SETUP_CHECK(check_member)
{
	(void)why;
	if (!x->m->initialized || !x->g)
		return FOUND_TODO;
	*about = admin_client_id(x->a, &x->m->self.owner);
	return globalconf_has_client(x->g, &x->m->self.owner) ? FOUND_GOOD
							      : FOUND_WAITING;
}

SETUP_CHECK(check_address)
{
	(void)why;
	*about = conf_text(x->s->conf, P_NODE_ADDRESS);
	return **about ? FOUND_GOOD : FOUND_TODO;
}

SETUP_CHECK(check_disk)
{
	const char *dir = conf_text(x->s->conf, P_DATA_DIR);
	int64_t n = disk_free(dir);

	*about = arena_printf(x->a, "%lld GB", (long long)(n >> 30));
	if (n >= DISK_MIN)
		return FOUND_GOOD;
	fail(why, FAULT_IO, "%s has %lld MiB left", dir, (long long)(n >> 20));
	return FOUND_BAD;
}

SETUP_CHECK(check_anchor)
{
	struct confclient_status st;

	(void)about;
	(void)why;
	confclient_status(x->s->confclient, &st);
	return st.has_anchor ? FOUND_GOOD : FOUND_TODO;
}

SETUP_CHECK(check_globalconf)
{
	struct confclient_status st;
	char text[TIME_TEXT_MAX];

	confclient_status(x->s->confclient, &st);
	if (st.expires > clock_now()) {
		*about = arena_strdup(x->a, time_iso(text, st.expires));
		return FOUND_GOOD;
	}
	if (!st.has_anchor)
		return FOUND_TODO;
	if (!err_set(&st.error))
		return FOUND_WAITING;
	*why = st.error;
	return FOUND_BAD;
}

SETUP_CHECK(check_identity)
{
	(void)why;
	if (!x->m->initialized)
		return FOUND_TODO;
	*about = server_id_text(x->a, &x->m->self);
	return FOUND_GOOD;
}

SETUP_CHECK(check_token)
{
	struct signer_state st = { 0 };

	(void)about;
	if (signer_status(x->s->signer, &st, why))
		return FOUND_BAD;
	return st.unlocked ? FOUND_GOOD : FOUND_TODO;
}

SETUP_CHECK(check_tsa_chosen)
{
	(void)why;
	if (!x->m->tsas)
		return FOUND_TODO;
	*about = x->m->tsa[0].name;
	return FOUND_GOOD;
}

/* ---- keys and certificates ---- */

static bool
has_key(const struct looking *x, enum key_usage_type usage)
{
	for (size_t i = 0; x->k && i < x->k->csrs; i++)
		if (x->k->csr[i].key->usage == usage)
			return true;
	for (size_t i = 0; x->k && i < x->k->certs; i++)
		if (x->k->cert[i].key->usage == usage)
			return true;
	return false;
}

SETUP_CHECK(check_sign_key)
{
	(void)about;
	(void)why;
	return has_key(x, USAGE_SIGNING) ? FOUND_GOOD : FOUND_TODO;
}

SETUP_CHECK(check_auth_key)
{
	(void)about;
	(void)why;
	return has_key(x, USAGE_AUTHENTICATION) ? FOUND_GOOD : FOUND_TODO;
}

/* The certificate that has come furthest: of the owner for signing. */
static const struct k_cert *
furthest(const struct looking *x, enum key_usage_type usage)
{
	static const char *const order[] = { "REGISTERED",
		"REGISTRATION_IN_PROGRESS", "SAVED" };

	for (size_t o = 0; o < sizeof(order) / sizeof(order[0]); o++)
		for (size_t i = 0; x->k && i < x->k->certs; i++)
			if (x->k->cert[i].key->usage == usage &&
				str_equal(x->k->cert[i].status, order[o]))
				return &x->k->cert[i];
	return NULL;
}

/* Whom a certificate names, as people say it. */
static const char *
whose(const struct looking *x, const struct k_cert *c)
{
	const char *name = cert_subject_get(c->cert, x->a, "2.5.4.3");

	return name ? name : cert_subject_text(c->cert, x->a);
}

SETUP_CHECK(check_sign_cert)
{
	const struct k_cert *c = furthest(x, USAGE_SIGNING);
	struct signing sg;

	if (!c || !x->m->initialized)
		return FOUND_TODO;
	*about = whose(x, c);
	if (!x->g)
		return FOUND_WAITING;
	return keyconf_signing(x->s->keys, x->s->ocsp, x->g, &x->m->self.owner,
		       x->a, &sg, why)
		       ? FOUND_BAD
		       : FOUND_GOOD;
}

SETUP_CHECK(check_auth_cert)
{
	const struct k_cert *c = furthest(x, USAGE_AUTHENTICATION);

	(void)why;
	if (!c)
		return FOUND_TODO;
	*about = whose(x, c);
	return FOUND_GOOD;
}

SETUP_CHECK(check_auth_registered)
{
	const struct k_cert *c = furthest(x, USAGE_AUTHENTICATION);

	(void)about;
	(void)why;
	if (!c)
		return FOUND_TODO;
	if (str_equal(c->status, "REGISTERED"))
		return FOUND_GOOD;
	return str_equal(c->status, "SAVED") ? FOUND_TODO : FOUND_WAITING;
}

SETUP_CHECK(check_auth_good)
{
	const struct k_cert *c = furthest(x, USAGE_AUTHENTICATION);
	struct auth_identity auth;

	(void)about;
	if (!c || !c->active)
		return FOUND_TODO;
	if (!x->g)
		return FOUND_WAITING;
	return keyconf_auth(x->s->keys, x->s->ocsp, x->g, x->a, &auth, why)
		       ? FOUND_BAD
		       : FOUND_GOOD;
}

/* HTTPS with authentication needs to know whom; others need nothing. */
SETUP_CHECK(check_connections)
{
	(void)why;
	if (!x->m->clients)
		return FOUND_TODO;
	for (size_t i = 0; i < x->m->clients; i++) {
		const struct m_client *c = &x->m->client[i];

		*about = admin_client_id(x->a, &c->id);
		if (c->connection == CONN_HTTPS && !c->is_certs)
			return FOUND_TODO;
	}
	*about = connection_word(x->m->client[0].connection);
	return FOUND_GOOD;
}
