/* SPDX-License-Identifier: MIT */
/*
 * Judging what a provider says: its description of itself and the claims of
 * its ID tokens. Pure functions, so that tests and fuzzers reach them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "json_io.h"
#include "oidc.h"

struct arena;
struct err;

enum { OIDC_TEXT_MAX = 256 * 1024, OIDC_URL_MAX = 2048 };

/* What Discovery section 3 says about a provider, as far as we use it. */
struct oidc_meta {
	const char *authorization, *token, *jwks; /* addresses */
	bool says_issuer;                         /* RFC 9207 */
};
/* FAULT_CONFIG: another issuer, an address that is not https, or something
   that we cannot do without. */
int oidc_meta_read(struct arena *a, struct bytes text,
	const struct oidc_setting *s, struct oidc_meta *out, struct err *e);
/* https, printable ASCII, no fragment, not too long. */
bool oidc_url_ok(const char *url);

/* OpenID Connect Core section 3.1.3.7 on claims whose signature is good, at
   the time `now` (ms). access: the access token, or NULL. FAULT_UNAUTHORIZED. */
struct oidc_expect {
	const struct oidc_setting *setting;
	const char *nonce, *access;
	int64_t now;
};
int oidc_claims_judge(struct arena *a, const json_t *claims,
	const struct oidc_expect *x, struct oidc_identity *out, struct err *e);
