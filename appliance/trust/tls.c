/* SPDX-License-Identifier: MIT */
/*
 * TLS contexts: policies as rows, identity, what the peer's certificate has to
 * meet. The library's own path checks are lifted: X-Road trusts certificates
 * by the global configuration, so the judge decides alone.
 */
#include "tls_int.h"

#include <assert.h>
#include <string.h>

#include <mbedtls/oid.h>
#include <mbedtls/ssl_ciphersuites.h>

#include "err.h"
#include "mem.h"

enum {
	HANDSHAKE_TIMEOUT_MS = 30000,
	TICKET_LIFE_S = 86400,
	DH_BITS_MIN = 2048
};

/* AEAD first, for peers like us: a default X-Road offers and takes only its
   three CBC suites, in this order (xroad-messages.md 2.1). */
static const int peer_suites[] = {
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
	MBEDTLS_TLS_DHE_RSA_WITH_AES_256_CBC_SHA256,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,
	MBEDTLS_TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
	0,
};

#define AEAD_SUITES                                                    \
 MBEDTLS_TLS1_3_AES_256_GCM_SHA384, MBEDTLS_TLS1_3_AES_128_GCM_SHA256, \
	 MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,                      \
	 MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,              \
	 MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,                \
	 MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,              \
	 MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,                \
	 MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,        \
	 MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,          \
	 MBEDTLS_TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,                  \
	 MBEDTLS_TLS_DHE_RSA_WITH_AES_128_GCM_SHA256

static const int web_suites[] = { AEAD_SUITES, 0 };

/* Information systems may be old: X-Road's CBC suites of 1.8 as well. */
static const int service_suites[] = {
	AEAD_SUITES,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
	MBEDTLS_TLS_DHE_RSA_WITH_AES_256_CBC_SHA256,
	MBEDTLS_TLS_DHE_RSA_WITH_AES_128_CBC_SHA256,
	0,
};

static const struct policy_row {
	const int *suites;
	mbedtls_ssl_protocol_version newest;
} policies[] = {
	[TLS_PEER] = { peer_suites, MBEDTLS_SSL_VERSION_TLS1_2 },
	[TLS_WEB] = { web_suites, MBEDTLS_SSL_VERSION_TLS1_3 },
	[TLS_SERVICE] = { service_suites, MBEDTLS_SSL_VERSION_TLS1_3 },
};

/* ---- the peer's certificate ---- */

void
tls_lift_usage(mbedtls_x509_crt *crt)
{
	/* the library would insist on usages by its own rules after us */
	crt->MBEDTLS_PRIVATE(ext_types) &=
		~(MBEDTLS_X509_EXT_KEY_USAGE |
			MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE);
}

int
tls_judge_peer(struct tls_peer_seen *seen, const mbedtls_x509_crt *chain)
{
	struct err bad = ERR_INIT;
	for (; chain; chain = chain->next) {
		if (seen->peers == CHAIN_MAX) {
			fail(seen->e, FAULT_SSL_AUTH,
				"The peer sent more than %d certificates",
				CHAIN_MAX);
			return MBEDTLS_ERR_X509_FATAL_ERROR;
		}
		struct bytes der = bytes_of(chain->raw.p, chain->raw.len);
		if (cert_parse(&seen->peer[seen->peers], der, &bad)) {
			fail(seen->e, FAULT_SSL_AUTH,
				"The peer's certificate cannot be read: %s",
				bad.text);
			return MBEDTLS_ERR_X509_FATAL_ERROR;
		}
		seen->peers++;
	}
	struct cert_list list = { seen->peer, seen->peers };
	if (!seen->judge || seen->judge(seen->judge_ctx, list, seen->e) == 0)
		return 0;
	fail(seen->e, FAULT_SSL_AUTH, "The peer's certificate is not accepted");
	return MBEDTLS_ERR_X509_FATAL_ERROR;
}

/* ---- contexts ---- */

