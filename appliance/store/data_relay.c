/* SPDX-License-Identifier: MIT */
/*
 * The relay between libpq's Unix socket and a PostgreSQL server with TLS. One
 * thread accepts, each connection has one of its own.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bundle.h"
#include "data_dial_int.h"
#include "data_relay_int.h"
#include "err.h"
#include "file.h"
#include "job.h"
#include "mem.h"
#include "tls.h"

enum {
	PIPES_MAX = 2 * DATA_POOL_MOST + 8, /* connections and cancels */
	CHUNK = 16 * 1024,
	WRITE_MS = 60000,
	DIR_MAX = 40,
	GREETING_MAX = 512,
};

/* One connection. */
struct pipe_pair {
	struct relay *relay;
	struct worker *worker;
	int client, server;
	struct tls_conn *tls;
	bool open; /* the server's first message went on */
	struct buf greeting;
	atomic_bool done;
};

struct relay {
	const struct datasource_config *config;
	int port;
	char dir[DIR_MAX];
	struct bundle *roots;
	struct tls *tls;
	struct worker *worker;
	int listener;
	atomic_bool stopping;
	pthread_mutex_t lock; /* guards failure and the sockets' closing */
	struct err failure;
	struct pipe_pair pair[PIPES_MAX]; /* relay NULL: free */
};

static int
judge(void *ctx, struct cert_list chain, struct err *e)
{
	const struct relay *r = ctx;
	bool full = r->config->tls == DATA_TLS_FULL;

	return bundle_verify(r->roots, chain, full ? r->config->host : NULL, e);
}

static void
note_failure(struct relay *r, const struct err *why)
{
	pthread_mutex_lock(&r->lock);
	r->failure = *why;
	pthread_mutex_unlock(&r->lock);
}

void
relay_failure(struct relay *r, struct err *e)
{
	pthread_mutex_lock(&r->lock);
	if (err_set(&r->failure)) {
		err_reset(e);
		fail(e, FAULT_DATA_GONE, "%s", r->failure.text);
		err_reset(&r->failure);
	}
	pthread_mutex_unlock(&r->lock);
}

/* The manual, "SSL Session Encryption": Int32 8, Int32 80877103; one byte
   comes back. */
static int
ask_for_tls(int fd, int timeout_ms, struct err *e)
{
	static const unsigned char request[] = { 0, 0, 0, 8, 4, 210, 22, 47 };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char answer = 0;

	if (send(fd, request, sizeof(request), MSG_NOSIGNAL) !=
		(ssize_t)sizeof(request))
		return fail(e, FAULT_NETWORK, "the server does not listen");
	if (poll(&p, 1, timeout_ms) <= 0 || recv(fd, &answer, 1, 0) != 1)
		return fail(e, FAULT_NETWORK,
			"the server does not answer the wish for TLS");
	if (answer != 'S')
		return fail(e, FAULT_NETWORK, "the server offers no TLS");
	return 0;
}

static int
pair_connect(struct pipe_pair *p, struct err *e)
{
	struct relay *r = p->relay;
	const struct datasource_config *c = r->config;
	int fd;

	if (data_dial(&fd, c->host, r->port, c->connect_ms, e))
		return -1;
	pthread_mutex_lock(&r->lock);
	p->server = fd;
	pthread_mutex_unlock(&r->lock);
	if (ask_for_tls(fd, c->connect_ms, e))
		return -1;
	return tls_connect(&p->tls, r->tls, fd,
		data_dial_is_name(c->host) ? c->host : NULL, e);
}

static bool
to_server(struct pipe_pair *p, char *block)
{
	ssize_t n = recv(p->client, block, CHUNK, 0);
	size_t at = 0;

	while (n > 0 && at < (size_t)n) {
		int sent =
			tls_write(p->tls, block + at, (size_t)n - at, WRITE_MS);

		if (sent <= 0)
			return false;
		at += (size_t)sent;
	}
	return n > 0;
}

static bool
send_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

