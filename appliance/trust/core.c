/* SPDX-License-Identifier: MIT */
/*
 * What the TLS library needs from us: random numbers of the kernel, its crypto
 * core started once, its error codes as text.
 */
#include "trust_int.h"

#include <assert.h>
#include <pthread.h>

#include <mbedtls/error.h>
#include <psa/crypto.h>

#include "text.h"

int
trust_rng(void *ctx, unsigned char *out, size_t n)
{
	(void)ctx;
	random_bytes(out, n);
	return 0;
}

static void
start_once(void)
{
	psa_status_t rc = psa_crypto_init();
	assert(rc == PSA_SUCCESS);
	(void)rc;
}

void
trust_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, start_once);
}

const char *
trust_error(int code, char *out, size_t max)
{
	mbedtls_strerror(code, out, max);
	return out;
}
