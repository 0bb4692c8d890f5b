/* SPDX-License-Identifier: MIT */
/*
 * Applications: what each kind asks for, what approving it does, and the steps
 * from one state to the next, each on the record in the same transaction.
 */
#include "application_int.h"
#include "desk_int.h"

#include <string.h>

#include "center_sql.h"
#include "clock.h"
#include "mem.h"
#include "role.h"
#include "text.h"

enum { PURPOSE_MAX = 4000 };

/* Copies a text that must be there. */
static int
keep(json_t *to, const json_t *from, const char *key, size_t max,
	const char **out, struct err *e)
{
	if (json_need_str(from, key, max, out, e))
		return -1;
	json_put_str(to, key, *out);
	return 0;
}

/* ---- member codes ---- */

static int
member_check(struct db_conn *c, struct arena *a, struct application *x,
	struct err *e)
{
	json_t *to = json_keep(a, json_object());
	const char *cls, *code, *name;

	if (keep(to, x->content, "member_class", ADMIN_TEXT_MAX, &cls, e) ||
		keep(to, x->content, "member_code", ADMIN_TEXT_MAX, &code, e) ||
		keep(to, x->content, "member_name", ADMIN_TEXT_MAX, &name, e) ||
		ident_part_check(cls, "member class", e) ||
		ident_part_check(code, "member code", e) ||
		class_need(c, cls, e))
		return -1;
	x->subject = arena_printf(a, "%s:%s", cls, code);
	x->content = to;
	return 0;
}

static int
member_register(struct center *ct, struct db_conn *c, struct arena *a,
	struct application *x, struct err *e)
{
	struct client_id id = {
		.cls = json_str(x->content, "member_class"),
		.code = json_str(x->content, "member_code"),
	};
	struct instance in;

	(void)ct;
	if (instance_need(c, a, &in, e))
		return -1;
	id.instance = in.instance;
	return member_add(c, &id, json_str(x->content, "member_name"), e);
}

/* ---- server certificates ---- */

/* A signing certificate is the owner's unless it says otherwise. */
static int
certificate_check(struct db_conn *c, struct arena *a, struct application *x,
	struct err *e)
{
	json_t *to = json_keep(a, json_object());
	const char *csr, *usage, *server, *member = NULL;
	struct server_id id;
	struct issue_order o;
	struct csr *parsed;

	(void)c;
	if (keep(to, x->content, "csr", ADMIN_BODY_MAX, &csr, e) ||
		keep(to, x->content, "usage", ADMIN_TEXT_MAX, &usage, e) ||
		keep(to, x->content, "security_server_id", 4 * ADMIN_TEXT_MAX,
			&server, e) ||
		json_opt_str(x->content, "member_id", 4 * ADMIN_TEXT_MAX,
			&member, e) ||
		server_decode(a, server, &id, e))
		return -1;
	json_put_str(
		to, "member_id", member ? member : client_encode(a, &id.owner));
	if (desk_order_read(a, to, &o, e) || order_csr(a, &o, &parsed, e))
		return -1;
	x->subject = server;
	x->content = to;
	return 0;
}

static int
certificate_issue(struct center *ct, struct db_conn *c, struct arena *a,
	struct application *x, struct err *e)
{
	struct cert *cert = NULL;
	struct issue_order o;

	if (desk_order_read(a, x->content, &o, e) ||
		cert_order_in(ct, c, &o, a, &cert, e))
		return -1;
	x->serial = serial_text(a, cert_serial(cert));
	cert_unref(&cert);
	return 0;
}

/* ---- access permissions ---- */

/* "INSTANCE:CLASS:CODE:SUBSYSTEM:SERVICE[.VERSION]"; *provider without the
   service. */
static int
service_decode(struct arena *a, const char *s, struct client_id *provider,
	struct err *e)
{
	char *copy = arena_strdup(a, s), *last = strrchr(copy, ':');

	if (last) {
		*last = '\0';
		if (last[1] && !client_decode(a, copy, provider, NULL) &&
			provider->subsystem)
			return 0;
	}
	return refuse(e, FAULT_BAD_REQUEST, "invalid_service_id",
		"'%s' is not INSTANCE:CLASS:CODE:SUBSYSTEM:SERVICE", s);
}

