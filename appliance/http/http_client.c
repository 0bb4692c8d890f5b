/* SPDX-License-Identifier: MIT */
/*
 * Calls through libcurl. An idle connection is kept in a `line`: one curl
 * handle that holds one connection and what its TLS handshake showed. A line
 * is used by one call at a time and only by calls with the same pool key,
 * address and TLS context. Sessions are never resumed, so the judge sees every handshake.
 */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "clock.h"
#include "dial_int.h"
#include "err.h"
#include "http_call_int.h"
#include "mem.h"
#include "text.h"
#include "tls.h"

enum {
	LINES_MAX = 256,
	LINE_AGE_MS = 20000,
	MS_PER_SECOND = 1000,
	UPLOAD_BUFFER = 16 * 1024,
};

struct line {
	CURL *curl;
	char *pool_key; /* NULL: not kept */
	char *address;
	char *place;          /* host of the place it was dialled to, or NULL */
	struct tls_slot slot; /* slot.tls: our reference, or NULL */
	int64_t used;         /* clock_ticks() of the last return */
	struct line *next;
};

/* One call looking for a connection. */
struct dialling {
	struct line *l;
	struct exchange *x;
};

struct http_client {
	pthread_mutex_t lock; /* guards what follows */
	struct line *idle;    /* the latest used first */
	size_t n, max;
	int64_t age_ms; /* idle no longer than this */
};

int
http_client_new(struct http_client **out, struct err *e)
{
	(void)e;
	*out = mem_alloc(sizeof(**out));
	pthread_mutex_init(&(*out)->lock, NULL);
	(*out)->max = LINES_MAX;
	(*out)->age_ms = LINE_AGE_MS;
	return 0;
}

static void
line_free(struct line *l)
{
	struct tls *tls = l->slot.tls;

	curl_easy_cleanup(l->curl);
	tls_slot_done(&l->slot);
	if (tls)
		tls_unref(&tls);
	mem_free(l->pool_key);
	mem_free(l->address);
	mem_free(l->place);
	mem_free(l);
}

static void
lines_free(struct line *list)
{
	while (list) {
		struct line *l = list;
		list = l->next;
		line_free(l);
	}
}

void
http_client_keep(struct http_client *c, size_t lines, int idle_ms)
{
	pthread_mutex_lock(&c->lock);
	c->max = lines;
	c->age_ms = idle_ms;
	pthread_mutex_unlock(&c->lock);
}

void
http_client_tidy(struct http_client *c)
{
	struct line *old = NULL;
	int64_t now = clock_ticks();

	pthread_mutex_lock(&c->lock);
	for (struct line **p = &c->idle; *p;) {
		struct line *l = *p;
		if (now - l->used <= c->age_ms) {
			p = &l->next;
			continue;
		}
		*p = l->next;
		c->n--;
		l->next = old;
		old = l;
	}
	pthread_mutex_unlock(&c->lock);
	lines_free(old);
}

