/* SPDX-License-Identifier: MIT */
/*
 * The other security server: where it is and whether it is the one. Identity
 * comes from the global configuration alone, never from host names. Rule:
 * interop/xroad-messages.md 2.2, 2.9.
 */
#include "proxy_int.h"

#include <string.h>

#include "clock.h"
#include "mem.h"
#include "text.h"

/* The servers that host the provider, or just the one addressed. */
static int
candidates(const struct globalconf *g, struct arena *a,
	const struct client_id *provider, const struct server_id *target,
	const struct gc_server *out[PEER_ADDRESSES_MAX], size_t *n,
	struct err *e)
{
	const struct gc_server *one;

	*n = globalconf_servers_of(g, provider, out, PEER_ADDRESSES_MAX);
	if (*n > PEER_ADDRESSES_MAX)
		*n = PEER_ADDRESSES_MAX;
	if (!*n)
		return fail(e, FAULT_UNKNOWN_MEMBER,
			"Could not find addresses for service provider \"%s\"",
			client_id_text(a, provider));
	if (!target)
		return 0;
	one = globalconf_server(g, target);
	for (size_t i = 0; i < *n && one; i++)
		if (out[i] == one) {
			out[0] = one;
			*n = 1;
			return 0;
		}
	return fail(e, FAULT_INVALID_SECURITY_SERVER,
		"the provider is not registered at security server \"%s\"",
		server_id_text(a, target));
}

/* The server is named by its identifier where the caller named it so, else by
   its address alone; X-Road's words. */
static int
in_maintenance(struct arena *a, const struct gc_server *s, bool targeted,
	struct err *e)
{
	const char *id = server_id_text(a, &s->id);
	const char *address = s->address ? s->address : "";
	const char *text = s->maintenance_text ? s->maintenance_text : "";
	const char *named = targeted ? arena_printf(a, " \"%s\"", id) : "";
	const char *where =
		*address ? arena_printf(a, " with address \"%s\"", address)
			 : "";
	const char *said = "";

	if (*text)
		said = arena_printf(a,
			". Message from \"%s\" administrator: %s",
			targeted ? id : address, text);
	return fail(e, FAULT_MAINTENANCE_MODE,
		"Security server%s%s is in maintenance mode%s", named, where,
		said);
}

static void
shuffle(const char **item, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		uint32_t pick;
		const char *t = item[i - 1];

		random_bytes(&pick, sizeof(pick));
		pick %= (uint32_t)i;
		item[i - 1] = item[pick];
		item[pick] = t;
	}
}

int
peer_addresses(const struct globalconf *g, struct arena *a,
	const struct client_id *provider, const struct server_id *target,
	const char *out[PEER_ADDRESSES_MAX], size_t *n, struct err *e)
{
	const struct gc_server *server[PEER_ADDRESSES_MAX];
	const struct gc_server *resting = NULL;
	size_t servers;

	*n = 0;
	if (candidates(g, a, provider, target, server, &servers, e))
		return -1;
	for (size_t i = 0; i < servers; i++) {
		if (server[i]->maintenance)
			resting = resting ? resting : server[i];
		else if (server[i]->address && *server[i]->address)
			out[(*n)++] = arena_strdup(a, server[i]->address);
	}
	shuffle(out, *n);
	if (*n)
		return 0;
	if (resting)
		return in_maintenance(a, resting, target != NULL, e);
	return fail(e, FAULT_UNKNOWN_MEMBER,
		"Could not find suitable address for service provider \"%s\"",
		client_id_text(a, provider));
}

const char *
peer_host(struct arena *a, const char *address)
{
	if (!strchr(address, ':') || *address == '[')
		return address;
	return arena_printf(a, "[%s]", address);
}

/* Responses out of the store for these certificates. */
static size_t
stored_ocsp(struct ocspstore *o, struct arena *a, struct cert *const *path,
	size_t n, struct bytes *out)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		if (!ocspstore_of(o, a, path[i], &out[found], NULL))
			found++;
	return found;
}

/* With what the store has about the certificates presented, which is all of
   them in most networks and needs no path before it is known to be good; then
   about the whole path; once more after asking the peer on port 5577. */
static int
prove(const struct peer_claim *c, const struct globalconf *g, struct arena *a,
	struct cert_list chain, struct err *e)
{
	struct cert_list extra = { chain.item + 1, chain.n - 1 };
	struct cert *path[CHAIN_MAX];
	struct bytes ocsp[CHAIN_MAX];
	int64_t now = clock_now();
	size_t n = chain.n < CHAIN_MAX ? chain.n : CHAIN_MAX, found;

	found = stored_ocsp(c->s->ocsp, a, chain.item, n, ocsp);
	if (!globalconf_prove_peer(g, c->client, chain, ocsp, found, now, NULL))
		return 0;
	if (globalconf_path(g, c->client->instance, chain.item[0], extra, now,
		    path, &n, e))
		return -1;
	found = stored_ocsp(c->s->ocsp, a, path, n - 1, ocsp);
	if (!globalconf_prove_peer(g, c->client, chain, ocsp, found, now, NULL))
		return 0;
	if (ocsp_fetch_peer(c->s->ocsp, c->s->conf, c->s->http, *c->address,
		    (struct cert_list){ path, n - 1 }, e))
		return -1;
	found = stored_ocsp(c->s->ocsp, a, path, n - 1, ocsp);
	return globalconf_prove_peer(g, c->client, chain, ocsp, found, now, e);
}

int
peer_judge(void *claim, struct cert_list chain, struct err *e)
{
	const struct peer_claim *c = claim;
	struct arena *a = arena_new();
	struct globalconf *g = NULL;
	struct err cause = ERR_INIT;
	int ret = 0;

	if (!chain.n)
		ret = fail(e, FAULT_SSL_AUTH, "%s presented no certificate",
			*c->address ? *c->address : "the peer");
	else if (confclient_valid(c->s->confclient, &g, e))
		ret = -1;
	else if (prove(c, g, a, chain, &cause))
		ret = fail(e, FAULT_SSL_AUTH, "security server at %s: %s",
			*c->address, cause.text);
	globalconf_unref(&g);
	arena_free(&a);
	return ret;
}

int
peer_known(void *ctx, struct cert_list chain, struct err *e)
{
	struct server *s = ctx;
	struct globalconf *g = NULL;
	int ret = 0;

	if (!chain.n)
		return fail(e, FAULT_SSL_AUTH, "no client certificate");
	if (confclient_get(s->confclient, &g, e))
		return -1;
	if (!globalconf_server_by_cert(g, chain.item[0]))
		ret = fail(e, FAULT_SSL_AUTH,
			"the client certificate belongs to no security server "
			"of the network");
	globalconf_unref(&g);
	return ret;
}

int
peer_prove_sender(struct server *s, const struct globalconf *g,
	struct cert_list chain, const struct client_id *client,
	const struct transport_message *m, struct err *e)
{
	struct err cause = ERR_INIT;

	(void)s;
	if (!chain.n)
		return fail(e, FAULT_SSL_AUTH, "no client certificate");
	if (!m->ocsps)
		return fail(e, FAULT_SSL_AUTH,
			"Cannot verify TLS certificate, corresponding OCSP "
			"response is missing");
	if (globalconf_prove_peer(
		    g, client, chain, m->ocsp, m->ocsps, clock_now(), &cause))
		return fail(e, FAULT_SSL_AUTH, "%s", cause.text);
	return 0;
}
