/* SPDX-License-Identifier: MIT */
/* The reader's language on a terminal; see language.h. */
#include "language.h"

#include <stdlib.h>

#include "text.h"

bool
language_is_japanese(const char *option)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	if (option)
		return str_prefix(option, "ja");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *v = getenv(names[i]);

		if (v && *v)
			return str_prefix(v, "ja");
	}
	return false;
}
