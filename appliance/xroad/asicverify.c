/* SPDX-License-Identifier: MIT */
/*
 * Verifying containers (interop/xroad-messages.md 4.7): who sent the message,
 * its signature, the time stamp that gives the moment of validation, and trust
 * at that moment. The report grows with what is established.
 */
#include <string.h>

#include "asic.h"
#include "err.h"
#include "hashchain_int.h"
#include "mem.h"
#include "ocsp.h"
#include "rest.h"
#include "soap.h"
#include "text.h"
#include "tsp.h"
#include "xml.h"

#define URI_SIGNATURES "/META-INF/signatures.xml"

/* Digest algorithms that others may use for parts; ours is the first. */
static const enum digest_alg algs[] = { DIGEST_SHA512, DIGEST_SHA384,
	DIGEST_SHA256 };
enum { ALGS = sizeof(algs) / sizeof(*algs) };

/* A container does not say in which charset the message came. Only the header
   is read here, and it must fit to the signer; the signed bytes stay as they
   are. */
static const char *
soap_type(struct bytes message)
{
	return utf8_valid((const char *)message.data, message.len)
		       ? "text/xml; charset=UTF-8"
		       : "text/xml; charset=ISO-8859-1";
}

static int
soap_sender(struct arena *a, const struct asic *c, struct asic_report *r,
	struct err *e)
{
	struct soap m;

	if (soap_parse(a, c->message, soap_type(c->message), &m, e))
		return -1;
	if (m.fault)
		return fail(e, FAULT_INVALID_MESSAGE,
			"the message is a SOAP fault");
	r->kind = m.response ? "SOAP response" : "SOAP request";
	r->message_id = m.id;
	r->sender = m.response ? m.service.provider : m.client;
	return 0;
}

static int
rest_sender(struct arena *a, const struct asic *c, struct asic_report *r,
	struct err *e)
{
	struct rest_response answer;

	if (c->message.data[0] >= '1' && c->message.data[0] <= '9') {
		if (rest_response_parse(a, c->message, &answer, e))
			return -1;
		r->kind = "REST response";
		r->message_id = answer.id;
		r->sender = answer.service.provider;
		return 0;
	}
	r->kind = "REST request";
	return rest_request_who(a, c->message, &r->sender, &r->message_id, e);
}

/* XML is SOAP; what does not begin with a tag is REST. */
static int
find_sender(struct arena *a, const struct asic *c, struct asic_report *r,
	struct err *e)
{
	size_t i = 0;
	int bad;

	if (c->message.len >= 3 && !memcmp(c->message.data, "\xef\xbb\xbf", 3))
		i = 3;
	while (i < c->message.len && strchr(" \t\r\n", c->message.data[i]) &&
		c->message.data[i])
		i++;
	bad = i < c->message.len && c->message.data[i] == '<'
		      ? soap_sender(a, c, r, e)
		      : rest_sender(a, c, r, e);
	if (!bad)
		r->sender_text = client_id_text(a, &r->sender);
	return bad;
}

/* Message and attachments, once by every algorithm. */
static void
add_part(struct hashchain_part *to, size_t *n, const char *uri,
	struct bytes data)
{
	size_t i;

	for (i = 0; i < ALGS; i++) {
		to[*n].uri = uri;
		digest_of(algs[i], data.data, data.len, &to[(*n)++].digest);
	}
}

static void
list_parts(struct arena *a, const struct asic *c, struct signed_message *m)
{
	struct hashchain_part *p =
		arena_array(a, ALGS * (1 + c->attachments), sizeof(*p));
	size_t i;

	m->part = p;
	add_part(p, &m->parts, "/message.xml", c->message);
	for (i = 0; i < c->attachments; i++)
		if (c->attachment[i].data)
			add_part(p, &m->parts,
				arena_printf(a, "/attachment%zu", i + 1),
				c->attachment[i]);
	m->lenient_parts = true;
}

static void
report_facts(
	struct arena *a, const struct signature_facts *f, struct asic_report *r)
{
	struct ocsp_answer answer;
	int64_t produced;

	r->signer_subject = cert_subject_text(f->signer, a);
	r->signer_issuer = cert_issuer_text(f->signer, a);
	r->signing_time = f->signing_time;
	r->batch_signature = f->batch;
	if (f->ocsps && !ocsp_peek(f->ocsp[0], &answer, &produced, NULL))
		r->ocsp_at = produced;
}

static void
add_state(
	struct asic_part *part, size_t *n, const char *name, const char *state)
{
	part[*n].name = name;
	part[(*n)++].state = state;
}

static bool
is_part(const struct signed_message *m, const char *uri)
{
	size_t i;

	for (i = 0; i < m->parts; i++)
		if (str_equal(m->part[i].uri, uri))
			return true;
	return false;
}

