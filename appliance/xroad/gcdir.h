/* SPDX-License-Identifier: MIT */
/*
 * The signed configuration directory: exact bytes, both ways.
 * Rule: interop/xroad-center-admin.md 1.4 (formats, verification order,
 * fault codes). The signed range is opaque: nothing is re-serialised.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "digest.h"

struct arena;
struct err;
struct key;

enum { GC_DIR_MAX = 1024 * 1024, GC_DIR_PARTS_MAX = 256 };

struct gcdir_part {
	const char *identifier; /* SHARED-PARAMETERS, PRIVATE-PARAMETERS, ... */
	const char *instance;   /* or NULL */
	const char *file_name;  /* Content-file-name or base name of location */
	const char *location;   /* Content-location, absolute path */
	struct digest digest;
};
struct gcdir {
	int version;     /* absent: 2 */
	int64_t expires; /* ms */
	const struct gcdir_part *part;
	size_t parts;
};

/*
 * Verifies against certificates that are only public-key containers (matched
 * by the hash named in the directory) and parses. `now` decides expiry.
 */
int gcdir_verify(struct arena *a, struct bytes dir, const struct bytes *cert,
	size_t certs, int64_t now, struct gcdir *out, struct err *e);
/* Digest of a downloaded part: FAULT_GC_PART_DIGEST. */
int gcdir_check_part(
	const struct gcdir_part *p, struct bytes content, struct err *e);
/* CRLF form as the central server writes it; key signs SHA-512. cert_der is
   the verification certificate of the key. */
int gcdir_write(const struct gcdir *d, struct key *key, struct bytes cert_der,
	struct buf *out, struct err *e);
