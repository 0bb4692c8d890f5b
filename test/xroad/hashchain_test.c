/* SPDX-License-Identifier: MIT */
/*
 * Hash chains: published constants, X-Road's own files, every tree size up to
 * 70, and what must be refused.
 */
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "hashchain.h"
#include "mem.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

static struct arena *a;

#define SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"
#define CHAIN(in)                                 \
 "<HashChain xmlns='http://cyber.ee/hashchain' "  \
 "xmlns:ds='http://www.w3.org/2000/09/xmldsig#'>" \
 "<DefaultDigestMethod Algorithm='" SHA256 "'/>" in "</HashChain>"
#define RESULT(uri, value)                                           \
 "<HashChainResult URI='" uri "' xmlns='http://cyber.ee/hashchain' " \
 "xmlns:ds='http://www.w3.org/2000/09/xmldsig#'><ds:DigestMethod "   \
 "Algorithm='" SHA256 "'/><ds:DigestValue>" value                    \
 "</ds:DigestValue></HashChainResult>"
#define VALUE(v) "<HashValue><ds:DigestValue>" v "</ds:DigestValue></HashValue>"

static struct hashchain_part
part(const char *uri, const char *text)
{
	struct hashchain_part p = { .uri = uri };

	digest_of(DIGEST_SHA512, text, strlen(text), &p.digest);
	return p;
}

static const char *
base64_of(const struct digest *d)
{
	return base64_encode(a, d->value, d->len);
}

static void
constants(void)
{
	static const char *const words[] = { "one", "two", "three", "four",
		"five" };
	struct hashchain_part p[5];
	struct hashchain_item item[5];
	struct hashchain_out o;
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < 5; i++) {
		p[i] = part("/message.xml", words[i]);
		item[i] = (struct hashchain_item){ &p[i], 1 };
	}
	ok(!hashchain_build(a, "sig-hashchain.xml", item, 3, &o, &e));
	is_str(base64_of(&o.top),
		"8On/rG2L+8aeFN+g1p9NYcxlbz7hI48S0N1wsWV0YFkaFBqoImgnhXiZAmKt"
		"mLtIveVh2OGKaDytWMa3P1V0FQ==");
	ok(!hashchain_build(a, "sig-hashchain.xml", item, 5, &o, &e));
	is_str(base64_of(&o.top),
		"XO/d4ZQ2QyUBVHH9p0xTF0DXt5nrWe6mx8b9/Oky46x+DSXEKExBz2BlUz5e"
		"D2ZksR8Dhp3QSSYfwXgFwn/JCg==");
}

static enum fault
judge(const char *result, const char *chain, bool lenient)
{
	struct err e = ERR_INIT;

	hashchain_verify(
		a, bytes_str(result), bytes_str(chain), NULL, 0, lenient, &e);
	return e.fault;
}

static void
by_hand(void)
{
	const char *sum = "v3CBVgjKmzZT5hnJ6vj6waqBazZe334tdEoNiL2oM5E=";
	const char *chain = CHAIN("<HashStep id='S'>" VALUE("Cw==") VALUE(
		"DA==") VALUE("DQ==") VALUE("Dg==") "</HashStep>");
	char result[1024];

	snprintf(result, sizeof(result), RESULT("#S", "%s"), sum);
	is_int(judge(result, chain, false), FAULT_NONE);
	snprintf(result, sizeof(result), RESULT("/x.xml#S", "%s"), sum);
	is_int(judge(result, chain, false), FAULT_NONE);
	/* as HashChainVerifier.fetchHashStep() says */
	snprintf(result, sizeof(result), RESULT("/x.xml#T", "%s"), sum);
	is_int(judge(result, chain, false), FAULT_MALFORMED_HASH_CHAIN);
	is_int(judge(RESULT("#S", "AAAA"), chain, false),
		FAULT_INVALID_HASH_CHAIN);
}

