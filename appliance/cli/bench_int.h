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

#include "buf.h"
#include "digest.h"
#include "json_io.h"
#include "meter.h"

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
	const char *save;     /* also write the figures here, or NULL */
	bool log;             /* only the message log */
	bool adapter;         /* only the adapter */
	bool monitor;         /* only the monitor */
	bool consent;         /* only the check of consents */
	int64_t consents;     /* in the cache */
	int64_t log_records;  /* in the long one */
	struct key *key;
	struct digest digest;
	struct sign_alg alg;
	struct bytes signature;
	char *meter; /* folder of the servers' meters; NULL: none */
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
/* A parameter for both security servers of a lab that does not run. */
int bench_lab_set(struct bench *b, const char *dir, const char *section,
	const char *line, struct err *e);
/* Starts the lab in dir; stay: it keeps running until bench_lab_stop(). */
int bench_lab_start(struct bench *b, const char *dir, bool stay,
	struct bench_lab *out, struct err *e);
void bench_lab_stop(struct bench_lab *l);

/* ---- bench_usage.c: what the lab's processes used ---- */
/* CPU time by what the threads do. A request's thread does TLS, HTTP,
   verification, canonical form and hashing; signatures are computed in a
   process of their own and the log is written by one thread. */
enum bench_part {
	PART_REQUEST,
	PART_SIGNING,
	PART_LOG,
	PART_STAMP,
	PART_CENTER, /* all of that process: OCSP, TSA, configuration */
	PART_OTHER,
	BENCH_PARTS
};
struct bench_usage {
	int64_t cpu_ns[BENCH_PARTS];  /* of the threads that run */
	int64_t written;              /* bytes handed to the disk */
	int64_t resident_kb, peak_kb; /* of the largest process */
};
const char *bench_part_name(enum bench_part p);
/* Peaks count from now on. */
void bench_usage_reset(const json_t *lab_report);
/* As of now, of all processes of the lab and their signers. */
void bench_usage(const json_t *lab_report, struct bench_usage *out);

/* ---- bench_meter.c: CPU time by the part of the work ---- */
/* Servers started from now on have a meter, which is off. */
int bench_meter_start(struct bench *b, struct err *e);
void bench_meter_stop(struct bench *b); /* also when it was not started */
/* What they show, and whether they count from now on. */
void bench_meter(struct bench *b, const json_t *lab_report, bool on,
	int64_t ns[METER_PARTS]);
/* What a run used. */
struct bench_split {
	int64_t ns[METER_PARTS];
	int64_t signer_ns, cpu_ns; /* signers alone; everything */
	double exchanges;
};
void bench_meter_say(
	struct bench *b, const char *name, const struct bench_split *s);

/* ---- bench_service.c: an information system behind the town ---- */
#define BENCH_SOAP_SERVICE "bench-attachments"
#define BENCH_BIG_SERVICE  "bench-big"
struct bench_service;
/* A call of the town's administration; dir: the lab's. A conflict is no
   fault: *out is NULL then. out may be NULL. */
int bench_admin(struct bench *b, const char *dir, const char *method,
	const char *path, const char *json, json_t **out, struct err *e);
/* I/C/M/S of a path, as the administration writes it. */
char *bench_colons(struct arena *a, const char *path);
/* Serves from this process and announces itself; dir: the lab's. */
int bench_service_start(struct bench_service **out, struct bench *b,
	const char *dir, const json_t *examples, struct err *e);
void bench_service_stop(struct bench_service **s);

/* ---- bench_big.c: one body of a gigabyte ---- */
enum { BENCH_BIG_BYTES = 1024 * 1024 * 1024 };
int bench_big(struct bench *b, const json_t *lab_report, struct err *e);

/* ---- bench_load.c: exchanges/s and latency through both servers ---- */
/* One way of asking. */
struct http_header;
struct bench_exchange {
	const char *name, *method, *url;
	const struct http_header *header;
	size_t headers;
	struct bytes body;
	const char *expected; /* in every good answer */
};
/* Exchanges of so many callers that ended within span_ms after warm_ms, and
   all, with those of warming up and of the end. */
struct bench_counted {
	size_t in_time, all;
};
int bench_count(const struct bench_exchange *x, size_t callers, int64_t warm_ms,
	int64_t span_ms, struct bench_counted *out, struct err *e);
/* Was this cell asked for? */
bool bench_wanted(const struct bench *b, const char *name, size_t callers);
int bench_load(struct bench *b, const json_t *lab_report, struct err *e);

/* ---- bench_adapter.c, bench_postgres.c: data services ---- */
/* Lookups over REST on SQLite, and through a data source on PostgreSQL where
   that is installed. */
int bench_adapter(struct bench *b, struct err *e);
/* An adapter of its own process in the folder dir, under load: `lines`
   connections ask its service "one" for the rows 1 to 100,000 by id. */
enum { BENCH_ADAPTER_PORT = 18085 };
struct bench_offer {
	const char *label;    /* of the figures */
	const char *services; /* services.json */
	size_t lines;         /* 64 at most; 0: only `more` */
	/* then, with the process still there; or NULL */
	int (*more)(struct bench *b, void *state, const char *address, int pid,
		struct err *e);
	void *state;
};
int bench_served(struct bench *b, const char *dir, const struct bench_offer *o,
	struct err *e);
/* So many connections for so long, after a short while that does not count. */
struct bench_speed {
	double rate, mean, p50, p99; /* answers/s, ms */
};
int bench_lookups(const char *address, size_t lines, int64_t ms,
	struct bench_speed *out, struct err *e);
/* ---- bench_stream.c: 100,000 rows of the service "all" as CSV ---- */
int bench_stream(struct bench *b, void *state, const char *address, int pid,
	struct err *e);
int bench_postgres(struct bench *b, struct err *e);

/* ---- bench_monitor.c: five years of a busy town ---- */
/* Works in a new folder below build/ (or /tmp) and removes it. */
int bench_monitor(struct bench *b, struct err *e);

/* ---- bench_consent.c: a check among a million consents ---- */
enum { BENCH_CONSENTS = 1000000 };
/* Works in a new folder of TMPDIR and removes it. */
int bench_consent(struct bench *b, struct err *e);

/* ---- bench_consent_rate.c: the exchange rate with consent and without ---- */
/* In a lab of its own, in a new folder of TMPDIR. */
int bench_consent_rate(struct bench *b, struct err *e);

/* ---- bench_log.c: a message log of so many records against a short one ---- */
enum { BENCH_LOG_RECORDS = 10000000 };
/* Works in a new folder below build/ (or TMPDIR) and removes it. */
int bench_log(struct bench *b, struct err *e);
