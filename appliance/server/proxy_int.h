/* SPDX-License-Identifier: MIT */
/*
 * The message path's pieces: what the consumer's and the provider's side
 * share. Rule: interop/xroad-messages.md sections 1 and 2.
 */
#pragma once

#ifndef IN_SERVER
# error "proxy_int.h is private to appliance/server"
#endif

#include "err.h"
#include "rest.h"
#include "server_int.h"
#include "soap.h"
#include "transport.h"

#define PROXY_VERSION "7.8.0" /* x-proxy-version: an X-Road version (2.4) */

enum {
	PEER_ADDRESSES_MAX = 32,
	/* a fault of a service travels as it came: a whole SOAP message */
	FAULT_XML_MAX = SOAP_SIZE_MAX + 64 * 1024,
	ANSWER_HEAD_MAX = SOAP_SIZE_MAX + 64 * 1024,
	/* what travels around a message: REST part, signature, OCSP */
	WIRE_EXTRA = 4 * 1024 * 1024,
};

/* ---- is_auth.c: may this information system speak for the client? (1.8)
   FAULT_SSL_AUTH. ---- */
int is_authenticate(struct request *r, struct server *s,
	const struct local_client *client, struct err *e);

/* ---- peer.c: the other security server ---- */
/* Addresses where the provider may be reached, in the order of trying: 2.9.
   FAULT_UNKNOWN_MEMBER, FAULT_INVALID_SECURITY_SERVER, FAULT_MAINTENANCE_MODE */
int peer_addresses(const struct globalconf *g, struct arena *a,
	const struct client_id *provider, const struct server_id *target,
	const char *out[PEER_ADDRESSES_MAX], size_t *n, struct err *e);
/* An address as it stands in a URL: IPv6 in brackets. */
const char *peer_host(struct arena *a, const char *address);
/* Context of peer_judge(): the server answering at `address` must be one that
   hosts `client` (2.2). */
struct peer_claim {
	struct server *s;
	const struct client_id *client;
	/* Where the connection goes by now; *address NULL when not known. */
	const char *const *address;
};
int peer_judge(void *claim, struct cert_list chain, struct err *e);
/* At the handshake of an incoming connection: does any server of the network
   own this certificate? ctx is the struct server. */
int peer_known(void *ctx, struct cert_list chain, struct err *e);
/* On every incoming message: is the sender's client registered at the server
   that holds this TLS connection? FAULT_SSL_AUTH. */
int peer_prove_sender(struct server *s, const struct globalconf *g,
	struct cert_list chain, const struct client_id *client,
	const struct transport_message *m, struct err *e);

/* ---- outgoing.c: one exchange as the consumer's server ---- */
struct outgoing {
	/* filled by the caller */
	struct server *s;
	struct arena *a;
	struct globalconf *g;
	bool rest;
	struct client_id client;
	struct service_id service;
	const struct server_id *target; /* or NULL */
	const char *query_id, *request_id;
	const char *content_type; /* as the information system sent; or "" */
	const char *soap_action;  /* SOAP only; NULL absent */
	struct bytes head;        /* SOAP or REST part */
	const char *head_type;    /* SOAP part's content type */
	struct bytes body;        /* REST body; len 0: no part */
	/* what came back, judged */
	struct transport_message answer;
	struct bytes fault_xml; /* the peer's fault as it came, or empty */
	const char *fault_type; /* its content type */
	/* its own */
	struct transport_writer writer;
	struct buf wire;
	size_t sent;
	bool prepared;
	struct transport_reader *reader;
	struct buf plain; /* a text/xml answer */
};
/* Sends, receives, verifies the provider's signature. A fault of the peer is
   fail_foreign() and leaves fault_xml. */
int outgoing_run(struct outgoing *o, struct err *e);
/* Logs the response; the caller has checked that it belongs to the request. */
int outgoing_log_response(struct outgoing *o, struct err *e);
void outgoing_done(struct outgoing *o);

/* Signs and logs one message: both sides, both directions. */
struct evidence_make {
	struct server *s;
	const struct globalconf *g;
	const struct client_id *signer;    /* whose member certificate */
	struct log_record *record;         /* message, attachment set */
	const struct hashchain_part *part; /* message_parts() */
	size_t parts;
};
int evidence_sign(struct evidence_make *m, struct arena *a, struct err *e);

/* The parts of a message as the signature names them: "/message.xml" and
   "/attachment1" ... ; how many. */
size_t message_parts(struct arena *a, const struct digest *head,
	const struct digest *attachment, size_t attachments,
	const struct hashchain_part **out);

/* The same of bytes in memory (SHA-512). */
size_t bytes_parts(struct arena *a, struct bytes head, bool body_part,
	struct bytes body, const struct hashchain_part **out);

/* ---- doors for information systems ---- */
int client_rest(struct request *r, void *state, struct err *e);
/* An error reply in the form of the REST protocol. */
void client_rest_refuse(struct request *r, const struct err *fault);
int client_soap(struct request *r, void *state, struct err *e);
int client_list(struct request *r, void *state, struct err *e);

/* ---- provider.c: the door for other security servers ---- */
int provider_message(struct request *r, void *state, struct err *e);

/* ---- call_service.c: the provider's information system ---- */
struct service_call {
	struct server *s;
	struct arena *a;
	const struct local_service *service;
	const char *method,
		*path_and_query; /* appended to the URL; may be "" */
	const struct http_header *header;
	size_t headers;
	struct bytes body;
	bool has_body;
};
struct http_answer;
/* Faults carry the inner prefix service_failed. */
int call_service(
	const struct service_call *c, struct http_answer *out, struct err *e);
