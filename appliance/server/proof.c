/* SPDX-License-Identifier: MIT */
/*
 * Own certificates proved: path to the anchor, responses out of the store, and
 * the round that keeps those responses fresh. Rules: xroad-center-admin.md
 * 3.4, xroad-messages.md 3.7, 3.8.
 */
#include <string.h>

#include "clock.h"
#include "err.h"
#include "keys_int.h"
#include "log.h"
#include "mem.h"
#include "ocsp.h"
#include "param.h"
#include "text.h"

enum {
	ROUND_MS = 1200 * 1000, /* longest wait when nobody is due */
	FETCH_MIN_MS = 1000,
	CLOCK_SLACK_MS = 60000,
	PATHS_MAX = 512,
};

int
cert_proof_make(struct arena *a, struct ocspstore *o,
	const struct globalconf *g, struct cert *leaf, struct cert_proof *out,
	struct err *e)
{
	struct cert *path[CHAIN_MAX];
	struct cert_list none = { 0 };
	size_t n;

	*out = (struct cert_proof){ 0 };
	if (globalconf_path(g, NULL, leaf, none, clock_now(), path, &n, e))
		return -1;
	if (n < 2)
		return fail(e, FAULT_CERT_PATH,
			"the certificate is itself a trust anchor");
	for (size_t i = 0; i + 1 < n; i++) {
		out->path[i] = path[i];
		out->issuer[i] = path[i + 1];
		(void)ocspstore_of(o, a, path[i], &out->ocsp[i], NULL);
	}
	out->n = n - 1;
	return 0;
}

int
cert_proof_check(
	const struct globalconf *g, const struct cert_proof *p, struct err *e)
{
	struct cert_list extra = { p->path + 1, p->n - 1 };
	struct bytes ocsp[CHAIN_MAX];
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->ocsp[i].len)
			ocsp[n++] = p->ocsp[i];
	return globalconf_prove_cert(
		g, NULL, p->path[0], extra, ocsp, n, clock_now(), e);
}

int
ocsp_prove_now(struct server *s, struct cert *leaf, struct err *e)
{
	struct arena *a = arena_new();
	struct globalconf *g = NULL;
	struct cert_proof p;
	int ret = -1;

	if (confclient_valid(s->confclient, &g, e) ||
		cert_proof_make(a, s->ocsp, g, leaf, &p, e))
		goto out;
	for (size_t i = 0; i < p.n; i++)
		if (ocsp_fetch(s->ocsp, g, s->http, p.path[i], p.issuer[i], e))
			goto out;
	ret = cert_proof_make(a, s->ocsp, g, leaf, &p, e) ||
			      cert_proof_check(g, &p, e)
		      ? -1
		      : 0;
out:
	globalconf_unref(&g);
	arena_free(&a);
	return ret;
}

/* How long a response is used: the network's interval (FETCHINTERVAL) or half
   of what peers accept as fresh, whichever is shorter. */
static int64_t
interval_of(const struct globalconf *g)
{
	const struct shared_params *shared = globalconf_shared(g, NULL);
	int64_t half = shared ? shared->ocsp_freshness_s * 1000 / 2 : 0;
	int64_t interval = globalconf_options(g)->ocsp_fetch_s * 1000;

	return half > 0 && half < interval ? half : interval;
}

/* What is left of the interval; 0 when there is no response, or one from the
   future: the clock went back. */
static int64_t
wait_left(int64_t interval, struct bytes der)
{
	struct ocsp_answer answer;
	int64_t produced, left;

	if (!der.len || ocsp_peek(der, &answer, &produced, NULL))
		return 0;
	left = answer.this_update + interval - clock_now();
	return left > interval + CLOCK_SLACK_MS ? 0 : left;
}

struct round {
	struct server *s;
	struct globalconf *g;
	struct arena *a;
	int64_t next; /* ms until somebody is due */
	bool failed;
	const struct cert *seen[PATHS_MAX]; /* intermediates are shared */
	size_t seens;
};

static bool
seen_before(struct round *r, const struct cert *c)
{
	for (size_t i = 0; i < r->seens; i++)
		if (cert_equal(r->seen[i], c))
			return true;
	if (r->seens < PATHS_MAX)
		r->seen[r->seens++] = c;
	return false;
}

static void
soonest(struct round *r, int64_t wait)
{
	if (wait < FETCH_MIN_MS)
		wait = FETCH_MIN_MS;
	if (wait < r->next)
		r->next = wait;
}

/* A revoked certificate's response is as good an answer as any. */
static void
refetch(struct round *r, const struct cert *c, const struct cert *issuer)
{
	struct err e = ERR_INIT;

	if (!ocsp_fetch(r->s->ocsp, r->g, r->s->http, c, issuer, &e) ||
		e.fault == FAULT_CERT_VALIDATION) {
		soonest(r, interval_of(r->g));
		return;
	}
	log_warning("OCSP of %s: %s", cert_subject_text(c, r->a), e.text);
	soonest(r, conf_int(r->s->conf, P_OCSP_RETRY_DELAY) * 1000);
	r->failed = true;
}

static void
refresh(struct round *r, struct cert *leaf)
{
	struct cert_proof p;
	struct err e = ERR_INIT;

	if (cert_proof_make(r->a, r->s->ocsp, r->g, leaf, &p, &e)) {
		log_warning("certificate %s: %s", cert_subject_text(leaf, r->a),
			e.text);
		return;
	}
	for (size_t i = 0; i < p.n; i++) {
		int64_t left = wait_left(interval_of(r->g), p.ocsp[i]);
		if (seen_before(r, p.path[i]))
			continue;
		if (left > 0)
			soonest(r, left);
		else
			refetch(r, p.path[i], p.issuer[i]);
	}
}

int
ocsp_round(struct server *s, int64_t *next, struct err *e)
{
	struct round r = { .s = s, .next = ROUND_MS };
	const struct key_model *m;
	int ret = -1;

	r.a = arena_new();
	if (confclient_valid(s->confclient, &r.g, e) ||
		keyconf_model(s->keys, r.a, &m, e))
		goto out;
	/* a certificate that comes in meanwhile is not due any sooner */
	soonest(&r, interval_of(r.g));
	for (size_t i = 0; i < m->certs; i++)
		if (m->cert[i].active ||
			!str_equal(m->cert[i].status, "GLOBAL_ERROR"))
			refresh(&r, m->cert[i].cert);
	ret = r.failed ? fail(e, FAULT_NETWORK,
				 "not every OCSP response could be fetched")
		       : 0;
out:
	*next = r.next;
	globalconf_unref(&r.g);
	arena_free(&r.a);
	return ret;
}
