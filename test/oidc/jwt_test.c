/* SPDX-License-Identifier: MIT */
/* Tokens and key sets: what is taken, and every forgery that is known. */
#include "jwt.h"

#include <stdio.h>

#include "err.h"
#include "oidc_kit.h"
#include "tap.h"
#include "text.h"

static struct arena *a;
static struct key *rsa, *ec, *other;
static struct jwks keys;

static const char *
verdict(const char *token, const struct jwks *set)
{
	static struct err e;
	struct jwt t;

	e = (struct err)ERR_INIT;
	if (jwt_parse(a, token, &t, &e) || jwt_verify(&t, set, a, NULL, &e)) {
		is_int(e.fault, FAULT_UNAUTHORIZED);
		return e.text;
	}
	return "";
}

/* RFC 7515 appendix A.3: other people's token, not ours. */
static void
examples(void)
{
	static const char set[] =
		"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
		"\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":"
		"\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";
	static const char es256[] =
		"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzO"
		"DAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
		"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISl"
		"SApmWQxfKTUJqPP3-Kg6NU1Q";
	struct jwks set_read;

	ok(jwks_read(a, bytes_str(set), &set_read, NULL) == 0);
	is_str(verdict(es256, &set_read), "");
}

static void
setup(void)
{
	ok(key_generate(&rsa, KEY_RSA, 2048, NULL) == 0);
	ok(key_generate(&other, KEY_RSA, 2048, NULL) == 0);
	ok(key_generate(&ec, KEY_EC, 0, NULL) == 0);
	ok(jwks_read(a, bytes_str(kit_jwks(a, rsa, "r1", ec, "e1")), &keys,
		   NULL) == 0);
	is_int((long long)keys.n, 2);
	ok(key_same_public(keys.item[0].key, rsa));
	ok(key_same_public(keys.item[1].key, ec));
}

struct forgery {
	const char *what, *head, *words; /* words: in the refusal; "" good */
	int key;                         /* 0 none, 1 rsa, 2 ec, 3 another */
};
static const struct forgery forgeries[] = {
	{ "RS256", "{\"alg\":\"RS256\",\"kid\":\"r1\"}", "", 1 },
	{ "ES256", "{\"alg\":\"ES256\",\"kid\":\"e1\",\"typ\":\"JWT\"}", "",
		2 },
	{ "without kid, one key fits", "{\"alg\":\"RS256\"}", "", 1 },
	{ "alg none", "{\"alg\":\"none\"}", "not a signed", 0 },
	{ "alg none with a signature", "{\"alg\":\"none\"}", "algorithm", 1 },
	{ "alg nOnE", "{\"alg\":\"nOnE\"}", "algorithm", 1 },
	{ "alg HS256", "{\"alg\":\"HS256\",\"kid\":\"r1\"}", "algorithm", 1 },
	{ "alg PS256", "{\"alg\":\"PS256\",\"kid\":\"r1\"}", "algorithm", 1 },
	{ "no alg", "{\"kid\":\"r1\"}", "algorithm", 1 },
	{ "alg is a list", "{\"alg\":[\"RS256\"]}", "algorithm", 1 },
	{ "an EC token with the RSA key's name",
		"{\"alg\":\"ES256\",\"kid\":\"r1\"}", "publishes no key", 2 },
	{ "RS256 signed by the EC key", "{\"alg\":\"RS256\",\"kid\":\"e1\"}",
		"publishes no key", 2 },
	{ "signed by another key", "{\"alg\":\"RS256\",\"kid\":\"r1\"}",
		"signature is not", 3 },
	{ "its own key in the head",
		"{\"alg\":\"RS256\",\"jwk\":{\"kty\":\"RSA\"}}",
		"signature is not", 3 },
	{ "an unknown key", "{\"alg\":\"RS256\",\"kid\":\"r2\"}",
		"publishes no key", 1 },
	{ "crit", "{\"alg\":\"RS256\",\"kid\":\"r1\",\"crit\":[\"b64\"]}",
		"crit", 1 },
	{ "an access token",
		"{\"alg\":\"RS256\",\"kid\":\"r1\",\"typ\":\"at+jwt\"}",
		"another type", 1 },
	{ "kid is a number", "{\"alg\":\"RS256\",\"kid\":1}", "identifier", 1 },
	{ "the head is a list", "[]", "head", 1 },
	{ "a member twice", "{\"alg\":\"none\",\"alg\":\"RS256\"}", "head", 1 },
};

