/* SPDX-License-Identifier: MIT */
/*
 * System parameters as rows (param.def) and the INI file that sets them.
 *
 * Names are X-Road's own where X-Road has the parameter. Parser, range check,
 * `machilink param list`, the manual and the settings page come from the row.
 * Unknown keys and bad values stop the start with file, line and the nearest
 * valid name. A loaded configuration is immutable.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct err;

enum param_type {
	PARAM_TEXT,
	PARAM_INT,
	PARAM_BOOL,
	PARAM_PATH,
	PARAM_LIST,
	PARAM_WHEN, /* seconds lo to hi, or a cron expression (cron.h) */
};

enum param_id {
#define PARAM(id, section, key, type, def, lo, hi, unit, text, text_ja) P_##id,
#include "param.def"
	PARAM_COUNT
};

struct param {
	const char *section;
	const char *key;
	enum param_type type;
	const char *def;            /* default as text; "" for none */
	int64_t lo, hi;             /* limits of PARAM_INT */
	const char *unit;           /* ms, s, bytes, port ... or "" */
	const char *text, *text_ja; /* the manual's sentence */
};

const struct param *param_row(enum param_id id);
/* -1: there is none. */
int param_find(const char *section, const char *key);
/* May it be changed from the pages (param_local.def)? */
bool param_local(enum param_id id);

struct conf;
/* Reads the file (<= 1 MiB) and above it settings.ini of its data directory, if
   there is one; FAULT_CONFIG with file:line and a proposal. */
int conf_load(struct conf **out, const char *path, struct err *e);
/* Defaults only: tests and commands without a file. */
struct conf *conf_defaults(void);
/* For tests and the lab: like a line of the file. */
int conf_set(struct conf *c, const char *section, const char *key,
	const char *value, struct err *e);
void conf_free(struct conf **c);

const char *conf_text(const struct conf *c, enum param_id id); /* not NULL */
/* Of a PARAM_WHEN its seconds, 0 for a cron expression. */
int64_t conf_int(const struct conf *c, enum param_id id);
bool conf_bool(const struct conf *c, enum param_id id);
/* True if the comma-separated list has the word. */
bool conf_has(const struct conf *c, enum param_id id, const char *word);
/* Set in a file (not the default). */
bool conf_given(const struct conf *c, enum param_id id);
/* Set in settings.ini. */
bool conf_local(const struct conf *c, enum param_id id);
/* <data-dir>/<name> in a static part of the conf's arena; thread-safe. */
const char *conf_data_path(const struct conf *c, const char *name);
/* The file it was loaded from, NULL: none. */
const char *conf_file(const struct conf *c);

/* ---- conf_local.c: what administrators change in their pages ---- */
#define CONF_LOCAL "settings.ini" /* in the data directory; ours alone */
/* Both files as they are now, the next start's configuration; `c` was loaded
   from a file. */
int conf_next(const struct conf *c, struct conf **out, struct err *e);
/* Writes a value into settings.ini, NULL takes it out, so that the file's or
   the default counts again. The next start reads it. One at a time.
   FAULT_FORBIDDEN: it cannot be changed so; FAULT_BAD_REQUEST: the value. */
int conf_change(const struct conf *c, enum param_id id, const char *value,
	struct err *e);
/* Would a start with the one be a start with the other? */
bool conf_same(const struct conf *a, const struct conf *b);

/* machilink param list */
void param_print(FILE *out, bool japanese);
