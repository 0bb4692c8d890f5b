/* SPDX-License-Identifier: MIT */
/*
 * Questions of trust to the global configuration: CAs, responders, whose
 * certificate this is, whether it is proven at a moment, and whether a TLS
 * peer speaks for a client. Rule: interop/xroad-messages.md 2.2, 3.8, 3.9.
 */
#include <assert.h>

#include "err.h"
#include "globalconf_int.h"
#include "mem.h"
#include "meter.h"
#include "ocsp.h"
#include "text.h"

enum { PROOF_MS = 60000 }; /* a proof is computed again after this */

/* Calls fn for each CA of an approved CA, top first. Stops at true. */
typedef bool ca_fn(
	void *ctx, const struct gc_approved_ca *of, const struct gc_ca *ca);

static bool
each_ca(const struct gc_instance *in, ca_fn *fn, void *ctx)
{
	size_t i, j;

	for (i = 0; i < in->shared.cas; i++) {
		const struct gc_approved_ca *of = &in->shared.ca[i];

		if (fn(ctx, of, &of->top))
			return true;
		for (j = 0; j < of->intermediates; j++)
			if (fn(ctx, of, &of->intermediate[j]))
				return true;
	}
	return false;
}

/* ---- lists of certificates ---- */

struct collect {
	struct cert **item;
	size_t n;
};

static bool
ca_count(void *ctx, const struct gc_approved_ca *of, const struct gc_ca *ca)
{
	(void)of;
	(void)ca;
	(*(size_t *)ctx)++;
	return false;
}

static bool
ca_collect(void *ctx, const struct gc_approved_ca *of, const struct gc_ca *ca)
{
	struct collect *c = ctx;

	(void)of;
	c->item[c->n++] = ca->cert;
	return false;
}

static bool
in_scope(const struct gc_instance *in, const char *instance)
{
	return gc_instance_usable(in) &&
	       (!instance || str_equal(in->shared.instance, instance));
}

struct cert_list
globalconf_ca_certs(
	const struct globalconf *g, struct arena *a, const char *instance)
{
	struct collect c = { NULL, 0 };
	size_t i, n = 0;

	for (i = 0; i < g->instances; i++)
		if (in_scope(&g->instance[i], instance))
			each_ca(&g->instance[i], ca_count, &n);
	c.item = arena_array(a, n + 1, sizeof(struct cert *));
	for (i = 0; i < g->instances; i++)
		if (in_scope(&g->instance[i], instance))
			each_ca(&g->instance[i], ca_collect, &c);
	return (struct cert_list){ c.item, c.n };
}

struct cert_list
globalconf_tsa_certs(const struct globalconf *g, struct arena *a)
{
	struct collect c = { NULL, 0 };
	size_t i, j, n = 0;

	for (i = 0; i < g->instances; i++)
		n += g->instance[i].shared.tsas;
	c.item = arena_array(a, n + 1, sizeof(struct cert *));
	for (i = 0; i < g->instances; i++) {
		const struct gc_instance *in = &g->instance[i];

		for (j = 0; in_scope(in, NULL) && j < in->shared.tsas; j++)
			c.item[c.n++] = in->shared.tsa[j].cert;
	}
	return (struct cert_list){ c.item, c.n };
}

/* ---- the issuing CA ---- */

struct search {
	const struct cert *subject;
	const struct gc_ca *ca;
	const struct gc_approved_ca *of;
	bool proven; /* its key signed the subject */
};

static bool
issuer_try(void *ctx, const struct gc_approved_ca *of, const struct gc_ca *ca)
{
	struct search *s = ctx;

	if (!bytes_equal(
		    cert_subject_der(ca->cert), cert_issuer_der(s->subject)))
		return false;
	if (!s->ca) {
		s->ca = ca;
		s->of = of;
		return false;
	}
	/* a second CA of this name: keys decide */
	if (!s->proven)
		s->proven = cert_signed_by(s->subject, s->ca->cert, NULL) == 0;
	if (s->proven)
		return true;
	if (cert_signed_by(s->subject, ca->cert, NULL) == 0) {
		s->ca = ca;
		s->of = of;
		s->proven = true;
	}
	return s->proven;
}

