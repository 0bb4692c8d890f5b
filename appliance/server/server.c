/* SPDX-License-Identifier: MIT */
/*
 * The security server role's recipe: opens what it owns, starts listeners and
 * jobs, stops them in reverse. What it does is in the files around.
 */
#include <stdio.h>
#include <string.h>

#include "acme_order_int.h"
#include "batch_int.h"
#include "certstate_int.h"
#include "clock.h"
#include "consent_int.h"
#include "cron.h"
#include "db.h"
#include "err.h"
#include "expirywatch_int.h"
#include "health_int.h"
#include "http_client.h"
#include "http_server.h"
#include "job.h"
#include "log.h"
#include "mem.h"
#include "monitor.h"
#include "notify_int.h"
#include "numbers_int.h"
#include "param.h"
#include "renewal_int.h"
#include "role.h"
#include "server.h"
#include "server_int.h"
#include "server_sql.h"
#include "text.h"
#include "tls.h"
#include "transfer_int.h"

enum {
	SECOND = 1000,
	GC_FIRST_MS = 10,
	OCSP_FIRST_MS = 200,
	OCSP_NO_CONF_MS = 1000,
	TLS_MS = 50,
	TLS_RETRY_MS = 100,
	STAMP_FIRST_MS = 1000,
	STAMP_LEAST_S = 60, /* the network's interval is clamped (4.2) */
	STAMP_MOST_S = 86400,
	INDEX_MS = 2000,
	ARCHIVE_FIRST_MS = 5000,
	CLEAN_FIRST_MS = 10000,
	TIDY_MS = 5000,
	DUE_LOOK_MS = 60000, /* the wall clock may be set meanwhile */
	CLOCK_MS = 2000,
	CLOCK_JUMP_MS = 5000,
	RENEWAL_FIRST_MS = 30000,
	EXPIRY_FIRST_MS = 20000,
	EXPIRY_MS = 3600000,
	MAIL_MS = 600000,
	OFFERS_FIRST_MS = 3000,
	OFFERS_MS = 60000,
};

/* ---- jobs ---- */

/* The same trouble is told once, not every second. */
static void
tell_trouble(struct server *s, const struct err *e)
{
	if (str_equal(s->gc_trouble, e->text))
		return;
	snprintf(s->gc_trouble, sizeof(s->gc_trouble), "%s", e->text);
	log_warning(
		"global configuration: %s (%s)", e->text, fault_code(e->fault));
}

/* Without a valid configuration nothing works: ask again soon, then less and
   less often, at least once per interval. */
static int64_t
wait_after_failure(struct server *s)
{
	int64_t period = conf_int(s->conf, P_GC_UPDATE_INTERVAL) * SECOND;
	struct globalconf *g;
	int64_t wait = s->gc_wait < SECOND ? SECOND : s->gc_wait * 2;

	if (!confclient_valid(s->confclient, &g, NULL)) {
		globalconf_unref(&g);
		wait = period;
	}
	s->gc_wait = wait < period ? wait : period;
	return s->gc_wait;
}

static int64_t
job_globalconf(void *ctx)
{
	struct server *s = ctx;
	struct err e = ERR_INIT, states = ERR_INIT;
	int64_t wait = 0;

	if (confclient_update(s->confclient, &e)) {
		tell_trouble(s, &e);
		wait = e.fault == FAULT_NOT_FOUND ? SECOND
						  : wait_after_failure(s);
	} else {
		if (*s->gc_trouble)
			log_info("the global configuration is there");
		*s->gc_trouble = '\0';
		s->gc_wait = 0;
		wait = conf_int(s->conf, P_GC_UPDATE_INTERVAL) * SECOND;
	}
	if (states_follow(s, &states) &&
		states.fault != FAULT_GLOBAL_CONF_OUTDATED)
		log_err("states", &states);
	return wait;
}

