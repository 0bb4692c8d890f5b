/* SPDX-License-Identifier: MIT */
/* Versions of peers: whatever is valid compares, and equals itself. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[256];

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (version_valid(text)) {
		assert(version_compare(text, text) == 0);
		assert((version_compare(text, "7.8.0") < 0) ==
			(version_compare("7.8.0", text) > 0));
	}
	return 0;
}
