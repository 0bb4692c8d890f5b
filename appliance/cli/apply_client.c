/* SPDX-License-Identifier: MIT */
/*
 * Clients of a security server for a plan: groups, descriptions, services,
 * endpoints and who may use them, read into the plan's shape and changed.
 */
#include "cli_int.h"

#include "apply_int.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

enum { BODY_MAX = 1024 * 1024 };

static json_t *
thing_new(struct apply *x, const json_t *from, const char *id)
{
	json_t *j = json_keep(x->a, json_object());

	json_put_from(j, "_id", from, id);
	return j;
}

/* ---- access rights ---- */

/* A subsystem by its identifier, a global group by instance and code, a local
   group by its code. */
static int
read_access(struct apply *x, const char *path, json_t *to, struct err *e)
{
	json_t *list, *v, *out = json_array();
	size_t i;

	json_put_new(to, "access", out);
	if (apply_get(x, path, &list, e))
		return -1;
	json_each(v, i, list) {
		const char *code = json_str(v, "local_group_code");
		const char *id = json_str(v, "id");

		json_array_append_new(out, json_text_new(code ? code
							 : id ? id
							      : "?"));
	}
	return 0;
}

static int
read_endpoint(struct apply *x, const json_t *from, json_t **out, struct err *e)
{
	json_t *j = *out = thing_new(x, from, "id");

	json_put_from(j, "method", from, "method");
	json_put_from(j, "path", from, "path");
	if (json_bool(from, "generated", false))
		json_put_bool(j, "_keep", true);
	return read_access(x,
		apply_path(x, "/endpoints/", json_str(from, "id"),
			"/service-clients"),
		j, e);
}

/* Of all services at once; a machine without such rules has none. */
static int
read_rules(struct apply *x, struct err *e)
{
	static const char path[] = "/machilink/service-rules";
	struct apply_answer answer;

	x->rules = NULL;
	if (apply_call(x, "GET", path, NULL, bytes_of(NULL, 0), &answer, e))
		return -1;
	if (answer.status == 404)
		return 0;
	if (answer.status != 200)
		return apply_refused("GET", path, &answer, e);
	x->rules = answer.json;
	return 0;
}

/* Without the members that say what is usual. */
static json_t *
plain_rule(struct apply *x, json_t *from)
{
	static const char *const usual[] = { "items", "namespaces", "max_age" };
	json_t *rule = json_keep(x->a, json_copy(from));

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++) {
		const json_t *v = json_object_get(rule, usual[i]);

		if (v && !json_array_size(v) && !json_object_size(v) &&
			!json_int(rule, usual[i], 0))
			(void)json_object_del(rule, usual[i]);
	}
	return rule;
}

static void
put_rules(struct apply *x, json_t *to)
{
	static const char *const names[] = { "consent", "record" };
	json_t *v;
	size_t i;

	json_each(v, i, x->rules) {
		if (!str_equal(json_str(v, "id"), json_str(to, "_id")))
			continue;
		for (size_t k = 0; k < 2; k++)
			if (json_sub(v, names[k]))
				json_object_set(to, names[k],
					plain_rule(x, json_sub(v, names[k])));
	}
}

/* The endpoint that stands for the whole service. */
static bool
whole(const json_t *endpoint)
{
	return str_equal(json_str(endpoint, "method"), "*") &&
	       str_equal(json_str(endpoint, "path"), "**");
}

static int
read_service(struct apply *x, const json_t *from, bool rest, json_t **out,
	struct err *e)
{
	json_t *j = *out = thing_new(x, from, "id"), *v, *one;
	json_t *list = json_array();
	size_t i;

	json_put_bool(j, "_keep", true);
	json_put_from(j, "code", from, "full_service_code");
	json_put_from(j, "_code", from, "service_code");
	json_put_from(j, rest ? "_url" : "url", from, "url");
	json_put_from(j, "timeout", from, "timeout");
	json_put_from(j, "ssl_auth", from, "ssl_auth");
	put_rules(x, j);
	json_put_new(j, "endpoints", list);
	json_each(v, i, json_list(from, "endpoints")) {
		if (whole(v))
			continue;
		if (read_endpoint(x, v, &one, e))
			return -1;
		json_array_append(list, one);
	}
	return read_access(x,
		apply_path(x, "/services/", json_str(from, "id"),
			"/service-clients"),
		j, e);
}

