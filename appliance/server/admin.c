/* SPDX-License-Identifier: MIT */
/* What administration handlers share: replies, identifiers, look-ups. */
#include <string.h>

#include "admin_int.h"
#include "clock.h"
#include "db.h"
#include "err.h"
#include "http_json.h"
#include "mem.h"
#include "publicid.h"
#include "text.h"

enum { REPLY_MAX = 16 * 1024 * 1024, ID_PARTS = 6 };

int
admin_reply(struct request *r, int status, json_t *j, struct err *e)
{
	json_drop_nulls(j);
	return http_json_reply(r, status, NULL, 0, j, REPLY_MAX, e);
}

int
admin_reply_read(
	struct request *r, struct server *s, READER((*read)), struct err *e)
{
	json_t *j = NULL;

	return read(r, s, &j, e) || admin_reply(r, 200, j, e) ? -1 : 0;
}

int
admin_empty(struct request *r, int status, struct err *e)
{
	return reply_send(r, status, NULL, (struct bytes){ 0 }, e);
}

static json_t *
error_json(int status, const char *code, const char *const *metadata)
{
	json_t *j = json_object(), *error = json_object();

	json_put_int(j, "status", status);
	json_put_str(error, "code", code);
	if (metadata) {
		json_t *list = json_array();
		for (; *metadata; metadata++)
			json_array_append_new(list, json_text_new(*metadata));
		json_put_new(error, "metadata", list);
	}
	json_put_new(j, "error", error);
	return j;
}

int
admin_refuse(struct request *r, int status, const char *code,
	const char *const *metadata, struct err *e)
{
	return admin_reply(r, status, error_json(status, code, metadata), e);
}

int
admin_refuse_why(struct request *r, int status, const char *code,
	const struct err *why, struct err *e)
{
	const char *const metadata[] = { fault_code(why->fault), why->text,
		NULL };

	return admin_refuse(r, status, code, metadata, e);
}

/* Takes the reference of the warnings. */
static int
warn(struct request *r, json_t *warnings, struct err *e)
{
	int ret = warnings_refuse(r, warnings, false, e) < 0 ? -1 : 0;

	json_decref(warnings);
	return ret;
}

static json_t *
metadata_of(const char *about)
{
	json_t *list = json_array();

	json_array_append_new(list, json_text_new(about));
	return list;
}

int
admin_warn(
	struct request *r, const char *code, const char *about, struct err *e)
{
	json_t *list = json_array();

	warning_add(list, code, metadata_of(about));
	return warn(r, list, e);
}

int
admin_warn_member(struct request *r, const char *code,
	const struct client_id *id, struct err *e)
{
	json_t *list = json_array(), *meta;
	char say[PUBLICID_TEXT_MAX];

	warning_add(
		list, code, metadata_of(admin_client_id(request_arena(r), id)));
	if (publicid_doubtful(id->code)) {
		meta = metadata_of(id->code);
		json_array_append_new(meta,
			json_text_new(publicid_say(id->code, false, say)));
		json_array_append_new(
			meta, json_text_new(publicid_say(id->code, true, say)));
		warning_add(list, "member_code_check_digit", meta);
	}
	return warn(r, list, e);
}

int
admin_body(struct request *r, json_t **out, struct err *e)
{
	return http_json_body(r, NULL, out, e);
}

void
admin_wipe(const char *secret)
{
	if (secret)
		mem_wipe((void *)(uintptr_t)secret, strlen(secret));
}

void
json_put_time(json_t *j, const char *key, int64_t ms)
{
	char text[TIME_TEXT_MAX];

	json_put_str(j, key, time_iso_ms(text, ms));
}

char *
admin_client_id(struct arena *a, const struct client_id *id)
{
	if (!id->subsystem)
		return arena_printf(
			a, "%s:%s:%s", id->instance, id->cls, id->code);
	return arena_printf(a, "%s:%s:%s:%s", id->instance, id->cls, id->code,
		id->subsystem);
}

char *
admin_service_id(struct arena *a, const struct m_service *v)
{
	return arena_printf(a, "%s:%s%s%s",
		admin_client_id(a, &v->description->client->id), v->code,
		v->version ? "." : "", v->version ? v->version : "");
}

