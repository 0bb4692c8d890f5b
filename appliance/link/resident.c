/* SPDX-License-Identifier: MIT */
/*
 * The listener of the resident's pages: its routes, who may see which, and the
 * one place where a form's token is checked, so that no handler can forget.
 */
#include <string.h>

#include "asset.h"
#include "bundle.h"
#include "clock.h"
#include "err.h"
#include "http_client.h"
#include "http_trusted.h"
#include "job.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "resident_int.h"
#include "resident_notice_int.h"
#include "text.h"
#include "tls.h"

enum {
	THREADS = 64,
	RATE_WAIT_MS = 250,
	CONNECT_MS = 10000,
	READ_MS = 15000,
	KNOWN_MS = 3600 * 1000,
	REFETCH_MS = 60 * 1000,
	RETRY_MS = 5 * 1000,
	ANSWER_MAX = 64 * 1024,
};

static int
style(struct request *r, void *state, struct err *e)
{
	const struct resident *res = state;

	return asset_serve(r, res->assets, conf_text(res->conf, P_WEB_DIR), e);
}

#define BODY RESIDENT_BODY_MAX
static const struct route routes[] = {
	{ "GET", "/", 0, 0, door_root },
	{ "GET", "/resident.css", 0, 0, style },
	{ "GET", "/icon.svg", 0, 0, style },
	{ "GET", "/callback/{provider}", 0, 0, door_callback },
	{ "GET", "/t/{secret}", 0, 0, door_ticket },
	{ "GET", "/{lang}/", 0, 0, home_page },
	{ "GET", "/{lang}/about", 0, 0, about_page },
	{ "GET", "/{lang}/accessibility", 0, 0, accessibility_page },
	{ "GET", "/{lang}/login/{provider}", 0, 0, door_login },
	{ "GET", "/{lang}/welcome", 0, 0, door_welcome },
	{ "POST", "/{lang}/register", BODY, 0, door_register },
	{ "POST", "/{lang}/logout", BODY, 0, door_logout },
	{ "GET", "/{lang}/join", 0, PAGE_PERSON, door_join_page },
	{ "POST", "/{lang}/join", BODY, PAGE_PERSON, door_join },
	{ "POST", "/{lang}/forget", BODY, PAGE_PERSON, door_forget },
	{ "GET", "/{lang}/request", 0, PAGE_PERSON, request_page },
	{ "GET", "/{lang}/connect", 0, PAGE_PERSON, connect_page },
	{ "POST", "/{lang}/connect", BODY, PAGE_PERSON, connect_post },
	{ "POST", "/{lang}/connect/no", BODY, PAGE_PERSON, connect_no_post },
	{ "GET", "/{lang}/consents", 0, PAGE_PERSON, consents_page },
	{ "GET", "/{lang}/consent/{id}", 0, PAGE_PERSON, consent_page },
	{ "POST", "/{lang}/consent/{id}/give", BODY, PAGE_PERSON,
		consent_give_post },
	{ "POST", "/{lang}/consent/{id}/decline", BODY, PAGE_PERSON,
		consent_decline_post },
	{ "POST", "/{lang}/consent/{id}/withdraw", BODY, PAGE_PERSON,
		consent_withdraw_post },
	{ "GET", "/{lang}/services", 0, PAGE_PERSON, services_page },
	{ "POST", "/{lang}/unlink", BODY, PAGE_PERSON, unlink_post },
	{ "POST", "/{lang}/remove", BODY, PAGE_PERSON, remove_post },
	{ "POST", "/{lang}/represent", BODY, PAGE_PERSON, represent_post },
	{ "GET", "/{lang}/leave", 0, PAGE_PERSON, leave_page },
	{ "POST", "/{lang}/leave", BODY, PAGE_PERSON, leave_post },
	{ "GET", "/{lang}/history", 0, PAGE_PERSON, history_page },
	{ "GET", "/{lang}/evidence/{step}", 0, PAGE_PERSON, evidence_file },
	{ "GET", "/{lang}/download", 0, PAGE_PERSON, download_page },
	{ "GET", "/{lang}/download/{kind}", 0, PAGE_PERSON, download_file },
	{ NULL, NULL, 0, 0, NULL },
};

