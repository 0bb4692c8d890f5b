/* SPDX-License-Identifier: MIT */
/*
 * The reader's language on a terminal: Japanese or English.
 */
#pragma once

#include <stdbool.h>

/* `option` ("ja", "en") if given, else LC_ALL, LC_MESSAGES, LANG: the first
   that is set decides. */
bool language_is_japanese(const char *option);