const struct gc_ca *
gc_issuer_of(const struct gc_instance *in, const struct cert *c,
	const struct gc_approved_ca **of)
{
	struct search s = { .subject = c };

	each_ca(in, issuer_try, &s);
	if (of)
		*of = s.of;
	return s.ca;
}

size_t
globalconf_ocsp_urls(const struct globalconf *g, struct arena *a,
	const struct cert *c, const char **out, size_t max)
{
	const struct gc_ca *ca = NULL;
	const char *aia;
	size_t i, n = 0;

	for (i = 0; !ca && i < g->instances; i++)
		if (in_scope(&g->instance[i], NULL))
			ca = gc_issuer_of(&g->instance[i], c, NULL);
	for (i = 0; ca && i < ca->ocsps && n < max; i++)
		out[n++] = ca->ocsp[i].url;
	aia = cert_ocsp_url(c, a);
	if (aia && n < max)
		out[n++] = aia;
	return n;
}

/* ---- owner of a signing certificate ---- */

static int
owner_decode(const struct gc_instance *in, struct arena *a,
	const struct cert *sign, struct client_id *out, struct err *e)
{
	const struct gc_approved_ca *of;

	if (!gc_issuer_of(in, sign, &of))
		return fail(e, FAULT_INTERNAL,
			"the certificate is not issued by an approved "
			"certification authority of %s",
			in->shared.instance);
	if (of->auth_only)
		return fail(e, FAULT_INCORRECT_CERTIFICATE,
			"%s issues authentication certificates only", of->name);
	if (profile_decode(a, of->profile, sign, in->shared.instance, out, e) !=
		0)
		return -1;
	if (!str_equal(out->instance, in->shared.instance))
		return fail(e, FAULT_INCORRECT_CERTIFICATE,
			"the certificate names instance %s, its authority "
			"belongs to %s",
			out->instance, in->shared.instance);
	return 0;
}

int
globalconf_sign_owner(const struct globalconf *g, struct arena *a,
	const struct cert *sign, const struct client_id *expected,
	struct client_id *out, struct err *e)
{
	const struct gc_instance *in;
	size_t i;

	*out = (struct client_id){ 0 };
	if (expected && expected->instance) {
		in = gc_instance_find(g, expected->instance);
		if (!in)
			return fail(e, FAULT_INTERNAL,
				"there is no valid configuration of %s",
				expected->instance);
		return owner_decode(in, a, sign, out, e);
	}
	for (i = 0; i < g->instances; i++) {
		in = &g->instance[i];
		if (in_scope(in, NULL) && gc_issuer_of(in, sign, NULL))
			return owner_decode(in, a, sign, out, e);
	}
	return fail(e, FAULT_INTERNAL,
		"the certificate is not issued by an approved "
		"certification authority");
}

/* ---- proof ---- */

int
globalconf_path(const struct globalconf *g, const char *instance,
	struct cert *leaf, struct cert_list extra, int64_t at,
	struct cert *path[CHAIN_MAX], size_t *n, struct err *e)
{
	const struct gc_instance *in = gc_instance_find(g, instance);
	struct arena *a;
	int ret;

	*n = 0;
	if (!in)
		return fail(e, FAULT_CERT_PATH,
			"there is no valid configuration of %s",
			instance ? instance : g->own);
	a = arena_new();
	ret = cert_chain(leaf, extra,
		globalconf_ca_certs(g, a, in->shared.instance), at, path, n, e);
	arena_free(&a);
	return ret;
}

struct responders {
	const struct cert *ca;
	struct collect found;
};

static bool
responder_count(
	void *ctx, const struct gc_approved_ca *of, const struct gc_ca *ca)
{
	(void)of;
	*(size_t *)ctx += ca->ocsps;
	return false;
}

