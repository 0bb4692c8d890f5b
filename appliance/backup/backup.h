/* SPDX-License-Identifier: MIT */
/*
 * Backups: everything of a data directory that cannot be had again, in one
 * encrypted and authenticated file; and putting it back, all or nothing.
 * Rule: interop/xroad-center-admin.md 4.5.
 *
 * In it: every database but the message log, the key store, TLS identities,
 * the anchor, and the configuration file. Not in it: the message log and its
 * archives, as in X-Road, and what is fetched or published anew.
 *
 * The content is sealed with a key of its own, which the file holds twice:
 * sealed with <data-dir>/backup.key, and with a passphrase if there is one.
 * Label, time and program version stand in the clear and are authenticated.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct conf;
struct err;
struct role;

enum {
	BACKUP_LABEL_MAX = 2048,
	BACKUP_NAME_MAX = 255,
	BACKUP_FILES_MAX = 30000, /* the key store's limit thrice */
};
#define BACKUP_FILE_SIZE_MAX  ((int64_t)4 << 30)
#define BACKUP_TOTAL_SIZE_MAX ((int64_t)16 << 30)
#define BACKUP_SUFFIX         ".mlbackup"
#define BACKUP_AUTOMATIC      "automatic-backup-"

/* Whose backups; all borrowed. */
struct backup_self {
	const struct conf *conf;
	const char *label;      /* who this machine is; "" not yet known */
	const char *passphrase; /* NULL: none */
	const char *key_file;   /* instead of the machine's own; or NULL */
};

/* What a backup says of itself before it is opened. */
struct backup_head {
	char label[BACKUP_LABEL_MAX];
	char created[40]; /* 2026-11-21T06:42:00Z */
	char program[40];
	bool passphrase; /* it can be opened by one */
};

struct backup_sum {
	size_t files, databases;
	int64_t bytes;
};

/* Who the machine is in all of `roles` (NULL-ended) that its configuration
   names, in the arena: "security-server I/C/M/S, center I", or "". */
int backup_label(const struct conf *c, const struct role *const *roles,
	struct arena *a, char **out, struct err *e);

/* X-Road's rule for names, with our ending: letters, digits, _ . - and not
   beginning with a dot; so never a path. */
bool backup_name_valid(const char *name);
/* Where the machine's backups are; lives as long as the configuration. */
const char *backup_dir(const struct conf *c);
/* The passphrase of the parameter file into the arena (a secret one), or
   NULL. FAULT_CONFIG when the file is there but unusable. */
int backup_passphrase(
	const struct conf *c, struct arena *a, const char **out, struct err *e);

/* Writes a backup while everything runs; FAULT_CONFLICT when the machine has
   no identity yet. The file appears whole or not at all. */
int backup_create(const struct backup_self *s, const char *path, struct err *e);
/* The same in the backup directory, under PREFIX and the time (UTC). */
int backup_create_named(const struct backup_self *s, const char *prefix,
	char name[BACKUP_NAME_MAX + 1], struct err *e);
/* FAULT_BAD_REQUEST when the file is no backup. Nothing is authenticated. */
int backup_read_head(const char *path, struct backup_head *out, struct err *e);
/* Opens every byte, and looks into every database. FAULT_CANNOT_OPEN: not our
   key, or changed, or cut off. */
int backup_verify(const struct backup_self *s, const char *path,
	struct backup_sum *sum, struct err *e);
/* Verifies, compares the label (FAULT_FORBIDDEN; not when forced), backs up
   what is there, and lays the content out beside it. The next backup_apply()
   makes it count. */
int backup_stage(const struct backup_self *s, const char *path, bool force,
	struct err *e);
bool backup_staged(const struct conf *c);
/* Before anything opens the data directory, with its lock held: finishes a
   staged restore. A crash or failure in between: the next call goes on. True
   in *applied when there was one. */
int backup_apply(const struct conf *c, bool *applied, struct err *e);
/* Removes automatic backups that are too old. */
int backup_expire(const struct conf *c, int64_t now, struct err *e);
