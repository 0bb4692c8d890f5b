/* SPDX-License-Identifier: MIT */
/*
 * Certificates as JSON: names, validity, key, signature, key usages. Rule:
 * CertificateDetails of X-Road's OpenAPI documents.
 */
#include "certjson.h"

#include <string.h>

#include "cert.h"
#include "clock.h"
#include "der.h"
#include "digest.h"
#include "key.h"
#include "mem.h"
#include "text.h"

#define OID_CN "2.5.4.3"

static const struct {
	enum key_usage bit;
	const char *word;
} USAGE[] = {
	{ KU_DIGITAL_SIGNATURE, "DIGITAL_SIGNATURE" },
	{ KU_NON_REPUDIATION, "NON_REPUDIATION" },
	{ KU_KEY_ENCIPHERMENT, "KEY_ENCIPHERMENT" },
	{ KU_DATA_ENCIPHERMENT, "DATA_ENCIPHERMENT" },
	{ KU_KEY_AGREEMENT, "KEY_AGREEMENT" },
	{ KU_KEY_CERT_SIGN, "KEY_CERT_SIGN" },
	{ KU_CRL_SIGN, "CRL_SIGN" },
};

static json_t *
usages_json(const struct cert *c)
{
	int ku = cert_key_usage(c);
	json_t *list = json_array();

	for (size_t i = 0; ku > 0 && i < sizeof(USAGE) / sizeof(USAGE[0]); i++)
		if (ku & (int)USAGE[i].bit)
			json_array_append_new(
				list, json_text_new(USAGE[i].word));
	return list;
}

/* OID of the signature algorithm in Java's words. */
static const struct {
	const char *oid, *name;
} SIGNATURE[] = {
	{ "1.2.840.113549.1.1.5", "SHA1withRSA" },
	{ "1.2.840.113549.1.1.10", "RSASSA-PSS" },
	{ "1.2.840.113549.1.1.11", "SHA256withRSA" },
	{ "1.2.840.113549.1.1.12", "SHA384withRSA" },
	{ "1.2.840.113549.1.1.13", "SHA512withRSA" },
	{ "1.2.840.10045.4.3.2", "SHA256withECDSA" },
	{ "1.2.840.10045.4.3.3", "SHA384withECDSA" },
	{ "1.2.840.10045.4.3.4", "SHA512withECDSA" },
};

/* Certificate ::= SEQUENCE { tbs, SEQUENCE { oid ... }, BIT STRING } */
static void
put_signature(json_t *j, struct arena *a, const struct cert *c)
{
	struct der all = der_open(cert_der(c)), seq, alg, bits;
	struct bytes tbs, value;
	const char *name;
	char *oid;

	if (der_read(&all, DER_SEQUENCE, &seq, NULL) ||
		der_any(&seq, &tbs, NULL) ||
		der_read(&seq, DER_SEQUENCE, &alg, NULL) ||
		der_oid(&alg, a, &oid, NULL) ||
		der_read(&seq, DER_BIT_STRING, &bits, NULL))
		return;
	name = oid;
	for (size_t i = 0; i < sizeof(SIGNATURE) / sizeof(SIGNATURE[0]); i++)
		if (str_equal(SIGNATURE[i].oid, oid))
			name = SIGNATURE[i].name;
	value = der_rest(&bits);
	json_put_str(j, "signature_algorithm", name);
	if (value.len) /* the first byte counts unused bits */
		json_put_str(j, "signature",
			hex_encode(a, value.data + 1, value.len - 1));
}

/* RSAPublicKey ::= SEQUENCE { modulus, publicExponent }; an EC point is the
   bits themselves. */
static void
put_key(json_t *j, struct arena *a, const struct key *k)
{
	struct bytes bits = key_bits_string(k, a), n;
	struct der d = der_open(bits), seq, modulus;
	int64_t exponent = 0;

	json_put_str(j, "public_key_algorithm",
		key_type(k) == KEY_RSA ? "RSA" : "EC");
	if (key_type(k) != KEY_RSA) {
		json_put_str(j, "ec_public_parameters", "secp256r1");
		json_put_str(j, "ec_public_key_point",
			hex_encode(a, bits.data, bits.len));
		return;
	}
	if (der_read(&d, DER_SEQUENCE, &seq, NULL) ||
		der_read(&seq, DER_INTEGER, &modulus, NULL) ||
		der_int(&seq, &exponent, NULL))
		return;
	n = der_rest(&modulus);
	while (n.len > 1 && !n.data[0])
		n = bytes_of(n.data + 1, n.len - 1);
	json_put_str(j, "rsa_public_key_modulus", hex_encode(a, n.data, n.len));
	json_put_int(j, "rsa_public_key_exponent", exponent);
}

/* The text after "CN=" of a name written as RFC 2253, up to the comma. */
static char *
common_name(struct arena *a, const char *name)
{
	const char *s = name;

	while (s && !str_iprefix(s, "CN=")) {
		s = strchr(s, ',');
		s = s ? s + 1 : NULL;
	}
	if (!s)
		return arena_strdup(a, "");
	s += strlen("CN=");
	return arena_strndup(a, s, strcspn(s, ","));
}

static void
put_time(json_t *j, const char *key, int64_t ms)
{
	char text[TIME_TEXT_MAX];

	json_put_str(j, key, time_iso_ms(text, ms));
}

json_t *
cert_details_json(struct arena *a, const struct cert *c)
{
	json_t *j = json_object();
	struct digest d;
	char *issuer = cert_issuer_text(c, a);
	const char *cn = cert_subject_get(c, a, OID_CN);

	cert_digest(c, DIGEST_SHA256, &d);
	json_put_str(j, "issuer_distinguished_name", issuer);
	json_put_str(j, "issuer_common_name", common_name(a, issuer));
	json_put_str(j, "subject_distinguished_name", cert_subject_text(c, a));
	json_put_str(j, "subject_common_name", cn ? cn : "");
	put_time(j, "not_before", cert_not_before(c));
	put_time(j, "not_after", cert_not_after(c));
	json_put_str(j, "serial", cert_serial_text(c, a));
	json_put_int(j, "version", 3);
	put_signature(j, a, c);
	put_key(j, a, cert_key(c));
	json_put_str(j, "hash", hex_encode(a, d.value, d.len));
	json_put_new(j, "key_usages", usages_json(c));
	json_put_str(j, "subject_alternative_names", "");
	return j;
}
