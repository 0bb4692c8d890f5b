/* SPDX-License-Identifier: MIT */
/*
 * One HTTP exchange: the request verbatim, the answer's head verbatim, bodies
 * as streams. libcurl adds Host and the framing, nothing else.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "http_call_int.h"
#include "mem.h"
#include "text.h"

enum {
	ANSWER_DEFAULT = 16 * 1024 * 1024,
	TARGET_MAX = 64 * 1024,
	STATUS_DIGITS = 3,
	FINAL_STATUS = 200,
};
#define NOWHERE "127.0.0.1:1"

void
exchange_open(struct exchange *x, CURL *curl, struct arena *a,
	const struct http_call *call)
{
	size_t max = call->answer_max ? call->answer_max : ANSWER_DEFAULT;

	*x = (struct exchange){ .curl = curl, .a = a, .call = call };
	x->header = arena_array(a, HTTP_HEADERS_MAX, sizeof(*x->header));
	buf_init(&x->body, max);
}

void
exchange_close(struct exchange *x)
{
	curl_slist_free_all(x->lines);
	curl_slist_free_all(x->connect_to);
	buf_done(&x->body);
}

/* ---- the request ---- */

static bool
is_framing(const char *name)
{
	return str_iequal(name, "Content-Length") ||
	       str_iequal(name, "Transfer-Encoding");
}

static void
line_add(struct curl_slist **list, const char *line)
{
	struct curl_slist *l = curl_slist_append(*list, line);

	assert(l);
	*list = l;
}

/* Lines curl would add by itself are named with nothing behind the colon,
   which removes them; empty values of the caller end with a semicolon. */
static int
set_headers(struct exchange *x)
{
	static const char *const unwanted[] = { "Accept", "User-Agent",
		"Expect", "Content-Type" };
	const struct http_call *call = x->call;

	for (size_t i = 0; i < call->headers; i++) {
		const struct http_header *h = &call->header[i];
		if (!http_token(h->name) || !http_value(h->value))
			return fail(&x->e, FAULT_BAD_REQUEST,
				"header %s cannot be sent", h->name);
		if (is_framing(h->name))
			continue;
		line_add(&x->lines,
			arena_printf(x->a, *h->value ? "%s: %s" : "%s;",
				h->name, h->value));
	}
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(*unwanted); i++)
		if (!http_header_find(call->header, call->headers, unwanted[i]))
			line_add(&x->lines,
				arena_printf(x->a, "%s:", unwanted[i]));
	curl_easy_setopt(x->curl, CURLOPT_HTTPHEADER, x->lines);
	return 0;
}

/* curl reads only scheme and authority; the rest goes out as it is. */
static int
set_target(struct exchange *x)
{
	const char *url = x->call->url;
	const char *rest = strstr(url, "://");
	/* connected by dial(): curl has nothing to look up */
	const char *to = x->call->places ? NOWHERE : x->call->connect_to;
	size_t n;

	if (!rest ||
		!(str_iprefix(url, "http://") || str_iprefix(url, "https://")))
		return fail(&x->e, FAULT_SERVICE_MALFORMED_URL,
			"%s is not an http or https address", url);
	rest += 3;
	n = strcspn(rest, "/?#");
	x->authority = arena_strndup(x->a, rest, n);
	rest += n;
	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return fail(&x->e, FAULT_SERVICE_MALFORMED_URL,
				"the address of %s holds a space or a control "
				"character",
				x->authority);
	if (!*x->authority || strlen(rest) > TARGET_MAX)
		return fail(&x->e, FAULT_SERVICE_MALFORMED_URL,
			"the address %.200s is malformed", url);
	curl_easy_setopt(x->curl, CURLOPT_URL,
		arena_printf(
			x->a, "%.*s/", (int)(strlen(url) - strlen(rest)), url));
	curl_easy_setopt(x->curl, CURLOPT_REQUEST_TARGET,
		*rest == '/' ? rest : arena_printf(x->a, "/%s", rest));
	if (!to)
		return 0;
	line_add(&x->connect_to, arena_printf(x->a, "::%s", to));
	curl_easy_setopt(x->curl, CURLOPT_CONNECT_TO, x->connect_to);
	return 0;
}

static size_t
on_source(char *p, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;
	const struct http_call *call = x->call;
	size_t left = call->body.len - x->sent;
	long got;

	n *= size;
	if (!call->source) {
		n = n < left ? n : left;
		if (n)
			memcpy(p, call->body.data + x->sent, n);
		x->sent += n;
		return n;
	}
	got = call->source(call->ctx, p, n, &x->e);
	if (got < 0) {
		fail(&x->e, FAULT_IO, "the request body could not be read");
		return CURL_READFUNC_ABORT;
	}
	assert((size_t)got <= n);
	return (size_t)got;
}

static bool
idempotent(const char *method)
{
	static const char *const name[] = { "GET", "PUT", "DELETE", "OPTIONS",
		"TRACE", "HEAD" };

	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++)
		if (str_equal(method, name[i]))
			return true;
	return false;
}

