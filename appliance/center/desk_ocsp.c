/* SPDX-License-Identifier: MIT */
/*
 * Administration: OCSP responders of certification services and intermediate
 * CAs, and approved time-stamping services: a URL, a certificate, a price.
 */
#include "desk_int.h"

#include "center_sql.h"
#include "clock.h"
#include "http_server.h"
#include "mem.h"
#include "param.h"
#include "text.h"

#define NO_OCSP "ocsp_responder_not_found"
#define NO_TSA  "timestamping_authority_not_found"

/* What both have; fields that the form lacks keep their value. */
struct service {
	const char *url, *cost;
	struct cert *cert;
};

static int
service_form(struct request *r, struct service *s, struct err *e)
{
	struct cert *cert;
	struct form f;

	if (desk_form(r, &f, e) ||
		form_text(&f, "url", ADMIN_TEXT_MAX, &s->url, e) ||
		form_text(&f, "cost_type", ADMIN_TEXT_MAX, &s->cost, e) ||
		form_cert(&f, "certificate", &cert, e))
		return -1;
	if (cert)
		s->cert = cert;
	return s->cost ? desk_cost_check(s->cost, e) : 0;
}

static int
service_lacks(const char *what, struct err *e)
{
	return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
		"%s is missing", what);
}

static int
service_new(struct request *r, struct service *s, struct err *e)
{
	if (service_form(r, s, e) || desk_url_check(s->url, e))
		return -1;
	return s->cost ? 0 : service_lacks("cost_type", e);
}

/* Of what is there already, at least one part anew. */
static int
service_change(struct request *r, struct service *s, struct err *e)
{
	struct service new = { NULL, NULL, NULL };

	if (service_form(r, &new, e) || (new.url &&desk_url_check(new.url, e)))
		return -1;
	if (!new.url && !new.cost && !new.cert)
		return service_lacks("url, cost_type or certificate", e);
	if (new.url)
		s->url = new.url;
	if (new.cost)
		s->cost = new.cost;
	if (new.cert)
		s->cert = new.cert;
	return 0;
}

/* Where our own is reached follows the center's address. */
static const char *
own_url(struct center *ct, struct arena *a, const char *path)
{
	struct db_conn *c = db_take(ct->db);
	struct instance in = { 0 };

	(void)instance_load(c, a, &in, NULL);
	db_give(c);
	return in.address ? center_url(a, ct, in.address, path) : "";
}

/* ---- OCSP responders ---- */

static json_t *
ocsp_json(struct center *ct, struct arena *a, const struct approved_ocsp *x)
{
	json_t *j = json_object();

	json_put_int(j, "id", x->id);
	json_put_str(j, "url", x->url ? x->url : own_url(ct, a, "/ocsp"));
	json_put_str(j, "cost_type", x->cost);
	json_put_bool(j, "has_certificate", x->cert != NULL);
	return j;
}

static const struct approved_ocsp *
ocsp_find(const struct approved *all, int64_t id, struct err *e)
{
	for (size_t i = 0; i < all->ocsps; i++)
		if (all->ocsp[i].id == id)
			return &all->ocsp[i];
	refuse(e, FAULT_NOT_FOUND, NO_OCSP, "there is no OCSP responder %lld",
		(long long)id);
	return NULL;
}

static const struct approved_ocsp *
ocsp_of_path(struct request *r, struct center *ct, struct approved *all,
	struct err *e)
{
	int64_t id;

	if (desk_id(r, "ocsp_id", NO_OCSP, &id, e) ||
		desk_approved(ct, request_arena(r), all, e))
		return NULL;
	return ocsp_find(all, id, e);
}

/* The CA of the path, top or intermediate; the other is 0. */
static int
ca_of_path(struct request *r, struct center *ct, bool top, struct approved *all,
	int64_t *ca, int64_t *intermediate, struct err *e)
{
	const char *code = top ? "certification_service_not_found"
			       : "intermediate_ca_not_found";
	int64_t id;

	if (desk_id(r, "id", code, &id, e) ||
		desk_approved(ct, request_arena(r), all, e))
		return -1;
	*ca = top ? id : 0;
	*intermediate = top ? 0 : id;
	if (top)
		return desk_ca_find(all, id, e) ? 0 : -1;
	return desk_intermediate_find(all, id, e) ? 0 : -1;
}