static int64_t
job_ocsp(void *ctx)
{
	struct server *s = ctx;
	struct err e = ERR_INIT;
	int64_t next = OCSP_NO_CONF_MS;

	if (ocsp_round(s, &next, &e) && e.fault == FAULT_GLOBAL_CONF_OUTDATED)
		return OCSP_NO_CONF_MS;
	return next;
}

/* The door for peers follows the authentication certificate. A change is
   looked at soon; what did not work is tried again less often. */
static int64_t
job_tls(void *ctx)
{
	struct server *s = ctx;
	int64_t generation = keyconf_generation(s->keys);
	struct err e = ERR_INIT;

	if (generation == s->peer_tls_generation ||
		(generation == s->tls_tried &&
			clock_ticks() < s->tls_tried_at + TLS_RETRY_MS))
		return TLS_MS;
	s->tls_tried = generation;
	s->tls_tried_at = clock_ticks();
	if (proxy_reload_tls(s, &e))
		log_debug("port for peers: %s", e.text);
	else
		s->peer_tls_generation = generation;
	return TLS_MS;
}

static int64_t
stamp_interval(struct server *s)
{
	int64_t seconds = conf_int(s->conf, P_ML_TS_INTERVAL);
	const struct private_params *p;
	struct globalconf *g;

	if (seconds)
		return seconds * SECOND;
	if (confclient_get(s->confclient, &g, NULL))
		return SECOND;
	p = globalconf_private(g);
	seconds = p ? p->timestamp_interval_s : 0;
	globalconf_unref(&g);
	if (seconds < STAMP_LEAST_S)
		seconds = STAMP_LEAST_S;
	return (seconds < STAMP_MOST_S ? seconds : STAMP_MOST_S) * SECOND;
}

static int64_t
job_stamp(void *ctx)
{
	struct server *s = ctx;
	struct err e = ERR_INIT;

	if (messagelog_stamp(s->log, &e) >= 0)
		return stamp_interval(s);
	log_err("time-stamping", &e);
	return conf_int(s->conf, P_ML_TS_RETRY) * SECOND;
}

/* Work by the wall clock: how long to wait for it, 0 when it is due. `due` is
   the moment waited for; the clock is looked at again and again because it
   may be set. Work by seconds is always due. */
static int64_t
wait_until_due(struct server *s, enum param_id when, int64_t *due)
{
	int64_t now = clock_now(), wait;
	struct cron cron;

	if (conf_int(s->conf, when) ||
		cron_parse(conf_text(s->conf, when), &cron, NULL))
		return 0;
	if (*due && now >= *due) {
		*due = 0;
		return 0;
	}
	*due = cron_next(&cron, now);
	wait = *due ? *due - now : DUE_LOOK_MS;
	return wait < DUE_LOOK_MS ? wait : DUE_LOOK_MS;
}

/* After the work: seconds until it is due again, or the clock decides. */
static int64_t
wait_again(struct server *s, enum param_id when, int64_t *due)
{
	int64_t seconds = conf_int(s->conf, when);

	return seconds ? seconds * SECOND : wait_until_due(s, when, due);
}

static int64_t
job_index(void *ctx)
{
	struct server *s = ctx;
	struct err e = ERR_INIT;

	job_gives_way();
	if (messagelog_index(s->log, s->jobs, &e) < 0)
		log_err("search table of the message log", &e);
	return INDEX_MS;
}

static int64_t
job_archive(void *ctx)
{
	struct server *s = ctx;
	struct err e = ERR_INIT, moved = ERR_INIT;
	int64_t wait =
		wait_until_due(s, P_ML_ARCHIVE_INTERVAL, &s->archive_due);
	int64_t n;

	if (wait)
		return wait;
	job_gives_way();
	n = messagelog_archive(s->log, s->jobs, &e);
	if (n < 0)
		log_err("archiving", &e);
	else if (n > 0)
		log_info("%lld messages were archived", (long long)n);
	if (messagelog_transfer(s->log, s->jobs, &moved))
		log_err("archive-transfer-command", &moved);
	return wait_again(s, P_ML_ARCHIVE_INTERVAL, &s->archive_due);
}