/* What a hostile chain may look like. */
static void
refusals(void)
{
	static const struct {
		const char *result, *chain;
		enum fault want;
	} row[] = {
		{ "<x/>", CHAIN(""), FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("#A", "AA=="), "<x/>", FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("#A", "AA=="), "", FAULT_MALFORMED_HASH_CHAIN },
		{ "", CHAIN(""), FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("#", "AA=="), CHAIN(""), FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("x", "AA=="), CHAIN(""), FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("#A", "not base64!"), CHAIN("<HashStep id='A'/>"),
			FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("#A", "AA=="), CHAIN("<HashStep id='B'/>"),
			FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("#A", "AA=="),
			CHAIN("<HashStep id='A'/><HashStep id='A'/>"),
			FAULT_MALFORMED_HASH_CHAIN },
		/* text between elements */
		{ RESULT("#A", "AA=="), CHAIN("x<HashStep id='A'/>"),
			FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("#A", "AA=="),
			CHAIN("<HashStep id='A'>" VALUE("Cw==") "$</HashStep>"),
			FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("#A", "AA=="),
			CHAIN("<HashStep id='A'><DataRef URI='/m'>0"
			      "<ds:DigestValue>AA==</ds:DigestValue></DataRef>"
			      "</HashStep>"),
			FAULT_MALFORMED_HASH_CHAIN },
		/* a cycle */
		{ RESULT("#A", "AA=="),
			CHAIN("<HashStep id='A'><StepRef URI='#A'/></HashStep>"),
			FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("#A", "AA=="),
			CHAIN("<HashStep id='A'><StepRef URI='#B'/></HashStep>"
			      "<HashStep id='B'><StepRef URI='#A'/></HashStep>"),
			FAULT_MALFORMED_HASH_CHAIN },
		/* shared steps grow without bound */
		{ RESULT("#A", "AA=="),
			CHAIN("<HashStep id='A'><StepRef URI='#B'/>"
			      "<StepRef URI='#B'/></HashStep>"
			      "<HashStep id='B'/>"),
			FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("/c.xml#A", "AA=="),
			CHAIN("<HashStep id='A'><StepRef URI='/d.xml#B'/>"
			      "</HashStep><HashStep id='B'/>"),
			FAULT_INVALID_REFERENCE },
		{ RESULT("#A", "AA=="),
			CHAIN("<HashStep id='A'><DataRef URI='/m'>"
			      "<ds:DigestValue>AA==</ds:DigestValue></DataRef>"
			      "</HashStep>"),
			FAULT_INVALID_REFERENCE },
		{ RESULT("#A", "AA=="),
			CHAIN("<HashStep id='A'><HashValue><ds:Transforms/>"
			      "<ds:DigestValue>AA==</ds:DigestValue></HashValue>"
			      "</HashStep>"),
			FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("#A", "AA=="),
			CHAIN("<HashStep id='A'><Other/></HashStep>"),
			FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("#A", "AA=="),
			CHAIN("<HashStep id='A'><HashValue><ds:DigestMethod "
			      "Algorithm='http://www.w3.org/2000/09/"
			      "xmldsig#sha1'/><ds:DigestValue>AA=="
			      "</ds:DigestValue></HashValue></HashStep>"),
			FAULT_MALFORMED_HASH_CHAIN },
		{ RESULT("#A", "AA=="),
			"<HashChain xmlns='http://cyber.ee/hashchain'><HashStep "
			"id='A'><StepRef URI='#B'/></HashStep></HashChain>",
			FAULT_MALFORMED_HASH_CHAIN },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++)
		ok_m(judge(row[i].result, row[i].chain, false) == row[i].want,
			"refusal %zu", i);
}

/* A straight line of n steps: 64 levels below the first are the limit. */
static void
depth(void)
{
	struct buf b;
	int n, i;

	for (n = 65; n <= 67; n++) {
		buf_init(&b, 65536);
		buf_str(&b, "<HashChain xmlns='http://cyber.ee/hashchain'>"
			    "<DefaultDigestMethod Algorithm='" SHA256 "'/>");
		for (i = 0; i + 1 < n; i++)
			buf_fmt(&b,
				"<HashStep id='S%d'><StepRef URI='#S%d'/>"
				"</HashStep>",
				i, i + 1);
		buf_fmt(&b, "<HashStep id='S%d'/></HashChain>", i);
		is_int(judge(RESULT("#S0", "AA=="), b.data, false),
			n <= 65 ? FAULT_INVALID_HASH_CHAIN
				: FAULT_MALFORMED_HASH_CHAIN);
		buf_done(&b);
	}
}

/* Every chain of a tree of n items leads to the result; nothing else does. */
static void
tree(size_t n, size_t parts)
{
	struct hashchain_item *item = arena_array(a, n, sizeof(*item));
	struct hashchain_part *p;
	struct hashchain_input in[4];
	struct hashchain_out o;
	struct err e = ERR_INIT;
	size_t i, k, bad = 0;

	for (i = 0; i < n; i++) {
		/* every third one has several parts */
		size_t own = i % 3 == 2 || n == 1 ? parts : 1;

		p = arena_array(a, own, sizeof(*p));
		for (k = 0; k < own; k++)
			p[k] = part(k ? arena_printf(a, "/attachment%zu", k)
				      : "/message.xml",
				arena_printf(a, "%zu.%zu", i, k));
		item[i] = (struct hashchain_item){ p, own };
	}
	hashchain_build(a, "sig-hashchain.xml", item, n, &o, &e);
	for (i = 0; i < n; i++) {
		for (k = 0; k < item[i].parts; k++)
			in[k] = (struct hashchain_input){ item[i].part[k].uri,
				item[i].part[k].digest, true, false };
		err_reset(&e);
		bad += hashchain_verify(a, o.result, o.chain[i], in,
			       item[i].parts, false, &e) != 0;
		in[0].digest.value[0] ^= 1;
		bad += hashchain_verify(a, o.result, o.chain[i], in,
			       item[i].parts, false, NULL) == 0;
		in[0].digest.value[0] ^= 1;
		in[0].uri = "/other";
		bad += hashchain_verify(a, o.result, o.chain[i], in,
			       item[i].parts, true, NULL) == 0;
		if (item[i].parts > 1) { /* an attachment is withheld */
			in[0].uri = "/message.xml";
			bad += hashchain_verify(a, o.result, o.chain[i], in, 1,
				       false, NULL) == 0;
			bad += hashchain_verify(a, o.result, o.chain[i], in, 1,
				       true, NULL) != 0;
		}
	}
	ok_m(!bad, "tree of %zu: %zu wrong verdicts", n, bad);
}

