/* SPDX-License-Identifier: MIT */
/*
 * The center role: what it owns and serves, its start and stop, its health.
 * The registry, the authorities and the publisher are nouns of their own; all
 * private keys but the TLS key of port 4001 are in the signer process.
 */
#include "center.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "center_int.h"
#include "center_sql.h"
#include "clock.h"
#include "http_client.h"
#include "http_server.h"
#include "job.h"
#include "json_io.h"
#include "log.h"
#include "mem.h"
#include "ocsp.h"
#include "param.h"
#include "text.h"
#include "tls.h"
#include "tsp.h"

enum {
	PUBLIC_THREADS = 32,
	SECURE_THREADS = 16,
	PUBLISH_RETRY_MS = 1000,
	EXPIRY_MS = 3600000
};

int
refuse_at(struct err *e, enum fault f, const char *code, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (e && !err_set(e)) {
		fail(e, f, "%s", text);
		snprintf(e->code, sizeof(e->code), "%s", code);
	}
	return -1;
}

void
publish_soon(struct center *c)
{
	if (c->jobs)
		jobs_poke(c->jobs, "publish");
}

struct db_conn *
work_begin(struct center *c, struct err *e)
{
	struct db_conn *conn = db_take(c->db);

	if (!db_begin(conn, e))
		return conn;
	db_give(conn);
	return NULL;
}

int
work_done(struct center *c, struct db_conn *conn, int ret, struct err *e)
{
	if (ret)
		db_rollback(conn);
	else
		ret = db_commit(conn, e);
	db_give(conn);
	if (!ret)
		publish_soon(c);
	return ret;
}

void
work_drop(struct db_conn *conn)
{
	db_rollback(conn);
	db_give(conn);
}

/* ---- listeners and jobs ---- */

static const struct route public_routes[] = {
	{ "GET", "/internalconf", 0, 0, publisher_directory },
	{ "GET", "/externalconf", 0, 0, publisher_directory },
	{ "GET", "/managementservices.wsdl", 0, 0, management_wsdl },
	{ "POST", "/ocsp", OCSP_SIZE_MAX, 0, responder_ocsp_post },
	{ "POST", "/ocsp/", OCSP_SIZE_MAX, 0, responder_ocsp_post },
	{ "GET", "/ocsp/*", 0, 0, responder_ocsp_get },
	{ "POST", "/tsa", TSP_SIZE_MAX, 0, responder_tsa },
	{ "GET", "/{version}/{stamp}/{file}", 0, 0, publisher_part },
	{ 0 },
};

static int
public_start(struct center *c, struct err *e)
{
	const struct listener l = {
		.name = "center",
		.address = conf_text(c->conf, P_CENTER_ADDRESS),
		.port = (int)conf_int(c->conf, P_CENTER_HTTP_PORT),
		.threads = PUBLIC_THREADS,
		.routes = public_routes,
		.state = c,
	};

	return http_serve(&c->public_http, &l, e);
}

/* What is signed needs no TLS, but some networks let nothing else through:
   the configuration alone is also there (1.2). */
static const struct route secure_routes[] = {
	{ "GET", "/internalconf", 0, 0, publisher_directory },
	{ "GET", "/externalconf", 0, 0, publisher_directory },
	{ "GET", "/{version}/{stamp}/{file}", 0, 0, publisher_part },
	{ 0 },
};

static int
secure_start(struct center *c, const char *host, struct err *e)
{
	struct tls *tls = NULL;
	struct listener l = {
		.name = "center-https",
		.address = conf_text(c->conf, P_CENTER_ADDRESS),
		.port = (int)conf_int(c->conf, P_CENTER_HTTPS_PORT),
		.threads = SECURE_THREADS,
		.routes = secure_routes,
		.state = c,
	};
	int ret;

	if (!l.port)
		return 0;
	if (public_tls(c, host, &tls, NULL, e))
		return -1;
	l.tls = tls;
	ret = http_serve(&c->public_https, &l, e);
	tls_unref(&tls);
	return ret;
}

static int64_t
publish_job(void *ctx)
{
	struct center *c = ctx;
	int64_t rate = conf_int(c->conf, P_CENTER_GEN_RATE);
	int64_t expire = conf_int(c->conf, P_CENTER_EXPIRE);

	/* it logs what is new; a locked token or a full disk may pass soon */
	if (publisher_run(c->publisher, NULL))
		return PUBLISH_RETRY_MS;
	return (rate < expire / 2 ? rate : expire / 2) * 1000;
}

static int64_t
expiry_job(void *ctx)
{
	struct err e = ERR_INIT;

	if (certwatch_round(ctx, &e))
		log_err("expiry of certificates", &e);
	return EXPIRY_MS;
}

static const struct job center_jobs[] = {
	{ "publish", 60000, 0, publish_job },
	{ "expiry", EXPIRY_MS, 0, expiry_job },
	{ 0 },
};

/* ---- start and stop ---- */

