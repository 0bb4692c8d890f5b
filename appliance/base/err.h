/* SPDX-License-Identifier: MIT */
/*
 * One error struct and one fault table for the whole program.
 *
 * A function that can fail returns 0 or -1 and takes `struct err *e` last.
 * The first fault is recorded (later ones do not overwrite it), so callers
 * add no noise on the way up: `return fail(e, FAULT_x, "...", ...)`.
 *
 * A fault has two wire spellings: the snake_case of X-Road 7.8 and the
 * CamelCase of earlier versions (interop/xroad-messages.md section 1.9).
 * Prefixes (server.clientproxy, server.serverproxy, client ...) are added
 * once, at the boundary that speaks to the peer, with err_prefix().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum fault {
	FAULT_NONE,
#define FAULT(id, code, old_code, http, text) FAULT_##id,
#include "fault.def"
	FAULT_COUNT
};

enum { ERR_TEXT_MAX = 1024, ERR_CODE_MAX = 256, ERR_DETAIL_MAX = 64 };

/* Initialise with ERR_INIT (or = { 0 }); may be copied; owns nothing. */
struct err {
	enum fault fault;
	char code[ERR_CODE_MAX];     /* full wire code, prefixes included */
	char text[ERR_TEXT_MAX];     /* one sentence in English */
	char detail[ERR_DETAIL_MAX]; /* UUID for log correlation, or "" */
	bool foreign;     /* code came from a peer and is passed on as is */
	const char *file; /* where it was recorded */
	int line;
};

#define ERR_INIT      \
 {                    \
  .fault = FAULT_NONE \
 }

/* Lets compiler and analyser see what fail() returns. */
static inline int
minus_one(int ignored)
{
	(void)ignored;
	return -1;
}

/* Records the fault unless `e` holds one already. Always returns -1.
   `e` may be NULL (the fault is dropped). */
#define fail(e, f, ...) \
 minus_one(fail_at(e, f, __FILE__, __LINE__, __VA_ARGS__))
int fail_at(struct err *e, enum fault f, const char *file, int line,
	const char *fmt, ...) __attribute__((format(printf, 5, 6), cold));

/* Records a peer's fault with the peer's own code spelling. Returns -1. */
int fail_foreign(struct err *e, const char *code, const char *text,
	const char *detail) __attribute__((cold));

/* Puts "prefix." before the code unless the code begins with it already
   (compared without case). A foreign code is left alone. */
void err_prefix(struct err *e, const char *prefix);

/* Replaces nothing, appends "file:line text" context: none. Forget it all. */
void err_reset(struct err *e);

bool err_set(const struct err *e);

/* Row values. 7.8 spelling, <=7.7.1 spelling, HTTP status, short sentence. */
const char *fault_code(enum fault f);
const char *fault_old_code(enum fault f);
int fault_http(enum fault f);
const char *fault_text(enum fault f);

/* The fault with this wire code in either spelling, its last dot-separated
   piece being decisive; FAULT_NONE when no row has it. */
enum fault fault_by_code(const char *code);
