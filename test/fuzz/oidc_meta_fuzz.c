/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a provider's description, and its keys. Addresses that come out
 * are https and hold nothing that could end a header or a page's attribute.
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

static void
judge(const char *url)
{
	if (strncmp(url, "https://", 8) != 0 || strpbrk(url, " \r\n\"<>#\\"))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct oidc_meta m;
	struct jwks keys;

	if (!oidc_meta_read(a, bytes_of(data, size), &setting, &m, NULL)) {
		judge(m.authorization);
		judge(m.token);
		judge(m.jwks);
	}
	(void)jwks_read(a, bytes_of(data, size), &keys, NULL);
	arena_free(&a);
	return 0;
}
