/* SPDX-License-Identifier: MIT */
/*
 * The adapter's administration interface, below /api/v1/machilink/adapter on
 * port 4000. services.json is the only truth: what is read comes from it, what
 * is saved is checked by the database, written into it and in force before the
 * answer. Members keep the names that they have in that file.
 *
 * Who may: the service administrator everything, the system administrator all
 * that concerns databases, observers may look; the trace is for those two. Both
 * are X-Road's roles: who decides about services and access rights there
 * decides about what is offered here, and a role of our own would be one more
 * to give on every machine.
 *
 * A database and a service have a "revision", also as ETag; PUT and DELETE with
 * If-Match are refused with 409 when somebody else was faster. Refusals have a
 * sentence in both languages. Passwords come in and never go out.
 */
#pragma once

#ifndef IN_ADAPTER
# error "manage.h is private to appliance/adapter"
#endif

#include "adapter_int.h"
#include "http_server.h"

#define MANAGER(name) int name(struct request *r, void *state, struct err *e)

/* ---- manage.c ---- */
extern const struct route manage_routes[];
enum { REVISION_LEN = 16 };

/* Replies and drops the reference. revision: for the ETag, or NULL. */
int manage_reply(struct request *r, int status, json_t *j, const char *revision,
	struct err *e);
/* Refuses in both languages; code: NULL for the fault's own. Returns -1. */
#define manage_refuse(r, f, code, ja, en, e) \
 minus_one(manage_refuse_with(r, f, code, ja, en, e))
int manage_refuse_with(struct request *r, enum fault f, const char *code,
	const char *ja, const char *en, struct err *e);
/* Passes on what went wrong below, with the status and the Japanese sentence
   that fit an author. Returns -1. */
#define manage_fail(r, why, e) minus_one(manage_fail_with(r, why, e))
int manage_fail_with(struct request *r, const struct err *why, struct err *e);
/* {code, message, message_ja}; a new reference. */
json_t *manage_fault(struct arena *a, const struct err *why);
/* The body: a JSON object, in the request's arena. */
int manage_body(struct request *r, json_t **out, struct err *e);
/* What changes when the value changes. */
void manage_revision(
	const json_t *v, const char *about, char out[REVISION_LEN + 1]);
/* FAULT_CONFLICT unless If-Match is absent, * or the revision. */
int manage_match(struct request *r, const char *revision, struct err *e);
/* The file in the request's arena. */
int manage_file(
	struct request *r, struct adapter *ad, json_t **root, struct err *e);
/* Changes the file; see shelf_change(). */
int manage_change(struct request *r, struct adapter *ad, const char *only,
	shelf_change_fn *fn, void *ctx, struct err *e);

/* ---- manage_source.c ---- */
/* One of dbSources[] by its id: FAULT_NOT_FOUND. */
int manage_find_source(struct request *r, const json_t *root, const char *id,
	json_t **out, size_t *n, struct err *e);
MANAGER(manage_sources);
MANAGER(manage_source_add);
MANAGER(manage_source_get);
MANAGER(manage_source_put);
MANAGER(manage_source_delete);
/* ---- manage_probe.c ---- */
MANAGER(manage_source_test);
MANAGER(manage_source_health);
MANAGER(manage_source_tables);
MANAGER(manage_kinds);
MANAGER(manage_state);
/* The body's password, or that of the stored database when the body says
   nothing of it and the place is the same: FAULT_BAD_REQUEST otherwise.
   Changes `body`. stored may be NULL. */
int manage_password(struct request *r, struct adapter *ad, json_t *body,
	const json_t *stored, struct err *e);

/* ---- manage_service.c ---- */
/* One of dbServices[]: FAULT_NOT_FOUND. Any of the outs may be NULL. */
int manage_find_service(struct request *r, const json_t *root, const char *name,
	json_t **list, size_t *at, json_t **out, const char **database,
	struct err *e);
/* What the file has of the service: without the members of the interface. */
json_t *manage_service_bare(struct arena *a, const json_t *body);
MANAGER(manage_services);
MANAGER(manage_service_add);
MANAGER(manage_service_get);
MANAGER(manage_service_put);
MANAGER(manage_service_delete);
MANAGER(manage_service_enable);
MANAGER(manage_service_disable);
/* ---- manage_version.c ---- */
MANAGER(manage_versions);
MANAGER(manage_version_get);
MANAGER(manage_version_restore);
MANAGER(manage_step_back);
/* ---- manage_try.c ---- */
MANAGER(manage_propose);
MANAGER(manage_try);
/* ---- publish.c ---- */
MANAGER(manage_publish);
/* ---- manage_file.c ---- */
MANAGER(manage_export);
MANAGER(manage_import);
MANAGER(manage_calls);
/* ---- manage_list.c ---- */
MANAGER(manage_list);