static int64_t
job_clean(void *ctx)
{
	struct server *s = ctx;
	struct err e = ERR_INIT;
	int64_t wait = wait_until_due(s, P_ML_CLEAN_INTERVAL, &s->clean_due), n;

	if (wait)
		return wait;
	job_gives_way();
	n = messagelog_clean(s->log, s->jobs, &e);
	if (n < 0)
		log_err("cleaning the message log", &e);
	else if (n > 0)
		log_info("%lld archived messages were removed from the "
			 "database",
			(long long)n);
	if (transfer_forget(s->log, &e))
		log_err("old transfers", &e);
	return wait_again(s, P_ML_CLEAN_INTERVAL, &s->clean_due);
}

static int64_t
job_tidy(void *ctx)
{
	struct server *s = ctx;

	http_client_tidy(s->http);
	return TIDY_MS;
}

/* Jobs wait by a clock that nobody sets. When the wall clock was set, or the
   machine slept, what they wait for may be due at once. */
static int64_t
job_clock(void *ctx)
{
	struct server *s = ctx;
	int64_t drift = clock_now() - clock_ticks();
	int64_t moved = s->clock_drift ? drift - s->clock_drift : 0;

	s->clock_drift = drift;
	if (moved > -CLOCK_JUMP_MS && moved < CLOCK_JUMP_MS)
		return CLOCK_MS;
	log_warning("the clock was moved by %lld s", (long long)moved / 1000);
	jobs_poke(s->jobs, "globalconf");
	jobs_poke(s->jobs, "ocsp");
	jobs_poke(s->jobs, "expiry");
	return CLOCK_MS;
}

static int64_t
job_renewal(void *ctx)
{
	struct server *s = ctx;
	struct err e = ERR_INIT;
	int64_t wait = conf_int(s->conf, P_ACME_RENEWAL_INTERVAL) * SECOND;

	if (conf_bool(s->conf, P_ACME_RENEWAL) && renewal_round(s, &wait, &e))
		log_debug("renewal: %s", e.text);
	return wait;
}

static int64_t
job_expiry(void *ctx)
{
	struct err e = ERR_INIT;

	if (expirywatch_round(ctx, &e))
		log_err("expiry of certificates", &e);
	return EXPIRY_MS;
}

static int64_t
job_offers(void *ctx)
{
	struct err e = ERR_INIT;

	if (numbers_offers(ctx, &e))
		log_debug("services offered: %s", e.text);
	return OFFERS_MS;
}

static const struct job JOBS[] = {
	{ "globalconf", 60 * SECOND, GC_FIRST_MS, job_globalconf },
	{ "ocsp", 1200 * SECOND, OCSP_FIRST_MS, job_ocsp },
	{ "tls", TLS_MS, 0, job_tls },
	{ "timestamp", 60 * SECOND, STAMP_FIRST_MS, job_stamp },
	{ "index", INDEX_MS, INDEX_MS, job_index },
	{ "transfers", SECOND, SECOND, transfer_job },
	{ "archive", 21600 * SECOND, ARCHIVE_FIRST_MS, job_archive },
	{ "connections", TIDY_MS, TIDY_MS, job_tidy },
	{ "clean", 43200 * SECOND, CLEAN_FIRST_MS, job_clean },
	{ "clock", CLOCK_MS, CLOCK_MS, job_clock },
	{ "renewal", 3600 * SECOND, RENEWAL_FIRST_MS, job_renewal },
	{ "expiry", EXPIRY_MS, EXPIRY_FIRST_MS, job_expiry },
	{ "mail", MAIL_MS, MAIL_MS, notify_deliver },
	{ "offers", OFFERS_MS, OFFERS_FIRST_MS, job_offers },
	{ 0 },
};

/* ---- life ---- */

