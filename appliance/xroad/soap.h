/* SPDX-License-Identifier: MIT */
/*
 * SOAP messages of protocol 4.0: header, body rules, faults, requestHash.
 * Rule: interop/xroad-messages.md 1.3-1.6, 1.9.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "digest.h"
#include "ident.h"

struct arena;
struct err;
struct xml_doc;

enum { SOAP_SIZE_MAX = 16 * 1024 * 1024 };

struct soap {
	struct bytes raw; /* as received; borrowed */
	struct xml_doc *doc;
	struct client_id client;
	struct service_id service;
	bool has_server;
	struct server_id server;              /* security-server targeting */
	const char *id, *user_id, *issue;     /* NULL when absent */
	const char *party_class, *party_code; /* represented party */
	const char *protocol_version;
	const char *request_hash;     /* base64 text, or NULL */
	const char *request_hash_alg; /* URI, or NULL */
	const char *body;             /* local name of the body's child */
	bool response;                /* body name ends with Response */
	/* A Fault: header fields unset. */
	bool fault;
	const char *fault_code, *fault_string, *fault_actor, *fault_detail;
};
/* content_type: its charset parameter counts for documents that neither
   declare an encoding nor are UTF-8. Faults of 1.3. */
int soap_parse(struct arena *a, struct bytes raw, const char *content_type,
	struct soap *out, struct err *e);
/* FAULT_INCONSISTENT_RESPONSE naming the field (1.5). */
int soap_consistent(
	const struct soap *request, const struct soap *response, struct err *e);
/* requestHash equals the digest of the request's raw bytes. */
int soap_check_request_hash(const struct soap *response,
	const struct digest *request, struct err *e);
/* The response re-serialised with requestHash right after id (1.6). */
int soap_add_request_hash(struct arena *a, const struct soap *response,
	const struct digest *request, struct bytes *out, struct err *e);
/* A fault document made by a security server (1.4). */
void soap_fault_write(const struct err *fault, struct buf *out);
/* content types and SOAPAction rules of 1.4 */
bool soap_content_type_ok(const char *content_type);
bool soap_action_ok(const char *value);
