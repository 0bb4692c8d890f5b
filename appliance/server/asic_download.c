/* SPDX-License-Identifier: MIT */
/*
 * The doors to the evidence: GET /asic and GET /verificationconf for
 * information systems, and the administration page's list of exchanges. Rule:
 * interop/xroad-messages.md 4.5.
 */
#include "messagelog_int.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "json_io.h"
#include "mem.h"
#include "proxy_int.h"
#include "text.h"
#include "verdict.h"

enum { LIST_MAX = 1024 * 1024, SMALL_MAX = 64 * 1024 };

struct asic_query {
	const char *query_id;
	struct client_id local;
	bool request_only, response_only, unique, force;
};

static int
read_query(struct request *r, struct asic_query *q, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *text = request_query(r);

	if (!text)
		text = "";
	q->query_id = query_get(a, text, "queryId");
	q->local.instance = query_get(a, text, "xRoadInstance");
	q->local.cls = query_get(a, text, "memberClass");
	q->local.code = query_get(a, text, "memberCode");
	q->local.subsystem = query_get(a, text, "subsystemCode");
	q->request_only = query_get(a, text, "requestOnly") != NULL;
	q->response_only = query_get(a, text, "responseOnly") != NULL;
	q->unique = query_get(a, text, "unique") != NULL;
	q->force = query_get(a, text, "force") != NULL;
	if (!q->query_id || !q->local.instance || !q->local.cls ||
		!q->local.code)
		return fail(e, FAULT_BAD_REQUEST,
			"queryId, xRoadInstance, memberClass and memberCode "
			"are required");
	if (q->request_only && q->response_only)
		return fail(e, FAULT_BAD_REQUEST,
			"requestOnly and responseOnly exclude each other");
	if (q->unique && !q->request_only && !q->response_only)
		return fail(e, FAULT_BAD_REQUEST,
			"unique needs requestOnly or responseOnly");
	return 0;
}

/* Drops what was not asked for; stamps on demand. */
static int
select_records(struct server *s, const struct asic_query *q,
	struct evidence_row *v, size_t *n, struct err *e)
{
	size_t kept = 0;

	if (*n > EVIDENCE_MAX && !q->unique)
		return fail(e, FAULT_TOO_LARGE,
			"more than %d records have this message id",
			EVIDENCE_MAX);
	for (size_t i = 0; i < *n && !(q->unique && kept); i++) {
		if ((q->request_only && v[i].response) ||
			(q->response_only && !v[i].response))
			continue;
		if (!v[i].stamped && !q->force)
			return fail(e, FAULT_TIMESTAMPING_FAILED,
				"Message signature has not been timestamped "
				"yet!");
		if (!v[i].stamped && stamp_one(s->log, v[i].id, e))
			return -1;
		v[kept++] = v[i];
	}
	*n = kept;
	if (!kept)
		return fail(e, FAULT_NOT_FOUND, "No signed documents found");
	return 0;
}

static char *
disposition(struct arena *a, const char *name)
{
	return arena_printf(a, "attachment; filename=\"%s\"", name);
}

static int
send_file(struct request *r, const char *type, const char *name,
	struct bytes body, struct err *e)
{
	struct http_header h[] = {
		{ "Content-Type", type },
		{ "Content-Disposition", disposition(request_arena(r), name) },
	};

	return reply_send_headers(r, 200, h, 2, body, e);
}

static int
send_one(struct request *r, const struct evidence *v, struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, ASIC_SIZE_MAX);
	ret = asic_write(&v->asic, &b, e);
	if (!ret)
		ret = send_file(r, "application/vnd.etsi.asic-e+zip",
			asic_name(request_arena(r), v->query_id, v->response,
				v->id),
			bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}

/* One record as a container; what it was read into is given back at once. */
static int
pack_record(struct server *s, int64_t id, struct buf *out, struct err *e)
{
	struct arena *a = arena_new();
	struct evidence v;
	int ret = -1;

	if (!evidence_get(s->log, a, id, &v, e) && !asic_write(&v.asic, out, e))
		ret = buf_ok(out, "the container", e);
	arena_free(&a);
	return ret;
}

static int
pack_all(struct request *r, struct server *s, const struct evidence_row *v,
	size_t n, struct buf *item, struct buf *out, struct err *e)
{
	struct arena *a = request_arena(r);
	struct zip_entry *entry = arena_array(a, n, sizeof(*entry));
	size_t total = 0;

	for (size_t i = 0; i < n; i++) {
		if (pack_record(s, v[i].id, &item[i], e))
			return -1;
		total += item[i].len;
		if (total > ASIC_SIZE_MAX)
			return fail(e, FAULT_TOO_LARGE,
				"the containers are larger than %d bytes "
				"together",
				ASIC_SIZE_MAX);
		entry[i].name =
			asic_name(a, v[i].query_id, v[i].response, v[i].id);
		entry[i].data = bytes_buf(&item[i]);
	}
	return zip_write(entry, n, 0, NULL, clock_now(), out, e);
}

