/* SPDX-License-Identifier: MIT */
/*
 * Signatures of others judged as X-Road judges them, ours made and judged by
 * us, by xmlsec1 and by openssl, and every way of tampering that we know.
 */
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "signature.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

static struct arena *a;

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

static struct hashchain_part
part(const char *uri, struct bytes data)
{
	struct hashchain_part p = { .uri = uri };

	digest_of(DIGEST_SHA512, data.data, data.len, &p.digest);
	return p;
}

/* ---- other people's signatures ---- */

#define OLD "x-road/signatures-old/"
#define SIG "x-road/signatures/"

struct verdict {
	const char *file, *message, *attachment, *result, *chain;
	enum fault want;
};

static enum fault
judge(const struct verdict *v, struct err *e)
{
	struct hashchain_part p[2];
	struct signed_message m = { .part = p, .parts = 1 };
	struct signature s = { .xml = vector(v->file) };
	struct signature_facts f;

	p[0] = part("/message.xml", vector(v->message));
	if (v->attachment)
		p[m.parts++] = part(
			"/attachment1", str_suffix(v->attachment, "attachment1")
						? vector(v->attachment)
						: bytes_str(v->attachment));
	if (v->result) {
		s.hashchain_result = vector(v->result);
		s.hashchain = vector(v->chain);
	}
	signature_verify_core(a, &s, &m, true, &f, e);
	return e->fault;
}

static void
vectors(void)
{
#define M OLD "message-0.xml"
	static const struct verdict row[] = {
		{ OLD "sign-0.xml", M, NULL, NULL, NULL, FAULT_NONE },
		{ OLD "sign-0-old-format.xml", M, NULL, NULL, NULL,
			FAULT_NONE },
		{ SIG "batch-sig.xml", SIG "message-1.xml", "blaah",
			SIG "hash-chain-result.xml", SIG "hash-chain-1.xml",
			FAULT_NONE },
		{ SIG "non-batch-sig/signatures.xml",
			SIG "non-batch-sig/message.xml",
			SIG "non-batch-sig/attachment1", NULL, NULL,
			FAULT_NONE },
		{ SIG "non-batch-sig/signatures.xml",
			SIG "non-batch-sig/message.xml", "other", NULL, NULL,
			FAULT_INVALID_SIGNATURE_VALUE },
		/* Java passes these two: parts that nobody signed, or that
		   are missing */
		{ OLD "sign-0.xml", M, "other", NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "non-batch-sig/signatures.xml",
			SIG "non-batch-sig/message.xml", NULL, NULL, NULL,
			FAULT_INVALID_REFERENCE },
		{ OLD "sign-0.xml", SIG "message-1.xml", NULL, NULL, NULL,
			FAULT_INVALID_SIGNATURE_VALUE },
		{ SIG "batch-sig.xml", SIG "message-1.xml", NULL,
			SIG "hash-chain-result.xml", SIG "hash-chain-1.xml",
			FAULT_INVALID_REFERENCE },
		{ SIG "batch-sig.xml", SIG "message-1.xml", "blaah", NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ OLD "sign-0.xml", M, NULL, SIG "hash-chain-result.xml",
			SIG "hash-chain-1.xml", FAULT_MALFORMED_SIGNATURE },
		{ SIG "batch-sig.xml", M, "blaah", SIG "hash-chain-result.xml",
			SIG "hash-chain-1.xml", FAULT_INVALID_HASH_CHAIN },
		{ SIG "empty.xml", M, NULL, NULL, NULL, FAULT_INVALID_XML },
		{ SIG "sign-0-malformed-xml.xml", M, NULL, NULL, NULL,
			FAULT_INVALID_XML },
		{ SIG "sign-0-no-signature.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "sign-0-no-objectcontainer.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "sign-0-schema-fail.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "sign-0-no-signing-cert.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "sign-0-ocsp-no-responses.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "extra-certs-missing-id.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "extra-certs-missing-cert.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "extra-certs-digest-invalid.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "sign-0-invalid-signature-value.xml", M, NULL, NULL, NULL,
			FAULT_INVALID_SIGNATURE_VALUE },
	};
	size_t i;

	if (!vectors_path(OLD "sign-0.xml")) {
		tap_skip("no vectors");
		return;
	}
	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct err e = ERR_INIT;

		ok_m(judge(&row[i], &e) == row[i].want, "%s %zu: %s",
			row[i].file, i, e.text);
	}
}

int
main(void)
{
	xml_startup();
	a = arena_new();
	vectors();
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
