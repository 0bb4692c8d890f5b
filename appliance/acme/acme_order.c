/* SPDX-License-Identifier: MIT */
/*
 * One certificate: order, proofs over HTTP, request, download (RFC 8555
 * sections 7.4, 7.5 and 8.3). Proofs that still hold are not given again.
 */
#include <string.h>

#include "acme_int.h"
#include "clock.h"
#include "jws.h"
#include "mem.h"
#include "text.h"

enum { WAIT_MOST_S = 60, MS = 1000 };
static const char PEM_TYPE[] = "application/pem-certificate-chain";

/* One order on its way. */
struct going {
	struct acme *s;
	const struct acme_order *o;
	const char *url;
	struct acme_order_state is;
};

/* ---- asking ---- */

static int
get(struct going *g, const char *url, enum fault fault, struct http_answer *out,
	struct err *e)
{
	const struct acme_post p = { .url = url };

	return acme_post(g->s, &p, fault, out, NULL, e);
}

/* The server may say how long; else as configured. */
static int
pause_for(struct going *g, const struct http_answer *last, int64_t usual,
	struct err *e)
{
	const char *after = answer_header(last, "Retry-After");
	int64_t seconds;

	if (after && !int_parse(after, 0, INT64_MAX, &seconds, NULL))
		usual = (seconds < WAIT_MOST_S ? seconds : WAIT_MOST_S) * MS;
	return g->o->wait(g->o->ctx, usual, e);
}

static int
read_order(struct going *g, const struct http_answer *answer, enum fault fault,
	struct err *e)
{
	struct err why = ERR_INIT;

	if (acme_parse_order(g->s->a, answer->body, &g->is, &why))
		return fail(e, fault, "%s", why.text);
	if (g->is.status == ACME_INVALID)
		return fail(e, fault, "the ACME server gave up the order: %s",
			g->is.trouble ? g->is.trouble : "no reason");
	return 0;
}

/* Until the order has come so far; it never goes back. */
static int
await_order(struct going *g, enum acme_status want, struct http_answer *answer,
	struct err *e)
{
	for (int i = 0; g->is.status < want; i++) {
		if (i == g->o->certificate_tries)
			return fail(e, FAULT_ACME_CERTIFICATE_WAIT,
				"the ACME server does not finish the order");
		if (pause_for(g, answer, g->o->certificate_wait_ms, e) ||
			get(g, g->url, FAULT_ACME_CERTIFICATE, answer, e) ||
			read_order(g, answer, FAULT_ACME_CERTIFICATE, e))
			return -1;
	}
	return 0;
}

/* ---- the order ---- */

static bool
is_address(const char *name)
{
	return strchr(name, ':') || !name[strspn(name, "0123456789.")];
}

static struct bytes
order_json(struct going *g, bool until)
{
	json_t *j = json_object(), *list = json_array(), *id = json_object();
	char text[TIME_TEXT_MAX];

	json_put_str(id, "type", is_address(g->o->name) ? "ip" : "dns");
	json_put_str(id, "value", g->o->name);
	json_array_append_new(list, id);
	json_put_new(j, "identifiers", list);
	if (until)
		json_put_str(j, "notAfter", time_iso(text, g->o->not_after));
	return bytes_str(acme_json(g->s, j));
}

/* Many authorities let nobody choose the end of validity. */
static int
begin(struct going *g, struct err *e)
{
	struct acme_post p = { .url = g->s->directory.new_order };
	struct http_answer answer;
	struct err why = ERR_INIT;
	const char *type = "";
	bool until = g->o->not_after > 0;

	p.payload = order_json(g, until);
	if (acme_post(g->s, &p, FAULT_ACME_ORDER, &answer, &type, &why)) {
		if (!until || !str_equal(type, "malformed"))
			return fail(e, why.fault, "%s", why.text);
		p.payload = order_json(g, false);
		if (acme_post(g->s, &p, FAULT_ACME_ORDER, &answer, NULL, e))
			return -1;
	}
	g->url = answer_header(&answer, "Location");
	if (!acme_url_ok(g->url))
		return fail(e, FAULT_ACME_ORDER,
			"%s does not say where the order is", p.url);
	return read_order(g, &answer, FAULT_ACME_ORDER, e);
}

/* ---- proofs ---- */

static int
read_proof(struct going *g, const struct http_answer *answer,
	struct acme_authorization *out, struct err *e)
{
	struct err why = ERR_INIT;

