/* SPDX-License-Identifier: MIT */
/*
 * X-Road's signature profile: XAdES documents made and judged.
 * Rule: interop/xroad-messages.md 3.1-3.4, 3.3 "weak spots" closed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "cert.h"
#include "digest.h"
#include "globalconf.h"
#include "hashchain.h"
#include "ident.h"

struct arena;
struct err;
struct key;

enum { SIGNATURE_XML_MAX = 1024 * 1024 };

/* Who signs: everything embedded beside the message. */
struct signing {
	struct key *key; /* may be remote */
	struct cert *cert;
	struct cert_list extra;   /* intermediates, no root */
	const struct bytes *ocsp; /* for cert, then for each intermediate */
	size_t ocsps;
	int64_t time; /* SigningTime, ms */
};
/* What travels: the three documents; chain parts empty for a plain one. */
struct signature {
	struct bytes xml, hashchain_result, hashchain;
};

/* One message: plain with one part, batch (hash chain) with more. */
int signature_make(struct arena *a, const struct signing *s,
	const struct hashchain_part *part, size_t parts, struct signature *out,
	struct err *e);
/* Several messages under one signature (batch signing). */
/* out has room for `items`; they share the document and the chain result. */
int signature_make_batch(struct arena *a, const struct signing *s,
	const struct hashchain_item *item, size_t items, struct signature *out,
	struct err *e);

/* What was received; the digests are computed while streaming. A part may be
   listed several times with digests by different algorithms. */
struct signed_message {
	const struct hashchain_part *part; /* SHA-512; first is /message.xml */
	size_t parts;
	/* containers may miss attachments that the chain names */
	bool lenient_parts;
};
struct signature_facts {
	struct cert *signer;    /* in the arena's care */
	struct client_id owner; /* by the CA's profile */
	int64_t signing_time;   /* ms, claimed */
	struct bytes value; /* decoded SignatureValue: what a stamp covers */
	bool plain, batch;  /* refers to the message, to a hash chain result */
	const struct bytes *timestamp; /* EncapsulatedTimeStamp, DER */
	size_t timestamps;
	const struct bytes *ocsp;
	size_t ocsps;
	struct cert_list extra; /* intermediates that came with it */
};
/*
 * Judges a signature: form, certificate, owner at member level, references to
 * every part, signature value, path and OCSP at `at`. live: also the rule that
 * nothing stands between root and ds:Signature. Faults as in 3.3.
 */
int signature_verify(struct arena *a, const struct signature *s,
	const struct signed_message *m, const struct globalconf *g,
	const struct client_id *sender, int64_t at, bool live,
	struct signature_facts *out, struct err *e);
/* The first half of it, what needs no trust: form, references, digests, value
   by the embedded certificate. owner stays empty. */
int signature_verify_core(struct arena *a, const struct signature *s,
	const struct signed_message *m, bool live, struct signature_facts *out,
	struct err *e);
/* The second half, on facts of the first: owner, path, OCSP. */
int signature_trust(struct arena *a, struct signature_facts *f,
	const struct globalconf *g, const struct client_id *sender, int64_t at,
	struct err *e);
/* Reads facts without judging (time-stamping, reports). */
int signature_read(struct arena *a, struct bytes xml,
	struct signature_facts *out, struct err *e);
/* The document with a SignatureTimeStamp as first unsigned property. */
int signature_add_timestamp(struct arena *a, struct bytes xml,
	struct bytes token, struct bytes *out, struct err *e);