/* 2026-11-21, as the start of that day in UTC. */
static int
day_read(struct arena *a, const json_t *from, const char *key, json_t *to,
	int64_t *out, struct err *e)
{
	const char *s;

	if (keep(to, from, key, ADMIN_TEXT_MAX, &s, e))
		return -1;
	if (strlen(s) != strlen("2026-11-21") ||
		time_parse(arena_printf(a, "%sT00:00:00Z", s), out, NULL))
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"\"%s\" must be a day such as 2026-11-21", key);
	return 0;
}

/* Those of our instance must be registered; of others nothing is known. */
static int
party_check(struct db_conn *c, struct arena *a, const struct client_id *id,
	struct err *e)
{
	int64_t member, subsystem;
	struct instance in;

	if (instance_need(c, a, &in, e))
		return -1;
	if (!str_equal(in.instance, id->instance))
		return 0;
	return client_need(c, id, &member, &subsystem, e);
}

static int
access_check(struct db_conn *c, struct arena *a, struct application *x,
	struct err *e)
{
	json_t *to = json_keep(a, json_object());
	const char *client, *service, *purpose;
	struct client_id consumer, provider;
	int64_t from, until;

	if (keep(to, x->content, "client_id", 4 * ADMIN_TEXT_MAX, &client, e) ||
		keep(to, x->content, "service_id", 5 * ADMIN_TEXT_MAX, &service,
			e) ||
		keep(to, x->content, "purpose", PURPOSE_MAX, &purpose, e) ||
		day_read(a, x->content, "valid_from", to, &from, e) ||
		day_read(a, x->content, "valid_until", to, &until, e) ||
		client_decode(a, client, &consumer, e) ||
		service_decode(a, service, &provider, e))
		return -1;
	if (!consumer.subsystem)
		return refuse(e, FAULT_BAD_REQUEST, "invalid_member_id",
			"the consumer must be a subsystem");
	if (from > until)
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"the period ends before it begins");
	if (party_check(c, a, &consumer, e) || party_check(c, a, &provider, e))
		return -1;
	x->subject = arena_printf(a, "%s -> %s", client, service);
	x->provider = client_encode(a, &provider);
	x->content = to;
	return 0;
}

/* ---- the tables ---- */

static const struct application_kind kinds[] = {
	{ "member-code", ADMIN_RO, member_check, member_register },
	{ "server-certificate", ADMIN_RO | ADMIN_SYS, certificate_check,
		certificate_issue },
	/* the provider grants on its own server: the center cannot */
	{ "access-permission", ADMIN_RO, access_check, NULL },
};

const struct application_move application_moves[APPLICATION_DOS] = {
	[APPLICATION_APPROVE] = { "approved", { "submitted" }, true, true },
	[APPLICATION_RETURN] = { "returned", { "submitted" }, true, false },
	[APPLICATION_REJECT] = { "rejected", { "submitted" }, true, false },
	[APPLICATION_WITHDRAW] = { "withdrawn", { "submitted", "returned" },
		false, false },
	[APPLICATION_RESUBMIT] = { "submitted", { "returned" }, false, false },
};

const struct application_kind *
application_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_equal(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

bool
application_state_known(const char *name)
{
	for (int i = 0; i < APPLICATION_DOS; i++)
		if (str_equal(application_moves[i].to, name))
			return true;
	return false;
}

/* ---- the rows ---- */

int
application_read(struct arena *a, struct query *q, struct application *out,
	struct err *e)
{
	json_t *content;

	*out = (struct application){
		.id = query_int(q, 0),
		.kind = application_kind(query_text(q, 1)),
		.state = query_text_dup(a, q, 2),
		.organization = query_text_dup(a, q, 3),
		.contact = query_text_dup(a, q, 4),
		.mail = query_text_dup(a, q, 5),
		.subject = query_text_dup(a, q, 6),
		.provider = query_text_dup(a, q, 7),
		.serial = query_text_dup(a, q, 8),
		.version = query_int(q, 9),
		.created_at = query_int(q, 10),
		.updated_at = query_int(q, 11),
	};
	if (json_parse(a, bytes_str(query_text(q, 12)), NULL, &content, e))
		return -1;
	out->content = content;
	return 0;
}

int
application_get(struct db_conn *c, struct arena *a, int64_t id,
	struct application *out, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_APPLICATION_GET, db_int(id));
	bool found = query_next(q);
	int bad = found ? application_read(a, q, out, e) : 0;

	if (query_end(q, e) || bad)
		return -1;
	if (!found)
		return refuse(e, FAULT_NOT_FOUND, "application_not_found",
			"there is no application %lld", (long long)id);
	return 0;
}

