/* SPDX-License-Identifier: MIT */
/*
 * The dashboard role's recipe: open the database, mount the administration
 * APIs of the other roles, listen on port 4000.
 */
#include "account_int.h"
#include "audit_int.h"

#include "cert.h"
#include "clock.h"
#include "db.h"
#include "err.h"
#include "http_server.h"
#include "identity.h"
#include "job.h"
#include "log.h"
#include "key.h"
#include "mem.h"
#include "param.h"
#include "setup_int.h"
#include "tls.h"
#include "vault.h"
#include "whitelist.h"

/* Who asks one thing after the other is not refused: X-Road answers slower, and
   its administrators' scripts never met the limits there. */
enum { THREADS = 16, RATE_WAIT_MS = 250 };

static int
open_tls(struct console *c, struct err *e)
{
	const struct conf *conf = c->env->conf;
	struct key *key = NULL;
	struct cert *cert = NULL;
	struct tls_options o = { .policy = TLS_WEB };
	const struct identity_plan plan = { conf_text(conf, P_DATA_DIR),
		"admin", conf_text(conf, P_NODE_ADDRESS), KEY_EC };
	int ret;

	if (!conf_bool(conf, P_ADMIN_TLS))
		return 0;
	if (identity_load(&plan, &key, &cert, e))
		return -1;
	o.key = key;
	o.chain = (struct cert_list){ &cert, 1 };
	ret = tls_server_new(&c->tls, &o, e);
	key_unref(&key);
	cert_unref(&cert);
	return ret;
}

static int
listen_admin(struct console *c, struct err *e)
{
	const struct conf *conf = c->env->conf;
	struct listener l = {
		.name = "administration",
		.address = conf_text(conf, P_ADMIN_ADDRESS),
		.port = (int)conf_int(conf, P_ADMIN_PORT),
		.tls = c->tls,
		.threads = THREADS,
		.per_second = (int)conf_int(conf, P_ADMIN_RATE_SECOND),
		.per_minute = (int)conf_int(conf, P_ADMIN_RATE_MINUTE),
		.rate_wait_ms = RATE_WAIT_MS,
		.proxies = c->proxies,
		.routes = mount_routes(c->mount),
		.state = c->mount,
		.guard = console_guard,
		.error = console_error,
	};

	return http_serve(&c->http, &l, e);
}

static void
stop(void *state)
{
	struct console *c = state;

	if (c->jobs)
		jobs_stop(&c->jobs);
	http_stop(&c->http);
	mount_free(&c->mount);
	sessions_free(&c->sessions);
	guesses_free(&c->guesses);
	guesses_free(&c->names);
	vault_close(&c->vault);
	tls_unref(&c->tls);
	db_close(&c->db);
	arena_free(&c->arena);
	pthread_mutex_destroy(&c->changing);
	mem_free(c);
}

/* Into the log, which is kept elsewhere: rows cut off at the end show then. */
static int
tell_audit(struct console *c, struct err *e)
{
	struct audit_state s;

	if (audit_check(c->db, &s, e))
		return -1;
	if (s.broken)
		log_error("the audit was changed: row %lld does not fit the "
			  "rows before it; see machilink audit verify",
			(long long)s.broken);
	else
		log_info("audit: %lld rows, head %lld:%s", (long long)s.rows,
			(long long)s.head, s.hash);
	return 0;
}

static const struct job jobs[] = {
	{ "backup", 60000, 0, autobackup_run },
	{ NULL, 0, 0, NULL },
};

static int
start(void **state, const struct role_env *env, struct err *e)
{
	struct console *c = mem_alloc(sizeof(*c));

	c->env = env;
	c->arena = arena_new();
	pthread_mutex_init(&c->changing, NULL);
	c->sessions =
		sessions_new(clock_ticks, conf_int(env->conf, P_SESSION_IDLE),
			conf_int(env->conf, P_SESSION_LONGEST));
	c->guesses = guesses_new(clock_ticks);
	c->names = guess_names_new(clock_ticks);
	c->mount = mount_new(env, console_routes, c);
	if (whitelist_read(c->arena, conf_text(env->conf, P_KEY_WHITELIST),
		    &c->for_keys, e) ||
		whitelist_read(c->arena, conf_text(env->conf, P_API_WHITELIST),
			&c->for_calls, e) ||
		whitelist_read(c->arena,
			conf_text(env->conf, P_TRUSTED_PROXIES), &c->proxies,
			e) ||
		vault_open(&c->vault, conf_data_path(env->conf, "accounts.key"),
			e) ||
		console_db_open(&c->db, env->conf, e) || tell_audit(c, e) ||
		setup_greet(c, e) || open_tls(c, e) || listen_admin(c, e) ||
		jobs_start(&c->jobs, jobs, c, e)) {
		stop(c);
		return -1;
	}
	*state = c;
	return 0;
}

static const char *const owns[] = { "console", NULL };
static const struct role_port serves[] = {
	{ "administration", "https", P_ADMIN_PORT },
	{ NULL, NULL, -1 },
};

const struct role role_console = {
	.name = "dashboard",
	.summary = "port 4000: pages, sign-in, API keys, administration API",
	.owns = owns,
	.serves = serves,
	.start = start,
	.stop = stop,
	.health = console_health,
};
