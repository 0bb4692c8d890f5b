/* SPDX-License-Identifier: MIT */
/*
 * Certificate paths at a given moment (RFC 5280 6.1 without policies, name
 * constraints and revocation). The TLS library only knows "now"; evidence is
 * checked at the time it was made.
 */
#include "trust_int.h"

#include "cert_int.h"
#include "clock.h"
#include "err.h"
#include "mem.h"

/* Signatures tried at most: hostile bundles of look-alike issuers. */
enum { TRIES_MAX = 64 };

struct walk {
	struct cert_list extra, anchors;
	int64_t at;
	struct cert **path;
	size_t n;
	int tries;
	struct err *found; /* what was wrong with a path that exists */
};

/* What every certificate of a path except the anchor must meet. */
static int
check_member(const struct walk *w, const struct cert *c, struct err *e)
{
	char text[TIME_TEXT_MAX];
	if (w->at < c->not_before)
		return fail(e, FAULT_INVALID_CERT_PATH,
			"A certificate of the path is valid from %s only",
			time_iso(text, c->not_before));
	if (w->at > c->not_after)
		return fail(e, FAULT_INVALID_CERT_PATH,
			"A certificate of the path expired at %s",
			time_iso(text, c->not_after));
	if (c->unknown_critical)
		return fail(e, FAULT_INVALID_CERT_PATH,
			"A certificate of the path has a critical extension "
			"that is not supported");
	if (c->alg.digest == DIGEST_NONE || c->alg.digest == DIGEST_SHA1)
		return fail(e, FAULT_INVALID_CERT_PATH,
			"A certificate of the path has a signature algorithm "
			"that is not trusted");
	return 0;
}

/* What an intermediate must meet in addition; `below` counts the issuing
   certificates under it that are not self-issued. */
static int
check_issuer(const struct cert *c, int below, struct err *e)
{
	if (!c->ca)
		return fail(e, FAULT_INVALID_CERT_PATH,
			"A certificate of the path is not an authority's");
	if (c->path_len >= 0 && below > c->path_len)
		return fail(e, FAULT_INVALID_CERT_PATH,
			"The path is longer than an authority allows");
	if (c->key_usage >= 0 && !(c->key_usage & KU_KEY_CERT_SIGN))
		return fail(e, FAULT_INVALID_CERT_PATH,
			"A certificate of the path may not sign certificates");
	return 0;
}

/* All rules for path[0..n), the last being the anchor. */
static int
check_path(const struct walk *w, struct err *e)
{
	int below = 0;
	for (size_t i = 0; i + 1 < w->n; i++) {
		const struct cert *c = w->path[i];
		if (check_member(w, c, e))
			return -1;
		if (i == 0)
			continue;
		if (check_issuer(c, below, e))
			return -1;
		below += !cert_self_issued(c);
	}
	return 0;
}

static bool
in_path(const struct walk *w, const struct cert *c)
{
	for (size_t i = 0; i < w->n; i++)
		if (cert_equal(w->path[i], c))
			return true;
	return false;
}

/* Did `issuer` sign the last certificate of the path so far? */
static bool
issued_last(struct walk *w, const struct cert *issuer)
{
	const struct cert *c = w->path[w->n - 1];
	if (!name_equal(c->issuer, issuer->subject) || w->tries >= TRIES_MAX)
		return false;
	w->tries++;
	struct err bad = ERR_INIT;
	if (cert_signed_by(c, issuer, &bad) == 0)
		return true;
	fail(w->found, FAULT_INVALID_CERT_PATH,
		"A certificate's signature does not verify: %s", bad.text);
	return false;
}

/* Extends the path; true when a complete and valid one stands in it. */
static bool
walk_up(struct walk *w)
{
	for (size_t i = 0; i < w->anchors.n && w->n < CHAIN_MAX; i++) {
		if (in_path(w, w->anchors.item[i]) ||
			!issued_last(w, w->anchors.item[i]))
			continue;
		w->path[w->n++] = w->anchors.item[i];
		if (check_path(w, w->found) == 0)
			return true;
		w->n--;
	}
	for (size_t i = 0; i < w->extra.n && w->n + 1 < CHAIN_MAX; i++) {
		struct cert *c = w->extra.item[i];
		if (in_path(w, c) || !issued_last(w, c))
			continue;
		w->path[w->n++] = c;
		/* bounded by CHAIN_MAX and TRIES_MAX */
		if (walk_up(w))
			return true;
		w->n--;
	}
	return false;
}

int
cert_chain(struct cert *leaf, struct cert_list extra, struct cert_list anchors,
	int64_t at, struct cert *path[CHAIN_MAX], size_t *n, struct err *e)
{
	struct err found = ERR_INIT;
	struct walk w = { .extra = extra,
		.anchors = anchors,
		.at = at,
		.path = path,
		.n = 1,
		.found = &found };
	path[0] = leaf;
	*n = 0;
	for (size_t i = 0; i < anchors.n; i++)
		if (cert_equal(anchors.item[i], leaf)) {
			*n = 1;
			return 0;
		}
	if (walk_up(&w)) {
		*n = w.n;
		return 0;
	}
	if (err_set(&found))
		return fail(e, found.fault, "%s", found.text);
	struct arena *a = arena_new();
	fail(e, FAULT_CERT_PATH,
		"No path to a trusted authority for %.200s "
		"issued by %.200s",
		cert_subject_text(leaf, a), cert_issuer_text(leaf, a));
	arena_free(&a);
	return -1;
}
