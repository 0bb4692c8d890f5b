/* SPDX-License-Identifier: MIT */
/*
 * The error struct and the fault table. Nothing here allocates or logs, so a
 * fault can be recorded anywhere, also when memory or the log is gone.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "err.h"

struct fault_row {
	const char *code;
	const char *old_code;
	int http;
	const char *text;
};

static const struct fault_row fault_table[FAULT_COUNT] = {
	[FAULT_NONE] = { "", "", 200, "no fault" },
#define FAULT(id, code, old_code, http, text) \
 [FAULT_##id] = { code, old_code, http, text },
#include "fault.def"
};

static const struct fault_row *
fault_row(enum fault f)
{
	if ((unsigned)f >= FAULT_COUNT)
		f = FAULT_INTERNAL;
	return &fault_table[f];
}

/* Cuts half a UTF-8 sequence off the end of a text that snprintf truncated. */
static void
text_settle(char *s, size_t max, int wanted)
{
	size_t n;

	if (wanted < 0 || (size_t)wanted < max)
		return;
	n = strlen(s);
	while (n > 0 && ((unsigned char)s[n - 1] & 0xc0) == 0x80)
		n--;
	if (n > 0 && (unsigned char)s[n - 1] >= 0xc0)
		n--;
	s[n] = '\0';
}

static void
text_copy(char *out, size_t max, const char *s)
{
	text_settle(out, max, snprintf(out, max, "%s", s ? s : ""));
}

int
fail_at(struct err *e, enum fault f, const char *file, int line,
	const char *fmt, ...)
{
	va_list ap;

	if (!e || e->fault != FAULT_NONE)
		return -1;
	e->fault = f == FAULT_NONE ? FAULT_INTERNAL : f;
	e->foreign = false;
	e->file = file;
	e->line = line;
	e->detail[0] = '\0';
	text_copy(e->code, sizeof(e->code), fault_code(e->fault));
	va_start(ap, fmt);
	text_settle(e->text, sizeof(e->text),
		vsnprintf(e->text, sizeof(e->text), fmt, ap));
	va_end(ap);
	return -1;
}

int
fail_foreign(
	struct err *e, const char *code, const char *text, const char *detail)
{
	if (!e || e->fault != FAULT_NONE)
		return -1;
	e->fault = fault_by_code(code);
	if (e->fault == FAULT_NONE)
		e->fault = FAULT_INTERNAL;
	e->foreign = true;
	e->file = NULL;
	e->line = 0;
	text_copy(e->code, sizeof(e->code), code);
	text_copy(e->text, sizeof(e->text), text);
	text_copy(e->detail, sizeof(e->detail), detail);
	return -1;
}

void
err_prefix(struct err *e, const char *prefix)
{
	char code[ERR_CODE_MAX];
	size_t n = strlen(prefix);

	if (!err_set(e) || e->foreign || n == 0)
		return;
	if (strncasecmp(e->code, prefix, n) == 0 &&
		(e->code[n] == '.' || e->code[n] == '\0'))
		return;
	text_copy(code, sizeof(code), e->code);
	text_settle(e->code, sizeof(e->code),
		snprintf(e->code, sizeof(e->code), "%s.%s", prefix, code));
}

void
err_reset(struct err *e)
{
	if (e)
		*e = (struct err)ERR_INIT;
}

bool
err_set(const struct err *e)
{
	return e && e->fault != FAULT_NONE;
}

const char *
fault_code(enum fault f)
{
	return fault_row(f)->code;
}

const char *
fault_old_code(enum fault f)
{
	return fault_row(f)->old_code;
}

int
fault_http(enum fault f)
{
	return fault_row(f)->http;
}

const char *
fault_text(enum fault f)
{
	return fault_row(f)->text;
}

static const char *
last_piece(const char *code)
{
	const char *dot = strrchr(code, '.');

	return dot ? dot + 1 : code;
}

enum fault
fault_by_code(const char *code)
{
	const char *piece;
	int f;

	if (!code)
		return FAULT_NONE;
	piece = last_piece(code);
	if (*piece == '\0')
		return FAULT_NONE;
	for (f = FAULT_NONE + 1; f < FAULT_COUNT; f++) {
		const struct fault_row *row = &fault_table[f];

		if (strcasecmp(piece, last_piece(row->code)) == 0 ||
			strcasecmp(piece, last_piece(row->old_code)) == 0)
			return (enum fault)f;
	}
	return FAULT_NONE;
}
