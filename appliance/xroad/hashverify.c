/* SPDX-License-Identifier: MIT */
/*
 * Verifying hash chains (interop/xroad-messages.md 3.6), stricter than the
 * original: no transforms, no SHA-1, every step used at most once (so neither
 * cycles nor exponential sharing), one chain document.
 */
#include <string.h>

#include "err.h"
#include "hashchain.h"
#include "hashchain_int.h"
#include "mem.h"
#include "text.h"
#include "xml.h"

#define NS_DS "http://www.w3.org/2000/09/xmldsig#"

enum { LEVELS = 2 }; /* of elements with elements: chain, step, value */

struct step {
	const char *id;
	const struct xml_node *node;
	bool used;
};

/* One verification. */
struct walk {
	struct arena *a;
	struct step step[HASHCHAIN_STEPS_MAX];
	size_t steps;
	const char *base;    /* chain file named by the result */
	enum digest_alg def; /* DefaultDigestMethod or DIGEST_NONE */
	struct hashchain_input *in;
	size_t inputs;
	bool lenient;
	const char *differs; /* a DataRef whose own value is not the input's */
};

static int
malformed(struct err *e, const char *what)
{
	return fail(e, FAULT_MALFORMED_HASH_CHAIN, "hash chain: %s", what);
}

static int
method(struct walk *w, const struct xml_node *n, enum digest_alg *out,
	struct err *e)
{
	*out = digest_by_uri(xml_attr(n, w->a, "", "Algorithm"));
	if (*out == DIGEST_NONE || *out == DIGEST_SHA1)
		return malformed(e, "digest algorithm is not supported");
	return 0;
}

static int
value(struct walk *w, const struct xml_node *n, struct digest *out,
	struct err *e)
{
	char *s = xml_text(n, w->a);
	struct bytes v;

	if (base64_decode(w->a, s, strlen(s), &v, NULL) || !v.len ||
		v.len > DIGEST_MAX)
		return malformed(e, "a digest value is not valid");
	memcpy(out->value, v.data, v.len);
	out->len = v.len;
	return 0;
}

/* (DigestMethod?, DigestValue): the children of a value, a reference or the
   result; `valued` says whether DigestValue must or must not stand there. */
static int
read_digest(struct walk *w, const struct xml_node *n, bool valued,
	struct digest *out, struct err *e)
{
	struct xml_node *c = xml_child(n, NULL, NULL);

	memset(out, 0, sizeof(*out));
	out->alg = w->def;
	if (c && xml_is(c, NS_DS, "DigestMethod")) {
		if (method(w, c, &out->alg, e))
			return -1;
		c = xml_next(c, NULL, NULL);
	}
	if (c && xml_is(c, NS_DS, "Transforms"))
		return malformed(e, "transforms are not supported");
	if (out->alg == DIGEST_NONE)
		return malformed(e, "no digest algorithm is given");
	if (valued) {
		if (!c || !xml_is(c, NS_DS, "DigestValue"))
			return malformed(e, "a digest value is missing");
		if (value(w, c, out, e))
			return -1;
		c = xml_next(c, NULL, NULL);
	}
	return c ? malformed(e, "an unexpected element stands in it") : 0;
}

static int
read_chain(struct walk *w, const struct xml_node *root, struct err *e)
{
	struct xml_node *c = xml_child(root, NULL, NULL);
	size_t i;
	struct step *s = NULL;

	if (!xml_is(root, NS_HASHCHAIN, "HashChain"))
		return malformed(e, "the root is not HashChain");
	if (c && xml_is(c, NS_HASHCHAIN, "DefaultDigestMethod")) {
		if (method(w, c, &w->def, e))
			return -1;
		c = xml_next(c, NULL, NULL);
	}
	for (; c; c = xml_next(c, NULL, NULL)) {
		if (!xml_is(c, NS_HASHCHAIN, "HashStep"))
			return malformed(
				e, "an unexpected element stands in it");
		if (w->steps == HASHCHAIN_STEPS_MAX)
			return malformed(e, "too many steps");
		s = &w->step[w->steps++];
		s->node = c;
		s->id = xml_attr(c, w->a, "", "id");
		for (i = 0; s->id && i + 1 < w->steps; i++)
			if (str_equal(s->id, w->step[i].id))
				return malformed(e, "a step id is repeated");
	}
	return 0;
}

/* "base#id" within the chain document. */
static int
find_step(struct walk *w, const char *uri, struct step **out, struct err *e)
{
	const char *hash = uri ? strchr(uri, '#') : NULL;
	size_t i, n;

	if (!hash || !hash[1])
		return malformed(e, "a step reference has no fragment");
	n = (size_t)(hash - uri);
	if (n && (n != strlen(w->base) || memcmp(uri, w->base, n) != 0))
		return fail(e, FAULT_INVALID_REFERENCE,
			"hash chain: file of %.100s is not followed", uri);
	for (i = 0; i < w->steps; i++)
		if (str_equal(w->step[i].id, hash + 1))
			break;
	if (i == w->steps)
		return fail(e, FAULT_MALFORMED_HASH_CHAIN,
			"hash chain: step %.100s does not exist", uri);
	if (w->step[i].used)
		return malformed(e, "a step is used twice");
	w->step[i].used = true;
	*out = &w->step[i];
	return 0;
}

static int resolve_step(struct walk *w, const char *uri, enum digest_alg alg,
	unsigned depth, struct digest *out, struct err *e);

static int
resolve_data(struct walk *w, const struct xml_node *n, struct digest *out,
	struct err *e)
{
	const char *uri = xml_attr(n, w->a, "", "URI");
	const struct digest *found = NULL;
	bool known = false;
	size_t i;

