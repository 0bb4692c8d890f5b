/* SPDX-License-Identifier: MIT */
/*
 * The Personal-Link role's recipe: opens its database as center or cache,
 * serves the interfaces between organisations behind the own security server,
 * starts the rounds.
 */
#include "link.h"

#include <stdio.h>
#include <string.h>

#include "admin_link_int.h"
#include "door_int.h"
#include "err.h"
#include "feed.h"
#include "http_client.h"
#include "ident.h"
#include "job.h"
#include "life.h"
#include "link_int.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "resident.h"
#include "text.h"
#include "tracker.h"

enum { THREADS = 64 };

/* Somebody wrote what others have to hear. */
static void
changed(void *ctx)
{
	struct link *l = ctx;

	if (!l->jobs)
		return;
	if (l->book.mode == LINK_CENTER) {
		jobs_poke(l->jobs, "push");
		jobs_poke(l->jobs, "push-2");
		jobs_poke(l->jobs, "push-3");
		jobs_poke(l->jobs, "push-4");
		jobs_poke(l->jobs, "evidence");
	}
}

/* ---- trouble ---- */

void
link_trouble(struct link *l, enum link_job job, const char *what,
	const struct err *e)
{
	char text[TROUBLE_MAX];

	snprintf(text, sizeof(text), "%s: %.200s", what, e->text);
	pthread_mutex_lock(&l->lock);
	if (!str_equal(text, l->trouble[job]))
		log_warning("Personal-Link: %s", text);
	memcpy(l->trouble[job], text, sizeof(text));
	pthread_mutex_unlock(&l->lock);
}

void
link_calm(struct link *l, enum link_job job)
{
	pthread_mutex_lock(&l->lock);
	*l->trouble[job] = '\0';
	pthread_mutex_unlock(&l->lock);
}

void
link_trouble_text(struct link *l, char out[TROUBLE_MAX])
{
	size_t i = 0;

	pthread_mutex_lock(&l->lock);
	while (i + 1 < LINK_TROUBLES && !*l->trouble[i])
		i++;
	memcpy(out, l->trouble[i], TROUBLE_MAX);
	pthread_mutex_unlock(&l->lock);
}

/* ---- start ---- */

static int
read_mode(const struct conf *c, enum link_mode *out, struct err *e)
{
	const char *mode = conf_text(c, P_LINK_MODE);

	*out = str_equal(mode, "center") ? LINK_CENTER : LINK_CACHE;
	if (*out == LINK_CACHE && !str_equal(mode, "cache"))
		return fail(e, FAULT_CONFIG,
			"[personal-link] mode can be center or cache, not %s",
			mode);
	return 0;
}

/* Who we are and who the center is, in the one spelling that is compared. */
static int
read_names(struct link *l, struct err *e)
{
	const char *us = conf_text(l->conf, P_LINK_SUBSYSTEM);
	const char *center = conf_text(l->conf, P_LINK_CENTER);
	struct service_id service;
	struct client_id id;

	if (!*us || !*center)
		return fail(e, FAULT_CONFIG,
			"[personal-link] subsystem (I/C/M/S) and "
			"center-service (I/C/M/S/service) must be set");
	if (link_member_of(l->arena, us, 4, &l->self, e) ||
		client_id_parse(l->arena, us, &id, e) ||
		service_id_parse(l->arena, center, &service, e))
		return -1;
	l->subsystem = client_id_path(l->arena, &id);
	l->center = service_id_path(l->arena, &service);
	l->center_client = client_id_path(l->arena, &service.provider);
	if (l->book.mode == LINK_CENTER &&
		!str_equal(l->center_client, l->subsystem))
		return fail(e, FAULT_CONFIG,
			"[personal-link] center-service of a center is a "
			"service of its own subsystem %s",
			l->subsystem);
	return 0;
}

