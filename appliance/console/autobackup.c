/* SPDX-License-Identifier: MIT */
/* The daily backup, when the configuration says, and its retention. */
#include "console_int.h"

#include "backup.h"
#include "clock.h"
#include "cron.h"
#include "err.h"
#include "job.h"
#include "log.h"
#include "mem.h"
#include "param.h"

enum { SECOND_MS = 1000, LOOK_MS = 60 * SECOND_MS };

static int64_t
next_due(const struct conf *c, int64_t now)
{
	int64_t seconds = conf_int(c, P_BACKUP_WHEN);
	struct cron cron;

	if (seconds)
		return now + seconds * SECOND_MS;
	return cron_parse(conf_text(c, P_BACKUP_WHEN), &cron, NULL)
		       ? 0
		       : cron_next(&cron, now);
}

static void
back_up(struct console *c)
{
	struct arena *a = arena_new_secret();
	char name[BACKUP_NAME_MAX + 1];
	struct err e = ERR_INIT;
	struct backup_self self;

	if (console_self(c, a, &self, &e))
		log_err("the automatic backup", &e);
	else if (!*self.label)
		log_info("no automatic backup: not initialised yet");
	else if (backup_create_named(&self, BACKUP_AUTOMATIC, name, &e))
		log_err("the automatic backup", &e);
	else
		log_info("made the automatic backup %s", name);
	err_reset(&e);
	if (backup_expire(c->env->conf, clock_now(), &e))
		log_err("removing old backups", &e);
	arena_free(&a);
}

int64_t
autobackup_run(void *ctx)
{
	struct console *c = ctx;
	int64_t now = clock_now(), wait;

	if (c->backup_due && now >= c->backup_due) {
		back_up(c);
		c->backup_due = 0;
	}
	if (!c->backup_due)
		c->backup_due = next_due(c->env->conf, now);
	wait = c->backup_due ? c->backup_due - now : LOOK_MS;
	if (wait < 1)
		wait = 1;
	return wait < LOOK_MS ? wait : LOOK_MS;
}
