/* SPDX-License-Identifier: MIT */
/*
 * Named fault points: code that meets a rare failure of the outside (disk
 * full, commit refused, peer gone) asks fault_at("folder.what"), and a test
 * makes it happen. Nothing is armed outside tests: one atomic read.
 */
#pragma once

#include <stdbool.h>

/* True when this hit of the point must fail. Thread-safe. */
bool fault_at(const char *point);
/* Tests only: after `skip` hits the next `times` hits of the point fail.
   One point at a time; `point` is borrowed until fault_disarm(). */
void fault_arm(const char *point, int skip, int times);
void fault_disarm(void);
