/* SPDX-License-Identifier: MIT */
/*
 * The center's own joints: what its nouns offer each other. Private to this
 * folder; the face is center.h (role_center). Functions that take a db_conn
 * work inside the caller's transaction.
 */
#pragma once

#ifndef IN_CENTER
# error "center_int.h is private to appliance/center"
#endif

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "cert.h"
#include "db.h"
#include "param.h"
#include "err.h"
#include "globalconf.h"
#include "http_server.h"
#include "ident.h"
#include "key.h"

struct arena;
struct conf;
struct http_client;
struct http_server;
struct jobs;
struct key;
struct publisher;
struct request;
struct responder;

struct signer;
struct tls;

/* The role's state. Everything but the parts with their own lock is set at
   start and immutable then. */
struct center {
	const struct conf *conf;
	struct signer *signer;
	struct db *db; /* sqlite/center, evidence */
	struct jobs *jobs;
	struct http_client *http; /* towards partners */
	struct publisher *publisher;
	struct responder *responder;
	struct http_server *public_http, *public_https, *reg_https, *mgmt_https;
	struct tls *reg_tls;
	struct cert *reg_cert; /* what security servers pin on 4001 */
	struct cert *mgmt_cert, *public_cert; /* of 4002, https; or NULL */
	struct cert *mgmt_peer; /* who may use 4002; NULL: anybody there */
};

#define OWNERS_GROUP "security-server-owners"

/* Records a fault with X-Road's code of the administration API, such as
   member_exists; the HTTP status is the fault's. Returns -1. */
#define refuse(e, f, code, ...) minus_one(refuse_at(e, f, code, __VA_ARGS__))
int refuse_at(struct err *e, enum fault f, const char *code, const char *fmt,
	...) __attribute__((format(printf, 4, 5), cold));

/* Starts a publishing round as soon as the last one has ended. */
void publish_soon(struct center *c);

/* A connection in a transaction; NULL with e set when there is none. End with
   work_done(): commits if ret is 0 (and runs the publisher), else rolls
   back; returns the outcome. */
struct db_conn *work_begin(struct center *c, struct err *e);
int work_done(struct center *c, struct db_conn *conn, int ret, struct err *e);
/* Ends a transaction that only looked. */
void work_drop(struct db_conn *conn);

/* ---- setting.c: what the instance is ---- */
struct instance {
	const char *instance;        /* NULL before initialisation */
	const char *address;         /* host name or address of the center */
	struct client_id management; /* cls NULL before appointment */
};
int instance_load(struct db_conn *c, struct arena *a, struct instance *out,
	struct err *e);
/* FAULT_CONFLICT instance_identifier_not_set before initialisation. */
int instance_need(struct db_conn *c, struct arena *a, struct instance *out,
	struct err *e);
int instance_set(struct db_conn *c, const char *instance, const char *address,
	struct err *e);
int instance_set_address(struct db_conn *c, const char *address, struct err *e);
int instance_set_management(
	struct db_conn *c, const struct client_id *id, struct err *e);
/* Whether requests of a kind (P_CENTER_AUTO_...) are approved at once: what
   was set here, else the configuration file. */
bool approval_automatic(
	const struct center *ct, struct db_conn *c, enum param_id p);
int approval_set(
	struct db_conn *c, enum param_id p, bool automatic, struct err *e);
/* A host name (also international) or IP address. */
bool address_valid(const char *s);
/* host[:port] of the HTTP services, http://host[:port]<path>, its https twin
   (NULL: not served), and the registration service's URL. */
char *center_authority(
	struct arena *a, const struct center *c, const char *address);
char *center_url(struct arena *a, const struct center *c, const char *address,
	const char *path);
char *center_https_url(struct arena *a, const struct center *c,
	const char *address, const char *path);
char *center_reg_url(
	struct arena *a, const struct center *c, const char *address);

/* ---- registry.c: members, subsystems, servers, clients, groups ---- */
int class_add(struct db_conn *c, const char *code, const char *description,
	struct err *e);
int class_need(struct db_conn *c, const char *code, struct err *e);
/* Row of the member; FAULT_NOT_FOUND member_not_found. name may be NULL. */
int member_need(struct db_conn *c, const struct client_id *id, int64_t *row,
	struct arena *a, char **name, struct err *e);
/* The class must exist; FAULT_CONFLICT member_exists. */
int member_add(struct db_conn *c, const struct client_id *id, const char *name,
	struct err *e);
/* *row 0 when the id is a member's; FAULT_NOT_FOUND subsystem_not_found. */
int client_need(struct db_conn *c, const struct client_id *id, int64_t *member,
	int64_t *subsystem, struct err *e);
int subsystem_add(struct db_conn *c, const struct client_id *id,
	const char *name, struct err *e);
int server_need(struct db_conn *c, const struct server_id *id, int64_t *row,
	struct err *e);
