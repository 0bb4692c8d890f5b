/* SPDX-License-Identifier: MIT */
/*
 * The lab's OpenID provider: authorization code with PKCE S256, ES256, one
 * relying party, sample residents to choose from instead of a proof of who one
 * is (OpenID Connect Core 1.0 section 3.1, Discovery 1.0, RFC 7636, RFC 9207).
 * The question stands in the form's hidden fields and is judged again when the
 * form comes back, so nothing is kept before somebody was chosen.
 */
#include "lab_int.h"

#include <string.h>

#include "clock.h"
#include "digest.h"
#include "err.h"
#include "form.h"
#include "html.h"
#include "http_server.h"
#include "jws.h"
#include "key.h"
#include "mem.h"
#include "site_int.h"
#include "text.h"

enum { CODE_S = 60, TOKEN_S = 300, RAW_P256 = 32, TEXT_MAX = 64 * 1024 };

static int
send_json(struct request *r, int status, const json_t *j, struct err *e)
{
	const struct http_header h[] = {
		{ "Content-Type", "application/json" },
		{ "Cache-Control", "no-store" },
	};
	struct buf b;
	int ret;

	buf_init(&b, TEXT_MAX);
	json_write(&b, j, JSON_PLAIN);
	ret = reply_send_headers(r, status, h, 2, bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}

static void
put_words(json_t *j, const char *key, const char *word)
{
	json_t *list = json_array();

	json_array_append_new(list, json_text_new(word));
	json_put_new(j, key, list);
}

SITE_HANDLER(site_describe)
{
	const struct site *s = state;
	struct arena *a = request_arena(r);
	json_t *j = json_keep(a, json_object());

	json_put_str(j, "issuer", s->base);
	json_put_str(j, "authorization_endpoint",
		arena_printf(a, "%s/authorize", s->base));
	json_put_str(j, "token_endpoint", arena_printf(a, "%s/token", s->base));
	json_put_str(j, "jwks_uri", arena_printf(a, "%s/jwks", s->base));
	put_words(j, "scopes_supported", "openid");
	put_words(j, "response_types_supported", "code");
	put_words(j, "grant_types_supported", "authorization_code");
	put_words(j, "subject_types_supported", "public");
	put_words(j, "id_token_signing_alg_values_supported", "ES256");
	put_words(j, "token_endpoint_auth_methods_supported",
		"client_secret_basic");
	put_words(j, "code_challenge_methods_supported", "S256");
	json_put_bool(
		j, "authorization_response_iss_parameter_supported", true);
	return send_json(r, 200, j, e);
}

SITE_HANDLER(site_keys)
{
	const struct site *s = state;
	struct arena *a = request_arena(r);
	json_t *set = json_keep(a, json_object()), *list = json_array(), *j;
	char *kid;

	json_put_new(set, "keys", list);
	if (jwk_make(a, s->key, &j, e))
		return -1;
	json_array_append_new(list, j);
	if (jwk_thumbprint(a, s->key, &kid, e))
		return -1;
	json_put_str(j, "kid", kid);
	json_put_str(j, "use", "sig");
	json_put_str(j, "alg", "ES256");
	return send_json(r, 200, set, e);
}

/* ---- the question ---- */

enum question {
	Q_RESPONSE_TYPE,
	Q_CLIENT,
	Q_REDIRECT,
	Q_SCOPE,
	Q_STATE,
	Q_NONCE,
	Q_CHALLENGE,
	Q_METHOD,
	QUESTIONS
};
static const char *const names[QUESTIONS] = {
	[Q_RESPONSE_TYPE] = "response_type",
	[Q_CLIENT] = "client_id",
	[Q_REDIRECT] = "redirect_uri",
	[Q_SCOPE] = "scope",
	[Q_STATE] = "state",
	[Q_NONCE] = "nonce",
	[Q_CHALLENGE] = "code_challenge",
	[Q_METHOD] = "code_challenge_method",
};

/* Nobody is sent to an address that is not the center's; what is wrong is told
   here, not there. */
static int
judge(const struct site *s, struct arena *a, const char *const q[QUESTIONS],
	struct err *e)
{
	for (int i = 0; i < QUESTIONS; i++)
		if (!q[i] || !*q[i])
			return fail(e, FAULT_BAD_REQUEST,
				"the sign-in has no %s", names[i]);
	if (!str_equal(q[Q_CLIENT], SITE_CLIENT) ||
		!str_equal(q[Q_REDIRECT], lab_callback(s->lab, a)))
		return fail(e, FAULT_FORBIDDEN,
			"the lab's provider signs people in at the lab's "
			"center and nowhere else");
	if (!str_equal(q[Q_RESPONSE_TYPE], "code") ||
		!str_equal(q[Q_METHOD], "S256") ||
		strlen(q[Q_CHALLENGE]) != OIDC_TOKEN_LEN ||
		!strstr(q[Q_SCOPE], "openid") ||
		strlen(q[Q_NONCE]) >= sizeof(((struct site_code *)0)->nonce))
		return fail(e, FAULT_BAD_REQUEST,
			"the sign-in must be one with code, scope openid, "
			"nonce and PKCE S256");
	return 0;
}

static void
put_form(struct buf *b, const struct site *s, const char *const q[QUESTIONS])
{
	html_put(b, "<form method=\"post\" action=\"/choose\">");
	for (int i = 0; i < QUESTIONS; i++)
		html_put(b, "<input type=\"hidden\" name=\"%s\" value=\"%s\">",
			names[i], q[i]);
	for (int i = 0; i < SAMPLE_PEOPLE; i++)
		html_put(b,
			"<p><button name=\"who\" value=\"%s\">%s</button></p>",
			sample_people[i].sub,
			s->lab->japanese ? sample_people[i].ja
					 : sample_people[i].en);
	html_put(b, "</form>");
}

SITE_HANDLER(site_authorize)
{
	const struct site *s = state;
	struct arena *a = request_arena(r);
	const char *query = request_query(r) ? request_query(r) : "";
	const char *q[QUESTIONS];
	struct buf b;
	int ret;

	for (int i = 0; i < QUESTIONS; i++)
		q[i] = query_get(a, query, names[i]);
	if (judge(s, a, q, e))
		return -1;
	buf_init(&b, SITE_PAGE_MAX);
	site_begin(r, s, &b, "実験用のサインイン: 誰になりますか",
		"Sign-in of the lab: who are you?");
	put_form(&b, s, q);
	ret = site_send(r, 200, &b, e);
	buf_done(&b);
	return ret;
}

const struct sample_person *
site_person(const char *sub)
{
	for (int i = 0; i < SAMPLE_PEOPLE; i++)
		if (str_equal(sample_people[i].sub, sub))
			return &sample_people[i];
	return NULL;
}

/* The oldest makes room. */
static void
hand_out(struct site *s, const char *const q[QUESTIONS],
	const struct sample_person *who, struct site_code *out)
{
	struct site_code c = { .who = who, .made = clock_seconds() };

	oidc_token(c.code);
	memcpy(c.challenge, q[Q_CHALLENGE], sizeof(c.challenge));
	memcpy(c.nonce, q[Q_NONCE], strlen(q[Q_NONCE]) + 1);
	pthread_mutex_lock(&s->lock);
	s->code[s->codes++ % SITE_CODES] = c;
	pthread_mutex_unlock(&s->lock);
	*out = c;
}

SITE_HANDLER(site_choose)
{
	struct site *s = state;
	struct arena *a = request_arena(r);
	const struct sample_person *who;
	const char *q[QUESTIONS];
	struct site_code c;
	struct bytes body;
	struct form form;

	if (request_body(r, &body, e) || form_read(a, body, &form, e))
		return -1;
	for (int i = 0; i < QUESTIONS; i++)
		q[i] = form_get(&form, names[i]);
	who = site_person(form_get(&form, "who"));
	if (judge(s, a, q, e))
		return -1;
	if (!who)
		return fail(e, FAULT_BAD_REQUEST, "nobody was chosen");
	hand_out(s, q, who, &c);
	return site_go(r,
		arena_printf(a, "%s?code=%s&state=%s&iss=%s", q[Q_REDIRECT],
			c.code, form_encode(a, q[Q_STATE]),
			form_encode(a, s->base)),
		e);
}

/* ---- the token ---- */

static int
refuse(struct request *r, int status, const char *word, struct err *e)
{
	json_t *j = json_keep(request_arena(r), json_object());

	json_put_str(j, "error", word);
	return send_json(r, status, j, e);
}

static bool
is_client(const struct site *s, struct request *r)
{
	struct arena *a = request_arena(r);
	const char *got = request_header(r, "Authorization");
	char *pair = arena_printf(a, "%s:%s", SITE_CLIENT, s->secret);
	char *want = arena_printf(
		a, "Basic %s", base64_encode(a, pair, strlen(pair)));

	return got && strlen(got) == strlen(want) &&
	       ct_equal(got, want, strlen(want));
}

/* Gone after this, whatever comes of it. */
static bool
take_code(struct site *s, const char *code, struct site_code *out)
{
	bool found = false;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; code && *code && i < SITE_CODES; i++)
		if (str_equal(s->code[i].code, code)) {
			*out = s->code[i];
			s->code[i].code[0] = '\0';
			found = clock_seconds() - out->made <= CODE_S;
		}
	pthread_mutex_unlock(&s->lock);
	return found;
}

