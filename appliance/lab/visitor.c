/* SPDX-License-Identifier: MIT */
/* A resident without a browser; see visitor.h. */
#include "lab_int.h"

#include <string.h>

#include "cert.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "mem.h"
#include "text.h"
#include "tls.h"
#include "visitor.h"

enum {
	COOKIES = 8,
	REDIRECTS = 20,
	PINNED = 2,
	FORM_MAX = 64 * 1024,
	CERT_FILE_MAX = 64 * 1024,
	CONNECT_MS = 5000,
	TOTAL_MS = 30000,
	SENTENCE = 300,
};

struct cookie {
	const char *origin, *name, *value; /* NULL name: free */
};
struct visitor {
	struct lab *lab;
	struct arena *a;
	struct tls *tls;
	struct cert *pinned[PINNED];
	struct cookie cookie[COOKIES];
	struct seen seen;
};

/* ---- one request ---- */

static int
known(void *ctx, struct cert_list chain, struct err *e)
{
	struct visitor *v = ctx;

	for (int i = 0; chain.n && i < PINNED; i++)
		if (v->pinned[i] && cert_equal(chain.item[0], v->pinned[i]))
			return 0;
	return fail(e, FAULT_SSL_AUTH, "this page is none of the lab");
}

static int
pin(struct visitor *v, int i, const char *path, struct err *e)
{
	struct bytes text;

	return file_read(v->a, path, CERT_FILE_MAX, &text, e) ||
			       cert_parse(&v->pinned[i], text, e)
		       ? -1
		       : 0;
}

int
visitor_new(struct visitor **out, struct lab *l, struct err *e)
{
	struct visitor *v = arena_new_of(l->arena, struct visitor);
	struct tls_options o = {
		.policy = TLS_WEB, .judge = known, .judge_ctx = v
	};
	char *data = path_join(l->arena, l->machine[CENTER].dir, "data");

	v->lab = l;
	v->a = l->arena;
	if (pin(v, 0, path_join(v->a, data, "resident.crt"), e) ||
		pin(v, 1, path_join(v->a, site_dir(l), "provider.crt"), e) ||
		tls_client_new(&v->tls, &o, e)) {
		visitor_free(&v);
		return -1;
	}
	*out = v;
	return 0;
}

void
visitor_free(struct visitor **v)
{
	if (!*v)
		return;
	tls_unref(&(*v)->tls);
	for (int i = 0; i < PINNED; i++)
		cert_unref(&(*v)->pinned[i]);
	*v = NULL;
}

const struct seen *
visitor_at(const struct visitor *v)
{
	return &v->seen;
}

/* "https://host:port" of an absolute address. */
static char *
origin_of(struct visitor *v, const char *url)
{
	const char *p = strstr(url, "://");
	size_t n = p ? (size_t)(p - url) + 3 : 0;

	return arena_strndup(v->a, url, n + strcspn(url + n, "/?#"));
}

static const char *
cookies_for(struct visitor *v, const char *origin)
{
	const char *text = NULL;

	for (int i = 0; i < COOKIES; i++)
		if (v->cookie[i].name && str_equal(v->cookie[i].origin, origin))
			text = arena_printf(v->a, "%s%s%s=%s", text ? text : "",
				text ? "; " : "", v->cookie[i].name,
				v->cookie[i].value);
	return text;
}

static void
take_cookie(struct visitor *v, const char *origin, const char *line)
{
	size_t n = strcspn(line, "="), m = strcspn(line, ";");
	char *name = arena_strndup(v->a, line, n);
	struct cookie *at = NULL;

	for (int i = COOKIES - 1; i >= 0; i--) {
		struct cookie *c = &v->cookie[i];

		if (!c->name || (str_equal(c->name, name) &&
					str_equal(c->origin, origin)))
			at = c;
	}
	if (!at || n >= m)
		return;
	*at = (struct cookie){ origin, name,
		arena_strndup(v->a, line + n + 1, m - n - 1) };
	if (!*at->value || strstr(line, "Max-Age=0"))
		at->name = NULL;
}

/* A redirect's address, or NULL. */
static const char *
take_answer(struct visitor *v, const char *url, const struct http_answer *x)
{
	char *origin = origin_of(v, url);
	const char *next = answer_header(x, "Location");

	for (size_t i = 0; i < x->headers; i++)
		if (str_iequal(x->header[i].name, "Set-Cookie"))
			take_cookie(v, origin, x->header[i].value);
	v->seen = (struct seen){ x->status, url,
		arena_strndup(v->a, (const char *)x->body.data, x->body.len) };
	if (x->status < 300 || x->status > 399 || !next)
		return NULL;
	return *next == '/' ? arena_printf(v->a, "%s%s", origin, next) : next;
}

