/* SPDX-License-Identifier: MIT */
/*
 * Numbers of the ZIP format (APPNOTE 6.3) that reading and writing share.
 */
#pragma once
#ifndef IN_XROAD
# error "zip_int.h is private to appliance/xroad"
#endif

enum {
	ZIP_LOCAL = 0x04034b50,
	ZIP_CENTRAL = 0x02014b50,
	ZIP_DESCRIPTOR = 0x08074b50,
	ZIP_END = 0x06054b50,

	ZIP_LOCAL_LEN = 30,
	ZIP_CENTRAL_LEN = 46,
	ZIP_END_LEN = 22,

	ZIP_STORED = 0,
	ZIP_DEFLATED = 8,
	ZIP_VERSION = 20,
	ZIP_FLAG_ENCRYPTED = 0x0041, /* plain or strong encryption */
	ZIP_FLAG_DESCRIPTOR = 0x0008,
	ZIP_FLAG_UTF8 = 0x0800,
	ZIP_EXTRA_TIME = 0x5455,
	ZIP_TIME_LEN = 9,

	ZIP_NAME_MAX = 1024,
	/* A ZIP may unpack to this much whatever its own size; beyond it, to
	   ZIP_RATIO_MAX times its size. */
	ZIP_RATIO_FLOOR = 64 * 1024 * 1024,
	ZIP_RATIO_MAX = 200,
};
