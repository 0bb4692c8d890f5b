/* SPDX-License-Identifier: MIT */
/*
 * The INI file: `[section]`, `key = value`, whole-line comments with ; or #.
 * A value runs to the end of its line, so it may hold ; and #. Every refusal
 * names file, line and, for a misspelt name, the nearest valid one.
 * Above it lies settings.ini of the data directory (conf_local.c).
 */
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "conf_int.h"
#include "cron.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "text.h"

enum { CONF_MAX = 1024 * 1024, GUESS_MAX = 4 };

/* Where a value comes from. */
enum layer { LAYER_DEFAULT, LAYER_FILE, LAYER_LOCAL };

struct value {
	const char *text;
	int64_t number; /* PARAM_INT, PARAM_BOOL */
	int line;       /* in the file; 0: default or conf_set() */
	enum layer layer;
};

struct data_path {
	struct data_path *next;
	const char *name;
	const char *path;
};

struct conf {
	struct arena *arena;
	const char *file; /* or NULL */
	enum layer reading;
	pthread_mutex_t lock;    /* guards arena and paths once loaded */
	struct data_path *paths; /* handed out by conf_data_path() */
	struct value value[PARAM_COUNT];
};

/* Work that recurs: every so many seconds, or by cron. */
static int
when_parse(
	const struct param *p, struct value *v, const char *text, struct err *e)
{
	struct cron cron;
	struct err why = ERR_INIT;

	if (!int_parse(text, p->lo, p->hi, &v->number, NULL))
		return 0;
	v->number = 0;
	if (!cron_parse(text, &cron, &why))
		return 0;
	return fail(e, FAULT_CONFIG,
		"%s is neither a number of seconds from %" PRId64 " to %" PRId64
		" nor a cron expression: %s",
		p->key, p->lo, p->hi, why.text);
}

static int
value_parse(
	const struct param *p, struct value *v, const char *text, struct err *e)
{
	v->text = text;
	if (p->type == PARAM_INT &&
		int_parse(text, p->lo, p->hi, &v->number, NULL) != 0)
		return fail(e, FAULT_CONFIG,
			"%s must be a whole number from %" PRId64 " to %" PRId64
			"%s%s, not '%s'",
			p->key, p->lo, p->hi, *p->unit ? " " : "", p->unit,
			text);
	if (p->type == PARAM_BOOL) {
		v->number = str_equal(text, "true");
		if (!v->number && !str_equal(text, "false"))
			return fail(e, FAULT_CONFIG,
				"%s must be true or false, not '%s'", p->key,
				text);
	}
	if (p->type == PARAM_WHEN)
		return when_parse(p, v, text, e);
	if (p->type == PARAM_PATH && *text != '\0' &&
		!utf8_valid(text, strlen(text)))
		return fail(e, FAULT_CONFIG, "%s is not UTF-8", p->key);
	return 0;
}

struct conf *
conf_defaults(void)
{
	struct conf *c = mem_alloc(sizeof(*c));
	int i;

	c->arena = arena_new();
	c->reading = LAYER_FILE;
	pthread_mutex_init(&c->lock, NULL);
	for (i = 0; i < PARAM_COUNT; i++) {
		const struct param *p = param_row((enum param_id)i);

		value_parse(p, &c->value[i], p->def, NULL);
	}
	return c;
}

void
conf_free(struct conf **c)
{
	if (!*c)
		return;
	arena_free(&(*c)->arena);
	pthread_mutex_destroy(&(*c)->lock);
	mem_free(*c);
	*c = NULL;
}

/* The nearest candidate so far; NULL if none is near. */
struct guess {
	const char *name;
	unsigned distance;
};

static void
guess_try(struct guess *g, const char *wrong, const char *name)
{
	unsigned d = str_distance(wrong, name);

	if (d <= GUESS_MAX && (!g->name || d < g->distance)) {
		g->name = name;
		g->distance = d;
	}
}

