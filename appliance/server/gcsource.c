/* SPDX-License-Identifier: MIT */
/*
 * Where the global configuration is asked for, and in which version. Rule:
 * interop/xroad-center-admin.md 1.3. Everything fetched is signed, so plain
 * HTTP is as good as HTTPS; a source whose certificate is not trusted is asked
 * over HTTP next.
 */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "confclient_int.h"
#include "err.h"
#include "http_client.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "tls.h"

enum { SKEW_S = 60 }; /* our clock may differ by so much unnoticed */

struct places {
	struct arena *a;
	struct gc_location *out;
	size_t n;
	bool https;
};

static bool
has_cert(const struct gc_location *l, struct bytes cert)
{
	for (size_t i = 0; i < l->certs; i++)
		if (l->cert[i].len == cert.len &&
			!memcmp(l->cert[i].data, cert.data, cert.len))
			return true;
	return false;
}

/* The anchor's certificates count beside those of the parameters: a source
   named by both may sign with either. */
static void
place_join(struct places *p, struct gc_location *l, const struct bytes *cert,
	size_t n)
{
	struct bytes *all = arena_array(p->a, l->certs + n, sizeof(*all));

	memcpy(all, l->cert, l->certs * sizeof(*all));
	l->cert = all;
	for (size_t i = 0; i < n; i++)
		if (!has_cert(l, cert[i]))
			all[l->certs++] = cert[i];
}

static void
place_add(struct places *p, const char *url, const struct bytes *cert, size_t n)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_equal(p->out[i].url, url)) {
			place_join(p, &p->out[i], cert, n);
			return;
		}
	if (!n || p->n == GC_LOCATIONS_MAX || strlen(url) >= GC_URL_MAX)
		return;
	p->out[p->n++] = (struct gc_location){ url, cert, n };
}

/* Last path segment of the first http source: internalconf, externalconf. */
static const char *
conf_dir(struct arena *a, const struct gc_anchor *anchor)
{
	for (size_t i = 0; i < anchor->sources; i++) {
		const char *url = anchor->source[i].url;
		size_t n = strcspn(url, "?#");
		if (!str_iprefix(url, "http://"))
			continue;
		const char *path = strchr(url + strlen("http://"), '/');
		const char *from = url + n;
		if (!path || path >= url + n)
			continue;
		while (from > path && from[-1] != '/')
			from--;
		return arena_strndup(a, from, (size_t)(url + n - from));
	}
	return NULL;
}

/* The certificates that sign this kind of directory. */
static struct bytes *
source_certs(
	struct arena *a, const struct gc_source *s, const char *dir, size_t *n)
{
	bool in = !str_equal(dir, "externalconf");
	bool ex = !str_equal(dir, "internalconf");
	struct bytes *c = arena_array(
		a, s->internal_certs + s->external_certs + 1, sizeof(*c));

	*n = 0;
	for (size_t i = 0; in && i < s->internal_certs; i++)
		c[(*n)++] = s->internal_cert[i];
	for (size_t i = 0; ex && i < s->external_certs; i++)
		c[(*n)++] = s->external_cert[i];
	return c;
}

/* An address that names a port of its own has no TLS there. */
static bool
has_port(const char *address)
{
	const char *end = address + strcspn(address, "/?#");
	const char *from = *address == '[' ? strchr(address, ']') : address;

	return from && from < end && memchr(from, ':', (size_t)(end - from));
}

/* Sources of the parameters we have, shuffled; https before http. */
static void
known_add(struct places *p, const struct shared_params *known, const char *dir)
{
	static const char *const scheme[] = { "https", "http" };
	size_t n = known->sources;
	uint32_t turn = 0;

	if (n)
		random_bytes(&turn, sizeof(turn));
	for (int k = p->https ? 0 : 1; k < 2; k++)
		for (size_t i = 0; i < n; i++) {
			const struct gc_source *s =
				&known->source[(i + turn) % n];
			size_t certs;
			if (k == 0 && has_port(s->address))
				continue;
			struct bytes *cert = source_certs(p->a, s, dir, &certs);
			place_add(p,
				arena_printf(p->a, "%s://%s/%s", scheme[k],
					s->address, dir),
				cert, certs);
		}
}

/* The https twin of an http URL; NULL when it names a port of its own, where
   there can be no TLS. */
static const char *
https_twin(struct arena *a, const char *url)
{
	const char *host = url + strlen("http://");

	return has_port(host) ? NULL : arena_printf(a, "https://%s", host);
}