/* Creates or refreshes the server and registers the certificate; the owner
   joins the owners' group (2.5). The owner is created if its class exists. */
int server_register(struct db_conn *c, const struct server_id *id,
	const char *address, struct bytes auth_cert, struct err *e);
int server_set_address(struct db_conn *c, const struct server_id *id,
	const char *address, struct err *e);
int server_drop_cert(struct db_conn *c, const struct server_id *id,
	struct bytes auth_cert, struct err *e);
/* Member and subsystem are created when new; the class must exist. */
int server_add_client(struct db_conn *c, const struct server_id *server,
	const struct client_id *id, const char *subsystem_name, struct err *e);
int server_drop_client(struct db_conn *c, const struct server_id *server,
	const struct client_id *id, struct err *e);
bool auth_cert_known(struct db_conn *c, struct bytes cert);
/* FAULT_NOT_FOUND subsystem_not_found. */
int subsystem_rename(struct db_conn *c, const struct client_id *id,
	const char *name, struct err *e);

/* ---- regserver.c: the registry, what changes at a registered server ---- */
/* Row or SQL null for 0. */
static inline struct db_arg
db_row(int64_t row)
{
	return row ? db_int(row) : db_null();
}
/* The member joins the owners' group; there already is fine. */
int owners_join(struct db_conn *c, int64_t member, struct err *e);
/* 1 registered, 0 not, -1 fault: by rows, subsystem 0 for the member. */
int client_row(struct db_conn *c, int64_t server, int64_t member,
	int64_t subsystem, struct err *e);
/* Is the client registered there, enabled or not? False also on a fault. */
bool server_has_client(struct db_conn *c, const struct server_id *server,
	const struct client_id *id, struct err *e);
/* A client that is not enabled is left out of the configuration. */
int server_set_client(struct db_conn *c, const struct server_id *server,
	const struct client_id *id, bool enabled, struct err *e);
/* The old owner becomes a client, the new one stops being one; the owners'
   group follows (2.5). */
int server_set_owner(struct db_conn *c, const struct server_id *server,
	const struct client_id *owner, struct err *e);
int server_maintenance(struct db_conn *c, const struct server_id *server,
	bool *on, struct err *e);
int server_set_maintenance(struct db_conn *c, const struct server_id *server,
	bool on, const char *text, struct err *e);
/* With its certificates and clients; its owner leaves the owners' group if it
   was the last one. */
int server_delete(
	struct db_conn *c, const struct server_id *server, struct err *e);

/* ---- mgmtreq.c: management requests and their states (2.5) ---- */
struct mgmt_request {
	int64_t id;
	const char *type;   /* X-Road's names */
	const char *origin; /* SECURITY_SERVER or CENTER */
	const char *status;
	struct server_id server;
	const char *address;                   /* or NULL */
	struct bytes auth_cert;                /* DER or empty */
	struct client_id client;               /* cls NULL: none */
	const char *subsystem_name, *comments; /* or NULL */
	struct bytes message; /* signed message it came in, or empty */
	int64_t created_at;   /* ms */
	/* as read: names of the server's owner and of the client's member */
	const char *owner_name, *client_name;
};
/* Checks the request, stores it, applies what applies at once. With `try`
   everything is checked and nothing stored. r->id and r->status are set. */
int mgmt_add(struct center *ct, struct db_conn *c, struct mgmt_request *r,
	bool try, struct err *e);
int mgmt_get(struct db_conn *c, struct arena *a, int64_t id,
	const char *instance, struct mgmt_request *out, struct err *e);
/* One row of a listing statement (request_get, requests). */
void mgmt_read(struct arena *a, struct query *q, const char *instance,
	struct mgmt_request *out);
int mgmt_approve(struct db_conn *c, struct arena *a, int64_t id,
	const char *instance, struct err *e);
/* Declines a server's request, revokes one of our own. */
int mgmt_decline(struct db_conn *c, struct arena *a, int64_t id,
	const char *instance, struct err *e);

/* ---- model.c: the registry as configuration parts ---- */
int model_shared(struct center *ct, struct db_conn *c, struct arena *a,
	int version, struct shared_params *out, struct err *e);
int model_private(struct center *ct, struct db_conn *c, struct arena *a,
	struct private_params *out, struct err *e);
/* A globalconf of the registry as it is now: proves certificates for us. */
int model_globalconf(struct center *ct, struct db_conn *c, struct arena *a,
	struct globalconf **out, struct err *e);
/* The same without private parameters: before the provider is appointed. */
int model_trust(struct center *ct, struct db_conn *c, struct arena *a,
	struct globalconf **out, struct err *e);
/* Anchor of INTERNAL or EXTERNAL with every signing key's certificate. */
int model_anchor(struct center *ct, struct db_conn *c, struct arena *a,
	const char *source, struct buf *out, struct err *e);

