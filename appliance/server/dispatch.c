/* SPDX-License-Identifier: MIT */
/*
 * Choosing the provider's server and calling it: the one that answers first,
 * remembered for a while; another one as long as nothing was sent. Rule:
 * interop/xroad-messages.md 2.9.
 */
#include "dispatch_int.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "signer.h"
#include "proxy_int.h"
#include "text.h"
#include "tls.h"

enum {
	FAVOURITES_MAX = 1024,
	FAVOURITE_TIMEOUT_MS = 5000, /* connecting to a remembered one */
	AGAIN_TIMEOUT_MIN_MS = 5000,
	SECOND = 1000,
};

/* ---- which of several was the fastest ---- */

struct favourite {
	char *group, *address;
	int64_t until; /* ticks */
};

struct favourites {
	pthread_mutex_t lock; /* guards what follows */
	struct favourite row[FAVOURITES_MAX];
	size_t n, next; /* next: the row that is replaced when full */
};

struct favourites *
favourites_new(void)
{
	struct favourites *f = mem_alloc(sizeof(*f));

	pthread_mutex_init(&f->lock, NULL);
	return f;
}

static void
favourite_done(struct favourite *v)
{
	mem_free(v->group);
	mem_free(v->address);
	*v = (struct favourite){ 0 };
}

void
favourites_free(struct favourites **out)
{
	struct favourites *f = *out;

	*out = NULL;
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++)
		favourite_done(&f->row[i]);
	pthread_mutex_destroy(&f->lock);
	mem_free(f);
}

static struct favourite *
favourite_of(struct favourites *f, const char *group)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->row[i].group && str_equal(f->row[i].group, group))
			return &f->row[i];
	return NULL;
}

static const char *
favourite_get(struct favourites *f, struct arena *a, const char *group)
{
	const char *address = NULL;
	struct favourite *v;

	pthread_mutex_lock(&f->lock);
	v = favourite_of(f, group);
	if (v && clock_ticks() < v->until)
		address = arena_strdup(a, v->address);
	pthread_mutex_unlock(&f->lock);
	return address;
}

static void
favourite_put(struct favourites *f, const char *group, const char *address,
	int64_t period_ms)
{
	struct favourite *v;

	pthread_mutex_lock(&f->lock);
	v = favourite_of(f, group);
	if (!v && f->n < FAVOURITES_MAX)
		v = &f->row[f->n++];
	else if (!v)
		v = &f->row[f->next++ % FAVOURITES_MAX];
	favourite_done(v);
	*v = (struct favourite){ mem_dup(group), mem_dup(address),
		clock_ticks() + period_ms };
	pthread_mutex_unlock(&f->lock);
}

static void
favourite_drop(struct favourites *f, const char *group, const char *address)
{
	struct favourite *v;

	pthread_mutex_lock(&f->lock);
	v = favourite_of(f, group);
	if (v && str_equal(v->address, address))
		favourite_done(v);
	pthread_mutex_unlock(&f->lock);
}

/* ---- one message ---- */

struct attempt {
	const struct dispatch *d;
	struct arena *a;
	const char *group; /* all candidates, sorted: name of the class */
	const char *all;   /* the same for people */
	bool alone;
	struct http_place place[PEER_ADDRESSES_MAX]; /* still to be tried */
	size_t n;
	const char *favourite; /* remembered, or NULL */
	int timeout_ms;
	const char *reached; /* of the last try */
};

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *
group_name(struct arena *a, const char *const *address, size_t n)
{
	const char *sorted[PEER_ADDRESSES_MAX];
	const char *text = "";

	memcpy(sorted, address, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_text);
	for (size_t i = 0; i < n; i++)
		text = arena_printf(a, "%s %s", text, sorted[i]);
	return text;
}

static void
remove_place(struct attempt *t, const char *host)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_equal(t->place[i].host, host)) {
			t->place[i] = t->place[--t->n];
			return;
		}
}

/* "[::1]" in the configuration is ::1. */
static const char *
bare_host(struct arena *a, const char *address)
{
	size_t n = strlen(address);

	if (*address == '[' && address[n - 1] == ']')
		return arena_strndup(a, address + 1, n - 2);
	return address;
}

/* A reference to the newest context, NULL before there is a certificate. */
static struct tls *
own_tls(struct server *s)
{
	struct tls *t;

	pthread_mutex_lock(&s->tls_lock);
	t = s->peer_client_tls ? tls_ref(s->peer_client_tls) : NULL;
	pthread_mutex_unlock(&s->tls_lock);
	return t;
}

static int
no_certificate(struct err *e)
{
	return fail(e, FAULT_SSL_AUTH,
		"Security server has no valid authentication certificate");
}

int
dispatch_ready(struct server *s, struct err *e)
{
	struct tls *t = own_tls(s);
	bool ready = t != NULL;

	tls_unref(&t);
	return ready ? 0 : no_certificate(e);
}

