/* SPDX-License-Identifier: MIT */
/*
 * Certificates for the test's own database servers.
 */
#include "certificates.h"

#include <unistd.h>

#include "file.h"
#include "mem.h"
#include "tap.h"

enum { ARGV_MAX = 40, OUT_MAX = 8192 };

static bool
openssl(const char *const *more)
{
	const char *argv[ARGV_MAX] = { "openssl", "req", "-x509", "-newkey",
		"ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
		"3" };
	char out[OUT_MAX];
	int n = 10, rc;

	while (*more)
		argv[n++] = *more++;
	rc = tap_run(argv, out, sizeof(out));
	if (rc)
		tap_note("openssl: %d: %s", rc, out);
	return rc == 0;
}

bool
certificates_make(
	struct arena *a, const char *dir, const char *address, unsigned uid)
{
	char *ca = path_join(a, dir, "ca.pem");
	char *ca_key = path_join(a, dir, "ca.key");
	char *key = path_join(a, dir, "server.key");
	char *cert = path_join(a, dir, "server.pem");
	const char *authority[] = { "-subj", "/CN=Town CA", "-keyout", ca_key,
		"-out", ca, NULL };
	const char *other[] = { "-subj", "/CN=Other CA", "-keyout",
		path_join(a, dir, "other.key"), "-out",
		path_join(a, dir, "other.pem"), NULL };
	const char *own[] = { "-subj", "/CN=town.example", "-CA", ca, "-CAkey",
		ca_key, "-addext", "basicConstraints=critical,CA:FALSE",
		"-addext",
		arena_printf(
			a, "subjectAltName=DNS:town.example,IP:%s", address),
		"-keyout", key, "-out", cert, NULL };

	if (!openssl(authority) || !openssl(other) || !openssl(own))
		return false;
	return getuid() != 0 ||
	       (!chown(key, uid, uid) && !chown(cert, uid, uid));
}
