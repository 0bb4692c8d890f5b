/* SPDX-License-Identifier: MIT */
/*
 * Starting, killing and asking the test's own MariaDB.
 */
#include "maria_server.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "certificates.h"
#include "clock.h"
#include "file.h"
#include "mem.h"
#include "tap.h"

enum { OUT_MAX = 8192, START_MS = 120000 };

static const char program[] = "/usr/sbin/mariadbd";

static int
client(struct maria_server *s, const char *sql, char *out)
{
	const char *argv[] = { "mariadb", "--no-defaults", "--batch",
		"--skip-column-names", "--default-character-set=utf8mb4", "-u",
		"root", "-S", path_join(s->a, s->dir, "socket"), "-e", sql,
		NULL };
	char text[OUT_MAX];
	int rc = tap_run(argv, out ? out : text, OUT_MAX);

	if (rc && !out)
		tap_note("mariadb: %d: %s", rc, text);
	return rc;
}

static bool
install(struct maria_server *s)
{
	struct arena *a = s->a;
	const char *argv[] = { "mariadb-install-db", "--no-defaults",
		"--auth-root-authentication-method=normal", "--skip-test-db",
		"--skip-name-resolve",
		arena_printf(a, "--datadir=%s/data", s->dir), NULL };
	char out[OUT_MAX];

	if (tap_run(argv, out, sizeof(out)) == 0)
		return true;
	tap_note("mariadb-install-db: %s", out);
	return false;
}

struct maria_server *
maria_server_new(struct arena *a, const char *address)
{
	struct maria_server *s = arena_alloc(a, sizeof(*s));
	const char *argv[] = { "chown", "-R", "mysql", NULL, NULL };
	char name[] = "/tmp/machilink-maria-XXXXXX";
	struct passwd *pw = getpwnam("mysql");

	if (access(program, X_OK) || !pw || !mkdtemp(name))
		return NULL;
	s->a = a;
	s->uid = pw->pw_uid;
	s->address = address;
	s->dir = arena_strdup(a, name);
	s->port = tap_port(address);
	argv[3] = s->dir;
	if (install(s) && certificates_make(a, s->dir, address, s->uid) &&
		(getuid() != 0 || tap_run(argv, NULL, 0) == 0) &&
		maria_server_start(s))
		return s;
	maria_server_free(s);
	return NULL;
}

static void
exec_server(struct maria_server *s)
{
	struct arena *a = s->a;
	char *log = path_join(a, s->dir, "log");
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	const char *const argv[] = { "mariadbd", "--no-defaults",
		arena_printf(a, "--datadir=%s/data", s->dir),
		arena_printf(a, "--socket=%s/socket", s->dir),
		arena_printf(a, "--port=%d", s->port),
		arena_printf(a, "--bind-address=%s,127.18.0.4", s->address),
		arena_printf(a, "--pid-file=%s/pid", s->dir),
		"--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0",
		"--innodb-buffer-pool-size=16M",
		"--character-set-server=utf8mb4",
		arena_printf(a, "--ssl-cert=%s/server.pem", s->dir),
		arena_printf(a, "--ssl-key=%s/server.key", s->dir),
		"--tls-version=TLSv1.3", NULL };

	dup2(fd, 1);
	dup2(fd, 2);
	if (getuid() == 0 && (setgid(s->uid) || setuid(s->uid)))
		_exit(126);
	execv(program, (char *const *)(uintptr_t)argv);
	_exit(127);
}

bool
maria_server_start(struct maria_server *s)
{
	int64_t until = clock_ticks() + START_MS;
	char out[OUT_MAX];

	s->pid = fork();
	if (s->pid == 0)
		exec_server(s);
	while (clock_ticks() < until)
		if (client(s, "SELECT 1", out) == 0)
			return true;
	maria_server_kill(s);
	return false;
}

void
maria_server_kill(struct maria_server *s)
{
	if (s->pid <= 0)
		return;
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

void
maria_server_free(struct maria_server *s)
{
	if (!s)
		return;
	maria_server_kill(s);
	dir_remove(s->dir, NULL);
}

bool
maria_server_sql(struct maria_server *s, const char *sql)
{
	return client(s, sql, NULL) == 0;
}

char *
maria_server_ask(struct maria_server *s, const char *sql)
{
	char *out = arena_alloc(s->a, OUT_MAX);

	if (client(s, sql, out))
		tap_note("%s: %s", sql, out);
	out[strcspn(out, "\n")] = '\0';
	return out;
}
