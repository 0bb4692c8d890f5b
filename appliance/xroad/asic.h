/* SPDX-License-Identifier: MIT */
/*
 * ASiC-E containers: pack, unpack, verify; names; the verdict in words.
 * Rule: interop/xroad-messages.md 4.4, 4.7. Memory in, memory out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "globalconf.h"
#include "signature.h"

struct arena;
struct err;

enum { ASIC_SIZE_MAX = 256 * 1024 * 1024, ASIC_ENTRIES_MAX = 1000 };

struct asic {
	struct bytes message; /* message.xml */
	struct signature signature;
	struct bytes ts_result, ts_chain,
		ts_token;               /* batch time stamp or empty */
	struct bytes asic_manifest;     /* as read; asic_write makes its own */
	const struct bytes *attachment; /* 1.. ; data NULL when absent */
	size_t attachments;
	int64_t time; /* ms, entries' modification time */
};
int asic_write(const struct asic *c, struct buf *out, struct err *e);
/* Parts may be borrowed from `zip`. Unknown entries are ignored; `time` is not
   read. FAULT_ASIC_*, FAULT_INVALID_MESSAGE (a damaged or ambiguous ZIP),
   FAULT_TOO_LARGE. */
int asic_read(
	struct arena *a, struct bytes zip, struct asic *out, struct err *e);
/* 0 when META-INF/ASiCManifest.xml is absent or agrees with ts_result. */
int asic_manifest_check(struct arena *a, const struct asic *c, struct err *e);
/* "<queryId>-request|response-<base32>.asice" */
char *asic_name(
	struct arena *a, const char *query_id, bool response, int64_t record);

/* What verification established, for people and for JSON. */
struct asic_report {
	const char *kind; /* "SOAP request", "REST response" ... */
	const char *message_id;
	struct client_id sender;
	const char *sender_text;
	const char *signer_subject, *signer_issuer;
	int64_t signing_time, stamped_at, ocsp_at; /* ms; 0 unknown */
	const char *tsa_subject;
	bool batch_signature, batch_stamp;
	/* every part with "verified", "not in container" ... */
	const struct asic_part {
		const char *name, *state;
	} * part;
	size_t parts;
};
/*
 * Checks everything 4.7 lists and more: 0 valid; -1 with the fault that says
 * exactly what is wrong; the report holds what was established until then.
 */
int asic_verify(struct arena *a, const struct asic *c,
	const struct globalconf *g, struct asic_report *out, struct err *e);

/* A plain ZIP with named members (downloads of several containers,
   verificationconf). level 0 stores as deflate blocks. */
struct zip_entry {
	const char *name;
	struct bytes data;
};
int zip_write(const struct zip_entry *entry, size_t n, int level,
	const char *comment, int64_t time, struct buf *out, struct err *e);
/*
 * The same kind of ZIP entry by entry: only the entry at hand and the directory
 * are in memory. `sink` gets the bytes in order and fails with what went wrong.
 * At most ZIP_STREAM_ENTRIES_MAX entries (assert) and 2 GiB (FAULT_TOO_LARGE).
 */
enum { ZIP_STREAM_ENTRIES_MAX = 65000 };
typedef int zip_sink(void *ctx, struct bytes piece, struct err *e);
struct zip_stream;
struct zip_stream *zip_stream_new(int level, zip_sink *sink, void *ctx);
/* time: the entry's modification time, ms. */
int zip_stream_add(struct zip_stream *z, const struct zip_entry *entry,
	int64_t time, struct err *e);
/* Bytes given to the sink until now. */
uint64_t zip_stream_size(const struct zip_stream *z);
/* Writes the directory. */
int zip_stream_end(struct zip_stream *z, struct err *e);
void zip_stream_free(struct zip_stream **z); /* NULL is fine */
/* Entries in file order; stored ones are borrowed from `zip`. */
int zip_read(struct arena *a, struct bytes zip, size_t max_total,
	struct zip_entry **out, size_t *n, struct err *e);
