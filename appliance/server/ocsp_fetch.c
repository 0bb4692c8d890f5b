/* SPDX-License-Identifier: MIT */
/*
 * Asking for OCSP responses: the CA's responders (xroad-center-admin.md 3.4),
 * or the other security server about its own certificates (xroad-messages.md
 * 2.3). What the CA's responder says is verified before it is kept; a revoked
 * certificate's response is kept as well, and refused by every user.
 */
#include <string.h>

#include "clock.h"
#include "err.h"
#include "http_client.h"
#include "log.h"
#include "mem.h"
#include "ocsp.h"
#include "ocspstore_int.h"
#include "param.h"
#include "server_int.h"
#include "text.h"
#include "transport.h"

enum {
	URLS_MAX = 16,
	CA_CONNECT_MS = 20000,
	CA_TOTAL_MS = 60000,
	PEER_CONNECT_MS = 20000,
	PEER_TOTAL_MS = 30000,
};

/* ---- the CA's responders ---- */

static void
ca_add_listed(const struct gc_ca *ca, const struct cert *issuer,
	struct cert **list, size_t *n, size_t max)
{
	if (!cert_equal(ca->cert, issuer))
		return;
	for (size_t i = 0; i < ca->ocsps && *n < max; i++)
		if (ca->ocsp[i].cert)
			list[(*n)++] = ca->ocsp[i].cert;
}

/* The responders the configuration names for this CA, in any instance. */
static struct cert_list
listed_for(
	const struct globalconf *g, struct arena *a, const struct cert *issuer)
{
	const struct shared_params *p = globalconf_shared(g, NULL);
	struct cert **list = arena_array(a, URLS_MAX, sizeof(struct cert *));
	size_t n = 0;

	for (size_t i = 0; p && i < p->cas; i++) {
		ca_add_listed(&p->ca[i].top, issuer, list, &n, URLS_MAX);
		for (size_t k = 0; k < p->ca[i].intermediates; k++)
			ca_add_listed(&p->ca[i].intermediate[k], issuer, list,
				&n, URLS_MAX);
	}
	return (struct cert_list){ list, n };
}

static int
ask(struct arena *a, struct http_client *http, const char *url,
	struct bytes request, struct bytes *out, struct err *e)
{
	static const struct http_header HEADER[] = {
		{ "Content-Type", "application/ocsp-request" },
		{ "Accept", "application/ocsp-response" },
	};
	struct http_call call = {
		.method = "POST",
		.url = url,
		.header = HEADER,
		.headers = sizeof(HEADER) / sizeof(HEADER[0]),
		.body = request,
		.has_body = true,
		.answer_max = OCSP_SIZE_MAX,
		.connect_timeout_ms = CA_CONNECT_MS,
		.total_timeout_ms = CA_TOTAL_MS,
	};
	struct http_answer answer;

	if (http_call(http, a, &call, &answer, e))
		return -1;
	if (answer.status != 200)
		return fail(
			e, FAULT_HTTP, "%s answered %d", url, answer.status);
	*out = answer.body;
	return 0;
}

/* Keeps what is genuine; says whether it is also good. */
static int
judge(struct ocspstore *s, const struct globalconf *g, struct arena *a,
	const struct cert *c, const struct cert *issuer, struct bytes der,
	struct err *e)
{
	const struct shared_params *shared = globalconf_shared(g, NULL);
	struct ocsp_policy policy = {
		.at = clock_now(),
		.freshness_s = shared ? shared->ocsp_freshness_s : 0,
		.verify_next_update = globalconf_options(g)->verify_next_update,
		.listed = listed_for(g, a, issuer),
		.cas = globalconf_ca_certs(g, a, NULL),
	};
	struct err verdict = ERR_INIT;

	if (!ocsp_verify(der, c, issuer, &policy, &verdict))
		return ocspstore_put(s, c, der, e);
	if (verdict.fault == FAULT_CERT_VALIDATION &&
		ocspstore_put(s, c, der, e))
		return -1;
	return fail(e, verdict.fault, "%s", verdict.text);
}