/* curl found a kept connection closed after it began to send. A body in
   memory can be sent again, a stream cannot, and what may have been done
   already must not be asked for twice. */
static int
on_seek(void *ctx, curl_off_t offset, int origin)
{
	struct exchange *x = ctx;

	if (x->call->source || !idempotent(x->call->method) ||
		origin != SEEK_SET || offset > (curl_off_t)x->call->body.len)
		return CURL_SEEKFUNC_FAIL;
	x->sent = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* Without a body there is nothing to seek in, and curl would ask again by
   itself. */
int
exchange_ask(struct exchange *x)
{
	if (x->asked && !idempotent(x->call->method))
		return fail(&x->e, FAULT_IO,
			"%s: the connection was closed unanswered",
			x->authority);
	return 0;
}

static int
on_request(void *ctx, char *to, char *from, int to_port, int from_port)
{
	struct exchange *x = ctx;

	(void)to, (void)from, (void)to_port, (void)from_port;
	if (exchange_ask(x))
		return CURL_PREREQFUNC_ABORT;
	x->asked = true;
	return CURL_PREREQFUNC_OK;
}

/* -1: unknown, chunked. */
static curl_off_t
source_size(const struct http_call *call)
{
	if (!call->source)
		return (curl_off_t)call->body.len;
	return call->source_length > 0 ? (curl_off_t)call->source_length : -1;
}

static void
set_body(struct exchange *x)
{
	const struct http_call *call = x->call;
	bool head = str_equal(call->method, "HEAD");

	if (head) {
		curl_easy_setopt(x->curl, CURLOPT_NOBODY, 1L);
	} else if (call->source || call->has_body) {
		curl_easy_setopt(x->curl, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(x->curl, CURLOPT_READFUNCTION, on_source);
		curl_easy_setopt(x->curl, CURLOPT_READDATA, x);
		curl_easy_setopt(x->curl, CURLOPT_SEEKFUNCTION, on_seek);
		curl_easy_setopt(x->curl, CURLOPT_SEEKDATA, x);
		curl_easy_setopt(
			x->curl, CURLOPT_INFILESIZE_LARGE, source_size(call));
	}
	if (!head)
		curl_easy_setopt(x->curl, CURLOPT_CUSTOMREQUEST, call->method);
}

/* ---- the answer ---- */

static int
status_line(struct exchange *x, char *line)
{
	char *p = strchr(line, ' ');
	int status = 0;

	for (int i = 0; p && i < STATUS_DIGITS; i++) {
		char c = p[1 + i];
		if (c < '0' || c > '9')
			p = NULL;
		else
			status = status * 10 + (c - '0');
	}
	if (!p)
		return fail(&x->e, FAULT_IO,
			"%s answered with a malformed status line",
			x->authority);
	p += 1 + STATUS_DIGITS;
	x->status = status;
	x->reason = arena_strdup(x->a, *p == ' ' ? p + 1 : p);
	x->headers = 0;
	return 0;
}

static int
header_line(struct exchange *x, char *line)
{
	char *colon = strchr(line, ':');
	char *value;

	if (colon)
		*colon = '\0';
	if (!colon || !http_token(line))
		return fail(&x->e, FAULT_IO,
			"%s answered with a malformed header line",
			x->authority);
	if (x->headers == HTTP_HEADERS_MAX)
		return fail(&x->e, FAULT_TOO_LARGE,
			"%s answered with more than %d header lines",
			x->authority, HTTP_HEADERS_MAX);
	value = str_trim(colon + 1);
	x->header[x->headers++] = (struct http_header){ line, value };
	return 0;
}

static int
head_complete(struct exchange *x)
{
	const struct http_call *call = x->call;

	if (x->status < FINAL_STATUS)
		return 0;
	x->head_done = true;
	if (!call->on_head)
		return 0;
	if (call->on_head(call->ctx, x->status, x->reason, x->header,
		    x->headers, &x->e))
		return fail(&x->e, FAULT_IO, "the answer was not taken");
	return 0;
}

static size_t
on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;
	size_t len = size * n;
	char *line;
	int rc;

	if (x->head_done)
		return len; /* trailers are not used */
	x->header_bytes += len;
	if (x->header_bytes > HTTP_HEADER_SIZE_MAX) {
		fail(&x->e, FAULT_TOO_LARGE,
			"%s answered with more than %d bytes of headers",
			x->authority, HTTP_HEADER_SIZE_MAX);
		return CURL_WRITEFUNC_ERROR;
	}
	while (len && (p[len - 1] == '\r' || p[len - 1] == '\n'))
		len--;
	line = arena_strndup(x->a, p, len);
	if (len == 0)
		rc = head_complete(x);
	else if (x->status == 0 || str_iprefix(line, "HTTP/"))
		rc = status_line(x, line);
	else
		rc = header_line(x, line);
	return rc ? CURL_WRITEFUNC_ERROR : size * n;
}

static size_t
on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;
	const struct http_call *call = x->call;
	size_t max = call->answer_max;

	n *= size;
	x->received += (int64_t)n;
	if (!max && !call->sink)
		max = ANSWER_DEFAULT;
	if (max && x->received > (int64_t)max) {
		fail(&x->e, FAULT_TOO_LARGE,
			"the answer of %s is larger than %zu bytes",
			x->authority, max);
		return CURL_WRITEFUNC_ERROR;
	}
	if (!call->sink) {
		buf_add(&x->body, p, n);
		return n;
	}
	if (call->sink(call->ctx, p, n, &x->e)) {
		fail(&x->e, FAULT_IO, "the answer was not taken");
		return CURL_WRITEFUNC_ERROR;
	}
	return n;
}

