/* SPDX-License-Identifier: MIT */
/*
 * Messages that wait while a signature is computed share the next one (design
 * section 6; interop/xroad-messages.md 3.5). One signature at a time per
 * signing certificate: the first message is signed at once and alone, those
 * that came meanwhile are signed together by the first of them, after a few
 * milliseconds more if others keep coming.
 */
#pragma once

#ifndef IN_SERVER
# error "batch_int.h is private to appliance/server"
#endif

#include <stddef.h>

#include "signature.h"

struct arena;
struct err;

enum { BATCH_MAX = 64 }; /* messages under one signature */

struct batcher; /* thread-safe; has no thread of its own */

struct batcher *batcher_new(void);
/* Nobody may be signing any more. NULL is fine. */
void batcher_free(struct batcher **b);

/* How many messages wait for a signature of others at this moment. */
size_t batcher_waiting(struct batcher *b);

/* As signature_make(): the documents are in the arena, alone or with the hash
   chain of this message only. A failure is that of every message under the
   same signature. The caller's thread may sign for others that wait. */
int batch_sign(struct batcher *b, struct arena *a, const struct signing *s,
	const struct hashchain_part *part, size_t parts, struct signature *out,
	struct err *e);
