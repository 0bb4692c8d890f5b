/* SPDX-License-Identifier: MIT */
/*
 * The security server's own joints: what its nouns offer each other.
 * Private to this folder; the face is server.h (role_server).
 */
#pragma once

#ifndef IN_SERVER
# error "server_int.h is private to appliance/server"
#endif

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "cert.h"
#include "err.h"
#include "globalconf.h"
#include "http_server.h"
#include "ident.h"
#include "logsearch.h"
#include "signature.h"
#include "signer.h"
#include "spool.h"

struct arena;
struct batcher;
struct consent_gate;
struct consent_rule;
struct record_rule;
struct conf;
struct db;
struct favourites;
struct http_client;
struct jobs;
struct key;
struct monitor;
struct outbox;
struct server;
struct signer;
struct tls;
struct transfer_row;

/* ---- confclient.c: the global configuration, always the newest ---- */
struct confclient;
int confclient_open(struct confclient **out, const struct conf *c,
	struct http_client *http, struct err *e);
void confclient_close(struct confclient **c);
/* A reference, even if expired; FAULT_GLOBAL_CONF_OUTDATED when there is
   none at all. */
int confclient_get(
	struct confclient *c, struct globalconf **out, struct err *e);
/* Like get, and not expired: the gate of every message. */
int confclient_valid(
	struct confclient *c, struct globalconf **out, struct err *e);
/* One download round now (job and "upload anchor"). */
int confclient_update(struct confclient *c, struct err *e);
/* Checks and installs an anchor (dry download first), then updates. */
int confclient_set_anchor(
	struct confclient *c, struct bytes xml, struct err *e);
/* Directory with <instance>/shared-params.xml etc. (verificationconf). */
const char *confclient_dir(const struct confclient *c);
/* Asks every source of the anchor and of the configuration we have for its
   directory, changing nothing. In the arena. FAULT_NOT_FOUND without anchor. */
struct confclient_link {
	const char *url;
	struct err error; /* not set: it answers, and what we have is valid */
};
int confclient_links(struct confclient *c, struct arena *a,
	struct confclient_link **out, size_t *n, struct err *e);
/* Where the anchor is kept. */
const char *confclient_anchor_path(const struct conf *c);
struct confclient_status {
	bool has_anchor;
	int64_t last_try, last_success, expires; /* ms; 0 never */
	struct err error;                        /* of the last try */
	char url[512];
	int version;
	/* Seconds that this machine's clock is ahead of the source's, when it
	   was last heard of (ms); 0: never. */
	int64_t clock_ahead, clock_seen;
};
void confclient_status(struct confclient *c, struct confclient_status *out);

/* ---- ocspstore.c: newest OCSP response per certificate ---- */
struct ocspstore;
int ocspstore_open(struct ocspstore **out, const char *dir, struct err *e);
void ocspstore_close(struct ocspstore **s);
/* By lower-case hex SHA-1 of the certificate; in the arena. FAULT_NOT_FOUND */
int ocspstore_get(struct ocspstore *s, struct arena *a, const char *sha1,
	struct bytes *out, struct err *e);
int ocspstore_of(struct ocspstore *s, struct arena *a, const struct cert *c,
	struct bytes *out, struct err *e);
int ocspstore_put(struct ocspstore *s, const struct cert *c, struct bytes der,
	struct err *e);
/* Asks the CA's responders; stores a good-form answer. */
int ocsp_fetch(struct ocspstore *s, const struct globalconf *g,
	struct http_client *http, const struct cert *c,
	const struct cert *issuer, struct err *e);
/* Asks the other security server on 5577 for these certificates (2.3). */
int ocsp_fetch_peer(struct ocspstore *s, const struct conf *conf,
	struct http_client *http, const char *address, struct cert_list certs,
	struct err *e);

/* ---- keyconf.c: own keys and certificates, with their states ---- */
struct keyconf;
/* The tokens in hardware are borrowed, as the signer. */
int keyconf_open(struct keyconf **out, struct db *db, struct signer *signer,
	struct token_list tokens, struct err *e);
void keyconf_close(struct keyconf **k);
/* Active signing certificate of the member with good OCSP, key, path's
   intermediates and OCSP responses; everything in the arena (references are
   released with it). FAULT_CANNOT_SIGN, FAULT_TOKEN_NOT_ACTIVE. */
int keyconf_signing(struct keyconf *k, struct ocspstore *o,
	const struct globalconf *g, const struct client_id *member,
	struct arena *a, struct signing *out, struct err *e);
