/* SPDX-License-Identifier: MIT */
/* Fuzz target: multiparts and messages between security servers. In pieces
   they must read the same as whole. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "transport.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = { "x-road/transport", "x-road/queries",
	NULL };

static int
read_steps(struct arena *a, const uint8_t *data, size_t size, size_t step,
	bool rest, struct transport_message *m, struct err *e)
{
	static const struct transport_limits limits = { 100000, 100000, 10,
		NULL };
	struct transport_reader *r;
	size_t i;
	int ret;

	if (transport_reader_new(&r, a, "multipart/mixed; boundary=b",
		    DIGEST_SHA512, rest, false, &limits, NULL, NULL, e) != 0)
		abort();
	for (i = 0, ret = 0; ret == 0 && i < size; i += step)
		ret = transport_feed(
			r, data + i, size - i < step ? size - i : step, e);
	if (ret == 0)
		ret = transport_end(r, m, e);
	transport_reader_free(&r);
	return ret;
}

static void
compare(struct arena *a, const uint8_t *data, size_t size, bool rest)
{
	struct transport_message m, n;
	struct err e = ERR_INIT, f = ERR_INIT;
	int x = read_steps(a, data, size, size + 1, rest, &m, &e);
	int y = read_steps(a, data, size, 3, rest, &n, &f);

	if (x != y || e.fault != f.fault)
		abort();
	if (x == 0 && (m.attachments != n.attachments ||
			      !bytes_equal(m.head, n.head) ||
			      !bytes_equal(m.signature, n.signature)))
		abort();
}

struct seen {
	size_t document, attachments, bytes;
};

static int
on_document(void *ctx, struct bytes raw, const char *type,
	const struct mime_header *h, size_t n, struct err *e)
{
	(void)type, (void)h, (void)n, (void)e;
	((struct seen *)ctx)->document = raw.len;
	return 0;
}

static int
on_attachment(void *ctx, const struct mime_header *h, size_t n, struct err *e)
{
	(void)h, (void)n, (void)e;
	((struct seen *)ctx)->attachments++;
	return 0;
}

static int
on_data(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)p, (void)e;
	((struct seen *)ctx)->bytes += n;
	return 0;
}

static int
on_end(void *ctx, struct err *e)
{
	(void)ctx, (void)e;
	return 0;
}

static int
soap_steps(struct arena *a, const uint8_t *data, size_t size, size_t step,
	struct seen *seen, struct err *e)
{
	static const struct soap_stream_handler handler = { on_document,
		on_attachment, on_data, on_end };
	static const struct soap_stream_limits limits = { 100000, 10 };
	struct soap_stream *s;
	int ret = 0;

	if (soap_stream_new(&s, a, "multipart/related; boundary=b", &limits,
		    &handler, seen, e))
		abort();
	for (size_t i = 0; ret == 0 && i < size; i += step)
		ret = soap_stream_feed(
			s, data + i, size - i < step ? size - i : step, e);
	return ret ? ret : soap_stream_end(s, e);
}

static void
compare_soap(struct arena *a, const uint8_t *data, size_t size)
{
	struct seen m = { 0 }, n = { 0 };
	struct err e = ERR_INIT, f = ERR_INIT;
	int x = soap_steps(a, data, size, size + 1, &m, &e);
	int y = soap_steps(a, data, size, 3, &n, &f);

	if (x != y || e.fault != f.fault ||
		(x == 0 && (m.document != n.document || m.bytes != n.bytes ||
				   m.attachments != n.attachments)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct mime_part *part;
	char *s = arena_strndup(a, (const char *)data, size);
	size_t n;

	xml_startup();
	compare(a, data, size, false);
	compare(a, data, size, true);
	compare_soap(a, data, size);
	mime_split(a, "multipart/related; boundary=\"b\"", bytes_of(data, size),
		20, &part, &n, NULL);
	mime_param(a, s, "boundary");
	mime_base(a, s);
	arena_free(&a);
	return 0;
}
