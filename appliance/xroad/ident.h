/* SPDX-License-Identifier: MIT */
/*
 * X-Road identifiers: members, subsystems, services, security servers; their
 * slash, encoded and XML forms. Rule: interop/xroad-messages.md 1.1, 1.2.
 * Plain values; the strings live in an arena. Comparison is exact.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct arena;
struct err;
struct xml_node;

#define NS_SOAP  "http://schemas.xmlsoap.org/soap/envelope/"
#define NS_XROAD "http://x-road.eu/xsd/xroad.xsd"
#define NS_ID    "http://x-road.eu/xsd/identifiers"
#define NS_REPR  "http://x-road.eu/xsd/representation.xsd"

enum { IDENT_PART_MAX = 255 };

/* A member or, with subsystem, a subsystem. Absent parts are NULL. */
struct client_id {
	const char *instance, *cls, *code, *subsystem;
};
struct service_id {
	struct client_id provider;
	const char *service;
	const char *version; /* SOAP only; NULL if absent */
};
struct server_id {
	struct client_id owner; /* no subsystem */
	const char *server;
};

bool client_id_equal(const struct client_id *a, const struct client_id *b);
/* Same member; subsystems ignored. */
bool client_id_same_member(
	const struct client_id *a, const struct client_id *b);
bool service_id_equal(const struct service_id *a, const struct service_id *b);
bool server_id_equal(const struct server_id *a, const struct server_id *b);
void client_id_copy(
	struct arena *a, struct client_id *to, const struct client_id *from);
void service_id_copy(
	struct arena *a, struct service_id *to, const struct service_id *from);
void server_id_copy(
	struct arena *a, struct server_id *to, const struct server_id *from);

/* "I/C/M[/S]", components percent-encoded: URLs and X-Road-* headers. */
char *client_id_path(struct arena *a, const struct client_id *id);
char *service_id_path(struct arena *a, const struct service_id *id);
char *server_id_path(struct arena *a, const struct server_id *id);
/* "MEMBER:I/C/M", "SUBSYSTEM:I/C/M/S", "SERVICE:...", "SERVER:...". */
char *client_id_text(struct arena *a, const struct client_id *id);
char *service_id_text(struct arena *a, const struct service_id *id);
char *server_id_text(struct arena *a, const struct server_id *id);

/* Parses the slash form with percent-decoding; 3 or 4 pieces. */
int client_id_parse(
	struct arena *a, const char *s, struct client_id *out, struct err *e);
int server_id_parse(struct arena *a, const char *s, struct server_id *out,
	struct err *e); /* exactly 4 */
int service_id_parse(struct arena *a, const char *s, struct service_id *out,
	struct err *e); /* exactly 5 */
/* Registration-time rule: 1..255 bytes, no control, : ; % / \ BOM, ZWSP. */
int ident_part_check(const char *part, const char *what, struct err *e);

/* Identifier XML (children in NS_ID, attribute NS_ID objectType). `n` is the
   element that carries the id. */
int client_id_from_xml(struct arena *a, const struct xml_node *n,
	struct client_id *out, struct err *e);
int service_id_from_xml(struct arena *a, const struct xml_node *n,
	struct service_id *out, struct err *e);
int server_id_from_xml(struct arena *a, const struct xml_node *n,
	struct server_id *out, struct err *e);
/* Writes the children with prefix "id:". */
void client_id_to_xml(struct buf *b, const struct client_id *id);
void service_id_to_xml(struct buf *b, const struct service_id *id);
void server_id_to_xml(struct buf *b, const struct server_id *id);
/* "MEMBER" or "SUBSYSTEM". */
const char *client_id_type(const struct client_id *id);
