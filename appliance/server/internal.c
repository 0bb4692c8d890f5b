/* SPDX-License-Identifier: MIT */
/*
 * The internal TLS identity: the certificate by which information systems and
 * services know this server, kept in files, replaced while it is in use.
 * Rule: interop/xroad-messages.md 1.8, xroad-center-admin.md 5.4.
 */
#include "identity.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "server_int.h"
#include "tls.h"

static struct identity_plan
plan_of(const struct conf *c)
{
	return (struct identity_plan){ conf_text(c, P_DATA_DIR), "internal",
		conf_text(c, P_NODE_ADDRESS), KEY_RSA };
}

int
internal_tls(const struct conf *c, struct key **key, struct cert **cert,
	struct err *e)
{
	const struct identity_plan plan = plan_of(c);

	return identity_load(&plan, key, cert, e);
}

/* Calls that run keep the context they began with. */
static int
use(struct server *s, const struct identity *i, struct err *e)
{
	struct tls_options o = {
		.policy = TLS_SERVICE,
		.client_auth = TLS_AUTH_OPTIONAL,
		.key = i->key,
		.chain = { i->chain, i->n },
	};
	struct tls *door = NULL, *client = NULL, *old;

	if (tls_server_new(&door, &o, e))
		return -1;
	o.client_auth = TLS_AUTH_NONE;
	if (tls_client_new(&client, &o, e)) {
		tls_unref(&door);
		return -1;
	}
	pthread_mutex_lock(&s->tls_lock);
	old = s->service_tls;
	s->service_tls = client;
	pthread_mutex_unlock(&s->tls_lock);
	tls_unref(&old);
	if (s->is_https)
		http_set_tls(s->is_https, door);
	tls_unref(&s->is_tls);
	s->is_tls = door;
	return 0;
}

int
internal_open(struct server *s, struct err *e)
{
	const struct identity_plan plan = plan_of(s->conf);
	struct identity i;
	int ret;

	pthread_mutex_init(&s->internal_lock, NULL);
	if (identity_open(&plan, &i, e))
		return -1;
	ret = use(s, &i, e);
	identity_done(&i);
	return ret;
}

void
internal_close(struct server *s)
{
	tls_unref(&s->is_tls);
	tls_unref(&s->service_tls);
	pthread_mutex_destroy(&s->internal_lock);
}

/* certs empty: a new key. */
static int
change(struct server *s, struct bytes certs, struct err *e)
{
	const struct identity_plan plan = plan_of(s->conf);
	struct arena *a = arena_new();
	struct identity i;
	int ret;

	pthread_mutex_lock(&s->internal_lock);
	ret = certs.len ? identity_replace(&plan, certs, &i, e)
			: identity_renew(&plan, &i, e);
	if (!ret) {
		ret = use(s, &i, e);
		log_info("internal TLS certificate is now %s, number %s",
			cert_subject_text(i.chain[0], a),
			cert_serial_text(i.chain[0], a));
		identity_done(&i);
	}
	pthread_mutex_unlock(&s->internal_lock);
	arena_free(&a);
	return ret;
}

int
internal_renew(struct server *s, struct err *e)
{
	return change(s, (struct bytes){ 0 }, e);
}

int
internal_replace(struct server *s, struct bytes certs, struct err *e)
{
	if (!certs.len)
		return fail(e, FAULT_INVALID_MESSAGE, "no certificate");
	return change(s, certs, e);
}

static void
give_back(void *p)
{
	struct tls *t = p;

	tls_unref(&t);
}

struct tls *
service_tls(struct server *s, struct arena *a)
{
	struct tls *t;

	pthread_mutex_lock(&s->tls_lock);
	t = tls_ref(s->service_tls);
	pthread_mutex_unlock(&s->tls_lock);
	arena_defer(a, give_back, t);
	return t;
}