static int
section_unknown(const char *section, struct err *e)
{
	struct guess g = { 0 };
	int i;

	for (i = 0; i < PARAM_COUNT; i++)
		guess_try(&g, section, param_row((enum param_id)i)->section);
	if (g.name)
		return fail(e, FAULT_CONFIG,
			"there is no section [%s]; did you mean [%s]?", section,
			g.name);
	return fail(e, FAULT_CONFIG, "there is no section [%s]", section);
}

static int
key_unknown(const char *section, const char *key, struct err *e)
{
	struct guess g = { 0 };
	int i;

	for (i = 0; i < PARAM_COUNT; i++) {
		const struct param *p = param_row((enum param_id)i);

		if (str_equal(p->section, section))
			guess_try(&g, key, p->key);
		else if (str_equal(p->key, key) && !g.name)
			return fail(e, FAULT_CONFIG,
				"[%s] has no '%s'; it belongs to [%s]", section,
				key, p->section);
	}
	if (g.name)
		return fail(e, FAULT_CONFIG,
			"[%s] has no '%s'; did you mean '%s'?", section, key,
			g.name);
	return fail(e, FAULT_CONFIG, "[%s] has no '%s'", section, key);
}

static bool
section_known(const char *section)
{
	int i;

	for (i = 0; i < PARAM_COUNT; i++)
		if (str_equal(param_row((enum param_id)i)->section, section))
			return true;
	return false;
}

int
param_find(const char *section, const char *key)
{
	int i;

	for (i = 0; i < PARAM_COUNT; i++) {
		const struct param *p = param_row((enum param_id)i);

		if (str_equal(p->section, section) && str_equal(p->key, key))
			return i;
	}
	return -1;
}

static int
conf_put(struct conf *c, const char *section, const char *key, const char *text,
	int line, struct err *e)
{
	struct value v = { .line = line, .layer = c->reading };
	int id;

	if (!section_known(section))
		return section_unknown(section, e);
	id = param_find(section, key);
	if (id < 0)
		return key_unknown(section, key, e);
	if (c->reading == LAYER_LOCAL && !param_local((enum param_id)id))
		return fail(
			e, FAULT_CONFIG, "'%s' belongs into %s", key, c->file);
	if (line > 0 && c->value[id].line > 0 && c->value[id].layer == v.layer)
		return fail(e, FAULT_CONFIG, "'%s' is set in line %d already",
			key, c->value[id].line);
	text = arena_strdup(c->arena, text);
	if (value_parse(param_row((enum param_id)id), &v, text, e) != 0)
		return -1;
	c->value[id] = v;
	return 0;
}

int
conf_set_local(
	struct conf *c, enum param_id id, const char *value, struct err *e)
{
	const struct param *p = param_row(id);
	int ret;

	c->reading = LAYER_LOCAL;
	ret = conf_put(c, p->section, p->key, value, 0, e);
	c->reading = LAYER_FILE;
	return ret;
}

int
conf_set(struct conf *c, const char *section, const char *key,
	const char *value, struct err *e)
{
	return conf_put(c, section, key, value, 0, e);
}

/* One line, trimmed; `section` is the one in force. */
static int
line_read(struct conf *c, char *line, int number, const char **section,
	struct err *e)
{
	size_t n = strlen(line);
	char *eq;

	if (n == 0 || *line == ';' || *line == '#')
		return 0;
	if (*line == '[') {
		if (line[n - 1] != ']')
			return fail(e, FAULT_CONFIG, "']' is missing");
		line[n - 1] = '\0';
		*section = str_trim(line + 1);
		return section_known(*section) ? 0
					       : section_unknown(*section, e);
	}
	eq = strchr(line, '=');
	if (!eq)
		return fail(
			e, FAULT_CONFIG, "neither [section] nor key = value");
	if (!*section)
		return fail(
			e, FAULT_CONFIG, "a key before the first [section]");
	*eq = '\0';
	return conf_put(
		c, *section, str_trim(line), str_trim(eq + 1), number, e);
}

