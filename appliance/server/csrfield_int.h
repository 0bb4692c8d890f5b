/* SPDX-License-Identifier: MIT */
/*
 * What a certificate request's subject holds, by the CA's certificate profile
 * (interop/xroad-center-admin.md 3.2). Rows: csr_fields.def.
 */
#pragma once

#ifndef IN_SERVER
# error "csrfield_int.h is private to appliance/server"
#endif

#include "cert.h"
#include "json_io.h"
#include "keys_int.h"

enum { CSR_FIELDS_MAX = 8 };

struct csr_field {
	const char *id;    /* RDN's short name, or subjectAltName */
	const char *value; /* default; "" for none */
	const char *label_key;
	bool read_only, required;
};
/* Whose certificate: strings borrowed. */
struct csr_subject {
	enum key_usage_type usage;
	const char *profile; /* Java class name */
	struct server_id server;
	struct client_id member; /* of the certificate: the owner, if auth */
	const char *member_name; /* or NULL */
};
/* Fields in encoding order; 0 when the profile is unknown. */
size_t csr_fields(struct arena *a, const struct csr_subject *s,
	struct csr_field out[CSR_FIELDS_MAX]);
/* Subject out of fixed values and what the operator filled in (may be NULL).
   FAULT_BAD_REQUEST names the missing field. */
int csr_subject_make(struct arena *a, const struct csr_subject *s,
	const json_t *values, struct cert_request *out, struct err *e);
