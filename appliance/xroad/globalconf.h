/* SPDX-License-Identifier: MIT */
/*
 * The global configuration: what every security server believes about the
 * network. Model of shared and private parameters V2-V6, reading and writing,
 * and the questions the message path asks of it. Bytes in, structs out.
 * Rule: interop/xroad-center-admin.md 1.5, 1.6; xroad-messages.md 2.2, 3.9.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "cert.h"
#include "digest.h"
#include "ident.h"

struct arena;
struct err;

enum { GC_PART_MAX = 32 * 1024 * 1024, GC_VERSION_MIN = 2, GC_VERSION_MAX = 6 };

struct gc_ocsp {
	const char *url;
	struct cert *cert; /* or NULL */
	const char *cost;  /* V6: FREE PAID UNDEFINED; NULL before */
};
struct gc_ca { /* a top or intermediate CA */
	struct cert *cert;
	const struct gc_ocsp *ocsp;
	size_t ocsps;
};
struct gc_acme {
	const char *url;     /* directory; NULL: no ACME server */
	const char *address; /* of the server, for firewalls; or NULL */
	const char *auth_profile, *sign_profile; /* V4; or NULL */
};
struct gc_approved_ca {
	const char *name;
	bool auth_only;
	struct gc_ca top;
	const struct gc_ca *intermediate;
	size_t intermediates;
	const char *profile;    /* Java class name, xroad-center-admin.md 3.2 */
	const char *csr_format; /* PEM, DER or NULL */
	struct gc_acme acme;
};
struct gc_tsa {
	const char *name, *url;
	struct cert *cert;
	const char *cost;
};
struct gc_class {
	const char *code, *description;
};
struct gc_subsystem {
	const char *code;
	const char *name; /* V5; or NULL */
};
struct gc_member {
	const char *cls, *code, *name;
	const struct gc_subsystem *subsystem;
	size_t subsystems;
};
struct gc_server {
	struct server_id id;
	const char *address;            /* or NULL */
	const struct digest *auth_cert; /* SHA-256 (SHA-1 in V2) of the DER */
	size_t auth_certs;
	const struct client_id
		*client; /* registered here, owner not included */
	size_t clients;
	bool maintenance; /* V5 */
	const char *maintenance_text;
};
struct gc_group {
	const char *code, *description;
	const struct client_id *member;
	size_t members;
};
struct gc_source {
	const char *address;
	const struct bytes *internal_cert, *external_cert; /* DER */
	size_t internal_certs, external_certs;
};

/* Shared parameters of one instance. Everything lives in one arena; the
   certificates are referenced by it. */
struct shared_params {
	int version; /* 2..6 */
	const char *instance;
	const struct gc_source *source;
	size_t sources;
	const struct gc_approved_ca *ca;
	size_t cas;
	const struct gc_tsa *tsa;
	size_t tsas;
	const struct gc_class *cls;
	size_t classes;
	const struct gc_member *member;
	size_t members;
	const struct gc_server *server;
	size_t servers;
	const struct gc_group *group;
	size_t groups;
	int64_t ocsp_freshness_s;
};

struct gc_anchor_source {
	const char *url;
	const struct bytes *cert; /* DER, by hash only: no validity */
	size_t certs;
};
/* A configuration anchor (1.2), also inside private parameters. */
struct gc_anchor {
	const char *instance;
	int64_t generated_at; /* ms, 0 absent */
	const struct gc_anchor_source *source;
	size_t sources;
};
struct private_params {
	const char *instance;
	const struct gc_anchor *partner;
	size_t partners;
	const char *auth_reg_url;
	struct cert *auth_reg_cert; /* or NULL */
	struct client_id management;
	int64_t timestamp_interval_s;
};

/* Optional parts (1.7): what holds without them is the default. */
struct gc_options {
	int64_t ocsp_fetch_s;    /* FETCHINTERVAL, 1200; at least 60 */
	bool verify_next_update; /* NEXTUPDATE, true */
	bool has_monitoring;     /* MONITORING: a central monitoring client */
	struct client_id monitoring;
};

/* ---- reading and writing ---- */
int shared_params_parse(struct arena *a, struct bytes xml, int version,
	struct shared_params *out, struct err *e);
int private_params_parse(struct arena *a, struct bytes xml,
	struct private_params *out, struct err *e);
int anchor_parse(struct arena *a, struct bytes xml, struct gc_anchor *out,
	struct err *e);
/* Schema-valid XML of that version; fields younger than it are left out and
   V2-V4 leave out the clients of servers in maintenance mode (1.5). */
int shared_params_write(const struct shared_params *p, int version,
	struct buf *out, struct err *e);
int private_params_write(const struct private_params *p, int version,
	struct buf *out, struct err *e);
int anchor_write(const struct gc_anchor *an, struct buf *out, struct err *e);