static bool
responder_collect(
	void *ctx, const struct gc_approved_ca *of, const struct gc_ca *ca)
{
	struct responders *r = ctx;
	size_t i;

	(void)of;
	for (i = 0; cert_equal(ca->cert, r->ca) && i < ca->ocsps; i++)
		if (ca->ocsp[i].cert)
			r->found.item[r->found.n++] = ca->ocsp[i].cert;
	return false;
}

/* Responders the configuration lists for this CA, of all instances. */
static struct cert_list
responders_of(
	const struct globalconf *g, struct arena *a, const struct cert *ca)
{
	struct responders r = { ca, { NULL, 0 } };
	size_t i, n = 0;

	for (i = 0; i < g->instances; i++)
		each_ca(&g->instance[i], responder_count, &n);
	r.found.item = arena_array(a, n + 1, sizeof(struct cert *));
	for (i = 0; i < g->instances; i++)
		if (in_scope(&g->instance[i], NULL))
			each_ca(&g->instance[i], responder_collect, &r);
	return (struct cert_list){ r.found.item, r.found.n };
}

/* One good response among those given proves c at `at`. */
static int
status_prove(const struct globalconf *g, const struct cert *c,
	const struct cert *issuer, const struct bytes *ocsp, size_t ocsps,
	int64_t at, struct err *e)
{
	struct arena *a = arena_new();
	struct err why = ERR_INIT;
	struct ocsp_policy p = {
		.at = at,
		.freshness_s = g->instance[0].shared.ocsp_freshness_s,
		.verify_next_update = g->options.verify_next_update,
		.listed = responders_of(g, a, issuer),
		.cas = globalconf_ca_certs(g, a, NULL),
	};
	size_t i;
	int ret = -1;

	for (i = 0; ret != 0 && i < ocsps; i++)
		if (ocsp_is_about(ocsp[i], c, issuer))
			ret = ocsp_verify(ocsp[i], c, issuer, &p, &why);
	if (ret != 0 && err_set(&why))
		fail(e, why.fault, "%s", why.text);
	else if (ret != 0)
		fail(e, FAULT_CERT_VALIDATION,
			"there is no OCSP response for certificate %s",
			cert_subject_text(c, a));
	if (ret != 0 && e)
		err_prefix(e, fault_code(FAULT_INVALID_CERT_PATH));
	arena_free(&a);
	return ret;
}

/* Everything a proof depends on besides the configuration and the moment. */
static void
proof_key(struct memo_key *k, const struct gc_instance *in,
	const struct cert *leaf, struct cert_list extra,
	const struct bytes *ocsp, size_t ocsps)
{
	size_t i;

	memo_key_begin(k, "path and OCSP");
	memo_key_add(k, bytes_str(in->shared.instance));
	memo_key_add(k, cert_der(leaf));
	memo_key_add(k, bytes_of(&extra.n, sizeof(extra.n)));
	for (i = 0; i < extra.n; i++)
		memo_key_add(k, cert_der(extra.item[i]));
	for (i = 0; i < ocsps; i++)
		memo_key_add(k, ocsp[i]);
	memo_key_end(k);
}

/* Until when a proof given at `at` would be given again for sure: nothing it
   rests on runs out before, and a minute at most. */
static int64_t
proof_until(const struct globalconf *g, struct cert *const *path, size_t n,
	const struct bytes *ocsp, size_t ocsps, int64_t at)
{
	int64_t freshness_ms = g->instance[0].shared.ocsp_freshness_s * 1000;
	int64_t until = at + PROOF_MS, produced;
	struct ocsp_answer o;
	size_t i;

	for (i = 0; i < n; i++)
		if (cert_not_after(path[i]) < until)
			until = cert_not_after(path[i]);
	for (i = 0; i < ocsps; i++) {
		if (ocsp_peek(ocsp[i], &o, &produced, NULL))
			continue;
		if (o.this_update + freshness_ms < until)
			until = o.this_update + freshness_ms;
		if (g->options.verify_next_update && o.next_update &&
			o.next_update < until)
			until = o.next_update;
	}
	return until;
}