static int
read_description(
	struct apply *x, const json_t *from, json_t **out, struct err *e)
{
	bool rest = str_equal(json_str(from, "type"), "REST");
	bool wsdl = str_equal(json_str(from, "type"), "WSDL");
	json_t *j = *out = thing_new(x, from, "id"), *v, *one;
	json_t *list = json_array();
	size_t i;

	json_put_from(j, "type", from, "type");
	json_put_from(j, "url", from, "url");
	json_put_bool(j, "enabled", !json_bool(from, "disabled", true));
	json_put_new(j, "services", list);
	json_each(v, i, json_list(from, "services")) {
		if (!wsdl)
			json_put_from(j, "code", v, "service_code");
		if (read_service(x, v, rest, &one, e))
			return -1;
		json_array_append(list, one);
	}
	return 0;
}

int
apply_description_made(struct apply *x, const struct plan_step *s,
	const json_t *answer, json_t **now, struct err *e)
{
	(void)s;
	return read_description(x, answer, now, e);
}

/* ---- clients ---- */

static void
read_group(struct apply *x, const json_t *from, json_t *to)
{
	json_t *j = thing_new(x, from, "id"), *members = json_array(), *v;
	size_t i;

	json_put_from(j, "code", from, "code");
	json_put_from(j, "description", from, "description");
	json_put_new(j, "members", members);
	json_each(v, i, json_list(from, "members"))
		if (json_str(v, "id"))
			json_array_append_new(
				members, json_text_new(json_str(v, "id")));
	json_array_append(to, j);
}

static int
read_groups(struct apply *x, const char *id, json_t *to, struct err *e)
{
	json_t *list, *v, *out = json_array();
	size_t i;

	json_put_new(to, "local_groups", out);
	if (apply_get(x, apply_path(x, "/clients/", id, "/local-groups"), &list,
		    e))
		return -1;
	json_each(v, i, list)
		read_group(x, v, out);
	return 0;
}

static int
read_certs(struct apply *x, const char *id, json_t *to, struct err *e)
{
	json_t *list, *v, *out = json_array();
	size_t i;

	json_put_new(to, "tls_certificates", out);
	if (apply_get(x, apply_path(x, "/clients/", id, "/tls-certificates"),
		    &list, e))
		return -1;
	json_each(v, i, list) {
		char *hash = arena_strdup(x->a, json_str(v, "hash"));

		if (!hash)
			continue;
		str_lower(hash);
		json_array_append_new(out, json_text_new(hash));
	}
	return 0;
}

static int
read_descriptions(struct apply *x, const char *id, json_t *to, struct err *e)
{
	json_t *list, *v, *one, *out = json_array();
	size_t i;

	json_put_new(to, "service_descriptions", out);
	if (apply_get(x,
		    apply_path(x, "/clients/", id, "/service-descriptions"),
		    &list, e))
		return -1;
	json_each(v, i, list) {
		if (read_description(x, v, &one, e))
			return -1;
		json_array_append(out, one);
	}
	return 0;
}

static int
read_client(struct apply *x, const json_t *from, json_t **out, struct err *e)
{
	static const char *const not [] = { "SAVED", "DELETION_IN_PROGRESS",
		"GLOBAL_ERROR" };
	json_t *j = *out = thing_new(x, from, "id");
	const char *id = json_str(from, "id");
	const char *status = json_str(from, "status");
	bool registered = true;

	for (size_t i = 0; i < sizeof(not ) / sizeof(*not ); i++)
		registered &= !str_equal(status, not [i]);
	json_put_from(j, "id", from, "id");
	json_put_from(j, "connection_type", from, "connection_type");
	json_put_bool(j, "registered", registered);
	if (json_bool(from, "owner", false))
		json_put_bool(j, "_keep", true);
	return read_certs(x, id, j, e) || read_groups(x, id, j, e) ||
			       read_descriptions(x, id, j, e)
		       ? -1
		       : 0;
}

