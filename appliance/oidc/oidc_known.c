/* SPDX-License-Identifier: MIT */
/*
 * What is known about a provider: its description and its keys, read when
 * first needed and again after a while; keys also when a token names one that
 * is unknown, but not more often than the setting says, so that made-up key
 * identifiers cannot make us call the provider again and again.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "http_client.h"
#include "http_trusted.h"
#include "mem.h"
#include "oidc_provider_int.h"
#include "text.h"

struct oidc_known {
	atomic_int refs;
	struct arena *arena;
	struct oidc_meta meta;
	struct jwks keys;
	int64_t since; /* ticks */
};

void
oidc_known_unref(struct oidc_known **k)
{
	struct oidc_known *x = *k;

	*k = NULL;
	if (!x || atomic_fetch_sub(&x->refs, 1) > 1)
		return;
	arena_free(&x->arena);
	mem_free(x);
}

const struct oidc_meta *
oidc_known_meta(const struct oidc_known *k)
{
	return &k->meta;
}

int
oidc_call(struct oidc *o, struct arena *a, struct http_call *c,
	struct http_answer *out, struct err *e)
{
	struct err why = ERR_INIT;

	c->answer_max = OIDC_TEXT_MAX;
	c->connect_timeout_ms = o->env.connect_timeout_ms;
	c->read_timeout_ms = o->env.read_timeout_ms;
	c->total_timeout_ms =
		o->env.connect_timeout_ms + o->env.read_timeout_ms;
	c->tls = o->env.tls;
	if (http_call_trusted(o->env.http, a, c, o->env.roots, out, &why))
		return fail(e, why.fault, "provider %s: %s", o->setting->name,
			why.text);
	return 0;
}

static int
get(struct oidc *o, struct arena *a, const char *url, struct bytes *out,
	struct err *e)
{
	static const struct http_header head[] = {
		{ "Accept", "application/json" },
	};
	struct http_call c = {
		.method = "GET", .url = url, .header = head, .headers = 1
	};
	struct http_answer answer;

	if (oidc_call(o, a, &c, &answer, e))
		return -1;
	if (answer.status != 200)
		return fail(e, FAULT_IO, "provider %s: %s answered %d",
			o->setting->name, url, answer.status);
	*out = answer.body;
	return 0;
}

static int
read_keys(struct oidc *o, struct oidc_known *k, struct err *e)
{
	struct err why = ERR_INIT;
	struct bytes text;

	if (get(o, k->arena, k->meta.jwks, &text, e))
		return -1;
	if (jwks_read(k->arena, text, &k->keys, &why))
		return fail(e, FAULT_CONFIG, "provider %s: the keys at %s: %s",
			o->setting->name, k->meta.jwks, why.text);
	if (k->keys.n == 0)
		return fail(e, FAULT_CONFIG,
			"provider %s: none of the keys at %s is for RS256 or "
			"ES256",
			o->setting->name, k->meta.jwks);
	return 0;
}

/* Discovery section 4: the issuer without a final slash, and the well-known
   path. */
static int
read_meta(struct oidc *o, struct oidc_known *k, struct err *e)
{
	const char *issuer = o->setting->issuer;
	size_t n = strlen(issuer);
	struct bytes text;

	while (n && issuer[n - 1] == '/')
		n--;
	if (get(o, k->arena,
		    arena_printf(k->arena,
			    "%.*s/.well-known/openid-configuration", (int)n,
			    issuer),
		    &text, e))
		return -1;
	return oidc_meta_read(k->arena, text, o->setting, &k->meta, e);
}

static struct oidc_known *
known_read(struct oidc *o, struct err *e)
{
	struct oidc_known *k = mem_alloc(sizeof(*k));

	atomic_init(&k->refs, 1);
	k->arena = arena_new();
	k->since = clock_ticks();
	if (read_meta(o, k, e) || read_keys(o, k, e))
		oidc_known_unref(&k);
	return k;
}

static struct oidc_known *
share(struct oidc_known *k)
{
	atomic_fetch_add(&k->refs, 1);
	return k;
}

/* Reads anew, in the caller's thread. */
static struct oidc_known *
renew(struct oidc *o, struct err *e)
{
	struct oidc_known *k, *old;

	k = known_read(o, e);
	if (!k)
		return NULL;
	pthread_mutex_lock(&o->lock);
	old = o->known;
	o->known = share(k);
	pthread_mutex_unlock(&o->lock);
	oidc_known_unref(&old);
	return k;
}

/* Whether this thread asks the provider; else *k is what was known before, or
   NULL with the last failure in *e. One asks while it is down: an outage must
   not hold a thread for each resident. */
static bool
my_turn(struct oidc *o, struct oidc_known **k, struct err *e)
{
	bool failed, mine;

	pthread_mutex_lock(&o->lock);
	*k = o->known ? share(o->known) : NULL;
	failed = err_set(&o->why);
	mine = !*k || clock_ticks() - (*k)->since >= o->env.known_ms;
	if (mine && (*k || failed) && o->reading)
		mine = false;
	if (mine && failed && clock_ticks() < o->again)
		mine = false;
	o->reading += mine;
	if (!mine && !*k)
		(void)fail(e, o->why.fault, "%s", o->why.text);
	pthread_mutex_unlock(&o->lock);
	return mine;
}

/* When that fails and old knowledge is there, it goes on serving: a provider's
   key is not wrong for being a day old, and a failed fetch must not lock
   residents out. */
struct oidc_known *
oidc_known_ref(struct oidc *o, struct err *e)
{
	struct err why = ERR_INIT;
	struct oidc_known *k, *fresh;

	if (!my_turn(o, &k, e))
		return k;
	fresh = renew(o, &why);
	pthread_mutex_lock(&o->lock);
	o->reading--;
	o->why = why;
	o->again = clock_ticks() + o->env.retry_ms;
	pthread_mutex_unlock(&o->lock);
	if (fresh) {
		oidc_known_unref(&k);
		return fresh;
	}
	if (!k)
		(void)fail(e, why.fault, "%s", why.text);
	return k;
}

/* Whether the keys may be asked for again; counts this time. */
static bool
may_ask(struct oidc *o)
{
	int64_t now = clock_ticks();
	bool may;

	pthread_mutex_lock(&o->lock);
	may = !o->asked || now - o->asked >= o->env.refetch_ms;
	if (may)
		o->asked = now ? now : 1;
	pthread_mutex_unlock(&o->lock);
	return may;
}

int
oidc_known_verify(struct oidc *o, const struct oidc_known *k,
	const struct jwt *t, struct arena *a, struct err *e)
{
	struct err why = ERR_INIT;
	struct oidc_known *fresh;
	bool unknown;
	int ret;

	if (!jwt_verify(t, &k->keys, a, &unknown, &why))
		return 0;
	if (!unknown || !may_ask(o))
		return fail(e, why.fault, "%s", why.text);
	fresh = renew(o, e);
	if (!fresh)
		return -1;
	ret = jwt_verify(t, &fresh->keys, a, NULL, e);
	oidc_known_unref(&fresh);
	return ret;
}
