/* SPDX-License-Identifier: MIT */
/* What the nouns of a sheet share. */
#pragma once

#ifndef IN_OPENDATA
# error "opendata_int.h is private to appliance/opendata"
#endif

#include "opendata.h"

#include "buf.h"

/* ---- notes.c ---- */
/* Both in the arena; past the last they are dropped. */
void sheet_note(struct sheet *s, const char *ja, const char *en);

/* ---- charset.c ---- */
/* The whole file as UTF-8, NUL-ended, writable. FAULT_BAD_REQUEST. */
int sheet_decode(struct sheet *s, struct bytes text, char **out, struct err *e);

/* ---- csv.c ---- */
/* Headings, cells and lines. The text is changed and stays in use. */
int sheet_parse(struct sheet *s, char *text, struct err *e);

/* ---- headings.c ---- */
/* Column names, and which of them are key, code, name, kana; without key. */
int sheet_columns(struct sheet *s, struct err *e);
/* Heading with widths of letters and parentheses made one. */
int sheet_find(const struct sheet *s, const char *heading);

/* ---- sets.c ---- */
const struct opendata_set *set_of(const struct sheet *s, const char *path);

/* ---- infer.c ---- */
/* Kinds of columns, cells rewritten to them; the key. */
void sheet_infer(struct sheet *s);