int
apply_read_clients(struct apply *x, json_t **out, struct err *e)
{
	json_t *list, *v, *one;
	size_t i;

	*out = json_keep(x->a, json_array());
	if (read_rules(x, e) || apply_get(x, "/clients", &list, e))
		return -1;
	json_each(v, i, list) {
		if (read_client(x, v, &one, e))
			return -1;
		json_array_append(*out, one);
	}
	return 0;
}

int
apply_client_made(struct apply *x, const struct plan_step *s,
	const json_t *answer, json_t **now, struct err *e)
{
	(void)s;
	return read_client(x, answer, now, e);
}

int
apply_id_made(struct apply *x, const struct plan_step *s, const json_t *answer,
	json_t **now, struct err *e)
{
	const struct plan_field *f = s->kind->field;
	json_t *j = thing_new(x, answer, "id");

	(void)e;
	for (; f->name; f++)
		if (f->type < PLAN_MAP && !(f->flags & PLAN_HINT))
			json_put_from(j, f->name, s->want, f->name);
	*now = j;
	return 0;
}

/* ---- changing ---- */

int
apply_client_change(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	static const struct apply_row type = { "PATCH", "/clients/$id",
		"{'connection_type':$connection_type}", false };
	json_t *answer;

	if (apply_differs(s, "connection_type") &&
		apply_row_run(x, &type, s, &answer, e))
		return -1;
	if (apply_differs(s, "registered") &&
		apply_patiently(x,
			apply_path(x, "/clients/", s->id,
				json_bool(s->want, "registered", false)
					? "/register"
					: "/unregister"),
			0, e))
		return -1;
	json_put_from(*now, "connection_type", s->want, "connection_type");
	json_put_from(*now, "registered", s->want, "registered");
	return 0;
}

int
apply_client_remove(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	(void)now;
	if (json_bool(s->have, "registered", false) &&
		apply_send(x, "PUT",
			apply_path(x, "/clients/", s->id, "/unregister"), NULL,
			NULL, e))
		return -1;
	return apply_send(x, "DELETE", apply_path(x, "/clients/", s->id, ""),
		NULL, NULL, e);
}

int
apply_cert_set(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	const char *path =
		apply_path(x, "/clients/", s->id, "/tls-certificates");
	struct apply_answer a;
	const char *pem;
	json_t *v;
	size_t i;

	(void)now;
	json_each(v, i, s->add) {
		if (apply_pem(x, json_string_value(v), &pem, e) ||
			apply_call(x, "POST", path, "application/octet-stream",
				bytes_str(pem), &a, e))
			return -1;
		if (a.status != 201)
			return apply_refused("POST", path, &a, e);
	}
	json_each(v, i, s->del)
		if (apply_send(x, "DELETE",
			    arena_printf(
				    x->a, "%s/%s", path, json_string_value(v)),
			    NULL, NULL, e))
			return -1;
	return 0;
}

int
apply_description_change(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	static const struct apply_row url = { "PATCH",
		"/service-descriptions/$_id",
		"{'url':$url,'type':$type,'rest_service_code':$code,"
		"'new_rest_service_code':$code,'ignore_warnings':$!}",
		false };
	const char *id = json_str(s->have, "_id");
	json_t *answer = NULL;

	if (apply_differs(s, "url")) {
		if (apply_row_run(x, &url, s, &answer, e) ||
			read_description(x, answer, now, e))
			return -1;
	}
	if (!apply_differs(s, "enabled"))
		return 0;
	json_put_from(*now, "enabled", s->want, "enabled");
	if (json_bool(s->want, "enabled", false))
		return apply_send(x, "PUT",
			apply_path(x, "/service-descriptions/", id, "/enable"),
			NULL, NULL, e);
	return apply_send(x, "PUT",
		apply_path(x, "/service-descriptions/", id, "/disable"),
		"{\"disabled_notice\":\"Out of order\"}", NULL, e);
}