	if (!uri)
		return malformed(e, "a data reference has no URI");
	if (read_digest(w, n, true, out, e))
		return -1;
	for (i = 0; i < w->inputs; i++) {
		if (!str_equal(w->in[i].uri, uri))
			continue;
		known = w->in[i].used = true;
		if (w->in[i].digest.alg == out->alg)
			found = &w->in[i].digest;
	}
	if (!found && (known || !w->lenient))
		return fail(e, FAULT_INVALID_REFERENCE,
			"hash chain: %.100s cannot be resolved", uri);
	if (found && !digest_equal(found, out)) {
		w->differs = uri;
		if (w->lenient)
			return fail(e, FAULT_INVALID_HASH_CHAIN_REF,
				"%.100s is not what the hash chain says", uri);
	}
	if (found)
		*out = *found;
	return 0;
}

static int
resolve(struct walk *w, const struct xml_node *n, unsigned depth,
	struct digest *out, struct err *e)
{
	if (xml_is(n, NS_HASHCHAIN, "HashValue"))
		return read_digest(w, n, true, out, e);
	if (xml_is(n, NS_HASHCHAIN, "DataRef"))
		return resolve_data(w, n, out, e);
	if (!xml_is(n, NS_HASHCHAIN, "StepRef"))
		return malformed(e, "an unexpected element stands in a step");
	if (read_digest(w, n, false, out, e))
		return -1;
	return resolve_step(
		w, xml_attr(n, w->a, "", "URI"), out->alg, depth + 1, out, e);
}

static int
resolve_step(struct walk *w, const char *uri, enum digest_alg alg,
	unsigned depth, struct digest *out, struct err *e)
{
	struct step *s = NULL;
	struct xml_node *c;
	struct digest d;
	struct buf list;
	int ret = -1;

	if (depth > HASHCHAIN_DEPTH_MAX)
		return malformed(e, "it is too deep");
	if (find_step(w, uri, &s, e))
		return -1;
	buf_init(&list, DIGEST_LIST_MAX);
	xml_each(c, s->node, NULL, NULL) {
		if (resolve(w, c, depth, &d, e))
			goto out;
		digest_list_add(&list, &d);
	}
	if (buf_ok(&list, "the hash chain", e))
		goto out;
	digest_list_hash(&list, alg, out);
	ret = 0;
out:
	buf_done(&list);
	return ret;
}

/* Differing data is named. */
static int
compare(const struct walk *w, const struct digest *got,
	const struct digest *want, struct err *e)
{
	if (digest_equal(got, want))
		return 0;
	return fail(e, FAULT_INVALID_HASH_CHAIN,
		"the hash chain does not lead to its result%s%.100s",
		w->differs ? "; it has another digest of " : "",
		w->differs ? w->differs : "");
}

static int
all_used(const struct walk *w, struct err *e)
{
	size_t i;

	for (i = 0; i < w->inputs; i++)
		if (w->in[i].required && !w->in[i].used)
			return fail(e, FAULT_HASHCHAIN_UNUSED_INPUTS,
				"the hash chain does not cover %.100s",
				w->in[i].uri);
	return 0;
}

/* Elements and text do not mix: the schema of hash chains has no such type. */
static int
unmixed(struct arena *a, const struct xml_node *n, int levels, struct err *e)
{
	struct xml_node *c = xml_child(n, NULL, NULL);
	const char *text = c ? xml_text(n, a) : "";

	if (text[strspn(text, " \t\r\n")])
		return malformed(e, "text stands between its elements");
	for (; c && levels; c = xml_next(c, NULL, NULL))
		if (unmixed(a, c, levels - 1, e))
			return -1;
	return 0;
}

static int
parse(struct arena *a, struct bytes data, struct xml_node **root, struct err *e)
{
	struct err why = ERR_INIT;
	struct xml_doc *d;

	if (data.len > HASHCHAIN_SIZE_MAX)
		return malformed(e, "it is too large");
	if (xml_parse(a, data, NULL, &d, &why))
		return malformed(e, why.text);
	*root = xml_root(d);
	return unmixed(a, *root, LEVELS, e);
}

int
hashchain_any(struct arena *a, struct bytes result, struct bytes chain,
	struct hashchain_input *in, size_t n, bool lenient, struct err *e)
{
	struct walk *w = arena_new_of(a, struct walk);
	struct xml_node *res, *root;
	struct digest want, got;
	const char *uri;
	size_t i;

	w->a = a;
	w->in = in;
	w->inputs = n;
	w->lenient = lenient;
	for (i = 0; i < n; i++)
		in[i].used = false;
	if (parse(a, result, &res, e) || parse(a, chain, &root, e))
		return -1;
	if (!xml_is(res, NS_HASHCHAIN, "HashChainResult"))
		return malformed(e, "the root is not HashChainResult");
	if (read_digest(w, res, true, &want, e))
		return -1;
	uri = xml_attr(res, a, "", "URI");
	w->base = uri ? arena_strndup(a, uri, strcspn(uri, "#")) : "";
	if (read_chain(w, root, e) ||
		resolve_step(w, uri, want.alg, 0, &got, e) ||
		compare(w, &got, &want, e))
		return -1;
	return all_used(w, e);
}

int
hashchain_verify(struct arena *a, struct bytes result, struct bytes chain,
	struct hashchain_input *in, size_t n, bool lenient, struct err *e)
{
	if (hashchain_quick(a, result, chain, in, n))
		return 0;
	return hashchain_any(a, result, chain, in, n, lenient, e);
}
