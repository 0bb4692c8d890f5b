/* SPDX-License-Identifier: MIT */
/*
 * REST messages: the request and response parts byte by byte, header rules,
 * request hash, error bodies. Rule: interop/xroad-messages.md 1.7, 2.6.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "digest.h"
#include "ident.h"

struct arena;
struct err;

enum { REST_PART_MAX = 1024 * 1024, REST_HEADERS_MAX = 200 };

/* To rest_..._make() values are HTTP's octets, each an ISO-8859-1 character;
   in messages they are UTF-8: rest_octets() leads back. */
struct rest_header {
	const char *name, *value;
};
struct rest_request {
	struct bytes raw; /* the part */
	const char *method;
	const char *target; /* raw path[?query] */
	const char
		*service_path; /* raw, from the slash after serviceCode or "" */
	const char *query;     /* raw without ?, NULL if absent */
	struct client_id client;
	struct service_id service;
	bool has_server;
	struct server_id server;
	const char *id, *request_id, *user_id, *issue;
	const char *represented_party;
	const struct rest_header *header;
	size_t headers;
};
struct rest_response {
	struct bytes raw;
	int status;
	const char *reason;
	struct client_id client;
	struct service_id service;
	const char *id, *request_id, *request_hash;
	const struct rest_header *header;
	size_t headers;
};

/* Builds the request part from what the information system sent: filters
   headers, appends x-road-request-id and, if absent, x-road-id. */
struct rest_input {
	const char *method, *target;
	const struct rest_header *header;
	size_t headers;
	const char *request_id; /* UUID */
	const char *instance;   /* for a generated message id */
};
int rest_request_make(struct arena *a, const struct rest_input *in,
	struct rest_request *out, struct err *e);
/* A part received from a peer. */
int rest_request_parse(struct arena *a, struct bytes raw,
	struct rest_request *out, struct err *e);
/* The query as a service gets it: UTF-8 percent-encoded, the rest raw. */
const char *rest_query_ascii(struct arena *a, const char *query);
/* Who asked, of a logged request: what X-Road signs and logs may have a target
   that no provider takes. */
int rest_request_who(struct arena *a, struct bytes raw,
	struct client_id *client, const char **id, struct err *e);
/* SHA-512 request hash; body NULL when there was no body part. */
void rest_request_hash(const struct rest_request *r, const struct digest *body,
	struct digest *out);

/* The response part at the provider: status line and headers of the service,
   filtered, then the five x-road headers. */
int rest_response_make(struct arena *a, const struct rest_request *request,
	int status, const char *reason, const struct rest_header *header,
	size_t headers, const struct digest *request_hash,
	struct rest_response *out, struct err *e);
int rest_response_parse(struct arena *a, struct bytes raw,
	struct rest_response *out, struct err *e);
/* Consumer's checks on the response: FAULT_INCONSISTENT_RESPONSE. */
int rest_consistent(const struct rest_request *request,
	const struct digest *request_hash, const struct rest_response *response,
	struct err *e);

/* A header value or reason of a message as HTTP carries it. */
const char *rest_octets(struct arena *a, const char *text);
/* Headers that never travel (both ways, case-insensitive). */
bool rest_header_dropped(const char *name);
/* Does the provider's server hand the body on to the service? */
bool rest_carries_body(const char *method);
/* The value of the last header with this name, or NULL. */
const char *rest_header_get(
	const struct rest_header *h, size_t n, const char *name);
/* Error reply for the information system: body and content type by Accept. */
void rest_error_write(const struct err *fault, const char *accept,
	struct buf *body, const char **content_type, int *status);

/* Path normalisation for access rights (section 7): FAULT_ACCESS_DENIED for
   anything whose raw and normalised forms differ in segment structure. */
int rest_path_normalize(
	struct arena *a, const char *raw, char **out, struct err *e);
/* For whoever may use the whole service: what X-Road 7.8 lets pass, passes
   ("//", "%2F", "x/.."); FAULT_ACCESS_DENIED when ".." is left after decoding,
   normalising and decoding once more, FAULT_INTERNAL for encodings that are
   none. X-Road fails for encoded characters that no URI may hold, too, for
   example a space: that harms honest callers only, so these pass here. */
int rest_path_inside(struct arena *a, const char *raw, struct err *e);
/* Endpoint pattern: `*` one segment part, `**` anything. */
bool rest_path_match(const char *pattern, const char *path);
