/* SPDX-License-Identifier: MIT */
/*
 * Tests of group commit: nobody harms the others, a failed commit fails
 * everybody in it, and what was acknowledged survives kill -9.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo_schema.h"
#include "err.h"
#include "faultpoint.h"
#include "job.h"
#include "mem.h"
#include "tap.h"

enum { THREADS = 16, RECORDS = 60, CRASH_THREADS = 8, ACKS = 400 };

static const struct db_schema demo = DEMO_SCHEMA(3);

struct record {
	char name[32];
	bool fail; /* after it has written */
};

static int
record_put(struct db_conn *c, void *arg, struct err *e)
{
	struct record *r = arg;

	if (db_run(c, Q_DEMO_PUT, e, db_text(r->name), db_null()) < 0)
		return -1;
	return r->fail ? fail(e, FAULT_BAD_REQUEST, "on purpose") : 0;
}

static int64_t
count_all(struct db *db)
{
	struct db_conn *c = db_take(db);
	struct query *q = db_query(c, Q_DEMO_COUNT_ALL);
	int64_t n = query_next(q) ? query_int(q, 0) : -1;

	query_end(q, NULL);
	db_give(c);
	return n;
}

static struct db *
open_at(struct arena *a, const char *name)
{
	struct err e = ERR_INIT;
	struct db *db;

	if (db_open(&db, &demo, arena_printf(a, "%s/%s.db", tap_dir(), name),
		    DB_EVIDENCE, &e) != 0) {
		printf("Bail out! %s\n", e.text);
		exit(1);
	}
	return db;
}

struct submitter {
	struct group_writer *w;
	int n;
	int wrong; /* answers that are not as they should be */
};

/* Every fifth record fails on purpose. */
static void
submit_many(void *ctx)
{
	struct submitter *s = ctx;
	int i;

	for (i = 0; i < RECORDS; i++) {
		struct record r = { .fail = i % 5 == 4 };
		struct err e = ERR_INIT;
		int ret;

		snprintf(r.name, sizeof(r.name), "%d-%d", s->n, i);
		ret = writer_submit(s->w, record_put, &r, &e);
		s->wrong += r.fail ? ret != -1 || e.fault != FAULT_BAD_REQUEST
				   : ret != 0 || err_set(&e);
	}
}

static void
test_concurrent(struct arena *a)
{
	struct db *db = open_at(a, "concurrent");
	struct submitter s[THREADS] = { 0 };
	struct worker *t[THREADS];
	struct group_writer *w;
	int i, wrong = 0;

	is_int(writer_open(&w, db, 2, NULL), 0);
	for (i = 0; i < THREADS; i++) {
		s[i].w = w;
		s[i].n = i;
		worker_start(&t[i], "submitter", submit_many, &s[i], NULL);
	}
	for (i = 0; i < THREADS; i++) {
		worker_join(&t[i]);
		wrong += s[i].wrong;
	}
	is_int(wrong, 0);
	writer_close(&w);
	ok(w == NULL);
	writer_close(&w);
	is_int(count_all(db), THREADS * RECORDS / 5 * 4);
	db_close(&db);
}

/* Tickets that meet in one group: the first holds the writer until all are
   queued. */
struct meeting {
	struct group_writer *w;
	struct record record;
	struct err e;
	int ret;
	atomic_bool *go; /* the holder waits for it */
	atomic_bool *held;
};

static int
hold(struct db_conn *c, void *arg, struct err *e)
{
	struct meeting *m = arg;

	(void)c;
	(void)e;
	atomic_store(m->held, true);
	while (!atomic_load(m->go))
		;
	return 0;
}

static void
meeting_hold(void *ctx)
{
	struct meeting *m = ctx;

	m->ret = writer_submit(m->w, hold, m, &m->e);
}

static void
meeting_put(void *ctx)
{
	struct meeting *m = ctx;

	m->ret = writer_submit(m->w, record_put, &m->record, &m->e);
}

/* Runs three records as one group behind a holder; `skip` commits succeed. */
static void
meet(struct group_writer *w, struct meeting m[4], int commits_before_failure)
{
	static atomic_bool go, held;
	struct worker *t[4];
	int i;

	atomic_store(&go, false);
	atomic_store(&held, false);
	for (i = 0; i < 4; i++) {
		m[i].w = w;
		m[i].go = &go;
		m[i].held = &held;
	}
	worker_start(&t[0], "holder", meeting_hold, &m[0], NULL);
	while (!atomic_load(&held))
		;
	for (i = 1; i < 4; i++)
		worker_start(&t[i], "putter", meeting_put, &m[i], NULL);
	fault_arm("store.commit", commits_before_failure, 1000);
	atomic_store(&go, true);
	for (i = 0; i < 4; i++)
		worker_join(&t[i]);
	fault_disarm();
}

static void
test_commit_fails(struct arena *a)
{
	struct db *db = open_at(a, "commit");
	struct meeting m[4] = { 0 };
	struct group_writer *w;
	int i;

	for (i = 1; i < 4; i++)
		snprintf(m[i].record.name, 32, "m%d", i);
	is_int(writer_open(&w, db, 2, NULL), 0);
	meet(w, m, 1); /* the holder's commit succeeds, theirs does not */
	is_int(m[0].ret, 0);
	for (i = 1; i < 4; i++) {
		is_int(m[i].ret, -1);
		is_int(m[i].e.fault, FAULT_DATABASE);
		ok(strstr(m[i].e.text, "the disk is full") != NULL);
	}
	is_int(count_all(db), 0);
	/* and the writer lives on */
	is_int(writer_submit(w, record_put, &m[1].record, NULL), 0);
	is_int(count_all(db), 1);
	writer_close(&w);
	db_close(&db);
}