static struct bytes
vector(const char *name)
{
	const char *path = vectors_path(name);
	struct bytes b = { 0 };
	struct err e = ERR_INIT;

	if (path)
		file_read(a, path, 1 << 20, &b, &e);
	return b;
}

static enum fault
files(const char *result, const char *chain, struct hashchain_input *in,
	size_t n, bool lenient)
{
	struct err e = ERR_INIT;

	hashchain_verify(a, vector(result), vector(chain), in, n, lenient, &e);
	return e.fault;
}

#define DIR "x-road/hashchains/hc-verifier"

static void
vectors(void)
{
	struct hashchain_input in[4] = { { "/message.xml", { 0 }, true, 0 } };
	struct digest *m = &in[0].digest;
	size_t i;

	if (!vectors_path(DIR "1-hashchain.xml")) {
		tap_skip("no vectors");
		return;
	}
	digest_of(DIGEST_SHA256, "two", 3, m);
	is_int(files(DIR "1-hashchainresult.xml", DIR "1-hashchain.xml", in, 1,
		       false),
		FAULT_NONE);
	/* the chain goes on in a second file: not followed */
	is_int(files(DIR "4-hashchainresult.xml", DIR "4-hashchain1.xml", in, 1,
		       false),
		FAULT_INVALID_REFERENCE);
	/* transforms: not supported */
	is_int(files(DIR "3-hashchainresult.xml", DIR "3-hashchain.xml", in, 1,
		       false),
		FAULT_MALFORMED_HASH_CHAIN);
	is_int(files(DIR "1-hashchainresult.xml",
		       DIR "5-hashchain-invalid-schema.xml", in, 1, false),
		FAULT_MALFORMED_HASH_CHAIN);
	for (i = 0; i < 4; i++) {
		in[i].uri = arena_printf(a, "/attachment%zu", i);
		in[i].required = true;
		in[i].digest = (struct digest){ .alg = DIGEST_SHA256,
			.len = 1,
			.value = { (uint8_t)(0x0b + i) } };
	}
	in[0].uri = "/message.xml";
	is_int(files(DIR "2-hashchainresult.xml", DIR "2-hashchain.xml", in, 4,
		       false),
		FAULT_NONE);
	is_int(files(DIR "2-hashchainresult.xml", DIR "2-hashchain.xml", in, 3,
		       false),
		FAULT_INVALID_REFERENCE);
	is_int(files(DIR "2-hashchainresult.xml", DIR "2-hashchain.xml", in, 3,
		       true),
		FAULT_NONE);
	in[2].digest.value[0] ^= 1;
	is_int(files(DIR "2-hashchainresult.xml", DIR "2-hashchain.xml", in, 4,
		       false),
		FAULT_INVALID_HASH_CHAIN);
	is_int(files(DIR "2-hashchainresult.xml", DIR "2-hashchain.xml", in, 4,
		       true),
		FAULT_INVALID_HASH_CHAIN_REF);
	in[3].uri = "/attachment9";
	in[2].digest.value[0] ^= 1;
	is_int(files(DIR "2-hashchainresult.xml", DIR "2-hashchain.xml", in, 4,
		       true),
		FAULT_HASHCHAIN_UNUSED_INPUTS);
	in[0].digest.alg = DIGEST_SHA512; /* cannot be compared */
	is_int(files(DIR "2-hashchainresult.xml", DIR "2-hashchain.xml", in, 3,
		       true),
		FAULT_INVALID_REFERENCE);
}

int
main(void)
{
	size_t n;

	xml_startup();
	a = arena_new();
	constants();
	by_hand();
	refusals();
	depth();
	tree(1, 3);
	for (n = 2; n <= 70; n++)
		tree(n, 4);
	vectors();
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
