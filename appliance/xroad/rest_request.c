/* SPDX-License-Identifier: MIT */
/*
 * REST request parts: made from what the information system sent, read from a
 * peer, hashed. Rule: interop/xroad-messages.md 1.7, 2.6.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "rest_int.h"
#include "text.h"

/* "/r1/I/C/M/S/service[/rest]": pieces after the first slash. */
enum { PIECE_PROTOCOL, PIECE_INSTANCE, PIECE_SERVICE = 5, PIECES };

static const char *const verbs[] = { "DELETE", "GET", "HEAD", "OPTIONS",
	"PATCH", "POST", "PUT", "TRACE", NULL };

/* Set by us, whatever the information system sends. */
static const char *const ours[] = { "x-road-request-id", "x-road-request-hash",
	NULL };

/* ---- the target ---- */

/* May this stand in a target? X-Road takes UTF-8 as it is in the query. */
static bool
target_char(unsigned char c, bool query)
{
	if (c <= ' ' || c == 0x7f || strchr("\"<>\\^`{|}#", c))
		return false;
	return query || (c < 0x80 && !strchr("[]", c));
}

/* What java.net.URI accepts as a relative reference; no fragment. */
static int
target_check(const char *target, struct err *e)
{
	const char *p;
	bool query = false;

	if (target[0] != '/' || target[1] == '/')
		return fail(e, FAULT_BAD_REQUEST,
			"the request target is not a path");
	for (p = target; *p; p++) {
		if (!target_char((unsigned char)*p, query))
			return fail(e, FAULT_BAD_REQUEST,
				"the request target has a forbidden "
				"character at %zu",
				(size_t)(p - target) + 1);
		if (*p == '%' && strspn(p + 1, "0123456789abcdefABCDEF") < 2)
			return fail(e, FAULT_BAD_REQUEST,
				"the request target has a bad percent "
				"encoding");
		if (*p == '?')
			query = true;
	}
	return 0;
}

static int
identifiers_read(struct arena *a, const char *const piece[PIECES],
	struct rest_request *out, struct err *e)
{
	const char **to[PIECES] = { NULL, &out->service.provider.instance,
		&out->service.provider.cls, &out->service.provider.code,
		&out->service.provider.subsystem, &out->service.service };
	struct err why = ERR_INIT;
	char *text;
	size_t i;

	if (!str_equal(piece[PIECE_PROTOCOL], "r1"))
		return fail(e, FAULT_BAD_REQUEST,
			"the protocol version in the request target is not "
			"r1");
	for (i = PIECE_INSTANCE; i < PIECES; i++) {
		if (segment_decode(
			    a, piece[i], strlen(piece[i]), &text, &why) != 0 ||
			*text == '\0')
			return fail(e, FAULT_BAD_REQUEST,
				"piece %zu of the request target is not an "
				"identifier",
				i + 1);
		*to[i] = text;
	}
	return 0;
}

static int
target_read(struct arena *a, struct rest_request *out, struct err *e)
{
	const char *piece[PIECES], *p, *end;
	char *path;
	size_t i;

	if (target_check(out->target, e) != 0)
		return -1;
	path = arena_strndup(a, out->target, strcspn(out->target, "?"));
	if (out->target[strlen(path)] == '?')
		out->query = out->target + strlen(path) + 1;
	for (i = 0, p = path; i < PIECES; i++, p = end) {
		if (*p != '/')
			return fail(e, FAULT_BAD_REQUEST,
				"the request target does not name a service");
		p++;
		end = p + strcspn(p, "/");
		piece[i] = arena_strndup(a, p, (size_t)(end - p));
	}
	out->service_path = p;
	return identifiers_read(a, piece, out, e);
}

/* ---- x-road headers; the last of a name wins ---- */

static int
client_read(struct arena *a, struct rest_request *out, struct err *e)
{
	const char *s =
		rest_header_get(out->header, out->headers, "x-road-client");
	struct err why = ERR_INIT;

	if (!s)
		return fail(e, FAULT_INVALID_CLIENT_IDENTIFIER,
			"header X-Road-Client is missing");
	if (client_id_parse(a, s, &out->client, &why) != 0)
		return fail(e, FAULT_INVALID_CLIENT_IDENTIFIER,
			"header X-Road-Client: %s", why.text);
	return 0;
}

static int
server_read(struct arena *a, struct rest_request *out, struct err *e)
{
	const char *s = rest_header_get(
		out->header, out->headers, "x-road-security-server");
	struct err why = ERR_INIT;

	if (!s)
		return 0;
	if (server_id_parse(a, s, &out->server, &why) != 0)
		return fail(e, FAULT_BAD_REQUEST,
			"header X-Road-Security-Server: %s", why.text);
	out->has_server = true;
	return 0;
}

