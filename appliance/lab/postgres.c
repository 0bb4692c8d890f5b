/* SPDX-License-Identifier: MIT */
/*
 * A PostgreSQL of the lab's own, where Debian's server is installed: made in
 * a folder under /tmp while the rest comes up (its user may not enter ours),
 * listening on the town's address, ended and removed with the lab. Without
 * one the lab says so and goes on.
 */
#include "lab_int.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
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

#define PLACE "/tmp/machilink-lab-"

enum { READY_MS = 20000, STOP_MS = 5000, POLL_MS = 10, LOG_MAX = 64 * 1024 };

/* ---- in the child ---- */

/* Runs one of PostgreSQL's programs with this standard input. */
static void
program(char *const argv[], const char *input)
{
	int in[2], status = -1;
	pid_t pid;

	if (pipe(in))
		_exit(1);
	pid = fork();
	if (!pid) {
		dup2(in[0], 0);
		close(in[0]);
		close(in[1]);
		execv(argv[0], argv);
		_exit(127);
	}
	close(in[0]);
	if (pid < 0 || write(in[1], input, strlen(input)) < 0)
		_exit(1);
	close(in[1]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		_exit(1);
}

static char *
word(struct lab *l, const char *text)
{
	return arena_strdup(l->arena, text);
}

static void
found(struct lab *l, char *data)
{
	struct postgres *p = &l->postgres;
	char *hba = path_join(l->arena, data, "pg_hba.conf");
	char *init[] = { path_join(l->arena, p->bin, "initdb"), word(l, "-D"),
		data, word(l, "-U"), word(l, "lab"), word(l, "-N"),
		word(l, "-E"), word(l, "UTF8"), word(l, "--locale=C"),
		word(l, "--auth-local=trust"),
		word(l, "--auth-host=scram-sha-256"), NULL };
	char *fill[] = { path_join(l->arena, p->bin, "postgres"),
		word(l, "--single"), word(l, "-j"), word(l, "-D"), data,
		word(l, "postgres"), NULL };

	program(init, "");
	if (file_write(hba,
		    bytes_str("host all all 127.0.0.0/8 scram-sha-256\n"),
		    FILE_PRIVATE, NULL))
		_exit(1);
	program(fill, sample_postgres_role(l));
	fill[5] = word(l, SAMPLE_POSTGRES_DATABASE);
	program(fill, sample_postgres_tables);
}

/* As its own user; ends with the lab. */
static void
serve(struct lab *l)
{
	struct postgres *p = &l->postgres;
	char *data = path_join(l->arena, p->dir, "data");
	char *argv[] = { path_join(l->arena, p->bin, "postgres"), word(l, "-D"),
		data, word(l, "-h"), word(l, l->machine[TOWN].address),
		word(l, "-p"),
		arena_printf(l->arena, "%d", lab_port(l, PORT_POSTGRES)),
		word(l, "-k"), word(l, ""), word(l, "-F"), word(l, "-N"),
		word(l, "30"), NULL };
	int log;

	if (!getuid() &&
		(setgroups(0, NULL) || setgid(p->gid) || setuid(p->uid)))
		_exit(1);
	process_be_child(SIGQUIT, -1);
	log = open(path_join(l->arena, p->dir, "log"),
		O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log < 0 || chdir(p->dir) || dup2(log, 1) < 0 || dup2(log, 2) < 0)
		_exit(1);
	found(l, data);
	execv(argv[0], argv);
	_exit(127);
}

/* ---- in the lab ---- */

/* What a lab that was killed could not remove is in our own note. */
static char *
note_path(struct lab *l)
{
	return path_join(l->arena, l->machine[TOWN].dir, "postgresql");
}

static void
tidy(struct lab *l)
{
	struct err e = ERR_INIT;
	struct bytes text;
	const char *dir;

	if (file_read(l->arena, note_path(l), ADDRESS_MAX, &text, NULL))
		return;
	dir = (const char *)text.data;
	if (str_prefix(dir, PLACE) && !strstr(dir, ".."))
		(void)dir_remove(dir, &e);
	(void)file_remove(note_path(l), &e);
}

static void
without(struct lab *l, const char *ja, const char *en)
{
	l->postgres.why_ja = ja;
	l->postgres.why_en = en;
}

static bool
find(struct lab *l)
{
	struct postgres *p = &l->postgres;
	const struct passwd *pw = getpwnam("postgres");
	glob_t g;

	if (l->plain) {
		without(l, "--without-postgresql の指定",
			"--without-postgresql was given");
		return false;
	}
	if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &g) ||
		(!getuid() && !pw)) {
		without(l, "この機器にない。apt install postgresql で加わる",
			"not on this machine; apt install postgresql adds it");
		return false;
	}
	p->bin = arena_strdup(l->arena, g.gl_pathv[g.gl_pathc - 1]);
	*strrchr(p->bin, '/') = '\0';
	globfree(&g);
	p->uid = getuid() ? getuid() : pw->pw_uid;
	p->gid = getuid() ? getgid() : pw->pw_gid;
	if (!place_probe(l->machine[TOWN].address, lab_port(l, PORT_POSTGRES)))
		return true;
	without(l, "ポート 5432 がほかのプログラムに使われている",
		"port 5432 is taken by another program");
	return false;
}

