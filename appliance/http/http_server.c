/* SPDX-License-Identifier: MIT */
/*
 * Listeners: one civetweb context each. A request goes through the same steps
 * everywhere: row, method, size, guard, handler, reply.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <curl/curl.h>

#include "clock.h"
#include "err.h"
#include "gate_int.h"
#include "http_head.h"
#include "http_int.h"
#include "log.h"
#include "mem.h"
#include "rate_int.h"
#include "tls.h"

enum { DRAIN_SECONDS = 30 };

int
http_startup(struct err *e)
{
	mg_init_library(MG_FEATURES_DEFAULT);
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return fail(e, FAULT_INTERNAL, "the HTTP client cannot start");
	return 0;
}

void
http_shutdown(void)
{
	curl_global_cleanup();
	mg_exit_library();
}

/* ---- one request ---- */

/* "::ffff:10.0.0.1" is 10.0.0.1 seen through a socket for both families. */
static const char *
peer_text(const char *addr)
{
	static const char mapped[] = "::ffff:";

	if (str_iprefix(addr, mapped) && strchr(addr, '.'))
		return addr + sizeof(mapped) - 1;
	return addr;
}

static const char *
absolute_path(const char *target)
{
	const char *rest = strstr(target, "://");
	const char *slash = rest ? strchr(rest + 3, '/') : NULL;

	if (*target == '/' || !rest)
		return target;
	return slash ? slash : "/";
}

/* Arenas that have the size which requests need: a new one for each would
   take its pages from the system again and again. */
static struct arena *
arena_take(struct http_server *s)
{
	struct arena *a = NULL;

	pthread_mutex_lock(&s->lock);
	if (s->spares)
		a = s->spare[--s->spares];
	pthread_mutex_unlock(&s->lock);
	return a ? a : arena_new();
}

static void
arena_give(struct http_server *s, struct arena **a)
{
	arena_reset(*a);
	pthread_mutex_lock(&s->lock);
	if (s->spares < ARENAS_SPARE) {
		s->spare[s->spares++] = *a;
		*a = NULL;
	}
	pthread_mutex_unlock(&s->lock);
	arena_free(a);
}

/* The kernel is asked for many at once. */
static void
request_identify(struct request *r)
{
	struct http_worker *w = r->worker;

	if (w->luck_left < UUID_BYTES)
		random_bytes(w->luck, w->luck_left = sizeof(w->luck));
	w->luck_left -= UUID_BYTES;
	uuid_from(w->luck + w->luck_left, r->id);
}

/* `readable` is false when the head was refused: nothing is known then. */
static void
request_open(struct request *r, struct mg_connection *conn, bool readable)
{
	static const struct http_head none = { .method = "", .target = "" };
	const struct mg_request_info *in = mg_get_request_info(conn);
	struct http_worker *w = mg_get_thread_pointer(conn);
	const struct http_head *h = readable ? &w->head : &none;
	const char *expect;

	*r = (struct request){ .conn = conn, .worker = w, .head = h };
	r->server = w->server;
	w->body = w->reply = (struct pace){ 0 };
	r->arena = arena_take(w->server);
	r->peer = peer_text(in->remote_addr);
	request_identify(r);
	buf_init(&r->out, REPLY_HEAD_MAX + REPLY_JOIN_MAX);
	r->method = h->method;
	r->target = h->target;
	r->path = absolute_path(h->target);
	forwarded_read(r);
	r->query = readable ? in->query_string : NULL;
	if (r->query)
		r->target =
			arena_printf(r->arena, "%s?%s", r->target, r->query);
	r->length = h->length > 0 ? h->length : 0;
	r->ended = !h->chunked && r->length == 0;
	expect = http_header_find(h->header, h->headers, "Expect");
	r->continue_due = !r->ended && h->minor == 1 && expect &&
			  http_list_has(expect, "100-continue");
	log_request(r->id);
}

static void
request_close(struct request *r)
{
	if (r->close && !r->aborted && request_unread(r) != 0)
		request_linger(r);
	buf_done(&r->out);
	arena_give(r->server, &r->arena);
	log_request(NULL);
}

