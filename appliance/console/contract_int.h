/* SPDX-License-Identifier: MIT */
/*
 * What an operation of X-Road's administration interfaces takes, judged before
 * its handler runs: media types, query, members of the JSON body. The rows are
 * contract.def; a refusal has X-Road's shape: 400 validation_failure with
 * validation_errors, 406, 415. Sizes are counted after trimming, as X-Road does,
 * and the handler gets the trimmed texts.
 */
#pragma once

#ifndef IN_CONSOLE
# error "contract_int.h is private to appliance/console"
#endif

#include <stdbool.h>

#include "json_io.h"

struct arena;
struct err;
struct request;

enum kind {
	KIND_NAME, /* of the shape: its first row */
	KIND_IDENT,
	KIND_TEXT,
	KIND_LINES,  /* a text of any number of lines */
	KIND_SECRET, /* a text that is not trimmed */
	KIND_DIGITS,
	KIND_WORD,
	KIND_FLAG,
	KIND_NUMBER,
	KIND_PART,
	KIND_LIST,
	KIND_TEXTS,
	KIND_WORDS,
	KIND_ANY,
	KIND_END,
};
enum media { MEDIA_NONE, MEDIA_JSON, MEDIA_BYTES, MEDIA_FORM };

/* A member of a shape; a shape is rows of them, its name's row first. */
struct member {
	enum kind kind;
	bool must;
	const char *name;
	int64_t low, high;
	const char *words; /* "A|B" */
	const struct member *part;
};

struct contract {
	char api;
	enum media media; /* of the body */
	const char *method, *path;
	const struct member *query, *body;
	const char *makes; /* "": JSON alone */
};

/* The row of an operation, NULL if there is none. api: 'S' security server, 'C'
   center; path below /api/v1, names of its {pieces} do not count. */
const struct contract *contract_find(
	char api, const char *method, const char *path);
/* strict: pieces of identifiers as X-Road's strict-identifier-checks has them.
   0 to go on, 1 when the refusal has been answered, -1 with e. */
int contract_check(struct request *r, const struct contract *c, bool strict,
	struct err *e);
/* The same for a body alone: adds "object.member": [codes] to `wrong`; true if
   a text was trimmed. */
bool contract_body(
	const struct contract *c, bool strict, json_t *body, json_t *wrong);
/* ---- contract_doc.c: the same rows as an OpenAPI document ---- */
/* Adds parameters and requestBody to an operation; its path's {pieces} too. c
   may be NULL. Schemas of bodies are added to `schemas`. */
void contract_describe(const struct contract *c, const char *path,
	json_t *operation, json_t *schemas);

/* Query as contract_body(). */
void contract_query(const struct contract *c, struct arena *a,
	const char *query, json_t *wrong);
