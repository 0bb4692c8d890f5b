/* SPDX-License-Identifier: MIT */
/*
 * The adapter under load: one row by its primary key, over REST. A serving
 * process of its own, asked over connections that stay open by one
 * thread that only sends and receives; closed loop, so that every connection
 * always waits for one answer.
 */
#include "bench_int.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "text.h"

enum {
	ROWS = 100000,
	CONNECTIONS = 64,
	WARM_MS = 500,
	SPAN_MS = 4000,
	ANSWER_MAX = 4096,
	SAMPLES_MAX = 1 << 20,
	ASK_MAX = 300,
	READY_FD = 9,
};

static const struct db_migration site_migration[] = {
	{ 1, "sites",
		"CREATE TABLE site (id INTEGER PRIMARY KEY, name TEXT,"
		" lat REAL, people INTEGER);"
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
		" WHERE i < 100000) INSERT INTO site SELECT i, '避難所 ' || i,"
		" 35 + i / 1000.0, i * 7 FROM n;" },
};
static const struct db_schema sites = {
	.name = "sites", .migration = site_migration, .n_migrations = 1
};

static const char services[] =
	"{\"dbSources\":[{\"databaseType\":\"SQLITE\",\"databaseName\":"
	"\"sites.db\",\"dbServices\":[{\"name\":\"one\",\"sqlTemplate\":"
	"\"SELECT id, name, lat, people FROM site WHERE id = :id\",\"tables\":"
	"[\"site\"],\"params\":[{\"name\":\"id\",\"type\":\"LONG\"}]},"
	"{\"name\":\"all\",\"sqlTemplate\":\"SELECT id, name, lat, people "
	"FROM site\",\"rowLimit\":1000000,\"timeLimit\":60000}]}]}";

struct line {
	int fd;
	int64_t begun; /* us */
	size_t len;
	char answer[ANSWER_MAX];
};

struct load {
	struct sockaddr_in to;
	char address[INET_ADDRSTRLEN];
	struct line line[CONNECTIONS];
	size_t lines;
	int64_t *sample;
	size_t samples, failures;
	int64_t from, until;
	unsigned next; /* id to ask for */
};

