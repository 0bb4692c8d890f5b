/* SPDX-License-Identifier: MIT */
/*
 * Face of the dashboard role: port 4000, pages, sign-in, API keys, and the
 * administration APIs of the roles this process runs.
 */
#pragma once

#include "role.h"

extern const struct role role_console;
