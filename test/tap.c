/* SPDX-License-Identifier: MIT */
/*
 * TAP for the unit tests. Knows nothing of the program it tests, so that it
 * links with every folder's tests.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static struct {
	pthread_mutex_t lock; /* guards the counters and the output */
	int checks;
	int failed;
	FILE *notes; /* prove shows stderr alone: what follows a failure */
	char dir[PATH_MAX]; /* tap_dir(), "" before the first call */
	pid_t owner;        /* process that removes it */
} tap = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void tap_line(bool pass, const char *file, int line, const char *fmt,
	va_list ap) __attribute__((format(printf, 4, 0)));

/* The lock is held. */
static void
tap_line(bool pass, const char *file, int line, const char *fmt, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	tap.checks++;
	tap.failed += !pass;
	tap.notes = pass ? stdout : stderr;
	printf("%s %d - %s\n", pass ? "ok" : "not ok", tap.checks, text);
	fflush(stdout);
	if (!pass)
		fprintf(stderr, "# not ok %d - %s\n#   failed at %s:%d\n",
			tap.checks, text, file, line);
}

bool
tap_ok_m(bool pass, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	pthread_mutex_lock(&tap.lock);
	va_start(ap, fmt);
	tap_line(pass, file, line, fmt, ap);
	va_end(ap);
	pthread_mutex_unlock(&tap.lock);
	return pass;
}

bool
tap_ok(bool pass, const char *what, const char *file, int line)
{
	return tap_ok_m(pass, file, line, "%s", what);
}

bool
tap_int(long long got, long long want, const char *what, const char *file,
	int line)
{
	if (tap_ok_m(got == want, file, line, "%s", what))
		return true;
	tap_note("  got  %lld\n  want %lld", got, want);
	return false;
}

bool
tap_str(const char *got, const char *want, const char *what, const char *file,
	int line)
{
	bool same = got && want ? strcmp(got, want) == 0 : got == want;

	if (tap_ok_m(same, file, line, "%s", what))
		return true;
	tap_note("  got  %s%s%s\n  want %s%s%s", got ? "'" : "",
		got ? got : "NULL", got ? "'" : "", want ? "'" : "",
		want ? want : "NULL", want ? "'" : "");
	return false;
}

static void
note_bytes(const char *name, const void *p, size_t n)
{
	const unsigned char *s = p;
	char text[3 * 48 + 1] = "";
	size_t i;

	for (i = 0; i < n && i < 48; i++)
		snprintf(text + 3 * i, 4, "%02x ", s[i]);
	tap_note("  %s %zu bytes: %s%s", name, n, text, n > 48 ? "..." : "");
}

bool
tap_bytes(const void *got, size_t gn, const void *want, size_t wn,
	const char *what, const char *file, int line)
{
	size_t n = gn < wn ? gn : wn, i = 0;
	const unsigned char *a = got, *b = want;

	if (tap_ok_m(gn == wn && (n == 0 || memcmp(got, want, n) == 0), file,
		    line, "%s", what))
		return true;
	while (i < n && a[i] == b[i])
		i++;
	tap_note("  they differ from byte %zu on", i);
	note_bytes("got ", a + i, gn - i);
	note_bytes("want", b + i, wn - i);
	return false;
}

void
tap_note(const char *fmt, ...)
{
	char text[4096];
	char *line, *end;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&tap.lock);
	for (line = text; line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		fprintf(tap.notes ? tap.notes : stdout, "# %s\n", line);
	}
	fflush(stdout);
	pthread_mutex_unlock(&tap.lock);
}

void
tap_skip(const char *why)
{
	pthread_mutex_lock(&tap.lock);
	printf("ok %d # SKIP %s\n", ++tap.checks, why);
	fflush(stdout);
	pthread_mutex_unlock(&tap.lock);
}

int
tap_done(void)
{
	printf("1..%d\n", tap.checks);
	if (tap.failed)
		printf("# %d of %d failed\n", tap.failed, tap.checks);
	fflush(stdout);
	return tap.failed ? 1 : 0;
}

static bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* From the executable's folder upwards: the work tree may be anywhere. */
static bool
vectors_above(char root[PATH_MAX])
{
	char here[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", here, sizeof(here) - 1);
	char *slash;

	if (n < 0)
		return false;
	here[n] = '\0';
	while ((slash = strrchr(here, '/')) && slash != here) {
		*slash = '\0';
		if (snprintf(root, PATH_MAX, "%s/../shared/vectors", here) <
				PATH_MAX &&
			is_dir(root))
			return true;
	}
	return false;
}

const char *
vectors_path(const char *relative)
{
	static _Thread_local char path[PATH_MAX];
	const char *given = getenv("MACHILINK_VECTORS");
	char root[PATH_MAX];

	snprintf(root, sizeof(root), "%s", given ? given : "../shared/vectors");
	if (!is_dir(root) && (given || !vectors_above(root)))
		return NULL;
	if (snprintf(path, sizeof(path), "%s/%s", root, relative) >=
		(int)sizeof(path))
		return NULL;
	return path;
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	remove(path);
	return 0;
}

static void
dir_cleanup(void)
{
	if (getpid() == tap.owner)
		nftw(tap.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *
tap_dir(void)
{
	const char *base = getenv("TMPDIR");

	if (tap.dir[0])
		return tap.dir;
	snprintf(tap.dir, sizeof(tap.dir), "%s/machilink-test-XXXXXX",
		base && *base ? base : "/tmp");
	if (!mkdtemp(tap.dir)) {
		printf("Bail out! cannot make %s: %s\n", tap.dir,
			strerror(errno));
		exit(1);
	}
	tap.owner = getpid();
	atexit(dir_cleanup);
	return tap.dir;
}

static void run_child(const char *const *argv, int fd)
	__attribute__((noreturn));

static void
run_child(const char *const *argv, int fd)
{
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

int
tap_port(const char *address)
{
	enum { LOW = 10240, PORTS = 22000, TRIES = 1000 };
	struct sockaddr_in at = { .sin_family = AF_INET };
	static bool given[PORTS];

	inet_pton(AF_INET, address, &at.sin_addr);
	for (int i = 0; i < TRIES; i++) {
		uint16_t port = 0;
		int fd, bad;

		if (getrandom(&port, sizeof(port), 0) != sizeof(port))
			break;
		port %= PORTS;
		at.sin_port = htons((uint16_t)(LOW + port));
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		bad = bind(fd, (struct sockaddr *)&at, sizeof(at));
		close(fd);
		if (!bad && !given[port]) {
			given[port] = true;
			return LOW + port;
		}
	}
	fprintf(stderr, "no free port at %s\n", address);
	abort();
}

int
tap_run(const char *const *argv, char *out, size_t max)
{
	char part[4096];
	size_t len = 0;
	ssize_t n;
	int fd[2], status;
	pid_t pid;

	if (out && max)
		out[0] = '\0';
	if (pipe(fd) != 0)
		return -1;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		run_child(argv, fd[1]);
	}
	close(fd[1]);
	while (pid > 0 && (n = read(fd[0], part, sizeof(part))) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		if (n < 0 || !out || max == 0)
			continue;
		if ((size_t)n > max - 1 - len)
			n = (ssize_t)(max - 1 - len);
		memcpy(out + len, part, (size_t)n);
		len += (size_t)n;
		out[len] = '\0';
	}
	close(fd[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status) == 127 ? -1 : WEXITSTATUS(status);
}
