/* SPDX-License-Identifier: MIT */
/*
 * What the global configuration approves: certification services with their
 * intermediate CAs and OCSP responders, time-stamping services; our own and
 * those of others alike. Rules: interop/xroad-center-admin.md 1.5, 6.1.
 */
#include "center_int.h"

#include "center_sql.h"
#include "clock.h"
#include "mem.h"

enum { LIST_MAX = 256 };

static int
cert_column(struct arena *a, struct query *q, int col, struct cert **out,
	struct err *e)
{
	*out = NULL;
	return query_null(q, col)
		       ? 0
		       : cert_in_arena(a, query_blob(q, col), out, e);
}

static int
read_cas(
	struct db_conn *c, struct arena *a, struct approved *out, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_APPROVED_CAS);
	int bad = 0;

	out->ca = arena_array(a, LIST_MAX, sizeof(*out->ca));
	while (!bad && out->cas < LIST_MAX && query_next(q)) {
		struct approved_ca *x = &out->ca[out->cas++];

		*x = (struct approved_ca){
			.id = query_int(q, 0),
			.name = query_text_dup(a, q, 1),
			.profile = query_text_dup(a, q, 3),
			.tls_auth = query_int(q, 4) != 0,
			.csr_format = query_text_dup(a, q, 5),
			.acme = { query_text_dup(a, q, 6),
				query_text_dup(a, q, 7),
				query_text_dup(a, q, 8),
				query_text_dup(a, q, 9) },
			.own = !query_null(q, 10),
		};
		bad = cert_column(a, q, 2, &x->cert, e);
	}
	return query_end(q, e) || bad ? -1 : 0;
}

static int
read_intermediates(
	struct db_conn *c, struct arena *a, struct approved *out, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_APPROVED_INTERMEDIATES);
	int bad = 0;

	out->intermediate =
		arena_array(a, LIST_MAX, sizeof(*out->intermediate));
	while (!bad && out->intermediates < LIST_MAX && query_next(q)) {
		struct approved_intermediate *x =
			&out->intermediate[out->intermediates++];

		x->id = query_int(q, 0);
		x->ca = query_int(q, 1);
		bad = cert_column(a, q, 2, &x->cert, e);
	}
	return query_end(q, e) || bad ? -1 : 0;
}

static int
read_ocsps(
	struct db_conn *c, struct arena *a, struct approved *out, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_APPROVED_OCSPS);
	int bad = 0;

	out->ocsp = arena_array(a, LIST_MAX, sizeof(*out->ocsp));
	while (!bad && out->ocsps < LIST_MAX && query_next(q)) {
		struct approved_ocsp *x = &out->ocsp[out->ocsps++];

		*x = (struct approved_ocsp){
			.id = query_int(q, 0),
			.ca = query_int(q, 1),
			.intermediate = query_int(q, 2),
			.url = query_text_dup(a, q, 3),
			.cost = query_text_dup(a, q, 5),
		};
		bad = cert_column(a, q, 4, &x->cert, e);
	}
	return query_end(q, e) || bad ? -1 : 0;
}

static int
read_tsas(
	struct db_conn *c, struct arena *a, struct approved *out, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_APPROVED_TSAS);
	int bad = 0;

	out->tsa = arena_array(a, LIST_MAX, sizeof(*out->tsa));
	while (!bad && out->tsas < LIST_MAX && query_next(q)) {
		struct approved_tsa *x = &out->tsa[out->tsas++];

		*x = (struct approved_tsa){
			.id = query_int(q, 0),
			.own = !query_null(q, 1),
			.name = query_text_dup(a, q, 2),
			.url = query_text_dup(a, q, 3),
			.cost = query_text_dup(a, q, 5),
		};
		bad = cert_column(a, q, 4, &x->cert, e);
	}
	return query_end(q, e) || bad ? -1 : 0;
}

int
approved_read(
	struct db_conn *c, struct arena *a, struct approved *out, struct err *e)
{
	*out = (struct approved){ 0 };
	return read_cas(c, a, out, e) || read_intermediates(c, a, out, e) ||
			       read_ocsps(c, a, out, e) ||
			       read_tsas(c, a, out, e)
		       ? -1
		       : 0;
}

/* ---- as parts of the configuration ---- */

struct loading {
	struct center *ct;
	struct arena *a;
	const struct instance *in;
	const struct approved *from;
};

