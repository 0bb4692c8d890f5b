/* SPDX-License-Identifier: MIT */
/*
 * The message log: a message's record is durable before the next step that
 * the outside can see. One writer commits what several threads hand in
 * (design section 5). Rule: interop/xroad-messages.md 4.1, 4.2.
 */
#include "messagelog_int.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "meter.h"
#include "messagelog_row.h"
#include "messagelog_sql.h"
#include "param.h"
#include "transfer_int.h"

int
messagelog_open(struct messagelog **out, const struct conf *c,
	struct confclient *conf, struct serverconf *sc,
	struct http_client *http, struct err *e)
{
	struct messagelog *m = mem_alloc(sizeof(*m));
	enum grouping grouping;

	m->conf = c;
	m->confclient = conf;
	m->sc = sc;
	m->http = http;
	pthread_mutex_init(&m->stamping, NULL);
	pthread_mutex_init(&m->archiving, NULL);
	pthread_mutex_init(&m->lock, NULL);
	m->arena = arena_new();
	m->shared = log_shared_new();
	if (archive_grouping(c, &grouping, e) || body_rule_load(m, e) ||
		tsa_strategy_check(c, e) || log_cipher_open(&m->cipher, c, e) ||
		db_open(&m->db, &schema_messagelog,
			conf_data_path(c, "messagelog.db"), DB_EVIDENCE, e) ||
		log_cipher_prove(m, e) || stamping_load(m, e) ||
		writer_open(
			&m->writer, m->db, conf_int(c, P_ML_COMMIT_WAIT), e)) {
		messagelog_close(&m);
		return -1;
	}
	*out = m;
	return 0;
}

int
messagelog_read(struct messagelog **out, const struct conf *c, struct err *e)
{
	struct messagelog *m = mem_alloc(sizeof(*m));

	m->conf = c;
	m->arena = arena_new();
	pthread_mutex_init(&m->stamping, NULL);
	pthread_mutex_init(&m->archiving, NULL);
	pthread_mutex_init(&m->lock, NULL);
	if (log_cipher_open(&m->cipher, c, e) ||
		db_open(&m->db, &schema_messagelog,
			conf_data_path(c, "messagelog.db"), DB_READONLY, e)) {
		messagelog_close(&m);
		return -1;
	}
	*out = m;
	return 0;
}

void
messagelog_close(struct messagelog **m)
{
	if (!*m)
		return;
	writer_close(&(*m)->writer);
	log_shared_free(&(*m)->shared);
	db_close(&(*m)->db);
	pthread_mutex_destroy(&(*m)->stamping);
	pthread_mutex_destroy(&(*m)->archiving);
	pthread_mutex_destroy(&(*m)->lock);
	log_cipher_close(&(*m)->cipher);
	arena_free(&(*m)->arena);
	mem_free(*m);
	*m = NULL;
}

struct addition {
	const struct log_record *r;
	struct bytes *attachment; /* what of them is kept */
	const char *client, *service;
	const char *key;      /* of the encryption, or NULL */
	struct bytes message; /* what of it is kept */
	struct log_shared *shared;
	int64_t id;
};

static int
add(struct db_conn *c, void *arg, struct err *e)
{
	struct addition *x = arg;
	const struct log_record *r = x->r;
	const struct log_row row = {
		.time = clock_now(),
		.query_id = r->query_id,
		.request_id = r->request_id,
		.response = r->response,
		.rest = r->rest,
		.as_client = r->as_client,
		.cls = r->local.cls,
		.code = r->local.code,
		.subsystem = r->local.subsystem,
		.client = x->client,
		.service = x->service,
		.message = x->message,
		.signature = r->signature,
	};

	if (log_row_add(c, x->shared, &row, &x->id, e))
		return -1;
	if (x->key && db_run(c, Q_MESSAGELOG_SEALED_ADD, e, db_int(x->id),
			      db_text(x->key)) < 0)
		return -1;
	if (r->transfer && transfer_write(c, r->transfer, e))
		return -1;
	for (size_t i = 0; i < r->attachments; i++)
		if (x->attachment[i].len &&
			db_run(c, Q_MESSAGELOG_ATTACHMENT_ADD, e, db_int(x->id),
				db_int((int64_t)i + 1),
				db_blob(x->attachment[i].data,
					x->attachment[i].len)) < 0)
			return -1;
	return 0;
}

