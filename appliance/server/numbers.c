/* SPDX-License-Identifier: MIT */
/* What this server tells Prometheus about itself, and which services it
   offers; see numbers_int.h. */
#include "numbers_int.h"

#include "clock.h"
#include "err.h"
#include "expirywatch_int.h"
#include "mem.h"
#include "model_int.h"
#include "signer.h"
#include "text.h"

static void
one(struct metrics *out, const char *name, const char *help, double value)
{
	metrics_family(out, METRICS_GAUGE, name, help);
	metrics_sample(out, NULL, value);
}

static double
seconds(int64_t ms)
{
	return (double)ms / 1000;
}

/* ---- certificates ---- */

enum { CERTS_MAX = 500 };

struct certs {
	struct metrics *out;
	struct arena *a;
	const char *seen[CERTS_MAX]; /* one may be found in several places */
	size_t n;
};

static bool
seen_before(struct certs *x, const char *key)
{
	for (size_t i = 0; i < x->n; i++)
		if (str_equal(x->seen[i], key))
			return true;
	if (x->n == CERTS_MAX)
		return true;
	x->seen[x->n++] = key;
	return false;
}

static int
put_cert(void *ctx, const struct watched *w, struct err *e)
{
	struct certs *x = ctx;
	json_t *j = json_keep(x->a, expiry_json(x->a, w));
	const char *label[] = { "kind", json_str(j, "kind"), "subject",
		json_str(j, "subject"), "sha256", json_str(j, "hash"), NULL };

	(void)e;
	if (!seen_before(x, arena_printf(x->a, "%s %s", label[1], label[5])))
		metrics_sample(x->out, label, seconds(cert_not_after(w->cert)));
	return 0;
}

static void
put_certs(struct server *s, struct metrics *out)
{
	struct certs x = { .out = out, .a = arena_new(), .n = 0 };

	metrics_family(out, METRICS_GAUGE,
		"machilink_certificate_expiry_timestamp_seconds",
		"End of each certificate this server depends on, seconds "
		"since 1970.");
	(void)expirywatch_each(s, x.a, put_cert, &x, NULL);
	arena_free(&x.a);
}

/* ---- the rest ---- */

static void
put_globalconf(struct server *s, struct metrics *out)
{
	struct confclient_status st;

	confclient_status(s->confclient, &st);
	one(out, "machilink_globalconf_valid",
		"1 while there is a global configuration that has not "
		"expired.",
		st.expires > clock_now());
	one(out, "machilink_globalconf_expiry_timestamp_seconds",
		"End of the global configuration, seconds since 1970; 0: "
		"there is none.",
		seconds(st.expires));
	one(out, "machilink_globalconf_last_success_timestamp_seconds",
		"Last download that succeeded, seconds since 1970; 0: none.",
		seconds(st.last_success));
}

static void
put_log(struct server *s, struct metrics *out)
{
	struct messagelog_status st = { 0 };

	messagelog_status(s->log, &st);
	if (st.waiting >= 0)
		one(out, "machilink_messagelog_unstamped_records",
			"Records of the message log that wait for a time "
			"stamp.",
			(double)st.waiting);
	one(out, "machilink_timestamping_last_success_timestamp_seconds",
		"Last time stamp, seconds since 1970; 0: none since the "
		"start.",
		seconds(st.last_success));
	one(out, "machilink_timestamping_failing",
		"1 when the last try to get a time stamp failed.",
		err_set(&st.error));
}

static void
put_token(struct server *s, struct metrics *out)
{
	struct signer_state st = { 0 };
	bool there = !signer_status(s->signer, &st, NULL);

	one(out, "machilink_token_logged_in",
		"1 while the software token can sign.", there && st.unlocked);
}

void
numbers_write(void *ctx, struct metrics *out)
{
	struct server *s = ctx;

	put_certs(s, out);
	put_globalconf(s, out);
	put_log(s, out);
	put_token(s, out);
}

/* ---- services ---- */

int
numbers_offers(struct server *s, struct err *e)
{
	struct arena *a = arena_new();
	struct monitor_offer *o;
	const struct model *m;
	int ret = -1;

	if (!s->monitor) {
		ret = 0;
		goto out;
	}
	if (serverconf_model(s->sc, a, &m, e))
		goto out;
	o = arena_array(a, m->services + 1, sizeof(*o));
	for (size_t i = 0; i < m->services; i++) {
		const struct m_service *v = &m->service[i];
		const struct client_id *p = &v->description->client->id;

		o[i].title = v->title;
		o[i].service = arena_printf(a, "%s/%s/%s%s%s/%s%s%s",
			p->instance, p->cls, p->code, p->subsystem ? "/" : "",
			p->subsystem ? p->subsystem : "", v->code,
			v->version ? "/" : "", v->version ? v->version : "");
	}
	ret = monitor_offers(s->monitor, o, m->services, e);
out:
	arena_free(&a);
	return ret;
}
