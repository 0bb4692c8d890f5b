/* SPDX-License-Identifier: MIT */
/*
 * Files: whole-file reading with a limit, atomic durable writing, directories.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct arena;
struct err;

enum file_mode { FILE_PUBLIC = 0644, FILE_PRIVATE = 0600 };

/* Whole file into the arena, NUL added. FAULT_NOT_FOUND, FAULT_TOO_LARGE, IO
   with the path and the system's reason in the text. */
int file_read(struct arena *a, const char *path, size_t max, struct bytes *out,
	struct err *e);
/* Temporary file, fsync, rename, fsync of the directory: readers see the old
   or the new content, also after a power cut. */
int file_write(const char *path, struct bytes data, enum file_mode mode,
	struct err *e);
/* Within a directory, durable; replaces what is there. */
int file_rename(const char *from, const char *to, struct err *e);
bool file_exists(const char *path);
int file_remove(const char *path, struct err *e); /* absent is fine */
/* mkdir -p, mode 0750. */
int dir_make(const char *path, struct err *e);
/* Calls fn for each name (not . and ..), sorted. Stops at non-zero. */
int dir_each(const char *path, int (*fn)(void *ctx, const char *name),
	void *ctx, struct err *e);
/* Removes a tree; refuses "/" and "". Absent is fine. */
int dir_remove(const char *path, struct err *e);
char *path_join(struct arena *a, const char *dir, const char *name);
/* Free bytes of the file system holding path, or -1. */
int64_t disk_free(const char *path);
/* All bytes of it, or -1. */
int64_t disk_size(const char *path);
