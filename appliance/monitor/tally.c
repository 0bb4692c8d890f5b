/* SPDX-License-Identifier: MIT */
/* Use of a pair in a stretch of time: counted, merged, kept by hour and day. */
#include "monitor_int.h"

#include <time.h>

#include "clock.h"
#include "db.h"
#include "monitor_sql.h"

enum { HOUR_S = 3600, DAY_S = 86400, HOUR_MS = HOUR_S * 1000 };

static int64_t
size_of(const struct monitor_exchange *x, int plain, int mime)
{
	int64_t n = x->number[mime] > 0 ? x->number[mime] : x->number[plain];

	return n > 0 ? n : 0;
}

void
tally_exchange(struct tally *t, const struct monitor_exchange *x)
{
	int64_t ms = x->number[MN_RESPONSE_OUT] - x->number[MN_REQUEST_IN];

	if (x->number[MN_RESPONSE_OUT] < 0 || ms < 0)
		ms = 0; /* the clock was set back */
	t->calls++;
	if (!x->succeeded) {
		t->failures++;
		t->blame[blame_of(x->text[MT_FAULT_CODE])]++;
	}
	t->total_ms += ms;
	if (ms > t->max_ms)
		t->max_ms = ms;
	t->request_bytes += size_of(x, MN_REQUEST_SIZE, MN_REQUEST_MIME);
	t->response_bytes += size_of(x, MN_RESPONSE_SIZE, MN_RESPONSE_MIME);
	histogram_add(&t->latency, ms);
}

void
tally_merge(struct tally *t, const struct tally *from)
{
	t->calls += from->calls;
	t->failures += from->failures;
	for (size_t i = 0; i < BLAMES; i++)
		t->blame[i] += from->blame[i];
	t->total_ms += from->total_ms;
	if (from->max_ms > t->max_ms)
		t->max_ms = from->max_ms;
	t->request_bytes += from->request_bytes;
	t->response_bytes += from->response_bytes;
	histogram_merge(&t->latency, &from->latency);
}

void
tally_read(struct tally *t, struct query *q, int col)
{
	int64_t most;

	t->calls += query_int(q, col++);
	t->failures += query_int(q, col++);
	for (size_t i = 0; i < BLAMES; i++)
		t->blame[i] += query_int(q, col++);
	t->total_ms += query_int(q, col++);
	most = query_int(q, col++);
	if (most > t->max_ms)
		t->max_ms = most;
	t->request_bytes += query_int(q, col++);
	t->response_bytes += query_int(q, col++);
	histogram_unpack(&t->latency, query_blob(q, col));
}

static int
store(struct db_conn *c, int get, int put, int64_t when, int64_t pair,
	const struct tally *add, struct err *e)
{
	struct query *q = db_query_args(c, get,
		(const struct db_arg[]){
			db_int(when), db_int(pair), { .type = 0 } });
	struct tally t = *add;
	uint8_t packed[HISTOGRAM_BYTES];
	size_t n;

	while (query_next(q))
		tally_read(&t, q, 0);
	if (query_end(q, e))
		return -1;
	n = histogram_pack(&t.latency, packed);
	return db_run(c, put, e, db_int(when), db_int(pair), db_int(t.calls),
		       db_int(t.failures), db_int(t.blame[0]),
		       db_int(t.blame[1]), db_int(t.blame[2]),
		       db_int(t.blame[3]), db_int(t.blame[4]),
		       db_int(t.blame[5]), db_int(t.total_ms), db_int(t.max_ms),
		       db_int(t.request_bytes), db_int(t.response_bytes),
		       db_blob(packed, n)) < 0
		       ? -1
		       : 0;
}

int64_t
day_of_hour(int64_t hour)
{
	time_t at = (time_t)(hour * HOUR_S);
	struct tm t;

	localtime_r(&at, &t);
	return civil_seconds(&(struct civil){
		       t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, 0, 0, 0 }) /
	       DAY_S;
}

int64_t
day_of_ms(int64_t ms)
{
	return day_of_hour(ms / HOUR_MS);
}

int
tally_store(struct db_conn *c, int64_t hour, int64_t pair,
	const struct tally *t, struct err *e)
{
	if (store(c, Q_MONITOR_HOUR_GET, Q_MONITOR_HOUR_PUT, hour, pair, t, e))
		return -1;
	return store(c, Q_MONITOR_DAY_GET, Q_MONITOR_DAY_PUT, day_of_hour(hour),
		pair, t, e);
}