/* [class/]code, each piece encoded */
static int
party_read(struct arena *a, struct rest_request *out, struct err *e)
{
	const char *s = rest_header_get(
		out->header, out->headers, "x-road-represented-party");
	const char *slash = s ? strchr(s, '/') : NULL;
	const char *code = slash ? slash + 1 : s;
	char *text;

	out->represented_party = s;
	if (!s)
		return 0;
	if (*code == '\0' || slash == s || strchr(code, '/') ||
		segment_decode(a, code, strlen(code), &text, NULL) != 0 ||
		(slash && segment_decode(
				  a, s, (size_t)(slash - s), &text, NULL) != 0))
		return fail(e, FAULT_BAD_REQUEST,
			"header X-Road-Represented-Party is not valid");
	return 0;
}

const char *
rest_query_ascii(struct arena *a, const char *query)
{
	struct buf b;
	char *text;

	buf_init(&b, REST_PART_MAX * 3);
	for (const char *p = query; *p; p++)
		if ((unsigned char)*p < 0x80)
			buf_char(&b, *p);
		else
			buf_fmt(&b, "%%%02X", (unsigned)(unsigned char)*p);
	text = arena_strndup(a, b.len ? b.data : "", b.len);
	buf_done(&b);
	return text;
}

int
rest_request_who(struct arena *a, struct bytes raw, struct client_id *client,
	const char **id, struct err *e)
{
	struct rest_request r = { .raw = raw };
	struct rest_lines l;

	if (rest_lines_read(a, raw, &l, e) != 0)
		return -1;
	r.header = l.header;
	r.headers = l.headers;
	if (client_read(a, &r, e) != 0)
		return -1;
	*client = r.client;
	*id = rest_header_get(l.header, l.headers, "x-road-id");
	if (!*id)
		return fail(e, FAULT_INVALID_MESSAGE,
			"the REST request has no x-road-id");
	return 0;
}

int
rest_request_parse(struct arena *a, struct bytes raw, struct rest_request *out,
	struct err *e)
{
	struct rest_lines l;

	*out = (struct rest_request){ .raw = raw };
	if (rest_lines_read(a, raw, &l, e) != 0)
		return -1;
	out->method = l.first;
	out->target = l.second;
	out->header = l.header;
	out->headers = l.headers;
	if (!rest_name_in(out->method, verbs) ||
		strspn(out->method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") !=
			strlen(out->method))
		return fail(e, FAULT_BAD_REQUEST,
			"the HTTP method is not supported");
	if (target_read(a, out, e) != 0 || client_read(a, out, e) != 0 ||
		server_read(a, out, e) != 0 || party_read(a, out, e) != 0)
		return -1;
	out->id = rest_header_get(l.header, l.headers, "x-road-id");
	out->request_id =
		rest_header_get(l.header, l.headers, "x-road-request-id");
	out->user_id = rest_header_get(l.header, l.headers, "x-road-userid");
	out->issue = rest_header_get(l.header, l.headers, "x-road-issue");
	if (!out->id || !out->request_id)
		return fail(e, FAULT_INVALID_MESSAGE,
			"the REST request has no x-road-id or "
			"x-road-request-id");
	return 0;
}

/* ---- making ---- */

static int
headers_write(const struct rest_input *in, struct buf *b, struct err *e)
{
	size_t i;

	for (i = 0; i < in->headers; i++) {
		const struct rest_header *h = &in->header[i];

		if (rest_header_dropped(h->name) || rest_name_in(h->name, ours))
			continue;
		if (rest_header_write(b, h, e) != 0)
			return -1;
	}
	return 0;
}

static int
line_check(const char *s, const char *what, struct err *e)
{
	if (*s && strcspn(s, "\r\n") == strlen(s))
		return 0;
	return fail(e, FAULT_BAD_REQUEST, "the %s is not valid", what);
}

int
rest_request_make(struct arena *a, const struct rest_input *in,
	struct rest_request *out, struct err *e)
{
	char uuid[UUID_LEN + 1];
	struct buf b;
	int ret = -1;

	*out = (struct rest_request){ 0 };
	buf_init(&b, REST_PART_MAX);
	if (line_check(in->method, "HTTP method", e) != 0 ||
		line_check(in->target, "request target", e) != 0)
		goto out;
	buf_fmt(&b, "%s\r\n%s\r\n", in->method, in->target);
	if (headers_write(in, &b, e) != 0)
		goto out;
	buf_fmt(&b, "x-road-request-id:%s\r\n", in->request_id);
	if (!rest_header_get(in->header, in->headers, "x-road-id")) {
		uuid_make(uuid);
		buf_fmt(&b, "x-road-id:%s-%s\r\n", in->instance, uuid);
	}
	if (buf_ok(&b, "the REST request", e) != 0)
		goto out;
	ret = rest_request_parse(
		a, bytes_of(arena_memdup(a, b.data, b.len), b.len), out, e);
out:
	buf_done(&b);
	return ret;
}

void
rest_request_hash(const struct rest_request *r, const struct digest *body,
	struct digest *out)
{
	struct digest head;
	struct hasher *h;

	digest_of(DIGEST_SHA512, r->raw.data, r->raw.len, &head);
	*out = head;
	if (!body)
		return;
	h = hasher_new(DIGEST_SHA512);
	hasher_add(h, head.value, head.len);
	hasher_add(h, body->value, body->len);
	hasher_done(&h, out);
}