int
ocsp_fetch(struct ocspstore *s, const struct globalconf *g,
	struct http_client *http, const struct cert *c,
	const struct cert *issuer, struct err *e)
{
	struct arena *a = arena_new();
	const char *url[URLS_MAX];
	size_t n = globalconf_ocsp_urls(g, a, c, url, URLS_MAX);
	struct err cause = ERR_INIT;
	struct bytes request, der;
	int ret = -1;

	if (ocsp_request_make(c, issuer, a, &request, &cause))
		n = 0;
	else if (!n)
		fail(&cause, FAULT_NETWORK, "no OCSP responder is known for %s",
			cert_issuer_text(c, a));
	for (size_t i = 0; ret && i < n; i++) {
		struct err now = ERR_INIT;
		if (!ask(a, http, url[i], request, &der, &now))
			ret = judge(s, g, a, c, issuer, der, &now);
		ocspstore_note(s, url[i],
			ret && now.fault != FAULT_CERT_VALIDATION ? &now
								  : NULL);
		/* a verdict weighs more than a responder that is silent */
		if (ret && (!err_set(&cause) ||
				   now.fault == FAULT_CERT_VALIDATION))
			cause = now;
		if (now.fault == FAULT_CERT_VALIDATION)
			break;
	}
	if (ret)
		fail(e, cause.fault, "%s", cause.text);
	arena_free(&a);
	return ret;
}

/* ---- the other security server ---- */

static char *
peer_url(struct arena *a, const struct conf *conf, const char *address,
	struct cert_list certs)
{
	bool v6 = strchr(address, ':') && *address != '[';
	struct buf b;
	char *url;

	buf_init(&b, 64 * 1024);
	buf_fmt(&b, v6 ? "http://[%s]:%d/" : "http://%s:%d/", address,
		(int)conf_int(conf, P_OCSP_RESPONDER_PORT));
	for (size_t i = 0; i < certs.n; i++) {
		struct digest d;
		cert_digest(certs.item[i], DIGEST_SHA1, &d);
		buf_fmt(&b, "%ccert=", i ? '&' : '?');
		buf_hex(&b, d.value, d.len);
	}
	for (size_t i = 0; i < certs.n; i++) {
		struct digest d;
		cert_digest(certs.item[i], DIGEST_SHA256, &d);
		buf_str(&b, "&cert_hash=");
		buf_hex(&b, d.value, d.len);
	}
	url = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	return url;
}

static int
peer_store(struct ocspstore *s, struct arena *a, const struct http_answer *r,
	struct cert_list certs, struct err *e)
{
	const char *type = answer_header(r, "Content-Type");
	struct mime_part *part;
	size_t n;

	if (mime_split(a, type ? type : "", r->body, certs.n, &part, &n, e))
		return -1;
	if (n != certs.n)
		return fail(e, FAULT_IO,
			"%zu OCSP responses came for %zu certificates", n,
			certs.n);
	for (size_t i = 0; i < n; i++)
		if (ocspstore_put_peer(s, certs.item[i], part[i].body, e))
			return -1;
	return 0;
}

int
ocsp_fetch_peer(struct ocspstore *s, const struct conf *conf,
	struct http_client *http, const char *address, struct cert_list certs,
	struct err *e)
{
	static const struct http_header HEADER[] = {
		{ "Accept", "multipart/related" },
	};
	struct arena *a = arena_new();
	struct http_call call = {
		.method = "GET",
		.header = HEADER,
		.headers = 1,
		.answer_max = CHAIN_MAX * (OCSP_SIZE_MAX + MIME_HEADER_MAX),
		.connect_timeout_ms = PEER_CONNECT_MS,
		.total_timeout_ms = PEER_TOTAL_MS,
	};
	struct http_answer answer;
	int ret = -1;

	if (!certs.n || certs.n > CHAIN_MAX) {
		fail(e, FAULT_CERT_PATH, "%zu certificates in the chain",
			certs.n);
		goto out;
	}
	call.url = peer_url(a, conf, address, certs);
	if (http_call(http, a, &call, &answer, e))
		goto out;
	if (answer.status < 200 || answer.status > 226)
		fail(e, FAULT_HTTP, "%s answered %d", call.url, answer.status);
	else
		ret = peer_store(s, a, &answer, certs, e);
out:
	arena_free(&a);
	return ret;
}