/* What SQLite does by itself when the disk is full: the transaction is gone. */
static int
lose_transaction(struct db_conn *c, void *arg, struct err *e)
{
	(void)arg;
	db_rollback(c);
	return fail(e, FAULT_DATABASE, "lost");
}

static void
test_lost_transaction(struct arena *a)
{
	struct db *db = open_at(a, "lost");
	struct record r = { .name = "after" };
	struct group_writer *w;
	struct err e = ERR_INIT;

	is_int(writer_open(&w, db, 0, NULL), 0);
	is_int(writer_submit(w, lose_transaction, NULL, &e), -1);
	is_str(e.text, "lost");
	is_int(writer_submit(w, record_put, &r, NULL), 0);
	is_int(count_all(db), 1);
	writer_close(&w);
	db_close(&db);
}

/* A disk that takes no more: the limit of the file size stands in for it. */
static void
test_disk_full(struct arena *a)
{
	struct db *db = open_at(a, "full");
	struct rlimit was, tight;
	struct group_writer *w;
	struct err e = ERR_INIT;
	struct record r = { .fail = false };
	int i, acks = 0;

	is_int(writer_open(&w, db, 0, NULL), 0);
	getrlimit(RLIMIT_FSIZE, &was);
	tight = was;
	tight.rlim_cur = 256 * 1024;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &tight);
	for (i = 0; i < 1000; i++) {
		snprintf(r.name, sizeof(r.name), "f%d", i);
		if (writer_submit(w, record_put, &r, &e) != 0)
			break;
		acks++;
	}
	setrlimit(RLIMIT_FSIZE, &was);
	ok_m(acks > 0 && acks < 1000, "%d records before the disk is full",
		acks);
	is_int(e.fault, FAULT_DATABASE);
	tap_note("%s", e.text);
	is_int(count_all(db), acks);
	/* room again: it goes on */
	is_int(writer_submit(w, record_put, &r, NULL), 0);
	is_int(count_all(db), acks + 1);
	writer_close(&w);
	db_close(&db);
	db = open_at(a, "full");
	is_int(count_all(db), acks + 1);
	db_close(&db);
}

/* --- kill -9 ----------------------------------------------------------- */

struct crasher {
	struct group_writer *w;
	int n;
	int fd; /* acknowledged names go here, 32 bytes each */
};

static void
crash_submit(void *ctx)
{
	struct crasher *s = ctx;
	struct record r = { .fail = false };
	int i;

	for (i = 0;; i++) {
		memset(r.name, 0, sizeof(r.name));
		snprintf(r.name, sizeof(r.name), "k%d-%d", s->n, i);
		if (writer_submit(s->w, record_put, &r, NULL) != 0 ||
			write(s->fd, r.name, sizeof(r.name)) !=
				(ssize_t)sizeof(r.name))
			_exit(3);
	}
}

static void crash_child(struct arena *a, int fd) __attribute__((noreturn));

static void
crash_child(struct arena *a, int fd)
{
	struct db *db = open_at(a, "crash");
	struct crasher s[CRASH_THREADS];
	struct worker *t;
	struct group_writer *w;
	int i;

	if (writer_open(&w, db, 2, NULL) != 0)
		_exit(2);
	for (i = 0; i < CRASH_THREADS; i++) {
		s[i] = (struct crasher){ w, i, fd };
		if (worker_start(&t, "crasher", crash_submit, &s[i], NULL) != 0)
			_exit(2);
	}
	for (;;)
		pause();
}

static int
name_absent(struct db *db, const char *name)
{
	/* name is UNIQUE: putting it again must be refused */
	struct db_conn *c = db_take(db);
	int64_t n = db_run(c, Q_DEMO_PUT, NULL, db_text(name), db_null());

	db_give(c);
	return n == 1;
}

static void
test_kill(struct arena *a)
{
	char name[32];
	int fd[2], acks = 0, lost = 0, status;
	struct db *db;
	FILE *in;
	pid_t pid;

	if (pipe(fd) != 0)
		return;
	tap_dir();
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		crash_child(a, fd[1]);
	}
	close(fd[1]);
	in = fdopen(fd[0], "r");
	db = NULL;
	while (fread(name, 1, sizeof(name), in) == sizeof(name)) {
		if (++acks == ACKS)
			kill(pid, SIGKILL);
		if (!db && acks > ACKS) {
			waitpid(pid, &status, 0);
			db = open_at(a, "crash");
		}
		if (db)
			lost += name_absent(db, name);
	}
	fclose(in);
	ok_m(acks >= ACKS, "%d records were acknowledged", acks);
	if (!db) {
		waitpid(pid, &status, 0);
		db = open_at(a, "crash");
	}
	is_int(lost, 0);
	ok_m(count_all(db) >= acks, "%lld records are there",
		(long long)count_all(db));
	db_close(&db);
}

int
main(void)
{
	struct arena *a = arena_new();

	test_kill(a);
	test_concurrent(a);
	test_commit_fails(a);
	test_lost_transaction(a);
	test_disk_full(a);
	arena_free(&a);
	return tap_done();
}
