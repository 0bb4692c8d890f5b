/* SPDX-License-Identifier: MIT */
/*
 * Starting a listener: address and limits as civetweb's options, and a clear
 * sentence when the port cannot be had.
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "gate_int.h"
#include "http_int.h"
#include "log.h"
#include "mem.h"
#include "rate_int.h"
#include "tls.h"

enum {
	TIMEOUT_MS = 30000,
	NUMBER_MAX = 16,
	ADDRESS_MAX = 80,
	ERROR_MAX = 256,
	WAITING_MAX = 5000,
	ADDRESS_SHARE = 75,
	FILES_FREE = 100,
};

struct option {
	const char *name;
	char value[ADDRESS_MAX];
};

static int
port_refused(const struct listener *l, int error, struct err *e)
{
	if (error == EADDRINUSE)
		return fail(e, FAULT_NETWORK,
			"%s: port %d of %s is in use; stop the program that "
			"has it or choose another port",
			l->name, l->port, l->address);
	if (error == EACCES)
		return fail(e, FAULT_NETWORK,
			"%s: no permission for port %d; ports below 1024 need "
			"root or CAP_NET_BIND_SERVICE, or choose a higher one",
			l->name, l->port);
	if (error == EADDRNOTAVAIL)
		return fail(e, FAULT_NETWORK,
			"%s: this machine has no address %s", l->name,
			l->address);
	return fail(e, FAULT_NETWORK, "%s: cannot listen on port %d of %s: %s",
		l->name, l->port, l->address, strerror(error));
}

/* Tries the address before civetweb does, because civetweb does not say why
   it failed. */
static int
port_try(const struct listener *l, struct err *e)
{
	struct addrinfo hint = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *ai = NULL;
	char port[NUMBER_MAX];
	int on = 1, off = 0, rc = 0, fd;

	snprintf(port, sizeof(port), "%d", l->port);
	if (getaddrinfo(l->address, port, &hint, &ai))
		return fail(e, FAULT_NETWORK, "%s: %s is not an IP address",
			l->name, l->address);
	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd >= 0 && ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY,
			str_equal(l->address, "::") ? &off : &on, sizeof(on));
	if (fd < 0 || bind(fd, ai->ai_addr, ai->ai_addrlen))
		rc = port_refused(l, errno, e);
	if (fd >= 0)
		close(fd);
	freeaddrinfo(ai);
	return rc;
}

static long
files_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur == RLIM_INFINITY)
		return INT_MAX;
	return r.rlim_cur > INT_MAX ? INT_MAX : (long)r.rlim_cur;
}

static struct http_server *
server_make(const struct listener *l)
{
	struct http_server *s = mem_alloc(sizeof(*s));
	pthread_condattr_t attr;

	s->row = *l;
	s->row.name = mem_dup(l->name);
	s->row.address = mem_dup(l->address);
	if (!l->idle_timeout_ms)
		s->row.idle_timeout_ms = TIMEOUT_MS;
	if (!l->read_timeout_ms)
		s->row.read_timeout_ms = TIMEOUT_MS;
	s->files_max =
		files_limit() - (l->files_free ? l->files_free : FILES_FREE);
	s->gate = gate_new(l->threads,
		l->address_share ? l->address_share : ADDRESS_SHARE,
		(size_t)(l->waiting_max ? l->waiting_max : WAITING_MAX),
		glue_queue_item());
	s->rate = rate_new(l->per_second, l->per_minute, clock_ticks);
	s->tls = l->tls ? tls_ref(l->tls) : NULL;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->idle, &attr);
	pthread_condattr_destroy(&attr);
	return s;
}

static void
unserved(const void *item)
{
	close(glue_queue_socket(item));
}

void
listener_done(struct http_server *s)
{
	gate_free(&s->gate, unserved);
	rate_free(&s->rate);
	while (s->spares)
		arena_free(&s->spare[--s->spares]);
	if (s->tls)
		tls_unref(&s->tls);
	pthread_cond_destroy(&s->idle);
	pthread_mutex_destroy(&s->lock);
	mem_free((void *)(uintptr_t)s->row.name);
	mem_free((void *)(uintptr_t)s->row.address);
	mem_free(s);
}

/* "127.0.0.1:80", "[::1]:443s", "+80" for both families. */
static void
ports_text(const struct listener *l, char *out, size_t max)
{
	const char *tls = l->tls ? "s" : "";

	if (str_equal(l->address, "::"))
		snprintf(out, max, "+%d%s", l->port, tls);
	else if (strchr(l->address, ':'))
		snprintf(out, max, "[%s]:%d%s", l->address, l->port, tls);
	else
		snprintf(out, max, "%s:%d%s", l->address, l->port, tls);
}

/* civetweb's start has state of its own: one at a time. */
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;

static int
web_start(struct http_server *s, struct err *e)
{
	struct option o[] = {
		{ "listening_ports", "" },
		{ "num_threads", "" },
		{ "request_timeout_ms", "" },
		{ "keep_alive_timeout_ms", "" },
		{ "max_request_size", "" },
		{ "enable_keep_alive", "yes" },
		{ "tcp_nodelay", "1" },
		{ "decode_url", "no" },
		{ "enable_auth_domain_check", "no" },
	};
	const int number[] = { 0, s->row.threads, s->row.read_timeout_ms,
		s->row.idle_timeout_ms, HTTP_HEADER_SIZE_MAX };
	const char *list[2 * sizeof(o) / sizeof(*o) + 1] = { NULL };
	char text[ERROR_MAX];
	struct mg_error_data error = { .text = text,
		.text_buffer_size = sizeof(text) };
	struct mg_init_data init = { .callbacks = &server_callbacks,
		.user_data = s,
		.configuration_options = list };

	ports_text(&s->row, o[0].value, sizeof(o[0].value));
	for (size_t i = 1; i < sizeof(number) / sizeof(*number); i++)
		snprintf(o[i].value, sizeof(o[i].value), "%d", number[i]);
	for (size_t i = 0; i < sizeof(o) / sizeof(*o); i++) {
		list[2 * i] = o[i].name;
		list[2 * i + 1] = o[i].value;
	}
	pthread_mutex_lock(&starting);
	s->web = mg_start2(&init, &error);
	pthread_mutex_unlock(&starting);
	if (!s->web)
		return fail(e, FAULT_NETWORK,
			"%s: cannot listen on port %d of %s: %s", s->row.name,
			s->row.port, s->row.address, text);
	return 0;
}

int
http_serve(struct http_server **out, const struct listener *l, struct err *e)
{
	struct mg_server_port port;
	struct http_server *s;
	sigset_t all, old;
	int rc;

	assert(l->threads > 0 && l->routes);
	*out = NULL;
	if (port_try(l, e))
		return -1;
	s = server_make(l);
	sigfillset(&all); /* signals are for the main thread */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = web_start(s, e);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc) {
		listener_done(s);
		return -1;
	}
	s->port = mg_get_server_ports(s->web, 1, &port) == 1 ? port.port
							     : l->port;
	*out = s;
	return 0;
}
