/* SPDX-License-Identifier: MIT */
/*
 * Serving HTTP: listeners, route tables, requests as they came (raw target,
 * header order and case kept), replies. The route row states method, path,
 * body limit, who may call; the core checks these before the handler runs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "cert.h"

struct arena;
struct err;
struct tls;
struct request; /* one request and its reply; lives during the handler */
struct http_server;
struct whitelist;

enum { HTTP_HEADERS_MAX = 120, HTTP_HEADER_SIZE_MAX = 64 * 1024 };

struct http_header {
	const char *name, *value; /* verbatim */
};

/* Path forms: "/exact", "/prefix/" + "*" (rest of the path is free), with
   {name} for one segment: "/api/v1/clients/{id}". "*" alone takes all.
   Matching is on the raw path; the first row that fits wins. A GET row also
   takes HEAD (the core drops the body). No row: FAULT_NOT_FOUND; only rows with
   other methods, or besides them a free rest: 405 with Allow. */
struct route {
	const char *method; /* "GET", "POST" ...; "*" any */
	const char *path;
	size_t body_max; /* bytes the handler may read; 0: no body */
	unsigned flags;  /* handed to `guard` */
	/* Answers the request through reply_*; returning -1 with e set makes the
	   core answer with the listener's error form. */
	int (*handle)(struct request *r, void *state, struct err *e);
};

struct listener {
	const char *name;    /* for the log */
	const char *address; /* "0.0.0.0", "::", "127.0.0.1" ... */
	int port;            /* 0: any, see http_port() */
	struct tls *tls;     /* NULL: plain HTTP; referenced */
	/* Simultaneous connections. When three quarters of them are taken,
	   replies close their connection, so that idle ones cannot take all. */
	int threads;
	/* Flood control: connections that may wait for a thread (0: 5000), the
	   largest share of the threads that one address may hold while others
	   want some, in percent (0: 75; 100: no limit), and files that must
	   stay free (0: 100). Beyond, the address with the most waiting loses
	   its oldest. */
	int waiting_max, address_share, files_free;
	/* Requests of one address per second and per minute, 0: as many as
	   come; pages (a row of one method with a free rest) are not counted.
	   Beyond: FAULT_LIMIT before the handler and the guard, or the caller
	   is made to wait if it is no longer than rate_wait_ms. */
	int per_second, per_minute, rate_wait_ms;
	/* Reverse proxies whose X-Forwarded-For, -Host and -Proto are believed;
	   borrowed, NULL: nobody's. */
	const struct whitelist *proxies;
	int idle_timeout_ms; /* keep-alive; 0: 30000 */
	int read_timeout_ms; /* head, each wait for body or write; 0: 30000 */
	bool one_request;    /* every reply closes its connection */
	const struct route *routes; /* ends with method NULL */
	void *state;
	/* Runs before the handler with the row's flags: may answer itself and
	   return 1, refuse with -1 and e, or 0 to go on. May be NULL. */
	int (*guard)(
		struct request *r, unsigned flags, void *state, struct err *e);
	/* Writes an error reply; NULL: JSON {"error":{"code","message"}}. */
	void (*error)(struct request *r, const struct err *fault, void *state);
	bool lower_case_headers; /* reply header names (messages 2.4 trap) */
};

/* Do two path forms mean the same paths? Names of {pieces} do not count. */
bool route_same(const char *a, const char *b);

/* Once per process, before and after everything else here. */
int http_startup(struct err *e);
void http_shutdown(void);

/* FAULT_NETWORK with "port N is in use" and what to do. */
int http_serve(
	struct http_server **out, const struct listener *l, struct err *e);
int http_port(const struct http_server *s);
/* New requests get 503 or the listener's own form of a fault, running handlers have 30 s to end, then every
   connection is closed. */
void http_stop(struct http_server **s);
/* New connections use this TLS context from now on. */
void http_set_tls(struct http_server *s, struct tls *t);

