/* SPDX-License-Identifier: MIT */
/* What the files of the backup share: the sealed stream and the choice. */
#pragma once

#ifndef IN_BACKUP
# error "backup_int.h is private to appliance/backup"
#endif

#include "backup.h"
#include "buf.h"

/* ---- stream.c: a file of sealed chunks ---- */
struct stream;
/* head: JSON text; becomes part of what is authenticated. */
int stream_create(struct stream **out, const char *path, struct bytes head,
	const uint8_t *key, struct err *e);
int stream_write(struct stream *s, const void *p, size_t n, struct err *e);
/* Last chunk, durable. */
int stream_finish(struct stream *s, struct err *e);
/* Reads magic and head (in the arena). */
int stream_open(struct stream **out, const char *path, struct arena *a,
	struct bytes *head, struct err *e);
void stream_key(struct stream *s, const uint8_t *key);
/* Exactly n bytes; FAULT_CANNOT_OPEN when the content ends before. */
int stream_read(struct stream *s, void *p, size_t n, struct err *e);
/* Nothing may follow: not a byte, not a chunk. */
int stream_end(struct stream *s, struct err *e);
void stream_free(struct stream **s);

/* ---- head.c: the clear part, and the keys in it ---- */
int head_make(const struct backup_self *s, struct arena *a, const uint8_t *key,
	struct bytes *out, struct err *e);
int head_parse(struct arena *a, struct bytes text, struct backup_head *out,
	struct err *e);
int head_key(const struct backup_self *s, struct arena *a, struct bytes text,
	uint8_t *key, struct err *e);

/* ---- choice.c: what of a data directory belongs to a backup ---- */
enum choice { CHOICE_KEEP, CHOICE_TAKE, CHOICE_JOURNAL };
/* `name` is an entry of the data directory itself. */
enum choice choice_of(const struct conf *c, const char *name);
/* A relative path that may be made below a directory. */
bool choice_path_ok(const char *path);
/* By its name: a database that this process uses must not be opened except
   by SQLite, for closing a file drops the locks that the process has on it
   (fcntl(2)), and another process would take its journal away. */
bool database_name(const char *path);
/* By its first bytes: of a file that nobody uses. */
bool database_content(const char *path);

/* ---- extract.c ---- */
/* Lays the content out in `dir` (made, must not exist), durable. `names`:
   the entries of the data directory in it, a line each; may be NULL. */
int extract(const struct backup_self *s, const char *path, const char *dir,
	struct backup_sum *sum, struct buf *names, struct err *e);

/* ---- backup.c ---- */
/* One backup or restore of a data directory at a time: a file descriptor. */
int backup_lock(const struct conf *c, struct err *e);