/* Active authentication certificate. */
struct auth_identity {
	struct key *key;
	struct cert *chain[CHAIN_MAX]; /* leaf, intermediates; no root */
	size_t n;
	struct bytes ocsp[CHAIN_MAX]; /* one per chain certificate */
};
int keyconf_auth(struct keyconf *k, struct ocspstore *o,
	const struct globalconf *g, struct arena *a, struct auth_identity *out,
	struct err *e);
/* A number that changes whenever keys, certificates or states change. */
int64_t keyconf_generation(struct keyconf *k);
/* The database or the token changed: the next question reads anew. */
void keyconf_touch(struct keyconf *k);

/* ---- internal.c: the certificate that information systems know ---- */
/* Internal TLS key and certificate (8443, towards services); made at first
   use; in data-dir/internal.key|crt. */
int internal_tls(const struct conf *c, struct key **key, struct cert **cert,
	struct err *e);
/* A new key with a self-signed certificate, in use at once: by the listener
   for new connections, towards services from the next call on. */
int internal_renew(struct server *s, struct err *e);
/* Another certificate (PEM, with its authorities if need be, or DER) for the
   key, in use at once. Faults: identity_replace(). */
int internal_replace(struct server *s, struct bytes certs, struct err *e);
/* The contexts at the start of the role. */
int internal_open(struct server *s, struct err *e);
void internal_close(struct server *s);
/* The context towards services, until the arena is freed. */
struct tls *service_tls(struct server *s, struct arena *a);

/* ---- serverconf.c: clients, services, access rights ---- */
struct serverconf;
int serverconf_open(struct serverconf **out, struct db *db, struct err *e);
void serverconf_close(struct serverconf **s);
/* Own identity once initialised; FAULT_CONFIG before. */
int serverconf_self(struct serverconf *s, struct arena *a,
	struct server_id *out, struct err *e);

enum connection_type { CONN_HTTP, CONN_HTTPS_NO_AUTH, CONN_HTTPS };
struct local_client {
	struct client_id id;
	char status[32]; /* REGISTERED, SAVED ... */
	enum connection_type connection;
	const struct bytes *is_cert; /* pinned DER certificates */
	size_t is_certs;
};
/* FAULT_UNKNOWN_MEMBER unless it is here and REGISTERED. */
int serverconf_client(struct serverconf *s, struct arena *a,
	const struct client_id *id, struct local_client *out, struct err *e);

enum service_kind { SERVICE_WSDL, SERVICE_REST, SERVICE_OPENAPI3 };
struct local_service {
	int64_t id;
	struct service_id sid;
	enum service_kind kind;
	const char *url;
	int timeout_s;
	bool tls_verify;
	bool enabled;
	const char *disabled_notice;
	const struct consent_rule *consent; /* NULL: needs none */
	const struct record_rule *record;   /* NULL: not recorded */
};
/* Time-stamping services the operator chose, oldest first. */
struct tsa_choice {
	const char *name, *url;
	const char *cost; /* FREE, PAID, UNDEFINED or NULL */
};
int serverconf_tsas(struct serverconf *s, struct arena *a,
	const struct tsa_choice **out, size_t *n, struct err *e);
/* Something in the database changed: the next question reads it anew. */
void serverconf_touch(struct serverconf *s);
/* Existence, then type (rest or SOAP wanted), then access right of `caller`
   (method and raw path for REST, NULL for SOAP), then disabled: the order and
   faults of interop/xroad-messages.md section 7. */
int serverconf_authorize(struct serverconf *s, struct arena *a,
	const struct globalconf *g, const struct service_id *sid, bool rest,
	const struct client_id *caller, const char *method,
	const char *raw_path, struct local_service *out, struct err *e);
/* A body's element begins with the code of its service (X-Road), and may begin
   with that of another SOAP service of the client, too: is that other one
   meant, the code being longer, and does one of the two need consent? */
int serverconf_consent_mixed(struct serverconf *s, struct arena *a,
	const struct service_id *sid, const char *element, bool *mixed,
	struct err *e);

/* ---- messagelog.c: evidence ---- */
struct log_record {
	const char *query_id, *request_id;
	bool response;
	struct bytes message; /* raw */
	/* REST: the body, if any; SOAP: attachments of a signature without hash
	   chain only (4.1). */
	const struct segment *attachment;
	size_t attachments;
	struct signature signature;
	struct client_id local; /* the local party (4.1) */
	struct client_id client;
	struct service_id service;
	const struct transfer_row *transfer; /* about a person, or NULL */
	bool rest, as_client; /* as_client: this server is the consumer side */
};
int messagelog_open(struct messagelog **out, const struct conf *c,
	struct confclient *conf, struct serverconf *sc,
	struct http_client *http, struct err *e);
/* Durable when it returns 0. FAULT_LOGGING_FAILED, FAULT_TIMESTAMPING_FAILED
   (acceptable period exceeded). */
