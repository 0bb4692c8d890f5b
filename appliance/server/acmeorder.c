/* SPDX-License-Identifier: MIT */
/*
 * Ordering certificates from the ACME server that the global configuration
 * names for an authority (interop/xroad-center-admin.md 3.6).
 */
#include <string.h>
#include <time.h>

#include "acme_order_int.h"
#include "bundle.h"
#include "clock.h"
#include "err.h"
#include "job.h"
#include "log.h"
#include "mailbox.h"
#include "mem.h"
#include "notify_int.h"
#include "param.h"
#include "text.h"
#include "tls.h"

enum { SLICE_MS = 100, YEAR_DAYS = 365, MS = 1000 };
static const int64_t day_ms = 86400000;

/* A session with all it needs. */
struct session {
	struct acme *acme;
	struct tls *tls;
	struct bundle *roots;
};

static void
session_close(struct session *x)
{
	acme_close(&x->acme);
	tls_unref(&x->tls);
	bundle_close(&x->roots);
}

static int
session_tls(struct session *x, const struct conf *c, struct err *e)
{
	const struct tls_options o = { .policy = TLS_WEB };
	const char *path = conf_text(c, P_ACME_TLS_CA);

	if (*path ? bundle_open(&x->roots, path, e)
		  : bundle_system(&x->roots, e))
		return -1;
	return tls_client_new(&x->tls, &o, e);
}

static int
session_open(struct session *x, struct server *s,
	const struct gc_approved_ca *ca, const char *profile, struct err *e)
{
	struct acme_options o = {
		.directory = ca->acme.url,
		.http = s->http,
		.profile = profile,
		.connect_timeout_ms = (int)conf_int(s->conf, P_CLIENT_TIMEOUT),
		.read_timeout_ms = (int)conf_int(s->conf, P_CLIENT_TIMEOUT),
	};

	*x = (struct session){ 0 };
	if (!o.directory)
		return fail(e, FAULT_BAD_REQUEST,
			"%s has no ACME server in the global configuration",
			ca->name);
	if (str_prefix(o.directory, "https:") && session_tls(x, s->conf, e))
		return -1;
	o.tls = x->tls;
	o.roots = x->roots;
	return acme_open(&x->acme, &o, e);
}

int
acmeorder_needs_binding(struct server *s, const struct gc_approved_ca *ca,
	bool *out, struct err *e)
{
	struct session x;
	int ret = session_open(&x, s, ca, NULL, e);

	*out = !ret && acme_needs_binding(x.acme);
	session_close(&x);
	return ret;
}

/* Whose account, and by which credentials if the server wants any. */
static int
login_of(struct server *s, struct arena *a, const struct session *x,
	const struct acme_want *w, struct acme_login *out, struct err *e)
{
	struct acme_credentials c;
	struct mailbox box;

	if (acmeconf_read(a, s->conf, w->ca->name, w->member, w->usage, &c, e))
		return -1;
	if (acme_needs_binding(x->acme) && !c.kid)
		return fail(e, FAULT_ACME_NO_BINDING,
			"%s has no external account for %s in acme.yml",
			w->member, w->ca->name);
	if (mailbox_read(a, mailbox_file(s->conf), &box, NULL))
		box = (struct mailbox){ 0 };
	*out = (struct acme_login){
		.acme = x->acme,
		.directory = w->ca->acme.url,
		.alias = arena_printf(a, "%s%s", c.prefix, w->member),
		.who = { .contact = mailbox_contact(&box, w->member) },
	};
	if (acme_needs_binding(x->acme)) {
		out->who.kid = c.kid;
		out->who.mac_key = c.mac_key;
	}
	return 0;
}

/* Whoever stops the server need not wait for an authority. */
static int
wait_for(void *server, int64_t ms, struct err *e)
{
	const struct timespec slice = { 0, SLICE_MS * 1000000L };
	struct server *s = server;

	for (int64_t end = clock_ticks() + ms; clock_ticks() < end;) {
		if (s->jobs && jobs_stopping(s->jobs))
			return fail(e, FAULT_ACME_CERTIFICATE_WAIT,
				"this server is being stopped");
		nanosleep(&slice, NULL);
	}
	return 0;
}

static struct acme_order
order_of(struct server *s, const struct acme_want *w)
{
	const struct conf *c = s->conf;

	return (struct acme_order){
		.name = w->name,
		.csr = w->csr,
		.not_after = clock_now() + YEAR_DAYS * day_ms,
		.publish = acmedoor_publish,
		.withdraw = acmedoor_withdraw,
		.wait = wait_for,
		.ctx = s,
		.authorization_tries = (int)conf_int(c, P_ACME_AUTH_TRIES),
		.certificate_tries = (int)conf_int(c, P_ACME_CERT_TRIES),
		.authorization_wait_ms = conf_int(c, P_ACME_AUTH_WAIT) * MS,
		.certificate_wait_ms = conf_int(c, P_ACME_CERT_WAIT) * MS,
	};
}

static int
first_cert(struct bytes pem, struct cert **out, struct err *e)
{
	struct cert *chain[CHAIN_MAX];
	struct err why = ERR_INIT;
	size_t n;

	if (cert_parse_chain(chain, &n, pem, &why))
		return fail(e, FAULT_ACME_CERTIFICATE,
			"the ACME server's certificate: %s", why.text);
	*out = chain[0];
	while (n > 1)
		cert_unref(&chain[--n]);
	return 0;
}

int
acmeorder_fetch(struct server *s, const struct acme_want *w, struct cert **out,
	struct err *e)
{
	const struct gc_acme *at = &w->ca->acme;
	struct acme_order o = order_of(s, w);
	struct arena *a = arena_new_secret();
	struct acme_login login;
	struct session x;
	struct bytes pem;
	int ret = -1;

	log_info("ordering a certificate for %s from %s", w->name,
		at->url ? at->url : "");
	if (!session_open(&x, s, w->ca,
		    w->usage == USAGE_SIGNING ? at->sign_profile
					      : at->auth_profile,
		    e) &&
		!login_of(s, a, &x, w, &login, e) &&
		!acmekey_login(s, a, &login, e) &&
		!acme_fetch(x.acme, &o, a, &pem, e))
		ret = first_cert(pem, out, e);
	session_close(&x);
	arena_free(&a);
	return ret;
}

int
acmeorder_refresh_key(
	struct server *s, const struct acme_want *w, struct err *e)
{
	struct arena *a = arena_new_secret();
	struct acme_login login;
	struct session x;
	int ret = -1;

	if (!session_open(&x, s, w->ca, NULL, e) &&
		!login_of(s, a, &x, w, &login, e))
		ret = acmekey_refresh(s, a, &login, e);
	session_close(&x);
	arena_free(&a);
	return ret;
}
