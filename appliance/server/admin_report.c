/* SPDX-License-Identifier: MIT */
/*
 * Administration: the diagnostics report, one file with what somebody who helps
 * from afar asks for first. X-Road's form: a list of {name, value} or {name,
 * errorMessage}; parameters by name only, their values are nobody's business.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "admin_int.h"
#include "clock.h"
#include "err.h"
#include "keys_int.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { REPORT_MAX = 4 * 1024 * 1024 };

static READER(os_version)
{
	struct utsname u;

	(void)s;
	if (uname(&u))
		return fail(e, FAULT_IO, "the system does not say what it is");
	*out = json_text_new(arena_printf(request_arena(r), "%s %s %s %s",
		u.sysname, u.release, u.version, u.machine));
	return 0;
}

/* What the configuration file sets, as section.key. */
static READER(overrides)
{
	json_t *list = *out = json_array();

	(void)e;
	for (enum param_id id = 0; id < PARAM_COUNT; id++) {
		const struct param *p = param_row(id);

		if (conf_given(s->conf, id))
			json_array_append_new(list,
				json_text_new(arena_printf(request_arena(r),
					"%s.%s", p->section, p->key)));
	}
	return 0;
}

static READER(auth_certs)
{
	const struct key_model *m;
	json_t *list;

	if (keyconf_model(s->keys, request_arena(r), &m, e))
		return -1;
	list = *out = json_array();
	for (size_t i = 0; i < m->certs; i++) {
		const struct k_cert *c = &m->cert[i];
		json_t *j;

		if (c->has_member)
			continue;
		j = json_object();
		json_put_str(j, "name",
			cert_subject_text(c->cert, request_arena(r)));
		json_put_str(j, "status", c->status);
		json_put_bool(j, "active", c->active);
		json_array_append_new(list, j);
	}
	return 0;
}

static const struct fragment {
	const char *name;
	READER((*read));
} fragments[] = {
	{ "X-Road and Java version", admin_version_state },
	{ "OS version", os_version },
	{ "Configuration overrides", overrides },
	{ "Authentication certificates", auth_certs },
	{ "Global configuration", admin_globalconf_state },
	{ "OCSP responders", admin_ocsp_state },
	{ "Timestamping", admin_tsas_state },
	{ "Maintenance mode", admin_maintenance_state },
};

/* A part that cannot be told says why; the others are told. */
static json_t *
fragment_json(struct request *r, struct server *s, const struct fragment *f)
{
	struct err why = ERR_INIT;
	json_t *j = json_object(), *value = NULL;

	json_put_str(j, "name", f->name);
	if (f->read(r, s, &value, &why))
		json_put_str(j, "errorMessage", why.text);
	else
		json_put_new(j, "value", value);
	return j;
}

/* "diagnostic-report-20261121T010203Z.json" */
static char *
file_name(struct arena *a)
{
	struct civil c;

	civil_from_seconds(clock_seconds(), &c);
	return arena_printf(a,
		"attachment; filename=\"diagnostic-report-"
		"%04d%02d%02dT%02d%02d%02dZ.json\"",
		c.year, c.month, c.day, c.hour, c.minute, c.second);
}

int
admin_diag_report(struct request *r, void *state, struct err *e)
{
	const struct http_header head[] = {
		{ "Content-Type", "application/json" },
		{ "Content-Disposition", file_name(request_arena(r)) },
	};
	json_t *list = json_array();
	struct buf b;
	int ret;

	for (size_t i = 0; i < sizeof(fragments) / sizeof(fragments[0]); i++)
		json_array_append_new(
			list, fragment_json(r, state, &fragments[i]));
	json_drop_nulls(list);
	buf_init(&b, REPORT_MAX);
	json_write(&b, list, JSON_PRETTY);
	json_decref(list);
	ret = buf_ok(&b, "the report", e) ||
			      reply_send_headers(r, 200, head,
				      sizeof(head) / sizeof(head[0]),
				      bytes_buf(&b), e)
		      ? -1
		      : 0;
	buf_done(&b);
	return ret;
}
