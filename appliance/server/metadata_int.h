/* SPDX-License-Identifier: MIT */
/*
 * Metadata services: what a provider tells about its own services in answer
 * to ordinary messages. Everybody whose message is proven may ask: there is
 * no access right to them. Rule: interop/xroad-messages.md 5.2, 5.3.
 */
#pragma once

#ifndef IN_SERVER
# error "metadata_int.h is private to appliance/server"
#endif

#include "model_int.h"
#include "rest.h"
#include "soap.h"
#include "transport.h"

/* A verified and logged request, then its answer. */
struct metadata_call {
	struct server *s;
	struct arena *a; /* the answer lives here */
	const struct globalconf *g;
	const struct client_id *client;
	const struct service_id *service;
	const struct soap *soap;         /* SOAP; its document is changed */
	const struct rest_request *rest; /* REST, else NULL */
	const struct digest *hash;       /* of the request: 1.6, 2.6 */
	/* the answer */
	struct bytes head; /* SOAP or REST part */
	struct bytes body; /* REST: there always is one */
	/* SOAP: with attachments `type` is a multipart/related with boundary */
	const struct mime_part *attachment;
	size_t attachments;
	const char *type; /* content type the caller sees */
};
/* Fills the answer. Its faults are the metadata service's own: no prefix. */
typedef int metadata_fn(struct metadata_call *c, struct err *e);

/* The handler of a reserved service code, or NULL: an ordinary service.
   method NULL: SOAP. A REST code is a metadata service with GET only. */
metadata_fn *metadata_find(const char *method, const char *code);

/* The handler of a service of the server's owner about the server itself
   (interop 6.3, 6.4), or NULL. SOAP. */
metadata_fn *metadata_own(
	struct server *s, struct arena *a, const struct service_id *service);
metadata_fn metadata_opdata, metadata_health, metadata_environment;
/* The SOAP answer: the request with its header, the body's child replaced. */
int metadata_body(struct metadata_call *c, struct bytes xml, struct err *e);

/* ---- metadata_fetch.c ---- */
/* The description of a service; FAULT_INTERNAL for any status but 200. */
struct http_answer;
int metadata_fetch(struct metadata_call *c, const struct m_service *v,
	struct http_answer *out, struct err *e);

/* ---- metadata_wsdl.c ---- */
/* getWsdl: FAULT_INVALID_REQUEST without serviceCode, FAULT_UNKNOWN_SERVICE,
   FAULT_SERVICE_TYPE; FAULT_INTERNAL: a WSDL that cannot be fetched or read. */
metadata_fn metadata_wsdl;
/* The document with another address in every soap:address, in UTF-8. */
int metadata_wsdl_hide(
	struct arena *a, struct bytes wsdl, struct bytes *out, struct err *e);

/* ---- metadata_openapi.c ---- */
/* getOpenAPI?serviceCode=: the document at the description's address, in the
   notation it has, its servers without host names. FAULT_INVALID_REQUEST
   without serviceCode; FAULT_INTERNAL: unknown service, one of another type, a
   document that cannot be fetched or read, or is not of version 3. */
metadata_fn metadata_openapi;
/* Ends a REST answer: 200, the request's headers, X-Road's, content type. */
int metadata_rest_answer(struct metadata_call *c, const char *type,
	struct bytes body, struct err *e);