/* A form comes from a page of ours that this visit has seen: its token fits
   visit and path; and the browser, if it tells, says the same. */
static int
form_judge(struct page *p, struct err *e)
{
	const char *origin = request_header(p->r, "Origin");
	const char *site = request_header(p->r, "Sec-Fetch-Site");
	const char *type = request_header(p->r, "Content-Type");
	const char *want, *got;
	struct bytes body;

	if (!type || !str_iprefix(type, "application/x-www-form-urlencoded"))
		return fail(e, FAULT_INVALID_REQUEST, "not a form");
	if (request_body(p->r, &body, e) || form_read(p->a, body, &p->form, e))
		return -1;
	got = form_get(&p->form, "token");
	if (!p->visiting || !got)
		return fail(e, FAULT_CONFLICT, "a form without visit or token");
	want = visit_token(p->a, &p->visit, request_path(p->r));
	if (strlen(got) != strlen(want) || !ct_equal(got, want, strlen(want)) ||
		(origin && !str_equal(origin, p->res->base)) ||
		(site && !str_equal(site, "same-origin")))
		return fail(e, FAULT_CONFLICT, "a form of another page");
	return 0;
}

static int
guard(struct request *r, unsigned flags, void *state, struct err *e)
{
	struct page *p = page_new(r, state);
	const char *lang = request_segment(r, "lang");

	if (lang && !str_equal(lang, "ja") && !str_equal(lang, "en"))
		return fail(e, FAULT_NOT_FOUND, "no language %.20s", lang);
	if (!str_equal(request_method(r), "GET") &&
		!str_equal(request_method(r), "HEAD") && form_judge(p, e))
		return -1;
	if ((flags & PAGE_PERSON) && !(p->visiting && p->visit.person))
		return page_go(p, e, "/%s/?sign-in", page_lang(p)) ? -1 : 1;
	return 0;
}

size_t
resident_provider(const struct resident *res, const char *name)
{
	size_t i = 0;

	while (i < res->providers &&
		!str_equal(name, oidc_setting_of(res->provider[i])->name))
		i++;
	return i;
}

size_t
resident_issuer(const struct resident *res, const char *issuer)
{
	size_t i = 0;

	while (i < res->providers &&
		!str_equal(issuer, oidc_setting_of(res->provider[i])->issuer))
		i++;
	return i;
}

const char *
resident_address(struct arena *a, const struct conf *conf)
{
	const char *url = conf_text(conf, P_RESIDENT_URL);
	const char *host = conf_text(conf, P_NODE_ADDRESS);
	size_t n = strlen(url);

	if (!*url)
		return arena_printf(a, "https://%s:%d",
			*host ? host : "localhost",
			(int)conf_int(conf, P_RESIDENT_PORT));
	while (n && url[n - 1] == '/')
		n--;
	return arena_strndup(a, url, n);
}

const char *
resident_ticket_url(
	struct arena *a, const struct conf *conf, const char *secret)
{
	return arena_printf(a, "%s/t/%s", resident_address(a, conf), secret);
}

/* What outgoing calls need. Without providers the system may have no
   authorities: then only notices cannot be sent. */
static int
open_calls(struct resident *res, struct err *e)
{
	const char *roots = conf_text(res->conf, P_RESIDENT_ROOTS);
	bool needed = *conf_text(res->conf, P_RESIDENT_PROVIDERS);

	if (http_client_new(&res->client, e) ||
		tls_client_new(&res->client_tls,
			&(struct tls_options){ .policy = TLS_WEB }, e))
		return -1;
	if (*roots)
		return bundle_open(&res->roots, roots, e);
	return bundle_system(&res->roots, needed ? e : NULL) && needed ? -1 : 0;
}

