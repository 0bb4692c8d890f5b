/* SPDX-License-Identifier: MIT */
/* Watching over the end of certificates; see expirywatch_int.h. */
#include "expirywatch_int.h"

#include "admin_int.h"
#include "clock.h"
#include "db.h"
#include "err.h"
#include "key.h"
#include "mailbox.h"
#include "mem.h"
#include "notify_int.h"
#include "param.h"
#include "server_sql.h"

struct watch {
	struct server *s;
	struct arena *a;
	const char *owner;
	int (*fn)(void *ctx, const struct watched *w, struct err *e);
	void *ctx;
};

static int
show(struct watch *w, enum expiry_kind kind, const char *who,
	const struct cert *c, struct err *e)
{
	const struct watched x = { kind, who ? who : w->owner, c };

	return c ? w->fn(w->ctx, &x, e) : 0;
}

/* ---- own certificates ---- */

/* One that is not active, or whose successor is, ends without harm. */
static bool
matters(const struct key_model *m, const struct k_cert *c)
{
	const struct k_cert *next =
		c->renewed_by ? key_model_cert(m, c->renewed_by) : NULL;

	return c->active && !(next && next->active);
}

static int
show_own(struct watch *w, struct err *e)
{
	const struct key_model *m;
	struct key *key = NULL;
	struct cert *cert = NULL;
	int ret = keyconf_model(w->s->keys, w->a, &m, e);

	for (size_t i = 0; !ret && i < m->certs; i++) {
		const struct k_cert *c = &m->cert[i];
		if (!matters(m, c))
			continue;
		ret = show(w,
			c->key->usage == USAGE_SIGNING ? EXPIRY_SIGN
						       : EXPIRY_AUTH,
			c->has_member ? admin_client_id(w->a, &c->member)
				      : NULL,
			c->cert, e);
	}
	if (ret || internal_tls(w->s->conf, &key, &cert, e))
		return -1;
	ret = show(w, EXPIRY_INTERNAL, NULL, cert, e);
	key_unref(&key);
	cert_unref(&cert);
	return ret;
}

/* ---- the network's ---- */

static int
show_ca(struct watch *w, const struct gc_ca *ca, struct err *e)
{
	int ret = show(w, EXPIRY_CA, NULL, ca->cert, e);

	for (size_t i = 0; !ret && i < ca->ocsps; i++)
		ret = show(w, EXPIRY_OCSP, NULL, ca->ocsp[i].cert, e);
	return ret;
}

/* Certificates of configuration keys may be of any make: what cannot be read
   has no date to watch. */
static int
show_sources(struct watch *w, const struct shared_params *p, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < p->sources; i++)
		for (size_t k = 0; !ret && k < p->source[i].internal_certs;
			k++) {
			struct cert *c = NULL;
			if (cert_parse(&c, p->source[i].internal_cert[k], NULL))
				continue;
			ret = show(w, EXPIRY_SOURCE, NULL, c, e);
			cert_unref(&c);
		}
	return ret;
}

static int
show_network(struct watch *w, struct err *e)
{
	const struct shared_params *p;
	struct globalconf *g = NULL;
	int ret = 0;

	if (confclient_get(w->s->confclient, &g, NULL))
		return 0;
	p = globalconf_shared(g, NULL);
	for (size_t i = 0; !ret && p && i < p->cas; i++) {
		const struct gc_approved_ca *ca = &p->ca[i];
		ret = show_ca(w, &ca->top, e);
		for (size_t k = 0; !ret && k < ca->intermediates; k++)
			ret = show_ca(w, &ca->intermediate[k], e);
	}
	for (size_t i = 0; !ret && p && i < p->tsas; i++)
		ret = show(w, EXPIRY_TSA, NULL, p->tsa[i].cert, e);
	if (!ret && p)
		ret = show_sources(w, p, e);
	globalconf_unref(&g);
	return ret;
}

int
expirywatch_each(struct server *s, struct arena *a,
	int (*fn)(void *ctx, const struct watched *w, struct err *e), void *ctx,
	struct err *e)
{
	struct watch w = { s, a, "", fn, ctx };
	struct server_id self;

	if (!serverconf_self(s->sc, a, &self, NULL))
		w.owner = admin_client_id(a, &self.owner);
	return show_own(&w, e) || show_network(&w, e) ? -1 : 0;
}

/* ---- telling ---- */

struct telling {
	struct server *s;
	struct arena *a;
};

static int
told(void *ctx, const char *sha256, int *threshold, struct err *e)
{
	struct telling *t = ctx;
	struct db_conn *c = db_take(t->s->db);
	struct query *q = db_query(c, Q_SERVER_EXPIRY_TOLD, db_text(sha256));
	int ret;

	*threshold = query_next(q) ? (int)query_int(q, 0) : INT32_MAX;
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

static int
remember(void *ctx, const char *sha256, int threshold, struct err *e)
{
	struct telling *t = ctx;

	return admin_run(t->s, Q_SERVER_EXPIRY_TELL, e, db_text(sha256),
		       db_int(threshold), db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

static void
mail(void *ctx, const char *who, enum wording id,
	const char *const arg[WORDING_ARGS])
{
	struct telling *t = ctx;

	notify(t->s, P_MAIL_EXPIRY, who, id, arg);
}

static int
tell(void *ctx, const struct watched *w, struct err *e)
{
	struct telling *t = ctx;
	const struct expiry_book book = { t, mailbox_japanese(t->s->conf), told,
		remember, mail };

	return expiry_tell(&book, t->a, w, e);
}

int
expirywatch_round(struct server *s, struct err *e)
{
	struct telling t = { s, arena_new() };
	int ret = expirywatch_each(s, t.a, tell, &t, e);

	arena_free(&t.a);
	return ret;
}
