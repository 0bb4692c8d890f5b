/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: distinguished names as people type them (RFC 4514). What is
 * taken has a type and a value in every RDN, none longer than the text.
 */
#include <assert.h>
#include <string.h>

#include "cert.h"
#include "err.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	char *s = arena_strndup(a, (const char *)data, size);
	struct err e = ERR_INIT;
	struct rdn *rdn = NULL;
	size_t n = 0;

	if (rdn_parse(a, s, &rdn, &n, &e)) {
		assert(err_set(&e) && *e.text);
	} else {
		for (size_t i = 0; i < n; i++)
			assert(rdn[i].value && strlen(rdn[i].value) <= size);
	}
	arena_free(&a);
	return 0;
}
