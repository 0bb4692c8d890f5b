/* SPDX-License-Identifier: MIT */
/*
 * Talking to an ACME server (RFC 8555 section 6): the directory, nonces, and
 * requests signed by the account.
 */
#include <string.h>

#include "acme_int.h"
#include "bundle.h"
#include "jws.h"
#include "key.h"
#include "mem.h"
#include "text.h"

enum { NONCE_TRIES = 6 };
static const char AGENT[] = "X-Road/7.8.0 machilink";

/* Whose certificate it has to be. */
struct claim {
	const struct bundle *roots;
	const char *host;
};

static int
judge(void *ctx, struct cert_list chain, struct err *e)
{
	const struct claim *c = ctx;

	return c->roots ? bundle_verify(c->roots, chain, c->host, e) : 0;
}

static const char *
host_of(struct arena *a, const char *url)
{
	const char *p = strstr(url, "://");

	p = p ? p + 3 : url;
	if (*p == '[')
		return arena_strndup(a, p + 1, strcspn(p + 1, "]"));
	return arena_strndup(a, p, strcspn(p, ":/?#"));
}

static void
keep_nonce(struct acme *s, const struct http_answer *answer)
{
	const char *nonce = answer_header(answer, "Replay-Nonce");

	s->nonce[0] = '\0';
	if (acme_word_ok(nonce, ACME_TOKEN_MAX))
		memcpy(s->nonce, nonce, strlen(nonce) + 1);
}

static int
call(struct acme *s, struct http_call *c, struct http_answer *out,
	struct err *e)
{
	struct claim claim = { s->o.roots, host_of(s->a, c->url) };

	c->answer_max = ACME_TEXT_MAX;
	c->connect_timeout_ms = s->o.connect_timeout_ms;
	c->read_timeout_ms = s->o.read_timeout_ms;
	c->tls = s->o.tls;
	c->judge = judge;
	c->judge_ctx = &claim;
	if (http_call(s->o.http, s->a, c, out, e))
		return -1;
	keep_nonce(s, out);
	return 0;
}

static int
fetch_directory(struct acme *s, struct err *e)
{
	const struct http_header head = { "User-Agent", AGENT };
	struct http_call c = { .method = "GET",
		.url = s->o.directory,
		.header = &head,
		.headers = 1 };
	struct http_answer answer;

	if (!acme_url_ok(c.url))
		return fail(e, FAULT_BAD_REQUEST, "%.200s is no URL", c.url);
	if (call(s, &c, &answer, e))
		return -1;
	if (answer.status != 200)
		return fail(
			e, FAULT_HTTP, "%s answered %d", c.url, answer.status);
	return acme_parse_directory(s->a, answer.body, &s->directory, e);
}

int
acme_open(struct acme **out, const struct acme_options *o, struct err *e)
{
	struct acme *s = mem_alloc(sizeof(*s));
	struct err why = ERR_INIT;

	s->o = *o;
	s->a = arena_new_secret();
	s->agent = AGENT;
	*out = s;
	if (!fetch_directory(s, &why))
		return 0;
	acme_close(out);
	return fail(e, FAULT_ACME_DIRECTORY, "%s", why.text);
}

void
acme_close(struct acme **a)
{
	struct acme *s = *a;

	*a = NULL;
	if (!s)
		return;
	key_unref(&s->key);
	arena_free(&s->a);
	mem_free(s);
}

bool
acme_needs_binding(const struct acme *s)
{
	return s->directory.needs_binding;
}

char *
acme_json(struct acme *s, json_t *j)
{
	struct buf b;
	char *text;

	buf_init(&b, ACME_TEXT_MAX);
	json_write(&b, j, JSON_PLAIN);
	json_decref(j);
	text = arena_strndup(s->a, b.data, b.len);
	buf_done(&b);
	return text;
}

static int
need_nonce(struct acme *s, struct err *e)
{
	const struct http_header head = { "User-Agent", AGENT };
	struct http_call c = { .method = "HEAD",
		.url = s->directory.new_nonce,
		.header = &head,
		.headers = 1 };
	struct http_answer answer;

	if (*s->nonce)
		return 0;
	if (call(s, &c, &answer, e))
		return -1;
	return *s->nonce ? 0 : fail(e, FAULT_HTTP, "%s gives no nonce", c.url);
}

/* A nonce is good for one request, whatever becomes of it. */
static int
post_once(struct acme *s, const struct acme_post *p, struct http_answer *out,
	struct err *e)
{
	const struct http_header head[] = {
		{ "User-Agent", s->agent },
		{ "Content-Type", "application/jose+json" },
		{ "Accept", p->accept ? p->accept : "application/json" },
	};
	struct jws_head h = { .url = p->url };
	struct http_call c = { .method = "POST",
		.url = p->url,
		.header = head,
		.headers = sizeof(head) / sizeof(*head),
		.has_body = true };
	json_t *jws;

	if (need_nonce(s, e))
		return -1;
	h.nonce = arena_strdup(s->a, s->nonce);
	h.kid = p->by_key ? NULL : s->account;
	s->nonce[0] = '\0';
	if (jws_sign(s->a, s->key, &h, p->payload, &jws, e))
		return -1;
	c.body = bytes_str(acme_json(s, jws));
	return call(s, &c, out, e);
}

int
acme_post(struct acme *s, const struct acme_post *p, enum fault fault,
	struct http_answer *out, const char **type, struct err *e)
{
	const char *kind = "", *detail = "";
	struct err why = ERR_INIT;

	for (int i = 0; i < NONCE_TRIES; i++) {
		if (post_once(s, p, out, &why))
			return fail(e, fault, "%s", why.text);
		if (out->status < 300)
			return 0;
		acme_parse_problem(s->a, out->body, &kind, &detail);
		if (!str_equal(kind, "badNonce"))
			break;
	}
	if (type)
		*type = kind;
	return fail(e, fault, "%s answered %d %s: %s", p->url, out->status,
		kind, detail);
}
