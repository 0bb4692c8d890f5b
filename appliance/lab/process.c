/* SPDX-License-Identifier: MIT */
/*
 * The lab's three processes: the same executable with separate configurations,
 * started, watched and ended by their own process ids.
 */
#include "lab_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "text.h"

enum { READY_MS = 15000, STOP_MS = 10000, OUTPUT_MAX = 256 * 1024 };

static void
close_all_but(int keep)
{
	for (int fd = 3; fd < 256; fd++)
		if (fd != keep)
			close(fd);
}

void
process_be_child(int end, int keep)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, end);
	close_all_but(keep);
}

static void
become(struct lab *l, char *const argv[], int keep)
{
	process_be_child(SIGTERM, keep);
	execv(l->self, argv);
	_exit(127);
}

/* Last lines of the machine's own words, for the failure message. */
static const char *
last_words(struct lab *l, struct machine *m)
{
	struct bytes text;
	const char *p;
	int lines = 0;

	if (file_read(l->arena, path_join(l->arena, m->dir, "output"),
		    OUTPUT_MAX, &text, NULL) ||
		!text.len)
		return "no output";
	for (p = (const char *)text.data + text.len - 1;
		p > (const char *)text.data; p--)
		if (*p == '\n' && ++lines == 4)
			break;
	return p;
}

static int
await_ready(struct lab *l, struct machine *m, int fd, struct err *e)
{
	int64_t begun = clock_ticks(), left;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char word[16];

	while ((left = READY_MS - (clock_ticks() - begun)) > 0) {
		int n = poll(&p, 1, (int)left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 1 && read(fd, word, sizeof(word)) > 0) {
			m->started_ms = clock_ticks() - begun;
			return 0;
		}
		break;
	}
	return fail(e, FAULT_INTERNAL, "the %s did not start: %s", m->name,
		last_words(l, m));
}

int
process_start(struct lab *l, struct machine *m, struct err *e)
{
	char *conf = path_join(l->arena, m->dir, "machilink.ini");
	char *out = path_join(l->arena, m->dir, "output");
	char fd_text[16];
	char *argv[] = { arena_strdup(l->arena, "machilink"),
		arena_strdup(l->arena, "serve"),
		arena_strdup(l->arena, "--config"), conf,
		arena_strdup(l->arena, "--ready-fd"), fd_text, NULL };
	int pipe_fd[2], ret;

	if (pipe(pipe_fd))
		return fail(e, FAULT_IO, "pipe: %s", strerror(errno));
	snprintf(fd_text, sizeof(fd_text), "%d", pipe_fd[1]);
	m->pid = fork();
	if (!m->pid) {
		int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (fd >= 0)
			dup2(fd, 1), dup2(fd, 2);
		setpgid(0, 0); /* Ctrl-C reaches the lab, which ends it */
		become(l, argv, pipe_fd[1]);
	}
	close(pipe_fd[1]);
	if (m->pid < 0) {
		m->pid = 0;
		ret = fail(e, FAULT_IO, "fork: %s", strerror(errno));
	} else {
		ret = await_ready(l, m, pipe_fd[0], e);
	}
	close(pipe_fd[0]);
	return ret;
}

/* True once the process is gone. */
static bool
reap(struct machine *m, int64_t until)
{
	while (waitpid(m->pid, NULL, WNOHANG) == 0) {
		if (clock_ticks() >= until)
			return false;
		poll(NULL, 0, 10);
	}
	m->pid = 0;
	return true;
}

void
process_stop_all(struct lab *l)
{
	int64_t until = clock_ticks() + STOP_MS;

	for (int i = MACHINES - 1; i >= 0; i--)
		if (l->machine[i].pid > 0)
			kill(l->machine[i].pid, SIGTERM);
	for (int i = MACHINES - 1; i >= 0; i--) {
		struct machine *m = &l->machine[i];

		if (m->pid > 0 && !reap(m, until)) {
			kill(m->pid, SIGKILL);
			waitpid(m->pid, NULL, 0);
			m->pid = 0;
		}
	}
}

struct machine *
process_ended(struct lab *l)
{
	for (int i = 0; i < MACHINES; i++) {
		struct machine *m = &l->machine[i];

		if (m->pid > 0 && waitpid(m->pid, NULL, WNOHANG) == m->pid) {
			m->pid = 0;
			return m;
		}
	}
	return NULL;
}

static char *
read_all(struct lab *l, int fd)
{
	struct buf b;
	char chunk[4096], *text;
	ssize_t n;

	buf_init(&b, OUTPUT_MAX);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0 ||
		(n < 0 && errno == EINTR))
		if (n > 0)
			buf_add(&b, chunk, (size_t)n);
	text = arena_strndup(l->arena, b.data, b.len);
	buf_done(&b);
	return text;
}

/* In the child: output into the pipe, a short input from another one. */
static void
connect_streams(int out, const char *input)
{
	int in[2];

	dup2(out, 1);
	dup2(out, 2);
	if (!input || pipe(in))
		return;
	if (write(in[1], input, strlen(input)) < 0)
		_exit(127);
	close(in[1]);
	dup2(in[0], 0);
}

int
process_run(struct lab *l, char *const argv[], const char *input, char **out,
	struct err *e)
{
	int pipe_fd[2], status = 0;
	pid_t pid;

	*out = NULL;
	if (pipe(pipe_fd))
		return fail(e, FAULT_IO, "pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		connect_streams(pipe_fd[1], input);
		become(l, argv, -1);
	}
	close(pipe_fd[1]);
	*out = read_all(l, pipe_fd[0]);
	close(pipe_fd[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return fail(e, FAULT_INTERNAL, "%s %s did not run", argv[0],
			argv[1]);
	return WEXITSTATUS(status);
}

int64_t
process_rss_kb(pid_t pid)
{
	struct arena *a = arena_new();
	struct bytes text;
	const char *p;
	int64_t kb = -1;

	if (!file_read(a, arena_printf(a, "/proc/%d/status", (int)pid), 65536,
		    &text, NULL)) {
		p = strstr((const char *)text.data, "VmRSS:");
		if (p)
			kb = strtoll(p + 6, NULL, 10);
	}
	arena_free(&a);
	return kb;
}