static size_t
read_length(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (size_t)u[0] << 24 | (size_t)u[1] << 16 | (size_t)u[2] << 8 |
	       u[3];
}

/* AuthenticationSASL (Byte1 'R', Int32 length, Int32 10, names): the name of
   the mechanism that is bound to TLS is taken out, because libpq sees no TLS
   and would call it an attack. Returns the bytes that are left of n. */
static size_t
without_binding(char *p, size_t n, size_t message)
{
	static const char name[] = "SCRAM-SHA-256-PLUS";
	char *at;

	if (*p != 'R' || message < 9 || read_length(p + 5) != 10)
		return n;
	at = memmem(p + 9, message - 9, name, sizeof(name));
	if (!at)
		return n;
	memmove(at, at + sizeof(name), n - (size_t)(at - p) - sizeof(name));
	message -= sizeof(name) + 1;
	p[3] = (char)(message >> 8);
	p[4] = (char)message;
	return n - sizeof(name);
}

/* The server's first message is kept until it is whole. */
static bool
greet(struct pipe_pair *p, const char *block, size_t n)
{
	struct buf *b = &p->greeting;
	size_t message;

	buf_add(b, block, n);
	if (b->over)
		return false; /* no greeting is so long */
	if (b->len < 5)
		return true;
	message = read_length(b->data + 1) + 1;
	if (*b->data == 'R' && message <= GREETING_MAX) {
		if (b->len < message)
			return true;
		b->len = without_binding(b->data, b->len, message);
	}
	p->open = true;
	return send_all(p->client, b->data, b->len);
}

/* What came may be TLS's own business: then nothing goes on. */
static bool
to_client(struct pipe_pair *p, char *block)
{
	int n = tls_read(p->tls, block, CHUNK, 0);

	if (n <= 0)
		return n < 0 && tls_alive(p->tls);
	return p->open ? send_all(p->client, block, (size_t)n)
		       : greet(p, block, (size_t)n);
}

static void
pump(struct pipe_pair *p)
{
	char *block = mem_alloc(CHUNK);
	struct pollfd fd[2] = { { .fd = p->client, .events = POLLIN },
		{ .fd = p->server, .events = POLLIN } };

	for (;;) {
		bool more = tls_pending(p->tls);

		if (poll(fd, 2, more ? 0 : -1) < 0 && errno != EINTR)
			break;
		if (atomic_load(&p->relay->stopping))
			break;
		if ((more || fd[1].revents) && !to_client(p, block))
			break;
		if (fd[0].revents && !to_server(p, block))
			break;
	}
	mem_free(block);
}

static void
pair_run(void *ctx)
{
	struct pipe_pair *p = ctx;
	struct relay *r = p->relay;
	struct err why = ERR_INIT;

	if (pair_connect(p, &why))
		note_failure(r, &why);
	else
		pump(p);
	tls_close(&p->tls);
	buf_done(&p->greeting);
	pthread_mutex_lock(&r->lock);
	close(p->client);
	if (p->server >= 0)
		close(p->server);
	p->client = p->server = -1;
	pthread_mutex_unlock(&r->lock);
	atomic_store(&p->done, true);
}

/* A free place; those whose connection has ended are free. */
static struct pipe_pair *
pair_find(struct relay *r)
{
	for (size_t i = 0; i < PIPES_MAX; i++) {
		struct pipe_pair *p = &r->pair[i];

		if (p->relay && atomic_load(&p->done)) {
			worker_join(&p->worker);
			p->relay = NULL;
		}
		if (!p->relay)
			return p;
	}
	return NULL;
}

/* Only this process may use it. */
static bool
is_ours(int fd)
{
	struct ucred who;
	socklen_t n = sizeof(who);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) &&
	       who.pid == getpid();
}

static void
pair_set(struct pipe_pair *p, struct relay *r, int fd)
{
	p->relay = r;
	p->worker = NULL;
	p->client = fd;
	p->server = -1;
	p->tls = NULL;
	p->open = false;
	buf_init(&p->greeting, CHUNK + GREETING_MAX);
	atomic_store(&p->done, false);
}