void gc_options_default(struct gc_options *o);
/* One optional part by its content identifier; other identifiers are passed
   over. Unknown elements are refused. FAULT_MALFORMED_GLOBAL_CONF. */
int gc_options_read(struct arena *a, const char *identifier, struct bytes xml,
	struct gc_options *o, struct err *e);

/* ---- asking: a loaded, immutable, reference-counted configuration ---- */
struct globalconf;
/* One instance of shared parameters as a file of the cache. */
struct gc_instance_file {
	struct bytes shared;       /* shared-params.xml */
	struct bytes private_part; /* own instance only; else empty */
	int version;
	int64_t expires; /* ms; the earlier of the parts */
	/* optional parts of the own instance; else empty */
	struct bytes monitoring, fetch_interval, next_update;
};
/* The first file is the own instance. */
int globalconf_new(struct globalconf **out, const struct gc_instance_file *file,
	size_t n, const char *own_instance, struct err *e);
struct globalconf *globalconf_ref(struct globalconf *g);
void globalconf_unref(struct globalconf **g);

const char *globalconf_instance(const struct globalconf *g);
/* Own instance with NULL; NULL when unknown or (foreign) expired. */
const struct shared_params *globalconf_shared(
	const struct globalconf *g, const char *instance);
/* Every instance there is, the own one first: how many of them were stored. */
size_t globalconf_instances(
	const struct globalconf *g, const char **out, size_t max);
const struct private_params *globalconf_private(const struct globalconf *g);
const struct gc_options *globalconf_options(const struct globalconf *g);
/* FAULT_GLOBAL_CONF_OUTDATED when now is past the own instance's expiry. */
int globalconf_valid(const struct globalconf *g, int64_t now, struct err *e);
int64_t globalconf_expires(const struct globalconf *g);

bool globalconf_has_client(
	const struct globalconf *g, const struct client_id *id);
/* Servers on which the client is registered (owners count as clients). */
size_t globalconf_servers_of(const struct globalconf *g,
	const struct client_id *id, const struct gc_server **out, size_t max);
const struct gc_server *globalconf_server(
	const struct globalconf *g, const struct server_id *id);
/* The server that registered this authentication certificate, any instance. */
const struct gc_server *globalconf_server_by_cert(
	const struct globalconf *g, const struct cert *auth);
bool gc_server_hosts(const struct gc_server *s, const struct client_id *id);
bool globalconf_in_group(const struct globalconf *g, const char *instance,
	const char *group, const struct client_id *id);
/* All TSA certificates of all instances, in the arena. */
struct cert_list globalconf_tsa_certs(
	const struct globalconf *g, struct arena *a);
/* CA certificates (top and intermediate) of an instance; NULL: of all. */
struct cert_list globalconf_ca_certs(
	const struct globalconf *g, struct arena *a, const char *instance);
/* OCSP responders' URLs for certificates of this issuer: configuration order,
   then the certificate's own AIA. */
size_t globalconf_ocsp_urls(const struct globalconf *g, struct arena *a,
	const struct cert *c, const char **out, size_t max);

/* The member a signing certificate belongs to, by the CA's profile; `expected`
   gives the context profiles need (instance; may be NULL). */
int globalconf_sign_owner(const struct globalconf *g, struct arena *a,
	const struct cert *sign, const struct client_id *expected,
	struct client_id *out, struct err *e);
/* Profile decoding alone. */
int profile_decode(struct arena *a, const char *profile,
	const struct cert *sign, const char *instance, struct client_id *out,
	struct err *e);

/*
 * Proves a certificate: path to an approved CA of `instance` with `extra`
 * certificates, and one good OCSP response among `ocsp` for every certificate
 * below the anchor, at `at`. FAULT_CERT_PATH, FAULT_INVALID_CERT_PATH,
 * FAULT_CERT_VALIDATION, FAULT_INCORRECT_VALIDATION_INFO.
 */
int globalconf_prove_cert(const struct globalconf *g, const char *instance,
	struct cert *leaf, struct cert_list extra, const struct bytes *ocsp,
	size_t ocsps, int64_t at, struct err *e);
/* Path only (which OCSP responses are needed?): leaf first, anchor last. */
int globalconf_path(const struct globalconf *g, const char *instance,
	struct cert *leaf, struct cert_list extra, int64_t at,
	struct cert *path[CHAIN_MAX], size_t *n, struct err *e);
/*
 * The other security server (messages 2.2): authentication certificate, path,
 * OCSP, and that its server hosts exactly this client. FAULT_SSL_AUTH.
 */
int globalconf_prove_peer(const struct globalconf *g,
	const struct client_id *client, struct cert_list chain,
	const struct bytes *ocsp, size_t ocsps, int64_t at, struct err *e);