static int
ocsp_list(struct request *r, struct center *ct, bool top, struct err *e)
{
	struct approved all;
	int64_t ca, intermediate;
	json_t *list;

	if (ca_of_path(r, ct, top, &all, &ca, &intermediate, e))
		return -1;
	list = json_array();
	for (size_t i = 0; i < all.ocsps; i++)
		if (all.ocsp[i].ca == ca &&
			all.ocsp[i].intermediate == intermediate)
			json_array_append_new(list,
				ocsp_json(ct, request_arena(r), &all.ocsp[i]));
	return desk_reply(r, 200, list, e);
}

static int
ocsp_post(struct request *r, struct center *ct, bool top, struct err *e)
{
	struct arena *a = request_arena(r);
	struct service s = { 0 };
	struct approved all;
	int64_t ca, intermediate, id;
	struct db_conn *c;
	int ret;

	if (ca_of_path(r, ct, top, &all, &ca, &intermediate, e) ||
		service_new(r, &s, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	ret = db_run(c, Q_CENTER_APPROVED_OCSP_ADD, e, db_row(ca),
		      db_row(intermediate), db_text(s.url),
		      desk_cert_arg(s.cert), db_text(s.cost),
		      db_int(clock_now())) < 0
		      ? -1
		      : 0;
	id = db_last_id(c);
	if (work_done(ct, c, ret, e) || desk_approved(ct, a, &all, e))
		return -1;
	return desk_reply(
		r, 201, ocsp_json(ct, a, ocsp_find(&all, id, NULL)), e);
}

DESK_HANDLER(desk_ca_ocsps)
{
	return ocsp_list(r, state, true, e);
}

DESK_HANDLER(desk_ca_ocsp_post)
{
	return ocsp_post(r, state, true, e);
}

DESK_HANDLER(desk_intermediate_ocsps)
{
	return ocsp_list(r, state, false, e);
}

DESK_HANDLER(desk_intermediate_ocsp_post)
{
	return ocsp_post(r, state, false, e);
}

DESK_HANDLER(desk_ocsp_get)
{
	struct approved all;
	const struct approved_ocsp *x = ocsp_of_path(r, state, &all, e);

	return x ? desk_reply(r, 200, ocsp_json(state, request_arena(r), x), e)
		 : -1;
}

DESK_HANDLER(desk_ocsp_cert)
{
	struct approved all;
	const struct approved_ocsp *x = ocsp_of_path(r, state, &all, e);

	if (!x)
		return -1;
	if (!x->cert)
		return refuse(e, FAULT_NOT_FOUND, NO_OCSP,
			"this responder has no certificate of its own");
	return desk_reply(r, 200, cert_json(request_arena(r), x->cert), e);
}

DESK_HANDLER(desk_ocsp_patch)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct approved all;
	const struct approved_ocsp *x = ocsp_of_path(r, ct, &all, e);
	struct service s;
	struct db_conn *c;
	int ret;

	if (!x)
		return -1;
	s = (struct service){ x->url, x->cost, x->cert };
	if (service_change(r, &s, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	ret = db_run(c, Q_CENTER_APPROVED_OCSP_SET, e, db_int(x->id),
		      db_text(s.url), desk_cert_arg(s.cert),
		      db_text(s.cost)) < 0
		      ? -1
		      : 0;
	if (work_done(ct, c, ret, e) || desk_approved(ct, a, &all, e))
		return -1;
	return desk_reply(
		r, 200, ocsp_json(ct, a, ocsp_find(&all, x->id, NULL)), e);
}

DESK_HANDLER(desk_ocsp_delete)
{
	int64_t id;

	if (desk_id(r, "ocsp_id", NO_OCSP, &id, e) ||
		desk_run(state, Q_CENTER_APPROVED_OCSP_DELETE, NO_OCSP, e,
			db_int(id), (struct db_arg){ 0 }))
		return -1;
	return desk_no_content(r, e);
}

/* ---- time-stamping services ---- */

static json_t *
tsa_json(struct center *ct, struct arena *a, const struct approved_tsa *x)
{
	json_t *j = json_object();

	json_put_int(j, "id", x->id);
	json_put_str(j, "name", x->name);
	json_put_str(j, "url", x->url ? x->url : own_url(ct, a, "/tsa"));
	json_put_str(j, "cost_type", x->cost);
	json_put_int(j, "timestamping_interval",
		conf_int(ct->conf, P_CENTER_TS_INTERVAL));
	json_put_new(j, "certificate", cert_json(a, x->cert));
	return j;
}

static const struct approved_tsa *
tsa_find(const struct approved *all, int64_t id, struct err *e)
{
	for (size_t i = 0; i < all->tsas; i++)
		if (all->tsa[i].id == id)
			return &all->tsa[i];
	refuse(e, FAULT_NOT_FOUND, NO_TSA,
		"there is no time-stamping service %lld", (long long)id);
	return NULL;
}

static const struct approved_tsa *
tsa_of_path(struct request *r, struct center *ct, struct approved *all,
	struct err *e)
{
	int64_t id;

	if (desk_id(r, "id", NO_TSA, &id, e) ||
		desk_approved(ct, request_arena(r), all, e))
		return NULL;
	return tsa_find(all, id, e);
}

DESK_HANDLER(desk_tsas)
{
	struct approved all;
	json_t *list;

	if (desk_approved(state, request_arena(r), &all, e))
		return -1;
	list = json_array();
	for (size_t i = 0; i < all.tsas; i++)
		json_array_append_new(
			list, tsa_json(state, request_arena(r), &all.tsa[i]));
	return desk_reply(r, 200, list, e);
}

DESK_HANDLER(desk_tsa_get)
{
	struct approved all;
	const struct approved_tsa *x = tsa_of_path(r, state, &all, e);

	return x ? desk_reply(r, 200, tsa_json(state, request_arena(r), x), e)
		 : -1;
}

DESK_HANDLER(desk_tsa_post)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct service s = { 0 };
	struct approved all;
	struct db_conn *c;
	int64_t id;
	int ret;

	if (service_new(r, &s, e))
		return -1;
	if (!s.cert)
		return service_lacks("the file \"certificate\"", e);
	c = work_begin(ct, e);
	if (!c)
		return -1;
	ret = db_run(c, Q_CENTER_APPROVED_TSA_ADD, e, db_null(),
		      db_text(desk_cert_name(a, s.cert)), db_text(s.url),
		      desk_cert_arg(s.cert), db_text(s.cost),
		      db_int(clock_now())) < 0
		      ? -1
		      : 0;
	id = db_last_id(c);
	if (work_done(ct, c, ret, e) || desk_approved(ct, a, &all, e))
		return -1;
	return desk_reply(r, 201, tsa_json(ct, a, tsa_find(&all, id, NULL)), e);
}

DESK_HANDLER(desk_tsa_patch)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct approved all;
	const struct approved_tsa *x = tsa_of_path(r, ct, &all, e);
	struct service s;
	struct db_conn *c;
	int ret;

	if (!x)
		return -1;
	s = (struct service){ x->url, x->cost, x->cert };
	if (service_change(r, &s, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	ret = db_run(c, Q_CENTER_APPROVED_TSA_SET, e, db_int(x->id),
		      db_text(s.cert == x->cert ? x->name
						: desk_cert_name(a, s.cert)),
		      db_text(s.url), desk_cert_arg(s.cert),
		      db_text(s.cost)) < 0
		      ? -1
		      : 0;
	if (work_done(ct, c, ret, e) || desk_approved(ct, a, &all, e))
		return -1;
	return desk_reply(
		r, 200, tsa_json(ct, a, tsa_find(&all, x->id, NULL)), e);
}

DESK_HANDLER(desk_tsa_delete)
{
	int64_t id;

	if (desk_id(r, "id", NO_TSA, &id, e) ||
		desk_run(state, Q_CENTER_APPROVED_TSA_DELETE, NO_TSA, e,
			db_int(id), (struct db_arg){ 0 }))
		return -1;
	return desk_no_content(r, e);
}
