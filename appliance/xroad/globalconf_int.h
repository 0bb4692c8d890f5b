/* SPDX-License-Identifier: MIT */
/*
 * Private to xroad/: the loaded configuration as its files see it.
 */
#pragma once

#ifndef IN_XROAD
# error "globalconf_int.h is private to xroad/"
#endif

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "globalconf.h"
#include "memo_int.h"

enum { INDEX_KEYS = 6 };

/* A row of a sorted table: up to six strings (NULL sorts first). */
struct gc_entry {
	const char *key[INDEX_KEYS];
	const void *value;
};
struct gc_index {
	struct gc_entry *entry;
	size_t n;
};
/* First entry with these keys, NULL if none; *count runs of equal keys. */
const struct gc_entry *gc_index_find(
	const struct gc_index *x, const struct gc_entry *key, size_t *count);

struct gc_instance {
	struct shared_params shared;
	int64_t expires; /* ms */
	bool own;
};
struct judged;
struct globalconf {
	atomic_int refs;
	struct arena *arena;
	struct memo *memo;     /* what it has proven: no part of its content */
	struct judged *judged; /* nor these: signatures that hold */
	const char *own;
	struct gc_instance *instance; /* own first */
	size_t instances;
	bool has_private;
	struct private_params private_part;
	struct gc_options options;
	struct gc_index hosts;  /* client -> gc_server */
	struct gc_index listed; /* members and subsystems */
	struct gc_index groups; /* instance, group, client */
	struct gc_index certs;  /* hex of the digest -> gc_server */
};

/* Builds the four tables; the instances are complete. */
void gc_index_build(struct globalconf *g);

/* Own: always; foreign: while unexpired. */
bool gc_instance_usable(const struct gc_instance *in);
/* NULL: own instance. NULL when unknown or not usable. */
const struct gc_instance *gc_instance_find(
	const struct globalconf *g, const char *instance);
/* The CA (top or intermediate) that issued c in this instance. Several with
   one name: the one whose key signed c. *of may be NULL. */
const struct gc_ca *gc_issuer_of(const struct gc_instance *in,
	const struct cert *c, const struct gc_approved_ca **of);
