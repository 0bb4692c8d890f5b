/* SPDX-License-Identifier: MIT */
/*
 * Telling of the end of certificates, whatever role watches them: each
 * threshold of expiry.h once, in log and mail, and as a row of the API. The
 * role shows its certificates, remembers what was told and sends the mail.
 */
#pragma once

#include "json_io.h"

#include "wording.h"

struct arena;
struct cert;
struct err;

enum expiry_kind {
	EXPIRY_SIGN,
	EXPIRY_AUTH,
	EXPIRY_INTERNAL,
	EXPIRY_CA,
	EXPIRY_OCSP,
	EXPIRY_TSA,
	EXPIRY_SOURCE,
};

struct watched {
	enum expiry_kind kind;
	const char *who; /* contact of mail.yml that is told */
	const struct cert *cert;
};

/* What a role does for it. */
struct expiry_book {
	void *ctx;
	bool japanese; /* the mail */
	/* The smallest threshold told of this certificate, INT32_MAX: none. */
	int (*told)(
		void *ctx, const char *sha256, int *threshold, struct err *e);
	int (*remember)(
		void *ctx, const char *sha256, int threshold, struct err *e);
	/* arg[0], who tells, is the role's to fill. Logs its own failures. */
	void (*mail)(void *ctx, const char *who, enum wording id,
		const char *const arg[WORDING_ARGS]);
};
/* Tells if a threshold was reached since the last time. */
int expiry_tell(const struct expiry_book *b, struct arena *a,
	const struct watched *w, struct err *e);
/* A new row: kind, subject, hash, not_after, days_left, warning. */
json_t *expiry_json(struct arena *a, const struct watched *w);
