/* SPDX-License-Identifier: MIT */
/*
 * Administration: applications for member codes, server certificates and access
 * permissions, submitted, listed, decided. X-Road leaves these to a portal; here
 * they live below /machilink.
 */
#include "application_int.h"
#include "desk_int.h"

#include <string.h>

#include "center_sql.h"
#include "http_server.h"
#include "log.h"
#include "mem.h"
#include "publicid.h"
#include "text.h"

enum { NOTE_MAX = 4000, MAIL_MAX = 254 };

/* ---- as JSON ---- */

static json_t *
application_json(const struct application *x)
{
	json_t *j = json_object(), *who = json_object(), *warnings = NULL;

	json_put_int(j, "id", x->id);
	json_put_str(j, "kind", x->kind->name);
	json_put_str(j, "state", x->state);
	json_put_int(j, "version", x->version);
	json_put_str(j, "subject", x->subject);
	json_put_str(who, "organization", x->organization);
	json_put_str(who, "contact_name", x->contact);
	json_put_str(who, "mail", x->mail);
	json_put_new(j, "applicant", who);
	json_put_str(j, "provider_id", x->provider);
	json_put_str(j, "serial", x->serial);
	desk_put_time(j, "created_at", x->created_at);
	desk_put_time(j, "updated_at", x->updated_at);
	warnings = desk_code_warnings(json_str(x->content, "member_code"));
	if (warnings)
		json_put_new(j, "warnings", warnings);
	return j;
}

static int
history_read(struct db_conn *c, struct arena *a, int64_t id, json_t *list,
	struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_APPLICATION_STEPS, db_int(id));
	int bad = 0;

	while (!bad && query_next(q)) {
		json_t *j = json_object(), *content;

		json_array_append_new(list, j);
		desk_put_time(j, "at", query_int(q, 0));
		json_put_str(j, "who", query_text(q, 1));
		json_put_str(j, "from", query_text(q, 2));
		json_put_str(j, "to", query_text(q, 3));
		json_put_str(j, "note", query_text(q, 4));
		if (query_null(q, 5))
			continue;
		bad = json_parse(
			a, bytes_str(query_text(q, 5)), NULL, &content, e);
		if (!bad)
			json_put_new(j, "content", json_incref(content));
	}
	return query_end(q, e) || bad ? -1 : 0;
}

/* The whole of one: list members, content, history. Lives in the arena. */
static int
detail_json(struct db_conn *c, struct arena *a, const struct application *x,
	json_t **out, struct err *e)
{
	json_t *list = json_keep(a, json_array());

	if (history_read(c, a, x->id, list, e))
		return -1;
	*out = json_keep(a, application_json(x));
	json_put_new(*out, "content", json_deep_copy(x->content));
	json_put_new(*out, "history", json_incref(list));
	return 0;
}

/* ---- lists ---- */

struct filter {
	struct db_arg state, kind, provider, text;
	struct page page;
};

static const struct sort_row sorts[] = {
	{ "id", "id" },
	{ "created_at", "created_at" },
	{ 0 },
};

/* provider: a member or a subsystem, so that the administrators of a provider
   find what concerns them. */
static int
filter_read(struct request *r, struct filter *f, struct err *e)
{
	const char *state = desk_query(r, "state"), *path;
	const char *kind = desk_query(r, "kind");
	const char *provider = desk_query(r, "provider_id");
	struct client_id id;

	if (desk_page_query(r, &f->page, e) ||
		desk_page_sort(&f->page, sorts, &path, e) ||
		(provider && client_decode(request_arena(r), provider, &id, e)))
		return -1;
	if ((state && !application_state_known(state)) ||
		(kind && !application_kind(kind)))
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"no application has this %s", kind ? "kind" : "state");
	if (!path) /* the newest first */
		f->page.desc = true;
	f->state = db_text(state);
	f->kind = db_text(kind);
	f->provider = db_text(provider);
	f->text = db_text(desk_query(r, "q"));
	return 0;
}

