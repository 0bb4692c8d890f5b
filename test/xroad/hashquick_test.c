/* SPDX-License-Identifier: MIT */
/*
 * Hash chains judged without an XML parser: what is built here and what X-Road
 * built is recognised, and nothing is good that the parser's way refuses.
 */
#define IN_XROAD 1
#include "hashchain_int.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "hashchain.h"
#include "mem.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

enum { ITEMS = 9, PARTS = 3, VECTOR_MAX = 100000 };

static struct arena *a;

static struct hashchain_part
part(const char *uri, const char *text)
{
	struct hashchain_part p = { .uri = uri };

	digest_of(DIGEST_SHA512, text, strlen(text), &p.digest);
	return p;
}

static size_t
inputs(const struct hashchain_item *it, struct hashchain_input *in)
{
	for (size_t i = 0; i < it->parts; i++)
		in[i] = (struct hashchain_input){ it->part[i].uri,
			it->part[i].digest, true, false };
	return it->parts;
}

/* n messages, every second one with attachments. */
static void
build(size_t n, struct hashchain_item item[ITEMS], struct hashchain_out *o)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < n; i++) {
		size_t own = i % 2 || n == 1 ? PARTS : 1;
		struct hashchain_part *p = arena_array(a, own, sizeof(*p));

		for (size_t k = 0; k < own; k++)
			p[k] = part(k ? arena_printf(a, "/attachment%zu", k)
				      : "/message.xml",
				arena_printf(a, "%zu.%zu", i, k));
		item[i] = (struct hashchain_item){ p, own };
	}
	ok_m(!hashchain_build(a, "sig-hashchain.xml", item, n, o, &e), "%s",
		e.text);
}

static void
trees(void)
{
	struct hashchain_item item[ITEMS];
	struct hashchain_input in[PARTS];
	struct hashchain_out o;
	size_t bad = 0;

	for (size_t n = 1; n <= ITEMS; n++) {
		build(n, item, &o);
		for (size_t i = 0; i < n; i++) {
			size_t k = inputs(&item[i], in);

			bad += !hashchain_quick(a, o.result, o.chain[i], in, k);
			/* what is wrong is left to the other way */
			in[0].digest.value[5] ^= 1;
			bad += hashchain_quick(a, o.result, o.chain[i], in, k);
			in[0].digest.value[5] ^= 1;
			in[0].uri = "/other";
			bad += hashchain_quick(a, o.result, o.chain[i], in, k);
			in[0].digest.alg = DIGEST_SHA256;
			bad += hashchain_quick(a, o.result, o.chain[i], in, k);
		}
	}
	is_int(bad, 0);
}

/* ---- every byte changed ---- */

static struct {
	size_t tried, good, wrong;
} seen;

static void
compare(struct bytes result, struct bytes chain, struct hashchain_input *in,
	size_t n)
{
	struct arena *mine = arena_new();

	seen.tried++;
	if (hashchain_quick(mine, result, chain, in, n)) {
		seen.good++;
		seen.wrong += hashchain_any(mine, result, chain, in, n, false,
				      NULL) != 0;
		seen.wrong += hashchain_any(mine, result, chain, in, n, true,
				      NULL) != 0;
	}
	arena_free(&mine);
}

static void
pass(struct bytes doc, bool is_result, struct bytes other,
	struct hashchain_input *in, size_t n)
{
	struct bytes d = doc;

	if (is_result)
		compare(d, other, in, n);
	else
		compare(other, d, in, n);
}

static void
mutate(struct bytes doc, bool is_result, struct bytes other,
	struct hashchain_input *in, size_t n)
{
	static const char put[] = "<>/\"' \t&;#:0=A\0\xff";
	uint8_t *copy = arena_alloc(a, doc.len + 1);

	for (size_t i = 0; i < doc.len; i++) {
		memcpy(copy, doc.data, doc.len);
		for (size_t k = 0; k < sizeof(put) - 1; k++) {
			copy[i] = (uint8_t)put[k];
			pass(bytes_of(copy, doc.len), is_result, other, in, n);
		}
		memcpy(copy, doc.data, i); /* a byte less, a byte more */
		memcpy(copy + i, doc.data + i + 1, doc.len - i - 1);
		pass(bytes_of(copy, doc.len - 1), is_result, other, in, n);
		memcpy(copy, doc.data, i + 1);
		memcpy(copy + i + 1, doc.data + i, doc.len - i);
		pass(bytes_of(copy, doc.len + 1), is_result, other, in, n);
		pass(bytes_of(copy, i), is_result, other, in, n); /* cut off */
	}
}

