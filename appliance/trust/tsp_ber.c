/* SPDX-License-Identifier: MIT */
/*
 * BER (X.690 section 8) made definite: what the DER reader does not take but
 * time-stamping services send and old archives hold.
 */
#include "tsp_int.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "tsp.h"

enum {
	CONSTRUCTED = 0x20,
	OCTETS_IN_PIECES = DER_OCTET_STRING | CONSTRUCTED,
};

static int element_copy(struct der *d, struct buf *out, unsigned depth,
	bool *changed, struct err *e);

/* Skips the two zero bytes that end an indefinite length. */
static bool
end_taken(struct der *d)
{
	if (d->end - d->p < 2 || d->p[0] || d->p[1])
		return false;
	d->p += 2;
	return true;
}

/* Content of an octet string in pieces, depth already spent by the copier:
   pieces have been made definite and whole. */
static int
pieces_join(struct buf *content, struct err *e)
{
	struct der d = der_open(bytes_buf(content)), piece;
	struct buf all;
	buf_init(&all, TSP_SIZE_MAX);
	while (der_more(&d)) {
		if (der_read(&d, DER_OCTET_STRING, &piece, e)) {
			buf_done(&all);
			return -1;
		}
		buf_bytes(&all, der_rest(&piece));
	}
	buf_done(content);
	*content = all;
	return 0;
}

/* Elements up to the end of *d, or to the end mark if `open`. */
static int
content_copy(struct der *d, bool open, struct buf *out, unsigned depth,
	bool *changed, struct err *e)
{
	while (der_more(d)) {
		if (open && end_taken(d))
			return 0;
		if (element_copy(d, out, depth, changed, e))
			return -1;
	}
	if (open)
		return fail(e, FAULT_INVALID_MESSAGE,
			"BER: end of an element is missing");
	return 0;
}

/* The inside of a constructed element; *d moves behind the element. */
static int
constructed_copy(struct der *d, bool open, struct buf *content, unsigned depth,
	bool *changed, struct err *e)
{
	int tag = d->p[0];
	struct der in;
	if (open) {
		d->p += 2;
		*changed = true;
		return content_copy(d, true, content, depth, changed, e);
	}
	if (der_read(d, tag, &in, e))
		return -1;
	return content_copy(&in, false, content, depth, changed, e);
}

static int
element_copy(struct der *d, struct buf *out, unsigned depth, bool *changed,
	struct err *e)
{
	struct bytes whole;
	const uint8_t *start = d->p;
	bool other = false;
	struct buf content;
	int ret = -1;
	if (depth == 0)
		return fail(e, FAULT_INVALID_MESSAGE, "BER: nested too deep");
	if (d->end - d->p < 2)
		return fail(e, FAULT_INVALID_MESSAGE, "BER: element missing");
	int tag = d->p[0];
	if (!(tag & CONSTRUCTED)) {
		if (der_any(d, &whole, e))
			return -1;
		buf_bytes(out, whole);
		return 0;
	}
	buf_init(&content, TSP_SIZE_MAX);
	if (constructed_copy(
		    d, d->p[1] == 0x80, &content, depth - 1, &other, e))
		goto out;
	if (tag == OCTETS_IN_PIECES) {
		if (pieces_join(&content, e))
			goto out;
		tag = DER_OCTET_STRING;
		other = true;
	}
	if (other)
		der_put_buf(out, tag, &content);
	else
		buf_add(out, start, (size_t)(d->p - start));
	*changed |= other;
	ret = 0;
out:
	buf_done(&content);
	return ret;
}

int
ber_to_der(struct arena *a, struct bytes ber, struct bytes *der, struct err *e)
{
	struct der d = der_open(ber);
	struct buf out;
	bool changed = false;
	int ret = -1;
	buf_init(&out, TSP_SIZE_MAX);
	if (ber.len > TSP_SIZE_MAX) {
		fail(e, FAULT_TOO_LARGE, "Time stamp of %zu bytes", ber.len);
		goto out;
	}
	if (element_copy(&d, &out, TSP_BER_DEPTH, &changed, e) ||
		der_end(&d, "time stamp", e) || buf_ok(&out, "time stamp", e))
		goto out;
	*der = bytes_of(arena_memdup(a, out.data, out.len), out.len);
	ret = 0;
out:
	buf_done(&out);
	return ret;
}
