/* SPDX-License-Identifier: MIT */
/*
 * The door for information systems, REST: read, parse, who asks, may they,
 * exchange, check, log, answer. Rule: interop/xroad-messages.md 1.7, 2.6, 2.8.
 */
#include "dispatch_int.h"
#include "outgoing_int.h"

#include "log.h"
#include "mem.h"
#include "text.h"

static int
read_request(struct request *r, struct outgoing *o, struct rest_request *out,
	struct err *e)
{
	const struct http_header *h;
	struct rest_header *copy;
	char *request_id = arena_alloc(o->a, UUID_LEN + 1);
	struct rest_input in = {
		.method = request_method(r),
		.target = request_target(r),
		.request_id = request_id,
		.instance = globalconf_instance(o->g),
	};

	uuid_make(request_id);
	in.headers = request_headers(r, &h);
	copy = arena_array(o->a, in.headers + 1, sizeof(*copy));
	for (size_t i = 0; i < in.headers; i++)
		copy[i] = (struct rest_header){ h[i].name, h[i].value };
	in.header = copy;
	if (rest_request_make(o->a, &in, out, e))
		return -1;
	log_request(out->id);
	seen_rest(&o->seen, out);
	o->rest = true;
	o->client = out->client;
	o->service = out->service;
	o->target = out->has_server ? &out->server : NULL;
	o->query_id = out->id;
	o->request_id = request_id;
	o->content_type = request_header(r, "Content-Type");
	if (!o->content_type)
		o->content_type = "";
	o->head = out->raw;
	return 0;
}

/* ---- the body ---- */

enum { PIECE = 16 * 1024 };

/* The information system's body as it comes; the first piece is read before
   anything is sent: a body part exists when there is at least a byte (2.6). */
struct body {
	struct request *r;
	char *piece;
	long n;
};

static int
body_pump(void *ctx, struct outgoing *o, struct err *e)
{
	struct body *b = ctx;

	if (wire_data(&o->wire, b->piece, (size_t)b->n, e))
		return -1;
	b->n = request_read(b->r, b->piece, PIECE, e);
	return b->n > 0 ? 1 : (int)b->n;
}

static int
body_begin(struct request *r, struct outgoing *o, struct err *e)
{
	struct body *b = arena_new_of(o->a, struct body);

	b->r = r;
	b->piece = arena_alloc(o->a, PIECE);
	b->n = request_read(r, b->piece, PIECE, e);
	if (b->n > 0) {
		o->pump = body_pump;
		o->ctx = b;
	}
	return b->n < 0 ? -1 : 0;
}

/* ---- the answer ---- */

static int
check_answer(struct outgoing *o, const struct rest_request *request,
	struct rest_response *out, struct err *e)
{
	const struct wire *w = &o->wire;
	struct digest hash;

	rest_request_hash(
		request, w->attachments ? w->attachment : NULL, &hash);
	if (rest_response_parse(o->a, o->answer.head, out, e)) {
		rest_unreadable(e);
		reading_prefix(e);
		return -1;
	}
	return rest_consistent(request, &hash, out, e);
}

static int
answer(struct request *r, struct outgoing *o, const struct rest_response *m,
	struct err *e)
{
	struct http_header *h = arena_array(o->a, m->headers + 1, sizeof(*h));
	struct segments body = segments_of(o->a);

	for (size_t i = 0; i < m->headers; i++)
		h[i] = (struct http_header){ m->header[i].name,
			rest_octets(o->a, m->header[i].value) };
	if (o->answer.attachments)
		segments_add(&body, o->answer.attachment[0].body);
	return reply_content(r, m->status, rest_octets(o->a, m->reason),
		(struct http_headers){ h, m->headers }, &body, e);
}

static int
exchange(struct request *r, struct outgoing *o, struct err *e)
{
	struct rest_request *request = arena_new_of(o->a, struct rest_request);
	struct rest_response response;
	struct local_client client;

	outgoing_open(o);
	if (confclient_valid(o->s->confclient, &o->g, e) ||
		dispatch_ready(o->s, e) || read_request(r, o, request, e) ||
		serverconf_client(o->s->sc, o->a, &o->client, &client, e) ||
		is_authenticate(r, o->s, &client, e) || body_begin(r, o, e) ||
		outgoing_run(o, e) || check_answer(o, request, &response, e) ||
		outgoing_log_response(o, e))
		return -1;
	o->seen.number[MN_STATUS] = response.status;
	return answer(r, o, &response, e);
}

/* A peer's code may hold anything; a header cannot. */
static char *
header_code(struct arena *a, const struct err *fault)
{
	char *code = arena_strdup(a, fault->code);

	for (char *p = code; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			*p = '_';
	return code;
}

static int
refuse(struct request *r, const struct err *cause, struct err *e)
{
	struct err copy = *cause, *fault = &copy;
	const char *type;
	struct buf body;
	int status, ret;

	message_prefix(fault, "server.clientproxy");
	log_fault("REST request", fault);
	buf_init(&body, 64 * 1024);
	rest_error_write(
		fault, request_header(r, "Accept"), &body, &type, &status);
	struct http_header h[] = { { "Content-Type", type },
		{ "X-Road-Error", header_code(request_arena(r), fault) } };

	ret = reply_send_headers(r, status, h, 2, bytes_buf(&body), e);
	buf_done(&body);
	return ret;
}

void
client_rest_refuse(struct request *r, const struct err *fault)
{
	(void)refuse(r, fault, NULL);
}

int
client_rest(struct request *r, void *state, struct err *e)
{
	struct outgoing o = { .s = state, .a = request_arena(r) };
	struct err fault = ERR_INIT;
	int ret = 0, failed = exchange(r, &o, &fault);

	if (failed) {
		message_prefix(&fault, "server.clientproxy");
		if (reply_begun(r))
			reply_abort(r);
		else
			ret = refuse(r, &fault, e);
	}
	seen_outgoing(&o, failed ? &fault : NULL);
	outgoing_done(&o);
	globalconf_unref(&o.g);
	return ret;
}
