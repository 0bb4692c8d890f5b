/* SPDX-License-Identifier: MIT */
/*
 * What mails to operators say, in Japanese and English: rows of wording.def.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum wording {
#define WORDING(id, en_subject, en_text, ja_subject, ja_text) WORDING_##id,
#include "wording.def"
	WORDINGS
};

enum { WORDING_ARGS = 4 };
struct letter {
	char *subject, *text;
};
/* {0} to {3} stand for the arguments; a missing one is left out. In the arena;
   several paragraphs of text can be joined by the caller. */
struct letter wording_make(struct arena *a, enum wording id, bool japanese,
	const char *const arg[WORDING_ARGS]);
