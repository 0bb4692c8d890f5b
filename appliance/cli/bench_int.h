/* SPDX-License-Identifier: MIT */
/*
 * What the parts of `machilink bench` share: where figures go, and the lab
 * that the load runs against.
 */
#pragma once

#ifndef IN_CLI
# error "bench_int.h is private to appliance/cli"
#endif

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "digest.h"
#include "json_io.h"

struct arena;
struct err;
struct key;

enum { BENCH_CALLERS_MAX = 256 };

struct bench {
	struct arena *a;
	json_t *out;          /* every figure by its name */
	bool json;            /* nothing else is printed */
	const char *net;      /* the lab's loopback addresses */
	const char *exchange; /* only this one, or NULL */
	int64_t callers;      /* only so many, or 0 */
	struct key *key;
	struct digest digest;
	struct sign_alg alg;
	struct bytes signature;
	uint8_t *block;
	int fd;
};
/* Prints and keeps one figure. */
void bench_say(
	struct bench *b, const char *name, double value, const char *unit);

/* ---- bench_lab.c: a lab as a process of its own ---- */
struct bench_lab {
	pid_t pid; /* 0: has ended */
	json_t *report;
};
/* Starts the lab in dir; stay: it keeps running until bench_lab_stop(). */
int bench_lab_start(struct bench *b, const char *dir, bool stay,
	struct bench_lab *out, struct err *e);
void bench_lab_stop(struct bench_lab *l);

/* ---- bench_load.c: exchanges/s and latency through both servers ---- */
int bench_load(struct bench *b, const json_t *lab_report, struct err *e);
