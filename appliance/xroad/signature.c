/* SPDX-License-Identifier: MIT */
/*
 * Judging signatures (interop/xroad-messages.md 3.3): what Java checks, and
 * the weak spots it leaves open closed. The order of checks gives the same
 * fault as the original where it has one.
 */
#include "signature.h"

#include <string.h>

#include "err.h"
#include "globalconf_int.h"
#include "judged_int.h"
#include "mem.h"
#include "meter.h"
#include "text.h"
#include "xades_int.h"

static int
malformed(struct err *e, const char *what)
{
	return fail(e, FAULT_MALFORMED_SIGNATURE, "signature: %s", what);
}

static void
facts_of(struct arena *a, const struct xades *x, struct signature_facts *out)
{
	memset(out, 0, sizeof(*out));
	out->signer = x->sig.cert[0];
	out->signing_time = x->signing_time;
	out->value = x->sig.value;
	out->plain = xades_reference(x, URI_MESSAGE) != NULL;
	out->batch = xades_reference(x, URI_CHAIN_RESULT) != NULL;
	out->timestamp =
		arena_memdup(a, x->stamp, x->stamps * sizeof(*x->stamp));
	out->timestamps = x->stamps;
	out->ocsp = arena_memdup(a, x->ocsp, x->ocsps * sizeof(*x->ocsp));
	out->ocsps = x->ocsps;
	out->extra = (struct cert_list){ x->extra, x->extras };
}

int
signature_read(struct arena *a, struct bytes xml, struct signature_facts *out,
	struct err *e)
{
	struct xades *x;

	memset(out, 0, sizeof(*out));
	if (xades_read(a, xml, &x, e))
		return -1;
	facts_of(a, x, out);
	return 0;
}

/* The certificate signs contracts, and is the one the signer named. */
static int
check_certificate(const struct xades *x, struct err *e)
{
	int usage = cert_key_usage(x->sig.cert[0]);
	struct digest got;

	if (usage < 0 || !(usage & KU_NON_REPUDIATION))
		return malformed(e, "the certificate is not for signing");
	cert_digest(x->sig.cert[0], x->signer_digest.alg, &got);
	if (!digest_equal(&got, &x->signer_digest))
		return malformed(
			e, "KeyInfo and SigningCertificate are different");
	return x->ocsps ? 0 : malformed(e, "it has no OCSP response");
}

/* Exactly one reference to SignedProperties, and to these. */
static int
check_properties(const struct xades *x, struct err *e)
{
	const struct dsig_reference *r, *found = NULL;
	size_t i;

	for (i = 0; i < x->sig.refs; i++) {
		r = &x->sig.ref[i];
		if (!str_equal(r->type, TYPE_PROPERTIES))
			continue;
		if (found)
			return malformed(
				e, "SignedProperties are referenced twice");
		found = r;
	}
	if (!found || found->uri[0] != '#' ||
		!str_equal(found->uri + 1, x->properties_id))
		return malformed(e, "SignedProperties are not signed");
	return 0;
}

static int
check_chain(struct arena *a, const struct signature *s,
	const struct signed_message *m, struct err *e)
{
	struct hashchain_input *in = arena_array(a, m->parts + 1, sizeof(*in));
	struct err why = ERR_INIT;
	size_t i;

	for (i = 0; i < m->parts; i++)
		in[i] = (struct hashchain_input){ m->part[i].uri,
			m->part[i].digest, true, false };
	if (!hashchain_verify(a, s->hashchain_result, s->hashchain, in,
		    m->parts, m->lenient_parts, &why))
		return 0;
	err_prefix(&why, fault_code(FAULT_MALFORMED_SIGNATURE));
	if (e && !err_set(e))
		*e = why;
	return -1;
}

/* Batch: the result and the properties are signed, nothing else outside. */
static int
check_batch(struct arena *a, const struct xades *x, const struct signature *s,
	const struct signed_message *m, struct err *e)
{
	const struct dsig_reference *r = xades_reference(x, URI_CHAIN_RESULT);
	struct digest got;
	size_t i;

	for (i = 0; i < x->sig.refs; i++)
		if (x->sig.ref[i].uri[0] == '/' && &x->sig.ref[i] != r)
			return malformed(e, "it refers to more than a batch");
	if (!s->hashchain_result.len || !s->hashchain.len)
		return malformed(e, "the hash chain is missing");
	if (check_chain(a, s, m, e))
		return -1;
	digest_of(r->digest.alg, s->hashchain_result.data,
		s->hashchain_result.len, &got);
	return dsig_check_digest(r, &got, e);
}

/* The digest of the part `uri` by this algorithm; *known when the part exists
   at all. */
static const struct digest *
part_digest(const struct signed_message *m, const char *uri,
	enum digest_alg alg, bool *known)
{
	size_t i;

	*known = false;
	for (i = 0; i < m->parts; i++)
		if (str_equal(m->part[i].uri, uri)) {
			*known = true;
			if (m->part[i].digest.alg == alg)
				return &m->part[i].digest;
		}
	return NULL;
}