/* No row takes this path, or none this method. */
static void
no_route(struct request *r, const char *allow)
{
	struct err e = ERR_INIT;

	if (*allow) {
		r->allow = allow;
		fail(&e, FAULT_INVALID_HTTP_METHOD,
			"the method must be one of: %s", allow);
	} else {
		fail(&e, FAULT_NOT_FOUND, "there is nothing at this address");
	}
	reply_error(r, &e);
}

/* Waits its turn, or fails: too many of this address. */
static int
request_paced(struct request *r, struct err *e)
{
	enum { MS_IN_NS = 1000000 };
	const struct http_server *s = r->server;
	bool page = route_open(r->route) && !str_equal(r->route->method, "*");
	int64_t wait =
		page ? 0 : rate_wait(s->rate, r->peer, s->row.rate_wait_ms);
	struct timespec t = { 0, (long)wait * MS_IN_NS };

	assert(s->row.rate_wait_ms < 1000);
	if (wait > 0)
		nanosleep(&t, NULL);
	if (wait >= 0)
		return 0;
	r->close = true;
	return fail(e, FAULT_LIMIT,
		"too many requests from %s; try again later", r->peer);
}

/* 0 go on, 1 answered, -1 e. */
static int
request_admit(struct request *r, struct err *e)
{
	const struct listener *l = &r->server->row;

	if (request_paced(r, e))
		return -1;
	if (!r->head->chunked && r->length > (int64_t)r->route->body_max)
		return fail(e, FAULT_TOO_LARGE,
			"the request body is larger than %zu bytes",
			r->route->body_max);
	if (!l->guard)
		return 0;
	return l->guard(r, r->route->flags, l->state, e);
}

static void
request_failed(struct request *r, const struct err *e)
{
	if (!r->server->row.error && fault_http(e->fault) >= 500)
		log_err("request", e);
	if (!r->status) {
		reply_error(r, e);
		return;
	}
	log_warning("reply cut short: %s", e->text);
	reply_abort(r);
}

static void
request_run(struct request *r)
{
	const struct listener *l = &r->server->row;
	struct err e = ERR_INIT;
	const char *allow = "";
	int rc;

	r->route = route_find(l->routes, r->method, r->path, r->arena, &allow);
	if (!r->route) {
		no_route(r, allow);
		return;
	}
	rc = request_admit(r, &e);
	if (rc == 0)
		rc = r->route->handle(r, l->state, &e);
	if (rc >= 0 && !r->status && !r->aborted)
		rc = fail(&e, FAULT_INTERNAL, "the handler gave no answer");
	if (rc >= 0 && !r->aborted && !r->reply_ended)
		rc = reply_end(r, &e);
	if (rc < 0 && !r->aborted)
		request_failed(r, &e);
}

static bool
server_enter(struct http_server *s)
{
	bool open;

	pthread_mutex_lock(&s->lock);
	open = !atomic_load(&s->stopping);
	s->running += open;
	pthread_mutex_unlock(&s->lock);
	return open;
}

static void
server_leave(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	if (--s->running == 0)
		pthread_cond_signal(&s->idle);
	pthread_mutex_unlock(&s->lock);
}

static void
worker_fd(struct http_worker *w, int fd)
{
	pthread_mutex_lock(&w->server->lock);
	w->fd = fd;
	pthread_mutex_unlock(&w->server->lock);
}

static int
on_request(struct mg_connection *conn)
{
	struct request r;
	struct err e = ERR_INIT;
	int status;

	request_open(&r, conn, true);
	if (!r.worker->counted) {
		r.worker->counted = true;
		worker_fd(r.worker, glue_socket(conn));
		atomic_fetch_add(&r.server->connections, 1);
	}
	if (server_enter(r.server)) {
		request_run(&r);
		server_leave(r.server);
	} else {
		fail(&e, FAULT_NETWORK, "the server is stopping");
		r.close = true;
		if (r.server->row.error)
			reply_error(&r, &e);
		else
			reply_refuse(&r, 503, &e);
	}
	status = r.status ? r.status : 500;
	request_close(&r);
	return status;
}