bool
tls_only_12(const struct tls *t)
{
	/* the signer makes no PSS signatures for TLS 1.3 */
	if (t->pk && mbedtls_pk_get_type(t->pk) == MBEDTLS_PK_RSA_ALT)
		return true;
	return policies[t->policy].newest == MBEDTLS_SSL_VERSION_TLS1_2;
}

void
tls_policy_apply(struct tls *t, mbedtls_ssl_config *conf)
{
	const struct policy_row *row = &policies[t->policy];
	mbedtls_ssl_conf_ciphersuites(conf, row->suites);
	mbedtls_ssl_conf_min_tls_version(conf, MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_max_tls_version(conf,
		tls_only_12(t) ? MBEDTLS_SSL_VERSION_TLS1_2 : row->newest);
	mbedtls_ssl_conf_rng(conf, trust_rng, NULL);
	mbedtls_ssl_conf_ca_chain(conf, &t->nobody, NULL);
	if (t->pk)
		mbedtls_ssl_conf_own_cert(conf, &t->own, t->pk);
	if (!t->server)
		mbedtls_ssl_conf_dhm_min_bitlen(conf, DH_BITS_MIN);
}

static int
add_certs(mbedtls_x509_crt *to, struct cert_list list, struct err *e)
{
	for (size_t i = 0; i < list.n; i++) {
		struct bytes der = cert_der(list.item[i]);
		int rc = mbedtls_x509_crt_parse_der(to, der.data, der.len);
		if (rc)
			return fail(e, FAULT_CERT_IMPORT,
				"TLS cannot use a certificate (%d)", rc);
	}
	return 0;
}

/* Tickets only where nobody's certificate is looked at: a resumed session
   would skip the judge and has no intermediates. */
static void
server_apply(struct tls *t, const struct tls_options *o)
{
	static const int modes[] = {
		[TLS_AUTH_NONE] = MBEDTLS_SSL_VERIFY_NONE,
		[TLS_AUTH_OPTIONAL] = MBEDTLS_SSL_VERIFY_OPTIONAL,
		[TLS_AUTH_REQUIRED] = MBEDTLS_SSL_VERIFY_REQUIRED,
	};
	mbedtls_ssl_conf_authmode(&t->conf, modes[o->client_auth]);
	mbedtls_ssl_conf_cert_req_ca_list(&t->conf,
		o->ca_names.n ? MBEDTLS_SSL_CERT_REQ_CA_LIST_ENABLED
			      : MBEDTLS_SSL_CERT_REQ_CA_LIST_DISABLED);
	if (o->ca_names.n)
		mbedtls_ssl_conf_dn_hints(&t->conf, &t->ca_names);
	if (o->client_auth != TLS_AUTH_NONE ||
		mbedtls_ssl_ticket_setup(&t->tickets, trust_rng, NULL,
			MBEDTLS_CIPHER_AES_256_GCM, TICKET_LIFE_S))
		return;
	mbedtls_ssl_conf_session_tickets_cb(&t->conf, mbedtls_ssl_ticket_write,
		mbedtls_ssl_ticket_parse, &t->tickets);
}

static int
tls_fill(struct tls *t, const struct tls_options *o, struct err *e)
{
	if (o->key) {
		t->key = key_ref(o->key);
		if (key_tls(t->key, &t->pk, e))
			return -1;
		if (o->chain.n == 0 ||
			!key_same_public(cert_key(o->chain.item[0]), o->key))
			return fail(e, FAULT_CERT_NOT_FOUND,
				"The TLS certificate does not fit the key");
	}
	if (add_certs(&t->own, o->chain, e) ||
		add_certs(&t->ca_names, o->ca_names, e))
		return -1;
	/* a server would not choose a certificate for clients only */
	tls_lift_usage(&t->own);
	if (mbedtls_ssl_config_defaults(&t->conf,
		    t->server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
		    MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT))
		return fail(e, FAULT_INTERNAL, "TLS defaults failed");
	tls_policy_apply(t, &t->conf);
	if (t->server)
		server_apply(t, o);
	else
		mbedtls_ssl_conf_authmode(
			&t->conf, MBEDTLS_SSL_VERIFY_REQUIRED);
	return 0;
}

static int
tls_new(struct tls **out, const struct tls_options *o, bool server,
	struct err *e)
{
	trust_start();
	struct tls *t = mem_alloc(sizeof *t);
	atomic_init(&t->refs, 1);
	t->server = server;
	t->policy = o->policy;
	t->client_auth = o->client_auth;
	t->handshake_timeout_ms = o->handshake_timeout_ms > 0
					  ? o->handshake_timeout_ms
					  : HANDSHAKE_TIMEOUT_MS;
	t->judge = o->judge;
	t->judge_ctx = o->judge_ctx;
	mbedtls_x509_crt_init(&t->own);
	mbedtls_x509_crt_init(&t->ca_names);
	mbedtls_x509_crt_init(&t->nobody);
	mbedtls_ssl_ticket_init(&t->tickets);
	mbedtls_ssl_config_init(&t->conf);
	if (tls_fill(t, o, e)) {
		tls_unref(&t);
		return -1;
	}
	*out = t;
	return 0;
}

int
tls_server_new(struct tls **out, const struct tls_options *o, struct err *e)
{
	if (!o->key)
		return fail(e, FAULT_CANNOT_SIGN, "A TLS server needs a key");
	return tls_new(out, o, true, e);
}

int
tls_client_new(struct tls **out, const struct tls_options *o, struct err *e)
{
	return tls_new(out, o, false, e);
}

struct tls *
tls_ref(struct tls *t)
{
	atomic_fetch_add(&t->refs, 1);
	return t;
}

struct bytes
tls_own(const struct tls *t)
{
	return bytes_of(t->own.raw.p, t->own.raw.len);
}

void
tls_unref(struct tls **tp)
{
	struct tls *t = *tp;
	*tp = NULL;
	if (!t || atomic_fetch_sub(&t->refs, 1) > 1)
		return;
	mbedtls_ssl_config_free(&t->conf);
	mbedtls_ssl_ticket_free(&t->tickets);
	mbedtls_x509_crt_free(&t->own);
	mbedtls_x509_crt_free(&t->ca_names);
	key_unref(&t->key);
	mem_free(t);
}

/* ---- inside the HTTP client library ---- */

static int
slot_verify(void *ctx, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
	struct tls_slot *slot = ctx;
	*flags = 0;
	tls_lift_usage(crt);
	if (depth > 0)
		return 0;
	tls_slot_done(slot);
	struct tls_peer_seen seen = { .e = slot->e };
	seen.judge = slot->judge ? slot->judge : slot->tls->judge;
	seen.judge_ctx = slot->judge ? slot->judge_ctx : slot->tls->judge_ctx;
	int rc = tls_judge_peer(&seen, crt);
	memcpy(slot->peer, seen.peer, sizeof slot->peer);
	slot->peers = seen.peers;
	return rc;
}

int
tls_client_apply(void *ssl_config, struct tls_slot *slot)
{
	mbedtls_ssl_config *conf = ssl_config;
	struct tls *t = slot->tls;
	assert(!t->server);
	trust_start();
	tls_policy_apply(t, conf);
	mbedtls_ssl_conf_authmode(conf, MBEDTLS_SSL_VERIFY_REQUIRED);
	mbedtls_ssl_conf_verify(conf, slot_verify, slot);
	/* a resumed session would not be judged */
	mbedtls_ssl_conf_session_tickets(
		conf, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
	return 0;
}

void
tls_slot_done(struct tls_slot *slot)
{
	for (size_t i = 0; i < slot->peers; i++)
		cert_unref(&slot->peer[i]);
	slot->peers = 0;
}
