/* SPDX-License-Identifier: MIT */
/*
 * The services between organisations: plain HTTP behind the own security
 * server, which says in X-Road-Client who calls; who else may connect is
 * [personal-link] allowed-peers.
 */
#pragma once

#ifndef IN_LINK
# error "door_int.h is private to appliance/link"
#endif

#include <pthread.h>
#include <stdbool.h>

#include "http_server.h"
#include "job.h"
#include "json_io.h"
#include "linkbook.h"

struct arena;
struct conf;
struct err;
struct http_client;
struct http_server;
struct jobs;
struct resident;

enum {
	DOOR_BODY_MAX = 4 * 1024 * 1024,
	TRANSFERS_MAX = 1000, /* in one report */
};

/* Who may call a row. */
enum door_who {
	DOOR_MEMBER = 1 << 0, /* an organisation that takes part (center) */
	DOOR_CENTER = 1 << 1, /* the center (cache) */
	DOOR_SELF = 1 << 2,   /* the own organisation's systems */
	DOOR_OPEN = 1 << 3,   /* whoever may connect */
	DOOR_PORTAL = 1 << 4, /* [personal-link] usage-portals (cache) */
};

/* What runs by itself, and may fail, each on its own. */
enum link_job {
	TROUBLE_SWEEP,
	TROUBLE_PUSH,
	TROUBLE_EVIDENCE,
	TROUBLE_PULL,
	TROUBLE_USAGES,
	TROUBLE_REFUSED, /* not a job: transfers that the center refuses */
	LINK_TROUBLES
};
enum { TROUBLE_MAX = 300 };

struct link {
	const struct conf *conf;
	struct linkbook book;
	struct http_client *client;
	struct http_server *http;
	struct jobs *jobs;
	struct resident *resident;
	const char *subsystem; /* I/C/M/S: who we are when we call */
	const char *self;      /* I/C/M of it */
	const char *center;    /* I/C/M/S/service of the center's services */
	const char *center_client; /* I/C/M/S of it */
	struct arena *arena;
	struct pushes *pushes; /* center */
	int64_t pull_wait_ms;  /* of the job pull: after nonsense; else 0 */
	pthread_mutex_t lock;  /* guards trouble */
	char trouble[LINK_TROUBLES][TROUBLE_MAX]; /* "": it went well */
};

/* A job failed: told in the log once while it stays the same, and in health. */
void link_trouble(struct link *l, enum link_job job, const char *what,
	const struct err *e);
void link_calm(struct link *l, enum link_job job);
/* The first trouble there is, "" for none. */
void link_trouble_text(struct link *l, char out[TROUBLE_MAX]);

/* Who calls, as the guard found out: I/C/M and I/C/M/S. In the request. */
struct caller {
	const char *member, *subsystem;
};
const struct caller *door_caller(const struct request *r);

int door_guard(struct request *r, unsigned flags, void *state, struct err *e);
void door_refuse(struct request *r, const struct err *fault, void *state);
/* The JSON object of the body, in the request's arena. */
int door_body(struct request *r, json_t **out, struct err *e);
/* Takes the reference. */
int door_reply(struct request *r, int status, json_t *j, struct err *e);

#define DOOR_HANDLER(name) \
 int name(struct request *r, void *state, struct err *e)
/* center */
DOOR_HANDLER(door_link_start);
DOOR_HANDLER(door_inquiry);
DOOR_HANDLER(door_registered);
DOOR_HANDLER(door_linked);
DOOR_HANDLER(door_unlinked);
DOOR_HANDLER(door_represent);
DOOR_HANDLER(door_represent_end);
DOOR_HANDLER(door_consent_request);
DOOR_HANDLER(door_request_get);
DOOR_HANDLER(door_consent_get);
DOOR_HANDLER(door_consent_end);
DOOR_HANDLER(door_services);
DOOR_HANDLER(door_transfers_take);
DOOR_HANDLER(door_changes_get);
DOOR_HANDLER(door_decision);
/* cache */
DOOR_HANDLER(door_changes_put);
DOOR_HANDLER(door_users_put);
DOOR_HANDLER(door_user_remove);
DOOR_HANDLER(door_usages_keep);
DOOR_HANDLER(door_transfers_pass);
DOOR_HANDLER(door_find_usage);
DOOR_HANDLER(door_usage_period);
DOOR_HANDLER(door_usage_heartbeat);
/* both */
DOOR_HANDLER(door_openapi);

extern const struct route door_center[], door_cache[];

/* ---- wire.c: calls through the own security server ---- */
struct wire_call {
	const char *method;
	const char *service; /* I/C/M/S/service */
	const char *path;    /* "/changes?after=1" */
	const char *id;      /* X-Road message id, or NULL */
	const char *body;    /* JSON, or NULL */
};
/* The answer's JSON in the arena, of any status. FAULT_NETWORK and others when
   there is no answer of the service. */
int wire_send(struct link *l, struct arena *a, const struct wire_call *c,
	int *status, json_t **out, struct err *e);
/* The signed container of our request of this id. */
int wire_container(struct link *l, struct arena *a, const char *id,
	struct bytes *out, struct err *e);

/* ---- push.c: the center's changes to the caches ---- */
struct pushes;
struct pushes *pushes_new(void);
void pushes_free(struct pushes **p); /* NULL is fine */
/* The organisation's cache was heard: it may be pushed to again. */
void pushes_awake(struct pushes *p, const char *member);
/* ms since it was heard or took a page; -1: not since we began. */
int64_t pushes_age(struct pushes *p, const char *member);
/* A job; several threads at once. */
int64_t push_round(void *link);

/* ---- round.c: what runs by itself ---- */
extern const struct job link_jobs_center[], link_jobs_cache[];
/* Cache: asks the center until it has everything, or for a good while: *more.
   FAULT_HTTP when the center's pages lead nowhere. */
int round_pull(struct link *l, bool *more, struct err *e);
