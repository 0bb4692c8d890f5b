/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of the SQLite driver: the authorizer's memory.
 */
#pragma once

#ifndef IN_STORE
# error "data_sqlite_int.h is private to appliance/store"
#endif

#include <sqlite3.h>

#include "datasource_int.h"

enum { WARDEN_NAMES_MAX = 500 };

/* What one connection's authorizer goes by. */
struct warden {
	const struct command *command; /* whose statement is compiled */
	bool with;                     /* it has a WITH */
	bool ours; /* our own BEGIN, COMMIT and EXPLAIN are compiled */
	char refused[DATA_NAME_MAX]; /* what and why, for the author */
	struct arena *arena;         /* NULL: do not note what is used */
	struct description *noted;
};
void warden_install(sqlite3 *handle, struct warden *w);
