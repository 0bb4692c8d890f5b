/* SPDX-License-Identifier: MIT */
/*
 * A lookup in PostgreSQL through a data source, against pgbench -S on the same
 * server, in the same run; then through the adapter over REST. The server is a throw-away of ours; where PostgreSQL
 * is not installed this part is left out.
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
	SPAN_MS = 4000,
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
pgbench(struct server *s)
{
	static const char key[] = "latency average = ";
	struct arena *a = s->b->a;
	char *clients = arena_printf(a, "%d", CLIENTS);
	char *seconds = arena_printf(a, "%d", SPAN_MS / 1000);
	const char *argv[] = { "pgbench", "-h", s->dir, "-p",
		arena_printf(a, "%d", PORT), "-U", "bench", "-S", "-M",
		"prepared", "-c", clients, "-j", "2", "-T", seconds, "postgres",
		NULL };
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
clients_run(struct command *command, double *ms, struct err *e)
{
	struct client c[CLIENTS];
	size_t lookups = 0, failures = 0;
	int ret = 0;

	for (unsigned i = 0; i < CLIENTS; i++) {
		c[i] = (struct client){ .command = command,
			.until = clock_ticks() + SPAN_MS,
			.next = i };
		if (!ret)
			ret = worker_start(&c[i].worker, "bench lookup",
				client_run, &c[i], e);
	}
	for (size_t i = 0; i < CLIENTS; i++) {
		if (c[i].worker)
			worker_join(&c[i].worker);
		lookups += c[i].lookups;
		failures += c[i].failures;
	}
	if (!ret && (failures || !lookups))
		ret = fail(e, FAULT_DATABASE, "lookups in PostgreSQL failed");
	*ms = lookups ? (double)SPAN_MS * CLIENTS / (double)lookups : -1;
	return ret;
}

static int
measure(struct server *s, struct err *e)
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
	struct datasource *ds = NULL;
	struct command *c = NULL;
	double theirs, ours = -1;
	int ret = -1;

	if (datasource_open(&ds, &config, e) || command_new(&c, ds, &text, e) ||
		clients_run(c, &ours, e))
		goto out;
	theirs = pgbench(s);
	bench_say(s->b, "postgresql-c8", ours, "ms per lookup, data source");
	bench_say(s->b, "postgresql-c8-pgbench", theirs, "ms, pgbench -S");
	ret = 0;
out:
	command_free(&c);
	datasource_close(&ds);
	return ret;
}

static int
over_rest(struct server *s, struct err *e)
{
	struct bench_offer o = { .label = "postgresql", .lines = CLIENTS };

	o.services = arena_printf(s->b->a,
		"{\"dbSources\":[{\"databaseType\":\"POSTGRESQL\",\"host\":\"%s\""
		",\"port\":%d,\"databaseName\":\"postgres\",\"username\":"
		"\"bench\",\"dbServices\":[{\"name\":\"one\",\"sqlTemplate\":"
		"\"SELECT aid AS id, abalance FROM pgbench_accounts WHERE aid = "
		":id\",\"params\":[{\"name\":\"id\",\"type\":\"LONG\"}]}]}]}",
		s->dir, PORT);
	return bench_served(s->b, s->dir, &o, e);
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
		ret = measure(&s, e) || over_rest(&s, e) ? -1 : 0;
	stop(&s);
	return ret;
}
