/* SPDX-License-Identifier: MIT */
/*
 * Calling HTTP. One call, one answer; keep-alive connections are kept per
 * pool key. No redirects, no cookies, no decompression, no Expect header, no
 * header of our own beyond those given (plus Host and framing).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "cert.h"
#include "http_server.h"
#include "tls.h"

struct arena;
struct err;
struct http_client; /* thread-safe pool */

int http_client_new(struct http_client **out, struct err *e);
void http_client_free(struct http_client **c);
/* How many idle connections are kept and how long; 0 keeps none. The default
   is 256 for 20 s. */
void http_client_keep(struct http_client *c, size_t lines, int idle_ms);
/* Closes those that are idle for too long. */
void http_client_tidy(struct http_client *c);

/* Fills p with at most n bytes of the request body; 0 ends it; -1 with e
   aborts the call (the peer sees a truncated message). Runs after the
   connection stands and the TLS judge has agreed. */
typedef long http_source_fn(void *ctx, void *p, size_t n, struct err *e);
/* Status and headers have arrived. */
typedef int http_head_fn(void *ctx, int status, const char *reason,
	const struct http_header *h, size_t n, struct err *e);
typedef int http_sink_fn(void *ctx, const void *p, size_t n, struct err *e);

/* Where a connection may go: host name or IP address without brackets. */
struct http_place {
	const char *host;
	int port;
};

struct http_call {
	const char *method; /* any token */
	const char *url; /* http:// or https://; path and query sent verbatim */
	const struct http_header *header; /* sent in this order and case */
	size_t headers;
	struct bytes body; /* or source */
	bool has_body;     /* false: no body, no Content-Length; HEAD: never */
	http_source_fn *source; /* chunked, unless source_length > 0 */
	int64_t source_length;
	http_head_fn *on_head; /* may be NULL */
	http_sink_fn *sink;    /* NULL: collected in answer.body */
	void *ctx;             /* of source, on_head and sink */
	/* FAULT_TOO_LARGE beyond; 0: 16 MiB, with a sink no limit */
	size_t answer_max;
	int connect_timeout_ms, total_timeout_ms; /* total 0: none */
	/* Longest silence once the request is on its way; 0: none. Told from
	   within a second. */
	int read_timeout_ms;
	struct tls *tls; /* client context; NULL: https refused */
	/* Asked about the peer instead of the context's judge: in the handshake
	   of a new connection, and with the remembered chain before a kept
	   connection is used again (refused: a new one is made). May be NULL.
	   It runs on the thread of the call. */
	tls_judge_fn *judge;
	void *judge_ctx;
	/* Keep-alive class, NULL: closed after the call. A kept connection is
	   used again by calls with the same key, TLS context and address. The
	   context's own judge has seen its handshake, not this call. */
	const char *pool_key;
	const char *connect_to; /* "host:port" override or NULL */
	/* Instead of the URL's own: a new connection goes to the place that
	   answers first, whose hand-shake has connect_timeout_ms anew. Only
	   with a pool_key that stands for these places. */
	const struct http_place *place;
	size_t places; /* 0: the URL says */
	/* Set to the host of the place, before the judge runs; stays NULL when
	   none was reached. In the arena. May be NULL. */
	const char **reached;
};
struct http_answer {
	int status;
	const char *reason;
	const struct http_header *header;
	size_t headers;
	struct bytes body;
	struct cert_list peer; /* TLS peer's chain; arena's care */
	int64_t connect_ms, total_ms;
	bool timed_out; /* set when the call failed for that */
};
/*
 * A request that may have arrived is not sent again, unless its method is
 * idempotent (RFC 9110 section 9.2.2) and its body in memory; a kept
 * connection found closed before anything was sent is replaced.
 * 0 with any HTTP status. Faults: FAULT_UNKNOWN_HOST, FAULT_NETWORK (cannot
 * connect; the text names the address and the reason), FAULT_IO (time-out,
 * broken answer), FAULT_SSL_AUTH or the judge's own fault.
 */
int http_call(struct http_client *c, struct arena *a,
	const struct http_call *call, struct http_answer *out, struct err *e);
const char *answer_header(const struct http_answer *a, const char *name);