/* X-Road forgets https URLs of the anchor and makes twins of the http ones; to
   keep them as well finds a source whose TLS has a port of its own. */
static void
anchor_add(struct places *p, const struct gc_anchor *anchor)
{
	for (int k = p->https ? 0 : 1; k < 2; k++)
		for (size_t i = 0; i < anchor->sources; i++) {
			const struct gc_anchor_source *s = &anchor->source[i];
			const char *url = s->url;
			bool plain = str_iprefix(url, "http://");
			if (k == 0 && plain)
				url = https_twin(p->a, url);
			else if (k == 0 ? !str_iprefix(url, "https://")
					: !plain)
				continue;
			if (url)
				place_add(p, url, s->cert, s->certs);
		}
}

size_t
gc_locations(struct arena *a, const struct gc_source_call *call,
	const struct gc_anchor *anchor, const struct shared_params *known,
	const char *last, struct gc_location out[GC_LOCATIONS_MAX])
{
	struct places p = { .a = a, .out = out, .https = call->tls != NULL };
	const char *dir = conf_dir(a, anchor);

	if (known && dir)
		known_add(&p, known, dir);
	anchor_add(&p, anchor);
	for (size_t i = 1; i < p.n; i++)
		if (str_equal(out[i].url, last)) {
			struct gc_location first = out[i];
			memmove(&out[1], &out[0], i * sizeof(*out));
			out[0] = first;
		}
	return p.n;
}

/* ---- asking ---- */

/* The bundle named, else the first that the system has. */
static int
open_roots(const struct conf *c, struct bundle **out, struct err *e)
{
	const char *path = conf_text(c, P_GC_TLS_CA);

	if (*path)
		return bundle_open(out, path, e);
	if (!bundle_system(out, NULL))
		return 0;
	log_warning("this system has no bundle of public authorities: the "
		    "global configuration is fetched over http, which is safe "
		    "because it is signed; global-conf-tls-ca-file names a "
		    "bundle, global-conf-tls-cert-verification = false takes "
		    "any certificate");
	return 0;
}

int
gc_tls_open(const struct conf *c, struct tls **tls, struct bundle **roots,
	struct err *e)
{
	struct tls_options o = { .policy = TLS_SERVICE };
	bool verify = conf_bool(c, P_GC_TLS_VERIFY);

	if (verify && open_roots(c, roots, e))
		return -1;
	if (verify && !*roots)
		return 0;
	return tls_client_new(tls, &o, e);
}

struct claim {
	const struct bundle *roots;
	const char *host; /* NULL: any name */
};

static int
trusted(void *ctx, struct cert_list chain, struct err *e)
{
	const struct claim *c = ctx;

	return bundle_verify(c->roots, chain, c->host, e);
}

/* Host of an URL, without port and brackets. */
static const char *
host_of(struct arena *a, const char *url)
{
	const char *host = strstr(url, "://");

	if (!host)
		return "";
	host += strlen("://");
	if (*host == '[')
		return arena_strndup(a, host + 1, strcspn(host + 1, "]"));
	return arena_strndup(a, host, strcspn(host, ":/?#"));
}

static int
get(struct arena *a, const struct gc_source_call *call, const char *url,
	size_t max, struct http_answer *out, struct err *e)
{
	struct claim claim = { call->roots,
		conf_bool(call->conf, P_GC_HOST_VERIFY) ? host_of(a, url)
							: NULL };
	struct http_call c = {
		.method = "GET",
		.url = url,
		.answer_max = max,
		.connect_timeout_ms =
			(int)conf_int(call->conf, P_GC_CONNECT_TIMEOUT),
		.total_timeout_ms =
			(int)(conf_int(call->conf, P_GC_CONNECT_TIMEOUT) +
				conf_int(call->conf, P_GC_READ_TIMEOUT)),
		.tls = call->tls,
		.judge = call->roots ? trusted : NULL,
		.judge_ctx = &claim,
		.pool_key = "globalconf",
	};

	return http_call(call->http, a, &c, out, e);
}

static int *
version_slot(struct gc_versions *v, const char *url)
{
	size_t i;

	for (i = 0; i < GC_VERSIONS_KEPT; i++)
		if (str_equal(v->row[i].url, url))
			return &v->row[i].version;
	i = v->next++ % GC_VERSIONS_KEPT;
	snprintf(v->row[i].url, sizeof(v->row[i].url), "%s", url);
	v->row[i].version = 0;
	return &v->row[i].version;
}