static void
forged(void)
{
	struct key *const by[] = { NULL, rsa, ec, other };

	for (size_t i = 0; i < sizeof(forgeries) / sizeof(*forgeries); i++) {
		const struct forgery *f = &forgeries[i];
		const char *got =
			verdict(kit_token(a, f->head, "{\"sub\":\"x\"}",
					by[f->key], bytes_of("", 0)),
				&keys);

		ok_m(*f->words ? strstr(got, f->words) != NULL : !*got,
			"%s: %s", f->what, got);
	}
}

/* The classic: the public key's bytes as the secret of a keyed hash. */
static void
confusion(void)
{
	struct bytes spki = key_spki(rsa, a);
	char *pem = pem_encode(a, "PUBLIC KEY", spki);
	const char *head = "{\"alg\":\"HS256\",\"kid\":\"r1\"}";

	ok(strstr(verdict(kit_token(a, head, "{}", NULL, spki), &keys),
		"algorithm"));
	ok(strstr(
		verdict(kit_token(a, head, "{}", NULL, bytes_str(pem)), &keys),
		"algorithm"));
	head = "{\"alg\":\"RS256\",\"kid\":\"r1\"}";
	ok(strstr(verdict(kit_token(a, head, "{}", NULL, spki), &keys),
		"signature is not"));
}

/* Every byte of a good token changed, and every part cut. */
static void
touched(void)
{
	char *good = kit_token(a, "{\"alg\":\"ES256\",\"kid\":\"e1\"}",
		"{\"sub\":\"x\"}", ec, bytes_of("", 0));
	size_t n = strlen(good), taken = 0;

	is_str(verdict(good, &keys), "");
	for (size_t i = 0; i < n - 1; i++) {
		char *bad = arena_strdup(a, good);
		struct jwt t;

		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		taken += !jwt_parse(a, bad, &t, NULL) &&
			 !jwt_verify(&t, &keys, a, NULL, NULL);
	}
	is_int((long long)taken, 0);
	for (size_t i = 0; i < n; i++) {
		struct jwt t;

		taken += !jwt_parse(a, arena_strndup(a, good, i), &t, NULL) &&
			 !jwt_verify(&t, &keys, a, NULL, NULL);
	}
	is_int((long long)taken, 0);
	ok(*verdict(arena_printf(a, "%s.", good), &keys));
	ok(*verdict(arena_printf(a, "%s=", good), &keys));
	ok(*verdict(arena_printf(a, "%s\n", good), &keys));
	ok(*verdict("..", &keys));
	ok(*verdict("", &keys));
}

static void
sets(void)
{
	char *two = kit_jwks(a, rsa, NULL, other, NULL);
	char *same = kit_jwks(a, rsa, "k", other, "k");
	const char *token =
		kit_token(a, "{\"alg\":\"RS256\"}", "{}", rsa, bytes_of("", 0));
	struct jwks set;

	ok(jwks_read(a, bytes_str(two), &set, NULL) == 0);
	ok(strstr(verdict(token, &set), "does not say which"));
	ok(jwks_read(a, bytes_str(same), &set, NULL) == 0);
	token = kit_token(a, "{\"alg\":\"RS256\",\"kid\":\"k\"}", "{}", rsa,
		bytes_of("", 0));
	ok(strstr(verdict(token, &set), "does not say which"));
	ok(jwks_read(a,
		   bytes_str("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}"),
		   &set, NULL) != 0);
	ok(jwks_read(a, bytes_str("{\"keys\":[{\"kty\":\"OKP\"},{},1]}"), &set,
		   NULL) == 0);
	is_int((long long)set.n, 0);
	ok(jwks_read(a, bytes_str("{}"), &set, NULL) != 0);
	ok(jwks_read(a, bytes_str("{\"keys\":{}}"), &set, NULL) != 0);
	ok(jwks_read(a,
		   bytes_str("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
			     "\"x\":\"AA\",\"y\":\"AA\"},{\"kty\":\"RSA\","
			     "\"n\":\"AQAB\",\"e\":\"AQAB\"},{\"kty\":\"EC\","
			     "\"crv\":\"P-256\",\"use\":\"enc\"}]}"),
		   &set, NULL) == 0);
	is_int((long long)set.n, 0);
}

int
main(void)
{
	a = arena_new();
	setup();
	examples();
	forged();
	confusion();
	touched();
	sets();
	key_unref(&rsa);
	key_unref(&ec);
	key_unref(&other);
	arena_free(&a);
	return tap_done();
}
