/* SPDX-License-Identifier: MIT */
/*
 * Face of the center role: registry, CA, OCSP responder, time-stamping
 * authority and global configuration of one instance.
 */
#pragma once

#include "role.h"

extern const struct role role_center;