int messagelog_add(struct messagelog *m, const struct log_record *r,
	int64_t *id, struct err *e);
/* How many bytes of this message's REST body the log has to see: one more than
   it stores, which tells that there were more; 0: none. */
int64_t messagelog_body_bytes(
	const struct messagelog *m, const struct log_record *r);
/* Stamps what waits: the job, and /asic?force. Returns how many, or -1. */
int64_t messagelog_stamp(struct messagelog *m, struct err *e);
/* Moves time-stamped records into archive files: how many records, or -1. A
   crash at any moment neither loses nor repeats a record. `stop` (NULL: never)
   ends it early, without an error. Rule: interop/xroad-messages.md 4.6. */
int64_t messagelog_archive(
	struct messagelog *m, const struct jobs *stop, struct err *e);
/* Runs archive-transfer-command, if any, and logs what it says. FAULT_IO when
   it fails, FAULT_LIMIT when it was ended (time-out, stop). */
int messagelog_transfer(
	struct messagelog *m, const struct jobs *stop, struct err *e);
/* Brings what was logged into the search's table: how many records, or -1. */
int64_t messagelog_index(
	struct messagelog *m, const struct jobs *stop, struct err *e);
/* Removes archived records that are old enough: how many, or -1. */
int64_t messagelog_clean(
	struct messagelog *m, const struct jobs *stop, struct err *e);
/* How time-stamping goes, for health and diagnostics. Counting a long queue of
   waiting records takes long, so that is not done at each call. */
enum { WAITING_FEW = 1000, WAITING_KEPT_MS = 10000 };
struct messagelog_status {
	int64_t last_try, last_success; /* ms; 0 never */
	int64_t waiting;  /* records without a stamp; -1 unknown. More than
	                     WAITING_FEW: up to WAITING_KEPT_MS old */
	char url[512];    /* service asked last, or "" */
	struct err error; /* of the last try */
};
void messagelog_status(struct messagelog *m, struct messagelog_status *out);
/* What one time-stamping service did since the start. last_success: when a
   token of its own was verified. */
enum { TSA_STATES = 16 };
struct tsa_state {
	char url[512];
	int64_t last_try, last_success; /* ms; 0 never */
	struct err error;               /* of the last try */
};
void messagelog_tsa(
	struct messagelog *m, const char *url, struct tsa_state *out);

/* ---- the role ---- */
struct server {
	const struct conf *conf;
	struct signer *signer;
	struct token_list tokens; /* in hardware */
	struct db *db;            /* sqlite/server */
	struct http_client *http;
	struct favourites *favourites; /* dispatch_int.h */
	struct confclient *confclient;
	struct ocspstore *ocsp;
	struct keyconf *keys;
	struct serverconf *sc;
	struct messagelog *log;
	struct consent_gate *consent; /* consent_int.h */
	struct batcher *batcher;      /* batch_int.h */
	struct jobs *jobs;
	struct http_server *is_http, *is_https, *peer, *responder;
	struct arena *arena;      /* of the role's whole life */
	struct tls *is_tls;       /* 8443 */
	struct tls *peer_tls;     /* 5500 */
	pthread_mutex_t tls_lock; /* guards the next two */
	struct tls *service_tls;  /* towards services, as client */
	struct tls
		*peer_client_tls; /* towards 5500 of others; NULL: none yet */
	pthread_mutex_t internal_lock; /* one change at a time; guards is_tls */
	pthread_mutex_t acme_lock;     /* guards files of account keys */
	struct http_server *acme_door; /* NULL: not opened */
	struct outbox *outbox;         /* notify_int.h */
	struct monitor *monitor;       /* monitor.h; NULL: there is none */
	int64_t peer_tls_generation; /* of the keys in peer_tls; tls job only */
	int64_t tls_tried, tls_tried_at; /* generation, ticks; tls job only */
	int64_t archive_due, clean_due;  /* ms; 0 none; their jobs only */
	int64_t clock_drift;   /* wall clock minus ticks, ms; clock job only */
	int64_t gc_wait;       /* ms until the next try; globalconf job only */
	bool transfer_trouble; /* was told; transfer job only */
	int64_t transfer_poll; /* clock_ticks(); transfer job only */
	char gc_trouble[ERR_TEXT_MAX]; /* last logged; globalconf job only */
};

/* Listeners and handlers of the message path: proxy side. */
int proxy_start(struct server *s, struct err *e);
void proxy_stop(struct server *s);
/* Called by the key job when keyconf_generation() moved. */
int proxy_reload_tls(struct server *s, struct err *e);

/* Administration API rows (admin_*.c). */
extern const struct route server_admin_routes[];
/* label.c: struct role, label. */
int server_label(
	const struct conf *c, char *out, unsigned long max, struct err *e);
