/* SPDX-License-Identifier: MIT */
/*
 * `machilink lab`: the flow. Place, processes, set-up (first time only),
 * exchanges, report; then the network stays until Ctrl-C.
 */
#include "lab_int.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "http_server.h"
#include "language.h"
#include "log.h"
#include "mem.h"
#include "text.h"
#include "tls.h"
#include "visitor.h"
#include "xml.h"

enum { EXIT_BAD_USAGE = 64, EXIT_FAILED = 70 };

/* Signals are blocked; Ctrl-C is looked at between the steps. */
static int
interrupted(struct err *e)
{
	sigset_t set;

	sigpending(&set);
	if (sigismember(&set, SIGINT) || sigismember(&set, SIGTERM))
		return fail(e, FAULT_CONFLICT, "interrupted");
	return 0;
}

int
lab_run_steps(struct lab *l, const struct step *s, struct err *e)
{
	for (; s->name; s++) {
		int64_t begun = clock_ticks();
		int ret = interrupted(e) || s->run(l, e) ? -1 : 0;

		report_step(l, s, clock_ticks() - begun, !ret);
		if (ret)
			return -1;
	}
	return 0;
}

static int
absolute(struct lab *l, const char *dir, struct err *e)
{
	char here[PATH_MAX];

	if (*dir == '/') {
		l->dir = arena_strdup(l->arena, dir);
		return 0;
	}
	if (!getcwd(here, sizeof(here)))
		return fail(e, FAULT_IO, "getcwd: %s", strerror(errno));
	l->dir = path_join(l->arena, here, dir);
	return 0;
}

static int
read_options(struct lab *l, int argc, char **argv)
{
	static const struct option known[] = {
		{ "dir", required_argument, NULL, 'd' },
		{ "net", required_argument, NULL, 'n' },
		{ "lang", required_argument, NULL, 'l' },
		{ "once", no_argument, NULL, 'o' },
		{ "json", no_argument, NULL, 'j' },
		{ "without-postgresql", no_argument, NULL, 'p' },
		{ "without-residents", no_argument, NULL, 'r' },
		{ "consented", no_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	const char *dir = "run";
	struct err e = ERR_INIT;
	int c;

	l->net = "127.10.0";
	l->japanese = language_is_japanese(NULL);
	l->residents = true;
	/* argv begins after the command's name: getopt skips argv[0] */
	while ((c = getopt_long(argc + 1, argv - 1, "", known, NULL)) != -1) {
		switch (c) {
		case 'd': dir = optarg; break;
		case 'n': l->net = optarg; break;
		case 'l': l->japanese = language_is_japanese(optarg); break;
		case 'o': l->once = true; break;
		case 'j': l->json = true; break;
		case 'p': l->plain = true; break;
		case 'r': l->residents = false; break;
		case 'c': l->consented = true; break;
		default: return -1;
		}
	}
	if (!str_prefix(l->net, "127."))
		return -1;
	return absolute(l, dir, &e);
}

static int
find_self(struct lab *l, struct err *e)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n <= 0)
		return fail(e, FAULT_IO, "/proc/self/exe: %s", strerror(errno));
	l->self = arena_strndup(l->arena, path, (size_t)n);
	return 0;
}

static int
set_up(struct lab *l, struct err *e)
{
	if (sample_make(l, e))
		return -1;
	postgres_begin(l);
	if (lab_run_steps(l, setup_center_steps, e) || postgres_join(l, e))
		return -1;
	if (lab_run_steps(l, setup_server_steps, e))
		return -1;
	return l->residents ? lab_run_steps(l, setup_link_steps, e) : 0;
}

static int
start_again(struct lab *l, struct err *e)
{
	postgres_begin(l);
	if (process_start(l, &l->machine[CENTER], e) ||
		process_start(l, &l->machine[FIRM], e) || postgres_join(l, e))
		return -1;
	return process_start(l, &l->machine[TOWN], e);
}

