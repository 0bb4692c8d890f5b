/* SPDX-License-Identifier: MIT */
/* Fuzz target: signed configuration directories. The signature is made here, so that
   the inside is reached: the input is the signed part. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "err.h"
#include "mem.h"
#include "cert.h"
#include "digest.h"
#include "gcdir.h"
#include "key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One key for the whole run. */
static struct key *key;
static struct cert *cert;

static void
key_open(void)
{
	struct rdn cn = { "CN", "fuzz" };
	struct cert_template t = {
		.subject = &cn,
		.subjects = 1,
		.serial = 1,
		.not_after = 1,
		.path_len = -1,
	};

	if (key)
		return;
	if (key_generate(&key, KEY_EC, 0, NULL) != 0)
		abort();
	t.key = key;
	if (cert_issue(&cert, &t, NULL, key, NULL) != 0)
		abort();
}

static void
wrap(struct arena *a, const uint8_t *data, size_t size, struct buf *b)
{
	struct sign_alg alg = { SIGN_ECDSA, DIGEST_SHA256 };
	struct bytes sig, der = cert_der(cert);
	struct digest d;

	digest_of(DIGEST_SHA256, der.data, der.len, &d);
	if (key_sign(key, alg, bytes_of(data, size), a, &sig, NULL) != 0)
		abort();
	buf_str(b, "content-type: x/y; boundary=oo\n\n--oo\n"
		   "content-type: x/y; boundary=i\n\n");
	buf_add(b, data, size);
	buf_fmt(b,
		"\n--oo\ncontent-type: application/octet-stream\n"
		"content-transfer-encoding: base64\n"
		"signature-algorithm-id: %s\n"
		"verification-certificate-hash: ",
		sign_alg_uri(alg));
	buf_base64(b, d.value, d.len);
	buf_fmt(b, "; hash-algorithm-id=%s\n\n", digest_uri(DIGEST_SHA256));
	buf_base64(b, sig.data, sig.len);
	buf_str(b, "\n--oo--\n");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct gcdir d;
	struct bytes der;
	struct buf b;

	key_open();
	der = cert_der(cert);
	gcdir_verify(a, bytes_of(data, size), &der, 1, 0, &d, NULL);
	buf_init(&b, 2 * GC_DIR_MAX);
	wrap(a, data, size, &b);
	gcdir_verify(a, bytes_buf(&b), &der, 1, 0, &d, NULL);
	buf_done(&b);
	arena_free(&a);
	return 0;
}