static int
attempt_call(struct attempt *t, struct tls *tls, struct err *e)
{
	const struct conf *conf = t->d->s->conf;
	struct peer_claim claim = { t->d->s, t->d->provider, &t->reached };
	struct http_place one = { t->favourite, t->place[0].port };
	struct http_call c = t->d->call;
	struct http_answer answer;

	t->reached = NULL;
	c.method = "POST";
	/* several candidates: Host is localhost (2.9) */
	c.url = arena_printf(t->a, "https://%s:%d/",
		t->alone ? peer_host(t->a, t->place[0].host) : "localhost",
		t->place[0].port);
	c.place = t->favourite ? &one : t->place;
	c.places = t->favourite ? 1 : t->n;
	c.reached = &t->reached;
	c.connect_timeout_ms = t->timeout_ms;
	c.read_timeout_ms = (int)conf_int(conf, P_CLIENT_HTTPCLIENT_TIMEOUT);
	c.judge = peer_judge;
	c.judge_ctx = &claim;
	c.tls = tls;
	if (conf_bool(conf, P_POOL_REUSE))
		c.pool_key = t->group;
	return http_call(t->d->s->http, t->a, &c, &answer, e);
}

/* Who is left after a try that failed before anything was sent: true if
   somebody. */
static bool
attempt_next(struct attempt *t)
{
	const struct conf *conf = t->d->s->conf;
	int half = t->timeout_ms / 2;

	if (t->favourite) {
		favourite_drop(t->d->s->favourites, t->group, t->favourite);
		remove_place(t, t->favourite);
		t->favourite = NULL;
		t->timeout_ms = (int)conf_int(conf, P_CLIENT_TIMEOUT);
		return t->n > 0;
	}
	if (!t->reached)
		return false; /* nobody answers */
	remove_place(t, t->reached);
	if (t->timeout_ms > AGAIN_TIMEOUT_MIN_MS)
		t->timeout_ms = half > AGAIN_TIMEOUT_MIN_MS
					? half
					: AGAIN_TIMEOUT_MIN_MS;
	return t->n > 0;
}

/* X-Road's words for it, whatever kept us from connecting. */
static int
nobody_reached(const struct attempt *t, struct err *e)
{
	struct err cause = *e;

	err_reset(e);
	return fail(e, FAULT_NETWORK,
		"Could not connect to any target host (%s): %s", t->all,
		cause.text);
}

/* A handshake that failed because our own key could not sign. */
static int
own_fault(const struct attempt *t, struct err *e)
{
	struct signer_state is = { .unlocked = true };

	if (e->fault != FAULT_SSL_AUTH || *t->d->begun ||
		(!signer_status(t->d->s->signer, &is, NULL) && is.unlocked))
		return -1;
	err_reset(e);
	return no_certificate(e);
}

static int
attempt_all(struct attempt *t, struct tls *tls, struct err *e)
{
	struct favourites *f = t->d->s->favourites;
	int64_t period = conf_int(t->d->s->conf, P_FASTEST_PERIOD) * SECOND;
	bool remember = !t->alone && period > 0;
	int ret;

	if (remember)
		t->favourite = favourite_get(f, t->a, t->group);
	if (t->favourite)
		t->timeout_ms = FAVOURITE_TIMEOUT_MS;
	do {
		err_reset(e);
		ret = attempt_call(t, tls, e);
		if (ret)
			log_warning("security server %s: %s",
				t->reached ? t->reached : t->group, e->text);
	} while (ret && !*t->d->begun && attempt_next(t));
	if (*t->d->begun && remember && !t->favourite && t->reached)
		favourite_put(f, t->group, t->reached, period);
	if (ret && !*t->d->begun && !t->reached)
		return nobody_reached(t, e);
	return ret ? own_fault(t, e) : 0;
}

int
dispatch_send(const struct dispatch *d, struct arena *a, struct err *e)
{
	const char *address[PEER_ADDRESSES_MAX];
	struct attempt t = { .d = d, .a = a };
	struct tls *tls;
	int port = (int)conf_int(d->s->conf, P_SERVER_PORT), ret;

	if (peer_addresses(d->g, a, d->provider, d->target, address, &t.n, e))
		return -1;
	tls = own_tls(d->s);
	if (!tls)
		return no_certificate(e);
	*d->own = tls_own(tls);
	t.all = "";
	for (size_t i = 0; i < t.n; i++) {
		t.place[i] =
			(struct http_place){ bare_host(a, address[i]), port };
		t.all = arena_printf(a, "%s%shttps://%s:%d/", t.all,
			i ? ", " : "", peer_host(a, address[i]), port);
	}
	t.alone = t.n == 1;
	t.group = group_name(a, address, t.n);
	t.timeout_ms = (int)conf_int(d->s->conf, P_CLIENT_TIMEOUT);
	ret = attempt_all(&t, tls, e);
	if (d->address)
		*d->address =
			arena_strdup(a, t.reached ? t.reached : address[0]);
	tls_unref(&tls);
	return ret;
}
