/* SPDX-License-Identifier: MIT */
/* Making tokens and key sets as a provider does, right and wrong. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "digest.h"
#include "json_io.h"
#include "jws.h"
#include "cert.h"
#include "key.h"
#include "mem.h"

static inline char *
kit_json(struct arena *a, const json_t *j)
{
	struct buf b;
	char *s;

	buf_init(&b, 1 << 20);
	json_write(&b, j, JSON_PLAIN);
	s = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	return s;
}

/* {"keys":[...]} with one key, or two. */
static inline char *
kit_jwks(struct arena *a, struct key *one, const char *kid_one, struct key *two,
	const char *kid_two)
{
	struct key *key[] = { one, two };
	const char *kid[] = { kid_one, kid_two };
	json_t *doc = json_keep(a, json_object()), *list = json_array();

	for (int i = 0; i < 2; i++) {
		json_t *j;

		if (!key[i])
			continue;
		if (jwk_make(a, key[i], &j, NULL))
			abort();
		if (kid[i])
			json_put_str(j, "kid", kid[i]);
		json_put_str(j, "use", "sig");
		json_array_append_new(list, j);
	}
	json_put_new(doc, "keys", list);
	return kit_json(a, doc);
}

/* The compact form over head and claims as they are given; key NULL: an empty
   signature; mac: HS256 over these bytes instead. */
static inline char *
kit_token(struct arena *a, const char *head, const char *claims, struct key *k,
	struct bytes mac)
{
	char *input = arena_printf(a, "%s.%s",
		base64url_encode(a, head, strlen(head)),
		base64url_encode(a, claims, strlen(claims)));
	struct bytes sig = bytes_of("", 0);
	struct digest d;

	if (mac.len) {
		digest_mac(DIGEST_SHA256, mac, bytes_str(input), &d);
		sig = bytes_of(d.value, d.len);
	} else if (k) {
		if (key_sign(k, key_default_alg(k, DIGEST_SHA256),
			    bytes_str(input), a, &sig, NULL) ||
			(key_type(k) == KEY_EC &&
				ecdsa_raw_from_der(a, sig, 32, &sig, NULL)))
			abort();
	}
	return arena_printf(
		a, "%s.%s", input, base64url_encode(a, sig.data, sig.len));
}