/* Plain: every part is referenced, every reference is to a part. */
static int
check_plain(
	const struct xades *x, const struct signed_message *m, struct err *e)
{
	const struct dsig_reference *r;
	const struct digest *d;
	bool known;
	size_t i;

	for (i = 0; i < m->parts; i++)
		if (!xades_reference(x, m->part[i].uri))
			return fail(e, FAULT_MALFORMED_SIGNATURE,
				"signature: %.100s is not signed",
				m->part[i].uri);
	for (i = 0; i < x->sig.refs; i++) {
		r = &x->sig.ref[i];
		if (r->uri[0] == '#')
			continue;
		d = part_digest(m, r->uri, r->digest.alg, &known);
		if (!d)
			return fail(e,
				known ? FAULT_INVALID_SIGNATURE_VALUE
				      : FAULT_INVALID_REFERENCE,
				known ? "signature: %.100s has a digest by "
					"another algorithm"
				      : "signature: %.100s is signed but "
					"absent",
				r->uri);
		if (dsig_check_digest(r, d, e))
			return -1;
	}
	return 0;
}

static int
check_parts(struct arena *a, const struct xades *x, const struct signature *s,
	const struct signed_message *m, bool live, struct err *e)
{
	if (xades_reference(x, URI_CHAIN_RESULT))
		return check_batch(a, x, s, m, e);
	if (!xades_reference(x, URI_MESSAGE))
		return malformed(e, "the message is not signed");
	if (live && (s->hashchain_result.len || s->hashchain.len))
		return malformed(e, "a hash chain came that is not signed");
	return check_plain(x, m, e);
}

/* What a document must be by itself, around the check of the message. */
static int
judge_document(struct arena *a, const struct xades *x,
	const struct signature *s, const struct signed_message *m, bool live,
	struct err *e)
{
	if (check_properties(x, e) || check_certificate(x, e) ||
		check_parts(a, x, s, m, live, e) ||
		dsig_check_internal(&x->sig, e))
		return -1;
	return dsig_check_value(&x->sig, x->sig.cert[0], e);
}

/* Nobody has judged the document before. `known` may be NULL. */
static int
verify_new(struct arena *a, const struct signature *s,
	const struct signed_message *m, bool live, struct judged *known,
	struct signature_facts *out, struct err *e)
{
	struct xades *x;

	if (xades_read(a, s->xml, &x, e))
		return -1;
	facts_of(a, x, out);
	if (live && !x->tight)
		return malformed(e, "text stands before ds:Signature");
	if (judge_document(a, x, s, m, live, e))
		return -1;
	if (known && out->batch) /* others will come with the same document */
		judged_put(known, s->xml, x);
	return 0;
}

static int
verify_known(struct arena *a, const struct xades *x, const struct signature *s,
	const struct signed_message *m, bool live, struct signature_facts *out,
	struct err *e)
{
	facts_of(a, x, out);
	if (live && !x->tight)
		return malformed(e, "text stands before ds:Signature");
	return check_parts(a, x, s, m, live, e);
}

/* Only batches have documents in common. `known` may be NULL. */
static int
verify_core(struct arena *a, const struct signature *s,
	const struct signed_message *m, bool live, struct judged *known,
	struct signature_facts *out, struct err *e)
{
	struct judging mine;
	const struct xades *x;
	int ret;

	memset(out, 0, sizeof(*out));
	if (!known || !s->hashchain.len)
		return verify_new(a, s, m, live, NULL, out, e);
	x = judged_await(known, a, s->xml, &mine);
	if (x)
		return verify_known(a, x, s, m, live, out, e);
	ret = verify_new(a, s, m, live, known, out, e);
	judged_done(known, &mine);
	return ret;
}

int
signature_verify_core(struct arena *a, const struct signature *s,
	const struct signed_message *m, bool live, struct signature_facts *out,
	struct err *e)
{
	return verify_core(a, s, m, live, NULL, out, e);
}

int
signature_trust(struct arena *a, struct signature_facts *f,
	const struct globalconf *g, const struct client_id *sender, int64_t at,
	struct err *e)
{
	if (globalconf_sign_owner(g, a, f->signer, sender, &f->owner, e))
		return -1;
	if (!client_id_same_member(&f->owner, sender))
		return fail(e, FAULT_INCORRECT_CERTIFICATE,
			"signature: the certificate belongs to %s, the message "
			"comes from %s",
			client_id_text(a, &f->owner),
			client_id_text(a, sender));
	return globalconf_prove_cert(g, sender->instance, f->signer, f->extra,
		f->ocsp, f->ocsps, at, e);
}

int
signature_verify(struct arena *a, const struct signature *s,
	const struct signed_message *m, const struct globalconf *g,
	const struct client_id *sender, int64_t at, bool live,
	struct signature_facts *out, struct err *e)
{
	enum meter_part was = meter_to(METER_VERIFY);
	int ret = verify_core(a, s, m, live, g->judged, out, e);

	if (!ret)
		ret = signature_trust(a, out, g, sender, at, e);
	meter_to(was);
	return ret;
}
