/* SPDX-License-Identifier: MIT */
/*
 * TLS connections over a socket: hand-shake, reading and writing with
 * time-outs. The socket's blocking mode is left alone.
 */
#include "tls_int.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <mbedtls/error.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "text.h"

struct tls_conn {
	struct tls *tls;
	int fd;
	mbedtls_ssl_context ssl;
	struct err verdict;
	struct tls_peer_seen seen;
	bool broken; /* no close_notify any more */
};

static int
bio_send(void *ctx, const unsigned char *p, size_t n)
{
	const struct tls_conn *c = ctx;
	ssize_t rc = send(c->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (rc >= 0)
		return (int)rc;
	return errno == EAGAIN || errno == EINTR ? MBEDTLS_ERR_SSL_WANT_WRITE
						 : MBEDTLS_ERR_SSL_CONN_EOF;
}

static int
bio_recv(void *ctx, unsigned char *p, size_t n)
{
	const struct tls_conn *c = ctx;
	ssize_t rc = recv(c->fd, p, n, MSG_DONTWAIT);
	if (rc > 0)
		return (int)rc;
	if (rc < 0 && (errno == EAGAIN || errno == EINTR))
		return MBEDTLS_ERR_SSL_WANT_READ;
	return MBEDTLS_ERR_SSL_CONN_EOF;
}

static int
conn_verify(void *ctx, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
	struct tls_conn *c = ctx;
	*flags = 0;
	tls_lift_usage(crt);
	return depth > 0 || c->seen.peers ? 0 : tls_judge_peer(&c->seen, crt);
}

/* Waits until the library can go on after `rc`. 0, or -1 on time-out, error
   or a code that means neither. */
static int
wait_for(const struct tls_conn *c, int rc, int64_t deadline)
{
	struct pollfd p = { .fd = c->fd };
	if (rc == MBEDTLS_ERR_SSL_WANT_READ)
		p.events = POLLIN;
	else if (rc == MBEDTLS_ERR_SSL_WANT_WRITE)
		p.events = POLLOUT;
	else
		return -1;
	for (;;) {
		int64_t left = deadline < 0 ? -1 : deadline - clock_ticks();
		if (deadline >= 0 && left <= 0)
			return -1;
		int n = poll(&p, 1, left > 1 << 30 ? 1 << 30 : (int)left);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -1;
	}
}

static int64_t
deadline_in(int timeout_ms)
{
	return timeout_ms < 0 ? -1 : clock_ticks() + timeout_ms;
}

static bool
again(int rc)
{
	return rc == MBEDTLS_ERR_SSL_WANT_READ ||
	       rc == MBEDTLS_ERR_SSL_WANT_WRITE ||
	       rc == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
}

static int
shake(struct tls_conn *c, struct err *e)
{
	int64_t deadline = deadline_in(c->tls->handshake_timeout_ms);
	char text[160];
	int rc;
	while ((rc = mbedtls_ssl_handshake(&c->ssl)) != 0) {
		if (!again(rc))
			break;
		if (wait_for(c, rc, deadline))
			return fail(
				e, FAULT_NETWORK, "TLS handshake: time-out");
	}
	if (rc == 0)
		return 0;
	c->broken = true;
	if (err_set(&c->verdict))
		return fail(e, c->verdict.fault, "%s", c->verdict.text);
	return fail(e, FAULT_NETWORK, "TLS handshake failed: %s",
		trust_error(rc, text, sizeof text));
}

static int
conn_open(struct tls_conn **out, struct tls *t, int fd, const char *name,
	struct err *e)
{
	struct tls_conn *c = mem_alloc(sizeof *c);
	c->tls = tls_ref(t);
	c->fd = fd;
	c->seen.judge = t->judge;
	c->seen.judge_ctx = t->judge_ctx;
	c->seen.e = &c->verdict;
	mbedtls_ssl_init(&c->ssl);
	if (mbedtls_ssl_setup(&c->ssl, &t->conf) ||
		(!t->server && mbedtls_ssl_set_hostname(&c->ssl, name))) {
		fail(e, FAULT_INTERNAL, "TLS connection cannot be set up");
		c->broken = true;
		goto out;
	}
	mbedtls_ssl_set_verify(&c->ssl, conn_verify, c);
	mbedtls_ssl_set_bio(&c->ssl, c, bio_send, bio_recv, NULL);
	if (shake(c, e))
		goto out;
	*out = c;
	return 0;
out:
	tls_close(&c);
	return -1;
}

int
tls_accept(struct tls_conn **out, struct tls *t, int fd, struct err *e)
{
	return conn_open(out, t, fd, NULL, e);
}

int
tls_connect(struct tls_conn **out, struct tls *t, int fd,
	const char *server_name, struct err *e)
{
	return conn_open(out, t, fd, server_name, e);
}

int
tls_read(struct tls_conn *c, void *p, size_t n, int timeout_ms)
{
	int64_t deadline = deadline_in(timeout_ms);
	if (c->broken || n == 0)
		return -1;
	for (;;) {
		int rc = mbedtls_ssl_read(&c->ssl, p, n);
		if (rc > 0)
			return rc;
		if (rc == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
			return 0;
		if (rc == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
			continue;
		if (again(rc)) {
			if (wait_for(c, rc, deadline))
				return -1;
			continue;
		}
		c->broken = true;
		return rc == 0 || rc == MBEDTLS_ERR_SSL_CONN_EOF ? 0 : -1;
	}
}

int
tls_write(struct tls_conn *c, const void *p, size_t n, int timeout_ms)
{
	int64_t deadline = deadline_in(timeout_ms);
	if (c->broken)
		return -1;
	for (;;) {
		int rc = mbedtls_ssl_write(&c->ssl, p, n);
		if (rc >= 0)
			return rc;
		if (rc == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
			continue;
		if (again(rc) && wait_for(c, rc, deadline) == 0)
			continue;
		/* the record stands half written: nothing can follow it */
		c->broken = true;
		return -1;
	}
}

bool
tls_pending(const struct tls_conn *c)
{
	return mbedtls_ssl_check_pending(&c->ssl) != 0;
}

bool
tls_alive(const struct tls_conn *c)
{
	return !c->broken;
}

void
tls_close(struct tls_conn **cp)
{
	struct tls_conn *c = *cp;
	*cp = NULL;
	if (!c)
		return;
	if (!c->broken)
		mbedtls_ssl_close_notify(&c->ssl);
	mbedtls_ssl_free(&c->ssl);
	for (size_t i = 0; i < c->seen.peers; i++)
		cert_unref(&c->seen.peer[i]);
	tls_unref(&c->tls);
	mem_free(c);
}

struct cert_list
tls_peer(const struct tls_conn *c)
{
	return (struct cert_list){ c->seen.peer, c->seen.peers };
}

const char *
tls_version(const struct tls_conn *c)
{
	return mbedtls_ssl_get_version(&c->ssl);
}
