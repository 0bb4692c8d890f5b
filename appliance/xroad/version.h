/* SPDX-License-Identifier: MIT */
/*
 * X-Road versions as servers tell them to each other (x-proxy-version):
 * semantic versions, ordered as semver.org 2.0.0 section 11 says.
 */
#pragma once

#include <stdbool.h>

/* "7.8.0", "7.8.0-SNAPSHOT", "7.8.0+build": three numbers, then perhaps a
   pre-release and build notes. */
bool version_valid(const char *s);
/* <0, 0, >0; both valid. Build notes do not count. */
int version_compare(const char *a, const char *b);
