/* SPDX-License-Identifier: MIT */
/*
 * civetweb as http/ sees it: what one of its threads carries, and the
 * functions civetweb_tls.inl calls.
 */
#pragma once
#ifndef IN_HTTP
# error "civetweb_int.h is private to http/"
#endif

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <civetweb.h>

#include "http_head.h"
#include "http_server.h"

struct gate;
struct gate_peer;
struct rate;
struct sockaddr;
struct tls_conn;

enum { ARENAS_SPARE = 64, DATE_MAX = 40, LUCK_MAX = 512 };

struct http_server {
	struct listener row; /* own copies of name and address */
	struct mg_context *web;
	int port;
	pthread_mutex_t
		lock;        /* guards tls, running, spare, workers, their fd */
	pthread_cond_t idle; /* running became 0 */
	struct tls *tls;
	int running; /* handlers */
	/* of requests that are over, kept for the next ones */
	struct arena *spare[ARENAS_SPARE];
	int spares;
	atomic_bool stopping;
	struct http_worker *workers;
	atomic_int connections; /* that have sent a request */
	struct gate *gate;
	struct rate *rate; /* NULL: no limit */
	long files_max;    /* a new file beyond this is one too many */
	int dropped; /* connections, since the log told; accepting thread */
	int64_t dropped_told;
};

/* How long the peer kept us waiting beyond what its least rate excuses. */
struct pace {
	int64_t begun, debt_ms;
	bool slow;
};

/* What a civetweb thread knows about the connection it serves. */
struct http_worker {
	struct http_server *server;
	struct http_worker *next; /* of server->workers */
	struct gate_peer *from;   /* whose connection it serves */
	int fd;                /* the connection, -1: none or not known yet */
	struct tls_conn *tls;  /* NULL on plain connections */
	bool counted;          /* in server->connections */
	struct http_head head; /* of the request being served */
	int head_status;       /* why the head was refused, 0 if it was not */
	const char *head_why;
	struct pace body, reply; /* of the request being served */
	int64_t dated;           /* the second of `date` */
	char date[DATE_MAX];     /* as header Date has it; "": none yet */
	uint8_t luck[LUCK_MAX];  /* random bytes for ids of requests */
	size_t luck_left;
};

/* ---- called by civetweb_tls.inl, in http_glue.c ---- */
int glue_accept(void *worker, int fd, struct tls_conn **out);
void glue_close(void *worker, struct tls_conn *c);
int glue_read(void *worker, struct tls_conn *c, void *p, int n);
int glue_write(void *worker, struct tls_conn *c, const void *p, int n);
int glue_head_length(void *worker, const char *p, int n);
int glue_head(void *worker, char *p, int n, struct mg_request_info *info);
void glue_queue_put(void *server, const void *item, size_t n, int fd,
	const struct sockaddr *from);
int glue_queue_take(void *worker, void *item);
/* Around each wait for a piece of a body, and for room for a piece of the
   reply; not 0: the peer is too slow. */
int glue_body_begin(void *worker);
int glue_body_end(void *worker, int n);
int glue_reply_begin(void *worker);
int glue_reply_end(void *worker, int n);
/* Added to civetweb.c by packaging/embed/civetweb.pl. */
size_t glue_queue_item(void);
int glue_queue_socket(const void *item);
int glue_socket(const struct mg_connection *conn);
