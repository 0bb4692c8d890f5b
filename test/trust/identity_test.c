/* SPDX-License-Identifier: MIT */
/*
 * TLS identities in files: made, loaded, renewed, given another certificate;
 * what a crash between the two files leaves; and names that people type.
 */
#include "identity.h"

#include <string.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "tap.h"
#include "tls.h"

static struct arena *a;
static struct identity_plan plan;

static struct cert *
issue(struct key *key, struct cert *by, struct key *by_key, bool ca)
{
	const struct rdn rdn = { "CN", ca ? "authority" : "ss1" };
	struct cert_template t = { .subject = &rdn,
		.subjects = 1,
		.key = key,
		.serial = 77,
		.not_before = clock_now() - 1000,
		.not_after = clock_now() + 1000000,
		.ca = ca,
		.path_len = -1,
		.key_usage = ca ? KU_KEY_CERT_SIGN : KU_DIGITAL_SIGNATURE };
	struct cert *c = NULL;

	ok(!cert_issue(&c, &t, by, by_key, NULL));
	return c;
}

static struct bytes
content(const char *name)
{
	struct bytes b = { 0 };

	ok(!file_read(a, path_join(a, plan.dir, name), 65536, &b, NULL));
	return b;
}

static void
put(const char *name, struct bytes b)
{
	ok(!file_write(path_join(a, plan.dir, name), b, FILE_PRIVATE, NULL));
}

static void
test_renew(void)
{
	struct identity one, two, again;
	struct bytes old_key, old_crt;
	struct err e = ERR_INIT;

	ok(!identity_open(&plan, &one, &e));
	is_int((int)one.n, 1);
	ok(!identity_open(&plan, &again, &e));
	ok(cert_equal(one.chain[0], again.chain[0]));
	identity_done(&again);
	old_key = content("t.key");
	old_crt = content("t.crt");
	ok(!identity_renew(&plan, &two, &e));
	ok(!key_same_public(one.key, two.key));
	ok(!identity_open(&plan, &again, &e));
	ok(cert_equal(two.chain[0], again.chain[0]));
	identity_done(&again);
	/* the crash after the key: the new certificate still lies beside */
	put("t.crt.next", content("t.crt"));
	put("t.crt", old_crt);
	ok(!identity_open(&plan, &again, &e));
	ok(cert_equal(two.chain[0], again.chain[0]));
	identity_done(&again);
	ok(!file_exists(path_join(a, plan.dir, "t.crt.next")));
	/* the crash before it: the old pair counts */
	put("t.crt.next", content("t.crt"));
	put("t.crt", old_crt);
	put("t.key", old_key);
	ok(!identity_open(&plan, &again, &e));
	ok(cert_equal(one.chain[0], again.chain[0]));
	identity_done(&again);
	identity_done(&one);
	identity_done(&two);
}

static void
expect(struct bytes certs, enum fault want)
{
	struct identity before, out, after;
	struct err e = ERR_INIT;

	ok(!identity_open(&plan, &before, NULL));
	ok(identity_replace(&plan, certs, &out, &e) && e.fault == want);
	ok(!identity_open(&plan, &after, NULL));
	ok(after.n == before.n && cert_equal(before.chain[0], after.chain[0]));
	identity_done(&before);
	identity_done(&after);
}

static void
test_replace(void)
{
	struct key *ca_key = NULL, *other = NULL;
	struct cert *ca, *own, *strange, *elsewhere;
	struct identity now, out;
	struct bytes chain, wrong;

	ok(!key_generate(&ca_key, KEY_EC, 256, NULL));
	ok(!key_generate(&other, KEY_EC, 256, NULL));
	ok(!identity_open(&plan, &now, NULL));
	ca = issue(ca_key, NULL, ca_key, true);
	elsewhere = issue(other, NULL, other, true);
	own = issue(now.key, ca, ca_key, false);
	strange = issue(other, ca, ca_key, false);
	expect(bytes_str("junk"), FAULT_INVALID_MESSAGE);
	expect(cert_der(strange), FAULT_KEY_NOT_FOUND);
	expect(cert_der(now.chain[0]), FAULT_CONFLICT);
	wrong = bytes_str(arena_printf(a, "%s%s",
		pem_encode(a, "CERTIFICATE", cert_der(own)),
		pem_encode(a, "CERTIFICATE", cert_der(elsewhere))));
	expect(wrong, FAULT_INVALID_CERT_PATH);
	chain = bytes_str(arena_printf(a, "text before\n%s%s",
		pem_encode(a, "CERTIFICATE", cert_der(own)),
		pem_encode(a, "CERTIFICATE", cert_der(ca))));
	ok(!identity_replace(&plan, chain, &out, NULL));
	is_int((int)out.n, 2);
	identity_done(&out);
	ok(!identity_open(&plan, &out, NULL));
	ok(out.n == 2 && cert_equal(out.chain[1], ca) &&
		key_same_public(out.key, now.key));
	identity_done(&out);
	ok(!identity_replace(&plan, cert_der(own), &out, NULL) && out.n == 1);
	identity_done(&out);
	identity_done(&now);
	cert_unref(&ca);
	cert_unref(&own);
	cert_unref(&strange);
	cert_unref(&elsewhere);
	key_unref(&ca_key);
	key_unref(&other);
}

