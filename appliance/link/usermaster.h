/* SPDX-License-Identifier: MIT */
/*
 * ユーザマスタ of a cache: the organisation's own user IDs (既存ID) beside the
 * identifiers of Personal-Link. They never leave the organisation.
 */
#pragma once

#include "linkbook.h"

struct err;

enum { USER_ID_MAX = 255 };

/* The person with this identifier (pairwise, or the BaseID where it is shared)
   is this user. One user has one identifier: an older one of the same user is
   forgotten. LINK_NO_LINK, FAULT_BAD_REQUEST. */
int user_put(struct linkbook *b, const char *organisation, const char *id,
	const char *user_id, struct err *e);
/* No longer; absent is fine. */
int user_remove(struct linkbook *b, const char *organisation, const char *id,
	struct err *e);