void
http_client_free(struct http_client **client)
{
	struct http_client *c = *client;

	*client = NULL;
	if (!c)
		return;
	lines_free(c->idle);
	pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

/* Scheme, authority and where they really are: calls with the same text can
   share a connection. */
static const char *
call_address(struct arena *a, const struct http_call *call)
{
	const char *rest = strstr(call->url, "://");
	size_t n = rest ? (size_t)(rest + 3 - call->url) : 0;

	n += strcspn(call->url + n, "/?#");
	return arena_printf(a, "%.*s %s", (int)n, call->url,
		call->connect_to ? call->connect_to : "");
}

static struct line *
line_new(const struct http_call *call, const char *address, struct err *e)
{
	struct line *l = mem_alloc(sizeof(*l));

	l->curl = curl_easy_init();
	if (!l->curl) {
		mem_free(l);
		fail(e, FAULT_INTERNAL, "the HTTP client cannot start");
		return NULL;
	}
	l->pool_key = mem_dup(call->pool_key);
	l->address = mem_dup(address);
	if (call->tls)
		l->slot.tls = tls_ref(call->tls);
	return l;
}

/* An idle line of this class. Lines that are too old, or whose class has
   another TLS context by now, are dropped. */
static struct line *
line_take(struct http_client *c, const struct http_call *call,
	const char *address, struct err *e)
{
	struct line *found = NULL, *stale = NULL;
	int64_t now = clock_ticks();

	if (!call->pool_key)
		return line_new(call, address, e);
	pthread_mutex_lock(&c->lock);
	for (struct line **p = &c->idle; *p;) {
		struct line *l = *p;
		bool same = str_equal(l->pool_key, call->pool_key) &&
			    str_equal(l->address, address);
		bool old = now - l->used > c->age_ms;
		bool fits = same && !old && l->slot.tls == call->tls;
		if (old || (same && (!fits || !found))) {
			*p = l->next;
			c->n--;
			l->next = fits ? NULL : stale;
			*(fits ? &found : &stale) = l;
		} else
			p = &l->next;
	}
	pthread_mutex_unlock(&c->lock);
	lines_free(stale);
	return found ? found : line_new(call, address, e);
}

static void
line_give(struct http_client *c, struct line *l, bool usable)
{
	struct line *last = NULL;

	l->next = NULL;
	if (!l->pool_key || !usable) {
		line_free(l);
		return;
	}
	l->used = clock_ticks();
	pthread_mutex_lock(&c->lock);
	l->next = c->idle;
	c->idle = l;
	if (++c->n > c->max) {
		struct line **p = &c->idle;
		while ((*p)->next)
			p = &(*p)->next;
		last = *p;
		*p = NULL;
		c->n--;
	}
	pthread_mutex_unlock(&c->lock);
	if (last)
		line_free(last);
}

/* ---- TLS ---- */

static CURLcode
on_tls(CURL *curl, void *config, void *p)
{
	struct line *l = p;

	(void)curl;
	tls_slot_done(&l->slot); /* what the last connection showed */
	return tls_client_apply(config, &l->slot) ? CURLE_SSL_CONNECT_ERROR
						  : CURLE_OK;
}

static void
cert_drop(void *p)
{
	struct cert *c = p;

	cert_unref(&c);
}

static struct cert_list
peer_list(struct arena *a, const struct tls_slot *slot)
{
	struct cert **item =
		arena_array(a, slot->peers + 1, sizeof(struct cert *));

	for (size_t i = 0; i < slot->peers; i++) {
		item[i] = cert_ref(slot->peer[i]);
		arena_defer(a, cert_drop, item[i]);
	}
	return (struct cert_list){ item, slot->peers };
}

/* ---- one call ---- */

static void
tell_place(const struct line *l, struct arena *a, const struct http_call *call)
{
	if (call->reached)
		*call->reached = l->place ? arena_strdup(a, l->place) : NULL;
}

/* May this call use the kept connection of l? */
static bool
line_judged(struct line *l, struct arena *a, const struct http_call *call)
{
	struct cert_list chain = { l->slot.peer, l->slot.peers };
	struct err e = ERR_INIT;

	tell_place(l, a, call);
	if (!call->judge || chain.n == 0)
		return true;
	return call->judge(call->judge_ctx, chain, &e) == 0;
}

static void
set_tls(struct line *l, const struct http_call *call, struct err *e)
{
	l->slot.e = e;
	l->slot.judge = call->judge;
	l->slot.judge_ctx = call->judge_ctx;
	/* Trust is the judge's; the library is told to accept. */
	curl_easy_setopt(l->curl, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(l->curl, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(l->curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(l->curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
	/* offered versions are fixed before on_tls() is called */
	curl_easy_setopt(l->curl, CURLOPT_SSLVERSION,
		(long)(tls_only_12(l->slot.tls)
				? CURL_SSLVERSION_TLSv1_2 |
					  CURL_SSLVERSION_MAX_TLSv1_2
				: CURL_SSLVERSION_TLSv1_2));
	curl_easy_setopt(l->curl, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	curl_easy_setopt(l->curl, CURLOPT_SSL_CTX_DATA, l);
}

/* ---- connecting to one of several places ---- */

/* The hand-shake has a time-out of its own. */
static void
dialled(struct line *l, struct exchange *x, size_t winner)
{
	const struct http_call *call = x->call;
	int64_t spent = clock_ticks() - x->begun;

	l->place = mem_dup(call->place[winner].host);
	tell_place(l, x->a, call);
	curl_easy_setopt(l->curl, CURLOPT_CONNECTTIMEOUT_MS,
		(long)(spent + call->connect_timeout_ms));
}

static curl_socket_t
on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct dialling *d = ctx;
	const struct http_call *call = d->x->call;
	size_t winner;
	int fd;

	(void)purpose, (void)address;
	if (exchange_ask(d->x))
		return CURL_SOCKET_BAD;
	mem_free(d->l->place);
	d->l->place = NULL;
	tell_place(d->l, d->x->a, call);
	if (dial(call->place, call->places, call->connect_timeout_ms, &winner,
		    &fd, &d->x->e))
		return CURL_SOCKET_BAD;
	dialled(d->l, d->x, winner);
	return fd;
}

static int
on_connected(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
	(void)ctx, (void)fd, (void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static void
set_places(struct line *l, struct dialling *d)
{
	if (!d->x->call->places)
		return;
	curl_easy_setopt(l->curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(l->curl, CURLOPT_OPENSOCKETDATA, d);
	curl_easy_setopt(l->curl, CURLOPT_SOCKOPTFUNCTION, on_connected);
	/* for dial() first, then the hand-shake */
	curl_easy_setopt(l->curl, CURLOPT_CONNECTTIMEOUT_MS,
		(long)d->x->call->connect_timeout_ms * 2);
}

/* ---- silence ---- */

static int
on_progress(void *ctx, curl_off_t total_in, curl_off_t in, curl_off_t total_out,
	curl_off_t out)
{
	struct exchange *x = ctx;
	int64_t now = clock_ticks();
	curl_off_t started = 0;

	(void)total_in, (void)total_out;
	curl_easy_getinfo(x->curl, CURLINFO_PRETRANSFER_TIME_T, &started);
	in += out + (curl_off_t)x->header_bytes;
	if (!started || in != x->moved || !x->moved_at) {
		x->moved = in;
		x->moved_at = now;
	}
	if (now - x->moved_at < x->call->read_timeout_ms)
		return 0;
	fail(&x->e, FAULT_IO, "%s: no answer in time (silent for %lld ms)",
		x->authority, (long long)(now - x->moved_at));
	return 1;
}

static void
set_silence(CURL *c, struct exchange *x)
{
	if (!x->call->read_timeout_ms)
		return;
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, x);
}

static void
set_habits(CURL *c, const struct http_call *call)
{
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	/* a TLS record; the default of 64 KiB costs pages for every message */
	curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_MAXCONNECTS, 1L);
	/* how old an idle connection may be is the line's matter */
	curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, 0L);
	curl_easy_setopt(c, CURLOPT_FORBID_REUSE, call->pool_key ? 0L : 1L);
	curl_easy_setopt(
		c, CURLOPT_CONNECTTIMEOUT_MS, (long)call->connect_timeout_ms);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)call->total_timeout_ms);
}

static int64_t
time_of(CURL *c, CURLINFO what)
{
	enum { US_PER_MS = 1000 };
	curl_off_t us = 0;

	curl_easy_getinfo(c, what, &us);
	return us / US_PER_MS;
}

static int
line_run(struct line *l, struct arena *a, const struct http_call *call,
	struct http_answer *out, struct err *e)
{
	struct exchange x;
	struct dialling d = { l, &x };
	CURLcode code;
	int rc;

	curl_easy_reset(l->curl); /* keeps the connection */
	exchange_open(&x, l->curl, a, call);
	x.begun = clock_ticks();
	set_habits(l->curl, call);
	set_places(l, &d);
	set_silence(l->curl, &x);
	if (call->tls)
		set_tls(l, call, &x.e);
	rc = exchange_set(&x);
	if (rc == 0) {
		code = curl_easy_perform(l->curl);
		rc = exchange_result(&x, code, out);
	}
	if (rc == 0) {
		out->connect_ms =
			time_of(l->curl, call->tls ? CURLINFO_APPCONNECT_TIME_T
						   : CURLINFO_CONNECT_TIME_T);
		out->total_ms = time_of(l->curl, CURLINFO_TOTAL_TIME_T);
		out->peer = peer_list(a, &l->slot);
	} else if (e && !err_set(e))
		*e = x.e;
	exchange_close(&x);
	l->slot.e = NULL;
	l->slot.judge = NULL;
	return rc;
}

int
http_call(struct http_client *c, struct arena *a, const struct http_call *call,
	struct http_answer *out, struct err *e)
{
	const char *address = call_address(a, call);
	struct line *l;
	int rc;

	*out = (struct http_answer){ 0 };
	if (str_iprefix(call->url, "https://") && !call->tls)
		return fail(e, FAULT_SSL_AUTH,
			"%s needs TLS, which is not set up for this call",
			call->url);
	l = line_take(c, call, address, e);
	if (l && !line_judged(l, a, call)) {
		line_free(l);
		l = line_new(call, address, e);
	}
	if (!l)
		return -1;
	rc = line_run(l, a, call, out, e);
	line_give(c, l, rc == 0);
	return rc;
}

const char *
answer_header(const struct http_answer *a, const char *name)
{
	return http_header_find(a->header, a->headers, name);
}
