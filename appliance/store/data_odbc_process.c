/* SPDX-License-Identifier: MIT */
/*
 * The companion process of an ODBC connection: starting, asking, ending.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "data_odbc_int.h"
#include "mem.h"

enum { FD_MIN = 16, PATH_MAX_LEN = 1024 };

/* Beside this program. */
static char *
program(struct arena *a, const struct datasource_config *c)
{
	char path[PATH_MAX_LEN];
	ssize_t n;
	char *slash;

	if (c->companion)
		return arena_strdup(a, c->companion);
	n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (n <= 0)
		return arena_strdup(a, "/usr/bin/machilink-odbc");
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	return arena_printf(a, "%s/machilink-odbc", path);
}

/* One end for us, one for the child: far from the numbers it gets. */
static int
pair_make(int *ours, int *theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -1;
	*ours = pair[0];
	*theirs = fcntl(pair[1], F_DUPFD_CLOEXEC, FD_MIN);
	close(pair[1]);
	return *theirs < 0 ? -1 : 0;
}

static int
launch(struct odbc *o, const char *path, int fd, int cancel_fd)
{
	char name[] = "machilink-odbc", search[] = "PATH=/usr/bin:/bin";
	char lang[] = "LC_ALL=C.UTF-8";
	char *environment[] = { search, lang, NULL };
	char *argv[] = { name, NULL };
	posix_spawn_file_actions_t act;
	posix_spawnattr_t attr;
	sigset_t none, pipes;
	int code;

	sigemptyset(&none);
	sigemptyset(&pipes);
	sigaddset(&pipes, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &pipes);
	posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&act);
	posix_spawn_file_actions_addopen(&act, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&act, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&act, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&act, fd, WIRE_FD);
	posix_spawn_file_actions_adddup2(&act, cancel_fd, WIRE_CANCEL_FD);
	code = posix_spawn(&o->pid, path, &act, &attr, argv, environment);
	posix_spawn_file_actions_destroy(&act);
	posix_spawnattr_destroy(&attr);
	if (code)
		o->pid = 0;
	return code;
}

int
odbc_spawn(struct link *l, struct err *e)
{
	struct odbc *o = l->own;
	struct arena *a = arena_new();
	char *path = program(a, &l->ds->config);
	int fd = -1, cancel_fd = -1, code = 0, ret = 0;

	if (pair_make(&o->fd, &fd) || pair_make(&o->cancel_fd, &cancel_fd))
		ret = fail(e, FAULT_IO, "no sockets for the ODBC companion: %s",
			strerror(errno));
	if (!ret)
		code = launch(o, path, fd, cancel_fd);
	if (code)
		ret = fail(e, FAULT_CONFIG,
			"the ODBC companion %s cannot be started: %s; install "
			"its package",
			path, strerror(code));
	if (fd >= 0)
		close(fd);
	if (cancel_fd >= 0)
		close(cancel_fd);
	arena_free(&a);
	return ret;
}

void
odbc_kill(struct link *l)
{
	struct odbc *o = l->own;

	if (o->fd >= 0)
		close(o->fd);
	if (o->cancel_fd >= 0)
		close(o->cancel_fd);
	o->fd = o->cancel_fd = -1;
	if (o->pid > 0) {
		kill(o->pid, SIGKILL);
		while (waitpid(o->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	o->pid = 0;
}

int
odbc_broken(struct link *l, struct err *e)
{
	l->broken = true;
	return fail(
		e, FAULT_DATABASE, "the ODBC companion does not make sense");
}

/* The ERROR in frame as a fault. */
static int
told(struct link *l, struct err *e)
{
	struct odbc *o = l->own;
	struct err why = ERR_INIT;

	(void)odbc_read_error(&o->frame, &why);
	if (why.fault == FAULT_DATA_GONE || why.fault == FAULT_DATA_LOGIN)
		l->broken = true;
	if (e && !err_set(e))
		*e = why;
	return -1;
}

static int
not_heard(struct link *l, enum frame_io io, struct err *e)
{
	l->broken = true;
	if (io == FRAME_LATE)
		return fail(e, FAULT_DATA_SLOW,
			"the database did not answer in time");
	if (io == FRAME_CLOSED)
		return fail(e, FAULT_DATA_GONE, "the ODBC companion has ended");
	return odbc_broken(l, e);
}

int
odbc_heard(struct link *l, enum wire_type want, struct err *e)
{
	struct odbc *o = l->own;

	frame_open(&o->frame, frame_body(&o->in));
	if (o->frame.type == want)
		return 0;
	if (o->frame.type != WIRE_ERROR)
		return odbc_broken(l, e);
	return told(l, e);
}

int
odbc_ask(struct link *l, enum wire_type want, int64_t until, struct err *e)
{
	struct odbc *o = l->own;
	enum frame_io io;

	frame_end(&o->out);
	io = frame_send(o->fd, &o->out, until);
	buf_reset(&o->in);
	if (io == FRAME_OK)
		io = frame_recv(o->fd, &o->in, until);
	buf_reset(&o->out);
	if (io != FRAME_OK)
		return not_heard(l, io, e);
	return odbc_heard(l, want, e);
}
