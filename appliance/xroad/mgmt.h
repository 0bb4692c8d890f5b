/* SPDX-License-Identifier: MIT */
/*
 * Management requests: authCertReg made, read and answered. Rule:
 * interop/xroad-center-admin.md 2.2-2.4.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "cert.h"
#include "globalconf.h"
#include "ident.h"

struct arena;
struct err;
struct key;

enum { MGMT_SIZE_MAX = 100000 };

struct auth_cert_reg {
	struct server_id server;
	const char *address; /* or NULL */
	struct cert *auth_cert;
	bool dry_run;
	/* signing side */
	struct key *auth_key;
	struct key *owner_key;
	struct cert *owner_cert;
	struct bytes owner_ocsp;
};
/* The multipart body and its content type. */
int auth_cert_reg_make(struct arena *a, const struct auth_cert_reg *r,
	const struct client_id *management, struct bytes *body,
	char **content_type, struct err *e);

struct auth_cert_reg_received {
	struct bytes soap; /* raw */
	struct server_id server;
	struct client_id management; /* provider addressed */
	const char *id;              /* message id */
	const char *address;         /* or NULL */
	bool dry_run;
	struct cert *auth_cert, *owner_cert; /* in the arena's care */
	struct bytes owner_ocsp;
};
/* Parses and verifies everything of 2.4 that needs no registry: both
   signatures, certificate kinds, paths, OCSP, owner, equality of the attached
   certificate. FAULT_INVALID_REQUEST for an empty certificate (diagnostics). */
int auth_cert_reg_receive(struct arena *a, const char *content_type,
	struct bytes body, const struct globalconf *g, int64_t at,
	struct auth_cert_reg_received *out, struct err *e);
/* 200 answer: the request echoed, Response appended, requestId. */
int auth_cert_reg_answer(struct arena *a,
	const struct auth_cert_reg_received *r, int64_t request_id,
	struct bytes *soap, struct err *e);
/* Reads the answer; FAULT from the SOAP fault (foreign) when it is one. */
int auth_cert_reg_result(struct arena *a, struct bytes answer,
	int64_t *request_id, struct err *e);
