/* SPDX-License-Identifier: MIT */
/*
 * CPU time of the lab's servers by the part of the work, from their own meters
 * (base/meter.h): what threads alone cannot tell apart.
 */
#include "bench_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "meter.h"

static const char VARIABLE[] = "MACHILINK_METER";

int
bench_meter_start(struct bench *b, struct err *e)
{
	const char *tmp = getenv("TMPDIR");

	b->meter = arena_printf(
		b->a, "%s/machilink-meter-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(b->meter)) {
		b->meter = NULL;
		return fail(e, FAULT_IO, "cannot make a folder for meters: %s",
			strerror(errno));
	}
	return setenv(VARIABLE, b->meter, 1);
}

void
bench_meter_stop(struct bench *b)
{
	if (!b->meter)
		return;
	unsetenv(VARIABLE);
	(void)dir_remove(b->meter, NULL);
	b->meter = NULL;
}

void
bench_meter(struct bench *b, const json_t *lab_report, bool on,
	int64_t ns[METER_PARTS])
{
	json_t *p;
	size_t i;

	memset(ns, 0, METER_PARTS * sizeof(*ns));
	json_each(p, i, json_list(lab_report, "processes")) {
		struct meter_page *m =
			meter_map(b->meter, json_int(p, "pid", 0));

		for (int k = 0; m && k < METER_PARTS; k++)
			ns[k] += atomic_load(&m->ns[k]);
		if (m)
			atomic_store(&m->on, on);
		meter_unmap(m);
	}
}

void
bench_meter_say(struct bench *b, const char *name, const struct bench_split *s)
{
	static const struct {
		const char *name;
		enum meter_part part;
	} row[] = {
		{ "tls", METER_TLS },
		{ "signing", METER_SIGN },
		{ "verification", METER_VERIFY },
		{ "canonical-form", METER_CANON },
		{ "hashing", METER_HASH },
		{ "log", METER_LOG },
	};
	int64_t left = s->cpu_ns;

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		int64_t ns = s->ns[row[i].part];

		if (row[i].part == METER_SIGN)
			ns += s->signer_ns; /* a process of its own */
		left -= ns;
		bench_say(b,
			arena_printf(b->a, "%s-part-%s", name, row[i].name),
			(double)ns / s->exchanges / 1e6, "ms per exchange");
	}
	bench_say(b, arena_printf(b->a, "%s-part-other", name),
		(double)left / s->exchanges / 1e6, "ms per exchange");
}
