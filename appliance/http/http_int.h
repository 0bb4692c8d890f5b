/* SPDX-License-Identifier: MIT */
/*
 * A request on its way through the core: http_server.c runs it, route.c finds
 * its row, request.c reads it, reply.c answers it.
 */
#pragma once

#ifndef IN_HTTP
# error "http_int.h is private to http/"
#endif

#include "buf.h"
#include "civetweb_int.h"
#include "text.h"

enum {
	BODY_DRAIN_MAX = 64 * 1024, /* unread body that is read to keep alive */
	RATE_MIN =
		256, /* bytes per second both ways, after the read time-out */
	RATE_BUSY = 16 * 1024, /* of replies, when others wait */
	LINGER_MS = 1000,      /* how long a refused sender is listened to */
	REPLY_HEAD_MAX = 256 * 1024, /* header lines of a reply */
	REPLY_JOIN_MAX = 16 * 1024,  /* head and body in one write */
	STATUS_MIN = 200,
	STATUS_MAX = 999,
};

struct request {
	struct mg_connection *conn;
	const struct http_head *head;
	struct http_server *server;
	struct http_worker *worker;
	struct arena *arena;
	const char *method, *target, *path, *query;
	const struct route *route; /* NULL before matching */
	char id[UUID_LEN + 1];
	const char *peer; /* the caller's; see forwarded.c */
	bool by_proxy;    /* that the listener knows */
	void *user;
	unsigned rights;
	const char *name;     /* of the caller, or NULL */
	const char *japanese; /* why it is refused, or NULL */

	/* ---- the body ---- */
	int64_t length; /* 0 when there is none or chunked */
	int64_t read;   /* bytes handed out */
	bool ended;     /* read to its end */
	bool kept;      /* `body` is the whole of it */
	struct bytes body;
	bool continue_due; /* the peer waits for 100 */

	/* ---- the reply ---- */
	struct buf out;    /* not sent yet */
	int status;        /* 0: not begun */
	const char *allow; /* methods of the path, goes with every 405 */
	bool bodiless;     /* HEAD, 204, 304 */
	bool reply_chunked;
	int64_t reply_left; /* Content-Length still to come, -1 unknown */
	bool reply_ended;
	bool close; /* after this reply */
	bool aborted;
};

/* Who stands behind a known proxy: sets peer and by_proxy. */
void forwarded_read(struct request *r);
/* Does whoever keeps this thread stand in somebody's way? */
bool http_busy(struct http_server *s, const struct http_worker *w);

extern const struct mg_callbacks server_callbacks;
void listener_done(struct http_server *s); /* frees; civetweb has stopped */

/* The row for method and path, or NULL with *allow: methods of rows with that
   path as a list, "" if there is none. */
const struct route *route_find(const struct route *rows, const char *method,
	const char *path, struct arena *a, const char **allow);
/* "/prefix/" + "*": takes what no other row knows. */
bool route_open(const struct route *r);
/* The raw piece of path standing where pattern has {name}; -1 if none. */
long route_piece(const char *pattern, const char *path, const char *name,
	const char **start);

/* Answers with the listener's error form. */
void reply_error(struct request *r, const struct err *fault);
/* Our own form with this status. */
void reply_refuse(struct request *r, int status, const struct err *fault);
/* Body unread, connection to be closed: see that the reply gets through. */
void request_linger(struct request *r);
/* Bytes of body nobody read, -1 unknown. */
int64_t request_unread(const struct request *r);
