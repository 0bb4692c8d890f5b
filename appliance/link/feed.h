/* SPDX-License-Identifier: MIT */
/*
 * What caches hear. The center writes a page of an organisation's changes, a
 * cache takes it; the same page answers a pull and is the body of a push:
 *
 *	{"epoch","organisation","after","to","last","centerTime","changes":
 *	 [{"number","kind","row"}]}
 *
 * Numbers are the organisation's own, dense from 1. A row is sent as it is
 * when it is sent, so a page never says something that was taken back since.
 * A page ends after FEED_PAGE changes, or with the change that makes it longer
 * than FEED_BYTES: with the largest row it is still a body that a door takes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_io.h"
#include "linkbook.h"

struct arena;
struct err;

enum { FEED_PAGE = 200, FEED_BYTES = 2 * 1024 * 1024 };

/* Center: the changes after `after`; `epoch` as the cache knows it, "" at
   first. Another epoch is answered from the beginning (after 0).
   LINK_FEED_BEHIND when the cache knows more than was ever said,
   LINK_NO_ORGANISATION. In the arena. */
int feed_page(struct linkbook *b, const char *organisation, const char *epoch,
	int64_t after, struct arena *a, json_t **out, struct err *e);
/* Center: the cache confirmed. */
int feed_told(struct linkbook *b, const char *organisation, int64_t number,
	struct err *e);
/* Center: how far the organisation's cache is, and the door of it. */
struct feed_state {
	int64_t last, told;
	const char *door, *epoch;
};
int feed_state(struct linkbook *b, const char *organisation, struct arena *a,
	struct feed_state *out, struct err *e);
/* Center: the organisations whose caches are behind. */
int feed_waiting(struct linkbook *b, struct arena *a, const char ***member,
	size_t *n, struct err *e);
/* Center: after it was restored from a backup: caches take everything anew.
   Rows that ended stay ended in them. */
int feed_new_epoch(struct linkbook *b, struct err *e);

/* Cache: takes a page that the center sent, whole or not at all, and notes
   the contact. LINK_FEED_GAP when changes before it are missing: the caller
   asks from *position. FAULT_BAD_REQUEST when it is malformed or another
   organisation's. */
struct feed_taken {
	char epoch[LINK_ID_LEN + 1];
	int64_t position; /* now */
	int64_t last;     /* the center's newest */
};
int feed_take(struct linkbook *b, const char *organisation, const json_t *page,
	struct feed_taken *out, struct err *e);
/* The same of a page that was asked for: however long it was on its way, what
   it says is not newer than the question. */
struct feed_asked {
	int64_t at, ticks; /* this machine's clocks */
};
struct feed_asked feed_asked_now(void);
int feed_take_asked(struct linkbook *b, const char *organisation,
	const json_t *page, const struct feed_asked *asked,
	struct feed_taken *out, struct err *e);
/* Cache: where it stands; zeros at first. */
struct contact {
	char epoch[LINK_ID_LEN + 1];
	int64_t position;
	bool whole;
	int64_t age_ms; /* since the last contact; -1: never */
};
int feed_contact(struct linkbook *b, const char *organisation,
	struct contact *out, struct err *e);
/* Cache: nothing is believed until the center was heard again: the file may
   be an old one. The own security server hears by another name of the cache
   that usages are missing. */
int feed_doubt(struct linkbook *b, struct err *e);
/* The boot of this machine, which the monotonic clock counts from. */
void feed_boot(char out[64]);