static const char *
version_url(struct arena *a, const char *url, int version)
{
	return arena_printf(a, "%s%sversion=%d", url,
		strchr(url, '?') ? "&" : "?", version);
}

/* Steps down from the newest; anything but 404 selects the version. The one
   chosen before is tried alone until it is gone. */
static int
probe(struct arena *a, const struct gc_source_call *call, const char *url,
	struct http_answer *out, struct err *e)
{
	int *slot = version_slot(call->versions, url);
	int version = *slot ? *slot : GC_VERSION_MAX;

	for (;;) {
		if (get(a, call, version_url(a, url, version), GC_DIR_MAX, out,
			    e))
			return -1;
		if (out->status != 404)
			break;
		if (*slot) {
			*slot = 0;
			version = GC_VERSION_MAX;
		} else if (--version < GC_VERSION_MIN) {
			return fail(e, FAULT_GC_VERSION,
				"%s offers no configuration version", url);
		}
	}
	*slot = version;
	return 0;
}

/* ---- our clock against theirs ---- */

int64_t
gc_http_date(const char *s)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct civil c = { 0 };
	char month[4] = "";
	const char *at;

	if (sscanf(s, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &c.day, month,
		    &c.year, &c.hour, &c.minute, &c.second) != 6)
		return -1;
	at = strstr(months, month);
	if (!at || strlen(month) != 3 || (at - months) % 3)
		return -1;
	c.month = (int)(at - months) / 3 + 1;
	return civil_seconds(&c);
}

/* Configurations and OCSP responses seem expired, or not valid yet, when this
   machine's clock is wrong: say so before they do. */
static void
look_at_clock(const struct gc_source_call *call, const char *url,
	const struct http_answer *answer)
{
	const char *text = answer_header(answer, "Date");
	int64_t theirs = text ? gc_http_date(text) : -1;
	int64_t ahead = clock_seconds() - theirs;
	bool differs = ahead > SKEW_S || ahead < -SKEW_S;

	if (theirs < 0)
		return;
	call->versions->ahead = ahead;
	call->versions->seen = clock_now();
	if (differs == call->versions->skew_told)
		return;
	call->versions->skew_told = differs;
	if (differs)
		log_warning("this machine's clock is %lld s %s that of %s; "
			    "set it right, else signatures, OCSP responses "
			    "and configurations are taken for expired",
			(long long)(ahead < 0 ? -ahead : ahead),
			ahead < 0 ? "behind" : "ahead of", url);
	else
		log_info("this machine's clock agrees with that of %s", url);
}

int
gc_directory(struct arena *a, const struct gc_source_call *call,
	const char *url, struct bytes *out, struct err *e)
{
	struct http_answer answer;
	struct err cause = ERR_INIT;
	const char *query = strchr(url, '?');
	int ret;

	if (query && query_get(a, query + 1, "version"))
		ret = get(a, call, url, GC_DIR_MAX, &answer, &cause);
	else
		ret = probe(a, call, url, &answer, &cause);
	if (ret && cause.fault == FAULT_GC_VERSION)
		return fail(e, FAULT_GC_VERSION, "%s", cause.text);
	if (ret)
		return fail(e, FAULT_GC_CONNECTION, "%s: %s", url, cause.text);
	if (answer.status != 200)
		return fail(e, FAULT_GC_CONNECTION, "%s answered %d", url,
			answer.status);
	look_at_clock(call, url, &answer);
	*out = answer.body;
	return 0;
}

int
gc_part_get(struct arena *a, const struct gc_source_call *call, const char *url,
	const char *location, struct bytes *out, struct err *e)
{
	const char *host = strstr(url, "://") + strlen("://");
	const char *end = host + strcspn(host, "/?#");
	struct http_answer answer;
	struct err cause = ERR_INIT;

	if (*location == '/')
		location = arena_printf(
			a, "%.*s%s", (int)(end - url), url, location);
	else if (!str_iprefix(location, "http://") &&
		 !str_iprefix(location, "https://"))
		return fail(e, FAULT_GC_PART_DOWNLOAD,
			"'%s' is no location of a configuration part",
			location);
	if (get(a, call, location, GC_PART_MAX, &answer, &cause))
		return fail(e, FAULT_GC_PART_DOWNLOAD, "%s: %s", location,
			cause.text);
	if (answer.status != 200)
		return fail(e, FAULT_GC_PART_DOWNLOAD, "%s answered %d",
			location, answer.status);
	*out = answer.body;
	return 0;
}
