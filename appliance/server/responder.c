/* SPDX-License-Identifier: MIT */
/*
 * Port 5577: gives other security servers the OCSP responses of our
 * certificates, so that they need not ask the CA. Plain HTTP; the responses
 * are signed. Rule: interop/xroad-messages.md 2.3.
 */
#include <string.h>

#include "err.h"
#include "http_server.h"
#include "mem.h"
#include "ocsp.h"
#include "ocspstore_int.h"
#include "param.h"
#include "role.h"
#include "server_int.h"
#include "text.h"

enum { BOUNDARY = 30, THREADS = 8 };

/* The next cert= value of a raw query, at most one hash long; NULL ends. */
static const char *
next_hash(const char **query, char out[SHA1_HEX + 1])
{
	static const char KEY[] = "cert=";

	while (*query && **query) {
		const char *s = *query;
		size_t n = strcspn(s, "&");
		*query = s[n] ? s + n + 1 : s + n;
		if (!str_prefix(s, KEY))
			continue;
		s += strlen(KEY);
		n -= strlen(KEY);
		if (n > SHA1_HEX)
			n = 0; /* no hash: unknown */
		memcpy(out, s, n);
		out[n] = '\0';
		str_lower(out);
		return out;
	}
	return NULL;
}

static int
add_part(struct ocspstore *s, struct arena *a, const char *boundary,
	const char *sha1, struct buf *b, struct err *e)
{
	struct bytes der;

	if (ocspstore_get(s, a, sha1, &der, e))
		return -1;
	buf_fmt(b, "--%s\r\ncontent-type: application/ocsp-response\r\n\r\n",
		boundary);
	buf_bytes(b, der);
	buf_str(b, "\r\n");
	return 0;
}

static int
answer(struct request *r, struct ocspstore *s, struct buf *b, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *query = request_query(r);
	char boundary[BOUNDARY + 1], sha1[SHA1_HEX + 1];
	size_t n = 0;

	random_letters(boundary, BOUNDARY);
	while (next_hash(&query, sha1)) {
		if (++n > CHAIN_MAX)
			return fail(e, FAULT_LIMIT, "too many certificates");
		if (add_part(s, a, boundary, sha1, b, e))
			return -1;
	}
	if (!n)
		return fail(
			e, FAULT_BAD_REQUEST, "the parameter cert is missing");
	buf_fmt(b, "--%s--\r\n", boundary);
	if (buf_ok(b, "the answer", e))
		return -1;
	return reply_send(r, 200,
		arena_printf(a,
			"multipart/related; type=\"application/ocsp-response\""
			"; charset=UTF-8; boundary=%s",
			boundary),
		bytes_buf(b), e);
}

static int
serve(struct request *r, void *state, struct err *e)
{
	const char *method = request_method(r);
	struct buf b;
	int ret;

	if (str_equal(method, "HEAD"))
		return reply_send(r, 200, NULL, (struct bytes){ 0 }, e);
	if (!str_equal(method, "GET"))
		return fail(e, FAULT_INVALID_REQUEST,
			"the method %s is not served", method);
	buf_init(&b, (size_t)CHAIN_MAX * (OCSP_SIZE_MAX + 256));
	ret = answer(r, state, &b, e);
	buf_done(&b);
	return ret;
}

const struct route responder_routes[] = {
	{ "*", "*", 0, ADMIN_PUBLIC, serve },
	{ 0 },
};

void
responder_error(struct request *r, const struct err *fault, void *state)
{
	(void)state;
	(void)reply_send(r, 500, "text/plain; charset=UTF-8",
		bytes_str(fault->text), NULL);
}

int
responder_start(struct server *s, struct err *e)
{
	struct listener l = {
		.name = "OCSP responder",
		.address = conf_text(s->conf, P_OCSP_RESPONDER_LISTEN_ADDRESS),
		.port = (int)conf_int(s->conf, P_OCSP_RESPONDER_PORT),
		.threads = THREADS,
		.routes = responder_routes,
		.state = s->ocsp,
		.error = responder_error,
	};

	return http_serve(&s->responder, &l, e);
}
