/* SPDX-License-Identifier: MIT */
/*
 * Small archives for download: tar in gzip, as X-Road's administration hands
 * out certificates.
 */
#pragma once

#include <stddef.h>

#include "buf.h"

struct arena;
struct cert;
struct err;

struct tar_file {
	const char *name; /* shorter than 100 bytes */
	struct bytes content;
};
/* Appends the archive. FAULT_TOO_LARGE when `out` is full. */
int targz_write(
	struct buf *out, const struct tar_file *file, size_t n, struct err *e);
/* Appends the bytes in gzip alone. FAULT_TOO_LARGE when `out` is full. */
int gzip_write(struct buf *out, struct bytes in, struct err *e);
/* A certificate as X-Road's administration exports it: cert.pem, cert.cer. */
int targz_cert(struct buf *out, struct arena *a, const struct cert *cert,
	struct err *e);
