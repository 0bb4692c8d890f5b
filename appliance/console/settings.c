/* SPDX-License-Identifier: MIT */
/*
 * What this machine is set to, for the settings page: every row of param.def
 * with its value, and the room that is left for its data. Values are shown
 * only: a parameter is read once, at start, from a file that its owner keeps.
 */
#include "console_int.h"

#include <inttypes.h>
#include <stdio.h>

#include "err.h"
#include "file.h"
#include "json_io.h"
#include "param.h"

enum { ROOM_LEAST = 512 * 1024 * 1024 }; /* bytes; below, writing may fail */

static const char *const type_words[] = { [PARAM_TEXT] = "text",
	[PARAM_INT] = "number",
	[PARAM_BOOL] = "flag",
	[PARAM_PATH] = "path",
	[PARAM_LIST] = "list",
	[PARAM_WHEN] = "when" };

static json_t *
row_json(const struct conf *conf, enum param_id id)
{
	const struct param *p = param_row(id);
	json_t *j = json_object();

	json_put_str(j, "section", p->section);
	json_put_str(j, "key", p->key);
	json_put_str(j, "type", type_words[p->type]);
	json_put_str(j, "value", conf_text(conf, id));
	json_put_str(j, "default", p->def);
	json_put_bool(j, "given", conf_given(conf, id));
	if (p->type == PARAM_INT || p->type == PARAM_WHEN) {
		json_put_int(j, "low", p->lo);
		json_put_int(j, "high", p->hi);
	}
	json_put_str(j, "unit", p->unit);
	json_put_str(j, "text", p->text);
	json_put_str(j, "text_ja", p->text_ja);
	return j;
}

int
parameters_get(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	const struct conf *conf = c->env->conf;
	json_t *j = json_object(), *rows = json_array();

	for (int i = 0; i < PARAM_COUNT; i++)
		json_array_append_new(rows, row_json(conf, (enum param_id)i));
	json_put_str(j, "file", conf_file(conf));
	json_put_new(j, "parameters", rows);
	return reply_value(r, 200, j, e);
}

int
console_health(void *state, char *out, unsigned long max)
{
	struct console *c = state;
	const char *dir = conf_text(c->env->conf, P_DATA_DIR);
	int64_t room = disk_free(dir), all = disk_size(dir);
	int n = snprintf(out, max,
		"{\"ok\":%s,\"disk\":{\"free_bytes\":%" PRId64
		",\"total_bytes\":%" PRId64 "}}",
		room >= ROOM_LEAST ? "true" : "false", room, all);

	return n < 0 || (unsigned long)n >= max ? -1 : 0;
}
