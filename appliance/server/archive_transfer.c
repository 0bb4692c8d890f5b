/* SPDX-License-Identifier: MIT */
/*
 * The operator's command that carries archive files away: run after each
 * archiving, for a limited time, what it says goes to our log. Rule:
 * interop/xroad-messages.md 4.6, xroad-center-admin.md 4.4.
 */
#include "messagelog_int.h"

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
#include "job.h"
#include "log.h"
#include "param.h"

enum { SAID_MAX = 2000, LOOK_MS = 100 };

struct transfer {
	pid_t pid;
	int out; /* its standard output and error */
	int status;
	bool ended;
	size_t n;
	char said[SAID_MAX + 1];
};

static int
spawn_shell(const char *command, int out, pid_t *pid)
{
	char sh[] = "sh", flag[] = "-c";
	char *const argv[] = { sh, flag, (char *)(uintptr_t)command, NULL };
	posix_spawn_file_actions_t f;
	posix_spawnattr_t attr;
	sigset_t none, usual;
	int code;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	posix_spawn_file_actions_init(&f);
	posix_spawn_file_actions_addopen(&f, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&f, out, 1);
	posix_spawn_file_actions_adddup2(&f, out, 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
						POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &usual);
	code = posix_spawn(pid, "/bin/sh", &f, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&f);
	return code;
}

static int
transfer_start(struct transfer *t, const char *command, struct err *e)
{
	int pipefd[2], code;

	if (pipe2(pipefd, O_CLOEXEC))
		return fail(
			e, FAULT_IO, "cannot make a pipe: %s", strerror(errno));
	code = spawn_shell(command, pipefd[1], &t->pid);
	close(pipefd[1]);
	t->out = pipefd[0];
	if (!code)
		return 0;
	close(pipefd[0]);
	return fail(e, FAULT_IO, "/bin/sh cannot be run: %s", strerror(code));
}

/* Waits a little, takes what it said (the beginning is kept), looks whether
   it ended. */
static void
transfer_look(struct transfer *t)
{
	struct pollfd p = { .fd = t->out, .events = POLLIN };
	char piece[1024];
	ssize_t n = 0;
	size_t room;

	if (poll(&p, 1, LOOK_MS) > 0)
		n = read(t->out, piece, sizeof(piece));
	if (n > 0) {
		room = SAID_MAX - t->n;
		if ((size_t)n < room)
			room = (size_t)n;
		memcpy(t->said + t->n, piece, room);
		t->n += room;
		return;
	}
	if (p.revents & POLLHUP)
		(void)poll(NULL, 0, LOOK_MS);
	if (waitpid(t->pid, &t->status, WNOHANG) == t->pid)
		t->ended = true;
}

static void
tell(struct transfer *t)
{
	for (size_t i = 0; i < t->n; i++)
		if ((unsigned char)t->said[i] < ' ')
			t->said[i] = ' ';
	if (t->n)
		log_info("archive-transfer-command: %s", t->said);
}

static int
transfer_result(const struct transfer *t, struct err *e)
{
	if (WIFEXITED(t->status) && WEXITSTATUS(t->status) == 0)
		return 0;
	if (WIFEXITED(t->status))
		return fail(e, FAULT_IO, "it ended with exit code %d",
			WEXITSTATUS(t->status));
	return fail(
		e, FAULT_IO, "it was ended by signal %d", WTERMSIG(t->status));
}

int
messagelog_transfer(
	struct messagelog *m, const struct jobs *stop, struct err *e)
{
	const char *command = conf_text(m->conf, P_ML_ARCHIVE_TRANSFER);
	int64_t seconds = conf_int(m->conf, P_ML_ARCHIVE_TRANSFER_TIME);
	int64_t until = clock_ticks() + seconds * 1000;
	struct transfer t = { .out = -1 };
	bool stopped = false;
	int ret;

	if (!*command || (stop && jobs_stopping(stop)))
		return 0;
	if (transfer_start(&t, command, e))
		return -1;
	while (!t.ended && !stopped && clock_ticks() < until) {
		transfer_look(&t);
		stopped = stop && jobs_stopping(stop);
	}
	if (!t.ended) {
		kill(-t.pid, SIGKILL);
		while (waitpid(t.pid, &t.status, 0) < 0 && errno == EINTR)
			;
	}
	tell(&t);
	if (t.ended)
		ret = transfer_result(&t, e);
	else if (stopped)
		ret = fail(e, FAULT_LIMIT, "it was ended: the server stops");
	else
		ret = fail(e, FAULT_LIMIT, "it was ended after %lld s",
			(long long)seconds);
	close(t.out);
	return ret;
}