static int
text_read(struct conf *c, char *text, const char *path, struct err *e)
{
	const char *section = NULL;
	struct err why = ERR_INIT;
	int number = 0;
	char *line, *end;

	if (str_prefix(text, "\xef\xbb\xbf"))
		text += 3;
	for (line = text; line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		number++;
		line[strcspn(line, "\r")] = '\0';
		if (line_read(c, str_trim(line), number, &section, &why) != 0)
			return fail(e, FAULT_CONFIG, "%s:%d: %s", path, number,
				why.text);
	}
	return 0;
}

static int
layer_read(struct conf *c, const char *path, struct err *e)
{
	struct err why = ERR_INIT;
	struct bytes data;

	if (file_read(c->arena, path, CONF_MAX, &data, &why) != 0)
		return fail(e, FAULT_CONFIG, "%s", why.text);
	if (memchr(data.data, '\0', data.len))
		return fail(e, FAULT_CONFIG, "%s is not a text file", path);
	return text_read(c,
		arena_strndup(c->arena, (const char *)data.data, data.len),
		path, e);
}

/* What was changed since by administrators, if anything. */
static int
local_read(struct conf *c, struct err *e)
{
	const char *path = conf_data_path(c, CONF_LOCAL);
	int ret;

	if (!file_exists(path))
		return 0;
	if (str_equal(path, c->file))
		return fail(e, FAULT_CONFIG,
			"%s is where the settings page keeps its changes; give "
			"the configuration file another name",
			path);
	c->reading = LAYER_LOCAL;
	ret = layer_read(c, path, e);
	c->reading = LAYER_FILE;
	return ret;
}

int
conf_load(struct conf **out, const char *path, struct err *e)
{
	struct conf *c = conf_defaults();

	c->file = arena_strdup(c->arena, path);
	*out = NULL;
	if (layer_read(c, path, e) || local_read(c, e)) {
		conf_free(&c);
		return -1;
	}
	*out = c;
	return 0;
}

const char *
conf_text(const struct conf *c, enum param_id id)
{
	return c->value[id].text;
}

int64_t
conf_int(const struct conf *c, enum param_id id)
{
	return c->value[id].number;
}

bool
conf_bool(const struct conf *c, enum param_id id)
{
	return c->value[id].number != 0;
}

bool
conf_has(const struct conf *c, enum param_id id, const char *word)
{
	const char *s = c->value[id].text, *end;
	size_t n = strlen(word);

	for (;; s = end + 1) {
		const char *last;

		s += strspn(s, " \t");
		end = s + strcspn(s, ",");
		last = end;
		while (last > s && (last[-1] == ' ' || last[-1] == '\t'))
			last--;
		if ((size_t)(last - s) == n && memcmp(s, word, n) == 0)
			return n > 0;
		if (*end == '\0')
			return false;
	}
}

bool
conf_given(const struct conf *c, enum param_id id)
{
	return c->value[id].layer != LAYER_DEFAULT;
}

bool
conf_local(const struct conf *c, enum param_id id)
{
	return c->value[id].layer == LAYER_LOCAL;
}

void
conf_forget(struct conf *c, enum param_id id)
{
	c->value[id] = (struct value){ 0 };
	value_parse(param_row(id), &c->value[id], param_row(id)->def, NULL);
}

const char *
conf_file(const struct conf *c)
{
	return c->file;
}

const char *
conf_data_path(const struct conf *c, const char *name)
{
	/* the interface is const: callers see an immutable value */
	struct conf *m = (struct conf *)(uintptr_t)c;
	struct data_path *p;

	pthread_mutex_lock(&m->lock);
	for (p = m->paths; p; p = p->next)
		if (str_equal(p->name, name))
			break;
	if (!p) {
		p = arena_new_of(m->arena, struct data_path);
		p->name = arena_strdup(m->arena, name);
		p->path =
			path_join(m->arena, conf_text(c, P_DATA_DIR), p->name);
		p->next = m->paths;
		m->paths = p;
	}
	pthread_mutex_unlock(&m->lock);
	return p->path;
}