static void
mutations(void)
{
	struct hashchain_item item[ITEMS];
	struct hashchain_input in[PARTS];
	struct hashchain_out o;
	size_t n;

	build(4, item, &o);
	n = inputs(&item[1], in);
	mutate(o.chain[1], false, o.result, in, n);
	mutate(o.result, true, o.chain[1], in, n);
	ok_m(!seen.wrong && seen.good,
		"%zu changed documents, %zu still good, %zu of them wrongly",
		seen.tried, seen.good, seen.wrong);
}

/* Prefixes that XML does not allow there. */
static void
prefixes(void)
{
	static const char *const prefix[] = { "xml", "XMLx", "9a", "ns2" };
	struct hashchain_item item[ITEMS];
	struct hashchain_input in[PARTS];
	struct hashchain_out o;

	build(2, item, &o);
	for (size_t i = 0; i < sizeof(prefix) / sizeof(*prefix); i++) {
		struct buf b;
		const char *p = (const char *)o.chain[0].data,
			   *end = p + o.chain[0].len;

		buf_init(&b, VECTOR_MAX);
		while (p < end)
			if (end - p > 2 && !memcmp(p, "hc:", 3)) {
				buf_str(&b, prefix[i]);
				p += 2;
			} else if (end - p > 3 && !memcmp(p, ":hc=", 4)) {
				buf_fmt(&b, ":%s=", prefix[i]);
				p += 4;
			} else {
				buf_add(&b, p++, 1);
			}
		ok_m(hashchain_quick(a, o.result, bytes_buf(&b), in,
			     inputs(&item[0], in)) == (i == 3),
			"%s", prefix[i]);
		buf_done(&b);
	}
}

/* ---- X-Road's own ---- */

#define DIR "x-road/asic-containers/asic-containers/valid-signed-hashchain/"

static struct bytes
vector(const char *name)
{
	const char *path = vectors_path(arena_printf(a, DIR "%s", name));
	struct bytes b = { 0 };

	if (path)
		(void)file_read(a, path, VECTOR_MAX, &b, NULL);
	return b;
}

/* The container has no attachment: its digest is what the chain says. */
static bool
attachment(struct bytes chain, struct digest *out)
{
	static const char tag[] = "<DigestValue>";
	const char *p = arena_strndup(a, (const char *)chain.data, chain.len);
	struct bytes v;

	p = strstr(p, "/attachment1");
	p = p ? strstr(p, tag) : NULL;
	if (!p || base64_decode(a, p + strlen(tag), 88, &v, NULL) ||
		v.len != digest_size(DIGEST_SHA512))
		return false;
	*out = (struct digest){ .alg = DIGEST_SHA512, .len = v.len };
	memcpy(out->value, v.data, v.len);
	return true;
}

static void
vectors(void)
{
	struct hashchain_input in[] = {
		{ .uri = "/message.xml", .required = true },
		{ .uri = "/attachment1", .required = true },
	};
	struct bytes message = vector("message.xml");
	struct bytes result = vector("sig-hashchainresult.xml");
	struct bytes chain = vector("sig-hashchain.xml");

	if (!message.len || !result.len || !chain.len) {
		ok_m(true, "X-Road's chain # SKIP no vectors");
		return;
	}
	digest_of(DIGEST_SHA512, message.data, message.len, &in[0].digest);
	ok(attachment(chain, &in[1].digest));
	ok_m(hashchain_quick(a, result, chain, in, 2), "X-Road's chain");
	ok_m(!hashchain_any(a, result, chain, in, 2, false, NULL),
		"and the other way");
	mutate(chain, false, result, in, 2);
	is_int(seen.wrong, 0);
}

int
main(void)
{
	xml_startup();
	a = arena_new();
	trees();
	mutations();
	prefixes();
	vectors();
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
