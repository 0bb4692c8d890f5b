/* SPDX-License-Identifier: MIT */
/* Self-signed TLS identities in files; see identity.h. */
#include "identity.h"

#include <string.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "key.h"
#include "mem.h"
#include "text.h"

enum { FILE_MAX = 64 * 1024, BITS = 2048 };
static const int64_t day_ms = 86400000;

static int
load(struct arena *a, const char *key_path, const char *cert_path,
	struct key **key, struct cert **cert, struct err *e)
{
	struct bytes text;

	if (file_read(a, key_path, FILE_MAX, &text, e) ||
		key_parse_private(key, text, NULL, e) ||
		file_read(a, cert_path, FILE_MAX, &text, e) ||
		cert_parse(cert, text, e))
		return -1;
	if (!key_same_public(*key, cert_key(*cert)))
		return fail(e, FAULT_CONFIG,
			"%s and %s do not belong together; remove both to get "
			"new ones",
			key_path, cert_path);
	return 0;
}

static int
issue(const char *host, struct key *key, struct cert **cert, struct err *e)
{
	struct rdn cn = { "CN", host };
	bool ip =
		host[strspn(host, "0123456789.")] == '\0' || strchr(host, ':');
	struct cert_template t = {
		.subject = &cn,
		.subjects = 1,
		.key = key,
		.serial = 1,
		.not_before = clock_now() - day_ms,
		.not_after = clock_now() + 7300 * day_ms,
		.path_len = -1,
		.key_usage = KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT,
		.ext_usage = EKU_SERVER_AUTH | EKU_CLIENT_AUTH,
		.dns_name = ip ? NULL : host,
		.ip = ip ? host : NULL,
	};

	random_bytes(&t.serial, sizeof(t.serial));
	t.serial >>= 1;
	t.serial |= 1;
	return cert_issue(cert, &t, NULL, key, e);
}

static int
make(struct arena *a, const struct identity_plan *plan, const char *key_path,
	const char *cert_path, struct key **key, struct cert **cert,
	struct err *e)
{
	struct bytes der;
	char *text;

	if (key_generate(key, plan->type, BITS, e) ||
		issue(*plan->host ? plan->host : "localhost", *key, cert, e) ||
		key_private_der(*key, a, &der, e))
		return -1;
	text = pem_encode(a, "CERTIFICATE", cert_der(*cert));
	if (file_write(cert_path, bytes_str(text), FILE_PUBLIC, e))
		return -1;
	text = pem_encode(a, "PRIVATE KEY", der);
	return file_write(key_path, bytes_str(text), FILE_PRIVATE, e);
}

int
identity_load(const struct identity_plan *plan, struct key **key,
	struct cert **cert, struct err *e)
{
	struct arena *a = arena_new_secret();
	char *base = path_join(a, plan->dir, plan->name);
	char *key_path = arena_printf(a, "%s.key", base);
	char *cert_path = arena_printf(a, "%s.crt", base);
	int ret;

	*key = NULL;
	*cert = NULL;
	if (file_exists(key_path))
		ret = load(a, key_path, cert_path, key, cert, e);
	else
		ret = make(a, plan, key_path, cert_path, key, cert, e);
	if (ret) {
		key_unref(key);
		cert_unref(cert);
	}
	arena_free(&a);
	return ret;
}
