/* SPDX-License-Identifier: MIT */
/*
 * What this machine is set to, for the settings page: every row of param.def
 * with its value, and the room that is left for its data. A parameter is read
 * once, at start; the few that may be changed here are written for the next
 * one (base/param_local.def), which can be asked for.
 */
#include "console_int.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "err.h"
#include "file.h"
#include "json_io.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { ROOM_LEAST = 512 * 1024 * 1024 }; /* bytes; below, writing may fail */

static const char *const type_words[] = { [PARAM_TEXT] = "text",
	[PARAM_INT] = "number",
	[PARAM_BOOL] = "flag",
	[PARAM_PATH] = "path",
	[PARAM_LIST] = "list",
	[PARAM_WHEN] = "when" };

/* next: of the next start, NULL when there would be none. */
static json_t *
row_json(const struct conf *conf, const struct conf *next, enum param_id id)
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
	json_put_bool(j, "editable", param_local(id));
	if (next) {
		json_put_bool(j, "changed_here", conf_local(next, id));
		if (!str_equal(conf_text(conf, id), conf_text(next, id)))
			json_put_str(j, "next", conf_text(next, id));
	}
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
	struct err why = ERR_INIT;
	struct conf *next = NULL;

	if (conf_file(conf) && conf_next(conf, &next, &why))
		json_put_str(j, "problem", why.text);
	for (int i = 0; i < PARAM_COUNT; i++)
		json_array_append_new(
			rows, row_json(conf, next, (enum param_id)i));
	json_put_str(j, "file", conf_file(conf));
	json_put_bool(j, "restart_due", next && !conf_same(conf, next));
	json_put_new(j, "parameters", rows);
	conf_free(&next);
	return reply_value(r, 200, j, e);
}

/* value NULL: the file's or the default again. */
static int
change(struct request *r, struct console *c, const char *value, struct err *e)
{
	const char *section = request_segment(r, "section");
	const char *key = request_segment(r, "key");
	int id = section && key ? param_find(section, key) : -1;
	int ret;

	if (id < 0)
		return fail(e, FAULT_NOT_FOUND, "there is no such parameter");
	pthread_mutex_lock(&c->changing);
	ret = conf_change(c->env->conf, (enum param_id)id, value, e);
	pthread_mutex_unlock(&c->changing);
	return ret ? -1 : reply_nothing(r, e);
}

int
parameter_put(struct request *r, void *state, struct err *e)
{
	json_t *body;

	if (request_json(r, &body, e))
		return -1;
	return change(r, state, json_str(body, "value"), e);
}

int
parameter_delete(struct request *r, void *state, struct err *e)
{
	return change(r, state, NULL, e);
}

/* Sessions end, the rest of the work is finished first. What could not start
   is told while there is still somebody to tell. */
int
restart_post(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct conf *next;

	if (conf_next(c->env->conf, &next, e))
		return -1;
	conf_free(&next);
	if (reply_json(r, 202, "{\"restarting\":true}", e))
		return -1;
	kill(getpid(), SIGUSR1);
	return 0;
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
