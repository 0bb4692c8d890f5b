/* SPDX-License-Identifier: MIT */
/*
 * The table of system parameters and its printed form.
 */
#include <assert.h>
#include <inttypes.h>

#include "param.h"
#include "text.h"

static const struct param param_table[PARAM_COUNT] = {
#define PARAM(id, section, key, type, def, lo, hi, unit, text) \
 [P_##id] = { section, key, type, def, lo, hi, unit, text },
#include "param.def"
};

const struct param *
param_row(enum param_id id)
{
	assert((unsigned)id < PARAM_COUNT);
	return &param_table[id];
}

static void
param_print_one(FILE *out, const struct param *p)
{
	fprintf(out, "# %s", p->text);
	if (p->type == PARAM_INT)
		fprintf(out, " (%" PRId64 " to %" PRId64 "%s%s)", p->lo, p->hi,
			*p->unit ? " " : "", p->unit);
	else if (p->type == PARAM_WHEN)
		fprintf(out,
			" (seconds, %" PRId64 " to %" PRId64
			", or a cron expression)",
			p->lo, p->hi);
	else if (p->type == PARAM_BOOL)
		fprintf(out, " (true or false)");
	fprintf(out, "\n%s =%s%s\n", p->key, *p->def ? " " : "", p->def);
}

/* The output is itself a configuration file with every default. */
void
param_print(FILE *out)
{
	const char *section = NULL;
	int i;

	for (i = 0; i < PARAM_COUNT; i++) {
		const struct param *p = &param_table[i];

		if (!str_equal(section, p->section))
			fprintf(out, "%s[%s]\n", section ? "\n" : "",
				p->section);
		section = p->section;
		param_print_one(out, p);
	}
}