static int
open_book(struct link *l, struct err *e)
{
	enum link_mode mode;
	bool restored;

	if (read_mode(l->conf, &mode, e) ||
		linkbook_open(
			&l->book, conf_data_path(l->conf, "link.db"), mode, e))
		return -1;
	l->book.levels = conf_text(l->conf, P_LINK_LEVELS);
	l->book.changed = changed;
	l->book.ctx = l;
	if (life_begin(&l->book, conf_data_path(l->conf, ".link.life"),
		    &restored, e))
		return -1;
	return mode == LINK_CACHE ? tracker_begin(&l->book, e) : 0;
}

static int
listen_here(struct link *l, struct err *e)
{
	const struct listener door = {
		.name = "personal-link",
		.address = conf_text(l->conf, P_LINK_ADDRESS),
		.port = (int)conf_int(l->conf, P_LINK_PORT),
		.threads = THREADS,
		.address_share = 100, /* all come from the security server */
		.routes =
			l->book.mode == LINK_CENTER ? door_center : door_cache,
		.state = l,
		.guard = door_guard,
		.error = door_refuse,
	};

	return http_serve(&l->http, &door, e);
}

static void
stop(void *state)
{
	struct link *l = state;

	resident_stop(&l->resident);
	http_stop(&l->http);
	jobs_stop(&l->jobs);
	if (l->client)
		http_client_free(&l->client);
	linkbook_close(&l->book);
	pushes_free(&l->pushes);
	arena_free(&l->arena);
	pthread_mutex_destroy(&l->lock);
	mem_free(l);
}

static int
start(void **state, const struct role_env *env, struct err *e)
{
	struct link *l = mem_alloc(sizeof(*l));
	const struct job *rows;

	l->conf = env->conf;
	l->arena = arena_new();
	pthread_mutex_init(&l->lock, NULL);
	l->pushes = pushes_new();
	if (open_book(l, e) || read_names(l, e) ||
		http_client_new(&l->client, e))
		goto failed;
	rows = l->book.mode == LINK_CENTER ? link_jobs_center : link_jobs_cache;
	if (listen_here(l, e) || jobs_start(&l->jobs, rows, l, e))
		goto failed;
	if (l->book.mode == LINK_CENTER &&
		resident_start(&l->resident, l->conf, &l->book, e))
		goto failed;
	*state = l;
	return 0;
failed:
	stop(l);
	return -1;
}

static int
health(void *state, char *out, unsigned long max)
{
	struct link *l = state;
	struct contact now = { .whole = true };
	char trouble[TROUBLE_MAX];
	struct err e = ERR_INIT;
	struct buf b;
	int ret = -1;

	link_trouble_text(l, trouble);
	if (l->book.mode == LINK_CACHE)
		(void)feed_contact(&l->book, l->self, &now, &e);
	buf_init(&b, max - 1);
	buf_fmt(&b, "{\"ok\":%s,\"mode\":\"%s\"",
		*trouble || err_set(&e) || !now.whole ? "false" : "true",
		l->book.mode == LINK_CENTER ? "center" : "cache");
	if (l->book.mode == LINK_CACHE)
		buf_fmt(&b, ",\"age_ms\":%lld,\"position\":%lld",
			(long long)now.age_ms, (long long)now.position);
	if (*trouble || err_set(&e)) {
		buf_str(&b, ",\"error\":");
		buf_json(&b, err_set(&e) ? e.text : trouble);
	}
	buf_char(&b, '}');
	if (!b.over) {
		memcpy(out, b.data, b.len + 1);
		ret = 0;
	}
	buf_done(&b);
	return ret;
}

static const char *const owns[] = { "link", NULL };
static const struct role_port serves[] = {
	{ "personal-link", "http: REST, for the own security server",
		P_LINK_PORT },
	{ "resident pages", "https", P_RESIDENT_PORT },
	{ NULL, NULL, -1 },
};
static const struct role_port calls[] = {
	{ "information systems", "http: REST exchanges", -1 },
	{ NULL, NULL, -1 },
};

const struct role role_link = {
	.name = "personal-link",
	.summary = "linked identifiers and consent: a region's center, or an "
		   "organisation's cache of its own rows",
	.owns = owns,
	.serves = serves,
	.calls = calls,
	.admin = link_admin,
	.start = start,
	.stop = stop,
	.health = health,
};