static int
list_read(struct request *r, struct db_conn *c, const struct filter *f,
	json_t *list, int64_t *total, struct err *e)
{
	struct application x;
	struct query *q;
	int bad = 0;

	q = db_query(c, Q_CENTER_APPLICATIONS_COUNT, f->state, f->kind,
		f->provider, f->text);
	*total = query_next(q) ? query_int(q, 0) : 0;
	if (query_end(q, e))
		return -1;
	q = db_query(c, Q_CENTER_APPLICATIONS, f->state, f->kind, f->provider,
		f->text, db_int(f->page.desc), db_int(f->page.limit),
		db_int(f->page.limit * f->page.offset));
	while (!bad && query_next(q)) {
		bad = application_read(request_arena(r), q, &x, e);
		if (!bad)
			json_array_append_new(list, application_json(&x));
	}
	return query_end(q, e) || bad ? -1 : 0;
}

DESK_HANDLER(desk_applications)
{
	struct center *ct = state;
	json_t *list = json_keep(request_arena(r), json_array());
	struct db_conn *c;
	struct filter f;
	int64_t total;
	int ret;

	if (filter_read(r, &f, e))
		return -1;
	c = db_take(ct->db);
	ret = list_read(r, c, &f, list, &total, e);
	db_give(c);
	if (ret)
		return -1;
	return desk_paged_reply(r, list, "items", total, &f.page, e);
}

DESK_HANDLER(desk_application_get)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct application x;
	struct db_conn *c;
	json_t *j = NULL;
	int64_t id;
	int ret = -1;

	if (desk_id(r, "id", "application_not_found", &id, e))
		return -1;
	c = db_take(ct->db);
	if (!application_get(c, a, id, &x, e))
		ret = detail_json(c, a, &x, &j, e);
	db_give(c);
	return ret ? -1 : desk_reply(r, 200, json_incref(j), e);
}

/* ---- submitting ---- */

/* One line, one @ with something on both sides, no blanks. */
static int
mail_check(const char *s, struct err *e)
{
	const char *at = strchr(s, '@');
	bool good = at && at != s && at[1] && !strchr(at + 1, '@');

	for (; *s; s++)
		good = good && (unsigned char)*s > ' ' && *s != 0x7f;
	if (!good)
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"\"mail\" is no mail address");
	return 0;
}

static int
form_read(const json_t *body, struct application *x, const char **note,
	struct err *e)
{
	json_t *who, *content;

	*note = NULL;
	if (json_need_sub(body, "applicant", &who, e) ||
		json_need_sub(body, "content", &content, e) ||
		json_need_str(who, "organization", ADMIN_TEXT_MAX,
			&x->organization, e) ||
		json_need_str(
			who, "contact_name", ADMIN_TEXT_MAX, &x->contact, e) ||
		json_need_str(who, "mail", MAIL_MAX, &x->mail, e) ||
		json_opt_str(body, "note", NOTE_MAX, note, e))
		return -1;
	x->content = content;
	return mail_check(x->mail, e);
}

