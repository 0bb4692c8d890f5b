/* SPDX-License-Identifier: MIT */
/*
 * When the end of a certificate is told: 60, 30, 14, 7 and 1 days before, and
 * when it has passed. Each threshold once; what was told is remembered by the
 * role, so that a restart repeats nothing.
 */
#pragma once

#include <stdint.h>

enum { EXPIRY_FAR = -1, EXPIRY_PAST = 0 };
/* The threshold that `not_after` has reached at `now` (ms): days, EXPIRY_PAST
   behind the end, EXPIRY_FAR when none is reached. */
int expiry_threshold(int64_t not_after, int64_t now);
/* Whole days that are left, rounded up; 0 behind the end. */
int64_t expiry_days(int64_t not_after, int64_t now);
