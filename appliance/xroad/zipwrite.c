/* SPDX-License-Identifier: MIT */
/*
 * Writing ZIP files as a streaming writer does (interop/xroad-messages.md 4.4):
 * deflate, data descriptors, UTF-8 names, extended time stamps.
 */
#include <assert.h>
#include <string.h>

#include <zlib.h>

#include "asic.h"
#include "clock.h"
#include "err.h"
#include "mem.h"
#include "zip_int.h"

/* Times of one file, in both forms that ZIP has. */
struct zip_time {
	uint32_t dos; /* date << 16 | time, UTC, even seconds, from 1980 */
	uint32_t unix_s;
};

/* What the central directory repeats of an entry. */
struct placed {
	uint32_t crc, packed, size, offset;
};

static void
put16(struct buf *b, unsigned v)
{
	buf_char(b, (char)v);
	buf_char(b, (char)(v >> 8));
}

static void
put32(struct buf *b, uint32_t v)
{
	put16(b, v & 0xffff);
	put16(b, v >> 16);
}

static struct zip_time
time_of(int64_t ms)
{
	struct zip_time t = { 0 };
	struct civil c;

	if (ms < 0)
		ms = 0;
	t.unix_s = (uint32_t)(ms / 1000);
	civil_from_seconds(ms / 1000, &c);
	if (c.year < 1980)
		c = (struct civil){ 1980, 1, 1, 0, 0, 0 };
	t.dos = (uint32_t)(c.year - 1980) << 25 | (uint32_t)c.month << 21 |
		(uint32_t)c.day << 16 | (uint32_t)c.hour << 11 |
		(uint32_t)c.minute << 5 | (uint32_t)c.second / 2;
	return t;
}

static int
deflate_into(struct buf *out, struct bytes data, int level, struct err *e)
{
	uint8_t block[16384];
	z_stream z = { 0 };
	int r;

	if (deflateInit2(&z, level, Z_DEFLATED, -MAX_WBITS, 8,
		    Z_DEFAULT_STRATEGY) != Z_OK)
		return fail(e, FAULT_INTERNAL, "the compressor does not start");
	z.next_in = (Bytef *)(uintptr_t)data.data;
	z.avail_in = (uInt)data.len;
	do {
		z.next_out = block;
		z.avail_out = sizeof(block);
		r = deflate(&z, Z_FINISH);
		buf_add(out, block, sizeof(block) - z.avail_out);
	} while (r == Z_OK);
	deflateEnd(&z);
	return r == Z_STREAM_END
		       ? 0
		       : fail(e, FAULT_INTERNAL, "compression failed");
}

/* version needed, flags, method, time, crc, sizes, name length. */
static void
put_common(struct buf *b, const struct zip_entry *en, struct zip_time t,
	const struct placed *p)
{
	put16(b, ZIP_VERSION);
	put16(b, ZIP_FLAG_DESCRIPTOR | ZIP_FLAG_UTF8);
	put16(b, ZIP_DEFLATED);
	put32(b, t.dos);
	put32(b, p->crc);
	put32(b, p->packed);
	put32(b, p->size);
	put16(b, (unsigned)strlen(en->name));
}

static void
put_time_extra(struct buf *b, struct zip_time t)
{
	put16(b, ZIP_EXTRA_TIME);
	put16(b, 5);
	buf_char(b, 1); /* modification time follows */
	put32(b, t.unix_s);
}

static int
put_entry(struct buf *out, const struct zip_entry *en, int level,
	struct zip_time t, struct placed *p, struct err *e)
{
	static const struct placed unknown = { 0 };
	size_t start;

	assert(strlen(en->name) <= ZIP_NAME_MAX);
	if (en->data.len > UINT32_MAX / 2)
		return fail(e, FAULT_TOO_LARGE, "%s is too large for a ZIP",
			en->name);
	put32(out, ZIP_LOCAL);
	put_common(out, en, t, &unknown);
	put16(out, ZIP_TIME_LEN);
	buf_str(out, en->name);
	put_time_extra(out, t);
	start = out->len;
	if (deflate_into(out, en->data, level, e))
		return -1;
	p->packed = (uint32_t)(out->len - start);
	p->size = (uint32_t)en->data.len;
	p->crc = (uint32_t)crc32(
		crc32(0, NULL, 0), en->data.data, (uInt)en->data.len);
	put32(out, ZIP_DESCRIPTOR);
	put32(out, p->crc);
	put32(out, p->packed);
	put32(out, p->size);
	return 0;
}

