/* SPDX-License-Identifier: MIT */
/*
 * Writing replies: status line, header lines as given, Date and framing of
 * our own, body with a known length or in chunks.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "gate_int.h"
#include "http_head.h"
#include "http_int.h"
#include "mem.h"

enum { CHUNK_LINE = 24, ERROR_BODY_MAX = 8192 };

struct status_text {
	int status;
	const char *text;
};
static const struct status_text status_texts[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

static const char *
status_text(int status)
{
	size_t n = sizeof(status_texts) / sizeof(*status_texts);

	for (size_t i = 0; i < n; i++)
		if (status_texts[i].status == status)
			return status_texts[i].text;
	return "";
}

/* Framing is decided here, never by a caller or a forwarded reply. */
static bool
header_is_ours(const char *name)
{
	static const char *const ours[] = { "Connection", "Content-Length",
		"Keep-Alive", "Transfer-Encoding" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (str_iequal(name, ours[i]))
			return true;
	return false;
}

static void
header_add(struct request *r, const char *name, const char *value)
{
	size_t at = r->out.len;

	buf_str(&r->out, name);
	if (r->server->row.lower_case_headers && !r->out.over)
		str_lower(r->out.data + at);
	buf_str(&r->out, ": ");
	buf_str(&r->out, value);
	buf_str(&r->out, "\r\n");
}

/* RFC 9110 section 5.6.7. A thread writes it once a second. */
static const char *
date_text(struct http_worker *w, int64_t now)
{
	static const char *const day[] = { "Thu", "Fri", "Sat", "Sun", "Mon",
		"Tue", "Wed" };
	static const char *const month[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	enum { DAY = 86400, WEEK = 7 };
	struct civil c;

	if (*w->date && w->dated == now)
		return w->date;
	civil_from_seconds(now, &c);
	snprintf(w->date, sizeof(w->date),
		"%s, %02d %s %04d %02d:%02d:%02d GMT", day[now / DAY % WEEK],
		c.day, month[c.month - 1], c.year, c.hour, c.minute, c.second);
	w->dated = now;
	return w->date;
}

/* RFC 9112 section 9.3. */
static bool
peer_stays(const struct http_head *h)
{
	bool stay = h->minor == 1;

	for (size_t i = 0; i < h->headers; i++) {
		if (!str_iequal(h->header[i].name, "Connection"))
			continue;
		if (http_list_has(h->header[i].value, "close"))
			return false;
		if (http_list_has(h->header[i].value, "keep-alive"))
			stay = true;
	}
	return stay;
}

bool
http_busy(struct http_server *s, const struct http_worker *w)
{
	int busy = atomic_load(&s->connections);

	return busy * 4 > s->row.threads * 3 || gate_crowded(s->gate, w->from);
}

/* Unread body that is not worth reading ends the connection. */
static bool
must_close(struct request *r)
{
	int64_t unread = request_unread(r);

	if (unread < 0 || unread > BODY_DRAIN_MAX)
		return true;
	if (unread > 0 && r->continue_due)
		return true;
	/* Idle connections must not take every thread. */
	return !peer_stays(r->head) || r->server->row.one_request ||
	       atomic_load(&r->server->stopping) ||
	       http_busy(r->server, r->worker);
}

static void
framing_add(struct request *r, int64_t length)
{
	char text[CHUNK_LINE];

	r->reply_left = length;
	r->reply_chunked = false;
	if (r->status == 204 || r->status == 304)
		r->reply_left = 0;
	else if (length >= 0) {
		(void)int_text(text, length);
		header_add(r, "Content-Length", text);
	} else if (r->head->minor == 0) {
		r->close = true; /* the end of the connection ends it */
	} else if (!r->bodiless) {
		r->reply_chunked = true;
		header_add(r, "Transfer-Encoding", "chunked");
	}
	r->close = r->close || must_close(r);
	if (r->close) {
		mg_disable_connection_keep_alive(r->conn);
		header_add(r, "Connection", "close");
	} else if (r->head->minor == 0) {
		header_add(r, "Connection", "keep-alive");
	}
}

static int
begin(struct request *r, int status, const char *reason,
	const struct http_header *h, size_t n, int64_t length, struct err *e)
{
	bool dated = false;

	assert(!r->status && status >= STATUS_MIN && status <= STATUS_MAX);
	for (size_t i = 0; i < n; i++)
		if (!http_token(h[i].name) || !http_value(h[i].value))
			return fail(e, FAULT_INTERNAL,
				"a reply header cannot be sent: %s", h[i].name);
	if (reason && !http_value(reason))
		return fail(
			e, FAULT_INTERNAL, "a reason phrase cannot be sent");
	r->status = status;
	r->bodiless =
		str_equal(r->method, "HEAD") || status == 204 || status == 304;
	buf_str(&r->out, "HTTP/1.1 ");
	buf_int(&r->out, status);
	buf_char(&r->out, ' ');
	buf_str(&r->out, reason ? reason : status_text(status));
	buf_str(&r->out, "\r\n");
	for (size_t i = 0; i < n; i++) {
		if (header_is_ours(h[i].name))
			continue;
		dated = dated || str_iequal(h[i].name, "Date");
		header_add(r, h[i].name, h[i].value);
	}
	if (!dated)
		header_add(r, "Date", date_text(r->worker, clock_seconds()));
	if (status == 405 && r->allow)
		header_add(r, "Allow", r->allow);
	framing_add(r, length);
	buf_str(&r->out, "\r\n");
	return buf_ok(&r->out, "reply head", e);
}

static int
gone(struct request *r, struct err *e)
{
	reply_abort(r);
	return fail(e, FAULT_IO,
		r->worker->reply.slow ? "the peer takes the reply too slowly"
				      : "the peer does not take the reply");
}

static int
push(struct request *r, const void *p, size_t n, struct err *e)
{
	const char *at = p;
	enum { PIECE = 1 << 20 };

	while (n) {
		size_t take = n < PIECE ? n : PIECE;

		if (mg_write(r->conn, at, take) != (int)take)
			return gone(r, e);
		at += take;
		n -= take;
	}
	return 0;
}

/* What waits in r->out, then p. Small pieces go out as one. */
static int
send_on(struct request *r, const void *p, size_t n, struct err *e)
{
	int rc;

	if (n <= REPLY_JOIN_MAX) {
		buf_add(&r->out, p, n);
		n = 0;
	}
	rc = push(r, r->out.data, r->out.len, e);
	buf_reset(&r->out);
	return rc ? rc : push(r, p, n, e);
}

int
reply_begin(struct request *r, int status, const struct http_header *h,
	size_t n, int64_t length, struct err *e)
{
	return begin(r, status, NULL, h, n, length, e);
}

int
reply_begin_reason(struct request *r, int status, const char *reason,
	const struct http_header *h, size_t n, int64_t length, struct err *e)
{
	return begin(r, status, reason, h, n, length, e);
}

int
reply_write(struct request *r, const void *p, size_t n, struct err *e)
{
	assert(r->status && !r->reply_ended);
	if (r->aborted)
		return fail(e, FAULT_IO, "the connection was cut");
	if (n == 0 || r->bodiless)
		return 0;
	assert(r->reply_left < 0 || (int64_t)n <= r->reply_left);
	if (r->reply_left > 0)
		r->reply_left -= (int64_t)n;
	if (!r->reply_chunked)
		return send_on(r, p, n, e);
	buf_fmt(&r->out, "%zx\r\n", n);
	if (n <= REPLY_JOIN_MAX) {
		buf_add(&r->out, p, n);
		return send_on(r, "\r\n", 2, e);
	}
	if (send_on(r, p, n, e))
		return -1;
	buf_str(&r->out, "\r\n"); /* goes with the next piece */
	return 0;
}

int
reply_end(struct request *r, struct err *e)
{
	assert(r->status);
	if (r->reply_ended || r->aborted)
		return r->aborted ? fail(e, FAULT_IO, "the connection was cut")
				  : 0;
	r->reply_ended = true;
	if (r->reply_left > 0 && !r->bodiless) {
		reply_abort(r);
		return fail(e, FAULT_INTERNAL,
			"the reply is %lld bytes shorter than announced",
			(long long)r->reply_left);
	}
	if (r->reply_chunked)
		return send_on(r, "0\r\n\r\n", 5, e);
	return send_on(r, "", 0, e);
}

int
reply_reason(struct request *r, int status, const char *reason,
	const struct http_header *h, size_t n, struct bytes body, struct err *e)
{
	if (begin(r, status, reason, h, n, (int64_t)body.len, e))
		return -1;
	if (status != 204 && status != 304 &&
		reply_write(r, body.data, body.len, e))
		return -1;
	return reply_end(r, e);
}

int
reply_send_headers(struct request *r, int status, const struct http_header *h,
	size_t n, struct bytes body, struct err *e)
{
	return reply_reason(r, status, NULL, h, n, body, e);
}

int
reply_send(struct request *r, int status, const char *content_type,
	struct bytes body, struct err *e)
{
	struct http_header h = { "Content-Type", content_type };

	if (!content_type)
		return reply_reason(
			r, status, NULL, NULL, 0, bytes_of("", 0), e);
	return reply_reason(r, status, NULL, &h, 1, body, e);
}

bool
reply_begun(const struct request *r)
{
	return r->status != 0;
}

int
reply_status(const struct request *r)
{
	return r->status;
}

void
reply_abort(struct request *r)
{
	r->aborted = true;
	r->close = true;
	buf_reset(&r->out);
	mg_disable_connection_keep_alive(r->conn);
}

void
reply_refuse(struct request *r, int status, const struct err *fault)
{
	struct buf b;

	buf_init(&b, ERROR_BODY_MAX);
	buf_str(&b, "{\"error\":{\"code\":");
	buf_json(&b, *fault->code ? fault->code : fault_code(fault->fault));
	buf_str(&b, ",\"message\":");
	buf_json(&b, *fault->text ? fault->text : fault_text(fault->fault));
	buf_str(&b, "}}");
	reply_send(r, status, "application/json", bytes_buf(&b), NULL);
	buf_done(&b);
}

void
reply_error(struct request *r, const struct err *fault)
{
	if (r->server->row.error)
		r->server->row.error(r, fault, r->server->row.state);
	else
		reply_refuse(r,
			fault->fault == FAULT_INVALID_HTTP_METHOD
				? 405
				: fault_http(fault->fault),
			fault);
}

int
reply_unbacked(struct request *r, void *state, struct err *e)
{
	(void)state;
	return fail(e, FAULT_UNBACKED, "%s %s is not available here",
		request_method(r), request_path(r));
}