static int
line_open(struct load *l, struct line *x)
{
	int one = 1;

	x->len = 0;
	x->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (x->fd < 0 ||
		connect(x->fd, (struct sockaddr *)&l->to, sizeof(l->to)))
		return -1;
	return setsockopt(x->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static int
line_ask(struct load *l, struct line *x)
{
	char text[ASK_MAX];
	int n;

	l->next = (l->next * 1103515245 + 12345) & 0x7fffffff;
	n = snprintf(text, sizeof(text),
		"GET /api/service/one?id=%u HTTP/1.1\r\nHost: %s\r\n\r\n",
		1 + l->next % ROWS, l->address);
	x->len = 0;
	x->begun = clock_micros();
	return send(x->fd, text, (size_t)n, MSG_NOSIGNAL) == n ? 0 : -1;
}

/* The answer is whole. */
static bool
is_whole(const struct line *x)
{
	static const char key[] = "\r\nContent-Length:";
	const char *end = memmem(x->answer, x->len, "\r\n\r\n", 4);
	const char *length = end ? memmem(x->answer, (size_t)(end - x->answer),
					   key, sizeof(key) - 1)
				 : NULL;

	return length &&
	       x->len >= (size_t)(end + 4 - x->answer) +
				 strtoul(length + sizeof(key) - 1, NULL, 10);
}

static void
line_answered(struct load *l, struct line *x)
{
	int64_t now = clock_micros();

	if (!strstr(x->answer, "{\"rows\":[{\"id\":"))
		l->failures++;
	else if (x->begun >= l->from && now <= l->until &&
		 l->samples < SAMPLES_MAX)
		l->sample[l->samples++] = now - x->begun;
	if (strstr(x->answer, "\r\nConnection: close") || line_ask(l, x)) {
		close(x->fd);
		if (line_open(l, x) || line_ask(l, x))
			l->failures++;
	}
}

static void
line_read(struct load *l, struct line *x)
{
	ssize_t n = recv(x->fd, x->answer + x->len, ANSWER_MAX - 1 - x->len, 0);

	if (n <= 0) {
		l->failures++;
		return;
	}
	x->len += (size_t)n;
	x->answer[x->len] = '\0';
	if (is_whole(x))
		line_answered(l, x);
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
sum_up(struct load *l, int64_t ms, struct bench_speed *out)
{
	size_t n = l->samples;
	int64_t p50, p99;

	qsort(l->sample, n, sizeof(*l->sample), by_value);
	*out = (struct bench_speed){ .mean = -1, .p50 = -1, .p99 = -1 };
	if (!n)
		return;
	out->rate = (double)n * 1000 / (double)ms;
	out->mean = (double)l->lines * (double)ms / (double)n;
	p50 = l->sample[n / 2];
	p99 = l->sample[n * 99 / 100];
	out->p50 = (double)p50 / 1000;
	out->p99 = (double)p99 / 1000;
}

static int
load_run(struct load *l, int64_t ms, struct err *e)
{
	struct pollfd p[CONNECTIONS];

	for (size_t i = 0; i < l->lines; i++)
		if (line_open(l, &l->line[i]) || line_ask(l, &l->line[i]))
			return fail(e, FAULT_NETWORK,
				"the adapter does not answer");
	l->from = clock_micros() + WARM_MS * 1000;
	l->until = l->from + ms * 1000;
	while (clock_micros() < l->until && l->failures < 3) {
		for (size_t i = 0; i < l->lines; i++)
			p[i] = (struct pollfd){ l->line[i].fd, POLLIN, 0 };
		if (poll(p, l->lines, 1000) <= 0)
			l->failures++;
		for (size_t i = 0; i < l->lines; i++)
			if (p[i].revents)
				line_read(l, &l->line[i]);
	}
	for (size_t i = 0; i < l->lines; i++)
		close(l->line[i].fd);
	if (l->failures)
		return fail(e, FAULT_HTTP, "the adapter failed under load");
	return 0;
}

int
bench_lookups(const char *address, size_t lines, int64_t ms,
	struct bench_speed *out, struct err *e)
{
	struct load *l = mem_alloc(sizeof(*l));
	int ret;

	assert(lines <= CONNECTIONS);
	l->lines = lines;
	snprintf(l->address, sizeof(l->address), "%s", address);
	l->to.sin_family = AF_INET;
	l->to.sin_port = htons(BENCH_ADAPTER_PORT);
	inet_pton(AF_INET, address, &l->to.sin_addr);
	l->sample = mem_array(SAMPLES_MAX, sizeof(*l->sample));
	ret = load_run(l, ms, e);
	if (!ret)
		sum_up(l, ms, out);
	mem_free(l->sample);
	mem_free(l);
	return ret;
}

static int
load(struct bench *b, const char *address, const struct bench_offer *o,
	struct err *e)
{
	char *name = arena_printf(b->a, "adapter-%s-c%zu", o->label, o->lines);
	struct bench_speed s;

	if (bench_lookups(address, o->lines, SPAN_MS, &s, e))
		return -1;
	bench_say(b, name, s.rate, "lookups/s over REST");
	bench_say(b, arena_printf(b->a, "%s-mean", name), s.mean, "ms");
	bench_say(b, arena_printf(b->a, "%s-p50", name), s.p50, "ms");
	bench_say(b, arena_printf(b->a, "%s-p99", name), s.p99, "ms");
	return 0;
}

/* Services and configuration; the path of the latter. */
static int
prepare(struct bench *b, const char *dir, const char *address,
	const char *offered, char **config, struct err *e)
{
	char *file = path_join(b->a, dir, "services.json");
	char *text = arena_printf(b->a,
		"[machilink]\nroles = adapter\ndata-dir = %s/data\n[adapter]\n"
		"listen-address = %s\nlisten-port = %d\nservices = %s\n",
		dir, address, BENCH_ADAPTER_PORT, file);

	*config = path_join(b->a, dir, "machilink.ini");
	if (file_write(file, bytes_str(offered), FILE_PUBLIC, e) ||
		file_write(*config, bytes_str(text), FILE_PUBLIC, e))
		return -1;
	return 0;
}

/* This program with other arguments; it says on READY_FD that it is ready. */
static pid_t
spawn(char *const argv[], int *ready)
{
	int fd[2];
	pid_t pid;

	if (pipe(fd))
		return -1;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(fd[1], READY_FD);
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	close(fd[1]);
	*ready = fd[0];
	return pid;
}

int
bench_served(struct bench *b, const char *dir, const struct bench_offer *o,
	struct err *e)
{
	char *address = arena_printf(b->a, "%s.1", b->net);
	char *config = NULL, ready[8] = "";
	int fd = -1, ret;
	pid_t pid;

	if (prepare(b, dir, address, o->services, &config, e))
		return -1;
	char *argv[] = { arena_strdup(b->a, "machilink"),
		arena_strdup(b->a, "serve"), arena_strdup(b->a, "--config"),
		config, arena_strdup(b->a, "--ready-fd"),
		arena_printf(b->a, "%d", READY_FD), NULL };

	pid = spawn(argv, &fd);
	if (pid <= 0)
		return fail(e, FAULT_IO, "the adapter cannot be started");
	if (read(fd, ready, sizeof(ready) - 1) > 0 &&
		str_prefix(ready, "ready"))
		ret = o->lines ? load(b, address, o, e) : 0;
	else
		ret = fail(e, FAULT_INTERNAL, "the adapter did not start");
	if (!ret && o->more)
		ret = o->more(b, o->state, address, pid, e);
	kill(pid, SIGTERM);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(fd);
	return ret;
}

static int
on_sqlite(struct bench *b, const char *dir, struct err *e)
{
	const struct bench_offer o = { .label = "sqlite",
		.services = services,
		.lines = CONNECTIONS,
		.more = bench_stream };
	struct db *db;

	if (db_open(&db, &sites, path_join(b->a, dir, "sites.db"), 0, e))
		return -1;
	db_close(&db);
	return bench_served(b, dir, &o, e);
}

int
bench_adapter(struct bench *b, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = arena_printf(b->a, "%s/machilink-adapter-bench-XXXXXX",
		tmp && *tmp ? tmp : "/tmp");
	int ret;

	if (!mkdtemp(dir))
		return fail(e, FAULT_IO, "cannot make %s", dir);
	ret = on_sqlite(b, dir, e);
	(void)dir_remove(dir, NULL);
	return ret ? ret : bench_postgres(b, e);
}
