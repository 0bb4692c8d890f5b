/* SPDX-License-Identifier: MIT */
/* Paths to the roots of a PEM file, names, times, and files that are none. */
#include "bundle.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "key.h"
#include "mem.h"
#include "tap.h"

enum { DAY = 24 * 3600 * 1000 };

static struct arena *a;

struct issued {
	struct key *key;
	struct cert *cert;
};

static struct issued
issue(const char *name, const struct issued *by, const char *dns,
	const char *ip, int days)
{
	const struct rdn rdn = { "CN", name };
	struct issued i = { NULL, NULL };
	struct cert_template t = { .subject = &rdn,
		.subjects = 1,
		.serial = 7,
		.not_before = clock_now() - 10 * (int64_t)DAY,
		.not_after = clock_now() + days * (int64_t)DAY,
		.ca = !dns,
		.path_len = -1,
		.key_usage = dns ? KU_DIGITAL_SIGNATURE : KU_KEY_CERT_SIGN,
		.dns_name = dns,
		.ip = ip };

	ok(!key_generate(&i.key, KEY_EC, 256, NULL));
	t.key = i.key;
	ok(!cert_issue(
		&i.cert, &t, by ? by->cert : NULL, by ? by->key : i.key, NULL));
	return i;
}

static void
drop(struct issued *i)
{
	key_unref(&i->key);
	cert_unref(&i->cert);
}

static const char *
write_file(const char *name, const char *text)
{
	const char *path = path_join(a, tap_dir(), name);

	ok(!file_write(path, bytes_str(text), FILE_PRIVATE, NULL));
	return path;
}

static const char *
pem(const struct issued *i)
{
	return pem_encode(a, "CERTIFICATE", cert_der(i->cert));
}

static void
verdict(const struct bundle *b, struct cert **chain, size_t n, const char *host,
	bool good, const char *what)
{
	struct err e = ERR_INIT;
	int rc = bundle_verify(b, (struct cert_list){ chain, n }, host, &e);

	ok_m((rc == 0) == good && (good || e.fault == FAULT_SSL_AUTH), "%s: %s",
		what, rc ? e.text : "good");
}

static void
test_paths(void)
{
	struct issued root = issue("Root", NULL, NULL, NULL, 100),
		      other = issue("Other", NULL, NULL, NULL, 100),
		      mid = issue("Mid", &root, NULL, NULL, 100),
		      leaf = issue("leaf", &mid, "cs.example", "127.34.5.1", 9),
		      old = issue("old", &root, "cs.example", NULL, -1);
	struct cert *whole[] = { leaf.cert, mid.cert };
	struct cert *stale[] = { old.cert };
	struct bundle *b = NULL, *o = NULL;
	const char *text = arena_printf(a,
		"# notes\n%s\n-----BEGIN CERTIFICATE"
		"-----\nAAAA\n-----END CERTIFICATE"
		"-----\n%s",
		pem(&other), pem(&root));

	ok(!bundle_open(&b, write_file("both.pem", text), NULL));
	is_int(bundle_size(b), 2);
	verdict(b, whole, 2, "cs.example", true, "path and name");
	verdict(b, whole, 2, "127.34.5.1", true, "path and address");
	verdict(b, whole, 2, NULL, true, "path alone");
	verdict(b, whole, 2, "cs2.example", false, "another name");
	verdict(b, whole, 2, "127.34.5.2", false, "another address");
	verdict(b, whole, 1, "cs.example", false,
		"the intermediate is missing");
	verdict(b, stale, 1, "cs.example", false, "expired");
	verdict(b, whole, 0, "cs.example", false, "no certificate");
	ok(!bundle_open(&o, write_file("other.pem", pem(&other)), NULL));
	verdict(o, whole, 2, "cs.example", false, "another root");
	bundle_close(&b);
	bundle_close(&o);
	drop(&root);
	drop(&other);
	drop(&mid);
	drop(&leaf);
	drop(&old);
}

static void
test_files(void)
{
	struct bundle *b = NULL;
	struct err e = ERR_INIT;

	ok(bundle_open(&b, path_join(a, tap_dir(), "absent"), &e) && !b);
	err_reset(&e);
	ok(bundle_open(&b, write_file("empty.pem", ""), &e) && !b);
	is_int(e.fault, FAULT_CONFIG);
	ok(bundle_open(&b, write_file("text.pem", "no PEM"), NULL) && !b);
	bundle_close(&b);
}

int
main(void)
{
	a = arena_new();
	test_paths();
	test_files();
	arena_free(&a);
	return tap_done();
}