void
postgres_begin(struct lab *l)
{
	struct postgres *p = &l->postgres;
	char name[] = PLACE "XXXXXX";

	tidy(l);
	sample_withdraw(l);
	if (!find(l))
		return;
	random_letters(p->password, SECRET_LEN);
	if (!mkdtemp(name) || chown(name, p->uid, p->gid) ||
		file_write(note_path(l), bytes_str(name), FILE_PRIVATE, NULL)) {
		without(l, "/tmp に書けない", "/tmp cannot be written to");
		return;
	}
	p->dir = arena_strdup(l->arena, name);
	p->pid = fork();
	if (!p->pid)
		serve(l);
}

static void
halt(struct postgres *p)
{
	int64_t until = clock_ticks() + STOP_MS;

	if (p->pid <= 0)
		return;
	kill(p->pid, SIGQUIT);
	while (waitpid(p->pid, NULL, WNOHANG) == 0) {
		if (clock_ticks() > until)
			kill(p->pid, SIGKILL);
		poll(NULL, 0, POLL_MS);
	}
	p->pid = 0;
}

void
postgres_end(struct lab *l)
{
	halt(&l->postgres);
	if (l->postgres.ready)
		sample_withdraw(l);
	tidy(l);
}

static bool
listening(struct lab *l)
{
	char *path =
		path_join(l->arena, l->postgres.dir, "data/postmaster.pid");
	struct bytes text;

	return !file_read(l->arena, path, LOG_MAX, &text, NULL) &&
	       strstr((const char *)text.data, "ready");
}

/* Its log is the reason when it does not come up. */
static int
await(struct lab *l)
{
	struct postgres *p = &l->postgres;
	int64_t until = clock_ticks() + READY_MS;
	struct bytes text = bytes_str("");

	while (!listening(l)) {
		bool gone = waitpid(p->pid, NULL, WNOHANG) != 0;

		if (!gone && clock_ticks() < until) {
			poll(NULL, 0, POLL_MS);
			continue;
		}
		if (gone)
			p->pid = 0;
		(void)file_read(l->arena, path_join(l->arena, p->dir, "log"),
			LOG_MAX, &text, NULL);
		without(l,
			arena_printf(l->arena, "起動しない: %.400s",
				(const char *)text.data),
			arena_printf(l->arena, "it does not start: %.400s",
				(const char *)text.data));
		halt(p);
		return -1;
	}
	return 0;
}

static int
offer(struct lab *l, struct err *e)
{
	struct arena *a = l->arena;
	char *argv[] = { word(l, l->self), word(l, "seal"),
		word(l, SAMPLE_POSTGRES_SOURCE), word(l, "--config"),
		path_join(a, l->machine[TOWN].dir, "machilink.ini"), NULL };
	char *sealed;

	if (process_run(l, argv, arena_printf(a, "%s\n", l->postgres.password),
		    &sealed, e))
		return fail(e, FAULT_INTERNAL,
			"the password of PostgreSQL was not sealed: %s",
			sealed ? sealed : "");
	l->postgres.ready = true;
	sealed[strcspn(sealed, "\r\n")] = '\0';
	return sample_offer(l, sealed, e);
}

static const struct step steps[] = {
	{ "postgresql", "PostgreSQL に保育施設の見本データを用意",
		"PostgreSQL with sample data of nurseries", offer },
	{ NULL, NULL, NULL, NULL },
};

int
postgres_join(struct lab *l, struct err *e)
{
	struct postgres *p = &l->postgres;

	if (p->pid > 0 && !await(l))
		return lab_run_steps(l, steps, e);
	report_say(l,
		arena_printf(
			l->arena, "  - PostgreSQL は省きます: %s", p->why_ja),
		arena_printf(
			l->arena, "  - without PostgreSQL: %s", p->why_en));
	return 0;
}
