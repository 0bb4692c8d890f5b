/* SPDX-License-Identifier: MIT */
/*
 * OCSP responses that peers hand over: read, and judged about a certificate
 * of our own making.
 */
#include <stdint.h>

#include "cert.h"
#include "key.h"
#include "mem.h"
#include "ocsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Made once: a self-signed certificate. */
static struct cert *
some_cert(void)
{
	static struct cert *made;
	struct rdn name = { "CN", "x" };
	struct key *key = NULL;
	if (made || key_generate(&key, KEY_EC, 0, NULL))
		return made;
	struct cert_template t = { .subject = &name,
		.subjects = 1,
		.key = key,
		.serial = 1,
		.not_after = 1000,
		.path_len = -1 };
	cert_issue(&made, &t, NULL, key, NULL);
	key_unref(&key);
	return made;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct cert *c = some_cert();
	struct ocsp_policy policy = { .at = 0 };
	struct ocsp_answer answer;
	int64_t produced;
	ocsp_peek(bytes_of(p, n), &answer, &produced, NULL);
	ocsp_is_about(bytes_of(p, n), c, c);
	ocsp_verify(bytes_of(p, n), c, c, &policy, NULL);
	return 0;
}
