/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: time-stamp tokens, judged against a service that has the name
 * and the key of the corpus' signer. Adding a certificate changes no verdict.
 */
#include <assert.h>
#include <stdlib.h>

#include "mem.h"
#include "tsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The service's certificate in test/fuzz/corpus/tsp_token. */
static const char signer_pem[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBYjCCAQigAwIBAgIUS4/MO7uVxaqeMxK6uUdqjP064f0wCgYIKoZIzj0EAwIw\n"
	"DDEKMAgGA1UEAwwBVDAgFw0yNjExMjEwNzU2MjNaGA8yMTI2MTAyODA3NTYyM1ow\n"
	"DDEKMAgGA1UEAwwBVDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJGvCKkC3Qj4\n"
	"gGRxnztXu+cVto9ojCc1Ap/TMqyIEZ8wKLCQOE6/DTj9qHXMSUCmqXw1+JzFjnhc\n"
	"tUMWTxRopOijRjBEMAsGA1UdDwQEAwIHgDAWBgNVHSUBAf8EDDAKBggrBgEFBQcD\n"
	"CDAdBgNVHQ4EFgQUWo9NV3Z3XdLwYsOaGCbi5btX7KYwCgYIKoZIzj0EAwIDSAAw\n"
	"RQIgMs5yw+r4MKUiXiX/NMtVh4yibVGRsRTHQuJf+NzttWICIQDhZnukzaOsRbG9\n"
	"mCOVggUSFvRVMjAKdT2XtMwtdnNJ+Q==\n"
	"-----END CERTIFICATE-----\n";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct cert *signer = NULL;
	struct tsp_token facts, again;
	struct bytes token = bytes_of(data, size), der;
	int rc = cert_parse(&signer, bytes_str(signer_pem), NULL);
	struct cert_list tsa = { &signer, 1 };

	assert(rc == 0);
	rc = tsp_token_verify(token, NULL, tsa, a, &facts, NULL);
	if (tsp_token_with_cert(token, signer, a, &der, NULL) == 0) {
		assert(rc == tsp_token_verify(der, NULL, tsa, a, &again, NULL));
		assert(rc ||
			(facts.gen_time == again.gen_time &&
				digest_equal(&facts.imprint, &again.imprint)));
	}
	cert_unref(&signer);
	arena_free(&a);
	return 0;
}