/* The provider's certificate is among the center's trust anchors. */
static int
open_site(struct lab *l, struct err *e)
{
	if (!l->residents)
		return 0;
	if (site_start(l, e))
		return -1;
	return l->fresh ? link_write_providers(l, e) : 0;
}

static int
with_resident(struct lab *l, struct err *e)
{
	if (!l->residents)
		return 0;
	return (l->fresh && lab_run_steps(l, story_first_steps, e)) ||
			       lab_run_steps(l, story_steps, e) ||
			       (l->consented &&
				       lab_run_steps(l, story_left_steps, e))
		       ? -1
		       : 0;
}

static int
bring_up(struct lab *l, struct err *e)
{
	if (find_self(l, e) || place_prepare(l, e) || open_site(l, e))
		return -1;
	report_say(l,
		l->fresh ? "センター・町・会社のネットワークを作ります"
			 : "前回の続きから始めます",
		l->fresh ? "Building a network: a center, a town, a company"
			 : "Continuing with the state of the last run");
	if (l->fresh ? set_up(l, e) : start_again(l, e))
		return -1;
	if (lab_run_steps(l, exchange_steps, e) ||
		(l->postgres.ready &&
			lab_run_steps(l, exchange_postgres_steps, e)) ||
		lab_run_steps(l, proof_steps, e) || with_resident(l, e))
		return -1;
	return place_complete(l, e);
}

/* Until Ctrl-C, or until a machine ends by itself. */
static int
stay(struct lab *l, const sigset_t *set, struct err *e)
{
	const struct timespec second = { .tv_sec = 1 };
	struct machine *m;

	report_say(l, "\n  Ctrl-C で終了します", "\n  Ctrl-C ends it");
	for (;;) {
		int sig = sigtimedwait(set, NULL, &second);

		if (sig == SIGINT || sig == SIGTERM)
			return 0;
		m = process_ended(l);
		if (m)
			return fail(e, FAULT_INTERNAL,
				"the %s ended by itself; see "
				"%s/machilink.log",
				m->name, m->dir);
	}
}

static void
release(struct lab *l)
{
	visitor_free(&l->story.visitor);
	site_stop(l);
	process_stop_all(l);
	postgres_end(l);
	for (int i = 0; i < MACHINES; i++) {
		tls_unref(&l->machine[i].tls);
		cert_unref(&l->machine[i].pinned);
	}
	http_client_free(&l->http);
	http_shutdown();
	xml_shutdown();
	arena_free(&l->arena);
	mem_free(l);
}

static int
run(struct lab *l, const sigset_t *set)
{
	struct err e = ERR_INIT;
	int ret;

	xml_startup();
	ret = http_startup(&e) || http_client_new(&l->http, &e) ||
			      bring_up(l, &e)
		      ? -1
		      : 0;
	report_end(l, !ret);
	if (!ret && !l->once)
		ret = stay(l, set, &e);
	if (ret) {
		report_failure(l, &e);
		process_stop_all(l);
		place_discard(l);
	}
	return ret ? EXIT_FAILED : 0;
}

int
cmd_lab(int argc, char **argv)
{
	struct lab *l = mem_alloc(sizeof(*l));
	sigset_t set;
	int ret;

	l->arena = arena_new();
	l->begun = clock_ticks();
	time_compact(l->stamp, clock_now());
	log_level_set(LOG_WARNING); /* standard output is for people */
	signal(SIGPIPE, SIG_IGN);
	if (read_options(l, argc, argv)) {
		fputs("usage: machilink lab [--dir D] [--once] [--json] "
		      "[--lang ja|en] [--net 127.10.0] "
		      "[--without-postgresql] [--without-residents] "
		      "[--consented]\n",
			stderr);
		arena_free(&l->arena);
		mem_free(l);
		return EXIT_BAD_USAGE;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ret = run(l, &set);
	release(l);
	return ret;
}
