/* SPDX-License-Identifier: MIT */
/*
 * What an ACME server may say: directory, order, authorization, problem, and
 * the certificates it delivers.
 */
#define IN_ACME 1
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "acme_int.h"
#include "cert.h"
#include "jws.h"
#include "mem.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct bytes text = bytes_of(p, n), raw;
	struct acme_directory directory;
	struct acme_order_state order;
	struct acme_authorization proof;
	struct cert *chain[CHAIN_MAX];
	const char *type, *detail;
	size_t certs;

	if (!acme_parse_directory(a, text, &directory, NULL))
		assert(acme_url_ok(directory.new_order));
	if (!acme_parse_order(a, text, &order, NULL))
		assert(order.authorizations <= ACME_AUTHORIZATIONS_MAX &&
			acme_url_ok(order.finalize));
	if (!acme_parse_authorization(a, text, &proof, NULL) && proof.token)
		assert(acme_word_ok(proof.token, ACME_TOKEN_MAX) &&
			acme_url_ok(proof.url));
	acme_parse_problem(a, text, &type, &detail);
	assert(!strpbrk(detail, "\r\n") && utf8_valid(detail, strlen(detail)));
	(void)base64url_decode(
		a, arena_strndup(a, (const char *)p, n), &raw, NULL);
	if (!cert_parse_chain(chain, &certs, text, NULL))
		while (certs)
			cert_unref(&chain[--certs]);
	arena_free(&a);
	return 0;
}
