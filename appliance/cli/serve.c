/* SPDX-License-Identifier: MIT */
/*
 * `machilink serve`: runs the roles a configuration names until it is told to
 * stop. Order: configuration, log, data directory, signer (forked before any
 * thread exists), roles; stopped in reverse.
 */
#include "cli.h"
#include "cli_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backup.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "http_server.h"
#include "job.h"
#include "log.h"
#include "mem.h"
#include "meter.h"
#include "monitor.h"
#include "param.h"
#include "role.h"
#include "signer.h"
#include "text.h"
#include "xml.h"

enum { ROLES_MAX = 8, RESTART = -1 };

struct service {
	struct conf *conf;
	struct signer *signer;
	struct tokens tokens; /* in hardware */
	struct role_run run[ROLES_MAX];
	struct role_env env;
	size_t started;
	int lock;
	struct jobs *login; /* or NULL */
	bool http, xml;
};

/* Whose exchanges are there to be recorded? */
static bool
exchanges(const struct conf *c)
{
	return conf_has(c, P_ROLES, "security-server") ||
	       conf_has(c, P_ROLES, "adapter");
}

static int
choose_roles(struct service *s, struct err *e)
{
	size_t n = 0;

	for (const struct role *const *r = all_roles; *r; r++) {
		bool beside = *r == &role_monitor && exchanges(s->conf);

		if (beside || conf_has(s->conf, P_ROLES, (*r)->name))
			s->run[n++].role = *r;
	}
	if (!n)
		return fail(e, FAULT_CONFIG,
			"[machilink] roles names no role; write for example "
			"roles = security-server, dashboard");
	s->env.runs = n;
	return 0;
}

static int
lock_data(struct service *s, struct err *e)
{
	const char *dir = conf_text(s->conf, P_DATA_DIR);
	const char *path = conf_data_path(s->conf, "lock");

	if (dir_make(dir, e))
		return -1;
	s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock < 0)
		return fail(e, FAULT_IO, "cannot write to %s: %s", dir,
			strerror(errno));
	if (flock(s->lock, LOCK_EX | LOCK_NB))
		return fail(e, FAULT_CONFLICT,
			"another machilink runs with the data directory %s",
			dir);
	return 0;
}

static int64_t
autologin(void *ctx)
{
	struct service *s = ctx;

	return tokens_login(&s->tokens, s->signer, s->conf);
}

static const struct job login_jobs[] = {
	{ "autologin", 1000, 0, autologin },
	{ NULL, 0, 0, NULL },
};

static int
prepare(struct service *s, const char *file, struct err *e)
{
	struct rlimit files = { 65536, 65536 };
	bool restored;

	if (conf_load(&s->conf, file, e) || choose_roles(s, e))
		return -1;
	if (conf_bool(s->conf, P_TEST_CLOCK))
		clock_allow_environment();
	if (*conf_text(s->conf, P_LOG_FILE) &&
		log_open(conf_text(s->conf, P_LOG_FILE), e))
		return -1;
	log_level_set(log_level_by_name(conf_text(s->conf, P_LOG_LEVEL)));
	umask(027);
	(void)setrlimit(RLIMIT_NOFILE, &files);
	if (lock_data(s, e) || backup_apply(s->conf, &restored, e))
		return -1;
	if (signer_start(&s->signer, conf_data_path(s->conf, "keys"), e))
		return -1;
	s->env.conf = s->conf;
	tokens_start(&s->tokens, s->conf);
	s->env.signer = s->signer;
	s->env.token = s->tokens.token;
	s->env.tokens = s->tokens.n;
	s->env.run = s->run;
	if (!*conf_text(s->conf, P_PIN_FILE))
		return 0;
	return jobs_start(&s->login, login_jobs, s, e);
}

static int
start_roles(struct service *s, struct err *e)
{
	xml_startup();
	s->xml = true;
	if (http_startup(e))
		return -1;
	s->http = true;
	for (; s->started < s->env.runs; s->started++) {
		struct role_run *r = &s->run[s->started];

		log_role(r->role->name);
		if (r->role->start(&r->state, &s->env, e))
			return -1;
		log_info("started");
	}
	log_role("main");
	return 0;
}

