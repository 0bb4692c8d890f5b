/* SPDX-License-Identifier: MIT */
/*
 * X.509 certificates and PKCS#10 requests: read, write, and check chains at a
 * given moment. Rules: RFC 5280, interop/xroad-messages.md 2.2 and 3.9,
 * xroad-center-admin.md 3.1-3.3. Certificates are immutable, reference counted
 * and thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "digest.h"

struct arena;
struct err;
struct key;
struct cert;

enum { CERT_SIZE_MAX = 64 * 1024 };

/* DER, PEM, or base64-decoded PEM text (X-Road publishes all of them). */
int cert_parse(struct cert **out, struct bytes data, struct err *e);
enum { CHAIN_MAX = 8 };
/* Every certificate of a PEM text in its order, or the one of a DER, as new
   references. FAULT_INVALID_MESSAGE, FAULT_TOO_LARGE beyond CHAIN_MAX. */
int cert_parse_chain(struct cert *out[CHAIN_MAX], size_t *n, struct bytes data,
	struct err *e);
/* True if it has the outer form of a certificate (RFC 5280 section 4.1),
   whatever is in it: an algorithm we do not know is no broken document. */
bool cert_shaped(struct bytes data);
struct cert *cert_ref(struct cert *c);
void cert_unref(struct cert **c); /* NULL is fine */

struct bytes cert_der(const struct cert *c); /* borrowed */
void cert_digest(const struct cert *c, enum digest_alg alg, struct digest *out);
bool cert_equal(const struct cert *a, const struct cert *b);
struct key *cert_key(const struct cert *c);          /* borrowed public key */
int64_t cert_not_before(const struct cert *c);       /* ms */
int64_t cert_not_after(const struct cert *c);        /* ms */
struct bytes cert_subject_der(const struct cert *c); /* borrowed */
struct bytes cert_issuer_der(const struct cert *c);  /* borrowed */
struct bytes cert_serial(const struct cert *c);      /* big endian, borrowed */
/* Decimal serial number, as XML Signature's X509SerialNumber. */
char *cert_serial_text(const struct cert *c, struct arena *a);
/* RFC 2253 names as Java prints them: "CN=Test CA,O=Test". */
char *cert_subject_text(const struct cert *c, struct arena *a);
char *cert_issuer_text(const struct cert *c, struct arena *a);
/* First RDN value with this dotted OID ("2.5.4.3"), UTF-8, or NULL. */
char *cert_subject_get(const struct cert *c, struct arena *a, const char *oid);

enum key_usage {
	KU_DIGITAL_SIGNATURE = 1 << 0,
	KU_NON_REPUDIATION = 1 << 1,
	KU_KEY_ENCIPHERMENT = 1 << 2,
	KU_DATA_ENCIPHERMENT = 1 << 3,
	KU_KEY_AGREEMENT = 1 << 4,
	KU_KEY_CERT_SIGN = 1 << 5,
	KU_CRL_SIGN = 1 << 6,
};
enum ext_usage {
	EKU_CLIENT_AUTH = 1 << 0,
	EKU_SERVER_AUTH = 1 << 1,
	EKU_OCSP_SIGNING = 1 << 2,
	EKU_TIME_STAMPING = 1 << 3,
};
/* -1 when the extension is absent. */
int cert_key_usage(const struct cert *c);
int cert_ext_usage(const struct cert *c);
bool cert_is_ca(const struct cert *c);
/* X-Road's definitions (xroad-center-admin.md 3.1). */
bool cert_is_auth(const struct cert *c);
bool cert_is_sign(const struct cert *c);
bool cert_self_issued(const struct cert *c);
/* First dNSName of the subject's alternative names, or NULL. */
char *cert_dns_name(const struct cert *c, struct arena *a);
/* First AIA OCSP URL or NULL. */
char *cert_ocsp_url(const struct cert *c, struct arena *a);

