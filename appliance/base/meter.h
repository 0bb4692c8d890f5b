/* SPDX-License-Identifier: MIT */
/*
 * What CPU time is spent on, by the part of the work: for `machilink bench`,
 * which starts servers with MACHILINK_METER naming a folder and switches the
 * meter on and off. A server without it pays a load and a branch per call.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

enum meter_part {
	METER_OTHER, /* not counted: what is left of the process's time */
	METER_TLS,
	METER_SIGN,
	METER_VERIFY,
	METER_CANON,
	METER_HASH,
	METER_LOG,
	METER_PARTS
};

/* The file <folder>/<process id>, mapped by both sides. */
struct meter_page {
	atomic_int on; /* set by who measures */
	_Atomic int64_t ns[METER_PARTS];
};

/* Of this process, where the environment asks for it. */
void meter_open(void);
/* That of another process; NULL when there is none. Unmapped by the owner of
   the pointer with meter_unmap(). */
struct meter_page *meter_map(const char *folder, int64_t pid);
void meter_unmap(struct meter_page *p);

/* From now on this thread works on the part, until it says otherwise; what it
   worked on before. Parts within parts count for themselves only:
	enum meter_part was = meter_to(METER_HASH);
	...
	meter_to(was);
 */
enum meter_part meter_to(enum meter_part p);
