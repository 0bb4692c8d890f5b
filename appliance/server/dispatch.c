/* SPDX-License-Identifier: MIT */
/*
 * Choosing the provider's server and calling it. Rule:
 * interop/xroad-messages.md 2.9.
 */
#include "dispatch_int.h"

#include "err.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "proxy_int.h"
#include "tls.h"

/* A reference to the newest context, NULL before there is a certificate. */
static struct tls *
own_tls(struct server *s)
{
	struct tls *t;

	pthread_mutex_lock(&s->tls_lock);
	t = s->peer_client_tls ? tls_ref(s->peer_client_tls) : NULL;
	pthread_mutex_unlock(&s->tls_lock);
	return t;
}

static int
call(const struct dispatch *d, struct arena *a, const char *address, bool alone,
	struct err *e)
{
	const struct conf *conf = d->s->conf;
	struct peer_claim claim = { d->s, d->provider, address };
	int port = (int)conf_int(conf, P_SERVER_PORT);
	const char *host = peer_host(a, address);
	struct http_call c = d->call;
	struct http_answer answer;
	int ret;

	c.method = "POST";
	/* several candidates: Host is localhost (2.9) */
	c.url = arena_printf(
		a, "https://%s:%d/", alone ? host : "localhost", port);
	if (!alone)
		c.connect_to = arena_printf(a, "%s:%d", host, port);
	c.connect_timeout_ms = (int)conf_int(conf, P_CLIENT_TIMEOUT);
	c.total_timeout_ms = (int)conf_int(conf, P_CLIENT_HTTPCLIENT_TIMEOUT);
	c.judge = peer_judge;
	c.judge_ctx = &claim;
	c.pool_key = address;
	c.tls = own_tls(d->s);
	if (!c.tls)
		return fail(e, FAULT_SSL_AUTH,
			"this security server has no active authentication "
			"certificate");
	ret = http_call(d->s->http, a, &c, &answer, e);
	tls_unref(&c.tls);
	return ret;
}

int
dispatch_send(const struct dispatch *d, struct arena *a, struct err *e)
{
	const char *address[PEER_ADDRESSES_MAX];
	size_t n;
	int ret = -1;

	if (peer_addresses(d->g, a, d->provider, d->target, address, &n, e))
		return -1;
	for (size_t i = 0; i < n && ret && !*d->begun; i++) {
		err_reset(e);
		ret = call(d, a, address[i], n == 1, e);
		if (ret)
			log_warning(
				"security server %s: %s", address[i], e->text);
	}
	return ret;
}
