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

enum { DOOR_BODY_MAX = 4 * 1024 * 1024 };

/* Who may call a row. */
enum door_who {
	DOOR_MEMBER = 1 << 0, /* an organisation that takes part (center) */
	DOOR_CENTER = 1 << 1, /* the center (cache) */
	DOOR_SELF = 1 << 2,   /* the own organisation's systems */
	DOOR_OPEN = 1 << 3,   /* whoever may connect */
	DOOR_PORTAL = 1 << 4, /* [personal-link] usage-portals (cache) */
};

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
	int64_t evidence_ticks;
	char trouble[300]; /* of the last job that failed, for health */
};

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
DOOR_HANDLER(door_transfers_keep);
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

/* ---- round.c: what runs by itself ---- */
extern const struct job link_jobs_center[], link_jobs_cache[];
/* Cache: asks the center until it has everything. */
int round_pull(struct link *l, struct err *e);