static void
test_chain_limit(void)
{
	struct cert *c[CHAIN_MAX];
	struct identity now;
	struct err e = ERR_INIT;
	struct buf b;
	size_t n;

	ok(!identity_open(&plan, &now, NULL));
	buf_init(&b, 1 << 20);
	for (int i = 0; i <= CHAIN_MAX; i++)
		buf_str(&b,
			pem_encode(a, "CERTIFICATE", cert_der(now.chain[0])));
	ok(cert_parse_chain(c, &n, bytes_buf(&b), &e) &&
		e.fault == FAULT_TOO_LARGE && n == 0);
	buf_done(&b);
	identity_done(&now);
}

static void
test_serve(void)
{
	const struct tls_options o = { .policy = TLS_WEB };
	struct identity_plan at = plan;
	struct tls *tls = NULL;
	struct err e = ERR_INIT;
	struct bytes made;

	at.name = "door"; /* made, then found */
	ok(!identity_serve(&at, &o, &tls, &e) && tls);
	tls_unref(&tls);
	made = content("door.crt");
	ok(!identity_serve(&at, &o, &tls, &e) && tls);
	tls_unref(&tls);
	ok(bytes_equal(content("door.crt"), made));
	put("door.crt", bytes_str("no certificate"));
	ok(identity_serve(&at, &o, &tls, &e) && *e.text);
	ok(!tls);
}

/* What the text becomes: "type=value|..." in encoding order. */
static const char *
parsed(const char *text)
{
	struct rdn *rdn;
	struct err e = ERR_INIT;
	const char *out = "";
	size_t n;

	if (rdn_parse(a, text, &rdn, &n, &e))
		return e.fault == FAULT_BAD_REQUEST ? "refused" : "?";
	for (size_t i = 0; i < n; i++)
		out = arena_printf(
			a, "%s%s=%s|", out, rdn[i].type, rdn[i].value);
	return out;
}

static void
test_names(void)
{
	is_str(parsed("CN=ss1, O=A town,C=JP"), "C=JP|O=A town|CN=ss1|");
	is_str(parsed(" cn = ss1 ; o=\"A, town\" "), "o=A, town|cn=ss1|");
	is_str(parsed("CN=a\\, b\\20\\2B"), "CN=a, b +|");
	is_str(parsed("CN=a\\ "), "CN=a |");
	is_str(parsed("2.5.4.5=x/y,OID.2.5.4.3=z"), "2.5.4.3=z|2.5.4.5=x/y|");
	is_str(parsed("O=\xe7\x94\xba"), "O=\xe7\x94\xba|");
	is_str(parsed(""), "refused");
	is_str(parsed("CN"), "refused");
	is_str(parsed("CN="), "refused");
	is_str(parsed("CN=a,"), "refused");
	is_str(parsed("CN=a+O=b"), "refused");
	is_str(parsed("CN=\"a"), "refused");
	is_str(parsed("CN=\"a\"b"), "refused");
	is_str(parsed("CN=a\\"), "refused");
	is_str(parsed("CN=\\00"), "refused");
	is_str(parsed("CN=#0401"), "refused");
	is_str(parsed("CN=\\ff"), "refused");
	is_str(parsed("NOPE=a"), "refused");
	is_str(parsed("CN=a,,O=b"), "refused");
}

int
main(void)
{
	a = arena_new();
	plan = (struct identity_plan){ tap_dir(), "t", "ss1.example", KEY_EC };
	test_renew();
	test_replace();
	test_chain_limit();
	test_serve();
	test_names();
	arena_free(&a);
	return tap_done();
}
