/* SPDX-License-Identifier: MIT */
/*
 * The database of Personal-Link (sqlite/link) and what all its nouns share:
 * who is asking, identifiers, days, words of refusals.
 *
 * A center has every row, a cache only its own organisation's. Functions that
 * say "center" assert that they run there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct arena;
struct db;
struct db_conn;
struct err;

enum link_mode { LINK_CENTER, LINK_CACHE };

enum {
	LINK_ID_LEN = 32,       /* hex digits of 128 random bits */
	LINK_TEXT_MAX = 4000,   /* bytes of a sentence for people */
	LINK_NAME_MAX = 255,    /* bytes of a name, code, level */
	LINK_URL_MAX = 1000,    /* bytes of an address */
	LINK_ITEMS_MAX = 100,   /* items of a service */
	LINK_DAYS_MAX = 3660,   /* longest validity */
	LINK_AGE_DEFAULT = 900, /* s: oldest cache that is believed */
	LINK_AGE_MAX = 86400,   /* s */
};

struct linkbook {
	struct db *db;
	enum link_mode mode;
	/* Assurance levels from low to high, separated by commas; "" or NULL:
	   only the same word is enough. Borrowed. */
	const char *levels;
	/* Called after the commit of something that caches have to hear; may
	   be NULL. Any thread. */
	void (*changed)(void *ctx);
	void *ctx;
};

/* Opens (founding it in this mode when it is new). A database of the other
   mode is refused with FAULT_CONFIG: a cache never becomes a center. */
int linkbook_open(struct linkbook *b, const char *path, enum link_mode mode,
	struct err *e);
void linkbook_close(struct linkbook *b); /* of a zeroed one: nothing */

/* fn in a transaction; then b->changed() unless it failed. */
typedef int linkbook_fn(struct db_conn *c, void *arg, struct err *e);
int linkbook_transact(
	struct linkbook *b, linkbook_fn *fn, void *arg, struct err *e);

/* Records the fault with a code of ours ("link.consent_not_open"), which pages
   and peers turn into their own words. Returns -1. The codes:
   refusal.def. */
enum link_refusal {
#define REFUSAL(id, fault, code, en, ja) LINK_##id,
#include "refusal.def"
	LINK_REFUSALS
};
void link_refusal(struct err *e, enum link_refusal why);
static inline int
link_refuse(struct err *e, enum link_refusal why)
{
	link_refusal(e, why);
	return -1;
}
/* The Japanese sentence of a fault that link_refuse() recorded; its English
   text for any other. */
const char *link_refusal_ja(const struct err *e);

/* 128 random bits in hex; NUL-ended. */
void link_id_make(char out[LINK_ID_LEN + 1]);
/* SHA-256 in hex, in the arena: how secrets of links are kept. */
const char *link_secret_hash(struct arena *a, const char *secret);
/* The member I/C/M of a subsystem I/C/M/S or service, in the arena; the text
   must have the form client_id_path() writes. FAULT_BAD_REQUEST. */
int link_member_of(struct arena *a, const char *path, size_t pieces,
	const char **out, struct err *e);

/* Days begin at midnight in Japan (UTC+9, no summer time). */
#define LINK_DAY_MS ((int64_t)86400000)
int64_t link_day_begin(int64_t ms);
/* The first moment after the day that is `days` days after today: consents end
   with a day. */
int64_t link_day_end(int64_t now, int64_t days);
