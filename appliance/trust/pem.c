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
pem_next(struct arena *a, const char *label, struct bytes *text,
	struct bytes *der, struct err *e)
{
	struct bytes found, body;
	const char *at, *end;

	if (text->len == 0)
		return 0;
	at = (const char *)text->data;
	end = at + text->len;
	while (block_next(&at, end, &found, &body)) {
		*text = bytes_of(at, (size_t)(end - at));
		if (label && !bytes_equal(found, bytes_str(label)))
			continue;
		return base64_decode(
			       a, (const char *)body.data, body.len, der, e)
			       ? -1
			       : 1;
	}
	return 0;
}

int
pem_decode(struct arena *a, const char *label, struct bytes text,
	struct bytes *der, struct err *e)
{
	int found = pem_next(a, label, &text, der, e);

	if (found)
		return found < 0 ? -1 : 0;
	return fail(e, FAULT_INVALID_MESSAGE, "No PEM block%s%s",
		label ? " " : "", label ? label : "");
}

static int
parse_next(struct arena *a, struct cert *out[CHAIN_MAX], size_t *n,
	struct bytes *text, struct err *e)
{
	struct bytes der;
	int found = pem_next(a, "CERTIFICATE", text, &der, e);

	if (found <= 0)
		return found;
	if (*n == CHAIN_MAX)
		return fail(e, FAULT_TOO_LARGE, "More than %d certificates",
			CHAIN_MAX);
	if (cert_parse(&out[*n], der, e))
		return -1;
	++*n;
	return 1;
}

int
cert_parse_chain(struct cert *out[CHAIN_MAX], size_t *n, struct bytes data,
	struct err *e)
{
	struct arena *a = arena_new();
	int found = 1;

	*n = 0;
	if (data.len > CHAIN_MAX * CERT_SIZE_MAX)
		found = fail(e, FAULT_TOO_LARGE, "Certificates of %zu bytes",
			data.len);
	while (found > 0)
		found = parse_next(a, out, n, &data, e);
	if (!found && !*n) {
		found = cert_parse(&out[0], data, e);
		*n = found ? 0 : 1;
	}
	while (found && *n)
		cert_unref(&out[--*n]);
	arena_free(&a);
	return found;
}
