/* SPDX-License-Identifier: MIT */
/*
 * The role configuration-proxy: rounds over its instances, and the HTTP
 * server that gives out what they made, until it expires.
 */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "confproxy_int.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "http_server.h"
#include "job.h"
#include "json_io.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "tls.h"

enum { THREADS = 32, FIRST_MS = 200, RETRY_MS = 3000, TOLD_MAX = 64 };

struct confproxy {
	struct confproxy_run run;
	struct gc_versions versions;
	struct http_client *http;
	struct tls *tls;      /* towards https sources, with roots */
	struct bundle *roots; /* NULL: see gc_tls_open() */
	struct http_server *server;
	struct jobs *jobs;
	/* the job's: what was told about whom, so that it is told once */
	struct {
		char name[CONFPROXY_NAME_MAX + 1];
		struct err why; /* not set: it is published */
	} told[TOLD_MAX];
	size_t tolds;
	bool failed;
};

/* ---- rounds ---- */

static struct err *
told_of(struct confproxy *p, const char *name)
{
	size_t i = 0;

	while (i < p->tolds && !str_equal(p->told[i].name, name))
		i++;
	if (i == TOLD_MAX)
		i--;
	else if (i == p->tolds)
		p->tolds++;
	snprintf(p->told[i].name, sizeof(p->told[i].name), "%s", name);
	return &p->told[i].why;
}

static int
round_one(void *ctx, const char *name)
{
	struct confproxy *p = ctx;
	struct err e = ERR_INIT, *told;

	if (!confproxy_name_ok(name))
		return 0;
	told = told_of(p, name);
	if (confproxy_round(&p->run, name, &e)) {
		p->failed = true;
		if (!str_equal(told->text, e.text))
			log_warning("%s: nothing new is published: %s", name,
				e.text);
		*told = e;
	} else if (err_set(told)) {
		log_info("%s is published again", name);
		err_reset(told);
	}
	return 0;
}

static int64_t
round_job(void *ctx)
{
	struct confproxy *p = ctx;
	struct err e = ERR_INIT;

	p->failed = false;
	if (dir_each(conf_data_path(p->run.conf, CONFPROXY_DIR), round_one, p,
		    &e) < 0)
		log_err("configuration proxy", &e);
	return p->failed ? RETRY_MS
			 : conf_int(p->run.conf, P_GC_UPDATE_INTERVAL) * 1000;
}

static const struct job jobs[] = {
	{ "confproxy", 60000, FIRST_MS, round_job },
	{ NULL, 0, 0, NULL },
};

/* ---- serving ---- */

static int
no_such(struct err *e)
{
	return fail(e, FAULT_NOT_FOUND, "no such configuration");
}

/* What has expired is no longer offered: clients look elsewhere then. */
static bool
expired(struct arena *a, struct bytes dir)
{
	static const char head[] = "Expire-date: ";
	const char *at = strstr((const char *)dir.data, head);
	int64_t until;

	if (!at)
		return true;
	at += strlen(head);
	return time_parse(arena_strndup(a, at, strcspn(at, "\r\n")), &until,
		       NULL) ||
	       until < clock_now();
}

static int
send_bytes(
	struct request *r, struct bytes body, const char *type, struct err *e)
{
	const struct http_header head[] = { { "Content-Type", type },
		{ "Cache-Control", "no-cache" } };

	return reply_send_headers(r, 200, head, 2, body, e);
}

static int
serve_directory(struct request *r, void *state, struct err *e)
{
	const struct confproxy *p = state;
	struct arena *a = request_arena(r);
	const char *name = request_segment(r, "name");
	const char *text = request_query(r)
				   ? query_get(a, request_query(r), "version")
				   : NULL;
	int64_t version = GC_VERSION_MIN;
	struct bytes body;

	if (!name || !confproxy_name_ok(name) ||
		(text && int_parse(text, GC_VERSION_MIN, GC_VERSION_MAX,
				 &version, NULL)) ||
		file_read(a,
			confproxy_public(p->run.conf, a, name,
				arena_printf(a, "conf-v%d", (int)version)),
			GC_DIR_MAX, &body, NULL) ||
		expired(a, body))
		return no_such(e);
	return send_bytes(r, body, "application/octet-stream", e);
}

static bool
plain(const char *s, const char *bad)
{
	return s && *s && *s != '.' && !strpbrk(s, bad);
}

static int
serve_part(struct request *r, void *state, struct err *e)
{
	const struct confproxy *p = state;
	struct arena *a = request_arena(r);
	const char *name = request_segment(r, "name");
	const char *stamp = request_segment(r, "stamp");
	const char *instance = request_segment(r, "instance");
	const char *file = request_segment(r, "file");
	struct bytes body;

	if (!name || !confproxy_name_ok(name) || !plain(file, "/\\") ||
		!stamp || !instance || !*stamp ||
		strspn(stamp, "0123456789") != strlen(stamp))
		return no_such(e);
	instance = segment_encode(a, instance);
	if (!plain(instance, "/\\"))
		return no_such(e);
	if (file_read(a,
		    confproxy_public(p->run.conf, a, name,
			    arena_printf(a, "%s/%s/%s", stamp, instance, file)),
		    GC_PART_MAX, &body, NULL))
		return no_such(e);
	return send_bytes(r, body, "text/xml; charset=UTF-8", e);
}

static const struct route routes[] = {
	{ "GET", "/{name}/conf", 0, 0, serve_directory },
	{ "GET", "/{name}/{stamp}/{instance}/{file}", 0, 0, serve_part },
	{ NULL, NULL, 0, 0, NULL },
};

/* ---- life ---- */

static void
confproxy_stop(void *state)
{
	struct confproxy *p = state;

	if (!p)
		return;
	http_stop(&p->server);
	if (p->jobs)
		jobs_stop(&p->jobs);
	http_client_free(&p->http);
	tls_unref(&p->tls);
	bundle_close(&p->roots);
	mem_free(p);
}

static int
confproxy_start(void **state, const struct role_env *env, struct err *e)
{
	struct confproxy *p = mem_alloc(sizeof(*p));
	const struct listener l = {
		.name = "configuration-proxy",
		.address = conf_text(env->conf, P_CONFPROXY_ADDRESS),
		.port = (int)conf_int(env->conf, P_CONFPROXY_PORT),
		.threads = THREADS,
		.routes = routes,
		.state = p,
	};

	p->run.conf = env->conf;
	p->run.signer = env->signer;
	if (dir_make(conf_data_path(env->conf, CONFPROXY_DIR), e) ||
		http_client_new(&p->http, e) ||
		gc_tls_open(env->conf, &p->tls, &p->roots, e))
		goto fail;
	p->run.call = (struct gc_source_call){ env->conf, p->http, p->tls,
		p->roots, &p->versions };
	if (http_serve(&p->server, &l, e) || jobs_start(&p->jobs, jobs, p, e))
		goto fail;
	*state = p;
	return 0;
fail:
	confproxy_stop(p);
	return -1;
}

static const struct role_port serves[] = {
	{ "global configuration", "http", P_CONFPROXY_PORT },
	{ NULL, NULL, 0 },
};
static const struct role_port calls[] = {
	{ "global configuration", "http", -1 },
	{ NULL, NULL, 0 },
};

const struct role role_confproxy = {
	.name = "configuration-proxy",
	.summary = "takes the global configuration of another source, signs "
		   "it again and publishes it",
	.serves = serves,
	.calls = calls,
	.start = confproxy_start,
	.stop = confproxy_stop,
};
