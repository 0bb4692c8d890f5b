/* SPDX-License-Identifier: MIT */
/* The lab as a process of its own, for measuring: started, asked, ended. */
#include "bench_int.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "text.h"

enum { OUTPUT_MAX = 1024 * 1024 };

static pid_t
spawn(char *const argv[], int *out)
{
	int fd[2];
	pid_t pid;

	if (pipe(fd))
		return -1;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(fd[1], 1);
		close(fd[0]);
		close(fd[1]);
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	close(fd[1]);
	*out = fd[0];
	return pid;
}

/* Reads until the output is one whole JSON value, or has ended. */
static json_t *
read_report(struct bench *b, int fd)
{
	static const struct json_limits limits = { .bytes = OUTPUT_MAX };
	struct buf out;
	char chunk[4096];
	json_t *j = NULL;
	ssize_t n;

	buf_init(&out, OUTPUT_MAX);
	while (!j && ((n = read(fd, chunk, sizeof(chunk))) > 0 ||
			     (n < 0 && errno == EINTR))) {
		if (n > 0)
			buf_add(&out, chunk, (size_t)n);
		if (n <= 0 || chunk[n - 1] != '\n')
			continue;
		(void)json_parse(b->a,
			bytes_of(
				arena_memdup(b->a, out.data, out.len), out.len),
			&limits, &j, NULL);
	}
	buf_done(&out);
	return j;
}

void
bench_lab_stop(struct bench_lab *l)
{
	if (l->pid <= 0)
		return;
	kill(l->pid, SIGTERM);
	while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
		;
	l->pid = 0;
}

int
bench_lab_start(struct bench *b, const char *dir, bool stay,
	struct bench_lab *out, struct err *e)
{
	char *argv[] = { arena_strdup(b->a, "machilink"),
		arena_strdup(b->a, "lab"), arena_strdup(b->a, "--json"),
		arena_strdup(b->a, "--dir"), arena_strdup(b->a, dir),
		arena_strdup(b->a, "--net"), arena_strdup(b->a, b->net),
		arena_strdup(b->a, "--without-postgresql"),
		arena_strdup(b->a,
			b->consent ? "--consented" : "--without-residents"),
		stay ? NULL : arena_strdup(b->a, "--once"), NULL };
	int fd = -1, status = 0;

	*out = (struct bench_lab){ 0 };
	out->pid = spawn(argv, &fd);
	if (out->pid < 0)
		return fail(e, FAULT_IO, "the lab cannot be started");
	out->report = read_report(b, fd);
	close(fd);
	if (stay && out->report && json_bool(out->report, "ok", false))
		return 0;
	if (!stay && waitpid(out->pid, &status, 0) == out->pid)
		out->pid = 0;
	if (!stay && out->report && !status)
		return 0;
	bench_lab_stop(out);
	return fail(e, FAULT_INTERNAL, "the lab did not succeed");
}

int
bench_lab_set(struct bench *b, const char *dir, const char *section,
	const char *line, struct err *e)
{
	static const char *const machine[] = { "town", "company" };

	for (size_t i = 0; i < 2; i++) {
		char *path = path_join(b->a, path_join(b->a, dir, machine[i]),
			"machilink.ini");
		const char *text, *at;
		struct bytes old;
		char *all;

		if (file_read(b->a, path, OUTPUT_MAX, &old, e))
			return -1;
		text = arena_strndup(b->a, (const char *)old.data, old.len);
		at = strstr(text, section);
		if (strstr(text, line))
			continue;
		at = at ? at + strlen(section) : NULL;
		all = at ? arena_printf(b->a, "%.*s\n%s%s", (int)(at - text),
				   text, line, at)
			 : arena_printf(
				   b->a, "%s\n%s\n%s\n", text, section, line);
		if (file_write(path, bytes_str(all), FILE_PUBLIC, e))
			return -1;
	}
	return 0;
}
