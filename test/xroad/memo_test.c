/* SPDX-License-Identifier: MIT */
/*
 * What was proven once is remembered for exactly that: another message,
 * certificate, value or status is judged anew, and nothing outlives what the
 * proof rests on.
 */
#define IN_XROAD 1
#include "memo_int.h"

#include <stdio.h>

#include "text.h"
#include "xml.h"

#include "pki.inl"

static struct arena *a;
static struct pki pki;
static const struct client_id M1 = { "XX", "COM", "M1", NULL },
			      M2 = { "XX", "COM", "M2", NULL };

static struct memo_key
key_of(const char *kind, const char *x, const char *y)
{
	struct memo_key k;

	memo_key_begin(&k, kind);
	memo_key_add(&k, bytes_str(x));
	memo_key_add(&k, bytes_str(y));
	memo_key_end(&k);
	return k;
}

static void
table(void)
{
	enum { MANY = 20000 };
	struct memo *m = memo_new();
	struct memo_key k = key_of("t", "ab", "c"), l = key_of("t", "a", "bc"),
			o = key_of("u", "ab", "c");
	size_t kept = 0, fresh = 0;

	ok(!memo_has(m, &k, 0));
	memo_put(m, &k, 10, 20);
	ok(memo_has(m, &k, 10) && memo_has(m, &k, 20));
	ok(!memo_has(m, &k, 9) && !memo_has(m, &k, 21));
	ok(!memo_has(m, &l, 15)); /* lengths count */
	ok(!memo_has(m, &o, 15)); /* so does the kind */
	memo_put(m, &k, 30, 40);
	ok(!memo_has(m, &k, 15) && memo_has(m, &k, 35));
	memo_put(m, &l, 5, 4); /* no time at all */
	ok(!memo_has(m, &l, 4) && !memo_has(m, &l, 5));
	for (int i = 0; i < MANY; i++) {
		struct memo_key n = key_of("n", arena_printf(a, "%d", i), "");
		memo_put(m, &n, 0, 0);
		fresh += memo_has(m, &n, 0);
	}
	for (int i = 0; i < MANY; i++) {
		struct memo_key n = key_of("n", arena_printf(a, "%d", i), "");
		kept += memo_has(m, &n, 0);
	}
	is_int(fresh, MANY);
	ok_m(kept > 0 && kept < MANY / 2, "%zu kept", kept);
	memo_free(&m);
}

static struct hashchain_part
part(const char *text)
{
	struct hashchain_part p = { .uri = "/message.xml" };

	digest_of(DIGEST_SHA512, text, strlen(text), &p.digest);
	return p;
}

static enum fault
judge(const struct signature *s, const struct hashchain_part *p,
	const struct client_id *by, int64_t at)
{
	struct signed_message m = { p, 1, false };
	struct signature_facts f;
	struct err e = ERR_INIT;

	signature_verify(a, s, &m, pki.conf, by, at, true, &f, &e);
	return e.fault;
}

/* The document with one character of the base64 after `mark` changed. */
static struct signature
changed(const struct signature *s, const char *mark)
{
	char *xml = arena_strndup(a, (const char *)s->xml.data, s->xml.len);
	char *at = strstr(xml, mark) + strlen(mark) + 20;

	*at = *at == 'A' ? 'B' : 'A';
	return (struct signature){ bytes_str(xml), s->hashchain_result,
		s->hashchain };
}

/* Whatever is remembered of a good signature helps no other. */
static void
poison(bool ec)
{
	const struct client_id *by = ec ? &M2 : &M1;
	struct signing s = pki_signing(&pki, a, ec);
	struct hashchain_part p[] = { part("one"), part("two") },
			      other = part("three");
	struct hashchain_item item[] = { { &p[0], 1 }, { &p[1], 1 } };
	struct signature out[2], bad;
	struct err e = ERR_INIT;

	ok_m(!signature_make_batch(a, &s, item, 2, out, &e), "%s", e.text);
	for (int i = 0; i < 3; i++) {
		is_int(judge(&out[0], &p[0], by, PKI_NOW), FAULT_NONE);
		is_int(judge(&out[1], &p[1], by, PKI_NOW), FAULT_NONE);
		ok(judge(&out[0], &p[1], by, PKI_NOW) != FAULT_NONE);
		ok(judge(&out[1], &other, by, PKI_NOW) != FAULT_NONE);
		is_int(judge(&out[0], &p[0], ec ? &M1 : &M2, PKI_NOW),
			FAULT_INCORRECT_CERTIFICATE);
		bad = changed(&out[0], "signature-value\">");
		is_int(judge(&bad, &p[0], by, PKI_NOW),
			FAULT_INVALID_SIGNATURE_VALUE);
		bad = changed(&out[0], "<ds:DigestValue>");
		is_int(judge(&bad, &p[0], by, PKI_NOW),
			FAULT_INVALID_SIGNATURE_VALUE);
		bad = out[0];
		bad.hashchain_result = bytes_str("<x/>");
		ok(judge(&bad, &p[0], by, PKI_NOW) != FAULT_NONE);
		/* the status is of another moment */
		ok(judge(&out[0], &p[0], by, PKI_NOW + 7200000) != FAULT_NONE);
	}
}

