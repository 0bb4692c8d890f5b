/* SPDX-License-Identifier: MIT */
/* Notices that the database of Personal-Link was restored from a backup. */
#pragma once

#include <stdbool.h>

struct err;
struct linkbook;

/* At each start, before anything is served. path: the file beside, whose name
   begins with a dot so that no backup takes it. */
int life_begin(
	struct linkbook *b, const char *path, bool *restored, struct err *e);
