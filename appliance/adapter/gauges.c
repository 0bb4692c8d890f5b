/* SPDX-License-Identifier: MIT */
/*
 * What the adapter tells Prometheus about itself: its services, the
 * connections to their databases, and the trace. Calls are counted by the
 * monitor, with those of the security server (machilink_exchanges_total).
 */
#include "adapter_int.h"
#include "gauges.h"
#include "monitor.h"
#include "trace.h"

static void
one(struct metrics *out, enum metrics_kind kind, const char *name,
	const char *help, int64_t value)
{
	metrics_family(out, kind, name, help);
	metrics_sample(out, NULL, (double)value);
}

static void
write_services(struct metrics *out, const struct catalog *c)
{
	int64_t asleep = 0;

	for (size_t i = 0; i < c->services; i++)
		asleep += c->service[i].asleep != NULL;
	one(out, METRICS_GAUGE, "machilink_adapter_services",
		"Data services in force.", (int64_t)c->services);
	one(out, METRICS_GAUGE, "machilink_adapter_services_asleep",
		"Data services whose database cannot be used now.", asleep);
}

enum { STATES = 2 };

static void
write_connections(struct metrics *out, const struct catalog *c)
{
	static const char *const state[STATES] = { "busy", "idle" };

	metrics_family(out, METRICS_GAUGE, "machilink_adapter_connections",
		"Connections to a database that are open.");
	for (size_t i = 0; i < c->sources; i++) {
		struct datasource_state s;
		int64_t n[STATES];

		datasource_state(c->source[i].data, &s);
		n[0] = s.open - s.idle;
		n[1] = s.idle;
		for (size_t k = 0; k < STATES; k++) {
			const char *const label[] = { "database",
				c->source[i].id, "state", state[k], NULL };

			metrics_sample(out, label, (double)n[k]);
		}
	}
}

static void
write_trace(struct metrics *out, const struct trace_state *t)
{
	one(out, METRICS_COUNTER, "machilink_adapter_rows_total",
		"Rows sent to callers since the start.", t->rows);
	one(out, METRICS_GAUGE, "machilink_adapter_trace_waiting",
		"Calls whose entry in the trace is not written yet.",
		t->waiting);
	one(out, METRICS_COUNTER, "machilink_adapter_trace_lost_total",
		"Calls whose entry in the trace found no room.", t->lost);
}

void
gauges_write(void *adapter, struct metrics *out)
{
	struct adapter *ad = adapter;
	struct catalog *c = shelf_take(ad->shelf);
	struct trace_state t;

	trace_state(ad->trace, &t);
	write_services(out, c);
	write_connections(out, c);
	write_trace(out, &t);
	catalog_free(&c);
}