int
exchange_set(struct exchange *x)
{
	curl_easy_setopt(x->curl, CURLOPT_ERRORBUFFER, x->text);
	curl_easy_setopt(x->curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(x->curl, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(x->curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(x->curl, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(x->curl, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(x->curl, CURLOPT_PREREQDATA, x);
	if (!http_token(x->call->method))
		return fail(
			&x->e, FAULT_BAD_REQUEST, "the method cannot be sent");
	set_body(x);
	if (set_target(x))
		return -1;
	return set_headers(x);
}

/* ---- the outcome ---- */

struct outcome {
	CURLcode code;
	enum fault fault;
	const char *text;
};

/* A name server that does not answer is a host nobody knows, as for X-Road
   (Java's UnknownHostException); libcurl tells it from other timeouts in its
   words only. */
static bool
unresolved(const struct exchange *x, CURLcode code)
{
	return code == CURLE_OPERATION_TIMEDOUT &&
	       str_prefix(x->text, "Resolving timed out");
}

static const struct outcome outcomes[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, FAULT_UNKNOWN_HOST,
		"the host name is unknown" },
	{ CURLE_COULDNT_CONNECT, FAULT_NETWORK, "no connection" },
	/* InterruptedIOException in X-Road, connecting or not */
	{ CURLE_OPERATION_TIMEDOUT, FAULT_IO, "no answer in time" },
	{ CURLE_INTERFACE_FAILED, FAULT_NETWORK, "no connection" },
	{ CURLE_SSL_CONNECT_ERROR, FAULT_SSL_AUTH, "the TLS handshake failed" },
	{ CURLE_PEER_FAILED_VERIFICATION, FAULT_SSL_AUTH,
		"the TLS certificate was refused" },
	{ CURLE_SSL_CERTPROBLEM, FAULT_SSL_AUTH,
		"our TLS certificate cannot be used" },
	{ CURLE_SSL_CIPHER, FAULT_SSL_AUTH, "no common TLS cipher" },
	{ CURLE_PARTIAL_FILE, FAULT_IO, "the answer ended too early" },
	{ CURLE_GOT_NOTHING, FAULT_IO, "the connection was closed unanswered" },
	{ CURLE_RECV_ERROR, FAULT_IO, "the connection broke" },
	{ CURLE_SEND_ERROR, FAULT_IO, "the connection broke" },
	{ CURLE_SEND_FAIL_REWIND, FAULT_IO, "the connection broke" },
	{ CURLE_UNSUPPORTED_PROTOCOL, FAULT_IO, "this is not HTTP/1" },
	{ CURLE_URL_MALFORMAT, FAULT_SERVICE_MALFORMED_URL,
		"the address is malformed" },
};

static int
exchange_failed(struct exchange *x, CURLcode code)
{
	struct outcome o = { code, FAULT_IO, "the call failed" };
	const char *reason = *x->text ? x->text : curl_easy_strerror(code);
	long os = 0;

	if (unresolved(x, code))
		code = CURLE_COULDNT_RESOLVE_HOST;
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++)
		if (outcomes[i].code == code)
			o = outcomes[i];
	curl_easy_getinfo(x->curl, CURLINFO_OS_ERRNO, &os);
	if (code == CURLE_COULDNT_CONNECT && os)
		reason = strerror((int)os);
	return fail(
		&x->e, o.fault, "%s: %s (%s)", x->authority, o.text, reason);
}

int
exchange_result(struct exchange *x, CURLcode code, struct http_answer *out)
{
	out->timed_out = code == CURLE_OPERATION_TIMEDOUT;
	if (err_set(&x->e))
		return -1;
	if (code != CURLE_OK)
		return exchange_failed(x, code);
	if (!x->head_done)
		return fail(&x->e, FAULT_IO, "%s: the answer has no head",
			x->authority);
	out->status = x->status;
	out->reason = x->reason;
	out->header = x->header;
	out->headers = x->headers;
	out->body = bytes_buf(&x->body);
	arena_defer(x->a, mem_free, x->body.data); /* the arena's now */
	x->body = (struct buf){ 0 };
	return 0;
}
