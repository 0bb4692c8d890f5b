/* SPDX-License-Identifier: MIT */
/*
 * settings.ini of the data directory: the few parameters that administrators
 * may change in their pages. It is written whole, from the table, and never
 * holds what could keep the machine from starting or start programs: whoever
 * may write the data directory gains nothing by it.
 */
#include <string.h>

#include "buf.h"
#include "conf_int.h"
#include "err.h"
#include "file.h"
#include "text.h"

enum { LOCAL_MAX = 64 * 1024 };

static const bool local[PARAM_COUNT] = {
#define LOCAL(id) [P_##id] = true,
#include "param_local.def"
};

bool
param_local(enum param_id id)
{
	return local[id];
}

int
conf_next(const struct conf *c, struct conf **out, struct err *e)
{
	*out = NULL;
	if (!conf_file(c))
		return fail(e, FAULT_CONFIG,
			"the service was started without a file");
	return conf_load(out, conf_file(c), e);
}

bool
conf_same(const struct conf *a, const struct conf *b)
{
	for (int i = 0; i < PARAM_COUNT; i++)
		if (!str_equal(conf_text(a, (enum param_id)i),
			    conf_text(b, (enum param_id)i)))
			return false;
	return true;
}

static int
layer_write(const struct conf *c, struct err *e)
{
	const char *section = "";
	struct buf b;
	int ret;

	buf_init(&b, LOCAL_MAX);
	buf_str(&b, "; Written by the settings page, which changes it.\n");
	for (int i = 0; i < PARAM_COUNT; i++) {
		const struct param *p = param_row((enum param_id)i);

		if (!conf_local(c, (enum param_id)i))
			continue;
		if (!str_equal(section, p->section))
			buf_fmt(&b, "[%s]\n", p->section);
		section = p->section;
		buf_fmt(&b, "%s = %s\n", p->key,
			conf_text(c, (enum param_id)i));
	}
	ret = buf_ok(&b, CONF_LOCAL, e) ||
			      file_write(conf_data_path(c, CONF_LOCAL),
				      bytes_buf(&b), FILE_PRIVATE, e)
		      ? -1
		      : 0;
	buf_done(&b);
	return ret;
}

/* One line, as the file will hold it. */
static bool
is_line(const char *value)
{
	size_t n = strlen(value);

	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return n && *value != ' ' && value[n - 1] != ' ' &&
	       utf8_valid(value, n);
}

static int
value_change(
	struct conf *next, enum param_id id, const char *value, struct err *e)
{
	struct err why = ERR_INIT;

	if (!value) {
		conf_forget(next, id);
		return 0;
	}
	if (!is_line(value))
		return fail(e, FAULT_BAD_REQUEST, "%s must be one line of text",
			param_row(id)->key);
	if (conf_set_local(next, id, value, &why))
		return fail(e, FAULT_BAD_REQUEST, "%s", why.text);
	return 0;
}

int
conf_change(const struct conf *c, enum param_id id, const char *value,
	struct err *e)
{
	struct conf *next;
	int ret;

	if (!param_local(id))
		return fail(e, FAULT_FORBIDDEN,
			"[%s] %s is changed in the configuration file only",
			param_row(id)->section, param_row(id)->key);
	if (conf_next(c, &next, e))
		return -1;
	ret = value_change(next, id, value, e) || layer_write(next, e) ? -1 : 0;
	conf_free(&next);
	return ret;
}