	if (acme_parse_authorization(g->s->a, answer->body, out, &why))
		return fail(e, FAULT_ACME_AUTHORIZATION, "%s", why.text);
	if (out->status == ACME_INVALID)
		return fail(e, FAULT_ACME_AUTHORIZATION,
			"the ACME server does not accept that %s is ours: %s",
			g->o->name, out->trouble ? out->trouble : "no reason");
	return 0;
}

static int
await_proof(struct going *g, const char *url, struct http_answer *answer,
	struct err *e)
{
	struct acme_authorization now = { 0 };

	for (int i = 0; i < g->o->authorization_tries; i++) {
		if (pause_for(g, answer, g->o->authorization_wait_ms, e) ||
			get(g, url, FAULT_ACME_AUTHORIZATION, answer, e) ||
			read_proof(g, answer, &now, e))
			return -1;
		if (now.status == ACME_VALID)
			return 0;
	}
	return fail(e, FAULT_ACME_AUTHORIZATION_WAIT,
		"the ACME server does not finish proving %s", g->o->name);
}

static int
prove(struct going *g, const char *url, struct err *e)
{
	struct acme_authorization it;
	struct acme_post go = { .payload = bytes_str("{}") };
	struct http_answer answer;
	char *print;
	int ret = -1;

	if (get(g, url, FAULT_ACME_AUTHORIZATION, &answer, e) ||
		read_proof(g, &answer, &it, e))
		return -1;
	if (it.status == ACME_VALID)
		return 0;
	if (!it.token)
		return fail(e, FAULT_ACME_NO_HTTP,
			"the ACME server offers no proof over HTTP");
	if (jwk_thumbprint(g->s->a, g->s->key, &print, e) ||
		g->o->publish(g->o->ctx, it.token,
			arena_printf(g->s->a, "%s.%s", it.token, print), e))
		return -1;
	go.url = it.url;
	if (!acme_post(g->s, &go, FAULT_ACME_CHALLENGE, &answer, NULL, e))
		ret = await_proof(g, url, &answer, e);
	g->o->withdraw(g->o->ctx, it.token);
	return ret;
}

/* ---- the certificate ---- */

static int
finalize(struct going *g, struct err *e)
{
	struct acme_post p = { .url = g->is.finalize };
	struct bytes csr = g->o->csr;
	struct http_answer answer;
	json_t *j = json_object();

	json_put_str(j, "csr", base64url_encode(g->s->a, csr.data, csr.len));
	p.payload = bytes_str(acme_json(g->s, j));
	return acme_post(g->s, &p, FAULT_ACME_FINALIZE, &answer, NULL, e) ||
			       read_order(g, &answer, FAULT_ACME_FINALIZE, e) ||
			       await_order(g, ACME_VALID, &answer, e)
		       ? -1
		       : 0;
}

static int
download(struct going *g, struct arena *to, struct bytes *pem, struct err *e)
{
	struct acme_post p = { .url = g->is.certificate, .accept = PEM_TYPE };
	struct http_answer answer;

	if (!p.url)
		return fail(e, FAULT_ACME_CERTIFICATE,
			"the ACME server does not say where the certificate "
			"is");
	if (acme_post(g->s, &p, FAULT_ACME_CERTIFICATE, &answer, NULL, e))
		return -1;
	*pem = bytes_of(arena_memdup(to, answer.body.data, answer.body.len),
		answer.body.len);
	return 0;
}

/* From the CSR on, X-Road says in User-Agent which profile it wants. */
static void
name_profile(struct acme *s)
{
	if (s->o.profile && *s->o.profile)
		s->agent = arena_printf(
			s->a, "profile_id=%s %s", s->o.profile, s->agent);
}

int
acme_fetch(struct acme *s, const struct acme_order *o, struct arena *to,
	struct bytes *pem, struct err *e)
{
	struct going g = { .s = s, .o = o };
	struct http_answer none = { 0 };

	if (begin(&g, e))
		return -1;
	for (size_t i = 0; g.is.status < ACME_READY && i < g.is.authorizations;
		i++)
		if (prove(&g, g.is.authorization[i], e))
			return -1;
	if (await_order(&g, ACME_READY, &none, e))
		return -1;
	name_profile(s);
	if (g.is.status == ACME_READY && finalize(&g, e))
		return -1;
	return await_order(&g, ACME_VALID, &none, e) || download(&g, to, pem, e)
		       ? -1
		       : 0;
}