/* ---- the request ---- */
struct arena *request_arena(struct request *r);
const char *request_method(const struct request *r);
/* Exactly as on the request line, query included. */
const char *request_target(const struct request *r);
const char *request_path(const struct request *r);  /* raw, without query */
const char *request_query(const struct request *r); /* raw or NULL */
/* The row of the listener's table that fits. */
const struct route *request_route(const struct request *r);
/* The {name} piece, percent-decoded, or NULL. */
const char *request_segment(struct request *r, const char *name);
size_t request_headers(const struct request *r, const struct http_header **out);
/* Last header of the name, without case; NULL if absent. */
const char *request_header(const struct request *r, const char *name);
/* IP address text of the caller: behind a known proxy, the one it tells. */
const char *request_peer(const struct request *r);
/* The name under which the caller reached us, and whether over HTTPS: by the
   request itself, or as a known proxy tells. NULL: no name was given. */
const char *request_host(const struct request *r);
bool request_is_https(const struct request *r);
bool request_is_tls(const struct request *r);
/* Could the caller tell a reply of unknown length that broke off from one that
   ended? Not with HTTP/1.0. */
bool request_takes_chunks(const struct request *r);
struct cert_list request_certs(const struct request *r); /* client's */
/* Has the caller closed its side? From any thread while the handler runs. */
bool request_gone(const struct request *r);
const char *request_id(const struct request *r); /* UUID, made by the core */
void request_set_user(struct request *r, void *user); /* for guards */
void *request_user(const struct request *r);
/* What the caller may do, in the words of the rows' flags; the guard says so,
   0 before. For handlers whose answer depends on what they find. */
void request_set_rights(struct request *r, unsigned rights); /* for guards */
unsigned request_rights(const struct request *r);
/* Who calls, as the guard names them (borrowed for the request's life), ""
   before. For handlers that keep a record of it. */
void request_set_name(struct request *r, const char *name); /* for guards */
const char *request_name(const struct request *r);
/* The sentence of a refusal in Japanese, for the listener's form of it; NULL:
   there is none. Borrowed for the request's life. */
void request_set_japanese(struct request *r, const char *text);
const char *request_japanese(const struct request *r);
/* >0 bytes, 0 end, -1 with e (limit, time-out, broken framing). A chunked
   body that is not read to its 0, and much of any other that is left unread,
   costs the connection. */
long request_read(struct request *r, void *p, size_t n, struct err *e);
/* The whole body (<= the row's limit) in the arena; the same again when it is
   asked for again. */
int request_body(struct request *r, struct bytes *out, struct err *e);
/* What request_body() gives from now on; borrowed for the request's life. */
void request_set_body(struct request *r, struct bytes body);

/* ---- the reply ---- */
/* Status and headers; Content-Length when known, else -1 for chunked. */
int reply_begin(struct request *r, int status, const struct http_header *h,
	size_t n, int64_t length, struct err *e);
/* The same with the reason phrase given; NULL: the usual one. */
int reply_begin_reason(struct request *r, int status, const char *reason,
	const struct http_header *h, size_t n, int64_t length, struct err *e);
int reply_write(struct request *r, const void *p, size_t n, struct err *e);
int reply_end(struct request *r, struct err *e);
/* All in one. content_type NULL: no body. */
int reply_send(struct request *r, int status, const char *content_type,
	struct bytes body, struct err *e);
int reply_send_headers(struct request *r, int status,
	const struct http_header *h, size_t n, struct bytes body,
	struct err *e);
/* Reply with the reason phrase given (REST responses keep theirs). */
int reply_reason(struct request *r, int status, const char *reason,
	const struct http_header *h, size_t n, struct bytes body,
	struct err *e);
bool reply_begun(const struct request *r);
int reply_status(const struct request *r); /* 0 before */
/* The handler of an operation that has its row but nothing behind it: refuses
   with FAULT_UNBACKED. `machilink api coverage` tells such rows. */
int reply_unbacked(struct request *r, void *state, struct err *e);
/* Cuts the connection: the peer sees a truncated message. */
void reply_abort(struct request *r);