static int
database_open(struct center *c, char **address, struct arena *a, struct err *e)
{
	struct db_conn *conn;
	struct instance in;
	int ret = -1;

	if (db_open(&c->db, &schema_center,
		    conf_data_path(c->conf, "center.sqlite"), DB_EVIDENCE, e))
		return -1;
	conn = work_begin(c, e);
	if (!conn)
		return -1;
	if (db_run(conn, Q_CENTER_GROUP_ADD, e, db_text(OWNERS_GROUP),
		    db_text("Security server owners"),
		    db_int(clock_now())) >= 0 &&
		!instance_load(conn, a, &in, e)) {
		*address = arena_strdup(a, in.address);
		ret = 0;
	}
	return work_done(c, conn, ret, e);
}

static void
center_stop(void *state)
{
	struct center *c = state;

	if (!c)
		return;
	http_stop(&c->public_http);
	http_stop(&c->public_https);
	register_stop(c);
	if (c->jobs)
		jobs_stop(&c->jobs);
	responder_close(&c->responder);
	publisher_close(&c->publisher);
	if (c->http)
		http_client_free(&c->http);
	if (c->db)
		db_close(&c->db);
	mem_free(c);
}

static int
center_start(void **state, const struct role_env *env, struct err *e)
{
	struct center *c = mem_alloc(sizeof(*c));
	struct arena *a = arena_new();
	const char *host = conf_text(env->conf, P_CENTER_PUBLIC);
	char *address = NULL;
	int ret = -1;

	c->conf = env->conf;
	c->signer = env->signer;
	if (database_open(c, &address, a, e))
		goto out;
	if (!*host)
		host = address ? address : "localhost";
	if (http_client_new(&c->http, e) || register_identity(c, host, e) ||
		publisher_open(&c->publisher, c, e) ||
		responder_open(&c->responder, c, e) ||
		jobs_start(&c->jobs, center_jobs, c, e) || public_start(c, e) ||
		secure_start(c, host, e) || register_start(c, host, e))
		goto out;
	*state = c;
	ret = 0;
out:
	if (ret)
		center_stop(c);
	arena_free(&a);
	return ret;
}

/* ---- health ---- */

static void
health_time(json_t *j, const char *key, int64_t ms)
{
	char text[TIME_TEXT_MAX];

	json_put_str(j, key, ms ? time_iso(text, ms) : NULL);
}

static void
health_counts(struct center *c, json_t *j)
{
	static const char *const name[] = { "members", "subsystems",
		"security_servers", "valid_certificates", "waiting_requests" };
	struct db_conn *conn = db_take(c->db);
	struct query *q = db_query(conn, Q_CENTER_COUNTS);

	if (query_next(q))
		for (int i = 0; i < 5; i++)
			json_put_int(j, name[i], query_int(q, i));
	(void)query_end(q, NULL);
	db_give(conn);
}

static void
health_instance(struct center *c, json_t *j)
{
	struct arena *a = arena_new();
	struct db_conn *conn = db_take(c->db);
	struct instance in = { 0 };
	struct err why = ERR_INIT;

	(void)instance_load(conn, a, &in, NULL);
	db_give(conn);
	json_put_bool(j, "initialized", in.instance != NULL);
	json_put_str(j, "instance", in.instance);
	json_put_str(j, "address", in.address);
	json_put_str(j, "token", ring_ready(c, &why) ? why.code : "ok");
	arena_free(&a);
}

static int
center_health(void *state, char *out, unsigned long max)
{
	struct center *c = state;
	json_t *j = json_object();
	struct publish_status st;
	struct buf b;
	int ret = -1;

	health_instance(c, j);
	publisher_status(c->publisher, &st);
	health_time(j, "published", st.published);
	health_time(j, "expires", st.expires);
	json_put_str(
		j, "publish_error", err_set(&st.error) ? st.error.text : NULL);
	json_put_bool(j, "ok", !err_set(&st.error) && st.expires > clock_now());
	health_counts(c, j);
	buf_init(&b, max - 1);
	json_write(&b, j, JSON_PLAIN);
	if (!buf_ok(&b, "health", NULL)) {
		memcpy(out, b.data, b.len + 1);
		ret = 0;
	}
	buf_done(&b);
	json_decref(j);
	return ret;
}

/* ---- the constant ---- */

static const char *const owns[] = { "center", NULL };

static const struct role_port serves[] = {
	{ "global configuration", "http", P_CENTER_HTTP_PORT },
	{ "global configuration", "https", P_CENTER_HTTPS_PORT },
	{ "ocsp", "http", P_CENTER_HTTP_PORT },
	{ "time-stamping", "http", P_CENTER_HTTP_PORT },
	{ "registration", "https", P_CENTER_REG_PORT },
	{ "management services", "https", P_CENTER_MGMT_PORT },
	{ 0 },
};

static const struct role_port calls[] = {
	{ "global configuration", "http", -1 },
	{ 0 },
};

const struct role role_center = {
	.name = "center",
	.summary = "registry, certification, OCSP, time stamps and global "
		   "configuration of one instance",
	.owns = owns,
	.serves = serves,
	.calls = calls,
	.admin = center_admin_routes,
	.start = center_start,
	.stop = center_stop,
	.health = center_health,
	.label = center_label,
};
