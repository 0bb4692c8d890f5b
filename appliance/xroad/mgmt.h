/* SPDX-License-Identifier: MIT */
/*
 * Management requests: all of them made, read and answered. A table row per
 * request says which elements it has and who signs it.
 * Rule: interop/xroad-center-admin.md 2.2-2.4.
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

enum mgmt_kind {
	MGMT_AUTH_CERT_REG,
	MGMT_AUTH_CERT_DELETION,
	MGMT_CLIENT_REG,
	MGMT_CLIENT_DELETION,
	MGMT_CLIENT_DISABLE,
	MGMT_CLIENT_ENABLE,
	MGMT_CLIENT_RENAME,
	MGMT_OWNER_CHANGE,
	MGMT_ADDRESS_CHANGE,
	MGMT_MAINTENANCE_ENABLE,
	MGMT_MAINTENANCE_DISABLE,
	MGMT_KINDS
};

/* Elements of the body, also which of them must be there. */
enum mgmt_part {
	MGMT_CLIENT = 1 << 0,
	MGMT_NAME = 1 << 1, /* subsystemName */
	MGMT_ADDRESS = 1 << 2,
	MGMT_MESSAGE = 1 << 3,
	MGMT_CERT = 1 << 4,
	MGMT_DRY_RUN = 1 << 5,
};
enum mgmt_signer {
	MGMT_UNSIGNED,  /* the message path proves the sender */
	MGMT_BY_CLIENT, /* the member of `client` */
	MGMT_BY_OWNER,  /* the server's owner */
	MGMT_BY_BOTH,   /* the authentication key and the owner */
};
struct mgmt_row {
	const char *service; /* service code, also the body's element */
	const char *type;    /* X-Road's name of the stored request */
	unsigned has, needs; /* enum mgmt_part */
	enum mgmt_signer signer;
};
const struct mgmt_row *mgmt_row(enum mgmt_kind k);

/* A request to be made. What the kind does not have is left out. */
struct mgmt_order {
	enum mgmt_kind kind;
	struct server_id server;
	struct client_id client;
	const char *subsystem_name, *address, *message; /* or NULL */
	struct cert *auth_cert;
	bool dry_run;
	/* signing side */
	struct key *auth_key; /* MGMT_BY_BOTH */
	struct key *key;      /* of `cert`; unused when unsigned */
	struct cert *cert;
	struct bytes ocsp; /* proves `cert` */
};
/* The body and its content type: multipart, plain text/xml when unsigned. */
int mgmt_make(struct arena *a, const struct mgmt_order *o,
	const struct client_id *management, struct bytes *body,
	char **content_type, struct err *e);

struct mgmt_received {
	enum mgmt_kind kind;
	struct bytes soap; /* raw */
	struct server_id server;
	struct client_id client;     /* all NULL when absent */
	struct client_id management; /* provider addressed */
	const char *id;              /* message id */
	const char *subsystem_name, *address, *message; /* or NULL */
	bool dry_run;
	struct bytes auth_cert_der;    /* as in the body; or empty */
	struct cert *auth_cert, *cert; /* in the arena's care; or NULL */
	struct bytes ocsp;             /* came with `cert` */
};
/* Which requests a door takes: registration (4001) authCertReg, the other
   (4002) all the rest. */
enum mgmt_door { MGMT_DOOR_REGISTRATION, MGMT_DOOR_MANAGEMENT };

/* Parses and verifies everything of 2.4 that needs no registry: signatures,
   certificate kinds, paths, OCSP, whose certificate it is, addressee.
   FAULT_INVALID_REQUEST for an empty certificate (diagnostics). */
int mgmt_receive(struct arena *a, enum mgmt_door door, const char *content_type,
	struct bytes body, const struct globalconf *g, int64_t at,
	struct mgmt_received *out, struct err *e);
/* 200 answer: the request echoed, Response appended, requestId. */
int mgmt_answer(struct arena *a, const struct mgmt_received *r,
	int64_t request_id, struct bytes *soap, struct err *e);
/* Reads the answer; FAULT from the SOAP fault (foreign) when it is one. */
int mgmt_result(struct arena *a, enum mgmt_kind kind, struct bytes answer,
	int64_t *request_id, struct err *e);
