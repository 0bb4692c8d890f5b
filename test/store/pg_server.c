/* SPDX-License-Identifier: MIT */
/*
 * Starting, killing and asking the test's own PostgreSQL.
 */
#include "pg_server.h"

#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certificates.h"
#include "file.h"
#include "mem.h"
#include "tap.h"

enum { ARGV_MAX = 40, OUT_MAX = 8192 };

/* Below root somebody else runs it: it refuses root. */
static int
run_as(struct pg_server *s, const char *const *argv, char *out)
{
	const char *all[ARGV_MAX] = { "setpriv", "--clear-groups", "--reuid",
		s->user, "--regid", s->user, NULL };
	char text[OUT_MAX];
	int n = 6, rc;

	if (getuid() != 0)
		n = 0;
	for (int i = 0; argv[i] && n < ARGV_MAX - 1; i++)
		all[n++] = argv[i];
	all[n] = NULL;
	rc = tap_run(all, out ? out : text, OUT_MAX);
	if (rc && !out)
		tap_note("%s: %d: %s", argv[0], rc, text);
	return rc;
}

static char *
find_bin(struct arena *a)
{
	char *bin = NULL;
	glob_t g;

	if (!glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &g)) {
		bin = arena_strdup(a, g.gl_pathv[g.gl_pathc - 1]);
		*strrchr(bin, '/') = '\0';
		globfree(&g);
	}
	return bin;
}

static bool
make_cluster(struct pg_server *s)
{
	struct arena *a = s->a;
	char *data = path_join(a, s->dir, "data");
	char *word = path_join(a, s->dir, "word");
	const char *argv[] = { path_join(a, s->bin, "initdb"), "-D", data, "-U",
		"boss", "-N", "-E", "UTF8", "--locale", "C.UTF-8",
		"--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile",
		word, NULL };

	file_write(word, bytes_str("boss's secret\n"), FILE_PUBLIC, NULL);
	return run_as(s, argv, NULL) == 0;
}

struct pg_server *
pg_server_new(struct arena *a, const char *address, const char *options)
{
	struct pg_server *s = arena_alloc(a, sizeof(*s));
	char name[] = "/tmp/machilink-pg-XXXXXX";
	struct passwd *pw;

	s->a = a;
	s->bin = find_bin(a);
	pw = getpwnam("postgres");
	if (!pw)
		pw = getpwnam("nobody");
	if (!s->bin || !pw || !mkdtemp(name))
		return NULL;
	s->user = arena_printf(a, "%u", (unsigned)pw->pw_uid);
	s->dir = arena_strdup(a, name);
	s->address = address;
	s->port = tap_port(address);
	s->options = arena_strdup(a, options);
	if (getuid() == 0 && chown(s->dir, pw->pw_uid, pw->pw_uid))
		return NULL;
	if (make_cluster(s) && pg_server_start(s))
		return s;
	pg_server_free(s);
	return NULL;
}

bool
pg_server_start(struct pg_server *s)
{
	struct arena *a = s->a;
	const char *argv[] = { path_join(a, s->bin, "pg_ctl"), "-D",
		path_join(a, s->dir, "data"), "-s", "-w", "-t", "120", "-l",
		path_join(a, s->dir, "log"), "-o",
		arena_printf(a, "-k %s -h %s -p %d -c fsync=off %s", s->dir,
			s->address, s->port, s->options),
		"start", NULL };

	s->runs = run_as(s, argv, NULL) == 0;
	return s->runs;
}

void
pg_server_stop(struct pg_server *s, const char *mode)
{
	const char *argv[] = { path_join(s->a, s->bin, "pg_ctl"), "-D",
		path_join(s->a, s->dir, "data"), "-s", "-w", "-m", mode, "stop",
		NULL };

	if (s->runs)
		(void)run_as(s, argv, NULL);
	s->runs = false;
}

void
pg_server_free(struct pg_server *s)
{
	if (!s)
		return;
	pg_server_stop(s, "immediate");
	dir_remove(s->dir, NULL);
}

bool
pg_server_tls(struct pg_server *s)
{
	struct arena *a = s->a;

	if (!certificates_make(a, s->dir, s->address,
		    (unsigned)strtoul(s->user, NULL, 10)))
		return false;
	pg_server_stop(s, "fast");
	s->options = arena_printf(a,
		"%s -c ssl=on -c ssl_cert_file=%s -c ssl_key_file=%s",
		s->options, path_join(a, s->dir, "server.pem"),
		path_join(a, s->dir, "server.key"));
	return pg_server_start(s);
}

static int
psql(struct pg_server *s, const char *database, const char *sql, char *out)
{
	const char *argv[] = { path_join(s->a, s->bin, "psql"), "-X", "-q",
		"-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", s->dir, "-p",
		arena_printf(s->a, "%d", s->port), "-U", "boss", "-d", database,
		"-c", sql, NULL };

	return run_as(s, argv, out);
}

bool
pg_server_sql(struct pg_server *s, const char *database, const char *sql)
{
	return psql(s, database ? database : "town", sql, NULL) == 0;
}

char *
pg_server_ask(struct pg_server *s, const char *sql)
{
	char *out = arena_alloc(s->a, OUT_MAX);

	if (psql(s, "town", sql, out))
		tap_note("%s: %s", sql, out);
	out[strcspn(out, "\n")] = '\0';
	return out;
}
