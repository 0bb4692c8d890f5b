/* SPDX-License-Identifier: MIT */
/*
 * The operator's own WSDL validator, as X-Road has it: a program that gets the
 * address of the WSDL as its one argument, without a shell. It says its
 * doubts line by line and ends with 0; any other end refuses the WSDL.
 */
#include "description_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "mem.h"

enum {
	SAID_MAX = 64 * 1024,
	LINES_MAX = 500,
	VALIDATE_MS = 60000,
	LOOK_MS = 10
};

struct run {
	pid_t pid;
	int out; /* its standard output and error */
	struct buf said;
};

static int
run_start(struct run *x, const char *command, const char *url, struct err *e)
{
	char *const argv[] = { (char *)(uintptr_t)command,
		(char *)(uintptr_t)url, NULL };
	posix_spawn_file_actions_t f;
	posix_spawnattr_t attr;
	int pipefd[2], code;
	sigset_t none;

	if (pipe2(pipefd, O_CLOEXEC))
		return fail(
			e, FAULT_IO, "cannot make a pipe: %s", strerror(errno));
	sigemptyset(&none);
	posix_spawn_file_actions_init(&f);
	posix_spawn_file_actions_addopen(&f, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&f, pipefd[1], 1);
	posix_spawn_file_actions_adddup2(&f, pipefd[1], 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	code = posix_spawn(&x->pid, command, &f, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&f);
	close(pipefd[1]);
	x->out = pipefd[0];
	if (!code)
		return 0;
	close(x->out);
	return fail(
		e, FAULT_IO, "%s cannot be run: %s", command, strerror(code));
}

/* Reads what it says until it has nothing more to say, or the time is over. */
static void
run_listen(struct run *x, int64_t until)
{
	struct pollfd p = { .fd = x->out, .events = POLLIN };
	char piece[4096];

	for (;;) {
		int64_t left = until - clock_ticks();
		ssize_t n;
		int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return;
		n = read(x->out, piece, sizeof(piece));
		if (n <= 0)
			return;
		buf_add(&x->said, piece, (size_t)n);
	}
}

/* Its end: false when it had to be ended. */
static bool
run_end(struct run *x, int64_t until, int *status)
{
	while (waitpid(x->pid, status, WNOHANG) != x->pid) {
		if (clock_ticks() >= until) {
			kill(-x->pid, SIGKILL);
			while (waitpid(x->pid, status, 0) < 0 && errno == EINTR)
				;
			return false;
		}
		(void)poll(NULL, 0, LOOK_MS);
	}
	return true;
}

static json_t *
lines(const struct buf *said)
{
	json_t *list = json_array();
	const char *s = said->data;

	while (*s && json_array_size(list) < LINES_MAX) {
		size_t n = strcspn(s, "\r\n");
		char *line = mem_alloc(n + 1);
		memcpy(line, s, n);
		if (n)
			json_array_append_new(list, json_text_new(line));
		mem_free(line);
		s += n;
		s += strspn(s, "\r\n");
	}
	return list;
}

int
wsdl_validate(struct arena *a, const char *command, const char *url,
	json_t **out, struct err *e)
{
	struct run x = { .out = -1 };
	int64_t until = clock_ticks() + VALIDATE_MS;
	bool ended;
	int status = 0;

	*out = NULL;
	if (!*command)
		return 0;
	if (run_start(&x, command, url, e))
		return -1;
	buf_init(&x.said, SAID_MAX);
	run_listen(&x, until);
	ended = run_end(&x, until, &status);
	close(x.out);
	*out = json_keep(a, lines(&x.said));
	buf_done(&x.said);
	if (!ended)
		return fail(e, FAULT_INVALID_XML,
			"the validator did not end in time");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return fail(e, FAULT_INVALID_XML, "the validator refuses it");
	return 0;
}
