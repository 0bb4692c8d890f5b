/* SPDX-License-Identifier: MIT */
/*
 * TAP for our unit tests: ok(), is_int(), is_str(), is_bytes(); a failing
 * check prints expression, place, got and want. `return tap_done();` at the
 * end of main. Run by prove. Also finds the shared test vectors and hands out
 * a temporary directory that is removed at exit.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ok(cond)          tap_ok(!!(cond), #cond, __FILE__, __LINE__)
#define ok_m(cond, ...)   tap_ok_m(!!(cond), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(got, want) tap_int((got), (want), #got, __FILE__, __LINE__)
#define is_str(got, want) tap_str((got), (want), #got, __FILE__, __LINE__)
#define is_bytes(got, gn, want, wn) \
 tap_bytes((got), (gn), (want), (wn), #got, __FILE__, __LINE__)

bool tap_ok(bool pass, const char *what, const char *file, int line);
bool tap_ok_m(bool pass, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
bool tap_int(long long got, long long want, const char *what, const char *file,
	int line);
bool tap_str(const char *got, const char *want, const char *what,
	const char *file, int line);
bool tap_bytes(const void *got, size_t gn, const void *want, size_t wn,
	const char *what, const char *file, int line);
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Counts as one passed check with "# SKIP why". */
void tap_skip(const char *why);
int tap_done(void);

/* Path of a vector below ../shared/vectors (or $MACHILINK_VECTORS), NULL when
   that folder is absent. The string is static per call site thread: copy it
   if you need it after the next call. */
const char *vectors_path(const char *relative);
/* A fresh private directory below $TMPDIR, removed at exit. */
const char *tap_dir(void);
/* A TCP port for a server that comes later: nobody listens on it at this IPv4
   address, and it is outside of the range from which the kernel gives ports to
   connections and to port 0, so nobody else is given it meanwhile. */
int tap_port(const char *address);
/* Runs argv (NULL-ended) without a shell; stdout+stderr into out (may be
   NULL). Returns the exit code, -1 if it could not be started. */
int tap_run(const char *const *argv, char *out, size_t max);