/* Responders of a top CA or of an intermediate one; the other is 0. */
static void
load_ocsps(const struct loading *l, int64_t ca, int64_t intermediate,
	struct gc_ca *to)
{
	struct gc_ocsp *list =
		arena_array(l->a, l->from->ocsps + 1, sizeof(*list));

	for (size_t i = 0; i < l->from->ocsps; i++) {
		const struct approved_ocsp *x = &l->from->ocsp[i];

		if (x->ca != ca || x->intermediate != intermediate)
			continue;
		list[to->ocsps++] = (struct gc_ocsp){
			.url = x->url ? x->url
				      : center_url(l->a, l->ct, l->in->address,
						"/ocsp"),
			.cert = x->cert,
			.cost = x->cost,
		};
	}
	to->ocsp = list;
}

static void
load_ca(const struct loading *l, const struct approved_ca *x,
	struct gc_approved_ca *to)
{
	const struct approved *from = l->from;
	struct gc_ca *list =
		arena_array(l->a, from->intermediates + 1, sizeof(*list));

	*to = (struct gc_approved_ca){
		.name = x->name,
		.auth_only = x->tls_auth,
		.top = { .cert = x->cert },
		.profile = x->profile,
		.csr_format = x->csr_format,
		.acme = x->acme,
	};
	load_ocsps(l, x->id, 0, &to->top);
	for (size_t i = 0; i < from->intermediates; i++) {
		struct gc_ca *below;

		if (from->intermediate[i].ca != x->id)
			continue;
		below = &list[to->intermediates++];
		*below = (struct gc_ca){ .cert = from->intermediate[i].cert };
		load_ocsps(l, 0, from->intermediate[i].id, below);
	}
	to->intermediate = list;
}

int
approved_load(struct center *ct, struct db_conn *c, struct arena *a,
	const struct instance *in, struct shared_params *out, struct err *e)
{
	struct approved all;
	const struct loading l = { ct, a, in, &all };
	struct gc_approved_ca *ca;
	struct gc_tsa *tsa;

	if (approved_read(c, a, &all, e))
		return -1;
	ca = arena_array(a, all.cas + 1, sizeof(*ca));
	for (size_t i = 0; i < all.cas; i++)
		load_ca(&l, &all.ca[i], &ca[i]);
	tsa = arena_array(a, all.tsas + 1, sizeof(*tsa));
	for (size_t i = 0; i < all.tsas; i++)
		tsa[i] = (struct gc_tsa){
			.name = all.tsa[i].name,
			.url = all.tsa[i].url
				       ? all.tsa[i].url
				       : center_url(a, ct, in->address, "/tsa"),
			.cert = all.tsa[i].cert,
			.cost = all.tsa[i].cost,
		};
	out->ca = ca;
	out->cas = all.cas;
	out->tsa = tsa;
	out->tsas = all.tsas;
	return 0;
}

/* ---- our own ---- */

static struct db_arg
cert_arg(const struct cert *c)
{
	struct bytes der = cert_der(c);

	return db_blob(der.data, der.len);
}

int
approved_own(struct db_conn *c, int64_t authority, int64_t tsa, struct err *e)
{
	struct arena *a = arena_new();
	struct authority ca;
	struct tsa stamp;
	int64_t now = clock_now();
	int ret = -1;

	if (authority_load(c, a, &ca, e) || tsa_load(c, a, &stamp, e))
		goto out;
	if (db_run(c, Q_CENTER_APPROVED_CA_ADD, e, db_int(authority),
		    db_text(ca.name), cert_arg(ca.cert), db_text(ca.profile),
		    db_int(0), db_text("PEM"), db_null(), db_null(), db_null(),
		    db_null(), db_int(now)) < 0 ||
		db_run(c, Q_CENTER_APPROVED_OCSP_ADD, e, db_int(db_last_id(c)),
			db_null(), db_null(), cert_arg(ca.ocsp_cert),
			db_text("FREE"), db_int(now)) < 0 ||
		db_run(c, Q_CENTER_APPROVED_TSA_ADD, e, db_int(tsa),
			db_text(stamp.name), db_null(), cert_arg(stamp.cert),
			db_text("FREE"), db_int(now)) < 0)
		goto out;
	ret = 0;
out:
	arena_free(&a);
	return ret;
}
