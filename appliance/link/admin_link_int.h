/* SPDX-License-Identifier: MIT */
/* The officers' side: administration calls below /machilink/link. */
#pragma once

#ifndef IN_LINK
# error "admin_link_int.h is private to appliance/link"
#endif

#include "http_server.h"

extern const struct route link_admin[]; /* state: struct link */
