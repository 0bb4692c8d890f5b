/* SPDX-License-Identifier: MIT */
/*
 * The keeper: a process of one thread between us and the signer. It is forked
 * before we have threads, so it can fork a new signer when we no longer can;
 * and as the signer's parent it ends no other process by mistake.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "signer_int.h"

enum { GRACE_MS = 5000, LOOK_MS = 10 };

union rights { /* room for file descriptors, aligned as the kernel wants it */
	struct cmsghdr head;
	char room[CMSG_SPACE(SIGNER_LANES * sizeof(int))];
};

static void
close_all(const int fd[SIGNER_LANES])
{
	for (int i = 0; i < SIGNER_LANES; i++)
		if (fd[i] >= 0)
			close(fd[i]);
}

static int
lanes_make(int ours[SIGNER_LANES], int theirs[SIGNER_LANES])
{
	int pair[2];

	for (int i = 0; i < SIGNER_LANES; i++)
		ours[i] = theirs[i] = -1;
	for (int i = 0; i < SIGNER_LANES; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
			return -1;
		ours[i] = pair[0];
		theirs[i] = pair[1];
	}
	return 0;
}

/* ---- in the keeper ---- */

/* It may end by itself for a while: it closes its token. */
static void
child_end(pid_t pid, int64_t grace_ms)
{
	int64_t until = clock_ticks() + grace_ms;

	if (pid <= 0)
		return;
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (clock_ticks() >= until) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
			return;
		}
		poll(NULL, 0, LOOK_MS);
	}
}

static int
answer(int fd, pid_t pid, const int lanes[SIGNER_LANES])
{
	union rights r = { .room = { 0 } };
	struct iovec v = { &pid, sizeof(pid) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	if (pid > 0) {
		m.msg_control = &r;
		m.msg_controllen = sizeof(r);
		r.head.cmsg_level = SOL_SOCKET;
		r.head.cmsg_type = SCM_RIGHTS;
		r.head.cmsg_len = CMSG_LEN(SIGNER_LANES * sizeof(int));
		memcpy(CMSG_DATA(&r.head), lanes, SIGNER_LANES * sizeof(int));
	}
	return sendmsg(fd, &m, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* A new signer, its sockets given away; its pid or -1. */
static pid_t
child_start(const struct holding *what, int fd)
{
	int ours[SIGNER_LANES], theirs[SIGNER_LANES];
	pid_t parent = getpid(), pid = -1;

	if (!lanes_make(ours, theirs))
		pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != parent)
			_exit(1);
		signer_serve(what, theirs);
	}
	close_all(theirs);
	if (answer(fd, pid, ours)) {
		child_end(pid, 0);
		pid = -1;
	}
	close_all(ours);
	return pid;
}

static _Noreturn void
keep(const struct holding *what, int fd)
{
	pid_t child = -1;
	char c;

	signer_close_others(&fd, 1);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	signal(SIGINT, SIG_IGN); /* our end is the end of the socket */
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	for (;;) {
		ssize_t n = recv(fd, &c, 1, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		child_end(child, 0);
		child = child_start(what, fd);
	}
	child_end(child, GRACE_MS);
	_exit(0);
}

/* ---- in its user's process ---- */

int
keeper_start(struct keeper *k, const struct holding *what, struct err *e)
{
	int pair[2] = { -1, -1 };
	pid_t parent = getpid();

	*k = (struct keeper){ .pid = -1, .fd = -1 };
	if (!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		k->pid = fork();
	if (k->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != parent)
			_exit(1);
		keep(what, pair[1]);
	}
	if (k->pid > 0) {
		close(pair[1]);
		k->fd = pair[0];
		return 0;
	}
	fail(e, FAULT_IO, "The signer cannot be started: %s", strerror(errno));
	if (pair[0] >= 0) {
		close(pair[0]);
		close(pair[1]);
	}
	return -1;
}

/* What the keeper says: the pid, and the sockets. */
static int
take(int from, int fd[SIGNER_LANES], pid_t *pid)
{
	union rights r = { .room = { 0 } };
	struct iovec v = { pid, sizeof(*pid) };
	struct msghdr m = { .msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &r,
		.msg_controllen = sizeof(r) };
	struct cmsghdr *head;

	if (recvmsg(from, &m, MSG_CMSG_CLOEXEC) != sizeof(*pid) || *pid <= 0)
		return -1;
	head = CMSG_FIRSTHDR(&m);
	if (!head || head->cmsg_type != SCM_RIGHTS ||
		head->cmsg_len != CMSG_LEN(SIGNER_LANES * sizeof(int)))
		return -1;
	memcpy(fd, CMSG_DATA(head), SIGNER_LANES * sizeof(int));
	return 0;
}

int
keeper_renew(struct keeper *k, int limit_ms, int fd[SIGNER_LANES], pid_t *pid,
	struct err *e)
{
	struct pollfd p = { .fd = k->fd, .events = POLLIN };
	int n;

	if (!k->asked && send(k->fd, "", 1, MSG_NOSIGNAL) != 1)
		return fail(e, FAULT_TOKEN_NOT_ACTIVE,
			"The signer's keeper has ended");
	k->asked = true;
	do
		n = poll(&p, 1, limit_ms);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return fail(e, FAULT_TOKEN_NOT_ACTIVE,
			"The signer process does not end");
	k->asked = false;
	if (take(k->fd, fd, pid))
		return fail(e, FAULT_TOKEN_NOT_ACTIVE,
			"The signer process cannot be started");
	return 0;
}

void
keeper_stop(struct keeper *k)
{
	if (k->fd >= 0)
		close(k->fd);
	while (k->pid > 0 && waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
