/* SPDX-License-Identifier: MIT */
/*
 * "Who used my data?" in a cache: the answers of this provider, for the person
 * whom the provider's own user ID or identifier means, as the Data Tracker
 * protocol asks (e-gov/AJ, OpenAPI 2.1.0). Rules of the officers show some
 * later, never, or in other words. Of times only the day is kept (Japan).
 *
 * All functions: cache only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "declaration.h"
#include "json_io.h"
#include "linkbook.h"

struct arena;
struct err;

enum {
	USAGE_PAGE = 1000, /* usages in one answer, unless more are wanted */
	USAGE_PAGE_MAX = 10000,
	USAGE_DAYS_MAX = 36500, /* longest delay */
	USAGE_RULES_MAX = 1000,
};

struct usage {
	int64_t day;           /* its begin */
	const char *subsystem; /* I/C/M/S of the consumer */
	struct words consumer; /* its name, or NULLs */
	struct words purpose;
	struct words service; /* NULLs: not declared, used without consent */
	struct words bulk;    /* said instead of both; NULLs: nothing */
};
struct usage_ask {
	const char *organisation; /* I/C/M, our own */
	const char *code;         /* user ID, pairwise identifier or BaseID */
	int64_t from, to;         /* ms; the days of both are included */
	int64_t offset, limit;    /* limit: 0 to USAGE_PAGE_MAX */
};
/* From a raw query (NULL: none); absent parts as the protocol says. The
   organisation stays as it is. FAULT_BAD_REQUEST names what does not fit. */
int usage_ask_read(struct arena *a, const char *query, struct usage_ask *ask,
	struct err *e);
/* Of userCode and X-Road-UserId alike; `what` names it. FAULT_BAD_REQUEST. */
int usage_code_check(const char *code, const char *what, struct err *e);
/* Newest day first, in the arena; *total counts all that are shown, whatever the
   page. A code that means nobody, or two, has none. */
int tracker_find(struct linkbook *b, const struct usage_ask *ask,
	struct arena *a, struct usage **out, size_t *n, int64_t *total,
	struct err *e);
/* Whether both codes mean the same known person. */
int tracker_same(struct linkbook *b, const char *organisation, const char *one,
	const char *two, bool *same, struct err *e);
/* Usages that happened: a list of {"id", "at", "reference"}, or of {"id", "at",
   "userId", "subsystem", "target", "purpose", "words"} for services that need
   no consent. All or none; those of an id that is here already count as kept.
   FAULT_BAD_REQUEST names what does not fit. */
int tracker_keep(struct linkbook *b, const char *organisation,
	const json_t *list, struct err *e);
/* The first moment that usages are known of, with so many days kept. */
int tracker_since(
	struct linkbook *b, int64_t keep_days, int64_t *out, struct err *e);
/* At the start: keeping begins. */
int tracker_begin(struct linkbook *b, struct err *e);
/* Finds out whose usages are, and drops those of days that ended `keep_days`
   ago. */
int tracker_sweep(struct linkbook *b, int64_t keep_days, struct err *e);

/* ---- the officers' rules ---- */
/* {"id","consumer","purpose","target","kind","days","words","reason"}; absent
   consumer, purpose, target: any. */
int tracker_rules(
	struct linkbook *b, struct arena *a, json_t **out, struct err *e);
/* Without "id"; *id in the arena. FAULT_BAD_REQUEST names what does not fit. */
int tracker_rule_add(struct linkbook *b, const json_t *rule, struct arena *a,
	const char **id, struct err *e);
/* FAULT_NOT_FOUND. */
int tracker_rule_remove(struct linkbook *b, const char *id, struct err *e);
/* How many usages wait for their consent to be known. */
int tracker_waiting(struct linkbook *b, int64_t *out, struct err *e);
