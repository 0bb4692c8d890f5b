/* SPDX-License-Identifier: MIT */
/*
 * Pages compiled into the binary: path, bytes, MIME type, SHA-256 as ETag,
 * and the same bytes after gzip.
 */
#pragma once

#include <stddef.h>

#include "buf.h"

struct err;
struct request;

struct asset {
	const char *path; /* "/index.html" */
	const char *mime;
	const char *etag; /* quoted SHA-256 hex */
	const unsigned char *begin;
	const unsigned char *end;
	const unsigned char *packed; /* after gzip; NULL: only plain */
	const unsigned char *packed_end;
};
/* Generated: sorted by path, n entries. */
struct asset_table {
	const struct asset *asset;
	size_t n;
};
/* Serves path from the table, or from dir when dir is not "" (development):
   ETag, 304, gzip for who takes it (RFC 9110 12.5.3), Cache-Control (hashed
   names forever, pages never), CSP and the other security headers. "/" is /index.html. FAULT_NOT_FOUND. */
int asset_serve(struct request *r, const struct asset_table *t, const char *dir,
	struct err *e);
/* The table of the linked binary; defined by the generated source. */
extern const struct asset_table web_assets;
