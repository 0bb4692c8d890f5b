/* SPDX-License-Identifier: MIT */
/* Administration: how many requests came and failed, by intervals of time. */
#include <string.h>

#include "admin_int.h"
#include "clock.h"
#include "err.h"
#include "mem.h"
#include "monitor.h"
#include "text.h"

enum { MINUTE_MS = 60 * 1000, MINUTES_MAX = 525600 };

static const char *
param(struct request *r, const char *name)
{
	const char *s = query_get(request_arena(r), request_query(r), name);

	return s && *s ? s : NULL;
}

static int
moment(struct request *r, const char *name, int64_t *out, struct err *e)
{
	const char *s = param(r, name);

	if (!s || time_parse(s, out, NULL))
		return fail(e, FAULT_BAD_REQUEST,
			"%s must be a time such as 2026-11-21T00:00:00Z", name);
	return 0;
}

/* "I:C/M[:S[:service[.version]]]" with colons: pieces into the filter. */
static int
split(struct request *r, const char *name, const char **out, size_t low,
	size_t high, struct err *e)
{
	const char *s = param(r, name);
	char *at = arena_strdup(request_arena(r), s);
	size_t n = 0;

	while (at && n < high) {
		char *colon = strchr(at, ':');

		out[n++] = at;
		if (colon)
			*colon++ = '\0';
		at = colon;
	}
	return s && (at || n < low)
		       ? fail(e, FAULT_BAD_REQUEST,
				 "%s is no identifier with colons", name)
		       : 0;
}

static int
read_filter(struct request *r, struct opdata_filter *f, struct err *e)
{
	const char *side = param(r, "security_server_type");

	f->side = !side                         ? -1
		  : str_equal(side, "Producer") ? MONITOR_PROVIDER
		  : str_equal(side, "Client")   ? MONITOR_CONSUMER
						: MONITOR_SIDES;
	if (f->side == MONITOR_SIDES)
		return fail(e, FAULT_BAD_REQUEST,
			"security_server_type is Client or Producer");
	if (split(r, "member_id", f->member, 3, 4, e))
		return -1;
	return split(r, "service_id", f->service, 5, 5, e);
}

/* A service's version stands behind the last point of its code, which may hold
   points itself: both readings are tried. */
static int
count(struct request *r, struct monitor *m, struct opdata_filter *f,
	const int64_t when[3], struct opdata_interval **out, size_t *n,
	struct err *e)
{
	struct arena *a = request_arena(r);
	const char *code = f->service[4];
	const char *point = code ? strrchr(code, '.') : NULL;
	struct opdata_interval *more;

	if (opdata_intervals(m, a, f, when[0], when[1], when[2], out, n, e))
		return -1;
	if (!point || !point[1])
		return 0;
	f->service[4] = arena_strndup(a, code, (size_t)(point - code));
	f->service[5] = point + 1;
	if (opdata_intervals(m, a, f, when[0], when[1], when[2], &more, n, e))
		return -1;
	for (size_t i = 0; i < *n; i++) {
		(*out)[i].ok += more[i].ok;
		(*out)[i].failed += more[i].failed;
	}
	return 0;
}

/* As X-Road: from the interval that holds the first moment to the one after
   the last. */
int
admin_diag_opdata(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct opdata_filter f = { 0 };
	struct opdata_interval *i;
	struct err waits = ERR_INIT;
	int64_t from, to, step, when[3];
	json_t *list;
	size_t n;

	if (!s->monitor)
		return reply_unbacked(r, state, e);
	if (moment(r, "records_from", &from, e) ||
		moment(r, "records_to", &to, e) || read_filter(r, &f, e))
		return -1;
	if (!param(r, "interval") ||
		int_parse(param(r, "interval"), 1, MINUTES_MAX, &when[2], NULL))
		return fail(e, FAULT_BAD_REQUEST,
			"interval must be a number of minutes");
	step = when[2] * MINUTE_MS;
	when[0] = from / step * step;
	when[1] = to / step * step + 2 * step;
	(void)monitor_flush(s->monitor, &waits);
	if (count(r, s->monitor, &f, when, &i, &n, e))
		return -1;
	list = json_array();
	for (size_t k = 0; k < n; k++) {
		json_t *j = json_object();

		json_put_time(j, "interval_start_time", i[k].from);
		json_put_int(j, "success_count", i[k].ok);
		json_put_int(j, "failure_count", i[k].failed);
		json_array_append_new(list, j);
	}
	return admin_reply(r, 200, list, e);
}