DESK_HANDLER(desk_application_post)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct application x = { 0 };
	const char *kind, *note;
	struct db_conn *c;
	json_t *body, *j = NULL;
	int ret = -1;

	if (desk_body(r, &body, e) ||
		json_need_str(body, "kind", ADMIN_TEXT_MAX, &kind, e))
		return -1;
	x.kind = application_kind(kind);
	if (!x.kind)
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"kind must be member-code, server-certificate or "
			"access-permission");
	if (form_read(body, &x, &note, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	if (!application_add(c, a, &x, request_name(r), note, e))
		ret = detail_json(c, a, &x, &j, e);
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_reply(r, 201, json_incref(j), e);
}

/* ---- deciding ---- */

/* What the caller saw, if it says so, is what is there. */
static int
seen_check(const json_t *body, const struct application *x, struct err *e)
{
	int64_t version = x->version;

	if (json_opt_int(body, "version", 1, INT32_MAX, &version, e))
		return -1;
	if (version != x->version)
		return refuse(e, FAULT_CONFLICT, "application_changed",
			"the application has had %lld steps, not %lld",
			(long long)x->version, (long long)version);
	return 0;
}

static int
rights_check(struct request *r, const struct application *x,
	enum application_do what, struct err *e)
{
	if (!application_moves[what].decides ||
		(request_rights(r) & x->kind->who))
		return 0;
	return fail(e, FAULT_FORBIDDEN,
		"%s has no role that permits to decide this", request_name(r));
}

/* 1 when there is something to ask first. */
static bool
doubtful(const json_t *body, const struct application *x,
	enum application_do what)
{
	return what == APPLICATION_APPROVE &&
	       !json_bool(body, "ignore_warnings", true) &&
	       publicid_doubtful(json_str(x->content, "member_code"));
}

static int
step(struct request *r, struct center *ct, const json_t *body,
	enum application_do what, struct application *x, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *note = NULL;
	struct db_conn *c;
	json_t *j = NULL;
	bool ask = false;
	int64_t id;
	int ret = -1;

	if (desk_id(r, "id", "application_not_found", &id, e) ||
		json_opt_str(body, "note", NOTE_MAX, &note, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	if (application_get(c, a, id, x, e) || rights_check(r, x, what, e) ||
		seen_check(body, x, e) ||
		(what == APPLICATION_RESUBMIT && form_read(body, x, &note, e)))
		return work_done(ct, c, -1, e);
	ask = doubtful(body, x, what);
	if (ask) {
		work_drop(c);
		return desk_warn(r,
			desk_code_warnings(json_str(x->content, "member_code")),
			e);
	}
	if (!application_move(ct, c, a, x, what, request_name(r), note, e))
		ret = detail_json(c, a, x, &j, e);
	if (work_done(ct, c, ret, e))
		return -1;
	log_info("application %lld (%s) %s", (long long)x->id, x->kind->name,
		x->state);
	return desk_reply(r, 200, json_incref(j), e);
}

static int
decide(struct request *r, struct center *ct, enum application_do what,
	struct err *e)
{
	struct application x;
	json_t *body;

	if (desk_body(r, &body, e))
		return -1;
	return step(r, ct, body, what, &x, e);
}

DESK_HANDLER(desk_application_put)
{
	return decide(r, state, APPLICATION_RESUBMIT, e);
}

DESK_HANDLER(desk_application_approve)
{
	return decide(r, state, APPLICATION_APPROVE, e);
}

DESK_HANDLER(desk_application_return)
{
	return decide(r, state, APPLICATION_RETURN, e);
}

DESK_HANDLER(desk_application_reject)
{
	return decide(r, state, APPLICATION_REJECT, e);
}

DESK_HANDLER(desk_application_withdraw)
{
	return decide(r, state, APPLICATION_WITHDRAW, e);
}

/* ---- what came of it ---- */

DESK_HANDLER(desk_application_cert)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct application x;
	struct bytes der = { 0 };
	struct db_conn *c;
	struct query *q;
	int64_t id;
	int ret;

	if (desk_id(r, "id", "application_not_found", &id, e))
		return -1;
	c = db_take(ct->db);
	ret = application_get(c, a, id, &x, e);
	if (!ret && x.serial) {
		q = db_query(c, Q_CENTER_ISSUED_GET, db_text(x.serial));
		if (query_next(q))
			der = query_blob_dup(a, q, 9);
		ret = query_end(q, e);
	}
	db_give(c);
	if (ret)
		return -1;
	if (!der.len)
		return refuse(e, FAULT_NOT_FOUND, "certificate_not_found",
			"no certificate was issued upon this application");
	return reply_send(r, 200, "application/x-pem-file",
		bytes_str(desk_cert_pem(a, der)), e);
}
