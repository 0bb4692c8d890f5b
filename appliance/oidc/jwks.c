/* SPDX-License-Identifier: MIT */
/* Sets of public keys (RFC 7517, RFC 7518 section 6); see jwt.h. */
#include <string.h>

#include "der.h"
#include "err.h"
#include "jws.h"
#include "jwt.h"
#include "key.h"
#include "mem.h"
#include "text.h"

enum {
	DEPTH = 8,
	ELEMENTS = 4000,
	FIELD = 32,     /* bytes of a coordinate on P-256 */
	RSA_MIN = 2048, /* bits; RFC 7518 section 3.3 */
	NUMBER_MAX = 2048,
};

/* base64url without padding and nothing else (RFC 7515 section 2). */
static int
number(struct arena *a, const json_t *j, const char *name, struct bytes *out,
	struct err *e)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-_";
	const char *text;

	if (json_need_str(j, name, NUMBER_MAX, &text, e))
		return -1;
	if (text[strspn(text, letters)])
		return fail(e, FAULT_BAD_REQUEST,
			"the member %s of a key is not base64url", name);
	return base64url_decode(a, text, out, e);
}

/* SubjectPublicKeyInfo (RFC 5280 section 4.1) of algorithm and bits. */
static int
spki_key(struct buf *alg, struct buf *bits, struct key **out, struct err *e)
{
	struct buf info, whole;
	int ret;

	buf_init(&info, NUMBER_MAX * 4);
	buf_init(&whole, NUMBER_MAX * 4);
	der_put_buf(&info, DER_SEQUENCE, alg);
	der_put_buf(&info, DER_BIT_STRING, bits);
	der_put_buf(&whole, DER_SEQUENCE, &info);
	ret = key_parse_public(out, bytes_buf(&whole), e);
	buf_done(&info);
	buf_done(&whole);
	return ret;
}

static int
read_rsa(struct arena *a, const json_t *j, struct key **out, struct err *e)
{
	struct buf alg, numbers, bits;
	struct bytes n, x;
	int ret;

	if (number(a, j, "n", &n, e) || number(a, j, "e", &x, e))
		return -1;
	buf_init(&alg, 64);
	buf_init(&numbers, NUMBER_MAX * 2);
	buf_init(&bits, NUMBER_MAX * 2);
	der_put_oid(&alg, "1.2.840.113549.1.1.1");
	der_put(&alg, DER_NULL, NULL, 0);
	der_put_uint(&numbers, n.data, n.len);
	der_put_uint(&numbers, x.data, x.len);
	buf_char(&bits, '\0');
	der_put_buf(&bits, DER_SEQUENCE, &numbers);
	ret = spki_key(&alg, &bits, out, e);
	buf_done(&alg);
	buf_done(&numbers);
	buf_done(&bits);
	if (!ret && key_bits(*out) < RSA_MIN) {
		key_unref(out);
		return fail(e, FAULT_BAD_REQUEST,
			"an RSA key of less than %d bits", RSA_MIN);
	}
	return ret;
}

static int
read_ec(struct arena *a, const json_t *j, struct key **out, struct err *e)
{
	struct bytes x, y;
	struct buf alg, bits;
	int ret;

	if (!str_equal(json_str(j, "crv"), "P-256"))
		return fail(e, FAULT_BAD_REQUEST, "a curve other than P-256");
	if (number(a, j, "x", &x, e) || number(a, j, "y", &y, e))
		return -1;
	if (x.len != FIELD || y.len != FIELD)
		return fail(e, FAULT_BAD_REQUEST,
			"a coordinate that is not %d bytes long", FIELD);
	buf_init(&alg, 64);
	buf_init(&bits, 128);
	der_put_oid(&alg, "1.2.840.10045.2.1");
	der_put_oid(&alg, "1.2.840.10045.3.1.7");
	buf_add(&bits, "\0\4", 2);
	buf_bytes(&bits, x);
	buf_bytes(&bits, y);
	ret = spki_key(&alg, &bits, out, e);
	buf_done(&alg);
	buf_done(&bits);
	return ret;
}

struct kind {
	const char *kty;
	int (*read)(struct arena *a, const json_t *j, struct key **out,
		struct err *e);
};
static const struct kind kinds[] = {
	{ "RSA", read_rsa },
	{ "EC", read_ec },
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static bool
for_signatures(const json_t *j)
{
	const char *use = json_str(j, "use");
	const json_t *ops = json_list(j, "key_ops");

	return (!use || str_equal(use, "sig")) &&
	       (!ops || json_list_has(ops, "verify"));
}

static void
drop_key(void *p)
{
	struct key *k = p;

	key_unref(&k);
}

/* *key stays NULL for a key that is none of ours: others may be. */
static void
read_one(struct arena *a, const json_t *j, struct jwk *out)
{
	const char *kty = json_str(j, "kty");
	const char *kid = json_str(j, "kid");

	if (!for_signatures(j) || (kid && strlen(kid) > JWK_ID_MAX))
		return;
	for (size_t i = 0; i < KINDS; i++)
		if (str_equal(kty, kinds[i].kty) &&
			!kinds[i].read(a, j, &out->key, NULL)) {
			arena_defer(a, drop_key, out->key);
			out->kid = arena_strdup(a, kid);
			out->alg = arena_strdup(a, json_str(j, "alg"));
			return;
		}
}

int
jwks_read(struct arena *a, struct bytes text, struct jwks *out, struct err *e)
{
	const struct json_limits limits = { JWKS_MAX, DEPTH, ELEMENTS };
	json_t *doc, *list, *j;
	struct jwk *row;
	size_t i, n = 0;

	if (json_parse(a, text, &limits, &doc, e) ||
		json_need_list(doc, "keys", JWKS_KEYS_MAX, &list, e))
		return -1;
	row = arena_array(a, JWKS_KEYS_MAX, sizeof(*row));
	json_each(j, i, list) {
		if (json_object_get(j, "d") || json_object_get(j, "k"))
			return fail(e, FAULT_BAD_REQUEST,
				"the set holds a secret key");
		read_one(a, j, &row[n]);
		if (row[n].key)
			n++;
	}
	*out = (struct jwks){ row, n };
	return 0;
}