static bool
verifier_fits(struct arena *a, const struct site_code *c, const char *verifier)
{
	struct digest d;

	if (!verifier)
		return false;
	digest_of(DIGEST_SHA256, verifier, strlen(verifier), &d);
	return str_equal(base64url_encode(a, d.value, d.len), c->challenge);
}

static char *
part(struct arena *a, const json_t *j)
{
	struct buf b;
	char *out;

	buf_init(&b, TEXT_MAX);
	json_write(&b, j, JSON_PLAIN);
	out = base64url_encode(a, b.data, b.len);
	buf_done(&b);
	return out;
}

static json_t *
claims_of(const struct site *s, struct arena *a, const struct site_code *c)
{
	json_t *j = json_keep(a, json_object());
	int64_t now = clock_seconds();

	json_put_str(j, "iss", s->base);
	json_put_str(j, "sub", c->who->sub);
	json_put_str(j, "aud", SITE_CLIENT);
	json_put_str(j, "nonce", c->nonce);
	json_put_int(j, "iat", now);
	json_put_int(j, "auth_time", c->made);
	json_put_int(j, "exp", now + TOKEN_S);
	return j;
}

static int
sign_token(const struct site *s, struct arena *a, const struct site_code *c,
	char **out, struct err *e)
{
	const struct sign_alg es256 = { SIGN_ECDSA, DIGEST_SHA256 };
	json_t *head = json_keep(a, json_object());
	struct bytes der, raw;
	char *kid, *text;

	if (jwk_thumbprint(a, s->key, &kid, e))
		return -1;
	json_put_str(head, "alg", "ES256");
	json_put_str(head, "typ", "JWT");
	json_put_str(head, "kid", kid);
	text = arena_printf(
		a, "%s.%s", part(a, head), part(a, claims_of(s, a, c)));
	if (key_sign(s->key, es256, bytes_str(text), a, &der, e) ||
		ecdsa_raw_from_der(a, der, RAW_P256, &raw, e))
		return -1;
	*out = arena_printf(
		a, "%s.%s", text, base64url_encode(a, raw.data, raw.len));
	return 0;
}

SITE_HANDLER(site_redeem)
{
	struct site *s = state;
	struct arena *a = request_arena(r);
	char access[OIDC_TOKEN_LEN + 1], *token;
	struct site_code c;
	struct bytes body;
	struct form form;
	json_t *j;

	if (!is_client(s, r))
		return refuse(r, 401, "invalid_client", e);
	if (request_body(r, &body, e) || form_read(a, body, &form, e))
		return -1;
	if (!str_equal(form_get(&form, "grant_type"), "authorization_code"))
		return refuse(r, 400, "unsupported_grant_type", e);
	if (!take_code(s, form_get(&form, "code"), &c) ||
		!str_equal(form_get(&form, "redirect_uri"),
			lab_callback(s->lab, a)) ||
		!verifier_fits(a, &c, form_get(&form, "code_verifier")))
		return refuse(r, 400, "invalid_grant", e);
	if (sign_token(s, a, &c, &token, e))
		return -1;
	oidc_token(access); /* opens nothing here */
	j = json_keep(a, json_object());
	json_put_str(j, "access_token", access);
	json_put_str(j, "token_type", "Bearer");
	json_put_int(j, "expires_in", TOKEN_S);
	json_put_str(j, "id_token", token);
	return send_json(r, 200, j, e);
}
