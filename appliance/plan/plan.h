/* SPDX-License-Identifier: MIT */
/*
 * A machine's state, declared in one file: what such a file may say (a table
 * per kind of thing), reading it, and the difference between what it says and
 * what is there. Knows no network: `machilink apply` reads the present state
 * into the same shape and does the steps.
 *
 * What a file does not mention stays as it is. A list says what must be there;
 * only when its name stands in the sibling list `exclusive` is what it does not
 * name taken away.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "json_io.h"

struct arena;
struct err;

enum plan_type {
	PLAN_TEXT,
	PLAN_INT,
	PLAN_BOOL,
	PLAN_WORD,  /* one of field.words */
	PLAN_FILE,  /* a file's name, or its text: compared as text */
	PLAN_CERT,  /* a file's name, PEM, or the SHA-256 of the DER in hex */
	PLAN_VALUE, /* an object, whatever is in it: compared as a whole */
	PLAN_MAP,   /* texts by name */
	PLAN_TEXTS, /* a set of texts */
	PLAN_CERTS, /* a set of PLAN_CERT */
	PLAN_THINGS /* a list of field.kind */
};

enum plan_flag {
	PLAN_KEY = 1 << 0,   /* tells things of a list apart */
	PLAN_ELSE = 1 << 1,  /* does so when no key is given */
	PLAN_NEED = 1 << 2,  /* must be there */
	PLAN_ONCE = 1 << 3,  /* cannot be changed once it is there */
	PLAN_HINT = 1 << 4,  /* how to do it, not what is there: not compared */
	PLAN_LAST = 1 << 5,  /* changed after all that is inside of the thing */
	PLAN_END = 1 << 6,   /* changed after all of the plan but removals */
	PLAN_BLANK = 1 << 7, /* {} is none, and so is what is empty in it */
	PLAN_FILED = 1 << 8, /* has the members of services.json */
};

struct plan_kind;
struct plan_field {
	const char *name;
	enum plan_type type;
	unsigned flags;
	const char *words; /* "FREE PAID": of PLAN_WORD; of a set, or NULL */
	const struct plan_kind *kind;
};
struct plan_kind {
	const char *name, *name_ja;     /* as told to people */
	const struct plan_field *field; /* ends with name NULL; at most 32 */
};

/* The file's own words are "machilink: server" and "machilink: center". */
extern const struct plan_kind plan_server, plan_center;
/* Kinds that steps are done by. */
extern const struct plan_kind plan_key, plan_client, plan_local_group,
	plan_description, plan_service, plan_endpoint, plan_class, plan_member,
	plan_subsystem, plan_global_group, plan_ca, plan_intermediate,
	plan_ocsp, plan_tsa, plan_registered, plan_database, plan_data_service;

const struct plan_field *plan_field_of(
	const struct plan_kind *k, const char *name);

/* ---- show.c ---- */
/* What a file may say: a line for each member, appended. */
void plan_show(struct buf *b, const struct plan_kind *k, bool japanese);

/* ---- read.c ---- */
enum { PLAN_FILE_MAX = 1024 * 1024, PLAN_LIST_MAX = 20000 };
/* Reads YAML or JSON and checks it against the tables. `name` is the file's,
   for messages: FAULT_BAD_REQUEST "NAME:LINE: ..." with the nearest name. The
   value lives in the arena. */
int plan_read(struct arena *a, const char *name, struct bytes text,
	const struct plan_kind **kind, json_t **out, struct err *e);
/* Hands every PLAN_FILE, PLAN_CERT and PLAN_CERTS text to `fn`, whose *out
   takes its place; NULL takes a certificate out of its set. */
typedef int plan_resolve_fn(void *ctx, const struct plan_field *f,
	const char *text, const char **out, struct err *e);
int plan_resolve(const struct plan_kind *k, json_t *thing, plan_resolve_fn *fn,
	void *ctx, struct err *e);
/* What tells the thing apart in its list; in the arena. */
char *plan_identity(
	struct arena *a, const struct plan_kind *k, const json_t *thing);
/* A copy with the table's members in the table's order, and nothing else:
   members that begin with _ are our own. A new reference. */
json_t *plan_clean(const struct plan_kind *k, const json_t *thing);

/* ---- walk.c ---- */
enum plan_verb { PLAN_ADD, PLAN_CHANGE, PLAN_SET, PLAN_REMOVE };
struct plan_step {
	enum plan_verb verb;
	const struct plan_kind *kind;
	const char *id;   /* of the thing; "" for the machine itself */
	json_t *want;     /* NULL: PLAN_REMOVE */
	json_t *have;     /* NULL: PLAN_ADD */
	unsigned differs; /* PLAN_CHANGE: bits of kind->field */
	const struct plan_field *field; /* PLAN_SET: the set ... */
	json_t *add, *del;              /* ... and what it lacks, has more */
	bool follow; /* completes the PLAN_ADD just done: not told again */
	const struct plan_step *parent; /* the thing around it, or NULL */
};
struct plan_walk {
	struct arena *a;
	/* Called for each step in the order in which they must be done. *now,
	   the thing as it is, may be replaced (borrowed from the arena): after
	   PLAN_ADD it must be, to go on inside of it; NULL leaves it at that. */
	int (*step)(void *ctx, const struct plan_step *s, json_t **now,
		struct err *e);
	void *ctx;
	bool doing; /* PLAN_ADD brings *now */
};
/* want: of plan_read(); have: the same shape. A thing whose have has "_keep" is
   never removed. Removals come last, the innermost first. */
int plan_walk(const struct plan_walk *w, const struct plan_kind *k,
	json_t *want, json_t *have, struct err *e);
/* "+ client LAB:GOV:1:a", "~ service ...: timeout 60 -> 30": one line without
   a line break, appended. */
void plan_tell(struct buf *b, const struct plan_step *s, bool japanese);
/* The same for every step about one thing (or one set of it), whatever it says:
   in the arena. */
char *plan_step_key(struct arena *a, const struct plan_step *s);
