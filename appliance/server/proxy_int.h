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
	ATTACHMENTS_MAX = 1000, /* of one SOAP message */
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

/* ---- parts.c: the parts of a message ---- */
/* As the signature names them: "/message.xml" and "/attachment1" ... ; how
   many. */
size_t message_parts(struct arena *a, const struct digest *head,
	const struct digest *attachment, size_t attachments,
	const struct hashchain_part **out);
/* Of a message that came: the message by every algorithm that a signature may
   use, X-Road has its bytes (SignatureVerifier.engineResolveURI); attachments,
   digested on the way, by the one that the peer named and by SHA-512. */
size_t received_parts(struct arena *a, const struct transport_message *m,
	const struct hashchain_part **out);
/* What the log stores of it; r->rest is set. */
void received_record(struct arena *a, const struct transport_message *m,
	struct log_record *r);

/* ---- content.c: bodies of any size ---- */
const char *spool_folder(const struct conf *c);
struct http_headers {
	const struct http_header *item;
	size_t n;
};
int reply_content(struct request *r, int status, const char *reason,
	struct http_headers h, const struct segments *c, struct err *e);
/* The body of a call, in memory when it is small; else `c` is its source and
   call->ctx has to begin with it. */
struct content {
	const struct segments *from;
	int64_t at;
};
struct http_call;
int content_call(struct arena *a, struct content *c, struct http_call *call,
	struct err *e);

/* err_prefix() for what a door tells: the message protocols know no
   bad_request; what cannot be read is internal_error (1.7, 1.9). */
void message_prefix(struct err *e, const char *prefix);
/* "service_failed" for a fault of reading what another security server sent.
   Not for what the message lacks, which is looked at afterwards, nor for the
   syntax of MIME, nor for a full disk of ours. Rule: X-Road 7.8.0, ProxyMessageDecoder.parse() and who
   calls it. */
void reading_prefix(struct err *e);
/* A REST part of another security server that cannot be read: nothing but an
   internal_error to X-Road (IllegalArgumentException of RestRequest and
   RestResponse). */
void rest_unreadable(struct err *e);

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
	const struct segments *body; /* NULL: none */
	/* The answer as it comes; NULL: `out` holds its body, SOAP_SIZE_MAX
	   at most. */
	int (*on_head)(void *ctx, int status, const char *reason,
		const struct http_header *h, size_t n, struct err *e);
	int (*sink)(void *ctx, const void *p, size_t n, struct err *e);
	void *ctx;
};
struct http_answer;
/* Faults carry the inner prefix service_failed. */
int call_service(
	const struct service_call *c, struct http_answer *out, struct err *e);
