/* SPDX-License-Identifier: MIT */
/*
 * A whole network inside one test program: a CA with OCSP responder and two
 * time-stamping authorities, a signed global configuration served over HTTP,
 * and two security servers ("town" consumes, "firm" provides) with databases,
 * signer processes and listeners on loopback addresses of their own. A third
 * server, "evil", is registered too, but is played by the test (evil.h).
 *
 *	struct net n;
 *	net_fork(&n, "net");   before any thread exists
 *	net_open(&n);     everything runs
 *	net_close(&n);
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "server_int.h"

#include "cert.h"
#include "http_client.h"
#include "key.h"
#include "ocsp.h"

#define NET_INSTANCE "JP"
#define TOWN_ADDRESS "127.30.0.1"
#define FIRM_ADDRESS "127.30.0.2"
#define EVIL_ADDRESS "127.30.0.3"
#define DEAD_ADDRESS "127.30.0.4" /* nobody listens there */
#define HUB_ADDRESS  "127.30.0.9" /* center and services */

enum { NET_HOUR_MS = 3600 * 1000, NET_DAY_MS = 24 * NET_HOUR_MS };

/* A certificate and its private key, both ours. */
struct party {
	struct key *key;
	struct cert *cert;
};

/* What the OCSP responder says about a certificate; default: good, now. */
struct ocsp_say {
	struct cert *cert;
	enum ocsp_status status;
	int64_t age_ms;
};

/* What the fake service saw last and what it answers. */
struct service_seen {
	int calls;
	char method[16], target[1024];
	struct http_header header[64];
	size_t headers;
	struct bytes body;
	struct arena *a; /* of this */
};
struct service_say {
	int status;
	const char *reason;
	const struct http_header *header;
	size_t headers;
	struct bytes body;
	int64_t delay_ms;
	/* SOAP: answers with the request's header, body and charset below */
	const char *soap_type; /* NULL: plain `body` */
};

struct node {
	const char *name, *address;
	struct client_id owner;
	const char *code;
	const char *dir;
	struct conf *conf;
	struct signer *signer;
	struct server s;
	struct party sign, auth;
	struct party next_auth; /* registered beside auth; none: key NULL */
	int http, https;        /* ports for information systems */
};

struct net {
	struct arena *a;
	const char *folder;
	struct node town, firm;
	int peer_port, responder_port; /* same on every address */
	struct party root, other_root, ocsp, tsa, tsa2, rogue_tsa, conf_key;
	/* the played third server, and one that nobody registered */
	struct party evil_sign, evil_auth, stranger_auth;
	struct party evil_old_auth; /* registered, expired yesterday */
	struct http_server *hub, *hub_tls;
	int hub_port, hub_tls_port;
	int64_t firm_data; /* row of the client FIRM_DATA */
	struct party hub_cert;
	struct http_client *http; /* of the tests' information systems */

	pthread_mutex_t lock; /* guards what follows */
	struct bytes shared, private_part, dir;
	struct ocsp_say ocsp_say[16];
	size_t ocsp_says;
	bool tsa_down, tsa2_down, ocsp_down, conf_down;
	bool tsa_wrong; /* signs with a certificate nobody lists */
	bool tsa_late;  /* answers after 5 s */
	int tsa_calls, tsa2_calls;
	uint64_t tsa_serial;
	struct service_seen seen;
	struct service_say say;
	bool maintenance; /* of the server at DEAD_ADDRESS; net_publish() */
	bool hijack; /* the firm seems to be at EVIL_ADDRESS; net_publish() */
};

extern const struct client_id TOWN, TOWN_PORTAL, TOWN_TLS, FIRM, FIRM_DATA,
	FIRM_TWIN, EVIL, EVIL_FAKE, DEAD_GONE;

/* Starts the signer processes: before any thread. Everything lies in this
   folder of tap_dir(). */
