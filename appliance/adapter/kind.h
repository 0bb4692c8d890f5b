/* SPDX-License-Identifier: MIT */
/*
 * The kinds of values that data services take and give, one row each, and the
 * rules of one field: length, range, pattern, allowed values.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

struct arena;
struct cell; /* datasource.h */

/* A kind as it is called in services.json, XML Schema and OpenAPI. */
struct kind {
	const char *name;         /* STRING, LONG ... */
	const char *xsd;          /* string, int ... */
	const char *oas, *format; /* string, date ...; format may be NULL */
	/* Japanese kinds: the shortest form in which a parameter may be
	   written, for people; NULL for the others. */
	const char *example;
	const char *want, *want_ja; /* "a whole number", 整数 */
	bool plain;                 /* JSON writes it without quotes */
	bool number, moment;        /* what "minimum" and "maximum" compare */
	/* A parameter's text to what is bound; in the arena. */
	bool (*read)(const struct kind *k, struct arena *a, const char *text,
		struct cell *out);
	/* A column's value, not null, to its text: borrowed from the cell or
	   in scratch. False: it is not of this kind. */
	bool (*write)(const struct kind *k, const struct cell *v,
		struct buf *scratch, struct bytes *out);
};
/* NULL when there is no such kind; compared without case. */
const struct kind *kind_find(const char *name);
/* All of them, NULL past the last. */
const struct kind *kind_row(size_t i);
/* Of a column whose type neither the file nor the database tells: a number is a
   number in JSON, all else a text. Nobody can declare it. */
extern const struct kind kind_any;

enum {
	LENGTH_MOST = 1000000, /* of minLength and maxLength */
	ITEMS_MOST = 1000,     /* of a list */
	PATTERN_MAX = 500,
	ALLOWED_MAX = 1000,
};

/* Negative, NULL: no such rule. The texts are as in services.json. */
struct rules {
	int64_t shortest, longest; /* characters */
	int64_t fewest, most;      /* items of a list */
	const char *least, *greatest;
	const char *pattern; /* the whole value */
	const char **allowed;
	size_t allowed_n;
	void *regex; /* of pattern */
};

#define RULES_NONE                                        \
 (struct rules)                                           \
 {                                                        \
  .shortest = -1, .longest = -1, .fewest = -1, .most = -1 \
 }

/* What the own security server tells of the consent that a request was checked
   against, in headers of its own: a parameter may stand for one of them. */
enum grant_part {
	GRANT_NONE, /* the caller gives it, as usual */
	GRANT_USER_ID,
	GRANT_REFERENCE,
	GRANT_PURPOSE,
	GRANT_ITEMS,
	GRANT_PARTS
};

struct field {
	const char *name;
	const char *element; /* the name in XML */
	const char *title;   /* for people, or NULL */
	const struct kind *kind;
	bool list;            /* of values of that kind; parameters only */
	bool optional;        /* parameters only */
	bool loose;           /* parameters: a text that takes numbers too */
	bool personal;        /* personal data: never traced */
	bool mynumber;        /* may hold My Numbers */
	bool cp932;           /* columns: bytes of Shift_JIS */
	const char *fallback; /* of a parameter that is not given, or NULL */
	const char **items;   /* the same of a list */
	size_t items_n;
	int column;            /* where it stands in the statement */
	enum grant_part grant; /* parameters only: not the caller's to give */
	struct rules rules;
};

/* Checks the rules by themselves and against the kind: FAULT_CONFIG, in words
   for who wrote the file. */
int rules_check(struct arena *a, struct field *f, struct err *e);

/* What is wrong with a call, told in both languages. */
struct complaint {
	char en[ERR_TEXT_MAX], ja[2 * ERR_TEXT_MAX];
	const char *param; /* its name, or NULL */
};

/* One value given for the parameter, checked and converted; in the arena.
   FAULT_BAD_REQUEST and the complaint. */
int field_read(const struct field *f, struct arena *a, const char *text,
	struct cell *out, struct complaint *c, struct err *e);

enum complaint_id {
	MISSING,
	UNKNOWN,
	TWICE,
	NOT_SINGLE,
	NOT_LIST,
	NULL_ITEM,
	FEW,
	MANY,
	MISFIT,
	SHORT,
	LONG_TEXT,
	SMALL,
	GREAT,
	PATTERN,
	NOT_ALLOWED,
	MYNUMBER,
	COMPLAINTS,
};
/* Fills the complaint and e. value: what was given, NULL if not to be told;
   want: what was expected, in both languages. */
int call_refuse(struct complaint *c, enum complaint_id id, const char *name,
	const char *value, const char *want, const char *want_ja,
	struct err *e);
/* The shortest text that reads back as d. */
enum { REAL_TEXT_MAX = 40 };
void real_text(double d, char out[REAL_TEXT_MAX]);