static void
accept_all(void *ctx)
{
	struct relay *r = ctx;
	int fd;

	while ((fd = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0 ||
		errno == EINTR || errno == ECONNABORTED) {
		struct pipe_pair *p = fd >= 0 ? pair_find(r) : NULL;

		if (!p || atomic_load(&r->stopping) || !is_ours(fd)) {
			if (fd >= 0)
				close(fd);
			if (atomic_load(&r->stopping))
				break;
			continue;
		}
		pair_set(p, r, fd);
		if (worker_start(&p->worker, "relay", pair_run, p, NULL)) {
			close(fd);
			buf_done(&p->greeting);
			p->relay = NULL;
		}
	}
}

static int
listen_open(struct relay *r, struct err *e)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	snprintf(r->dir, sizeof(r->dir), "/tmp/machilink-relay-XXXXXX");
	if (!mkdtemp(r->dir)) {
		r->dir[0] = '\0';
		return fail(e, FAULT_IO, "no directory for the relay: %s",
			strerror(errno));
	}
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/.s.PGSQL.%d", r->dir,
		r->port);
	r->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (r->listener < 0 ||
		bind(r->listener, (struct sockaddr *)&sa, sizeof(sa)) ||
		listen(r->listener, DATA_POOL_MOST))
		return fail(e, FAULT_IO, "no socket for the relay: %s",
			strerror(errno));
	return 0;
}

/* The file named, else the first that the system has. */
static int
roots_open(struct relay *r, struct err *e)
{
	static const char *const usual[] = {
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem", NULL
	};

	if (r->config->ca_file)
		return bundle_open(&r->roots, r->config->ca_file, e);
	for (size_t i = 0; usual[i]; i++)
		if (!bundle_open(&r->roots, usual[i], NULL))
			return 0;
	return fail(e, FAULT_CONFIG,
		"data source \"%.100s\": there are no authorities to verify "
		"the server's certificate with; name their file",
		r->config->name);
}

int
relay_open(struct relay **out, const struct datasource_config *config, int port,
	struct err *e)
{
	struct relay *r = mem_alloc(sizeof(*r));
	struct tls_options o = { .policy = TLS_SERVICE,
		.judge = judge,
		.judge_ctx = r,
		.handshake_timeout_ms = config->connect_ms };

	r->config = config;
	r->port = port;
	r->listener = -1;
	pthread_mutex_init(&r->lock, NULL);
	if (roots_open(r, e) || tls_client_new(&r->tls, &o, e) ||
		listen_open(r, e) ||
		worker_start(&r->worker, "relay", accept_all, r, e)) {
		relay_close(&r);
		return -1;
	}
	*out = r;
	return 0;
}

/* Wakes every thread; they close their sockets themselves. */
static void
cut_all(struct relay *r)
{
	atomic_store(&r->stopping, true);
	if (r->listener >= 0)
		shutdown(r->listener, SHUT_RDWR);
	if (r->worker)
		worker_join(&r->worker);
	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < PIPES_MAX; i++) {
		struct pipe_pair *p = &r->pair[i];

		if (!p->relay || atomic_load(&p->done))
			continue;
		if (p->client >= 0)
			shutdown(p->client, SHUT_RDWR);
		if (p->server >= 0)
			shutdown(p->server, SHUT_RDWR);
	}
	pthread_mutex_unlock(&r->lock);
}

void
relay_close(struct relay **out)
{
	struct relay *r = *out;

	if (!r)
		return;
	cut_all(r);
	for (size_t i = 0; i < PIPES_MAX; i++)
		if (r->pair[i].relay)
			worker_join(&r->pair[i].worker);
	if (r->listener >= 0)
		close(r->listener);
	if (*r->dir)
		dir_remove(r->dir, NULL);
	tls_unref(&r->tls);
	bundle_close(&r->roots);
	pthread_mutex_destroy(&r->lock);
	mem_free(r);
	*out = NULL;
}

const char *
relay_dir(const struct relay *r)
{
	return r->dir;
}
