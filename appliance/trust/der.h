/* SPDX-License-Identifier: MIT */
/*
 * DER: a cursor to read with and a writer that appends to a buffer. For what
 * the TLS library has no code for: OCSP, TSP, CMS, X-Road's DigestList.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct arena;
struct err;

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0a,
	DER_UTF8_STRING = 0x0c,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_PRINTABLE_STRING = 0x13,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
};
#define DER_CONTEXT(n)             (0x80 | (n)) /* primitive [n] */
#define DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n))

/* A cursor; plain value. Definite lengths only, up to 4 length bytes. */
struct der {
	const uint8_t *p, *end;
};
struct der der_open(struct bytes b);
bool der_more(const struct der *d);
/* Next tag without moving; 0 at the end. */
int der_peek(const struct der *d);
/* Reads one element: content in *inner; FAULT_INVALID_MESSAGE on mismatch. */
int der_read(struct der *d, int tag, struct der *inner, struct err *e);
/* Any element: whole TLV in *tlv. */
int der_any(struct der *d, struct bytes *tlv, struct err *e);
int der_int(struct der *d, int64_t *out, struct err *e);
int der_oid(struct der *d, struct arena *a, char **dotted, struct err *e);
int der_time(
	struct der *d, int64_t *ms, struct err *e); /* UTC or Generalized */
struct bytes der_rest(const struct der *d);

/* Writing: content first, then wrapped. Appends tag, length, content. */
void der_put(struct buf *b, int tag, const void *p, size_t n);
void der_put_buf(struct buf *b, int tag, const struct buf *content);
void der_put_oid(struct buf *b, const char *dotted);
void der_put_int(struct buf *b, int64_t v);
void der_put_uint(struct buf *b, const void *p, size_t n); /* big endian */
void der_put_time(struct buf *b, int64_t ms); /* GeneralizedTime, seconds */
