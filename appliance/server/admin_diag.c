/* SPDX-License-Identifier: MIT */
/* Administration: diagnostics of configuration, time stamps and OCSP. */
#include <string.h>

#include "admin_int.h"
#include "clock.h"
#include "err.h"
#include "mem.h"
#include "ocsp.h"
#include "ocspstore_int.h"
#include "param.h"
#include "text.h"

enum { OCSP_INTERVAL_MS = 1200 * 1000 };

static void
put_error(json_t *j, const struct err *why)
{
	json_t *x, *meta;

	if (!err_set(why))
		return;
	x = json_object();
	meta = json_array();
	json_array_append_new(meta, json_text_new(why->text));
	json_put_str(x, "code", fault_code(why->fault));
	json_put_new(x, "metadata", meta);
	json_put_new(j, "error", x);
}

static const char *
class_of(bool tried, const struct err *why)
{
	return !tried ? "WAITING" : err_set(why) ? "FAIL" : "OK";
}

int
admin_globalconf_state(
	struct request *r, struct server *s, json_t **out, struct err *e)
{
	struct confclient_status st;
	json_t *j = *out = json_object();

	(void)r;
	(void)e;
	confclient_status(s->confclient, &st);
	/* the one we have may end while the source is silent, or the clock
	   is moved */
	if (!err_set(&st.error) && st.expires && st.expires <= clock_now())
		fail(&st.error, FAULT_GLOBAL_CONF_OUTDATED,
			"the global configuration has expired");
	json_put_str(j, "status_class", class_of(st.last_try, &st.error));
	json_put_time(j, "prev_update_at", st.last_success);
	json_put_time(j, "next_update_at",
		(st.last_try ? st.last_try : clock_now()) +
			conf_int(s->conf, P_GC_UPDATE_INTERVAL) * 1000);
	if (*st.url)
		json_put_str(j, "last_successful_url", st.url);
	put_error(j, &st.error);
	return 0;
}

int
admin_diag_globalconf(struct request *r, void *state, struct err *e)
{
	return admin_reply_read(r, state, admin_globalconf_state, e);
}

int
admin_tsas_state(
	struct request *r, struct server *s, json_t **out, struct err *e)
{
	const struct model *m;
	json_t *list;

	if (serverconf_model(s->sc, request_arena(r), &m, e))
		return -1;
	list = json_array();
	for (size_t i = 0; i < m->tsas; i++) {
		struct tsa_state st = { 0 };
		json_t *j = json_object();

		if (s->log)
			messagelog_tsa(s->log, m->tsa[i].url, &st);
		json_put_str(j, "url", m->tsa[i].url);
		json_put_str(j, "cost_type", m->tsa[i].cost);
		json_put_str(
			j, "status_class", class_of(st.last_try, &st.error));
		json_put_time(j, "prev_update_at", st.last_try);
		put_error(j, &st.error);
		json_array_append_new(list, j);
	}
	*out = list;
	return 0;
}

int
admin_diag_tsas(struct request *r, void *state, struct err *e)
{
	return admin_reply_read(r, state, admin_tsas_state, e);
}

/* ---- OCSP ---- */

/* What we hold for certificates of this CA: the newest answer, and why one of
   them does not prove its certificate good now. */
struct ca_state {
	size_t certs;
	int64_t newest;
	struct err why;
};

static void
ca_look_one(struct request *r, struct server *s, const struct globalconf *g,
	const struct k_cert *c, struct ca_state *out)
{
	struct ocsp_answer answer;
	struct cert_proof p;
	struct bytes der;
	int64_t produced;

	out->certs++;
	if (!err_set(&out->why) && !cert_proof_make(request_arena(r), s->ocsp,
					   g, c->cert, &p, &out->why))
		(void)cert_proof_check(g, &p, &out->why);
	if (!ocspstore_of(s->ocsp, request_arena(r), c->cert, &der, NULL) &&
		!ocsp_peek(der, &answer, &produced, NULL) &&
		answer.this_update > out->newest)
		out->newest = answer.this_update;
}

static void
ca_look(struct request *r, struct server *s, const struct globalconf *g,
	const struct key_model *m, const struct cert *ca, struct ca_state *out)
{
	*out = (struct ca_state){ 0 };
	for (size_t i = 0; i < m->certs; i++)
		if (m->cert[i].active &&
			bytes_equal(cert_issuer_der(m->cert[i].cert),
				cert_subject_der(ca)))
			ca_look_one(r, s, g, &m->cert[i], out);
}

/* It is well when its last answer was genuine and what is held is still good:
   an old answer, however good it was, proves nothing. */
static json_t *
responder_json(
	struct server *s, const struct gc_ocsp *o, const struct ca_state *st)
{
	struct ocsp_responder last;
	const struct err *why;
	json_t *j = json_object();
	int64_t when;

	ocspstore_responder(s->ocsp, o->url, &last);
	why = err_set(&last.error) ? &last.error : &st->why;
	when = last.last_try ? last.last_try : st->newest;
	json_put_str(j, "url", o->url);
	json_put_str(j, "cost_type", o->cost ? o->cost : "UNDEFINED");
	json_put_str(
		j, "status_class", class_of(last.last_try || st->certs, why));
	json_put_time(j, "prev_update_at", when);
	json_put_time(j, "next_update_at",
		(when ? when : clock_now()) + OCSP_INTERVAL_MS);
	put_error(j, why);
	return j;
}

static json_t *
ca_json(struct request *r, struct server *s, const struct globalconf *g,
	const struct key_model *m, const struct gc_ca *ca)
{
	json_t *j = json_object(), *list = json_array();
	struct ca_state st;

	ca_look(r, s, g, m, ca->cert, &st);
	json_put_str(j, "distinguished_name",
		cert_subject_text(ca->cert, request_arena(r)));
	for (size_t i = 0; i < ca->ocsps; i++)
		json_array_append_new(
			list, responder_json(s, &ca->ocsp[i], &st));
	json_put_new(j, "ocsp_responders", list);
	return j;
}

int
admin_ocsp_state(
	struct request *r, struct server *s, json_t **out, struct err *e)
{
	const struct globalconf *g = admin_globalconf(r, s);
	const struct shared_params *p = g ? globalconf_shared(g, NULL) : NULL;
	const struct key_model *m;
	json_t *list;

	if (keyconf_model(s->keys, request_arena(r), &m, e))
		return -1;
	list = json_array();
	for (size_t i = 0; p && i < p->cas; i++) {
		json_array_append_new(list, ca_json(r, s, g, m, &p->ca[i].top));
		for (size_t k = 0; k < p->ca[i].intermediates; k++)
			json_array_append_new(list,
				ca_json(r, s, g, m, &p->ca[i].intermediate[k]));
	}
	*out = list;
	return 0;
}

int
admin_diag_ocsp(struct request *r, void *state, struct err *e)
{
	return admin_reply_read(r, state, admin_ocsp_state, e);
}
