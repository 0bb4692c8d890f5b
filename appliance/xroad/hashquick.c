/* SPDX-License-Identifier: MIT */
/*
 * Hash chains as X-Road and we write them, judged without an XML parser: every
 * message of a batch brings one. Only good chains of exactly that form are
 * recognised; whatever else comes, also what is wrong, is for hashverify.c.
 */
#include <stdio.h>
#include <string.h>

#include "hashchain.h"
#include "hashchain_int.h"
#include "mem.h"
#include "text.h"

enum {
	STEPS_MAX = 32, /* a batch of 64 messages has 7 */
	ITEMS_MAX = 10, /* of one step: the parts of a message */
	SIZE_MAX_QUICK = 64 * 1024,
	PREFIX_MAX = 8,
	URI_MAX = 120,
	VALUE_LEN = 88, /* base64 of SHA-512 */
};

#define HEAD    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"
#define DSIG    "xmlns=\"http://www.w3.org/2000/09/xmldsig#\""
#define SHA512  "http://www.w3.org/2001/04/xmlenc#sha512"
#define NAME_OK "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* What is left of a document; once something is not as expected, bad. */
struct scan {
	struct arena *a;
	const char *p, *end;
	char prefix[PREFIX_MAX + 1]; /* of the chain's namespace */
	bool bad;
};

static struct scan
scan_of(struct arena *a, struct bytes doc)
{
	const char *p = (const char *)doc.data;

	return (struct scan){ .a = a, .p = p, .end = p + doc.len };
}

/* Takes the text if it stands there. */
static bool
have(struct scan *s, const char *text)
{
	size_t n = strlen(text);

	if (s->bad || (size_t)(s->end - s->p) < n || memcmp(s->p, text, n) != 0)
		return false;
	s->p += n;
	return true;
}

static void
want(struct scan *s, const char *text)
{
	if (!have(s, text))
		s->bad = true;
}

static void
blanks(struct scan *s)
{
	while (s->p < s->end && strchr(" \n\r\t", *s->p) && *s->p)
		s->p++;
}

/* Up to `max` characters out of `set`, at least one. */
static void
word(struct scan *s, const char *set, char *out, size_t max)
{
	size_t n = 0;

	while (!s->bad && s->p < s->end && *s->p && strchr(set, *s->p)) {
		if (n == max) {
			s->bad = true;
			break;
		}
		out[n++] = *s->p++;
	}
	out[n] = '\0';
	if (!n)
		s->bad = true;
}

/* "<ns2:Name" or "</ns2:Name", blanks before it. */
static bool
have_tag(struct scan *s, const char *open, const char *name)
{
	const char *before = s->p;

	blanks(s);
	if (have(s, open) && have(s, s->prefix) && have(s, ":") &&
		have(s, name))
		return true;
	s->p = before;
	return false;
}

static void
want_tag(struct scan *s, const char *open, const char *name)
{
	if (!have_tag(s, open, name))
		s->bad = true;
}

/* Both namespaces in either order. */
static void
namespaces(struct scan *s)
{
	bool first = have(s, " " DSIG);

	want(s, " xmlns:");
	want(s, s->prefix);
	want(s, "=\"" NS_HASHCHAIN "\"");
	if (!first)
		want(s, " " DSIG);
	want(s, ">");
}

static void
value(struct scan *s, struct digest *out)
{
	struct bytes v;

	blanks(s);
	want(s, "<DigestValue>");
	if (s->bad || s->end - s->p < VALUE_LEN ||
		base64_decode(s->a, s->p, VALUE_LEN, &v, NULL) ||
		v.len != digest_size(DIGEST_SHA512)) {
		s->bad = true;
		return;
	}
	s->p += VALUE_LEN;
	want(s, "</DigestValue>");
	*out = (struct digest){ .alg = DIGEST_SHA512, .len = v.len };
	memcpy(out->value, v.data, v.len);
}

static void
uri_of(struct scan *s, char out[URI_MAX + 1])
{
	word(s, NAME_OK "/._-", out, URI_MAX);
}

static void
head(struct scan *s)
{
	want(s, HEAD);
	blanks(s);
	want(s, "<");
	word(s, NAME_OK, s->prefix, PREFIX_MAX);
	if ((*s->prefix >= '0' && *s->prefix <= '9') ||
		str_iprefix(s->prefix, "xml")) /* no name, or reserved */
		s->bad = true;
}

