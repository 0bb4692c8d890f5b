/* SPDX-License-Identifier: MIT */
/*
 * Trust data for a verifier: a global configuration from a directory (the
 * form of /verificationconf and of the cache) or fetched through an anchor.
 * Part of the security server's face: the command line uses it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct arena;
struct err;
struct globalconf;

/* Every instance in DIR/<instance>/shared-params.xml; DIR/instance-identifier
   names the own one (absent: the only one there is). Never expires: evidence
   is judged at its time stamp. A directory that holds one directory named
   verificationconf is looked into. FAULT_NOT_FOUND, FAULT_MALFORMED_GLOBAL_CONF
   with the path. */
int trustdir_load(const char *dir, struct globalconf **out, struct err *e);

struct trust_fetched {
	const char *instance, *url;
	int version;
	int64_t expires; /* ms */
	size_t parts;
	const struct trust_part {
		const char *identifier, *location;
		size_t size;
	} * part;
};
/* Downloads and checks everything as the configuration client does. url NULL:
   the anchor's sources in their order. FAULT_GC_* say what is wrong. */
int trust_fetch(struct arena *a, struct bytes anchor, const char *url,
	struct trust_fetched *report, struct globalconf **out, struct err *e);