static int
send_all(struct request *r, struct server *s, const struct asic_query *q,
	const struct evidence_row *v, size_t n, struct err *e)
{
	struct arena *a = request_arena(r);
	struct buf *item = arena_array(a, n, sizeof(*item)), out;
	const char *suffix = q->request_only    ? "-request"
			     : q->response_only ? "-response"
						: "";
	int ret;

	buf_init(&out, ASIC_SIZE_MAX);
	for (size_t i = 0; i < n; i++)
		buf_init(&item[i], ASIC_SIZE_MAX);
	ret = pack_all(r, s, v, n, item, &out, e);
	if (!ret)
		ret = send_file(r, "application/zip",
			arena_printf(a, "%s%s.zip", form_encode(a, q->query_id),
				suffix),
			bytes_buf(&out), e);
	for (size_t i = 0; i < n; i++)
		buf_done(&item[i]);
	buf_done(&out);
	return ret;
}

/* 4.5: the rule of the client named in the query; refusal is 401. */
static int
authenticate(struct request *r, struct server *s, const struct asic_query *q,
	struct err *e)
{
	struct local_client client;
	struct err cause = ERR_INIT;

	if (serverconf_client(
		    s->sc, request_arena(r), &q->local, &client, &cause) ||
		is_authenticate(r, s, &client, &cause))
		return fail(e, FAULT_UNAUTHORIZED, "%s", cause.text);
	return 0;
}

static int
asic_answer(struct request *r, struct server *s, struct err *e)
{
	struct arena *a = request_arena(r);
	struct asic_query q;
	struct evidence_row *v;
	struct evidence one;
	size_t n;

	if (read_query(r, &q, e) || authenticate(r, s, &q, e) ||
		evidence_find(s->log, a, q.query_id, &q.local, &v, &n, e) ||
		select_records(s, &q, v, &n, e))
		return -1;
	if (!q.unique)
		return send_all(r, s, &q, v, n, e);
	if (evidence_get(s->log, a, v[0].id, &one, e))
		return -1;
	return send_one(r, &one, e);
}

/* Errors are plain text here. */
static int
plain_error(struct request *r, const struct err *fault, struct err *e)
{
	int status = fault_http(fault->fault);

	return reply_send(r, status == 413 ? 500 : status,
		"text/plain; charset=utf-8", bytes_str(fault->text), e);
}

int
asic_download(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct err fault = ERR_INIT;

	if (asic_answer(r, s, &fault) && !reply_begun(r))
		return plain_error(r, &fault, e);
	return 0;
}

/* ---- verificationconf ---- */

struct conf_pack {
	struct arena *a;
	const char *dir;
	struct zip_entry entry[64];
	size_t n;
	struct err *e;
};

static int
pack_file(struct conf_pack *p, const char *path, const char *name)
{
	struct zip_entry *z = &p->entry[p->n];

	if (p->n == sizeof(p->entry) / sizeof(*p->entry))
		return fail(p->e, FAULT_TOO_LARGE, "too many instances");
	if (file_read(p->a, path, GC_PART_MAX, &z->data, p->e))
		return -1;
	z->name = arena_printf(p->a, "verificationconf/%s", name);
	p->n++;
	return 0;
}

/* Metadata is reduced to the version (4.5). */
static int
pack_metadata(struct conf_pack *p, const char *path, const char *name)
{
	struct bytes text;
	json_t *j;
	const char *version;
	struct zip_entry *z = &p->entry[p->n];

	if (file_read(p->a, path, SMALL_MAX, &text, p->e) ||
		json_parse(p->a, text, NULL, &j, p->e))
		return -1;
	version = json_str(j, "configurationVersion");
	z->data = bytes_str(
		arena_printf(p->a, "{\"configurationVersion\":\"%s\"}",
			version ? version
				: arena_printf(p->a, "%d",
					  (int)json_int(j,
						  "configurationVersion", 2))));
	z->name = arena_printf(p->a, "verificationconf/%s", name);
	p->n++;
	return 0;
}

static int
pack_instance(void *ctx, const char *name)
{
	struct conf_pack *p = ctx;
	char *path = path_join(
		p->a, path_join(p->a, p->dir, name), "shared-params.xml");

	if (!file_exists(path))
		return 0;
	if (pack_file(
		    p, path, arena_printf(p->a, "%s/shared-params.xml", name)))
		return -1;
	return pack_metadata(p, arena_printf(p->a, "%s.metadata", path),
		arena_printf(p->a, "%s/shared-params.xml.metadata", name));
}

