/* SPDX-License-Identifier: MIT */
/*
 * Face of the Personal-Link role: linked identifiers and consent, as the
 * center of a region or as an organisation's cache of its own rows.
 */
#pragma once

#include "role.h"

extern const struct role role_link;