/* What is served, its description says. */
int
apply_service_add(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	(void)x, (void)now;
	return fail(e, FAULT_BAD_REQUEST,
		"the description %s describes no service %s",
		s->parent ? s->parent->id : "?", s->id);
}

/* {} takes the rule away. */
static int
send_rule(struct apply *x, const struct plan_step *s, const char *name,
	struct err *e)
{
	json_t *want = json_object_get(s->want, name);
	char *path = apply_path(x, "/machilink/services/",
		json_str(s->have, "_id"), arena_printf(x->a, "/%s", name));
	struct buf b;
	int ret;

	if (!apply_differs(s, name))
		return 0;
	if (!json_object_size(want))
		return apply_send(x, "DELETE", path, NULL, NULL, e);
	buf_init(&b, BODY_MAX);
	json_write(&b, want, JSON_PLAIN);
	ret = buf_ok(&b, "the rule", e);
	if (!ret)
		ret = apply_send(x, "PUT", path, b.data, NULL, e);
	buf_done(&b);
	return ret;
}

int
apply_service_change(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	static const struct apply_row row = { "PATCH", "/services/$_id",
		"{'url':$url,'timeout':$timeout,'ssl_auth':$ssl_auth,"
		"'ignore_warnings':$!}",
		false };

	json_t *answer;

	(void)now;
	if (send_rule(x, s, "consent", e) || send_rule(x, s, "record", e))
		return -1;
	if (!apply_differs(s, "url") && !apply_differs(s, "timeout") &&
		!apply_differs(s, "ssl_auth"))
		return 0;
	return apply_row_run(x, &row, s, &answer, e);
}

/* ---- rights ---- */

/* The client around a service or an endpoint. */
static const struct plan_step *
client_of(const struct plan_step *s)
{
	while (s && s->kind != &plan_client)
		s = s->parent;
	return s;
}

/* The API wants a local group's number. */
static int
group_number(struct apply *x, const struct plan_step *s, const char *code,
	const char **out, struct err *e)
{
	const struct plan_step *c = client_of(s);
	json_t *list, *v;
	size_t i;

	if (apply_get(x,
		    apply_path(x, "/clients/", c ? c->id : "", "/local-groups"),
		    &list, e))
		return -1;
	json_each(v, i, list) {
		*out = json_str(v, "id");
		if (str_equal(json_str(v, "code"), code))
			return 0;
	}
	return fail(e, FAULT_NOT_FOUND, "%s has no local group \"%s\"",
		c ? c->id : "?", code);
}

static int
subjects(struct apply *x, const struct plan_step *s, const json_t *list,
	struct buf *b, struct err *e)
{
	json_t *v;
	size_t i;

	buf_str(b, "{\"items\":[");
	json_each(v, i, list) {
		const char *id = json_string_value(v);
		const char *first = strchr(id, ':');
		const char *type = !first                   ? "LOCALGROUP"
				   : strchr(first + 1, ':') ? "SUBSYSTEM"
							    : "GLOBALGROUP";

		if (!first && group_number(x, s, id, &id, e))
			return -1;
		buf_str(b, i ? ",{\"id\":" : "{\"id\":");
		buf_json(b, id);
		buf_fmt(b, ",\"service_client_type\":\"%s\"}", type);
	}
	buf_str(b, "]}");
	return buf_ok(b, "the list of who may use it", e);
}

static int
send_subjects(struct apply *x, const struct plan_step *s, const json_t *list,
	const char *end, struct err *e)
{
	const char *id = json_str(s->have, "_id");
	struct buf b;
	int ret;

	if (!json_array_size(list))
		return 0;
	buf_init(&b, BODY_MAX);
	ret = subjects(x, s, list, &b, e);
	if (!ret)
		ret = apply_send(x, "POST",
			apply_path(x,
				s->kind == &plan_endpoint ? "/endpoints/"
							  : "/services/",
				id, end),
			b.data, NULL, e);
	buf_done(&b);
	return ret;
}

int
apply_access_set(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	(void)now;
	if (send_subjects(x, s, s->add, "/service-clients", e) ||
		send_subjects(x, s, s->del, "/service-clients/delete", e))
		return -1;
	return 0;
}