static int
conf_answer(struct request *r, struct server *s, struct err *e)
{
	struct arena *a = request_arena(r);
	struct conf_pack *p = arena_new_of(a, struct conf_pack);
	struct http_header h[] = {
		{ "Content-Type", "application/zip" },
		{ "Content-Disposition", "filename=\"verificationconf.zip\"" },
	};
	struct buf out;
	int ret = -1;

	p->a = a;
	p->dir = confclient_dir(s->confclient);
	p->e = e;
	buf_init(&out, ASIC_SIZE_MAX);
	if (dir_each(p->dir, pack_instance, p, e) || err_set(e) ||
		pack_file(p, path_join(a, p->dir, "instance-identifier"),
			"instance-identifier") ||
		zip_write(p->entry, p->n, 6, NULL, clock_now(), &out, e))
		goto out;
	ret = reply_send_headers(r, 200, h, 2, bytes_buf(&out), e);
out:
	buf_done(&out);
	return ret;
}

int
verificationconf_download(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct err fault = ERR_INIT;

	if (conf_answer(r, s, &fault) && !reply_begun(r))
		return plain_error(r, &fault, e);
	return 0;
}

/* ---- the administration page ---- */

static json_t *
exchange_row(const struct log_hit *h)
{
	json_t *o = json_object();

	json_put_int(o, "id", h->id);
	json_put_int(o, "time", h->time);
	json_put_str(o, "query_id", h->message_id);
	json_put_bool(o, "response", h->response);
	json_put_bool(o, "rest", h->rest);
	json_put_bool(o, "as_client", h->as_client);
	json_put_str(o, "client", h->client);
	json_put_str(o, "service", h->service);
	json_put_bool(o, "stamped", h->stamped);
	json_put_bool(o, "archived", h->archived);
	return o;
}

static int
send_json(struct request *r, json_t *o, struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, LIST_MAX);
	json_write(&b, o, JSON_PLAIN);
	json_decref(o);
	ret = buf_ok(&b, "the answer", e);
	if (!ret)
		ret = reply_send(r, 200, "application/json", bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}

/* Conditions are query parameters, as those of `machilink log search`. */
int
admin_exchanges(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	struct server *s = state;
	struct log_query q = { 0 };
	struct log_page page;
	json_t *o, *list;

	for (const char *const *name = log_query_names; *name; name++) {
		const char *text = request_query(r);

		text = text ? query_get(a, text, *name) : NULL;
		if (text && log_query_set(a, &q, *name, text, e))
			return -1;
	}
	if (log_search(s->log, a, &q, &page, e))
		return -1;
	o = json_object();
	list = json_array();
	json_put_new(o, "exchanges", list);
	for (size_t i = 0; i < page.n; i++)
		json_array_append_new(list, exchange_row(&page.hit[i]));
	if (page.next)
		json_put_int(o, "next", page.next);
	return send_json(r, o, e);
}

static int
record_of(
	struct request *r, struct server *s, struct evidence *v, struct err *e)
{
	int64_t id;

	if (int_parse(request_segment(r, "id"), 1, INT64_MAX, &id, e))
		return -1;
	return evidence_get(s->log, request_arena(r), id, v, e);
}

int
admin_exchange_container(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct evidence v;

	if (record_of(r, s, &v, e))
		return -1;
	if (!v.stamped &&
		(stamp_one(s->log, v.id, e) ||
			evidence_get(s->log, request_arena(r), v.id, &v, e)))
		return -1;
	return send_one(r, &v, e);
}

static json_t *
verdict_json(const struct asic_report *report, const struct err *fault)
{
	json_t *o = json_object();

	json_put_str(o, "verdict", err_set(fault) ? "invalid" : "valid");
	if (err_set(fault)) {
		json_put_str(o, "code", fault->code);
		json_put_str(o, "reason", fault->text);
		json_put_str(o, "reason_ja", verdict_ja(fault->fault));
	}
	json_put_str(o, "content", report->kind);
	json_put_str(o, "sender", report->sender_text);
	json_put_str(o, "signing_certificate", report->signer_subject);
	if (report->stamped_at)
		json_put_int(o, "time_stamp", report->stamped_at);
	return o;
}

/* Verifies the container as it would be handed out, through its bytes. */
int
admin_exchange_verify(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	struct asic_report report = { .kind = NULL };
	struct err fault = ERR_INIT;
	struct globalconf *g = NULL;
	struct evidence v;
	struct asic again;
	struct buf b;
	int ret = -1;

	buf_init(&b, ASIC_SIZE_MAX);
	if (record_of(r, s, &v, e) || confclient_get(s->confclient, &g, e) ||
		asic_write(&v.asic, &b, e))
		goto out;
	if (!asic_read(a, bytes_buf(&b), &again, &fault))
		(void)asic_verify(a, &again, g, &report, &fault);
	ret = send_json(r, verdict_json(&report, &fault), e);
out:
	globalconf_unref(&g);
	buf_done(&b);
	return ret;
}
