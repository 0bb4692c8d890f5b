/* SPDX-License-Identifier: MIT */
/*
 * PEM (RFC 7468): text blocks around base64.
 */
#include "trust_int.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

static const char BEGIN[] = "-----BEGIN ";
static const char END[] = "-----END ";

char *
pem_encode(struct arena *a, const char *label, struct bytes der)
{
	struct buf b;
	char *text = base64_encode(a, der.data, der.len);
	size_t n = strlen(text);
	buf_init(&b, 2 * DER_BUF_MAX);
	buf_fmt(&b, "%s%s-----\n", BEGIN, label);
	for (size_t i = 0; i < n; i += 64) {
		buf_add(&b, text + i, n - i < 64 ? n - i : 64);
		buf_char(&b, '\n');
	}
	buf_fmt(&b, "%s%s-----\n", END, label);
	char *out = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	return out;
}

/* The next block from *at: its label and the base64 between the lines. */
static bool
block_next(const char **at, const char *end, struct bytes *label,
	struct bytes *body)
{
	const char *p =
		memmem(*at, (size_t)(end - *at), BEGIN, sizeof BEGIN - 1);
	if (!p)
		return false;
	p += sizeof BEGIN - 1;
	const char *stop = memmem(p, (size_t)(end - p), "-----", 5);
	if (!stop)
		return false;
	*label = bytes_of(p, (size_t)(stop - p));
	p = stop + 5;
	stop = memmem(p, (size_t)(end - p), END, sizeof END - 1);
	if (!stop)
		return false;
	*body = bytes_of(p, (size_t)(stop - p));
	*at = stop + sizeof END - 1;
	return true;
}

int
pem_decode(struct arena *a, const char *label, struct bytes text,
	struct bytes *der, struct err *e)
{
	struct bytes found, body;
	if (text.len == 0)
		return fail(e, FAULT_INVALID_MESSAGE, "Empty PEM text");
	const char *at = (const char *)text.data, *end = at + text.len;
	while (block_next(&at, end, &found, &body)) {
		if (label && !bytes_equal(found, bytes_str(label)))
			continue;
		return base64_decode(
			a, (const char *)body.data, body.len, der, e);
	}
	return fail(e, FAULT_INVALID_MESSAGE, "No PEM block%s%s",
		label ? " " : "", label ? label : "");
}
