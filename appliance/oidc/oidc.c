/* SPDX-License-Identifier: MIT */
/* Signing in with one OpenID provider; see oidc.h. */
#include <string.h>

#include "clock.h"
#include "digest.h"
#include "err.h"
#include "http_client.h"
#include "jws.h"
#include "mem.h"
#include "oidc_provider_int.h"
#include "text.h"

enum { FORM_MAX = 16 * 1024, CODE_MAX = 4096, WORD_MAX = 64 };

int
oidc_new(struct oidc **out, const struct oidc_setting *s,
	const struct oidc_env *env, struct err *e)
{
	struct oidc *o;

	if (!oidc_url_ok(env->base))
		return fail(e, FAULT_CONFIG,
			"the address of the resident pages, '%s', is no https "
			"address",
			env->base);
	o = mem_alloc(sizeof(*o));
	o->setting = s;
	o->env = *env;
	o->why = (struct err)ERR_INIT;
	pthread_mutex_init(&o->lock, NULL);
	o->redirect = mem_alloc(
		strlen(env->base) + strlen(s->name) + sizeof("/callback/"));
	memcpy(o->redirect, env->base, strlen(env->base));
	memcpy(o->redirect + strlen(env->base), "/callback/", 10);
	memcpy(o->redirect + strlen(env->base) + 10, s->name, strlen(s->name));
	*out = o;
	return 0;
}

void
oidc_free(struct oidc **o)
{
	if (!*o)
		return;
	oidc_known_unref(&(*o)->known);
	pthread_mutex_destroy(&(*o)->lock);
	mem_free((*o)->redirect);
	mem_free(*o);
	*o = NULL;
}

const struct oidc_setting *
oidc_setting_of(const struct oidc *o)
{
	return o->setting;
}

const char *
oidc_redirect(const struct oidc *o)
{
	return o->redirect;
}

void
oidc_token(char out[OIDC_TOKEN_LEN + 1])
{
	uint8_t raw[32];
	struct arena *a = arena_new_secret();

	random_bytes(raw, sizeof(raw));
	memcpy(out, base64url_encode(a, raw, sizeof(raw)), OIDC_TOKEN_LEN + 1);
	mem_wipe(raw, sizeof(raw));
	arena_free(&a);
}

/* name=value in a query or form; & before all but the first. */
static void
put(struct buf *b, struct arena *a, const char *name, const char *value)
{
	if (b->len && b->data[b->len - 1] != '?')
		buf_char(b, '&');
	buf_fmt(b, "%s=%s", name, form_encode(a, value));
}

static void
put_acr(struct buf *b, struct arena *a, const struct oidc_setting *s)
{
	char *all = arena_strdup(a, "");

	for (size_t i = 0; s->acr && s->acr[i]; i++)
		all = arena_printf(
			a, "%s%s%s", all, *all ? " " : "", s->acr[i]);
	if (*all)
		put(b, a, "acr_values", all);
	if (s->max_age)
		put(b, a, "max_age",
			arena_printf(a, "%lld", (long long)s->max_age));
}

static void
put_question(struct buf *b, struct arena *a, const struct oidc *o,
	const struct oidc_attempt *t, const char *language)
{
	struct digest d;

	digest_of(DIGEST_SHA256, t->verifier, strlen(t->verifier), &d);
	put(b, a, "response_type", "code");
	put(b, a, "client_id", o->setting->client_id);
	put(b, a, "redirect_uri", o->redirect);
	put(b, a, "scope", "openid");
	put(b, a, "state", t->state);
	put(b, a, "nonce", t->nonce);
	put(b, a, "code_challenge", base64url_encode(a, d.value, d.len));
	put(b, a, "code_challenge_method", "S256");
	put(b, a, "prompt", "login");
	put(b, a, "ui_locales", language);
	put_acr(b, a, o->setting);
}

int
oidc_begin(struct oidc *o, struct arena *a, const char *language,
	struct oidc_attempt *out, const char **url, struct err *e)
{
	struct oidc_known *k = oidc_known_ref(o, e);
	const char *to;
	struct buf b;
	int ret;

	if (!k)
		return -1;
	oidc_token(out->state);
	oidc_token(out->nonce);
	oidc_token(out->verifier);
	to = oidc_known_meta(k)->authorization;
	buf_init(&b, FORM_MAX);
	buf_str(&b, to);
	buf_char(&b, strchr(to, '?') ? '&' : '?');
	put_question(&b, a, o, out, language);
	ret = buf_ok(&b, "the sign-in address", e);
	*url = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	oidc_known_unref(&k);
	return ret;
}

/* A provider's own word in a sentence of ours: only what such words are made
   of (RFC 6749 section 4.1.2.1). */
static const char *
plain_word(struct arena *a, const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-.";
	size_t n = s ? strspn(s, letters) : 0;

	return arena_strndup(
		a, n ? s : "?", n ? (n < WORD_MAX ? n : WORD_MAX) : 1);
}

/* RFC 6749 section 3.1: nothing stands twice. */
static bool
is_twice(struct arena *a, const char *query, const char *name)
{
	size_t n = 0, len;

	for (const char *p = query; *p; p += len + (p[len] == '&')) {
		len = strcspn(p, "&");
		n += query_get(a, arena_strndup(a, p, len), name) != NULL;
	}
	return n > 1;
}

