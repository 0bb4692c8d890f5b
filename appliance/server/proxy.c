/* SPDX-License-Identifier: MIT */
/*
 * The message path's listeners: 8080 and 8443 for information systems, 5500
 * for other security servers. The latter opens once this server has an active
 * authentication certificate. Rule: interop/xroad-messages.md section 0, 2.1.
 */
#include "proxy_int.h"

#include <string.h>

#include "dispatch_int.h"
#include "http_client.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "messagelog_int.h"
#include "param.h"
#include "text.h"
#include "tls.h"
#include "version.h"

/* The limit of a body is a parameter; see limited(). */
#define ROUTE_BODY_MAX ((size_t)INT64_MAX)

static const struct route is_routes[] = {
	{ "*", "/r1/*", ROUTE_BODY_MAX, 0, client_rest },
	{ "GET", "/asic", 0, 0, asic_download },
	{ "GET", "/verificationconf", 0, 0, verificationconf_download },
	{ "GET", "/listClients", 0, 0, client_list },
	{ "*", "*", ROUTE_BODY_MAX, 0, client_soap },
	{ NULL, NULL, 0, 0, NULL },
};

static const struct route peer_routes[] = {
	{ "*", "*", ROUTE_BODY_MAX, 0, provider_message },
	{ NULL, NULL, 0, 0, NULL },
};

/* Route tables with this configuration's body limit; `extra` is what may
   travel around the body. */
static const struct route *
limited(struct server *s, const struct route *rows, size_t n, size_t extra)
{
	size_t max = (size_t)conf_int(s->conf, P_MAX_BODY) + extra;
	struct route *copy = arena_memdup(s->arena, rows, n * sizeof(*rows));

	for (size_t i = 0; i < n; i++)
		if (copy[i].body_max > max)
			copy[i].body_max = max;
	return copy;
}

void
message_prefix(struct err *e, const char *prefix)
{
	static const char ours[] = "bad_request", theirs[] = "internal_error";
	size_t n = strlen(e->code), cut = sizeof(ours) - 1;

	if (!e->foreign && e->fault == FAULT_BAD_REQUEST && n >= cut &&
		n - cut + sizeof(theirs) <= sizeof(e->code) &&
		str_equal(e->code + n - cut, ours))
		memcpy(e->code + n - cut, theirs, sizeof(theirs));
	err_prefix(e, prefix);
}

void
reading_prefix(struct err *e)
{
	static const enum fault bare[] = { FAULT_MISSING_SOAP,
		FAULT_MISSING_REST, FAULT_MISSING_SIGNATURE, FAULT_MIME_PARSING,
		FAULT_LOGGING_FAILED };

	for (size_t i = 0; i < sizeof(bare) / sizeof(*bare); i++)
		if (e->fault == bare[i])
			return;
	err_prefix(e, "service_failed");
}

void
rest_unreadable(struct err *e)
{
	struct err cause = *e;

	if (cause.fault != FAULT_INVALID_MESSAGE && cause.fault != FAULT_LIMIT)
		return;
	err_reset(e);
	fail(e, FAULT_INTERNAL, "%s", cause.text);
}

/* What the listener itself refuses (too large, a broken head) has the form of
   the protocol too. */
static void
fault_reply(struct request *r, const struct err *fault, const char *prefix)
{
	struct err e = *fault;
	struct buf body;

	err_prefix(&e, prefix);
	log_fault("request refused", &e);
	buf_init(&body, ANSWER_HEAD_MAX);
	soap_fault_write(&e, &body);
	(void)reply_send(
		r, 200, "text/xml;charset=utf-8", bytes_buf(&body), NULL);
	buf_done(&body);
}

static void
is_error(struct request *r, const struct err *fault, void *state)
{
	(void)state;
	if (str_prefix(request_path(r), "/r1/"))
		client_rest_refuse(r, fault);
	else
		fault_reply(r, fault, "client");
}

static void
peer_error(struct request *r, const struct err *fault, void *state)
{
	(void)state;
	fault_reply(r, fault, "server.serverproxy");
}

static void
against_floods(const struct conf *c, struct listener *l)
{
	l->address_share = conf_bool(c, P_DOS_ENABLED)
				   ? (int)conf_int(c, P_DOS_SHARE)
				   : 100;
	l->waiting_max = (int)conf_int(c, P_DOS_WAITING);
	l->files_free = (int)conf_int(c, P_DOS_FILES);
}