/* More batches than are remembered, twice: each holds for its own messages. */
static void
many(void)
{
	enum { BATCHES = 40 };
	struct signing s = pki_signing(&pki, a, true);
	struct hashchain_part p[] = { part("one"), part("two") };
	struct hashchain_item item[] = { { &p[0], 1 }, { &p[1], 1 } };
	struct signature out[BATCHES][2];
	struct err e = ERR_INIT;
	int good = 0, crossed = 0;

	for (int i = 0; i < BATCHES; i++) {
		s.time++;
		if (signature_make_batch(a, &s, item, 2, out[i], &e))
			ok_m(false, "%s", e.text);
	}
	for (int i = 0; i < 2 * BATCHES; i++) {
		const struct signature *x = out[i % BATCHES];

		good += judge(&x[0], &p[0], &M2, PKI_NOW) == FAULT_NONE;
		good += judge(&x[1], &p[1], &M2, PKI_NOW) == FAULT_NONE;
		crossed += judge(&x[0], &p[1], &M2, PKI_NOW) == FAULT_NONE;
	}
	is_int(good, 4 * BATCHES);
	is_int(crossed, 0);
}

/* The same value over the same message, but with changed SignedInfo: the
   values of the references are right, so only the value can tell. */
static void
other_info(void)
{
	struct signing s = pki_signing(&pki, a, false);
	struct hashchain_part one = part("one"), two = part("two");
	struct signature x, y, mixed;
	const char *xt, *yt, *from, *to;
	struct err e = ERR_INIT;

	ok_m(!signature_make(a, &s, &one, 1, &x, &e), "%s", e.text);
	s.time += 1000;
	ok_m(!signature_make(a, &s, &two, 1, &y, &e), "%s", e.text);
	is_int(judge(&x, &one, &M1, PKI_NOW), FAULT_NONE);
	is_int(judge(&y, &two, &M1, PKI_NOW), FAULT_NONE);
	/* y's document with x's value */
	xt = arena_strndup(a, (const char *)x.xml.data, x.xml.len);
	yt = arena_strndup(a, (const char *)y.xml.data, y.xml.len);
	from = strstr(yt, "signature-value\">") + 17;
	to = strstr(from, "<");
	mixed = (struct signature){
		.xml = bytes_str(arena_printf(a, "%.*s%.*s%s", (int)(from - yt),
			yt, (int)(to - from),
			strstr(xt, "signature-value\">") + 17, to))
	};
	is_int(judge(&mixed, &two, &M1, PKI_NOW),
		FAULT_INVALID_SIGNATURE_VALUE);
	is_int(judge(&mixed, &one, &M1, PKI_NOW),
		FAULT_INVALID_SIGNATURE_VALUE);
}

static int
prove(struct bytes ocsp, int64_t at)
{
	struct cert_list none = { 0 };

	return globalconf_prove_cert(
		pki.conf, "XX", pki.rsa.cert, none, &ocsp, 1, at, NULL);
}

/* A remembered proof ends with what it rests on, and a bad status is never
   hidden by a good one. */
static void
time_and_status(void)
{
	const struct cert *c = pki.rsa.cert, *by = pki.root.cert;
	int64_t end = cert_not_after(c);
	struct bytes good, old, bad, late;

	good = pki_ocsp(&pki, a, c, by, PKI_NOW, OCSP_GOOD);
	is_int(prove(good, PKI_NOW), 0);
	is_int(prove(good, PKI_NOW + 30000), 0);
	bad = pki_ocsp(&pki, a, c, by, PKI_NOW, OCSP_REVOKED);
	is_int(prove(bad, PKI_NOW), -1);
	is_int(prove(bad, PKI_NOW), -1);
	is_int(prove(good, PKI_NOW + 7200000), -1);
	is_int(prove(bytes_of(NULL, 0), PKI_NOW), -1);
	/* thisUpdate is a minute before; fresh for an hour: 10 s are left */
	old = pki_ocsp(&pki, a, c, by, PKI_NOW - 3530000, OCSP_GOOD);
	is_int(prove(old, PKI_NOW), 0);
	is_int(prove(old, PKI_NOW + 9000), 0);
	is_int(prove(old, PKI_NOW + 11000), -1);
	/* the certificate ends in 10 s */
	late = pki_ocsp(&pki, a, c, by, end - 10000, OCSP_GOOD);
	is_int(prove(late, end - 10000), 0);
	is_int(prove(late, end - 1000), 0);
	is_int(prove(late, end + 1000), -1);
	/* nor does it hold before it was proven */
	is_int(prove(late, cert_not_before(c) - 1000), -1);
}

int
main(void)
{
	xml_startup();
	a = arena_new();
	pki_start(&pki, a);
	table();
	poison(false);
	poison(true);
	many();
	other_info();
	time_and_status();
	pki_stop(&pki);
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
