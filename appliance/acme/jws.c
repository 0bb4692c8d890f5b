/* SPDX-License-Identifier: MIT */
/* JSON Web Signatures; see jws.h. */
#include "jws.h"

#include <string.h>

#include "der.h"
#include "digest.h"
#include "err.h"
#include "key.h"
#include "mem.h"
#include "text.h"

enum { FIELD = 32, POINT = 1 + 2 * FIELD, JSON_MAX = 512 * 1024 };

char *
base64url_encode(struct arena *a, const void *p, size_t n)
{
	char *s = base64_encode(a, p, n);

	for (char *c = s; *c; c++)
		if (*c == '+')
			*c = '-';
		else if (*c == '/')
			*c = '_';
		else if (*c == '=')
			*c = '\0';
	return s;
}

int
base64url_decode(
	struct arena *a, const char *s, struct bytes *out, struct err *e)
{
	size_t n = strlen(s), pad;
	char *plain = arena_printf(a, "%s===", s);

	while (n && s[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++)
		if (plain[i] == '-')
			plain[i] = '+';
		else if (plain[i] == '_')
			plain[i] = '/';
	pad = (4 - n % 4) % 4;
	if (pad == 3)
		return fail(e, FAULT_BAD_REQUEST, "no base64 text");
	memset(plain + n, '=', pad);
	return base64_decode(a, plain, n + pad, out, e);
}

static void
put_number(json_t *j, struct arena *a, const char *name, struct der d)
{
	struct bytes b = der_rest(&d);

	while (b.len > 1 && !*b.data)
		b = bytes_of(b.data + 1, b.len - 1);
	json_put_str(j, name, base64url_encode(a, b.data, b.len));
}

static int
rsa_jwk(struct arena *a, struct bytes bits, json_t *j, struct err *e)
{
	struct der d = der_open(bits), seq, n, x;

	if (der_read(&d, DER_SEQUENCE, &seq, e) ||
		der_read(&seq, DER_INTEGER, &n, e) ||
		der_read(&seq, DER_INTEGER, &x, e))
		return -1;
	put_number(j, a, "e", x);
	json_put_str(j, "kty", "RSA");
	put_number(j, a, "n", n);
	return 0;
}

static int
ec_jwk(struct arena *a, struct bytes bits, json_t *j, struct err *e)
{
	if (bits.len != POINT || bits.data[0] != 4)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			"the key is not on P-256");
	json_put_str(j, "crv", "P-256");
	json_put_str(j, "kty", "EC");
	json_put_str(j, "x", base64url_encode(a, bits.data + 1, FIELD));
	json_put_str(j, "y", base64url_encode(a, bits.data + 1 + FIELD, FIELD));
	return 0;
}

int
jwk_make(struct arena *a, const struct key *k, json_t **out, struct err *e)
{
	struct bytes bits = key_bits_string(k, a);

	*out = json_object();
	if (key_type(k) == KEY_RSA ? rsa_jwk(a, bits, *out, e)
				   : ec_jwk(a, bits, *out, e)) {
		json_decref(*out);
		*out = NULL;
		return -1;
	}
	return 0;
}

static char *
json_text(struct arena *a, const json_t *j)
{
	struct buf b;
	char *s;

	buf_init(&b, JSON_MAX);
	json_write(&b, j, JSON_PLAIN);
	s = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	return s;
}

int
jwk_thumbprint(struct arena *a, const struct key *k, char **out, struct err *e)
{
	struct digest d;
	json_t *j;
	char *text;

	if (jwk_make(a, k, &j, e))
		return -1;
	text = json_text(a, j);
	json_decref(j);
	digest_of(DIGEST_SHA256, text, strlen(text), &d);
	*out = base64url_encode(a, d.value, d.len);
	return 0;
}

/* What all three parts have in common; signature still to come. */
struct draft {
	char *head, *payload, *input;
};

static struct draft
draft_make(struct arena *a, const json_t *head, struct bytes payload)
{
	char *text = json_text(a, head);
	struct draft d = { base64url_encode(a, text, strlen(text)),
		base64url_encode(a, payload.data, payload.len), NULL };

	d.input = arena_printf(a, "%s.%s", d.head, d.payload);
	return d;
}

static json_t *
draft_close(const struct draft *d, struct arena *a, struct bytes signature)
{
	json_t *j = json_object();

	json_put_str(j, "protected", d->head);
	json_put_str(j, "payload", d->payload);
	json_put_str(j, "signature",
		base64url_encode(a, signature.data, signature.len));
	return j;
}

static int
head_make(struct arena *a, const struct key *k, const struct jws_head *h,
	json_t **out, struct err *e)
{
	json_t *j = json_object(), *jwk;

	json_put_str(j, "alg", key_type(k) == KEY_RSA ? "RS256" : "ES256");
	if (h->nonce)
		json_put_str(j, "nonce", h->nonce);
	json_put_str(j, "url", h->url);
	if (h->kid) {
		json_put_str(j, "kid", h->kid);
	} else if (jwk_make(a, k, &jwk, e)) {
		json_decref(j);
		return -1;
	} else {
		json_put_new(j, "jwk", jwk);
	}
	*out = j;
	return 0;
}

int
jws_sign(struct arena *a, struct key *k, const struct jws_head *h,
	struct bytes payload, json_t **out, struct err *e)
{
	struct sign_alg alg = key_default_alg(k, DIGEST_SHA256);
	struct bytes signature;
	struct draft d;
	json_t *head;

	if (head_make(a, k, h, &head, e))
		return -1;
	d = draft_make(a, head, payload);
	json_decref(head);
	if (key_sign(k, alg, bytes_str(d.input), a, &signature, e) ||
		(key_type(k) == KEY_EC &&
			ecdsa_raw_from_der(a, signature, FIELD, &signature, e)))
		return -1;
	*out = draft_close(&d, a, signature);
	return 0;
}

int
jws_bind(struct arena *a, const struct key *account, const struct jws_head *h,
	struct bytes mac_key, json_t **out, struct err *e)
{
	json_t *head = json_object(), *jwk;
	struct digest mac;
	struct draft d;

	json_put_str(head, "alg", "HS256");
	json_put_str(head, "kid", h->kid);
	json_put_str(head, "url", h->url);
	if (jwk_make(a, account, &jwk, e)) {
		json_decref(head);
		return -1;
	}
	d = draft_make(a, head, bytes_str(json_text(a, jwk)));
	json_decref(head);
	json_decref(jwk);
	digest_mac(DIGEST_SHA256, mac_key, bytes_str(d.input), &mac);
	*out = draft_close(&d, a, bytes_of(mac.value, mac.len));
	return 0;
}
