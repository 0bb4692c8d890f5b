/* SPDX-License-Identifier: MIT */
/*
 * The table of system parameters and its printed form.
 */
#include <assert.h>
#include <inttypes.h>

#include "param.h"
#include "text.h"

static const struct param param_table[PARAM_COUNT] = {
#define PARAM(id, section, key, type, def, lo, hi, unit, text, text_ja) \
 [P_##id] = { section, key, type, def, lo, hi, unit, text, text_ja },
#include "param.def"
};

const struct param *
param_row(enum param_id id)
{
	assert((unsigned)id < PARAM_COUNT);
	return &param_table[id];
}

static void
print_limits(FILE *out, const struct param *p, bool japanese)
{
	const char *space = *p->unit ? " " : "";

	if (p->type == PARAM_INT)
		fprintf(out,
			japanese ? " (%" PRId64 " から %" PRId64 "%s%s)"
				 : " (%" PRId64 " to %" PRId64 "%s%s)",
			p->lo, p->hi, space, p->unit);
	else if (p->type == PARAM_WHEN)
		fprintf(out,
			japanese ? " (秒、%" PRId64 " から %" PRId64
				   "、または cron 式)"
				 : " (seconds, %" PRId64 " to %" PRId64
				   ", or a cron expression)",
			p->lo, p->hi);
	else if (p->type == PARAM_BOOL)
		fprintf(out,
			japanese ? " (true または false)" : " (true or false)");
}

/* The output is itself a configuration file with every default. */
void
param_print(FILE *out, bool japanese)
{
	const char *section = NULL;
	int i;

	for (i = 0; i < PARAM_COUNT; i++) {
		const struct param *p = &param_table[i];

		if (!str_equal(section, p->section))
			fprintf(out, "%s[%s]\n", section ? "\n" : "",
				p->section);
		section = p->section;
		fprintf(out, "# %s", japanese ? p->text_ja : p->text);
		print_limits(out, p, japanese);
		fprintf(out, "\n%s =%s%s\n", p->key, *p->def ? " " : "",
			p->def);
	}
}