static int
once_each(struct arena *a, const char *query, struct err *e)
{
	static const char *const names[] = { "state", "iss", "code", "error" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (is_twice(a, query, names[i]))
			return fail(e, FAULT_BAD_REQUEST,
				"the answer says %s twice", names[i]);
	return 0;
}

static int
answer_judge(struct oidc *o, struct arena *a, const struct oidc_meta *m,
	const struct oidc_attempt *t, const char *query, const char **code,
	struct err *e)
{
	const char *state = query_get(a, query, "state");
	const char *issuer = query_get(a, query, "iss");
	const char *no = query_get(a, query, "error");

	*code = query_get(a, query, "code");
	if (once_each(a, query, e))
		return -1;
	if (!state || strlen(state) != OIDC_TOKEN_LEN ||
		!ct_equal(state, t->state, OIDC_TOKEN_LEN))
		return fail(e, FAULT_BAD_REQUEST,
			"the answer belongs to another sign-in (state)");
	if (issuer ? !str_equal(issuer, o->setting->issuer) : m->says_issuer)
		return fail(e, FAULT_UNAUTHORIZED,
			"the answer comes from another provider (iss)");
	if (no)
		return fail(e, FAULT_FORBIDDEN, "provider %s says: %s",
			o->setting->name, plain_word(a, no));
	if (!*code || !**code || strlen(*code) > CODE_MAX)
		return fail(e, FAULT_BAD_REQUEST, "the answer has no code");
	return 0;
}

/* RFC 6749 section 2.3.1: both are form-encoded before they are joined. */
static const char *
basic(struct arena *a, const struct oidc_setting *s)
{
	char *pair = arena_printf(a, "%s:%s", form_encode(a, s->client_id),
		form_encode(a, s->secret));

	return arena_printf(
		a, "Basic %s", base64_encode(a, pair, strlen(pair)));
}

static int
token_read(struct arena *a, const struct oidc *o,
	const struct http_answer *answer, const char **id, const char **access,
	struct err *e)
{
	const struct json_limits limits = { OIDC_TEXT_MAX, 8, 1000 };
	json_t *j = NULL;

	if (json_parse(a, answer->body, &limits, &j, NULL))
		j = NULL;
	if (answer->status != 200)
		return fail(e, FAULT_UNAUTHORIZED,
			"provider %s does not take the code: %d %s",
			o->setting->name, answer->status,
			plain_word(a, json_str(j, "error")));
	*id = json_str(j, "id_token");
	*access = json_str(j, "access_token");
	if (!*id || !str_iequal(json_str(j, "token_type"), "Bearer"))
		return fail(e, FAULT_UNAUTHORIZED,
			"provider %s gave no ID token", o->setting->name);
	return 0;
}

static int
redeem(struct oidc *o, struct arena *a, const char *url, const char *code,
	const struct oidc_attempt *t, struct http_answer *out, struct err *e)
{
	const struct oidc_setting *s = o->setting;
	struct http_header head[] = {
		{ "Content-Type", "application/x-www-form-urlencoded" },
		{ "Accept", "application/json" },
		{ "Authorization", NULL },
	};
	struct http_call c = { .method = "POST",
		.url = url,
		.header = head,
		.headers = 2,
		.has_body = true };
	struct buf b;
	int ret;

	buf_init(&b, FORM_MAX);
	b.secret = true;
	put(&b, a, "grant_type", "authorization_code");
	put(&b, a, "code", code);
	put(&b, a, "redirect_uri", o->redirect);
	put(&b, a, "code_verifier", t->verifier);
	if (s->auth == OIDC_POST) {
		put(&b, a, "client_id", s->client_id);
		put(&b, a, "client_secret", s->secret);
	} else {
		head[c.headers++].value = basic(a, s);
	}
	c.body = bytes_buf(&b);
	ret = buf_ok(&b, "the request for the token", e);
	if (!ret)
		ret = oidc_call(o, a, &c, out, e);
	buf_done(&b);
	return ret;
}

static int
finish(struct oidc *o, struct arena *a, const struct oidc_known *k,
	const struct oidc_attempt *t, const char *query,
	struct oidc_identity *out, struct err *e)
{
	const struct oidc_meta *m = oidc_known_meta(k);
	struct oidc_expect x = { .setting = o->setting, .nonce = t->nonce };
	struct http_answer answer;
	const char *code, *id;
	struct jwt token;

	if (answer_judge(o, a, m, t, query, &code, e) ||
		redeem(o, a, m->token, code, t, &answer, e) ||
		token_read(a, o, &answer, &id, &x.access, e) ||
		jwt_parse(a, id, &token, e) ||
		oidc_known_verify(o, k, &token, a, e))
		return -1;
	x.now = clock_now();
	return oidc_claims_judge(a, token.claims, &x, out, e);
}

int
oidc_finish(struct oidc *o, struct arena *a, const struct oidc_attempt *attempt,
	const char *query, struct oidc_identity *out, struct err *e)
{
	struct oidc_known *k = oidc_known_ref(o, e);
	int ret;

	if (!k)
		return -1;
	ret = finish(o, a, k, attempt, query ? query : "", out, e);
	oidc_known_unref(&k);
	return ret;
}
