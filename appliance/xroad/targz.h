/* SPDX-License-Identifier: MIT */
/*
 * Small archives for download: tar in gzip, as X-Road's administration hands
 * out certificates.
 */
#pragma once

#include <stddef.h>

#include "buf.h"

struct err;

struct tar_file {
	const char *name; /* shorter than 100 bytes */
	struct bytes content;
};
/* Appends the archive. FAULT_TOO_LARGE when `out` is full. */
int targz_write(
	struct buf *out, const struct tar_file *file, size_t n, struct err *e);
