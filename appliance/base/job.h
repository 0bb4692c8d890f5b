/* SPDX-License-Identifier: MIT */
/*
 * Threads other than those of the HTTP server: periodic jobs and a few
 * long-lived workers. Nobody else creates a thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;

/* A row of a role's job table. A job runs on its own thread, never twice at
   the same time. Its return value is the wait in ms until the next run: 0 for
   the row's period. It logs its own failures. */
struct job {
	const char *name;
	int64_t period_ms; /* from the end of a run to the next start */
	int64_t first_ms;  /* wait before the first run */
	int64_t (*run)(void *ctx);
};

struct jobs;
/* Starts one thread per row; rows end with name NULL. */
int jobs_start(
	struct jobs **out, const struct job *rows, void *ctx, struct err *e);
/* Runs the job now (again, if it runs at this moment). Unknown: assert. */
void jobs_poke(struct jobs *j, const char *name);
/* Runs a job on the caller's thread? No: waits until a run that began after
   this call has ended, or the time-out passed. */
bool jobs_wait(struct jobs *j, const char *name, int64_t timeout_ms);
/* Tells every job to stop, waits for all, frees, sets NULL. */
void jobs_stop(struct jobs **j);
/* True once stopping: long jobs look at it. */
bool jobs_stopping(const struct jobs *j);
/* Called by a job whose work can wait: its thread is of low priority. */
void job_gives_way(void);

/* A worker thread for a module with its own queue (group commit, batcher). */
struct worker;
int worker_start(struct worker **out, const char *name, void (*fn)(void *ctx),
	void *ctx, struct err *e);
void worker_join(struct worker **w);
