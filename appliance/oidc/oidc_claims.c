/* SPDX-License-Identifier: MIT */
/* What an ID token must say (OpenID Connect Core section 3.1.3.7). */
#include <inttypes.h>
#include <string.h>

#include "digest.h"
#include "err.h"
#include "jws.h"
#include "mem.h"
#include "oidc_judge.h"
#include "text.h"

enum {
	LEEWAY_S = 60,   /* clocks of two machines */
	AGE_MAX_S = 600, /* a token is made for the code we have just sent */
	AMR_MAX = 16,
	AMR_WORD_MAX = 32,
};

/* The token is for us, and if for others too, then first for us. */
static int
audience(const json_t *claims, const char *client, struct err *e)
{
	const json_t *aud = json_object_get(claims, "aud");
	const json_t *azp = json_object_get(claims, "azp");
	bool ours = json_is_string(aud)
			    ? str_equal(json_string_value(aud), client)
			    : json_list_has(json_list(claims, "aud"), client);

	if (!ours)
		return fail(e, FAULT_UNAUTHORIZED,
			"the token is for somebody else (aud)");
	if (azp && !str_equal(json_string_value(azp), client))
		return fail(e, FAULT_UNAUTHORIZED,
			"the token was made for somebody else (azp)");
	if (json_array_size(aud) > 1 && !azp)
		return fail(e, FAULT_UNAUTHORIZED,
			"the token is for several and does not say for whom "
			"first (azp)");
	return 0;
}

/* NumericDate: a number, possibly with a fraction (RFC 7519 section 2). */
static bool
date(const json_t *claims, const char *name, double *out)
{
	const json_t *v = json_object_get(claims, name);

	if (!json_is_number(v))
		return false;
	*out = json_number_value(v);
	return *out >= 0 && *out < 1e12;
}

static int
times(const json_t *claims, const struct oidc_expect *x, struct err *e)
{
	double now = (double)x->now / 1000, exp, iat, nbf, auth;

	if (!date(claims, "exp", &exp) || !date(claims, "iat", &iat))
		return fail(e, FAULT_UNAUTHORIZED,
			"the token does not say when it was made or ends");
	if (exp + LEEWAY_S <= now)
		return fail(e, FAULT_UNAUTHORIZED, "the token has expired");
	if (iat - LEEWAY_S > now)
		return fail(e, FAULT_UNAUTHORIZED,
			"the token was made in the future; compare the clocks");
	if (iat + AGE_MAX_S <= now)
		return fail(e, FAULT_UNAUTHORIZED, "the token is too old");
	if (json_object_get(claims, "nbf") &&
		(!date(claims, "nbf", &nbf) || nbf - LEEWAY_S > now))
		return fail(
			e, FAULT_UNAUTHORIZED, "the token is not valid yet");
	if (x->setting->max_age &&
		(!date(claims, "auth_time", &auth) ||
			auth + (double)x->setting->max_age + LEEWAY_S <= now))
		return fail(e, FAULT_UNAUTHORIZED,
			"the provider did not ask anew who the person is");
	return 0;
}

static int
nonce(const json_t *claims, const char *want, struct err *e)
{
	const char *got = json_str(claims, "nonce");
	size_t n = strlen(want);

	if (!got || strlen(got) != n || !ct_equal(got, want, n))
		return fail(e, FAULT_UNAUTHORIZED,
			"the token belongs to another sign-in (nonce)");
	return 0;
}

/* Core section 3.1.3.6; SHA-256 because both algorithms use it. */
static int
access_hash(struct arena *a, const json_t *claims, const char *access,
	struct err *e)
{
	const json_t *hash = json_object_get(claims, "at_hash");
	struct digest d;

	if (!hash || !access)
		return 0;
	digest_of(DIGEST_SHA256, access, strlen(access), &d);
	if (!str_equal(json_string_value(hash),
		    base64url_encode(a, d.value, d.len / 2)))
		return fail(e, FAULT_UNAUTHORIZED,
			"the token belongs to another access token (at_hash)");
	return 0;
}

static int
subject(struct arena *a, const json_t *claims, const char **out, struct err *e)
{
	const char *sub = json_str(claims, "sub");
	size_t n = sub ? strlen(sub) : 0;

	for (size_t i = 0; i < n; i++)
		if (sub[i] < ' ' || sub[i] > '~')
			n = 0;
	if (!n || n > OIDC_SUB_MAX)
		return fail(e, FAULT_UNAUTHORIZED,
			"the token names no person (sub)");
	*out = arena_strdup(a, sub);
	return 0;
}

static int
level(struct arena *a, const json_t *claims, const struct oidc_setting *s,
	const char **out, struct err *e)
{
	const char *acr = json_str(claims, "acr");
	bool found = !s->acr;

	if (acr && (!*acr || strlen(acr) > OIDC_ACR_MAX))
		acr = NULL;
	for (size_t i = 0; !found && s->acr[i]; i++)
		found = str_equal(acr, s->acr[i]);
	if (!found)
		return fail(e, FAULT_UNAUTHORIZED,
			"the provider is less sure of who the person is than "
			"is demanded (acr)");
	*out = acr ? arena_strdup(a, acr) : s->level;
	return 0;
}

/* The methods, as far as they look like those of RFC 8176. */
static const char *
methods(struct arena *a, const json_t *claims)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-.:";
	const json_t *list = json_list(claims, "amr"), *word;
	char *out = arena_strdup(a, "");
	size_t i;

	json_each(word, i, list) {
		const char *w = json_string_value(word);

		if (i >= AMR_MAX)
			break;
		if (w && *w && strlen(w) <= AMR_WORD_MAX &&
			!w[strspn(w, letters)])
			out = arena_printf(
				a, "%s%s%s", out, *out ? " " : "", w);
	}
	return out;
}

int
oidc_claims_judge(struct arena *a, const json_t *claims,
	const struct oidc_expect *x, struct oidc_identity *out, struct err *e)
{
	const struct oidc_setting *s = x->setting;

	if (!str_equal(json_str(claims, "iss"), s->issuer))
		return fail(e, FAULT_UNAUTHORIZED,
			"the token was issued by somebody else (iss)");
	if (audience(claims, s->client_id, e) || times(claims, x, e) ||
		nonce(claims, x->nonce, e) ||
		access_hash(a, claims, x->access, e) ||
		subject(a, claims, &out->sub, e) ||
		level(a, claims, s, &out->level, e))
		return -1;
	out->issuer = s->issuer;
	out->amr = methods(a, claims);
	return 0;
}
