/* SPDX-License-Identifier: MIT */
/*
 * Numbers of public bodies in Japan, as towns use them for member codes: the
 * corporate number (法人番号, 13 digits) and the municipality code
 * (全国地方公共団体コード, 6 digits, or 5 without its check digit).
 * Rules: field-notes.md 6.1; JIS X 0401 and 0402.
 *
 * Only advice: a network may number its members otherwise, and a code of
 * another shape is none of these.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum publicid_kind {
	PUBLICID_NONE,      /* another shape */
	PUBLICID_CORPORATE, /* 13 digits, the first is its check digit, 1 to 9 */
	PUBLICID_TOWN,      /* 6 digits, prefecture 01 to 47 first */
	PUBLICID_TOWN_SHORT, /* the same without its check digit */
};

enum { PUBLICID_CORPORATE_LEN = 13, PUBLICID_TOWN_LEN = 6 };

struct publicid {
	enum publicid_kind kind;
	bool good;     /* the check digit fits, or there is none */
	char expected; /* the check digit that would fit */
	/* The municipality code with its check digit; "" when there is none. Of
	   a corporate number: when it is a local public body's. */
	char town[PUBLICID_TOWN_LEN + 1];
	/* The body's corporate number: the number itself, or what follows from
	   the municipality code; with fitting check digits. */
	char corporate[PUBLICID_CORPORATE_LEN + 1];
	const char *area, *area_ja; /* the prefecture; NULL unless a town */
	const char *body, *body_ja; /* what sort of body */
};

/* Never fails. NULL is PUBLICID_NONE. */
void publicid_read(const char *text, struct publicid *out);

/* True when the text has a check digit and it does not fit: worth a warning. */
bool publicid_doubtful(const char *text);

enum { PUBLICID_TEXT_MAX = 512 };
/* What the code is, whether its check digit fits, what is proposed: sentences
   in UTF-8 without a line break. "" for PUBLICID_NONE. Returns out. */
char *publicid_say(
	const char *text, bool japanese, char out[PUBLICID_TEXT_MAX]);