/* ---- civetweb's other callbacks ---- */

/* A head that could not be read: nothing of the request is known. */
static int
on_bad_head(struct mg_connection *conn, int status, const char *text)
{
	struct err e = ERR_INIT;
	struct request r;

	request_open(&r, conn, false);
	r.close = true;
	if (r.worker->head_status) {
		status = r.worker->head_status;
		text = r.worker->head_why;
	} else if (status == 400) {
		status = 408;
		text = "the request head did not arrive in time";
	}
	fail(&e, status == 431 ? FAULT_TOO_LARGE : FAULT_BAD_REQUEST, "%s",
		text);
	log_debug("%s: %d %s", r.peer, status, text);
	reply_refuse(&r, status, &e);
	request_linger(&r);
	r.ended = true;
	request_close(&r);
	return 0;
}

static void *
on_thread(const struct mg_context *web, int type)
{
	struct http_server *s = mg_get_user_data(web);
	struct http_worker *w;

	log_role(s->row.name);
	if (type != 1)
		return NULL;
	w = mem_alloc(sizeof(*w));
	w->server = s;
	w->fd = -1;
	pthread_mutex_lock(&s->lock);
	w->next = s->workers;
	s->workers = w;
	pthread_mutex_unlock(&s->lock);
	return w;
}

static void
on_thread_end(const struct mg_context *web, int type, void *worker)
{
	struct http_server *s = mg_get_user_data(web);
	struct http_worker *w = worker;

	if (type != 1)
		return;
	pthread_mutex_lock(&s->lock);
	for (struct http_worker **p = &s->workers; *p; p = &(*p)->next)
		if (*p == w) {
			*p = w->next;
			break;
		}
	pthread_mutex_unlock(&s->lock);
	mem_free(w);
}

static void
on_close(const struct mg_connection *conn)
{
	struct http_worker *w = mg_get_thread_pointer(conn);

	worker_fd(w, -1);
	if (w->counted)
		atomic_fetch_sub(&w->server->connections, 1);
	w->counted = false;
}

static int
on_message(const struct mg_connection *conn, const char *text)
{
	(void)conn;
	log_debug("civetweb: %s", text);
	return 1;
}

const struct mg_callbacks server_callbacks = {
	.begin_request = on_request,
	.log_message = on_message,
	.http_error = on_bad_head,
	.connection_close = on_close,
	.init_thread = on_thread,
	.exit_thread = on_thread_end,
};

/* ---- stopping ---- */

int
http_port(const struct http_server *s)
{
	return s->port;
}

void
http_set_tls(struct http_server *s, struct tls *t)
{
	struct tls *old;

	assert(s->tls && t);
	pthread_mutex_lock(&s->lock);
	old = s->tls;
	s->tls = tls_ref(t);
	pthread_mutex_unlock(&s->lock);
	tls_unref(&old);
}

static void
wait_for_handlers(struct http_server *s)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += DRAIN_SECONDS;
	pthread_mutex_lock(&s->lock);
	atomic_store(&s->stopping, true);
	while (s->running > 0)
		if (pthread_cond_timedwait(&s->idle, &s->lock, &until) ==
			ETIMEDOUT) {
			log_warning("%s: %d requests cut off after %d s",
				s->row.name, s->running, DRAIN_SECONDS);
			break;
		}
	pthread_mutex_unlock(&s->lock);
}

/* Wakes threads that wait for a peer: idle, in a handshake, or cut off. */
static void
close_connections(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	for (struct http_worker *w = s->workers; w; w = w->next)
		if (w->fd >= 0)
			shutdown(w->fd, SHUT_RDWR);
	pthread_mutex_unlock(&s->lock);
}

void
http_stop(struct http_server **server)
{
	struct http_server *s = *server;

	*server = NULL;
	if (!s)
		return;
	if (s->web) {
		wait_for_handlers(s);
		gate_stop(s->gate);
		close_connections(s);
		mg_stop(s->web);
	}
	listener_done(s);
}