void net_fork(struct net *n, const char *folder);
void net_open(struct net *n);
void net_close(struct net *n);
/* Publishes the configuration anew; both servers fetch it. */
void net_publish(struct net *n);
void net_ocsp_say(
	struct net *n, struct cert *c, enum ocsp_status status, int64_t age_ms);
/* A response by the network's responder. */
struct bytes net_ocsp(struct net *n, struct arena *a, const struct cert *c,
	enum ocsp_status status, int64_t age_ms);

enum party_kind { PARTY_SIGN, PARTY_AUTH };
/* A certificate of the network's CA for class/code; days may be negative:
   expired since. `by` NULL: the network's root. */
struct party net_issue(struct net *n, enum key_type type, enum party_kind kind,
	const char *cls, const char *code, const struct party *by, int days);
void party_drop(struct party *p);

/* Another key with its certificate, active and registered, for the node. */
void node_key(
	struct node *d, struct party *p, const char *usage, const char *member);
/* Opens and closes the server of a node; databases stay. */
void node_open(struct net *n, struct node *d);
void node_close(struct node *d);
/* Stops and starts it, with another line of configuration (may be NULL). */
void node_restart(struct net *n, struct node *d, const char *section,
	const char *key, const char *value);
/* Rows; node_touch() makes the server read them. */
int64_t node_client(
	struct node *d, const struct client_id *id, const char *connection);
void node_client_cert(struct node *d, int64_t client, const struct cert *c);
struct service_row {
	const char *kind, *code, *version, *url;
	int timeout_s;
	bool tls_verify, disabled;
	const struct client_id *allowed; /* NULL: nobody */
};
int64_t node_service(
	struct node *d, int64_t client, const struct service_row *row);
void node_tsa(struct node *d, const char *name, const char *url);
void node_touch(struct node *d);
/* Records of a local party with this id, whole; how many. */
struct evidence;
size_t node_evidence(struct net *n, struct node *d,
	const struct client_id *local, const char *id, struct evidence **out);
/* A URL of the fake service. */
char *net_url(struct net *n, const char *path);

void net_say(struct net *n, const struct service_say *say);
/* A copy of what the service saw, in the net's arena. */
struct service_seen net_seen(struct net *n);

/* ---- information systems ---- */
struct is_call {
	const char *method, *path;
	const struct http_header *header;
	size_t headers;
	struct bytes body;
	bool has_body;
	struct tls *tls; /* 8443 instead of 8080 */
};
/* Calls a node's door; the answer in the net's arena. status -1: none. */
struct http_answer is_call(
	struct net *n, struct node *d, const struct is_call *c);
/* GET with X-Road-Client: portal, X-Road-Id: id (NULL: none). */
struct http_answer is_get(struct net *n, const char *path, const char *id);
struct http_answer is_post(
	struct net *n, const char *path, const char *id, struct bytes body);
/* X-Road-Error of the answer, "" when there is none. */
const char *is_error(const struct http_answer *a);
struct soap_call {
	const struct client_id *client;
	const struct service_id *service;
	const struct server_id *target;
	const char *id, *encoding, *type, *action, *text;
	const char *header; /* XML: one more element of the header, or NULL */
	bool bom;
};
/* A SOAP request document. */
struct bytes soap_make(struct net *n, const struct soap_call *c);
struct http_answer is_soap(struct net *n, const struct soap_call *c);
/* faultcode of a SOAP answer, "" when it is none. */
const char *soap_code(struct net *n, const struct http_answer *a);
bool text_has(struct bytes b, const char *text);

/* A SOAP document with X-Road's header. */
void soap_write(struct buf *b, const struct client_id *client,
	const struct service_id *service, const struct server_id *target,
	const char *id, const char *body, const char *text);

/* REST paths of the services that net_open() sets up. */
#define ECHO   "/r1/JP/COM/2000/Data/echo"
#define DENIED "/r1/JP/COM/2000/Data/denied"
