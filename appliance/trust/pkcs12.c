/* SPDX-License-Identifier: MIT */
/*
 * Reads PKCS#12 (RFC 7292): the MAC proves the password, the safe holds the
 * key. Encrypted safes hold certificates and are not opened.
 */
#include "pkcs12.h"

#include <string.h>

#include <mbedtls/md.h>
#include <mbedtls/pkcs12.h>

#include "err.h"
#include "mem.h"
#include "text.h"
#include "trust_int.h"

enum { BMP_MAX = 2 * (PKCS12_PASSWORD_MAX + 1), ITERATIONS_MAX = 1000000 };

static const char oid_data[] = "1.2.840.113549.1.7.1";
static const char oid_key[] = "1.2.840.113549.1.12.10.1.1";
static const char oid_shrouded[] = "1.2.840.113549.1.12.10.1.2";

/* The password as the MAC's key derivation wants it: BMPString, ended by 0. */
static int
password_bmp(
	const char *password, uint8_t out[BMP_MAX], size_t *n, struct err *e)
{
	*n = 2 * (strlen(password) + 1);
	if (*n > BMP_MAX)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			"a PIN of more than %d characters cannot be read from "
			"PKCS#12",
			PKCS12_PASSWORD_MAX);
	memset(out, 0, BMP_MAX);
	for (size_t i = 0; password[i]; i++) {
		if ((unsigned char)password[i] > 0x7f)
			return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
				"a PIN in PKCS#12 must be ASCII");
		out[2 * i + 1] = (uint8_t)password[i];
	}
	return 0;
}

struct mac {
	enum digest_alg alg;
	struct bytes value, salt;
	int64_t iterations;
};

/* MacData, the last element of the file. */
static int
mac_read(struct der *pfx, struct mac *m, struct err *e)
{
	struct der data, info, value, salt;

	m->iterations = 1;
	if (der_read(pfx, DER_SEQUENCE, &data, e) ||
		der_read(&data, DER_SEQUENCE, &info, e) ||
		digest_alg_read(&info, &m->alg, e) ||
		der_read(&info, DER_OCTET_STRING, &value, e) ||
		der_read(&data, DER_OCTET_STRING, &salt, e) ||
		(der_more(&data) && der_int(&data, &m->iterations, e)))
		return -1;
	m->value = der_rest(&value);
	m->salt = der_rest(&salt);
	if (m->iterations < 1 || m->iterations > ITERATIONS_MAX)
		return fail(e, FAULT_INVALID_MESSAGE,
			"the key file asks for %lld rounds",
			(long long)m->iterations);
	if (m->alg == DIGEST_NONE)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			"the digest of the key file's MAC is unknown");
	return 0;
}

static int
mac_check(const struct mac *m, struct bytes content, const char *password,
	struct err *e)
{
	const mbedtls_md_info_t *md =
		mbedtls_md_info_from_type(digest_md(m->alg));
	size_t size = md ? mbedtls_md_get_size(md) : 0, n;
	uint8_t bmp[BMP_MAX], key[DIGEST_MAX], is[DIGEST_MAX];
	int rc;

	if (!size || size > DIGEST_MAX)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			"the digest of the key file's MAC is not supported");
	if (password_bmp(password, bmp, &n, e))
		return -1;
	rc = mbedtls_pkcs12_derivation(key, size, bmp, n, m->salt.data,
		m->salt.len, digest_md(m->alg), MBEDTLS_PKCS12_DERIVE_MAC_KEY,
		(int)m->iterations);
	if (!rc)
		rc = mbedtls_md_hmac(
			md, key, size, content.data, content.len, is);
	mem_wipe(bmp, sizeof(bmp));
	mem_wipe(key, sizeof(key));
	if (rc)
		return fail(e, FAULT_INVALID_MESSAGE,
			"the key file's MAC cannot be computed");
	if (m->value.len != size || !ct_equal(is, m->value.data, size))
		return fail(e, FAULT_PIN_INCORRECT,
			"the PIN does not open the key file");
	return 0;
}

/* ContentInfo: *data false for what is not plain data. */
static int
content_read(struct der *d, struct der *out, bool *data, struct err *e)
{
	struct der info, tagged;

	if (der_read(d, DER_SEQUENCE, &info, e) ||
		oid_match(&info, oid_data, data, e))
		return -1;
	if (!*data)
		return 0;
	if (der_read(&info, DER_CONTEXT_CONSTRUCTED(0), &tagged, e))
		return -1;
	return der_read(&tagged, DER_OCTET_STRING, out, e);
}

/* One SafeBag; *key is set once. */
static int
bag_read(
	struct der *bags, const char *password, struct key **key, struct err *e)
{
	struct der bag, tagged;
	char oid[OID_TEXT_MAX];
	struct bytes der;
	bool plain;

	if (der_read(bags, DER_SEQUENCE, &bag, e) || oid_read(&bag, oid, e) ||
		der_read(&bag, DER_CONTEXT_CONSTRUCTED(0), &tagged, e))
		return -1;
	plain = str_equal(oid, oid_key);
	if (!plain && !str_equal(oid, oid_shrouded))
		return 0;
	if (der_any(&tagged, &der, e))
		return -1;
	if (*key)
		return fail(e, FAULT_INVALID_MESSAGE,
			"the key file holds more than one key");
	return key_parse_private(key, der, plain ? NULL : password, e);
}

static int
safe_read(
	struct der safe, const char *password, struct key **key, struct err *e)
{
	struct der list, content, bags;
	bool data;

	if (der_read(&safe, DER_SEQUENCE, &list, e))
		return -1;
	while (der_more(&list)) {
		if (content_read(&list, &content, &data, e))
			return -1;
		if (!data)
			continue;
		if (der_read(&content, DER_SEQUENCE, &bags, e))
			return -1;
		while (der_more(&bags))
			if (bag_read(&bags, password, key, e))
				return -1;
	}
	if (*key)
		return 0;
	return fail(e, FAULT_INVALID_MESSAGE, "the key file holds no key");
}

int
pkcs12_key(struct key **out, struct bytes file, const char *password,
	struct err *e)
{
	struct der d = der_open(file), pfx, safe;
	struct mac m = { 0 };
	int64_t version;
	bool data;

	*out = NULL;
	if (file.len > PKCS12_MAX)
		return fail(e, FAULT_TOO_LARGE, "the key file is too large");
	if (der_read(&d, DER_SEQUENCE, &pfx, e) || der_int(&pfx, &version, e) ||
		content_read(&pfx, &safe, &data, e))
		return -1;
	if (version != 3 || !data || !der_more(&pfx))
		return fail(e, FAULT_INVALID_MESSAGE,
			"the key file is not protected by a password");
	if (mac_read(&pfx, &m, e) ||
		mac_check(&m, der_rest(&safe), password, e))
		return -1;
	if (!safe_read(safe, password, out, e))
		return 0;
	key_unref(out);
	return -1;
}
