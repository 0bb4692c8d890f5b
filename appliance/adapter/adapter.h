/* SPDX-License-Identifier: MIT */
/*
 * Face of the adapter role: SQL statements offered as REST and SOAP services.
 */
#pragma once

#include "role.h"

extern const struct role role_adapter;
