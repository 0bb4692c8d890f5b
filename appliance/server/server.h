/* SPDX-License-Identifier: MIT */
/*
 * Face of the security server role: signs, verifies, logs, time-stamps and
 * carries messages between information systems and other security servers.
 */
#pragma once

#include "role.h"

extern const struct role role_server;