static void
server_stop(void *state)
{
	struct server *s = state;

	monitor_forget(s->monitor, s);
	jobs_stop(&s->jobs);
	acmedoor_close(s);
	proxy_stop(s);
	if (s->responder)
		http_stop(&s->responder);
	if (s->log)
		messagelog_close(&s->log);
	batcher_free(&s->batcher);
	serverconf_close(&s->sc);
	keyconf_close(&s->keys);
	ocspstore_close(&s->ocsp);
	confclient_close(&s->confclient);
	if (s->http)
		http_client_free(&s->http);
	if (s->db)
		db_close(&s->db);
	consent_gate_free(&s->consent);
	outbox_free(&s->outbox);
	pthread_mutex_destroy(&s->acme_lock);
	mem_free(s);
}

static int
server_open(struct server *s, struct err *e)
{
	if (db_open(&s->db, &schema_server,
		    conf_data_path(s->conf, "server.db"), DB_EVIDENCE, e) ||
		http_client_new(&s->http, e))
		return -1;
	http_client_keep(s->http, (size_t)conf_int(s->conf, P_POOL_MAX),
		(int)conf_int(s->conf, P_POOL_IDLE));
	if (confclient_open(&s->confclient, s->conf, s->http, e) ||
		ocspstore_open(&s->ocsp, conf_data_path(s->conf, "ocsp"), e) ||
		keyconf_open(&s->keys, s->db, s->signer, s->tokens, e) ||
		serverconf_open(&s->sc, s->db, e) ||
		messagelog_open(
			&s->log, s->conf, s->confclient, s->sc, s->http, e))
		return -1;
	return 0;
}

static int
server_start(void **state, const struct role_env *env, struct err *e)
{
	struct server *s = mem_alloc(sizeof(*s));

	s->conf = env->conf;
	s->signer = env->signer;
	s->tokens = (struct token_list){ env->token, env->tokens };
	s->peer_tls_generation = -1;
	s->batcher = batcher_new();
	s->consent = consent_gate_new(env->conf);
	s->outbox = outbox_new();
	s->monitor = monitor_of(env);
	pthread_mutex_init(&s->acme_lock, NULL);
	if (server_open(s, e) || responder_start(s, e) || proxy_start(s, e) ||
		acmedoor_open(s, e) || jobs_start(&s->jobs, JOBS, s, e)) {
		server_stop(s);
		return -1;
	}
	monitor_watch(s->monitor, numbers_write, s);
	*state = s;
	return 0;
}

/* ---- the role ---- */

static const char *const OWNS[] = { "server", "messagelog", NULL };
static const char *const READS[] = { "link.v_consent_check", "link.v_contact",
	NULL };

static const struct role_port SERVES[] = {
	{ "information systems", "http", P_CLIENT_HTTP_PORT },
	{ "information systems", "https", P_CLIENT_HTTPS_PORT },
	{ "message exchange", "https mutual", P_SERVER_LISTEN_PORT },
	{ "OCSP responses", "http", P_OCSP_RESPONDER_PORT },
	{ "ACME proofs", "http", P_ACME_PORT },
	{ 0 },
};
static const struct role_port CALLS[] = {
	{ "global configuration", "http", -1 },
	{ "registration", "https", -1 },
	{ "ocsp", "http", -1 },
	{ "time-stamping", "http", -1 },
	{ "message exchange", "https mutual", P_SERVER_PORT },
	{ "OCSP responses", "http", P_OCSP_RESPONDER_PORT },
	{ "data services", "http: REST, SOAP", -1 },
	{ "personal-link", "http: REST, for the own security server",
		P_LINK_PORT },
	{ 0 },
};

const struct role role_server = {
	.name = "security-server",
	.summary = "signs, verifies, logs and carries messages",
	.owns = OWNS,
	.reads = READS,
	.serves = SERVES,
	.calls = CALLS,
	.admin = server_admin_routes,
	.start = server_start,
	.stop = server_stop,
	.health = server_health,
	.label = server_label,
};
