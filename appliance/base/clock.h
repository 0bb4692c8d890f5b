/* SPDX-License-Identifier: MIT */
/*
 * The clock. Everything time-dependent reads clock_now() so that tests can
 * move time: the offset comes from the environment MACHILINK_CLOCK_OFFSET
 * (seconds, signed; read at first use), or from the first line of the file
 * MACHILINK_CLOCK_FILE names, which may change while the process runs. Both
 * are ignored unless the configuration sets [machilink] test-clock = true;
 * unit tests use clock_shift().
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

/* Unix time in milliseconds, moved by the test offset. */
int64_t clock_now(void);
/* Seconds, same clock. */
int64_t clock_seconds(void);
/* Monotonic milliseconds; never moved. For durations and time-outs. */
int64_t clock_ticks(void);
/* The same in microseconds: for latencies. */
int64_t clock_micros(void);
/* Tests only: moves clock_now() by ms from the real time. */
void clock_shift(int64_t ms);
/* Applies these variables; called by main when the file allows it. */
void clock_allow_environment(void);

enum { TIME_TEXT_MAX = 40 };
/* 2026-11-21T06:42:00Z */
const char *time_iso(char out[TIME_TEXT_MAX], int64_t ms);
/* 2026-11-21T06:42:00.123Z */
const char *time_iso_ms(char out[TIME_TEXT_MAX], int64_t ms);
/* 20261121064200 UTC: certificate and file-name form, without the Z. */
const char *time_compact(char out[TIME_TEXT_MAX], int64_t ms);
/* xsd:dateTime / RFC 3339 with Z or offset, optional fraction. */
int time_parse(const char *s, int64_t *ms, struct err *e);
/* Civil UTC date to Unix seconds, and back; proleptic Gregorian. */
struct civil {
	int year, month, day, hour, minute, second;
};
int64_t civil_seconds(const struct civil *c);
void civil_from_seconds(int64_t s, struct civil *out);
