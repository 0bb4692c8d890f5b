/* SPDX-License-Identifier: MIT */
/*
 * Why evidence, a message or a configuration does not hold, in Japanese.
 */
#pragma once

#include "err.h"

/* A sentence without its full stop; one that fits all for faults without one
   of their own. */
const char *verdict_ja(enum fault fault);