/* ---- configkey.c: keys that sign the configuration (1.4) ---- */
enum { CONFIG_KEYS_PER_SOURCE = 2 };
struct config_key {
	const char *id, *source, *label;
	const char *algorithm; /* "RSA" or "EC" */
	struct bytes cert;
	bool active;
	int64_t created_at;
};
/* All keys, oldest first, in the arena. */
int config_keys(struct db_conn *c, struct arena *a, struct config_key **out,
	size_t *n, struct err *e);
/* New key of the source (two at most); the first becomes active. */
int config_key_add(struct center *ct, const char *source, const char *label,
	struct arena *a, struct config_key *out, struct err *e);
int config_key_activate(struct center *ct, const char *id, struct err *e);
int config_key_delete(struct center *ct, const char *id, struct err *e);
/* Re-creates and stores the anchor of a source. */
int anchor_make(struct center *ct, struct db_conn *c, struct arena *a,
	const char *source, struct err *e);
int anchor_get(struct db_conn *c, struct arena *a, const char *source,
	struct bytes *xml, int64_t *created_at, struct err *e);

/* ---- publish.c: the signed directories on disk ---- */
int publisher_open(struct publisher **out, struct center *c, struct err *e);
void publisher_close(struct publisher **p);
/* One round now; all versions or nothing. */
int publisher_run(struct publisher *p, struct err *e);
struct publish_status {
	int64_t published; /* ms of the last good round, 0 never */
	int64_t expires;   /* of what is out there, 0 nothing */
	struct err error;  /* of the last round, unset when good */
};
void publisher_status(struct publisher *p, struct publish_status *out);
/* Handlers of /internalconf, /externalconf and /V<n>/... */
int publisher_directory(struct request *r, void *state, struct err *e);
int publisher_part(struct request *r, void *state, struct err *e);

/* ---- keyring.c: our keys in the signer process ---- */
enum { RING_ID_MAX = 64 };
/* New key in the signer. *out is a new reference. */
int ring_make(struct center *ct, enum key_type type, const char *label,
	char id[RING_ID_MAX], struct key **out, struct err *e);
/* The key that belongs to this certificate; *out is a new reference. */
int ring_get(struct center *ct, const char *id, const struct cert *cert,
	struct key **out, struct err *e);
int ring_delete(struct center *ct, const char *id, struct err *e);
/* First PIN (the token is open afterwards), and login. */
int ring_init(struct center *ct, const char *pin, struct err *e);
int ring_login(struct center *ct, const char *pin, struct err *e);
int ring_logout(struct center *ct, struct err *e);
int ring_status(struct center *ct, bool *made, bool *open, struct err *e);
/* May keys be used? FAULT_TOKEN_NOT_INITIALIZED, FAULT_TOKEN_NOT_ACTIVE. */
int ring_ready(struct center *ct, struct err *e);

/* ---- authority.c: certification authority ---- */
struct trust_plan {
	const char *name;    /* of the CA; others derive from it */
	const char *profile; /* short or full Java class name */
	const char *country; /* C of the subjects */
};
/* CA, OCSP responder and TSA in one go; FAULT_CONFLICT when there is one. */
int trust_create(struct center *ct, const struct trust_plan *p, struct err *e);

/* An authority as loaded; references belong to the arena. */
struct authority {
	int64_t id;
	const char *name, *profile, *key_id, *ocsp_key_id;
	struct cert *cert, *ocsp_cert;
};
/* The own authority; FAULT_NOT_FOUND certification_service_not_found. */
int authority_load(struct db_conn *c, struct arena *a, struct authority *out,
	struct err *e);
struct tsa {
	int64_t id;
	const char *name, *key_id;
	struct cert *cert;
};
int tsa_load(
	struct db_conn *c, struct arena *a, struct tsa *out, struct err *e);

/* Parses; the reference belongs to the arena. */
int cert_in_arena(
	struct arena *a, struct bytes der, struct cert **out, struct err *e);

/* ---- approved.c: what the configuration approves ---- */
struct approved_ocsp {
	int64_t id, ca, intermediate; /* one of the two is 0 */
	const char *url;              /* NULL: our own */
	struct cert *cert;            /* or NULL */
	const char *cost;
};
struct approved_intermediate {
	int64_t id, ca;
	struct cert *cert;
};
struct approved_ca {
	int64_t id;
	bool own;
	const char *name, *profile, *csr_format;
	struct cert *cert;
	bool tls_auth;
	struct gc_acme acme;
};
struct approved_tsa {
	int64_t id;
	bool own;
	const char *name, *url, *cost; /* url NULL: our own */
	struct cert *cert;
};
/* Everything, in the order it was made; certificates belong to the arena. */
struct approved {
	struct approved_ca *ca;
	struct approved_intermediate *intermediate;
	struct approved_ocsp *ocsp;
	struct approved_tsa *tsa;
	size_t cas, intermediates, ocsps, tsas;
};
int approved_read(struct db_conn *c, struct arena *a, struct approved *out,
	struct err *e);
