/* SPDX-License-Identifier: MIT */
/*
 * Building hash chains: a Merkle tree over messages, one chain a message
 * (interop/xroad-messages.md 3.5). Neighbours are paired from left to right; an
 * unpaired node moves up unhashed.
 */
#include "hashchain.h"

#include <assert.h>
#include <string.h>

#include "der.h"
#include "err.h"
#include "hashchain_int.h"
#include "mem.h"

static const enum digest_alg ALG = DIGEST_SHA512;

#define XML_HEAD \
 "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define NAMES \
 " xmlns=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:hc=\"" NS_HASHCHAIN "\""

void
digest_list_add(struct buf *list, const struct digest *d)
{
	enum { SHORT = 0x80, HEADS = 6 }; /* of three elements */
	const char *uri = digest_uri(d->alg);
	size_t n = strlen(uri), all = HEADS + d->len + n;
	struct buf one;

	if (all < SHORT) { /* every length is one byte */
		const uint8_t outer[] = { DER_SEQUENCE, (uint8_t)all,
			DER_OCTET_STRING, (uint8_t)d->len };
		const uint8_t text[] = { DER_UTF8_STRING, (uint8_t)n };
		const uint8_t empty[] = { DER_SEQUENCE, 0 };

		buf_add(list, outer, sizeof(outer));
		buf_add(list, d->value, d->len);
		buf_add(list, text, sizeof(text));
		buf_add(list, uri, n);
		buf_add(list, empty, sizeof(empty));
		return;
	}
	buf_init(&one, 512);
	der_put(&one, DER_OCTET_STRING, d->value, d->len);
	der_put(&one, DER_UTF8_STRING, uri, bytes_str(uri).len);
	der_put(&one, DER_SEQUENCE, "", 0);
	der_put_buf(list, DER_SEQUENCE, &one);
	buf_done(&one);
}

void
digest_list_hash(
	const struct buf *list, enum digest_alg alg, struct digest *out)
{
	struct buf der;

	buf_init(&der, DIGEST_LIST_MAX + 16);
	der_put_buf(&der, DER_SEQUENCE, list);
	digest_of(alg, der.data, der.len, out);
	buf_done(&der);
}

/* Every level of the tree, leaves first; the top level has one node. */
struct tree {
	struct digest *node[HASHCHAIN_DEPTH_MAX];
	size_t count[HASHCHAIN_DEPTH_MAX];
	size_t levels;
};

static void
leaf(const struct hashchain_item *it, struct digest *out)
{
	struct buf list;
	size_t i;

	assert(it->parts);
	if (it->parts == 1) {
		*out = it->part[0].digest;
		return;
	}
	buf_init(&list, DIGEST_LIST_MAX);
	for (i = 0; i < it->parts; i++)
		digest_list_add(&list, &it->part[i].digest);
	digest_list_hash(&list, ALG, out);
	buf_done(&list);
}

static void
pair(const struct digest *left, const struct digest *right, struct digest *out)
{
	struct buf list;

	buf_init(&list, 1024);
	digest_list_add(&list, left);
	digest_list_add(&list, right);
	digest_list_hash(&list, ALG, out);
	buf_done(&list);
}

static void
grow(struct arena *a, struct tree *t, const struct hashchain_item *item,
	size_t items)
{
	struct digest *below;
	size_t i, k = 0, n = items;

	t->node[0] = arena_array(a, n, sizeof(struct digest));
	for (i = 0; i < n; i++)
		leaf(&item[i], &t->node[0][i]);
	for (t->count[0] = n; n > 1; t->count[k] = n) {
		below = t->node[k++];
		assert(k < HASHCHAIN_DEPTH_MAX);
		t->node[k] = arena_array(a, (n + 1) / 2, sizeof(*below));
		for (i = 0; i + 1 < n; i += 2)
			pair(&below[i], &below[i + 1], &t->node[k][i / 2]);
		if (n % 2)
			t->node[k][n / 2] = below[n - 1];
		n = (n + 1) / 2;
	}
	t->levels = k + 1;
}

static void
put_value(struct buf *b, const struct digest *d)
{
	buf_str(b, "            <DigestValue>");
	buf_base64(b, d->value, d->len);
	buf_str(b, "</DigestValue>\n");
}

static void
put_hash(struct buf *b, const struct digest *d)
{
	buf_str(b, "        <hc:HashValue>\n");
	put_value(b, d);
	buf_str(b, "        </hc:HashValue>\n");
}

