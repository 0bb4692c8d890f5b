/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: an ID token, a set of keys and a blank line between them. No
 * token is good but those that a key of the set signed; claims are judged
 * whatever they are, as if the signature had been good.
 */
#include <stdlib.h>
#include <string.h>

#include "jwt.h"
#include "mem.h"
#include "oidc_judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct oidc_setting setting = {
	.name = "op",
	.issuer = "https://op.example",
	.client_id = "client",
	.level = "low",
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	char *text = arena_strndup(a, (const char *)data, size);
	char *set = strstr(text, "\n\n");
	const struct oidc_expect x = { &setting, "nonce", "access",
		1700000000000 };
	struct oidc_identity who;
	struct jwks keys = { NULL, 0 };
	struct jwt t;

	if (set) {
		*set = '\0';
		(void)jwks_read(a, bytes_str(set + 2), &keys, NULL);
	}
	if (!jwt_parse(a, text, &t, NULL)) {
		(void)jwt_verify(&t, &keys, a, NULL, NULL);
		if (!oidc_claims_judge(a, t.claims, &x, &who, NULL) &&
			(!*who.sub || strlen(who.sub) > OIDC_SUB_MAX))
			abort();
	}
	arena_free(&a);
	return 0;
}
