/* SPDX-License-Identifier: MIT */
/* The query of findUsage (Data Tracker OpenAPI 2.1.0). */
#include "tracker.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "text.h"
#include "usermaster.h"

enum { OFFSET_MAX = INT32_MAX };

int
usage_code_check(const char *code, const char *what, struct err *e)
{
	if (!code || !*code)
		return fail(e, FAULT_BAD_REQUEST, "%s is missing", what);
	if (strlen(code) > USER_ID_MAX)
		return fail(e, FAULT_BAD_REQUEST, "%s is longer than %d bytes",
			what, USER_ID_MAX);
	return 0;
}

static int
read_moment(struct arena *a, const char *query, const char *key, int64_t *out,
	struct err *e)
{
	const char *value = query_get(a, query, key);
	struct err why = ERR_INIT;

	if (!value || !*value || !time_parse(value, out, &why))
		return 0;
	return fail(e, FAULT_BAD_REQUEST,
		"%s must be a time like 2026-01-31T10:20:30Z", key);
}

static int
read_number(struct arena *a, const char *query, const char *key, int64_t lo,
	int64_t hi, int64_t *out, struct err *e)
{
	const char *value = query_get(a, query, key);
	struct err why = ERR_INIT;

	if (!value || !*value || !int_parse(value, lo, hi, out, &why))
		return 0;
	return fail(e, FAULT_BAD_REQUEST,
		"%s must be a number from %lld to %lld", key, (long long)lo,
		(long long)hi);
}

int
usage_ask_read(struct arena *a, const char *query, struct usage_ask *ask,
	struct err *e)
{
	query = query ? query : "";
	ask->from = ask->offset = 0;
	ask->to = INT64_MAX;
	ask->limit = USAGE_PAGE;
	ask->code = query_get(a, query, "userCode");
	if (usage_code_check(ask->code, "userCode", e) ||
		read_moment(a, query, "periodStart", &ask->from, e) ||
		read_moment(a, query, "periodEnd", &ask->to, e) ||
		read_number(
			a, query, "offset", 0, OFFSET_MAX, &ask->offset, e) ||
		read_number(
			a, query, "limit", 0, USAGE_PAGE_MAX, &ask->limit, e))
		return -1;
	if (ask->from > ask->to)
		return fail(
			e, FAULT_BAD_REQUEST, "periodStart is after periodEnd");
	return 0;
}