/* 0 if `issuer` signed `c` (names and signature; not validity). */
int cert_signed_by(
	const struct cert *c, const struct cert *issuer, struct err *e);

/* A list of certificates; borrowed pointers unless said otherwise. */
struct cert_list {
	struct cert *const *item;
	size_t n;
};

/*
 * Builds leaf → ... → anchor from the extra certificates and checks it at
 * `at` (ms): signatures, names, validity of every certificate including the
 * anchor's successors, basic constraints, path length, keyCertSign where a
 * key usage is present, unknown critical extensions, no SHA-1 or MD5
 * signatures. The anchor itself is trusted as given. No revocation: ocsp.h.
 * On success path[0..*n) holds borrowed pointers, leaf first, anchor last.
 * FAULT_CERT_PATH (no path) or FAULT_INVALID_CERT_PATH.
 */
int cert_chain(struct cert *leaf, struct cert_list extra,
	struct cert_list anchors, int64_t at, struct cert *path[CHAIN_MAX],
	size_t *n, struct err *e);

/* ---- writing ---- */

/* One RDN: short name (C, O, OU, CN, serialNumber, businessCategory,
   organizationIdentifier) and UTF-8 value. */
struct rdn {
	const char *type;
	const char *value;
};

/* RDNs of a text such as "C=JP, O=A town, CN=ss1" (RFC 4514; RFC 1779's ';'
   and quotes too) in encoding order, which is the text's from its end. In the
   arena. FAULT_BAD_REQUEST, also for several attributes in one RDN. */
enum { NAME_RDNS = 32 };
int rdn_parse(struct arena *a, const char *text, struct rdn **out, size_t *n,
	struct err *e);

struct cert_request {
	struct bytes subject_der;  /* wins over subject when set */
	const struct rdn *subject; /* in encoding order (C first) */
	size_t subjects;
	const char *dns_name; /* subjectAltName or NULL */
	unsigned key_usage;   /* extensionRequest, not critical */
};
/* PKCS#10, SHA-256, signed by key (may be remote). DER in the arena. */
int csr_make(struct key *key, const struct cert_request *r, struct arena *a,
	struct bytes *der, struct err *e);

/* A parsed and self-signature-checked PKCS#10; lives in the arena. */
struct csr {
	struct key *key; /* unref'ed by the arena */
	struct bytes subject_der;
	const char *subject_text;
	const char *dns_name; /* or NULL */
	unsigned key_usage;   /* requested, 0 if none */
};
int csr_parse(struct arena *a, struct bytes der_or_pem, struct csr **out,
	struct err *e);
char *csr_subject_get(const struct csr *r, struct arena *a, const char *oid);

struct cert_template {
	struct bytes subject_der; /* wins over subject when set */
	const struct rdn *subject;
	size_t subjects;
	struct key *key;               /* subject's public key */
	uint64_t serial;               /* positive */
	int64_t not_before, not_after; /* ms */
	bool ca;            /* basicConstraints, always written, critical */
	int path_len;       /* -1: none */
	unsigned key_usage; /* critical */
	unsigned ext_usage; /* EKU; timeStamping alone is critical (RFC 3161) */
	const char *ocsp_url;      /* AIA or NULL */
	const char *dns_name, *ip; /* subjectAltName or NULL */
};
/* Issues a certificate signed by issuer_key (SHA-256 or stronger). With
   issuer NULL it is self-signed. Subject and authority key identifiers are
   written. *out is a new reference. */
int cert_issue(struct cert **out, const struct cert_template *t,
	const struct cert *issuer, struct key *issuer_key, struct err *e);

/* PEM text in the arena; label "CERTIFICATE", "CERTIFICATE REQUEST" ... */
char *pem_encode(struct arena *a, const char *label, struct bytes der);
/* First block with this label; NULL label takes any. */
int pem_decode(struct arena *a, const char *label, struct bytes text,
	struct bytes *der, struct err *e);