static int
listen_is(struct server *s, struct tls *tls, enum param_id port,
	struct http_server **out, struct err *e)
{
	struct listener l = {
		.name = tls ? "information systems (https)"
			    : "information systems",
		.address = conf_text(s->conf, P_CONNECTOR_HOST),
		.port = (int)conf_int(s->conf, port),
		.tls = tls,
		.threads = (int)conf_int(s->conf, P_CLIENT_THREADS),
		.idle_timeout_ms = (int)conf_int(s->conf, P_CLIENT_IDLE),
		.read_timeout_ms = (int)conf_int(s->conf, P_CLIENT_FIRST_IDLE),
		.routes = limited(s, is_routes,
			sizeof(is_routes) / sizeof(*is_routes), 0),
		.error = is_error,
		.state = s,
	};

	if (!l.port)
		return 0;
	against_floods(s->conf, &l);
	return http_serve(out, &l, e);
}

static int
listen_peer(struct server *s, struct err *e)
{
	struct listener l = {
		.name = "security servers",
		.address = conf_text(s->conf, P_SERVER_LISTEN_ADDRESS),
		.port = (int)conf_int(s->conf, P_SERVER_LISTEN_PORT),
		.tls = s->peer_tls,
		.threads = (int)conf_int(s->conf, P_SERVER_THREADS),
		.idle_timeout_ms = (int)conf_int(s->conf, P_SERVER_IDLE),
		.read_timeout_ms = (int)conf_int(s->conf, P_SERVER_FIRST_IDLE),
		.one_request = !conf_bool(s->conf, P_POOL_ACCEPT),
		.routes = limited(s, peer_routes,
			sizeof(peer_routes) / sizeof(*peer_routes), WIRE_EXTRA),
		.error = peer_error,
		.state = s,
		.lower_case_headers = true,
	};

	against_floods(s->conf, &l);
	return http_serve(&s->peer, &l, e);
}

static int
make_peer_tls(struct server *s, const struct auth_identity *own,
	struct cert_list cas, struct tls **server, struct tls **client,
	struct err *e)
{
	struct tls_options o = {
		.policy = TLS_PEER,
		.client_auth = TLS_AUTH_REQUIRED,
		.key = own->key,
		.chain = { own->chain, own->n },
		.ca_names = cas,
		.judge = peer_known,
		.judge_ctx = s,
	};

	if (tls_server_new(server, &o, e))
		return -1;
	o.client_auth = TLS_AUTH_NONE;
	o.judge = NULL; /* every call brings its own */
	return tls_client_new(client, &o, e);
}

int
proxy_reload_tls(struct server *s, struct err *e)
{
	struct arena *a = arena_new();
	struct globalconf *g = NULL;
	struct auth_identity own;
	struct tls *server = NULL, *client = NULL, *old;
	int ret = -1;

	if (confclient_get(s->confclient, &g, e) ||
		keyconf_auth(s->keys, s->ocsp, g, a, &own, e) ||
		make_peer_tls(s, &own, globalconf_ca_certs(g, a, NULL), &server,
			&client, e))
		goto out;
	pthread_mutex_lock(&s->tls_lock);
	old = s->peer_client_tls;
	s->peer_client_tls = client;
	client = old;
	pthread_mutex_unlock(&s->tls_lock);
	tls_unref(&s->peer_tls);
	s->peer_tls = tls_ref(server);
	if (s->peer)
		http_set_tls(s->peer, server);
	else if (listen_peer(s, e))
		goto out;
	ret = 0;
out:
	tls_unref(&server);
	tls_unref(&client);
	globalconf_unref(&g);
	arena_free(&a);
	return ret;
}

int
proxy_start(struct server *s, struct err *e)
{
	const char *min = conf_text(s->conf, P_MIN_CLIENT_VERSION);

	if (*min && !version_valid(min))
		return fail(e, FAULT_CONFIG,
			"server-min-supported-client-version: %s is no version "
			"such as 7.6.0",
			min);
	s->arena = arena_new();
	s->favourites = favourites_new();
	pthread_mutex_init(&s->tls_lock, NULL);
	if (internal_open(s, e) ||
		listen_is(s, NULL, P_CLIENT_HTTP_PORT, &s->is_http, e) ||
		listen_is(s, s->is_tls, P_CLIENT_HTTPS_PORT, &s->is_https, e))
		return -1;
	return 0;
}

void
proxy_stop(struct server *s)
{
	http_stop(&s->peer);
	http_stop(&s->is_https);
	http_stop(&s->is_http);
	tls_unref(&s->peer_tls);
	tls_unref(&s->peer_client_tls);
	favourites_free(&s->favourites);
	if (s->arena) {
		internal_close(s);
		pthread_mutex_destroy(&s->tls_lock);
	}
	arena_free(&s->arena);
}