/* The result; its first step is "STEP0" of any file. */
static bool
read_result(struct arena *a, struct bytes doc, struct digest *out)
{
	struct scan s = scan_of(a, doc);
	char uri[URI_MAX + 1];

	head(&s);
	want(&s, ":HashChainResult URI=\"");
	uri_of(&s, uri);
	want(&s, "#STEP0\"");
	namespaces(&s);
	blanks(&s);
	want(&s, "<DigestMethod Algorithm=\"" SHA512 "\"/>");
	value(&s, out);
	want_tag(&s, "</", "HashChainResult>");
	blanks(&s);
	return !s.bad && s.p == s.end;
}

/* ---- the chain ---- */

struct item {
	struct digest digest;
	bool next; /* the digest is that of the next step */
};
struct step {
	struct item item[ITEMS_MAX];
	size_t items;
};
struct chain {
	struct step *step[STEPS_MAX];
	size_t steps;
	struct hashchain_input *in;
	size_t inputs;
};

/* The value in the chain has to be that of the input. */
static void
data_ref(struct scan *s, struct chain *c, struct digest *out)
{
	const struct digest *found = NULL;
	char uri[URI_MAX + 1];

	uri_of(s, uri);
	want(s, "\">");
	value(s, out);
	want_tag(s, "</", "DataRef>");
	for (size_t i = 0; !s->bad && i < c->inputs; i++) {
		if (!str_equal(c->in[i].uri, uri))
			continue;
		c->in[i].used = true;
		if (c->in[i].digest.alg == DIGEST_SHA512)
			found = &c->in[i].digest;
	}
	if (!found || !digest_equal(found, out))
		s->bad = true;
}

static void
read_item(struct scan *s, struct chain *c, struct item *it)
{
	char id[sizeof("#STEP") + 3 * sizeof(size_t)];

	*it = (struct item){ .next = false };
	if (have_tag(s, "<", "HashValue>")) {
		value(s, &it->digest);
		want_tag(s, "</", "HashValue>");
	} else if (have_tag(s, "<", "DataRef URI=\"")) {
		data_ref(s, c, &it->digest);
	} else {
		want_tag(s, "<", "StepRef URI=\"");
		snprintf(id, sizeof(id), "#STEP%zu\"/>", c->steps + 1);
		want(s, id);
		it->next = true;
	}
}

/* How many of its items refer to the next step. */
static size_t
read_step(struct scan *s, struct chain *c)
{
	struct step *t = arena_alloc(s->a, sizeof(*t));
	char id[sizeof("STEP\">") + 3 * sizeof(size_t)];
	size_t nexts = 0;

	snprintf(id, sizeof(id), "STEP%zu\">", c->steps);
	want(s, id);
	while (!s->bad && !have_tag(s, "</", "HashStep>")) {
		if (t->items == ITEMS_MAX) {
			s->bad = true;
			break;
		}
		read_item(s, c, &t->item[t->items]);
		nexts += t->item[t->items++].next;
	}
	if (!t->items)
		s->bad = true;
	c->step[c->steps++] = t;
	return nexts;
}

/* Every step but the last one leads to the next. */
static bool
read_chain(struct arena *a, struct bytes doc, struct chain *c)
{
	struct scan s = scan_of(a, doc);
	size_t nexts = 1;

	head(&s);
	want(&s, ":HashChain");
	namespaces(&s);
	want_tag(&s, "<", "DefaultDigestMethod Algorithm=\"" SHA512 "\"/>");
	while (!s.bad && have_tag(&s, "<", "HashStep id=\"")) {
		if (c->steps == STEPS_MAX || nexts != 1)
			return false;
		nexts = read_step(&s, c);
	}
	want_tag(&s, "</", "HashChain>");
	blanks(&s);
	return !s.bad && s.p == s.end && c->steps && nexts == 0;
}

static void
compute(const struct chain *c, struct digest *out)
{
	struct buf list;

	for (size_t k = c->steps; k-- > 0;) {
		const struct step *t = c->step[k];

		buf_init(&list, DIGEST_LIST_MAX);
		for (size_t i = 0; i < t->items; i++)
			digest_list_add(&list,
				t->item[i].next ? out : &t->item[i].digest);
		digest_list_hash(&list, DIGEST_SHA512, out);
		buf_done(&list);
	}
}

bool
hashchain_quick(struct arena *a, struct bytes result, struct bytes chain,
	struct hashchain_input *in, size_t n)
{
	struct chain c = { .in = in, .inputs = n };
	struct digest wanted, got;

	for (size_t i = 0; i < n; i++)
		in[i].used = false;
	if (result.len > SIZE_MAX_QUICK || chain.len > SIZE_MAX_QUICK ||
		!read_result(a, result, &wanted) || !read_chain(a, chain, &c))
		return false;
	for (size_t i = 0; i < n; i++)
		if (in[i].required && !in[i].used)
			return false;
	compute(&c, &got);
	return digest_equal(&got, &wanted);
}
