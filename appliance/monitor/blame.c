/* SPDX-License-Identifier: MIT */
/* Who was to blame for a failed exchange, by its fault code; words. */
#include "monitor_int.h"

#include <string.h>

#include "mem.h"
#include "text.h"

static const struct {
	enum blame blame;
	const char *text;
} rows[] = {
#define BLAME(class, text) { BLAME_##class, text },
#include "blame.def"
#undef BLAME
};

static const char *const words[BLAMES] = { "request", "access", "network",
	"trust", "service", "system" };
static const char *const sides[MONITOR_SIDES] = { "provider", "consumer",
	"adapter" };

/* Codes without these prefixes say nothing about who it was. */
static const char *
inner(const char *code)
{
	static const char *const outer[] = { "server.clientproxy.",
		"server.serverproxy.", "server." };

	for (size_t i = 0; i < sizeof(outer) / sizeof(*outer); i++)
		if (str_iprefix(code, outer[i]))
			code += strlen(outer[i]);
	return code;
}

enum blame
blame_of(const char *code)
{
	char text[256];
	size_t n;

	if (!code || !*code)
		return BLAME_SERVICE;
	code = inner(code);
	n = strnlen(code, sizeof(text) - 1);
	memcpy(text, code, n);
	text[n] = '\0';
	str_lower(text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strstr(text, rows[i].text))
			return rows[i].blame;
	return BLAME_SYSTEM;
}

const char *
blame_word(enum blame b)
{
	return words[b];
}

const char *
side_word(enum monitor_side s)
{
	return sides[s];
}

int
side_by_word(const char *word)
{
	for (int i = 0; word && i < MONITOR_SIDES; i++)
		if (str_equal(sides[i], word))
			return i;
	return -1;
}
