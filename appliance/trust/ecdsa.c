/* SPDX-License-Identifier: MIT */
/*
 * The two forms of an ECDSA signature: r||s of fixed length (XML Signature,
 * RFC 4050) and SEQUENCE { r, s } (X.509, TLS, CMS).
 */
#include "trust_int.h"

#include <string.h>

#include "err.h"
#include "mem.h"

enum { FIELD_MAX = 66 }; /* P-521 */

int
ecdsa_der_from_raw(
	struct arena *a, struct bytes raw, struct bytes *der, struct err *e)
{
	size_t half = raw.len / 2;
	struct buf in, out;
	if (raw.len == 0 || raw.len % 2 || half > FIELD_MAX)
		return fail(e, FAULT_INVALID_SIGNATURE_VALUE,
			"ECDSA signature of %zu bytes", raw.len);
	buf_init(&in, 4 * FIELD_MAX);
	buf_init(&out, 4 * FIELD_MAX);
	der_put_uint(&in, raw.data, half);
	der_put_uint(&in, raw.data + half, half);
	der_put_buf(&out, DER_SEQUENCE, &in);
	*der = bytes_of(arena_memdup(a, out.data, out.len), out.len);
	buf_done(&in);
	buf_done(&out);
	return 0;
}

int
ecdsa_raw_from_der(struct arena *a, struct bytes der, size_t field,
	struct bytes *raw, struct err *e)
{
	struct der d = der_open(der), seq, n;
	uint8_t out[2 * FIELD_MAX] = { 0 };
	if (field == 0 || field > FIELD_MAX)
		return fail(e, FAULT_INVALID_SIGNATURE_VALUE,
			"ECDSA field of %zu bytes", field);
	if (der_read(&d, DER_SEQUENCE, &seq, e))
		return -1;
	for (size_t i = 0; i < 2; i++) {
		if (der_read(&seq, DER_INTEGER, &n, e))
			return -1;
		while (n.p < n.end && *n.p == 0)
			n.p++;
		size_t len = (size_t)(n.end - n.p);
		if (len > field)
			return fail(e, FAULT_INVALID_SIGNATURE_VALUE,
				"ECDSA number longer than the field");
		memcpy(out + (i + 1) * field - len, n.p, len);
	}
	if (der_more(&seq) || der_more(&d))
		return fail(e, FAULT_INVALID_SIGNATURE_VALUE,
			"ECDSA signature with more than two numbers");
	*raw = bytes_of(arena_memdup(a, out, 2 * field), 2 * field);
	return 0;
}