static void
stop(struct service *s)
{
	while (s->started) {
		struct role_run *r = &s->run[--s->started];

		log_role(r->role->name);
		r->role->stop(r->state);
		r->state = NULL;
		log_info("stopped");
	}
	log_role("main");
	if (s->login)
		jobs_stop(&s->login);
	if (s->http)
		http_shutdown();
	if (s->xml)
		xml_shutdown();
	tokens_stop(&s->tokens);
	if (s->signer)
		signer_stop(&s->signer);
	if (s->lock >= 0)
		close(s->lock);
	conf_free(&s->conf);
}

static void
tell_ready(const char *fd)
{
	if (fd) {
		int n = (int)strtol(fd, NULL, 10);

		if (n > 2 && write(n, "ready\n", 6) == 6)
			close(n);
	}
	log_info("machilink %s is ready", VERSION);
}

/* Blocks the signals in every thread to come; main waits for them. */
static void
hold_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGCHLD);
	sigprocmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Looks without reaping: that is signer_stop()'s. */
static bool
has_ended(const struct signer *s)
{
	siginfo_t info = { .si_pid = 0 };

	return !waitid(P_PID, (id_t)signer_keeper_pid(s), &info,
		       WEXITED | WNOHANG | WNOWAIT) &&
	       info.si_pid;
}

static bool
signer_ended(const struct service *s)
{
	bool ended = has_ended(s->signer);

	for (size_t i = 0; i < s->tokens.n; i++)
		ended |= has_ended(s->tokens.token[i].signer);
	return ended;
}

/* Who is asked to start again goes on instead with what cannot start. */
static bool
can_start(const struct service *s)
{
	struct err e = ERR_INIT;
	struct conf *next = NULL;
	bool good = !conf_next(s->conf, &next, &e);

	if (!good)
		log_err("not starting again", &e);
	conf_free(&next);
	return good;
}

/* Until a signal says stop, or the signer is gone: without keys this process
   is of no use, and whoever started it starts it again. */
static int
wait_for_end(struct service *s, const sigset_t *set)
{
	for (;;) {
		int sig = 0;

		sigwait(set, &sig);
		if (sig == SIGCHLD && signer_ended(s)) {
			log_error("the signer process has ended; stopping");
			return EXIT_FAILED;
		}
		if (sig == SIGHUP && backup_staged(s->conf)) {
			log_info("starting again with a restored backup");
			return RESTART;
		}
		if (sig == SIGUSR1 && can_start(s)) {
			log_info("starting again, as an administrator asked");
			return RESTART;
		}
		if (sig == SIGTERM || sig == SIGINT) {
			log_info("stopping on signal %d", sig);
			return EXIT_OK;
		}
	}
}

/* The same program in the same process: whoever waits for it sees no end. */
static int
start_again(const char *file)
{
	execl("/proc/self/exe", "machilink", "serve", "--config", file,
		(char *)NULL);
	return complain(EXIT_FAILED, "cannot start again: %s", strerror(errno));
}

int
cmd_serve(int argc, char **argv)
{
	const char *file = NULL, *ready = NULL;
	const struct option_row rows[] = { { "config", &file, NULL },
		{ "ready-fd", &ready, NULL }, { NULL, NULL, NULL } };
	struct service s = { .lock = -1 };
	struct err e = ERR_INIT;
	sigset_t set;
	int ret = EXIT_FAILED;

	if (options_read(rows, &argc, argv) || argc || !file)
		return complain(
			EXIT_USAGE, "usage: machilink serve --config FILE");
	hold_signals(&set);
	if (prepare(&s, file, &e) || start_roles(&s, &e)) {
		complain_err(EXIT_FAILED, &e);
		goto out;
	}
	meter_open(); /* the signer was forked: its time is counted apart */
	tell_ready(ready);
	ret = wait_for_end(&s, &set);
out:
	stop(&s);
	return ret == RESTART ? start_again(file) : ret;
}
