/* SPDX-License-Identifier: MIT */
/* The unit tests of this folder are linked without the web pages. */
#include "asset.h"

const struct asset_table web_assets = { NULL, 0 };
