/* SPDX-License-Identifier: MIT */
/*
 * What civetweb.c calls instead of its own code: TLS over trust/tls.h with
 * the listener's context of the moment, and our reading of request heads.
 * `worker` is the calling thread's struct http_worker.
 */
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "gate_int.h"
#include "http_head.h"
#include "http_int.h"
#include "log.h"
#include "mem.h"
#include "tls.h"

enum { PEER_TEXT_MAX = 64, DROPPED_MS = 10000 };

static void
refused(int fd, const struct err *e)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof(sa);
	char host[PEER_TEXT_MAX] = "?";

	if (getpeername(fd, (struct sockaddr *)&sa, &n) == 0)
		getnameinfo((struct sockaddr *)&sa, n, host, sizeof(host), NULL,
			0, NI_NUMERICHOST);
	if (e->fault == FAULT_NETWORK)
		log_debug("%s: %s", host, e->text);
	else
		log_info("%s: TLS refused: %s", host, e->text);
}

int
glue_accept(void *worker, int fd, struct tls_conn **out)
{
	struct http_worker *w = worker;
	struct http_server *s = w->server;
	struct err e = ERR_INIT;
	struct tls *tls = NULL;

	*out = NULL;
	pthread_mutex_lock(&s->lock);
	if (!atomic_load(&s->stopping)) {
		tls = tls_ref(s->tls);
		w->fd = fd;
	}
	pthread_mutex_unlock(&s->lock);
	if (!tls)
		return -1;
	if (tls_accept(out, tls, fd, &e)) {
		*out = NULL;
		refused(fd, &e);
	}
	tls_unref(&tls);
	w->tls = *out;
	return *out ? 0 : -1;
}

void
glue_close(void *worker, struct tls_conn *c)
{
	struct http_worker *w = worker;

	w->tls = NULL;
	tls_close(&c);
}

int
glue_read(void *worker, struct tls_conn *c, void *p, int n)
{
	struct http_worker *w = worker;

	return tls_read(c, p, (size_t)n, w->server->row.read_timeout_ms);
}

int
glue_write(void *worker, struct tls_conn *c, const void *p, int n)
{
	struct http_worker *w = worker;

	return tls_write(c, p, (size_t)n, w->server->row.read_timeout_ms);
}

/* ---- who is served next ---- */

void
glue_queue_put(void *server, const void *item, size_t n, int fd,
	const struct sockaddr *from)
{
	struct http_server *s = server;
	uint8_t key[GATE_KEY];
	void *dropped = mem_alloc(n);

	gate_key(from, key);
	/* numbers are given out from the lowest: this one says how many */
	if (gate_put(s->gate, key, item, fd >= s->files_max, dropped)) {
		close(glue_queue_socket(dropped));
		s->dropped++;
	}
	mem_free(dropped);
	if (s->dropped && clock_ticks() > s->dropped_told) {
		log_warning("%s: too many connections, %d were closed",
			s->row.name, s->dropped);
		s->dropped = 0;
		s->dropped_told = clock_ticks() + DROPPED_MS;
	}
}

int
glue_queue_take(void *worker, void *item)
{
	struct http_worker *w = worker;

	return gate_take(w->server->gate, &w->from, item);
}

/* Neither slow senders nor slow readers may hold a thread for ever. What was
   fast earlier is no excuse for being slow now. */
static int
pace_begin(struct pace *p, const struct http_worker *w)
{
	p->begun = clock_ticks();
	p->slow = p->debt_ms > w->server->row.read_timeout_ms;
	return p->slow;
}

/* True if there is anything to excuse. */
static bool
pace_waited(struct pace *p)
{
	p->debt_ms += clock_ticks() - p->begun;
	return p->debt_ms > 0;
}

static int
pace_end(struct pace *p, int n, int rate)
{
	enum { SECOND = 1000 };

	if (n > 0)
		p->debt_ms -= (int64_t)n * SECOND / rate;
	if (p->debt_ms < 0)
		p->debt_ms = 0;
	return n;
}

int
glue_body_begin(void *worker)
{
	struct http_worker *w = worker;

	return pace_begin(&w->body, w);
}

int
glue_body_end(void *worker, int n)
{
	struct http_worker *w = worker;

	return pace_waited(&w->body) ? pace_end(&w->body, n, RATE_MIN) : n;
}

int
glue_reply_begin(void *worker)
{
	struct http_worker *w = worker;

	return pace_begin(&w->reply, w);
}

int
glue_reply_end(void *worker, int n)
{
	struct http_worker *w = worker;

	if (!pace_waited(&w->reply))
		return n;
	return pace_end(
		&w->reply, n, http_busy(w->server, w) ? RATE_BUSY : RATE_MIN);
}

int
glue_head_length(void *worker, const char *p, int n)
{
	struct http_worker *w = worker;
	long len = http_head_length(p, (size_t)n);

	w->head_status = 0;
	if (len < 0) {
		w->head_status = 400;
		w->head_why = "the head holds forbidden characters";
	} else if (len == 0 && n >= HTTP_HEADER_SIZE_MAX) {
		w->head_status = 431;
		w->head_why = "the request head is too large";
	}
	return (int)len;
}

/* Civetweb gets what it needs to frame the body; whether the connection stays
   open is decided in reply.c. */
int
glue_head(void *worker, char *p, int n, struct mg_request_info *info)
{
	static const char *const framing[] = { "Content-Length",
		"Transfer-Encoding" };
	struct http_worker *w = worker;
	struct http_head *h = &w->head;

	w->head_status = http_head_parse(p, (size_t)n, h, &w->head_why);
	if (w->head_status)
		return -1;
	info->request_method = h->method;
	info->request_uri = h->target;
	info->http_version = "1.1";
	info->num_headers = 0;
	for (size_t i = 0; i < sizeof(framing) / sizeof(*framing); i++) {
		const char *v =
			http_header_find(h->header, h->headers, framing[i]);
		if (!v)
			continue;
		info->http_headers[info->num_headers].name = framing[i];
		info->http_headers[info->num_headers++].value = v;
	}
	return n;
}
