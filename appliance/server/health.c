/* SPDX-License-Identifier: MIT */
/*
 * Health: what an operator looks at first. "ok" is true when messages can be
 * exchanged and nothing is about to stop them.
 */
#include <stdio.h>
#include <string.h>

#include "admin_int.h"
#include "clock.h"
#include "err.h"
#include "health_int.h"
#include "mem.h"
#include "signer.h"
#include "text.h"

static void
put_when(json_t *j, const char *key, int64_t ms)
{
	if (ms)
		json_put_time(j, key, ms);
	else
		json_put_new(j, key, json_null());
}

static bool
put_globalconf(struct server *s, json_t *j)
{
	struct confclient_status st;
	json_t *x = json_object();
	bool ok;

	confclient_status(s->confclient, &st);
	ok = st.expires > clock_now();
	json_put_str(x, "state",
		ok              ? "valid"
		: st.expires    ? "expired"
		: st.has_anchor ? "missing"
				: "no anchor");
	json_put_int(x, "version", st.version);
	put_when(x, "expires", st.expires);
	put_when(x, "last_success", st.last_success);
	if (err_set(&st.error))
		json_put_str(x, "error", st.error.text);
	json_put_new(j, "globalconf", x);
	if (st.clock_seen) {
		x = json_object();
		json_put_int(x, "ahead_seconds", st.clock_ahead);
		json_put_time(x, "compared", st.clock_seen);
		json_put_new(j, "clock", x);
	}
	return ok;
}

static bool
put_token(struct server *s, json_t *j)
{
	struct signer_state st = { 0 };
	struct err e = ERR_INIT;

	if (signer_status(s->signer, &st, &e))
		json_put_str(j, "token", "unreachable");
	else
		json_put_str(j, "token",
			!st.initialized ? "not initialized"
			: st.unlocked   ? "logged in"
					: "locked");
	return st.unlocked;
}

/* Can this server speak TLS with its peers, sign for each of its members? */
static bool
put_certs(struct server *s, json_t *j, struct globalconf *g)
{
	struct arena *a = arena_new();
	struct auth_identity auth;
	struct err e = ERR_INIT;
	const struct model *m = NULL;
	json_t *signs = json_array();
	bool ok = true;

	if (!g || keyconf_auth(s->keys, s->ocsp, g, a, &auth, &e)) {
		json_put_str(
			j, "auth_cert", g ? e.text : "no global configuration");
		ok = false;
	} else {
		json_put_str(j, "auth_cert", "good");
	}
	(void)serverconf_model(s->sc, a, &m, NULL);
	for (size_t i = 0; g && m && i < m->clients; i++) {
		struct err why = ERR_INIT;
		struct signing sg;
		json_t *x = json_object();
		bool good = !keyconf_signing(
			s->keys, s->ocsp, g, &m->client[i].id, a, &sg, &why);
		json_put_str(x, "client", client_id_path(a, &m->client[i].id));
		json_put_str(x, "status", m->client[i].status);
		json_put_str(x, "sign_cert", good ? "good" : why.text);
		json_array_append_new(signs, x);
		if (str_equal(m->client[i].status, "REGISTERED"))
			ok = ok && good;
	}
	json_put_new(j, "clients", signs);
	arena_free(&a);
	return ok;
}

/* A failing time stamp stops messages after the acceptable period. */
static bool
put_log(struct server *s, json_t *j)
{
	struct messagelog_status st = { 0 };
	json_t *x = json_object();

	if (s->log)
		messagelog_status(s->log, &st);
	put_when(x, "last_stamp", st.last_success);
	json_put_int(x, "waiting", st.waiting);
	if (err_set(&st.error))
		json_put_str(x, "error", st.error.text);
	json_put_new(j, "timestamping", x);
	return !err_set(&st.error);
}

int
server_health(void *state, char *out, unsigned long max)
{
	struct server *s = state;
	struct globalconf *g = NULL;
	struct arena *a = arena_new();
	json_t *j = json_keep(a, json_object());
	const struct model *m = NULL;
	bool ok;
	struct buf b;

	(void)confclient_get(s->confclient, &g, NULL);
	(void)serverconf_model(s->sc, a, &m, NULL);
	json_put_str(j, "role", "security-server");
	json_put_str(j, "server",
		m && m->initialized ? server_id_path(a, &m->self) : NULL);
	ok = put_globalconf(s, j);
	ok = put_token(s, j) && ok;
	ok = put_certs(s, j, g) && ok;
	ok = put_log(s, j) && ok;
	json_put_bool(j, "ok", ok);
	buf_init(&b, max);
	json_write(&b, j, JSON_PLAIN);
	snprintf(out, max, "%s", b.over ? "{\"ok\":false}" : b.data);
	buf_done(&b);
	globalconf_unref(&g);
	arena_free(&a);
	return 0;
}