/* What went wrong inside is ours to know; the peer sees logging_failed. */
static int
logging_failed(const struct err *cause, struct err *e)
{
	log_err("message log", cause);
	return fail(
		e, FAULT_LOGGING_FAILED, "the message log cannot be written");
}

/* What of the message is written. */
static int
select_message(struct messagelog *m, struct arena *a, struct addition *x,
	struct err *e)
{
	x->message = x->r->message;
	return body_is_kept(m, x->r) ? 0 : body_blank(a, x->r, &x->message, e);
}

/* What of the attachments is written: it stands in memory meanwhile. */
static int
select_attachments(struct messagelog *m, struct arena *a, struct addition *x,
	struct err *e)
{
	const struct log_record *r = x->r;
	struct bytes *copy = arena_array(a, r->attachments + 1, sizeof(*copy));
	struct err cause = ERR_INIT;

	x->attachment = copy;
	for (size_t i = 0; i < r->attachments; i++) {
		struct segment g = r->attachment[i];
		int64_t keep;

		if (body_limit(m, r, g.len, &keep, e))
			return -1;
		g.len = keep;
		if (keep && segment_load(a, &g, (size_t)keep, &copy[i], &cause))
			return logging_failed(&cause, e);
	}
	return 0;
}

/* What is written is encrypted, if the operator wants it. */
static int
seal_content(struct messagelog *m, struct arena *a, struct addition *x,
	struct err *e)
{
	const struct log_record *r = x->r;
	struct sealed_part p = { 0, r->request_id, r->response, r->as_client,
		0 };
	struct err cause = ERR_INIT;

	x->key = log_cipher_current(m->cipher);
	if (!x->key)
		return 0;
	if (log_seal(m->cipher, a, &p, &x->message, &cause))
		return logging_failed(&cause, e);
	for (size_t i = 0; i < r->attachments; i++) {
		p.number = i + 1;
		if (x->attachment[i].len &&
			log_seal(m->cipher, a, &p, &x->attachment[i], &cause))
			return logging_failed(&cause, e);
	}
	return 0;
}

int
messagelog_add(struct messagelog *m, const struct log_record *r, int64_t *id,
	struct err *e)
{
	struct arena *a = arena_new();
	struct addition x = { .r = r,
		.shared = m->shared,
		.client = client_id_path(a, &r->client),
		.service = service_id_path(a, &r->service) };
	enum meter_part was = meter_to(METER_LOG);
	struct err cause = ERR_INIT;
	int ret = -1;

	if (stamping_permits(m, a, e) || select_message(m, a, &x, e) ||
		select_attachments(m, a, &x, e) || seal_content(m, a, &x, e))
		goto out;
	if (writer_submit(m->writer, add, &x, &cause)) {
		logging_failed(&cause, e);
		goto out;
	}
	*id = x.id;
	if (conf_bool(m->conf, P_ML_TS_IMMEDIATELY) &&
		stamp_one(m, x.id, &cause)) {
		fail(e, FAULT_TIMESTAMPING_FAILED, "%s", cause.text);
		goto out;
	}
	ret = 0;
out:
	arena_free(&a);
	meter_to(was);
	return ret;
}

static int64_t
waiting_count(struct messagelog *m)
{
	struct db_conn *c = db_take(m->db);
	struct query *q = db_query(c, Q_MESSAGELOG_WAITING_COUNT, { 0 });
	int64_t n = query_next(q) ? query_int(q, 0) : -1;

	(void)query_end(q, NULL);
	db_give(c);
	return n;
}

void
messagelog_status(struct messagelog *m, struct messagelog_status *out)
{
	int64_t now = clock_ticks(), n;
	bool kept;

	pthread_mutex_lock(&m->lock);
	kept = m->status.waiting > WAITING_FEW && now < m->recount_at;
	m->recount_at = kept ? m->recount_at : now + WAITING_KEPT_MS;
	*out = m->status;
	pthread_mutex_unlock(&m->lock);
	if (kept)
		return;
	n = waiting_count(m);
	pthread_mutex_lock(&m->lock);
	m->status.waiting = n;
	pthread_mutex_unlock(&m->lock);
	out->waiting = n;
}