static int
open_providers(struct resident *res, struct err *e)
{
	const char *path = conf_text(res->conf, P_RESIDENT_PROVIDERS);
	struct oidc_env env = { .http = res->client,
		.tls = res->client_tls,
		.roots = res->roots,
		.base = res->base,
		.connect_timeout_ms = CONNECT_MS,
		.read_timeout_ms = READ_MS,
		.known_ms = KNOWN_MS,
		.refetch_ms = REFETCH_MS,
		.retry_ms = RETRY_MS };
	const struct oidc_setting *s;
	size_t n;

	if (!*path) {
		log_warning("resident pages: [personal-link] "
			    "providers-file is not set; nobody can sign in");
		return 0;
	}
	if (oidc_settings_load(res->arena, path, &s, &n, e))
		return -1;
	for (; res->providers < n; res->providers++)
		if (oidc_new(&res->provider[res->providers], &s[res->providers],
			    &env, e))
			return -1;
	return 0;
}

int
resident_call(struct resident *res, struct arena *a, struct http_call *call,
	struct http_answer *out, struct err *e)
{
	if (!res->roots)
		return fail(e, FAULT_CONFIG,
			"no authorities to trust; set [personal-link] "
			"provider-trust-anchors");
	call->connect_timeout_ms = CONNECT_MS;
	call->read_timeout_ms = READ_MS;
	call->total_timeout_ms = CONNECT_MS + READ_MS;
	call->answer_max = ANSWER_MAX;
	call->tls = res->client_tls;
	return http_call_trusted(res->client, a, call, res->roots, out, e);
}

static int64_t
notices(void *ctx)
{
	struct err e = ERR_INIT;

	if (resident_notices(ctx, &e))
		log_err("notices", &e);
	return 0;
}

static int64_t
certificate(void *ctx)
{
	resident_tls_look(ctx);
	return 0;
}

static const struct job jobs[] = {
	{ "certificate", 60 * 1000, 60 * 1000, certificate },
	{ "notices", 60 * 1000, 10 * 1000, notices },
	{ NULL, 0, 0, NULL },
};

static int
open_listener(struct resident *res, struct err *e)
{
	struct listener l = {
		.name = "resident pages",
		.address = conf_text(res->conf, P_RESIDENT_ADDRESS),
		.port = (int)conf_int(res->conf, P_RESIDENT_PORT),
		.tls = res->server_tls,
		.threads = THREADS,
		.per_minute = (int)conf_int(res->conf, P_RESIDENT_RATE),
		.rate_wait_ms = RATE_WAIT_MS,
		.routes = routes,
		.state = res,
		.guard = guard,
		.error = page_fault,
	};

	return http_serve(&res->http, &l, e);
}

int
resident_start(struct resident **out, const struct conf *conf,
	struct linkbook *book, struct err *e)
{
	struct resident *res = mem_alloc(sizeof(*res));

	res->conf = conf;
	res->book = book;
	res->arena = arena_new_secret();
	res->assets = &web_assets;
	res->base = resident_address(res->arena, conf);
	res->visits = visits_new(1000 * conf_int(conf, P_RESIDENT_IDLE),
		1000 * conf_int(conf, P_RESIDENT_LONGEST), clock_ticks);
	if (open_calls(res, e) || open_providers(res, e) ||
		resident_tls_open(res, e) || open_listener(res, e) ||
		jobs_start(&res->jobs, jobs, res, e)) {
		resident_stop(&res);
		return -1;
	}
	*out = res;
	return 0;
}

void
resident_stop(struct resident **r)
{
	struct resident *res = *r;

	if (!res)
		return;
	http_stop(&res->http);
	jobs_stop(&res->jobs);
	for (size_t i = 0; i < OIDC_PROVIDERS_MAX; i++)
		oidc_free(&res->provider[i]);
	http_client_free(&res->client);
	tls_unref(&res->client_tls);
	tls_unref(&res->server_tls);
	bundle_close(&res->roots);
	visits_free(&res->visits);
	arena_free(&res->arena);
	mem_free(res);
	*r = NULL;
}