/* The same as parts of the configuration. */
int approved_load(struct center *ct, struct db_conn *c, struct arena *a,
	const struct instance *in, struct shared_params *out, struct err *e);
/* Approves our own authority and time-stamping authority. */
int approved_own(
	struct db_conn *c, int64_t authority, int64_t tsa, struct err *e);

/* ---- federation.c: other instances and optional parts (1.7, 1.9) ---- */
int partners_load(struct db_conn *c, struct arena *a,
	const struct gc_anchor **out, size_t *n, struct err *e);
/* Downloads and verifies a partner's external configuration; FAULT_BAD_REQUEST
   trusted_anchor_verification_failed. */
int partner_verify(struct center *ct, struct arena *a,
	const struct gc_anchor *an, struct err *e);
/* Upper-case hex SHA-224 in pairs: how an anchor is shown. */
char *anchor_hash(struct arena *a, struct bytes xml);
struct optional_part {
	const char *identifier, *file;
	struct bytes xml; /* empty: not uploaded */
	int64_t updated_at;
};
enum { OPTIONAL_PARTS = 3 };
/* Names alone. */
extern const struct optional_part optional_known[OPTIONAL_PARTS];
int optional_parts(struct db_conn *c, struct arena *a,
	struct optional_part out[OPTIONAL_PARTS], struct err *e);

struct issue_order {
	struct bytes csr; /* DER or PEM */
	bool auth;        /* AUTHENTICATION, else SIGNING */
	struct client_id member;
	const char *server; /* server code; needed for AUTHENTICATION */
};
/* The order's CSR, its signature proved; FAULT_BAD_REQUEST csr_invalid. */
int order_csr(struct arena *a, const struct issue_order *o, struct csr **out,
	struct err *e);
/* Checks the CSR against the registry and the CA's profile, issues, stores.
   *out is a new reference. What was not committed was not issued. */
int cert_order_in(struct center *ct, struct db_conn *c,
	const struct issue_order *o, struct arena *a, struct cert **out,
	struct err *e);
/* The same in a transaction of its own. */
int cert_order(struct center *ct, const struct issue_order *o, struct arena *a,
	struct cert **out, struct err *e);
int cert_revoke(struct center *ct, const char *serial, const char *reason,
	struct err *e);
/* Serial number as the table keeps it: hex without leading zeros. */
char *serial_text(struct arena *a, struct bytes serial);

/* ---- profile.c: which subject fields say who it is (3.2) ---- */
/* Full class name of a profile our CA offers; NULL: unknown. */
const char *profile_name(const char *name);
/* May an approved certification service have it? Full class name. */
bool profile_known(const char *name);
/* FAULT_BAD_REQUEST naming the field that does not fit. */
int profile_check(struct arena *a, const char *profile, const struct csr *csr,
	const struct issue_order *o, struct err *e);

/* ---- responder.c: OCSP and time stamps (3.4, 3.5) ---- */
int responder_open(struct responder **out, struct center *c, struct err *e);
void responder_close(struct responder **r);
int responder_ocsp_post(struct request *r, void *state, struct err *e);
int responder_ocsp_get(struct request *r, void *state, struct err *e);
int responder_tsa(struct request *r, void *state, struct err *e);

/* ---- register.c: management requests on 4001 and 4002 (2.1-2.5) ---- */
/* Loads or makes the TLS keys and certificates of the doors: the one that
   servers pin, and those of the other two where they are open. */
int register_identity(struct center *c, const char *host, struct err *e);
int register_start(struct center *c, const char *host, struct err *e);
void register_stop(struct center *c);
/* The TLS context of the global configuration's https port. */
int public_tls(struct center *c, const char *host, struct tls **out,
	struct cert **cert, struct err *e);
/* The TLS context of 4002 out of its files; made at first use. */
int management_tls(struct center *c, const char *host, struct tls **out,
	struct cert **cert, struct err *e);

/* ---- certwatch.c: the end of the center's certificates ---- */
/* Tells in log and mail what reached a threshold since the last time. */
int certwatch_round(struct center *ct, struct err *e);

/* ---- mgmtwsdl.c ---- */
/* GET handler: what the management service offers, as WSDL. */
int management_wsdl(struct request *r, void *state, struct err *e);
/* https://<address>:4002/managementservice/manage/ */
char *management_url(
	struct arena *a, const struct center *c, const char *address);

/* ---- desk_*.c: the administration API ---- */
extern const struct route center_admin_routes[];
/* label.c: struct role, label. */
int center_label(
	const struct conf *c, char *out, unsigned long max, struct err *e);
