/* SPDX-License-Identifier: MIT */
/*
 * What all pages of residents have in common: head, menu, notices, forms with
 * their tokens, days and times, and how a page leaves. Nothing but the style
 * sheet is loaded, nothing runs, nobody may frame a page, nothing is cached.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "japanese.h"
#include "mem.h"
#include "param.h"
#include "resident_int.h"
#include "text.h"

enum { JAPAN_MS = 9 * 3600 * 1000, HEADERS_MAX = 16, PATH_MAX_LEN = 1000 };
static const char cookie_name[] = "__Host-visit";

/* What every reply carries. */
static const struct http_header fixed[] = {
	{ "Content-Security-Policy",
		"default-src 'none'; style-src 'self'; img-src 'self'; "
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Strict-Transport-Security", "max-age=31536000" },
	{ "Cache-Control", "no-store" },
};
enum { FIXED = sizeof(fixed) / sizeof(*fixed) };

struct two {
	const char *ja, *en;
};
static const struct two words[W_COUNT] = {
#define WORD(id, ja, en) [W_##id] = { ja, en },
#include "resident_word.def"
};

const char *
resident_word(bool ja, enum resident_word w)
{
	return ja ? words[w].ja : words[w].en;
}

const char *
say(const struct page *p, enum resident_word w)
{
	return resident_word(p->ja, w);
}

const char *
say_with(const struct page *p, enum resident_word w, const char *one,
	const char *two)
{
	const char *value[] = { one ? one : "", two ? two : "" };
	const char *s = say(p, w);
	struct buf b;
	char *out;

	buf_init(&b, PAGE_MAX);
	while (*s) {
		if (s[0] == '{' && (s[1] == '1' || s[1] == '2') &&
			s[2] == '}') {
			buf_str(&b, value[s[1] - '1']);
			s += 3;
		} else {
			buf_char(&b, *s++);
		}
	}
	out = arena_strndup(p->a, b.data, b.len);
	buf_done(&b);
	return out;
}

const char *
pick(const struct page *p, struct words w)
{
	const char *s = p->ja ? w.ja : w.en;

	return s ? s : "";
}

const char *
page_lang(const struct page *p)
{
	return p->ja ? "ja" : "en";
}

const char *
provider_label(const struct page *p, size_t provider)
{
	const struct oidc_setting *s;

	if (provider >= p->res->providers)
		return "";
	s = oidc_setting_of(p->res->provider[provider]);
	return p->ja ? s->label_ja : s->label_en;
}

struct consent_viewer
page_viewer(const struct page *p)
{
	return (struct consent_viewer){ .person = p->visit.person,
		.represented = p->visit.represented,
		.level = p->visit.level };
}

/* ---- making ---- */

static void
drop(void *buf)
{
	buf_done(buf);
}

static bool
wants_japanese(struct request *r)
{
	const char *path = request_path(r);
	const char *accept = request_header(r, "Accept-Language");

	if (str_prefix(path, "/en/") || str_equal(path, "/en"))
		return false;
	if (str_prefix(path, "/ja/") || str_equal(path, "/ja") || !accept)
		return true;
	return !str_iprefix(accept, "en");
}

struct page *
page_new(struct request *r, struct resident *res)
{
	struct arena *a = request_arena(r);
	struct page *p = arena_new_of(a, struct page);
	const char *id =
		cookie_get(a, request_header(r, "Cookie"), cookie_name);

	p->res = res;
	p->r = r;
	p->a = a;
	p->ja = wants_japanese(r);
	p->out = arena_new_of(a, struct buf);
	buf_init(p->out, PAGE_MAX);
	arena_defer(a, drop, p->out);
	p->visiting = id && visit_find(res->visits, id, &p->visit);
	request_set_user(r, p);
	return p;
}

struct page *
page_of(struct request *r)
{
	return request_user(r);
}

const char *
path_of(const struct page *p, const char *fmt, ...)
{
	va_list ap;
	char *rest;

	va_start(ap, fmt);
	rest = arena_vprintf(p->a, fmt, ap);
	va_end(ap);
	return arena_printf(p->a, "/%s%s", page_lang(p), rest);
}

/* ---- head and menu ---- */

struct menu {
	const char *path;
	enum resident_word word;
};
static const struct menu menu[] = {
	{ "/", W_HOME },
	{ "/consents", W_CONSENTS },
	{ "/history", W_HISTORY },
	{ "/services", W_SERVICES },
	{ "/download", W_DOWNLOAD },
};
enum { MENU = sizeof(menu) / sizeof(*menu) };

/* The same page in the other language; a page that was the answer to a form
   has none. */
static const char *
other_language(const struct page *p)
{
	const char *path = request_path(p->r);
	const char *query = request_query(p->r);
	bool same = (str_prefix(path, "/ja/") || str_prefix(path, "/en/")) &&
		    str_equal(request_method(p->r), "GET");

	return arena_printf(p->a, "/%s/%s%s%s", p->ja ? "en" : "ja",
		same ? path + 4 : "", same && query ? "?" : "",
		same && query ? query : "");
}

static void
put_menu(struct page *p)
{
	html_put(p->out, "<nav aria-label=\"%s\"><ul>", say(p, W_MENU));
	for (size_t i = 0; i < MENU; i++) {
		const char *path = path_of(p, "%s", menu[i].path);

		if (str_equal(path, request_path(p->r)))
			html_put(p->out,
				"<li><a href=\"%s\" aria-current=\"page\">%s"
				"</a></li>",
				path, say(p, menu[i].word));
		else
			html_put(p->out, "<li><a href=\"%s\">%s</a></li>", path,
				say(p, menu[i].word));
	}
	html_put(p->out, "<li>");
	form_begin(p, path_of(p, "/logout"), "bare");
	form_end(p, W_LOGOUT, "link");
	html_put(p->out, "</li></ul></nav>");
}

static void
put_head(struct page *p, const char *title)
{
	html_put(p->out,
		"<!doctype html>\n<html lang=\"%s\"><head>"
		"<meta charset=\"utf-8\"><title>%s - %s</title>"
		"<meta name=\"viewport\" content=\"width=device-width, "
		"initial-scale=1\"><meta name=\"color-scheme\" "
		"content=\"light dark\"><meta name=\"robots\" "
		"content=\"noindex\"><link rel=\"stylesheet\" "
		"href=\"/resident.css\"><link rel=\"icon\" "
		"href=\"/icon.svg\"></head><body><a class=\"skip\" "
		"href=\"#main\">%s</a><header><p class=\"brand\">"
		"<a href=\"%s\">%s</a></p><p class=\"language\">"
		"<a href=\"%s\" hreflang=\"%s\" lang=\"%s\">%s</a></p>",
		page_lang(p), title, say(p, W_BRAND), say(p, W_SKIP),
		path_of(p, "/"), say(p, W_BRAND), other_language(p),
		p->ja ? "en" : "ja", p->ja ? "en" : "ja",
		say(p, W_OTHER_LANGUAGE));
	if (p->visiting && p->visit.person)
		put_menu(p);
	html_put(p->out, "</header><main id=\"main\">");
}

static void
put_notice(struct page *p)
{
	if (p->visiting && p->visit.notice) {
		html_put(p->out, "<p class=\"notice\" role=\"status\">%s</p>",
			say(p, (enum resident_word)(p->visit.notice - 1)));
		p->visit.notice = 0;
		visit_keep(p->res->visits, &p->visit);
	}
	if (p->visiting && p->visit.represented) {
		html_put(p->out, "<div class=\"acting\"><p>%s</p>",
			say(p, W_ACTING));
		form_begin(p, path_of(p, "/represent"), "bare");
		form_end(p, W_ACT_MYSELF, "secondary");
		html_put(p->out, "</div>");
	}
}

/* ---- leaving ---- */

static size_t
headers(const struct page *p, struct http_header out[HEADERS_MAX])
{
	size_t n = FIXED;

	memcpy(out, fixed, sizeof(fixed));
	if (p->cookie)
		out[n++] = (struct http_header){ "Set-Cookie",
			arena_printf(p->a,
				"%s=%s; Path=/; Secure; HttpOnly; "
				"SameSite=Lax%s",
				cookie_name, p->visiting ? p->visit.id : "",
				p->visiting ? "" : "; Max-Age=0") };
	return n;
}

int
page_send(struct page *p, int status, struct err *e)
{
	const struct conf *c = p->res->conf;
	struct http_header h[HEADERS_MAX];
	size_t n = headers(p, h);

	html_put(p->out,
		"</main><footer><ul><li><a href=\"%s\">%s</a></li>"
		"<li><a href=\"%s\">%s</a></li></ul>",
		path_of(p, "/about"), say(p, W_ABOUT),
		path_of(p, "/accessibility"), say(p, W_ACCESSIBILITY));
	if (*conf_text(c, P_RESIDENT_OPERATOR))
		html_put(p->out, "<p>%s</p>",
			say_with(p, W_OPERATOR,
				conf_text(c, P_RESIDENT_OPERATOR), NULL));
	html_put(p->out, "</footer></body></html>\n");
	if (buf_ok(p->out, "the page", e))
		return -1;
	if (p->trouble && status == 200)
		status = 400;
	h[n++] = (struct http_header){ "Content-Type",
		"text/html; charset=utf-8" };
	return reply_send_headers(p->r, status, h, n, bytes_buf(p->out), e);
}

static int
go(struct page *p, const char *path, struct err *e)
{
	struct http_header h[HEADERS_MAX];
	size_t n = headers(p, h);

	h[n++] = (struct http_header){ "Location", path };
	return reply_send_headers(p->r, 303, h, n, bytes_of("", 0), e);
}

int
page_go(struct page *p, struct err *e, const char *fmt, ...)
{
	va_list ap;
	char *path;

	va_start(ap, fmt);
	path = arena_vprintf(p->a, fmt, ap);
	va_end(ap);
	return go(p, path, e);
}

int
page_go_saying(struct page *p, enum resident_word notice, const char *path,
	struct err *e)
{
	p->visit.notice = (int)notice + 1;
	if (p->visiting)
		visit_keep(p->res->visits, &p->visit);
	return go(p, path, e);
}

int
page_file(struct page *p, const char *name, const char *type, struct bytes body,
	struct err *e)
{
	struct http_header h[HEADERS_MAX];
	size_t n = headers(p, h);

	h[n++] = (struct http_header){ "Content-Type", type };
	h[n++] = (struct http_header){ "Content-Disposition",
		arena_printf(p->a, "attachment; filename=\"%s\"", name) };
	return reply_send_headers(p->r, 200, h, n, body, e);
}

/* ---- pieces ---- */

void
form_begin(struct page *p, const char *path, const char *class)
{
	html_put(p->out,
		"<form method=\"post\" action=\"%s\" class=\"%s\">"
		"<input type=\"hidden\" name=\"token\" value=\"%s\">",
		path, class,
		p->visiting ? visit_token(p->a, &p->visit, path) : "");
}

void
form_end(struct page *p, enum resident_word button, const char *class)
{
	html_put(p->out, "<button class=\"%s\">%s</button></form>", class,
		say(p, button));
}

void
put_providers(struct page *p, enum resident_word w, const char *class)
{
	html_put(p->out, "<ul class=\"choices\">");
	for (size_t i = 0; i < p->res->providers; i++)
		html_put(p->out, "<li><a class=\"%s\" href=\"%s\">%s</a></li>",
			class,
			path_of(p, "/login/%s",
				oidc_setting_of(p->res->provider[i])->name),
			say_with(p, w, provider_label(p, i), NULL));
	html_put(p->out, "</ul>");
}

/* Why the form was not taken; who only needs a better sign-in finds it here. */
static void
put_trouble(struct page *p)
{
	if (!p->trouble)
		return;
	html_put(p->out, "<p role=\"alert\" class=\"error\">%s</p>",
		fault_sentence(p, p->trouble));
	if (str_equal(p->trouble->code, "link.level"))
		put_providers(p, W_SIGN_IN_WITH, "button secondary");
}

void
page_begin(struct page *p, const char *title)
{
	buf_reset(p->out);
	put_head(p, title);
	put_notice(p);
	html_put(p->out, "<h1>%s</h1>", title);
	put_trouble(p);
}

static const char *const months[] = { "January", "February", "March", "April",
	"May", "June", "July", "August", "September", "October", "November",
	"December" };

const char *
day_text(const struct page *p, int64_t ms)
{
	char iso[TIME_TEXT_MAX], era[WAREKI_TEXT_MAX];
	struct civil c;

	civil_from_seconds((ms + JAPAN_MS) / 1000, &c);
	snprintf(iso, sizeof(iso), "%04d-%02d-%02d", c.year, c.month, c.day);
	if (!p->ja)
		return arena_printf(
			p->a, "%d %s %d", c.day, months[c.month - 1], c.year);
	if (!wareki_write(iso, era))
		return arena_strdup(p->a, iso);
	return arena_printf(p->a, "%d年%d月%d日 (%.*s)", c.year, c.month, c.day,
		(int)(strstr(era, "年") - era) + 3, era);
}

void
put_day(struct page *p, int64_t ms)
{
	char iso[TIME_TEXT_MAX];

	time_iso(iso, ms + JAPAN_MS);
	iso[DAY_TEXT_LEN] = '\0';
	html_put(p->out, "<time datetime=\"%s\">%s</time>", iso,
		day_text(p, ms));
}

void
put_moment(struct page *p, int64_t ms)
{
	char iso[TIME_TEXT_MAX];
	struct civil c;

	civil_from_seconds((ms + JAPAN_MS) / 1000, &c);
	html_put(p->out, "<time datetime=\"%s\">%s ", time_iso(iso, ms),
		day_text(p, ms));
	html_put(p->out, "%d:%s%d</time>", c.hour, c.minute < 10 ? "0" : "",
		c.minute);
}
