/* SPDX-License-Identifier: MIT */
/*
 * Descriptions of services as a provider's information system publishes them:
 * WSDL 1.1 and OpenAPI 3, fetched and read. What counts as a service, an
 * endpoint, a warning or an error is X-Road's rule (its WsdlParser and
 * OpenApiParser); interop/xroad-center-admin.md 4.3.
 */
#pragma once

#ifndef IN_SERVER
# error "description_int.h is private to appliance/server"
#endif

#include <stddef.h>

#include "buf.h"
#include "json_io.h"

struct arena;
struct err;
struct server;

enum {
	DESCRIPTION_MAX = 10 * 1024 * 1024, /* bytes */
	DESCRIPTION_DEPTH = 200,
	DESCRIPTION_ELEMENTS = 1000000,
	DESCRIPTION_REDIRECTS = 5,
	DESCRIPTION_TIMEOUT_MS = 30000,
	OPENAPI_OPS_MAX = 20000,
	OPENAPI_WARNINGS_MAX = 100,
};

/* ---- description_fetch.c ---- */
/* GET, following redirects that keep the scheme. The server's certificate is
   not judged: the operator who gave the address decides. Our internal TLS
   certificate is offered. FAULT_HTTP for any status but 200. */
int description_fetch(struct server *s, struct arena *a, const char *url,
	struct bytes *out, struct err *e);
/* `ref` as seen from `base`, which is absolute (RFC 3986 section 5.3). An
   empty ref is base itself. */
char *url_resolve(struct arena *a, const char *base, const char *ref);
/* "https://host:1/a/b?q#f" -> "/a/b"; a relative address loses its query. */
char *url_path(struct arena *a, const char *url);

/* ---- wsdl.c ---- */
struct wsdl_service {
	const char *code;
	const char *version; /* or NULL */
	const char *title;   /* or NULL */
	const char *url;     /* soap:address */
};
/* The operations of every port that speaks SOAP 1.1 or 1.2 over HTTP. Imports
   and includes are not followed. FAULT_INVALID_XML. */
int wsdl_parse(struct arena *a, struct bytes xml, struct wsdl_service **out,
	size_t *n, struct err *e);

/* ---- wsdl_validate.c ---- */
/* Runs the operator's validator; command "": nothing to do, *out NULL. *out are
   the lines it said (doubts; with a fault: reasons). FAULT_IO: it cannot be
   run; FAULT_INVALID_XML: it refuses the WSDL, or does not end in a minute. */
int wsdl_validate(struct arena *a, const char *command, const char *url,
	json_t **out, struct err *e);

/* ---- openapi.c ---- */
struct openapi_op {
	const char *method; /* upper case */
	const char *path;   /* as an endpoint pattern: {x} has become * */
};
struct openapi {
	const char *base; /* address of the service */
	struct openapi_op *op;
	size_t ops;
	const char **warning; /* what the administrator may ignore */
	size_t warnings;
};
/* JSON or YAML as a value. FAULT_BAD_REQUEST, FAULT_TOO_LARGE. */
int openapi_read(
	struct arena *a, struct bytes text, json_t **out, struct err *e);
/* `url` is where the text came from. FAULT_BAD_REQUEST, FAULT_TOO_LARGE;
   FAULT_INVALID_PROTOCOL_VERSION when it is neither 3.0 nor 3.1. */
int openapi_parse(struct arena *a, struct bytes text, const char *url,
	struct openapi *out, struct err *e);
/* Replaces the addresses of the servers by their paths: callers learn no host
   names. A template is left alone: its variables may be anywhere. */
void openapi_strip(struct arena *a, json_t *doc);

/* ---- openapi_check.c ---- */
/* What is missing, unexpected or contradictory; stops at the limit. */
void openapi_check(struct arena *a, const json_t *doc, struct openapi *out);
/* The operation's method in upper case, or NULL: no operation. */
const char *openapi_method(const char *key);
