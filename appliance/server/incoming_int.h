/* SPDX-License-Identifier: MIT */
/*
 * One message of another security server on its way through the provider's:
 * provider.c reads and judges it, provider_call.c asks the service,
 * provider_answer.c sends what comes back.
 */
#pragma once

#ifndef IN_SERVER
# error "incoming_int.h is private to appliance/server"
#endif

#include "consent_int.h"
#include "metadata_int.h"
#include "seen_int.h"
#include "transfer_int.h"
#include "wire_int.h"

struct incoming {
	struct server *s;
	struct request *r;
	struct arena *a;
	struct globalconf *g;
	bool rest;
	const char *request_id;
	struct transport_message m;
	struct rest_request rest_request;
	struct soap soap;
	struct client_id client;
	struct service_id service;
	const char *query_id;
	struct local_service local;
	metadata_fn *metadata;      /* NULL: an ordinary service */
	struct consent_grant grant; /* where the service needs one */
	bool consented;
	bool recorded; /* needs none, and is shown to the person */
	struct transfer_row transfer;
	bool transferred; /* it is durable already */
	struct digest request_hash;
	struct monitor_exchange seen; /* for the monitor */
	/* the answer */
	struct wire wire;
	struct bytes head;         /* SOAP or REST part */
	const char *original_type; /* of the service's answer */
	struct bytes fault_xml;    /* the service's own fault, UTF-8 */
};

/* What both records of the exchange say. */
struct log_record incoming_record(const struct incoming *in);

/* ---- consent_call.c ---- */
/* Where the service has a rule: sets in->grant, or notes whom the answer is
   about. FAULT_CONSENT_... */
int consent_judge(struct incoming *in, struct err *e);
/* The answer is data about the person: to be written with its record; NULL when
   it is none, or was written before. An answer of REST that is an error (400 and
   above) gives nothing. */
const struct transfer_row *consent_transfer(const struct incoming *in);

/* ---- provider_call.c ---- */
/* Asks the service and writes its answer, as it comes, into in->wire. */
int provider_call(struct incoming *in, struct err *e);

/* ---- provider_answer.c ---- */
/* To be called whenever something was added to in->wire: sends when much
   waits. */
int answer_flush(struct incoming *in, struct err *e);
/* All parts are written: signs, logs, sends the rest. */
int answer_end(struct incoming *in, struct err *e);
/* A fault instead: a plain document, or the last part of what was begun. */
int answer_fault(struct incoming *in, struct err *fault, struct err *e);
