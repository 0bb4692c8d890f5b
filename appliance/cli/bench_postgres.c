/* SPDX-License-Identifier: MIT */
/*
 * A lookup in PostgreSQL through a data source and over REST, against
 * pgbench -S on the same server. They take turns, so that all of them meet the
 * same machine; the median of the rounds counts. The server is a throw-away of
 * ours; where PostgreSQL is not installed this part is left out.
 */
#include "bench_int.h"

#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "datasource.h"
#include "err.h"
#include "file.h"
#include "job.h"
#include "mem.h"

enum {
	CLIENTS = 8,
	SPAN_MS = 1000,
	ROUNDS = 5,
	ROWS = 100000, /* pgbench -s 1 */
	OUT_MAX = 16 * 1024,
	ARGS_MAX = 32,
	PORT = 15432,
};

struct server {
	struct bench *b;
	char *bin, *dir, *user; /* user: number, of who runs it */
	char out[OUT_MAX];
};

/* Runs a program of PostgreSQL as the unprivileged user; its output in out. */
static int
run(struct server *s, const char *const *more)
{
	const char *argv[ARGS_MAX] = { "setpriv", "--clear-groups", "--reuid",
		s->user, "--regid", s->user };
	int fd[2], status = -1, n = getuid() == 0 ? 6 : 0;
	size_t len = 0;
	ssize_t got;
	pid_t pid;

	argv[n++] = path_join(s->b->a, s->bin, *more++);
	while (*more && n < ARGS_MAX - 1)
		argv[n++] = *more++;
	argv[n] = NULL;
	if (pipe(fd))
		return -1;
	pid = fork();
	if (!pid) {
		dup2(fd[1], 1);
		dup2(fd[1], 2);
		close(fd[0]);
		close(fd[1]);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(fd[1]);
	while (len < OUT_MAX - 1 &&
		((got = read(fd[0], s->out + len, OUT_MAX - 1 - len)) > 0 ||
			(got < 0 && errno == EINTR)))
		len += got > 0 ? (size_t)got : 0;
	s->out[len] = '\0';
	close(fd[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static bool
find(struct server *s)
{
	struct passwd *pw = getpwnam("postgres");
	char name[] = "/tmp/machilink-bench-pg-XXXXXX";
	glob_t g;

	if (glob("/usr/lib/postgresql/*/bin/pgbench", 0, NULL, &g))
		return false;
	s->bin = arena_strdup(s->b->a, g.gl_pathv[g.gl_pathc - 1]);
	*strrchr(s->bin, '/') = '\0';
	globfree(&g);
	if (!pw || !mkdtemp(name))
		return false;
	s->user = arena_printf(s->b->a, "%u", (unsigned)pw->pw_uid);
	s->dir = arena_strdup(s->b->a, name);
	return getuid() != 0 || !chown(s->dir, pw->pw_uid, pw->pw_gid);
}

static int
start(struct server *s)
{
	struct arena *a = s->b->a;
	char *data = path_join(a, s->dir, "data");
	char *port = arena_printf(a, "%d", PORT);
	const char *init[] = { "initdb", "-D", data, "-U", "bench", "-N", "-E",
		"UTF8", "--locale", "C.UTF-8", "--auth=trust", NULL };
	const char *up[] = { "pg_ctl", "-D", data, "-s", "-w", "-l",
		path_join(a, s->dir, "log"), "-o",
		arena_printf(
			a, "-k %s -c listen_addresses= -p %d", s->dir, PORT),
		"start", NULL };
	const char *fill[] = { "pgbench", "-h", s->dir, "-p", port, "-U",
		"bench", "-i", "-q", "-s", "1", "postgres", NULL };

	return run(s, init) || run(s, up) || run(s, fill) ? -1 : 0;
}

static void
stop(struct server *s)
{
	const char *down[] = { "pg_ctl", "-D",
		path_join(s->b->a, s->dir, "data"), "-s", "-w", "-m",
		"immediate", "stop", NULL };

	(void)run(s, down);
	(void)dir_remove(s->dir, NULL);
}

/* pgbench's own average, ms; -1 when it says none. */
static double
pgbench(struct server *s, const char *mode, size_t lines)
{
	static const char key[] = "latency average = ";
	struct arena *a = s->b->a;
	char *clients = arena_printf(a, "%zu", lines);
	char *threads = arena_printf(a, "%d", lines > 1 ? 2 : 1);
	char *seconds = arena_printf(a, "%d", SPAN_MS / 1000);
	const char *argv[] = { "pgbench", "-h", s->dir, "-p",
		arena_printf(a, "%d", PORT), "-U", "bench", "-S", "-M", mode,
		"-c", clients, "-j", threads, "-T", seconds, "postgres", NULL };
	const char *at = run(s, argv) ? NULL : strstr(s->out, key);

	return at ? strtod(at + sizeof(key) - 1, NULL) : -1;
}

struct client {
	struct worker *worker;
	struct command *command;
	int64_t until;
	unsigned next;
	size_t lookups, failures;
};

static int
look_up(struct client *c)
{
	struct cursor_limits limits = { .rows = 1000, .ms = 1000 };
	struct cell id = { .kind = CELL_INT }, v;
	struct cursor *q;
	int ret = -1;

	c->next = (c->next * 1103515245 + 12345) & 0x7fffffff;
	id.number = 1 + c->next % ROWS;
	if (cursor_open(&q, c->command, NULL))
		return -1;
	if (!cursor_bind(q, 0, &id, NULL) && !cursor_start(q, &limits, NULL) &&
		cursor_next(q, NULL) == 1) {
		cursor_cell(q, 0, &v);
		ret = cursor_next(q, NULL);
	}
	cursor_close(&q);
	return ret;
}

static void
client_run(void *ctx)
{
	struct client *c = ctx;

	while (clock_ticks() < c->until && c->failures < 3) {
		if (look_up(c))
			c->failures++;
		else
			c->lookups++;
	}
}

/* Our average latency, ms. */
static int
clients_run(struct command *command, size_t lines, double *ms, struct err *e)
{
	struct client c[CLIENTS] = { 0 };
	size_t lookups = 0, failures = 0;
	int ret = 0;

	for (unsigned i = 0; i < lines; i++) {
		c[i] = (struct client){ .command = command,
			.until = clock_ticks() + SPAN_MS,
			.next = i };
		if (!ret)
			ret = worker_start(&c[i].worker, "bench lookup",
				client_run, &c[i], e);
	}
	for (size_t i = 0; i < lines; i++) {
		if (c[i].worker)
			worker_join(&c[i].worker);
		lookups += c[i].lookups;
		failures += c[i].failures;
	}
	if (!ret && (failures || !lookups))
		ret = fail(e, FAULT_DATABASE, "lookups in PostgreSQL failed");
	*ms = lookups ? (double)SPAN_MS * (double)lines / (double)lookups : -1;
	return ret;
}

/* What is compared, in ms; SIMPLE is what pgbench -S does unless told. */
enum { SIMPLE, PREPARED, SOURCE, REST, CONTENDERS };
struct contest {
	struct server *s;
	struct command *command;
	const char *address;
	double ms[CONTENDERS][ROUNDS], rate[ROUNDS], p99[ROUNDS];
};

static int
round_run(struct contest *c, size_t lines, size_t at, struct err *e)
{
	struct bench_speed rest;

	c->ms[SIMPLE][at] = pgbench(c->s, "simple", lines);
	c->ms[PREPARED][at] = pgbench(c->s, "prepared", lines);
	if (c->ms[SIMPLE][at] <= 0 || c->ms[PREPARED][at] <= 0)
		return fail(e, FAULT_IO, "pgbench failed: %.300s", c->s->out);
	if (clients_run(c->command, lines, &c->ms[SOURCE][at], e) ||
		bench_lookups(c->address, lines, SPAN_MS, &rest, e))
		return -1;
	c->ms[REST][at] = rest.mean;
	c->rate[at] = rest.rate;
	c->p99[at] = rest.p99;
	return 0;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double v[ROUNDS])
{
	qsort(v, ROUNDS, sizeof(*v), by_value);
	return v[ROUNDS / 2];
}

static void
contest_say(struct contest *c, size_t lines)
{
	static const struct {
		const char *name, *unit;
	} row[CONTENDERS] = {
		[SIMPLE] = { "pgbench", "ms, pgbench -S" },
		[PREPARED] = { "pgbench-prepared",
			"ms, pgbench -S -M prepared" },
		[SOURCE] = { "source", "ms, data source" },
		[REST] = { "rest", "ms, REST" },
	};
	struct bench *b = c->s->b;
	char *name = arena_printf(b->a, "postgresql-c%zu", lines);
	double ms[CONTENDERS];

	for (size_t i = 0; i < CONTENDERS; i++) {
		ms[i] = median(c->ms[i]);
		bench_say(b, arena_printf(b->a, "%s-%s", name, row[i].name),
			ms[i], row[i].unit);
	}
	bench_say(b, arena_printf(b->a, "%s-rest-p99", name), median(c->p99),
		"ms");
	bench_say(b, arena_printf(b->a, "%s-rest-rate", name), median(c->rate),
		"lookups/s over REST");
	bench_say(b, arena_printf(b->a, "%s-ratio", name),
		ms[REST] / ms[SIMPLE], "times pgbench -S");
}

static int
contest(struct bench *b, void *state, const char *address, int pid,
	struct err *e)
{
	static const size_t lines[] = { 1, CLIENTS };
	struct contest *c = state;

	(void)b;
	(void)pid;
	c->address = address;
	for (size_t n = 0; n < sizeof(lines) / sizeof(*lines); n++) {
		for (size_t i = 0; i < ROUNDS; i++)
			if (round_run(c, lines[n], i, e))
				return -1;
		contest_say(c, lines[n]);
	}
	return 0;
}

static int
measure(struct contest *c, struct err *e)
{
	struct server *s = c->s;
	struct bench_offer o = { .more = contest, .state = c };

	o.services = arena_printf(s->b->a,
		"{\"dbSources\":[{\"databaseType\":\"POSTGRESQL\",\"host\":\"%s\""
		",\"port\":%d,\"databaseName\":\"postgres\",\"username\":"
		"\"bench\",\"dbServices\":[{\"name\":\"one\",\"sqlTemplate\":"
		"\"SELECT aid AS id, abalance FROM pgbench_accounts WHERE aid = "
		":id\",\"params\":[{\"name\":\"id\",\"type\":\"LONG\"}]}]}]}",
		s->dir, PORT);
	return bench_served(s->b, s->dir, &o, e);
}

static int
compare(struct server *s, struct err *e)
{
	struct datasource_config config = { .name = "bench",
		.driver = "postgresql",
		.host = s->dir,
		.port = PORT,
		.database = "postgres",
		.user = "bench",
		.pool_max = CLIENTS };
	struct command_text text = {
		.sql = "SELECT abalance FROM pgbench_accounts WHERE aid = :aid"
	};
	struct contest c = { .s = s };
	struct datasource *ds = NULL;
	int ret;

	ret = datasource_open(&ds, &config, e) ||
	      command_new(&c.command, ds, &text, e) || measure(&c, e);
	command_free(&c.command);
	datasource_close(&ds);
	return ret ? -1 : 0;
}

int
bench_postgres(struct bench *b, struct err *e)
{
	struct server s = { .b = b };
	int ret;

	if (!find(&s))
		return 0;
	if (start(&s))
		ret = fail(e, FAULT_IO, "PostgreSQL does not start: %.300s",
			s.out);
	else
		ret = compare(&s, e);
	stop(&s);
	return ret;
}
