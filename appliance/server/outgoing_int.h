/* SPDX-License-Identifier: MIT */
/*
 * One exchange as the consumer's security server. The door for information
 * systems fills it, runs it and judges what came back.
 */
#pragma once

#ifndef IN_SERVER
# error "outgoing_int.h is private to appliance/server"
#endif

#include "seen_int.h"
#include "wire_int.h"

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
	const char *head_type;    /* SOAP part's content type and headers */
	const struct mime_header *head_header;
	size_t head_headers;
	/* Reads on from the information system and writes into `wire`: 1, or 0
	   when there is no more, or -1. NULL: nothing follows the head. */
	int (*pump)(void *ctx, struct outgoing *o, struct err *e);
	void *ctx;
	/* what came back, judged */
	struct transport_message answer;
	const char *original_type; /* x-original-content-type, or "" */
	struct bytes fault_xml;    /* the peer's fault as it came, or empty */
	const char *fault_type;    /* its content type */
	/* for the monitor */
	struct monitor_exchange seen;
	const char *address; /* of the other server; NULL: not known */
	/* its own; attachments may be written before it runs */
	struct wire wire;
	size_t taken; /* of wire.buf */
	bool prepared, complete;
	struct bytes own; /* our certificate on this connection */
	bool reading;     /* the answer's head was acceptable */
	struct transport_reader *reader;
	struct buf plain; /* a text/xml answer */
};
/* Before anything is written. */
void outgoing_open(struct outgoing *o);
/* Sends, receives, verifies the provider's signature. A fault of the peer is
   fail_foreign() and leaves fault_xml. */
int outgoing_run(struct outgoing *o, struct err *e);
/* Logs the response; the caller has checked that it belongs to the request. */
int outgoing_log_response(struct outgoing *o, struct err *e);
void outgoing_done(struct outgoing *o);
