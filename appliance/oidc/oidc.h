/* SPDX-License-Identifier: MIT */
/*
 * Signing residents in with OpenID providers: an OpenID Connect relying party
 * (OpenID Connect Core 1.0, Discovery 1.0; RFC 6749, RFC 7636; RFC 9700 for
 * what attackers try). Authorization code with PKCE S256, state and nonce; one
 * redirect address per provider, and `iss` in the answer where it is given
 * (RFC 9207), so that providers cannot be mixed up.
 *
 * The provider is asked to let the person sign in anew each time
 * (prompt=login): who signs out of our pages on a family's or a library's
 * computer must not leave a way in for the next person.
 *
 * What is asked for is the scope `openid` and nothing about the person: no
 * name, address, birth date or sex. What comes out is who the provider is, its
 * name for the person (`sub`), and how sure it is (`acr`, `amr`).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct bundle;
struct err;
struct http_client;
struct tls;
struct oidc; /* one provider; thread-safe */

enum {
	OIDC_PROVIDERS_MAX = 16,
	OIDC_NAME_MAX = 32,
	OIDC_SUB_MAX = 255, /* OpenID Connect Core section 2 */
	OIDC_ACR_MAX = 255,
	OIDC_TOKEN_LEN = 43, /* 32 random bytes in base64url */
};

/* How a token endpoint wants to know us (Core section 9). */
enum oidc_auth { OIDC_BASIC, OIDC_POST };

/* One provider as the operator describes it. */
struct oidc_setting {
	const char *name;   /* a-z 0-9 -, part of addresses */
	const char *issuer; /* exactly as its tokens have it */
	const char *client_id;
	const char *secret;
	enum oidc_auth auth;
	const char *const *acr; /* one of these is demanded; NULL-ended, or
				   NULL: any */
	const char *level;      /* recorded when the token has no acr */
	const char *label_ja, *label_en;
	int64_t max_age; /* s since the person proved who they are; 0: any */
};
/* Reads the providers' file, YAML or JSON, and the secrets it names (relative
   to the file): providers: [{name, issuer, clientId, secretFile,
   authentication: client_secret_basic | client_secret_post, acr: [...],
   level, label: {ja, en}, maxAge}]. Unknown members, scopes that ask for more
   than who it is, and anything else that is not understood are FAULT_CONFIG
   with the file and the provider. */
int oidc_settings_load(struct arena *a, const char *path,
	const struct oidc_setting **out, size_t *n, struct err *e);

/* What providers are called with; everything is borrowed. */
struct oidc_env {
	struct http_client *http;
	struct tls *tls;            /* client context */
	const struct bundle *roots; /* whose certificates are taken */
	const char *base;           /* our own address, without final slash */
	int connect_timeout_ms, read_timeout_ms;
	/* Documents of a provider are read again after known_ms; keys for an
	   unknown key identifier at most once in refetch_ms. */
	int64_t known_ms, refetch_ms;
	/* After a failure it is left alone for this long; meanwhile what was
	   known before serves, else the same failure is told. */
	int64_t retry_ms;
};
/* Nothing is called yet. FAULT_CONFIG: the setting is not usable. */
int oidc_new(struct oidc **out, const struct oidc_setting *s,
	const struct oidc_env *env, struct err *e);
void oidc_free(struct oidc **o); /* NULL is fine */
const struct oidc_setting *oidc_setting_of(const struct oidc *o);
/* Our address that the provider sends people back to. */
const char *oidc_redirect(const struct oidc *o);

/* One attempt to sign in, kept by us for one browser and one use. Plain
   value; the texts are secret until the attempt has ended. */
struct oidc_attempt {
	char state[OIDC_TOKEN_LEN + 1];
	char nonce[OIDC_TOKEN_LEN + 1];
	char verifier[OIDC_TOKEN_LEN + 1];
};
/* Makes an attempt, and the address at the provider where it goes on.
   language: "ja" or "en", of the provider's pages. FAULT_NETWORK,
   FAULT_UNKNOWN_HOST, FAULT_SSL_AUTH, FAULT_IO, FAULT_CONFIG (its documents
   do not fit): the provider's fault, said for people. */
int oidc_begin(struct oidc *o, struct arena *a, const char *language,
	struct oidc_attempt *out, const char **url, struct err *e);

struct oidc_identity {
	const char *issuer, *sub;
	const char *level; /* the token's acr, else the setting's */
	const char *amr;   /* methods, separated by blanks; "" unknown */
};
/* The query of the provider's answer against the attempt, which has ended
   after this call whatever comes out. FAULT_FORBIDDEN: the person or the
   provider said no (text: which); FAULT_UNAUTHORIZED: something in the answer
   is not as it must be; FAULT_BAD_REQUEST: no answer to this attempt. */
int oidc_finish(struct oidc *o, struct arena *a,
	const struct oidc_attempt *attempt, const char *query,
	struct oidc_identity *out, struct err *e);

/* 32 random bytes in base64url: states, session names, links. */
void oidc_token(char out[OIDC_TOKEN_LEN + 1]);