static void
put_central(struct buf *out, const struct zip_entry *en, struct zip_time t,
	const struct placed *p)
{
	put32(out, ZIP_CENTRAL);
	put16(out, ZIP_VERSION); /* made by: FAT */
	put_common(out, en, t, p);
	put16(out, ZIP_TIME_LEN);
	put16(out, 0); /* comment */
	put16(out, 0); /* disk */
	put16(out, 0); /* internal attributes */
	put32(out, 0); /* external attributes */
	put32(out, p->offset);
	buf_str(out, en->name);
	put_time_extra(out, t);
}

static void
put_end(struct buf *out, size_t n, size_t start, size_t length,
	const char *comment)
{
	put32(out, ZIP_END);
	put16(out, 0);
	put16(out, 0);
	put16(out, (unsigned)n);
	put16(out, (unsigned)n);
	put32(out, (uint32_t)length);
	put32(out, (uint32_t)start);
	put16(out, (unsigned)strlen(comment));
	buf_str(out, comment);
}

int
zip_write(const struct zip_entry *entry, size_t n, int level,
	const char *comment, int64_t time, struct buf *out, struct err *e)
{
	struct placed *p = mem_array(n ? n : 1, sizeof(*p));
	struct zip_time t = time_of(time);
	size_t i, base = out->len, start;
	int ret = -1;

	assert(n < UINT16_MAX);
	for (i = 0; i < n; i++) {
		p[i].offset = (uint32_t)(out->len - base);
		if (put_entry(out, &entry[i], level, t, &p[i], e))
			goto out;
	}
	start = out->len;
	for (i = 0; i < n; i++)
		put_central(out, &entry[i], t, &p[i]);
	put_end(out, n, start - base, out->len - start, comment ? comment : "");
	if (out->len - base > UINT32_MAX / 2) {
		fail(e, FAULT_TOO_LARGE, "the ZIP is too large");
		goto out;
	}
	ret = buf_ok(out, "the ZIP", e);
out:
	mem_free(p);
	return ret;
}

/* ---- entry by entry ---- */

struct zip_stream {
	zip_sink *sink;
	void *ctx;
	int level;
	struct buf entry;     /* the one at hand */
	struct buf directory; /* of those that were written */
	size_t n;
	uint64_t size; /* given to the sink */
};

struct zip_stream *
zip_stream_new(int level, zip_sink *sink, void *ctx)
{
	struct zip_stream *z = mem_alloc(sizeof(*z));

	z->level = level;
	z->sink = sink;
	z->ctx = ctx;
	buf_init(&z->entry, INT32_MAX);
	buf_init(&z->directory, INT32_MAX);
	return z;
}

void
zip_stream_free(struct zip_stream **z)
{
	if (!*z)
		return;
	buf_done(&(*z)->entry);
	buf_done(&(*z)->directory);
	mem_free(*z);
	*z = NULL;
}

uint64_t
zip_stream_size(const struct zip_stream *z)
{
	return z->size;
}

static int
stream_out(struct zip_stream *z, const struct buf *b, struct err *e)
{
	if (buf_ok(b, "the ZIP", e))
		return -1;
	if (z->size + b->len + z->directory.len > INT32_MAX)
		return fail(e, FAULT_TOO_LARGE, "the ZIP is too large");
	z->size += b->len;
	return z->sink(z->ctx, bytes_buf(b), e);
}

int
zip_stream_add(struct zip_stream *z, const struct zip_entry *entry,
	int64_t time, struct err *e)
{
	struct zip_time t = time_of(time);
	struct placed p = { .offset = (uint32_t)z->size };

	assert(z->n < ZIP_STREAM_ENTRIES_MAX);
	buf_drop(&z->entry, z->entry.len);
	if (put_entry(&z->entry, entry, z->level, t, &p, e) ||
		stream_out(z, &z->entry, e))
		return -1;
	put_central(&z->directory, entry, t, &p);
	z->n++;
	return 0;
}

int
zip_stream_end(struct zip_stream *z, struct err *e)
{
	size_t length = z->directory.len;

	put_end(&z->directory, z->n, (size_t)z->size, length, "");
	return stream_out(z, &z->directory, e);
}