/* Splits at colons, which identifiers cannot hold. */
static size_t
split(struct arena *a, const char *s, const char *part[ID_PARTS])
{
	size_t n = 0;

	for (;;) {
		size_t len = strcspn(s, ":");
		if (n == ID_PARTS || !len)
			return 0;
		part[n++] = arena_strndup(a, s, len);
		if (!s[len])
			return n;
		s += len + 1;
	}
}

int
admin_client_parse(
	struct arena *a, const char *s, struct client_id *out, struct err *e)
{
	const char *p[ID_PARTS];
	size_t n = s ? split(a, s, p) : 0;

	if (n != 3 && n != 4)
		return fail(e, FAULT_BAD_REQUEST,
			"'%s' is no identifier of a client", s ? s : "");
	*out = (struct client_id){ p[0], p[1], p[2], n == 4 ? p[3] : NULL };
	return 0;
}

int
admin_client(struct request *r, struct server *s, const char *segment,
	const struct model **m, const struct m_client **out, struct err *e)
{
	struct arena *a = request_arena(r);
	struct client_id id;

	if (admin_client_parse(a, request_segment(r, segment), &id, e) ||
		serverconf_model(s->sc, a, m, e))
		return -1;
	*out = model_client(*m, &id);
	if (!*out)
		return fail(e, FAULT_NOT_FOUND, "client %s is not here",
			admin_client_id(a, &id));
	return 0;
}

int
admin_service(struct request *r, struct server *s, const struct model **m,
	const struct m_service **out, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *id = request_segment(r, "id");

	if (serverconf_model(s->sc, a, m, e))
		return -1;
	for (size_t i = 0; id && i < (*m)->services; i++) {
		*out = &(*m)->service[i];
		if (str_equal(admin_service_id(a, *out), id))
			return 0;
	}
	return fail(e, FAULT_NOT_FOUND, "service %s is not here", id ? id : "");
}

int
admin_row(struct request *r, const char *segment, int64_t *out, struct err *e)
{
	const char *s = request_segment(r, segment);

	if (!s || int_parse(s, 1, INT64_MAX, out, NULL))
		return fail(e, FAULT_NOT_FOUND, "'%s' is not here", s ? s : "");
	return 0;
}

static const struct gc_member *
gc_member_of(const struct globalconf *g, const struct client_id *id)
{
	const struct shared_params *p =
		g ? globalconf_shared(g, id->instance) : NULL;

	for (size_t i = 0; p && i < p->members; i++)
		if (str_equal(p->member[i].cls, id->cls) &&
			str_equal(p->member[i].code, id->code))
			return &p->member[i];
	return NULL;
}

const char *
admin_member_name(const struct globalconf *g, const struct client_id *id)
{
	const struct gc_member *m = gc_member_of(g, id);

	return m ? m->name : NULL;
}

const char *
admin_subsystem_name(const struct globalconf *g, const struct client_id *id)
{
	const struct gc_member *m = gc_member_of(g, id);

	for (size_t i = 0; m && id->subsystem && i < m->subsystems; i++)
		if (str_equal(m->subsystem[i].code, id->subsystem))
			return m->subsystem[i].name;
	return NULL;
}

static void
globalconf_give(void *p)
{
	struct globalconf *g = p;

	globalconf_unref(&g);
}

const struct globalconf *
admin_globalconf(struct request *r, struct server *s)
{
	struct globalconf *g;

	if (confclient_get(s->confclient, &g, NULL))
		return NULL;
	arena_defer(request_arena(r), globalconf_give, g);
	return g;
}

int64_t
admin_run_args(
	struct server *s, int query, struct err *e, const struct db_arg *arg)
{
	struct db_conn *c = db_take(s->db);
	int64_t n = db_run_args(c, query, e, arg);

	db_give(c);
	return n;
}

int
admin_may(struct request *r, unsigned roles, struct err *e)
{
	if (request_rights(r) & roles)
		return 0;
	return fail(e, FAULT_FORBIDDEN, "no role of yours permits this");
}

int
admin_may_use(struct request *r, enum key_usage_type usage, struct err *e)
{
	return admin_may(r,
		usage == USAGE_AUTHENTICATION ? ADMIN_SO : ADMIN_RO | ADMIN_SO,
		e);
}
