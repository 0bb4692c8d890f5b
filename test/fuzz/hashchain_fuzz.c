/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: hash chains of peers. The input stands once for the chain and
 * once for the result.
 */
#include "err.h"
#include "hashchain.h"
#include "mem.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = { "x-road/hashchains", NULL };

#define RESULT                                                            \
 "<HashChainResult URI='/hashchain.xml#STEP0' xmlns='http://cyber.ee/"    \
 "hashchain' xmlns:ds='http://www.w3.org/2000/09/xmldsig#'>"              \
 "<ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/>" \
 "<ds:DigestValue>D7oIIfhfp4ToT729xyx991PvstI5XvpW+d7oeWvXw8E="           \
 "</ds:DigestValue></HashChainResult>"
#define CHAIN                                                          \
 "<HashChain xmlns='http://cyber.ee/hashchain'><HashStep id='STEP0'/>" \
 "</HashChain>"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hashchain_input in = { .uri = "/message.xml", .required = true };
	struct arena *a = arena_new();
	int lenient;

	xml_startup();
	digest_of(DIGEST_SHA256, "two", 3, &in.digest);
	for (lenient = 0; lenient < 2; lenient++) {
		hashchain_verify(a, bytes_str(RESULT), bytes_of(data, size),
			&in, 1, lenient, NULL);
		hashchain_verify(a, bytes_of(data, size), bytes_str(CHAIN), &in,
			1, lenient, NULL);
	}
	arena_free(&a);
	return 0;
}
