/* SPDX-License-Identifier: MIT */
/*
 * tar (POSIX ustar) in gzip (RFC 1952). The archives are small: they are made
 * whole in memory.
 */
#include "targz.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "cert.h"
#include "clock.h"
#include "err.h"

enum { BLOCK = 512, TAR_MAX = 4 * 1024 * 1024, GZIP_WINDOW = 15 + 16 };

/* Fields at their places in a header block. */
static void
header_write(struct buf *tar, const struct tar_file *f)
{
	char h[BLOCK] = { 0 };
	unsigned sum = 0;

	snprintf(h, 100, "%s", f->name);
	snprintf(h + 100, 8, "%07o", 0644u);
	snprintf(h + 108, 8, "%07o", 0u);
	snprintf(h + 116, 8, "%07o", 0u);
	snprintf(h + 124, 12, "%011zo", f->content.len);
	snprintf(h + 136, 12, "%011llo",
		(unsigned long long)(clock_now() / 1000));
	memset(h + 148, ' ', 8);
	h[156] = '0';
	/* magic with its NUL, then version "00" */
	snprintf(h + 257, 6, "ustar");
	h[263] = h[264] = '0';
	for (int i = 0; i < BLOCK; i++)
		sum += (unsigned char)h[i];
	snprintf(h + 148, 8, "%06o", sum);
	buf_add(tar, h, sizeof(h));
}

static void
pad(struct buf *tar, size_t n)
{
	static const char zero[BLOCK];

	buf_add(tar, zero, n);
}

int
gzip_write(struct buf *out, struct bytes in, struct err *e)
{
	unsigned char piece[BLOCK * 16];
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)in.data,
		.avail_in = (uInt)in.len };
	int state;

	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
		    Z_DEFAULT_STRATEGY) != Z_OK)
		return fail(e, FAULT_INTERNAL, "deflate cannot begin");
	do {
		z.next_out = piece;
		z.avail_out = sizeof(piece);
		state = deflate(&z, Z_FINISH);
		buf_add(out, piece, sizeof(piece) - z.avail_out);
	} while (state == Z_OK);
	deflateEnd(&z);
	if (state != Z_STREAM_END)
		return fail(e, FAULT_INTERNAL, "deflate failed");
	return buf_ok(out, "the archive", e);
}

int
targz_write(
	struct buf *out, const struct tar_file *file, size_t n, struct err *e)
{
	struct buf tar;
	int ret;

	buf_init(&tar, TAR_MAX);
	for (size_t i = 0; i < n; i++) {
		size_t rest = file[i].content.len % BLOCK;

		header_write(&tar, &file[i]);
		buf_bytes(&tar, file[i].content);
		if (rest)
			pad(&tar, BLOCK - rest);
	}
	pad(&tar, BLOCK);
	pad(&tar, BLOCK);
	ret = buf_ok(&tar, "the archive", e);
	if (!ret)
		ret = gzip_write(out, bytes_buf(&tar), e);
	buf_done(&tar);
	return ret;
}

int
targz_cert(struct buf *out, struct arena *a, const struct cert *cert,
	struct err *e)
{
	const struct tar_file file[] = {
		{ "cert.pem", bytes_str(pem_encode(
				      a, "CERTIFICATE", cert_der(cert))) },
		{ "cert.cer", cert_der(cert) },
	};

	return targz_write(out, file, sizeof(file) / sizeof(file[0]), e);
}