/* form NULL: GET. What follows a redirect is a GET. */
static int
fetch(struct visitor *v, const char *url, const char *form, struct err *e)
{
	for (int i = 0; url && i < REDIRECTS; i++) {
		const char *cookies = cookies_for(v, origin_of(v, url));
		struct http_header h[] = {
			{ "Accept-Language", v->lab->japanese ? "ja" : "en" },
			{ "Cookie", cookies },
			{ "Content-Type", "application/x-www-form-urlencoded" },
			{ "Origin", origin_of(v, url) },
		};
		struct http_call c = { .method = form ? "POST" : "GET",
			.url = url,
			.header = h,
			.headers = form ? 4 : 2,
			.body = bytes_str(form ? form : ""),
			.has_body = form != NULL,
			.connect_timeout_ms = CONNECT_MS,
			.total_timeout_ms = TOTAL_MS,
			.tls = v->tls };
		struct http_answer answer;

		if (!cookies)
			h[1] = (struct http_header){ "Accept", "text/html" };
		if (http_call(v->lab->http, v->a, &c, &answer, e))
			return -1;
		url = take_answer(v, url, &answer);
		form = NULL;
	}
	return url ? fail(e, FAULT_IO, "redirected in circles at %s", url) : 0;
}

int
visitor_go(struct visitor *v, const char *url, struct err *e)
{
	return fetch(v, url, NULL, e);
}

/* ---- what a page has ---- */

struct entity {
	const char *text;
	char c;
};
static const struct entity entities[] = { { "&amp;", '&' }, { "&lt;", '<' },
	{ "&gt;", '>' }, { "&quot;", '"' }, { "&#39;", '\'' } };
enum { ENTITIES = sizeof(entities) / sizeof(*entities) };

static char *
unescape(struct arena *a, const char *p, size_t n)
{
	char *out = arena_alloc(a, n + 1);
	size_t len = 0;

	for (size_t i = 0; i < n;) {
		size_t k = 0;

		while (k < ENTITIES && !str_prefix(p + i, entities[k].text))
			k++;
		out[len++] = k < ENTITIES ? entities[k].c : p[i];
		i += k < ENTITIES ? strlen(entities[k].text) : 1;
	}
	out[len] = '\0';
	return out;
}

/* Of the tag that begins at p; NULL when it has none. */
static char *
attribute(struct visitor *v, const char *p, const char *name)
{
	char *key = arena_printf(v->a, " %s=\"", name);
	const char *end = strchr(p, '>'), *at = strstr(p, key);

	if (!end || !at || at > end)
		return NULL;
	at += strlen(key);
	return unescape(v->a, at, strcspn(at, "\""));
}

static char *
absolute(struct visitor *v, const char *path)
{
	return arena_printf(v->a, "%s%s",
		*path == '/' ? origin_of(v, v->seen.url) : "", path);
}

/* The page's words where it says what is wrong, or its beginning. */
static int
complain(struct visitor *v, const char *what, struct err *e)
{
	const char *alert = strstr(v->seen.text, "role=\"alert\"");
	const char *main = strstr(v->seen.text, "<main");
	const char *text = alert ? alert : main ? main : v->seen.text;

	return fail(e, FAULT_INTERNAL, "%s at %s: %d %.*s", what, v->seen.url,
		v->seen.status, SENTENCE, text);
}

int
visitor_follow(struct visitor *v, const char *part, struct err *e)
{
	const char *p = v->seen.text;

	while ((p = strstr(p, "<a "))) {
		char *href = attribute(v, p, "href");

		if (href && strstr(href, part))
			return fetch(v, absolute(v, href), NULL, e);
		p++;
	}
	return complain(v, arena_printf(v->a, "no link %s", part), e);
}

static const char *
find_form(const struct visitor *v, const char *end)
{
	const char *p = v->seen.text;

	while (p && (p = strstr(p, "<form "))) {
		char *action =
			attribute((struct visitor *)(uintptr_t)v, p, "action");

		if (action && str_suffix(action, end))
			return p;
		p++;
	}
	return NULL;
}

bool
visitor_has_form(const struct visitor *v, const char *end)
{
	return find_form(v, end) != NULL;
}

static void
put_field(struct visitor *v, struct buf *b, const char *name, const char *value)
{
	buf_fmt(b, "%s%s=%s", b->len ? "&" : "", form_encode(v->a, name),
		form_encode(v->a, value));
}

/* Boxes are as nobody had touched them. */
static void
put_inputs(struct visitor *v, struct buf *b, const char *p, const char *end)
{
	while ((p = strstr(p, "<input ")) && p < end) {
		const char *type = attribute(v, p, "type");
		const char *name = attribute(v, p, "name");
		const char *value = attribute(v, p, "value");

		if (name && !str_equal(type, "checkbox") &&
			!str_equal(type, "radio"))
			put_field(v, b, name, value ? value : "");
		p++;
	}
}

int
visitor_send(struct visitor *v, const char *end, const char *const *more,
	struct err *e)
{
	const char *p = find_form(v, end);
	const char *stop = p ? strstr(p, "</form>") : NULL;
	struct buf b;
	int ret;

	if (!stop)
		return complain(v, arena_printf(v->a, "no form %s", end), e);
	buf_init(&b, FORM_MAX);
	put_inputs(v, &b, p, stop);
	for (; more && *more; more += 2)
		put_field(v, &b, more[0], more[1]);
	ret = fetch(v, absolute(v, attribute(v, p, "action")),
		arena_strdup(v->a, b.data), e);
	buf_done(&b);
	if (!ret && v->seen.status != 200)
		ret = complain(v, arena_printf(v->a, "the form %s", end), e);
	return ret;
}
