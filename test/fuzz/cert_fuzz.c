/* SPDX-License-Identifier: MIT */
/*
 * Certificates from peers: everything a caller may ask of one that parsed.
 */
#include <stdint.h>

#include "cert.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct cert *c = NULL, *path[CHAIN_MAX];
	size_t count;
	if (cert_parse(&c, bytes_of(p, n), NULL))
		return 0;
	struct arena *a = arena_new();
	cert_subject_text(c, a);
	cert_issuer_text(c, a);
	cert_serial_text(c, a);
	cert_subject_get(c, a, "2.5.4.3");
	cert_ocsp_url(c, a);
	cert_signed_by(c, c, NULL);
	struct cert_list list = { &c, 1 };
	cert_chain(
		c, list, (struct cert_list){ NULL, 0 }, 0, path, &count, NULL);
	arena_free(&a);
	cert_unref(&c);
	return 0;
}
