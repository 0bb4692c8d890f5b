/* SPDX-License-Identifier: MIT */
/*
 * CPU time of TLS, in our own connections as in those of the HTTP client: the
 * linker puts these functions in front of the library's (Makefile,
 * THIRD.trust). Sending and receiving on the socket is part of it.
 */
#include "trust_int.h"

#include <mbedtls/ssl.h>

#include "meter.h"

int meter_read(mbedtls_ssl_context *s, unsigned char *p, size_t n) __asm__(
	"__wrap_mbedtls_ssl_read");
int meter_write(mbedtls_ssl_context *s, const unsigned char *p,
	size_t n) __asm__("__wrap_mbedtls_ssl_write");
int meter_shake(mbedtls_ssl_context *s) __asm__("__wrap_mbedtls_ssl_handshake");
int real_read(mbedtls_ssl_context *s, unsigned char *p, size_t n) __asm__(
	"__real_mbedtls_ssl_read");
int real_write(mbedtls_ssl_context *s, const unsigned char *p,
	size_t n) __asm__("__real_mbedtls_ssl_write");
int real_shake(mbedtls_ssl_context *s) __asm__("__real_mbedtls_ssl_handshake");

int
meter_read(mbedtls_ssl_context *s, unsigned char *p, size_t n)
{
	enum meter_part was = meter_to(METER_TLS);
	int rc = real_read(s, p, n);

	meter_to(was);
	return rc;
}

int
meter_write(mbedtls_ssl_context *s, const unsigned char *p, size_t n)
{
	enum meter_part was = meter_to(METER_TLS);
	int rc = real_write(s, p, n);

	meter_to(was);
	return rc;
}

int
meter_shake(mbedtls_ssl_context *s)
{
	enum meter_part was = meter_to(METER_TLS);
	int rc = real_shake(s);

	meter_to(was);
	return rc;
}
