/* SPDX-License-Identifier: MIT */
/*
 * A signature document read: XML Signature plus the XAdES properties that the
 * X-Road profile uses (interop/xroad-messages.md 3.1).
 */
#pragma once
#ifndef IN_XROAD
# error "xades_int.h is private to appliance/xroad"
#endif

#include <stdbool.h>
#include <stdint.h>

#include "dsig.h"

#define NS_XADES         "http://uri.etsi.org/01903/v1.3.2#"
#define NS_ASIC          "http://uri.etsi.org/02918/v1.2.1#"
#define NS_ASIC_OLD      "http://uri.etsi.org/02918/v1.1.1#"
#define TYPE_PROPERTIES  "http://uri.etsi.org/01903#SignedProperties"
#define URI_MESSAGE      "/message.xml"
#define URI_CHAIN_RESULT "/sig-hashchainresult.xml"

enum {
	XADES_OCSP_MAX = 16,
	XADES_STAMPS_MAX = 8,
	XADES_CERTS_MAX = 2 * CHAIN_MAX,
};

struct xades {
	struct xml_doc *doc;
	struct dsig sig;
	/* ds:Signature is the first thing in the root, or the root itself */
	bool tight;
	const struct xml_node *properties; /* SignedProperties */
	const char *properties_id;
	const struct xml_node *unsigned_properties; /* or NULL */
	int64_t signing_time;                       /* ms */
	struct digest signer_digest;         /* SigningCertificate, V1 or V2 */
	struct cert *extra[XADES_CERTS_MAX]; /* intermediates; arena's care */
	size_t extras;
	struct bytes ocsp[XADES_OCSP_MAX];
	size_t ocsps;
	struct bytes stamp[XADES_STAMPS_MAX];
	size_t stamps;
};

/* FAULT_INVALID_XML, FAULT_MALFORMED_SIGNATURE. No reference, digest of a
   reference or value is checked; certificate references are. */
int xades_read(
	struct arena *a, struct bytes xml, struct xades **out, struct err *e);
/* The one reference with this URI, or NULL. */
const struct dsig_reference *xades_reference(
	const struct xades *x, const char *uri);
