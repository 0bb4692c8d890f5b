/* SPDX-License-Identifier: MIT */
/*
 * Roots out of a PEM file, and the library's path validation over them.
 */
#include "bundle.h"

#include <string.h>

#include <mbedtls/x509_crt.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "trust_int.h"

enum { BUNDLE_SIZE_MAX = 8 * 1024 * 1024, WHY_MAX = 256 };

struct bundle {
	mbedtls_x509_crt roots;
	size_t n;
};

int
bundle_open(struct bundle **out, const char *path, struct err *e)
{
	struct arena *a = arena_new();
	struct bundle *b = mem_alloc(sizeof *b);
	struct bytes text;
	char *pem;

	*out = NULL;
	trust_start();
	mbedtls_x509_crt_init(&b->roots);
	if (file_read(a, path, BUNDLE_SIZE_MAX, &text, e))
		goto out;
	pem = arena_strndup(a, (const char *)text.data, text.len);
	/* PEM is told by its NUL; a positive result counts what was skipped */
	(void)mbedtls_x509_crt_parse(
		&b->roots, (const unsigned char *)pem, strlen(pem) + 1);
	b->n = b->roots.raw.p != NULL;
	for (const mbedtls_x509_crt *c = b->roots.next; c; c = c->next)
		b->n++;
	if (b->n) {
		*out = b;
		b = NULL;
	} else
		fail(e, FAULT_CONFIG, "%s holds no certificate", path);
out:
	bundle_close(&b);
	arena_free(&a);
	return *out ? 0 : -1;
}

int
bundle_system(struct bundle **out, struct err *e)
{
	static const char *const usual[] = {
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/cert.pem",
	};

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (!bundle_open(out, usual[i], NULL))
			return 0;
	return fail(e, FAULT_CONFIG,
		"this system has no bundle of public authorities");
}

void
bundle_close(struct bundle **p)
{
	struct bundle *b = *p;

	*p = NULL;
	if (!b)
		return;
	mbedtls_x509_crt_free(&b->roots);
	mem_free(b);
}

size_t
bundle_size(const struct bundle *b)
{
	return b->n;
}

/* The library's notes, one line each, as a sentence. */
static int
refused(uint32_t flags, const char *host, struct err *e)
{
	char why[WHY_MAX];
	int n = mbedtls_x509_crt_verify_info(why, sizeof why, "", flags);

	for (int i = 0; i < n; i++)
		if (why[i] == '\n')
			why[i] = i + 1 < n ? ' ' : '\0';
	return fail(e, FAULT_SSL_AUTH,
		"the TLS certificate of %s is not trusted: %s",
		host ? host : "the server", n > 0 ? why : "no path");
}

int
bundle_verify(const struct bundle *b, struct cert_list chain, const char *host,
	struct err *e)
{
	mbedtls_x509_crt sent, roots = b->roots;
	uint32_t flags = 0;
	int rc = 0;

	mbedtls_x509_crt_init(&sent);
	for (size_t i = 0; i < chain.n && !rc; i++) {
		struct bytes der = cert_der(chain.item[i]);
		rc = mbedtls_x509_crt_parse_der(&sent, der.data, der.len);
	}
	if (rc || !chain.n)
		rc = fail(e, FAULT_SSL_AUTH,
			"the server's TLS certificate cannot be read");
	else if (mbedtls_x509_crt_verify(
			 &sent, &roots, NULL, host, &flags, NULL, NULL))
		rc = refused(flags, host, e);
	mbedtls_x509_crt_free(&sent);
	return rc;
}
