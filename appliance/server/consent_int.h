/* SPDX-License-Identifier: MIT */
/*
 * Consent at the provider: a service with a rule is not reached unless the
 * cache of Personal-Link (sqlite/link, kept by the role personal-link) has the
 * person's consent for this consumer, service, purpose and items, and is young
 * enough. Everything that is not sure is refused.
 *
 * What the service is told, in headers that nobody else can set:
 *
 *	X-Machilink-User-Id   the provider's own user ID (既存ID)
 *	X-Machilink-Consent   reference of the consent
 *	X-Machilink-Purpose   code of the purpose
 *	X-Machilink-Items     codes of the items given, separated by commas
 *
 * Characters that an address would not have are percent-encoded in all four.
 * The signed message stays as it came.
 */
#pragma once

#ifndef IN_SERVER
# error "consent_int.h is private to appliance/server"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "consent_gate.h"
#include "http_server.h"
#include "json_io.h"
#include "spool.h"

struct arena;
struct conf;
struct err;
struct rest_request;
struct soap;
struct transport_message;

enum {
	CONSENT_NAME_MAX = 500,   /* bytes of a rule's name or path */
	CONSENT_VALUE_MAX = 255,  /* bytes of an identifier or code */
	CONSENT_WORDS_MAX = 4000, /* bytes of a sentence for the person */
	CONSENT_BODY_MAX =
		1024 * 1024,     /* bytes of a body that is looked into */
	CONSENT_ITEMS_MAX = 100, /* of a rule */
	CONSENT_AGE_MAX = 86400, /* s */
	CONSENT_ROWS_MAX =
		1000, /* consents of one subject that are looked at */
	CONSENT_HEADERS = 4,
};

/* ---- rules ---- */

enum consent_place {
	CONSENT_FIXED, /* the purpose alone: `name` is the code */
	CONSENT_HEADER,
	CONSENT_QUERY,
	CONSENT_JSON,      /* a JSON pointer (RFC 6901) into the body */
	CONSENT_XPATH,     /* into the SOAP document or the body */
	CONSENT_PARAMETER, /* of a data service, wherever it takes it from */
	CONSENT_PLACES
};
const char *consent_place_word(enum consent_place p);
/* CONSENT_PLACES: no such word. */
enum consent_place consent_place_by_word(const char *word);

struct consent_where {
	enum consent_place in;
	const char *name;
};
struct consent_rule {
	struct consent_where subject, purpose;
	const json_t *items;      /* codes, all of which must be given */
	const json_t *namespaces; /* prefix: URI */
	int64_t max_age_s;        /* 0: as the service's declaration says */
};
/* What a rule must be. FAULT_BAD_REQUEST says what to write instead. soap: for
   a SOAP service. */
int consent_rule_check(const struct consent_rule *r, bool soap, struct err *e);

/* A service that needs no consent and whose answers are shown to the person
   they are about, whom the asker names by the provider's own user ID. */
struct record_rule {
	struct consent_where subject;
	struct consent_where purpose; /* name NULL: not said */
	const json_t *namespaces;
	const char *words; /* JSON {ja, en}: why, as the person reads it */
};
int record_rule_check(const struct record_rule *r, bool soap, struct err *e);

/* ---- consent_find.c: where the identifier is ---- */

/* One of the two; body may be NULL, and is looked into only where the method
   lets the service have it. */
struct consent_message {
	const struct rest_request *rest;
	const struct segment *body; /* of rest */
	const struct soap *soap;
};
/* The value, in the arena; not empty. It must stand there exactly once: what
   two readers could read differently is refused. FAULT_CONSENT_SUBJECT. */
int consent_find(struct arena *a, const struct consent_message *m,
	const struct consent_where *w, const json_t *namespaces,
	const char **out, struct err *e);
/* RFC 6901; a text or a whole number, in the arena. Lists have one item, and
   no member has a twin in other case. FAULT_CONSENT_SUBJECT. */
int consent_pointer(struct arena *a, const json_t *doc, const char *pointer,
	const char **out, struct err *e);
/* An absolute path of elements, "/p:a/b/@c": steps of child elements, the last
   may be an attribute. No prefix: no namespace. Exactly one must match.
   FAULT_CONSENT_SUBJECT. */
struct xml_node;
int consent_xpath(struct arena *a, struct xml_node *root, const char *path,
	const json_t *namespaces, const char **out, struct err *e);
/* FAULT_BAD_REQUEST unless it is such a path, whose prefixes are known. */
int consent_xpath_check(
	const char *path, const json_t *namespaces, struct err *e);

/* ---- consent_like.c: how others would read it ---- */

/* A header or query parameter that some framework takes for `name`. */
bool consent_name_like(const char *have, const char *name);
/* A member of a JSON object that some framework takes for `name`. */
bool consent_member_like(const char *have, const char *name);
/* "json", "xml": nothing in the headers makes a reader take the body for
   something else, compressed or in another charset than UTF-8. */
bool consent_body_is(
	struct arena *a, const struct rest_request *q, const char *what);
/* Frameworks mix its fields with the query's. */
bool consent_body_form(struct arena *a, const struct rest_request *q);

/* ---- consent_call.c: what the service is told ---- */
/* Writes the SOAP message's parts and the type of the whole anew, so that the
   service takes for the document what we judged. FAULT_CONSENT_SUBJECT. */
int consent_parts(struct arena *a, struct transport_message *m,
	const char **type, struct err *e);
/* Nobody's but ours. */
bool consent_header_own(const char *name);
/* Into h[0..CONSENT_HEADERS); how many. */
size_t consent_headers(
	struct arena *a, const struct consent_grant *g, struct http_header *h);
