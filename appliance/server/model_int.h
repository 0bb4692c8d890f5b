/* SPDX-License-Identifier: MIT */
/*
 * The security server's configuration as read from its database: immutable,
 * reference counted. A change in the database gives a new model at the next
 * question; whoever holds the old one keeps it. Lists are in database order.
 */
#pragma once

#ifndef IN_SERVER
# error "model_int.h is private to appliance/server"
#endif

#include "server_int.h"

struct m_client {
	int64_t row;
	struct client_id id;
	const char *status;
	enum connection_type connection;
	struct bytes *is_cert; /* DER */
	size_t is_certs;
	const char *name_wanted; /* subsystem name not shown yet, or NULL */
	bool name_sent;          /* a request carried it */
};
struct m_description {
	int64_t row;
	const struct m_client *client;
	enum service_kind kind;
	const char *url;
	bool disabled;
	const char *notice; /* or NULL */
	int64_t refreshed_at;
};
struct m_service {
	int64_t row;
	const struct m_description *description;
	const char *code;
	const char *version; /* NULL for none */
	const char *title;   /* or NULL */
	const char *url;
	int timeout_s;
	bool tls_verify;
	const struct consent_rule *consent; /* NULL: needs none */
	const struct record_rule *record;   /* NULL: not recorded */
};
struct m_endpoint {
	int64_t row;
	const struct m_client *client;
	const char *code, *method, *path;
	bool generated;
};
struct m_group {
	int64_t row;
	const struct m_client *client;
	const char *code, *description;
	int64_t updated_at;
	struct client_id *member;
	size_t members;
};
enum subject_kind { SUBJECT_CLIENT, SUBJECT_GLOBAL, SUBJECT_LOCAL };
struct m_right {
	const struct m_endpoint *endpoint;
	enum subject_kind kind;
	const char *subject;          /* as stored */
	struct client_id client;      /* SUBJECT_CLIENT; all NULL otherwise */
	const char *instance, *group; /* SUBJECT_GLOBAL */
	const struct m_group *local;  /* SUBJECT_LOCAL */
	int64_t given_at;
};
struct m_tsa {
	const char *name, *url, *cost;
};

struct model {
	struct arena *a;
	int refs; /* guarded by serverconf's lock */
	struct serverconf *home;
	bool initialized;
	struct server_id self;
	const char *address;        /* or NULL */
	const char *address_wanted; /* sent, not shown yet; or NULL */
	int maintenance_wanted;     /* 1 on, 0 off, -1 nothing pending */
	struct m_client *client;
	size_t clients;
	struct m_description *description;
	size_t descriptions;
	struct m_service *service;
	size_t services;
	struct m_endpoint *endpoint;
	size_t endpoints;
	struct m_group *group;
	size_t groups;
	struct m_right *right;
	size_t rights;
	struct m_tsa *tsa;
	size_t tsas;
};

/* model_load.c: reads everything into a fresh arena. */
int model_load(struct model **out, struct db *db, struct err *e);

/* model_consent.c: the rules of services; services are there already. */
struct db_conn;
int model_load_consents(struct model *m, struct db_conn *c, struct err *e);
int model_load_records(struct model *m, struct db_conn *c, struct err *e);

/* The current model; given back when the arena is freed or reset. */
int serverconf_model(struct serverconf *s, struct arena *a,
	const struct model **out, struct err *e);

const struct m_client *model_client(
	const struct model *m, const struct client_id *id);
const struct m_service *model_service(
	const struct model *m, const struct service_id *id);
/* The whole service's endpoint: method *, path **. NULL if there is none. */
const struct m_endpoint *model_base(
	const struct model *m, const struct m_client *c, const char *code);

/* Words of the database and the administration interface. */
const char *connection_word(enum connection_type t);
int connection_parse(const char *s, enum connection_type *out, struct err *e);
const char *kind_word(enum service_kind k);
int kind_parse(const char *s, enum service_kind *out, struct err *e);
const char *subject_word(enum subject_kind k);

/* access.c: may the caller? 0 or FAULT_ACCESS_DENIED (FAULT_INTERNAL never).
   method NULL: SOAP, only the whole service counts. */
int access_check(const struct model *m, const struct globalconf *g,
	const struct m_client *provider, const char *code,
	const struct client_id *caller, const char *method,
	const char *raw_path, struct err *e);
/* Whether the caller has any right at the service (5.2, 5.3); endpoints: also
   one on a single REST endpoint. */
bool access_some(const struct model *m, const struct globalconf *g,
	const struct m_client *provider, const char *code,
	const struct client_id *caller, bool endpoints);
/* Whether some right of the caller covers all of this REST endpoint. */
bool access_endpoint(const struct model *m, const struct globalconf *g,
	const struct m_endpoint *endpoint, const struct client_id *caller);