static void
put_data(struct buf *b, const struct hashchain_part *p)
{
	buf_str(b, "        <hc:DataRef URI=\"");
	buf_xml(b, p->uri);
	buf_str(b, "\">\n");
	put_value(b, &p->digest);
	buf_str(b, "        </hc:DataRef>\n");
}

/* The item's own side of a step: the next step, or the data itself. */
static void
put_own(struct buf *b, const struct hashchain_item *it, size_t step,
	size_t steps)
{
	if (step + 1 < steps)
		buf_fmt(b, "        <hc:StepRef URI=\"#STEP%zu\"/>\n",
			step + 1);
	else
		put_data(b, it->part);
}

/* Node index of item i at a level, and whether it has a neighbour there. */
static bool
paired(const struct tree *t, size_t level, size_t i)
{
	return ((i >> level) ^ 1) < t->count[level];
}

static void
put_step_open(struct buf *b, size_t step)
{
	buf_fmt(b, "    <hc:HashStep id=\"STEP%zu\">\n", step);
}

/* Steps from the root down; a last one lists the parts when there are more. */
static void
put_steps(struct buf *b, const struct tree *t, const struct hashchain_item *it,
	size_t i)
{
	size_t level, step = 0, steps = it->parts > 1, at, k;

	assert(t->levels && t->levels <= HASHCHAIN_DEPTH_MAX);
	for (level = 0; level + 1 < t->levels; level++)
		steps += paired(t, level, i);
	for (level = t->levels - 1; level-- > 0;) {
		if (!paired(t, level, i))
			continue;
		at = i >> level;
		put_step_open(b, step);
		if (at & 1)
			put_hash(b, &t->node[level][at - 1]);
		put_own(b, it, step, steps);
		if (!(at & 1))
			put_hash(b, &t->node[level][at + 1]);
		buf_str(b, "    </hc:HashStep>\n");
		step++;
	}
	if (it->parts > 1) {
		put_step_open(b, step);
		for (k = 0; k < it->parts; k++)
			put_data(b, &it->part[k]);
		buf_str(b, "    </hc:HashStep>\n");
	}
}

static struct bytes
keep(struct arena *a, struct buf *b)
{
	struct bytes out = bytes_of(arena_memdup(a, b->data, b->len), b->len);

	buf_done(b);
	return out;
}

static int
put_chain(struct arena *a, const struct tree *t,
	const struct hashchain_item *it, size_t i, struct bytes *out,
	struct err *e)
{
	struct buf b;

	buf_init(&b, HASHCHAIN_SIZE_MAX);
	buf_str(&b, XML_HEAD "<hc:HashChain" NAMES ">\n");
	buf_fmt(&b, "    <hc:DefaultDigestMethod Algorithm=\"%s\"/>\n",
		digest_uri(ALG));
	put_steps(&b, t, it, i);
	buf_str(&b, "</hc:HashChain>\n");
	if (buf_ok(&b, "the hash chain", e)) {
		buf_done(&b);
		return -1;
	}
	*out = keep(a, &b);
	return 0;
}

static struct bytes
put_result(struct arena *a, const char *name, const struct digest *top)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_str(&b, XML_HEAD "<hc:HashChainResult URI=\"/");
	buf_xml(&b, name);
	buf_fmt(&b,
		"#STEP0\"" NAMES ">\n    <DigestMethod Algorithm=\"%s\"/>\n",
		digest_uri(top->alg));
	buf_str(&b, "    <DigestValue>");
	buf_base64(&b, top->value, top->len);
	buf_str(&b, "</DigestValue>\n</hc:HashChainResult>\n");
	return keep(a, &b);
}

int
hashchain_build(struct arena *a, const char *name,
	const struct hashchain_item *item, size_t items,
	struct hashchain_out *out, struct err *e)
{
	struct tree t = { 0 };
	size_t i;

	assert(items > 1 || (items == 1 && item->parts > 1));
	grow(a, &t, item, items);
	out->chain = arena_array(a, items, sizeof(*out->chain));
	for (i = 0; i < items; i++)
		if (put_chain(a, &t, &item[i], i, &out->chain[i], e))
			return -1;
	out->top = t.node[t.levels - 1][0];
	out->result = put_result(a, name, &out->top);
	return 0;
}