static char *
content_text(struct arena *a, const struct application *x)
{
	struct buf b;
	char *out;

	buf_init(&b, 2 * ADMIN_BODY_MAX);
	json_write(&b, x->content, JSON_PLAIN);
	out = arena_strdup(a, b.data);
	buf_done(&b);
	return out;
}

static int
step_add(struct db_conn *c, const struct application *x, const char *from,
	const char *who, const char *note, const char *content, struct err *e)
{
	return db_run(c, Q_CENTER_APPLICATION_STEP_ADD, e, db_int(x->id),
		       db_int(x->updated_at), db_text(who), db_text(from),
		       db_text(x->state), db_text(note), db_text(content)) < 0
		       ? -1
		       : 0;
}

int
application_add(struct db_conn *c, struct arena *a, struct application *x,
	const char *who, const char *note, struct err *e)
{
	const char *content;

	if (x->kind->check(c, a, x, e))
		return -1;
	content = content_text(a, x);
	x->state = "submitted";
	x->version = 1;
	x->created_at = x->updated_at = clock_now();
	if (db_run(c, Q_CENTER_APPLICATION_ADD, e, db_text(x->kind->name),
		    db_text(x->organization), db_text(x->contact),
		    db_text(x->mail), db_text(content), db_text(x->subject),
		    db_text(x->provider), db_int(x->updated_at)) < 0)
		return -1;
	x->id = db_last_id(c);
	return step_add(c, x, NULL, who, note, content, e);
}

static int
move_check(const struct application *x, const struct application_move *m,
	struct err *e)
{
	for (int i = 0; m->from[i]; i++)
		if (str_equal(m->from[i], x->state))
			return 0;
	return refuse(e, FAULT_CONFLICT, "application_invalid_state",
		"the application is %s, it cannot become %s", x->state, m->to);
}

static int
amend(struct db_conn *c, struct arena *a, struct application *x,
	const char **content, struct err *e)
{
	if (x->kind->check(c, a, x, e))
		return -1;
	*content = content_text(a, x);
	return db_run(c, Q_CENTER_APPLICATION_AMEND, e, db_int(x->id),
		       db_text(x->organization), db_text(x->contact),
		       db_text(x->mail), db_text(*content), db_text(x->subject),
		       db_text(x->provider)) < 0
		       ? -1
		       : 0;
}

int
application_move(struct center *ct, struct db_conn *c, struct arena *a,
	struct application *x, enum application_do what, const char *who,
	const char *note, struct err *e)
{
	const struct application_move *m = &application_moves[what];
	const char *from = x->state, *content = NULL;
	int64_t n;

	if (move_check(x, m, e) ||
		(what == APPLICATION_RESUBMIT && amend(c, a, x, &content, e)) ||
		(m->carries_out && x->kind->carry_out &&
			x->kind->carry_out(ct, c, a, x, e)))
		return -1;
	x->state = m->to;
	x->updated_at = clock_now();
	n = db_run(c, Q_CENTER_APPLICATION_MOVE, e, db_int(x->id),
		db_text(x->state), db_text(x->serial), db_int(x->updated_at),
		db_int(x->version));
	if (n == 0)
		refuse(e, FAULT_CONFLICT, "application_changed",
			"the application was changed meanwhile");
	if (n <= 0)
		return -1;
	x->version++;
	return step_add(c, x, from, who, note, content, e);
}