/* DataRefs of the chain to what is not here. */
static size_t
absent_parts(struct arena *a, struct bytes chain,
	const struct signed_message *m, struct asic_part *to, size_t max)
{
	struct xml_node *step, *ref;
	struct xml_doc *d;
	const char *uri;
	size_t n = 0;

	if (xml_parse(a, chain, NULL, &d, NULL))
		return 0;
	xml_each(step, xml_root(d), NS_HASHCHAIN, "HashStep") {
		xml_each(ref, step, NS_HASHCHAIN, "DataRef") {
			uri = xml_attr(ref, a, "", "URI");
			if (n < max && uri && !is_part(m, uri))
				add_state(to, &n, uri + (*uri == '/'),
					"not in container");
		}
	}
	return n;
}

static void
report_parts(struct arena *a, const struct asic *c,
	const struct signed_message *m, struct asic_report *r)
{
	size_t here = m->parts / ALGS, n = 0, i;
	struct asic_part *p =
		arena_array(a, here + ASIC_ENTRIES_MAX + 1, sizeof(*p));

	for (i = 0; i < here; i++)
		add_state(p, &n, m->part[i * ALGS].uri + 1, "verified");
	if (r->batch_signature)
		n += absent_parts(
			a, c->signature.hashchain, m, p + n, ASIC_ENTRIES_MAX);
	else if (c->signature.hashchain.len)
		add_state(p, &n, "sig-hashchain.xml",
			"hash chain present but not signed");
	r->part = p;
	r->parts = n;
}

static int
check_stamp_chain(struct arena *a, const struct asic *c, struct err *e)
{
	struct hashchain_input in[ALGS];
	struct err why = ERR_INIT;
	size_t i;

	for (i = 0; i < ALGS; i++) {
		in[i].uri = URI_SIGNATURES;
		in[i].required = true;
		digest_of(algs[i], c->signature.xml.data, c->signature.xml.len,
			&in[i].digest);
	}
	if (!hashchain_verify(
		    a, c->ts_result, c->ts_chain, in, ALGS, true, &why))
		return asic_manifest_check(a, c, e);
	err_prefix(&why, fault_code(FAULT_MALFORMED_SIGNATURE));
	if (e && !err_set(e))
		*e = why;
	return -1;
}

/* The token covers `data`. */
static int
check_token(struct arena *a, struct bytes token, struct bytes data,
	const struct globalconf *g, struct asic_report *r, struct err *e)
{
	struct tsp_token t;
	struct digest got;

	if (tsp_token_verify(token, NULL, globalconf_tsa_certs(g, a), a, &t, e))
		return -1;
	r->tsa_subject = cert_subject_text(t.signer, a);
	if (t.imprint.alg == DIGEST_NONE || t.imprint.alg == DIGEST_SHA1)
		return fail(e, FAULT_TSA_RESPONSE,
			"the time stamp uses a digest that is not accepted");
	digest_of(t.imprint.alg, data.data, data.len, &got);
	if (!digest_equal(&got, &t.imprint))
		return fail(e, FAULT_TSA_RESPONSE,
			"the time stamp belongs to something else");
	r->stamped_at = t.gen_time;
	return 0;
}

static int
check_stamp(struct arena *a, const struct asic *c,
	const struct signature_facts *f, const struct globalconf *g,
	struct asic_report *r, struct err *e)
{
	r->batch_stamp = c->ts_result.len > 0;
	if (r->batch_stamp) {
		if (check_stamp_chain(a, c, e))
			return -1;
		return check_token(a, c->ts_token, c->ts_result, g, r, e);
	}
	if (!c->ts_token.len && !f->timestamps)
		return fail(e, FAULT_ASIC_NO_TIMESTAMP,
			"the container has no time stamp");
	return check_token(a, c->ts_token.len ? c->ts_token : f->timestamp[0],
		f->value, g, r, e);
}

/* The signature's facts, and that it refers to the message at all. */
static int
read_signature(struct arena *a, const struct asic *c, struct signature_facts *f,
	struct asic_report *r, struct err *e)
{
	if (signature_read(a, c->signature.xml, f, e))
		return -1;
	report_facts(a, f, r);
	return f->plain || f->batch
		       ? 0
		       : fail(e, FAULT_MALFORMED_SIGNATURE,
				 "signature: the message is not signed");
}

int
asic_verify(struct arena *a, const struct asic *c, const struct globalconf *g,
	struct asic_report *out, struct err *e)
{
	struct signed_message m = { 0 };
	struct err sender = ERR_INIT; /* told when all else is good */
	struct signature_facts f;

	memset(out, 0, sizeof(*out));
	find_sender(a, c, out, &sender);
	list_parts(a, c, &m);
	if (read_signature(a, c, &f, out, e) ||
		check_stamp(a, c, &f, g, out, e) ||
		signature_verify_core(a, &c->signature, &m, false, &f, e))
		return -1;
	report_parts(a, c, &m, out);
	if (err_set(&sender)) {
		if (e && !err_set(e))
			*e = sender;
		return -1;
	}
	return signature_trust(a, &f, g, &out->sender, out->stamped_at, e);
}
