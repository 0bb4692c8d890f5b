/* SPDX-License-Identifier: MIT */
/*
 * Transfers: written with the record of the answer, told until they are known
 * where they belong (transfer_report.c), forgotten when nobody asks any more.
 */
#include "transfer_int.h"

#include "clock.h"
#include "db.h"
#include "err.h"
#include "job.h"
#include "log.h"
#include "mem.h"
#include "messagelog_int.h"
#include "messagelog_sql.h"
#include "param.h"
#include "text.h"

enum {
	ID_RANDOM = 16,
	ROUND_MS = 500,
	BUSY_MS = 1000, /* the busier, the more in one message */
	BUSY = 100,     /* told in one round */
	RETRY_MS = 5000,
	POLL_MS = 60000, /* who lost rows is noticed so soon */
	DAY_MS = 24 * 3600 * 1000,
};

/* ---- writing ---- */

void
transfer_id(struct arena *a, struct transfer_row *t)
{
	uint8_t random[ID_RANDOM];

	random_bytes(random, sizeof(random));
	t->id = hex_encode(a, random, sizeof(random));
}

int
transfer_write(struct db_conn *c, const struct transfer_row *t, struct err *e)
{
	return db_run(c, Q_MESSAGELOG_TRANSFER_ADD, e, db_text(t->id),
		       db_int(clock_now()), db_text(t->query_id),
		       db_text(t->client), db_text(t->service),
		       db_text(t->provider), db_text(t->subject),
		       db_text(t->reference), db_text(t->purpose),
		       db_text(t->items), db_text(t->words)) < 0
		       ? -1
		       : 0;
}

static int
add_alone(struct db_conn *c, void *arg, struct err *e)
{
	return transfer_write(c, arg, e);
}

int
transfer_add(struct messagelog *m, const struct transfer_row *t, struct err *e)
{
	struct transfer_row copy = *t;
	struct err cause = ERR_INIT;

	if (!writer_submit(m->writer, add_alone, &copy, &cause))
		return 0;
	log_err("transfers", &cause);
	return fail(
		e, FAULT_LOGGING_FAILED, "the message log cannot be written");
}

static int
forget(struct db_conn *c, void *arg, struct err *e)
{
	return db_run(c, Q_MESSAGELOG_TRANSFERS_OLD, e,
		       db_int(*(const int64_t *)arg)) < 0
		       ? -1
		       : 0;
}

int64_t
transfer_job(void *ctx)
{
	struct server *s = ctx;
	struct err e = ERR_INIT;
	bool poll = clock_ticks() >= s->transfer_poll;
	int64_t n = transfer_report(s->log, poll, &e);

	if (n > 0)
		log_debug("%lld transfers were reported", (long long)n);
	if (poll)
		s->transfer_poll = clock_ticks() + POLL_MS;
	if (n >= 0) {
		s->transfer_trouble = false;
		return n < BUSY ? ROUND_MS : BUSY_MS;
	}
	if (!s->transfer_trouble) /* once */
		log_warning("transfers wait to be reported: %s", e.text);
	s->transfer_trouble = true;
	return RETRY_MS;
}

int
transfer_forget(struct messagelog *m, struct err *e)
{
	int64_t before = clock_now() - conf_int(m->conf, P_USAGE_DAYS) * DAY_MS;

	return writer_submit(m->writer, forget, &before, e);
}
