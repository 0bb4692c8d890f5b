/* SPDX-License-Identifier: MIT */
/* Tests serve the style sheet from web/public; nothing is compiled in. */
#include "asset.h"

const struct asset_table web_assets = { NULL, 0 };
