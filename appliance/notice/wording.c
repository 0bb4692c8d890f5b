/* SPDX-License-Identifier: MIT */
/* Rows of wording.def, filled in; see wording.h. */
#include "wording.h"

#include "buf.h"
#include "mem.h"

enum { TEXT_MAX = 64 * 1024 };

static const struct row {
	const char *subject[2], *text[2]; /* English, Japanese */
} ROW[WORDINGS] = {
#define WORDING(id, en_subject, en_text, ja_subject, ja_text) \
 [WORDING_##id] = { { en_subject, ja_subject }, { en_text, ja_text } },
#include "wording.def"
};

static char *
fill(struct arena *a, const char *form, const char *const arg[WORDING_ARGS])
{
	struct buf b;
	char *out;

	buf_init(&b, TEXT_MAX);
	for (const char *p = form; *p; p++) {
		unsigned n =
			(unsigned)(p[0] == '{' ? p[1] - '0' : WORDING_ARGS);
		if (n >= WORDING_ARGS || p[2] != '}') {
			buf_char(&b, *p);
			continue;
		}
		if (arg[n])
			buf_str(&b, arg[n]);
		p += 2;
	}
	out = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	return out;
}

struct letter
wording_make(struct arena *a, enum wording id, bool japanese,
	const char *const arg[WORDING_ARGS])
{
	return (struct letter){ fill(a, ROW[id].subject[japanese], arg),
		fill(a, ROW[id].text[japanese], arg) };
}
