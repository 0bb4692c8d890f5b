/* SPDX-License-Identifier: MIT */
/* Signed tokens in compact form; see jwt.h. */
#include "jwt.h"

#include <string.h>

#include "err.h"
#include "jws.h"
#include "key.h"
#include "mem.h"
#include "text.h"

enum { DEPTH = 8, ELEMENTS = 1000, PARTS = 3, RAW_P256 = 64 };

struct jwt_alg {
	const char *name;
	enum key_type type;
	struct sign_alg alg;
};
static const struct jwt_alg algs[] = {
	{ "RS256", KEY_RSA, { SIGN_RSA_PKCS1, DIGEST_SHA256 } },
	{ "ES256", KEY_EC, { SIGN_ECDSA, DIGEST_SHA256 } },
};
enum { ALGS = sizeof(algs) / sizeof(*algs) };

static const struct jwt_alg *
alg_find(const char *name)
{
	for (size_t i = 0; i < ALGS; i++)
		if (str_equal(name, algs[i].name))
			return &algs[i];
	return NULL;
}

/* Three parts of base64url, none of them empty. */
static int
split(struct arena *a, const char *token, struct bytes part[PARTS],
	struct err *e)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-_";
	const char *p = token;

	if (strlen(token) > JWT_MAX)
		return fail(e, FAULT_UNAUTHORIZED,
			"the token is longer than %d bytes", JWT_MAX);
	for (int i = 0; i < PARTS; i++) {
		size_t n = strspn(p, letters);

		if (!n || p[n] != (i < PARTS - 1 ? '.' : '\0') ||
			base64url_decode(
				a, arena_strndup(a, p, n), &part[i], NULL))
			return fail(e, FAULT_UNAUTHORIZED,
				"the token is not a signed JSON Web Token");
		p += n + 1;
	}
	return 0;
}

static int
object(struct arena *a, struct bytes text, const char *what, json_t **out,
	struct err *e)
{
	const struct json_limits limits = { JWT_MAX, DEPTH, ELEMENTS };

	if (json_parse(a, text, &limits, out, NULL) || !json_is_object(*out))
		return fail(e, FAULT_UNAUTHORIZED,
			"the token's %s is no JSON object", what);
	return 0;
}

static int
head_judge(const json_t *head, struct jwt *out, struct err *e)
{
	const json_t *typ = json_object_get(head, "typ");
	const json_t *kid = json_object_get(head, "kid");

	out->alg = json_str(head, "alg");
	out->kid = json_str(head, "kid");
	if (!alg_find(out->alg))
		return fail(e, FAULT_UNAUTHORIZED,
			"the token's algorithm is '%.20s'; RS256 and ES256 are "
			"taken",
			out->alg ? out->alg : "");
	if (json_object_get(head, "crit"))
		return fail(e, FAULT_UNAUTHORIZED,
			"the token wants an extension to be understood (crit)");
	if (typ && !str_iequal(json_string_value(typ), "JWT"))
		return fail(e, FAULT_UNAUTHORIZED,
			"the token is of another type than an ID token");
	if (kid && (!out->kid || strlen(out->kid) > JWK_ID_MAX))
		return fail(e, FAULT_UNAUTHORIZED,
			"the token's key identifier is no text");
	return 0;
}

int
jwt_parse(struct arena *a, const char *token, struct jwt *out, struct err *e)
{
	struct bytes part[PARTS];
	json_t *head;

	*out = (struct jwt){ 0 };
	if (split(a, token, part, e) || object(a, part[0], "head", &head, e) ||
		head_judge(head, out, e) ||
		object(a, part[1], "content", &out->claims, e))
		return -1;
	out->input = bytes_of(token, (size_t)(strrchr(token, '.') - token));
	out->signature = part[2];
	return 0;
}

static bool
fits(const struct jwk *k, const struct jwt *t, const struct jwt_alg *alg)
{
	return key_type(k->key) == alg->type &&
	       (!k->alg || str_equal(k->alg, alg->name)) &&
	       (!t->kid || str_equal(t->kid, k->kid));
}

static int
signed_by(const struct jwt *t, const struct jwt_alg *alg, const struct key *k,
	struct arena *a, struct err *e)
{
	struct bytes sig = t->signature;

	if (alg->type == KEY_EC &&
		(sig.len != RAW_P256 || ecdsa_der_from_raw(a, sig, &sig, NULL)))
		return fail(e, FAULT_UNAUTHORIZED,
			"the token's signature is malformed");
	if (key_verify(k, alg->alg, t->input, sig, NULL))
		return fail(e, FAULT_UNAUTHORIZED,
			"the token's signature is not the provider's");
	return 0;
}

int
jwt_verify(const struct jwt *t, const struct jwks *keys, struct arena *a,
	bool *unknown, struct err *e)
{
	const struct jwt_alg *alg = alg_find(t->alg);
	const struct jwk *found = NULL;
	size_t n = 0;

	for (size_t i = 0; alg && i < keys->n; i++)
		if (fits(&keys->item[i], t, alg)) {
			found = &keys->item[i];
			n++;
		}
	if (unknown)
		*unknown = n == 0;
	if (n == 0)
		return fail(e, FAULT_UNAUTHORIZED,
			"the provider publishes no key for the token");
	if (n > 1)
		return fail(e, FAULT_UNAUTHORIZED,
			"the token does not say which of the provider's keys "
			"signed it");
	if (!signed_by(t, alg, found->key, a, e))
		return 0;
	if (unknown)
		*unknown = true;
	return -1;
}