static int
prove(const struct globalconf *g, const char *instance, struct cert *leaf,
	struct cert_list extra, const struct bytes *ocsp, size_t ocsps,
	int64_t at, int64_t *until, struct err *e)
{
	struct cert *path[CHAIN_MAX];
	size_t i, n;

	if (globalconf_path(g, instance, leaf, extra, at, path, &n, e) != 0)
		return -1;
	if (n < 2)
		return fail(e, FAULT_CERT_PATH,
			"the certificate is an authority itself");
	for (i = 0; i + 1 < n; i++)
		if (status_prove(g, path[i], path[i + 1], ocsp, ocsps, at, e) !=
			0)
			return -1;
	*until = proof_until(g, path, n, ocsp, ocsps, at);
	return 0;
}

/* What was proved already is not proved again. */
static int
prove_once(const struct globalconf *g, const char *instance, struct cert *leaf,
	struct cert_list extra, const struct bytes *ocsp, size_t ocsps,
	int64_t at, struct err *e)
{
	const struct gc_instance *in = gc_instance_find(g, instance);
	struct memo_key k;
	int64_t until;

	if (!in)
		return prove(
			g, instance, leaf, extra, ocsp, ocsps, at, &until, e);
	proof_key(&k, in, leaf, extra, ocsp, ocsps);
	if (memo_has(g->memo, &k, at))
		return 0;
	if (prove(g, instance, leaf, extra, ocsp, ocsps, at, &until, e))
		return -1;
	memo_put(g->memo, &k, at, until);
	return 0;
}

int
globalconf_prove_cert(const struct globalconf *g, const char *instance,
	struct cert *leaf, struct cert_list extra, const struct bytes *ocsp,
	size_t ocsps, int64_t at, struct err *e)
{
	enum meter_part was = meter_to(METER_VERIFY);
	int ret = prove_once(g, instance, leaf, extra, ocsp, ocsps, at, e);

	meter_to(was);
	return ret;
}

/* Does a server that registered this certificate host the client? */
static bool
peer_hosts(const struct globalconf *g, const struct client_id *client,
	const struct cert *leaf)
{
	const struct shared_params *p =
		globalconf_shared(g, client->instance ? client->instance : "");
	struct digest d[2];
	size_t i, j;

	cert_digest(leaf, DIGEST_SHA256, &d[0]);
	cert_digest(leaf, DIGEST_SHA1, &d[1]);
	for (i = 0; p && i < p->servers; i++) {
		const struct gc_server *v = &p->server[i];

		for (j = 0; j < v->auth_certs; j++)
			if ((digest_equal(&v->auth_cert[j], &d[0]) ||
				    digest_equal(&v->auth_cert[j], &d[1])) &&
				gc_server_hosts(v, client))
				return true;
	}
	return false;
}

int
globalconf_prove_peer(const struct globalconf *g,
	const struct client_id *client, struct cert_list chain,
	const struct bytes *ocsp, size_t ocsps, int64_t at, struct err *e)
{
	struct err why = ERR_INIT;
	struct cert_list extra;

	if (chain.n == 0)
		return fail(e, FAULT_SSL_AUTH,
			"the security server sent no certificate");
	if (ocsps == 0)
		return fail(e, FAULT_SSL_AUTH,
			"there is no OCSP response for the authentication "
			"certificate");
	if (!cert_is_auth(chain.item[0]))
		return fail(e, FAULT_SSL_AUTH,
			"the security server's certificate is not an "
			"authentication certificate");
	extra = (struct cert_list){ chain.item + 1, chain.n - 1 };
	if (globalconf_prove_cert(g, client->instance, chain.item[0], extra,
		    ocsp, ocsps, at, &why) != 0)
		return fail(e, FAULT_SSL_AUTH,
			"the security server's certificate is not proven: %s",
			why.text);
	if (!peer_hosts(g, client, chain.item[0]))
		return fail(e, FAULT_SSL_AUTH,
			"client %s/%s/%s/%s is not registered at the security "
			"server that sent the message",
			client->instance, client->cls, client->code,
			client->subsystem ? client->subsystem : "");
	return 0;
}
