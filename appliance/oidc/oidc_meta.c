/* SPDX-License-Identifier: MIT */
/* A provider's description of itself (OpenID Connect Discovery section 3). */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "oidc_judge.h"
#include "text.h"

enum { DEPTH = 8, ELEMENTS = 4000 };

bool
oidc_url_ok(const char *url)
{
	static const char scheme[] = "https://";
	size_t n = url ? strlen(url) : 0;

	if (n > OIDC_URL_MAX || n <= sizeof(scheme) ||
		!str_prefix(url, scheme) || url[sizeof(scheme) - 1] == '/')
		return false;
	for (size_t i = 0; i < n; i++)
		if (url[i] <= ' ' || url[i] > '~' || strchr("#\\\"<>", url[i]))
			return false;
	return true;
}

static int
address(struct arena *a, const json_t *j, const char *name, const char **out,
	const struct oidc_setting *s, struct err *e)
{
	const char *url = json_str(j, name);

	if (!oidc_url_ok(url))
		return fail(e, FAULT_CONFIG,
			"provider %s: the %s of %s is no https address",
			s->name, name, s->issuer);
	*out = arena_strdup(a, url);
	return 0;
}

/* Absent lists mean that nothing is said, or the member's default. */
static bool
offers(const json_t *j, const char *name, const char *const *words)
{
	const json_t *list = json_list(j, name);
	bool found = !list;

	for (size_t i = 0; !found && words[i]; i++)
		found = json_list_has(list, words[i]);
	return found;
}

struct demand {
	const char *name;
	const char *const words[4]; /* one of them */
};
static const struct demand demands[] = {
	{ "response_types_supported", { "code" } },
	{ "id_token_signing_alg_values_supported", { "RS256", "ES256" } },
	{ "code_challenge_methods_supported", { "S256" } },
};
enum { DEMANDS = sizeof(demands) / sizeof(*demands) };

static int
demand_all(const json_t *j, const struct oidc_setting *s, struct err *e)
{
	static const char *const basic[] = { "client_secret_basic", NULL };
	static const char *const post[] = { "client_secret_post", NULL };
	static const char auth[] = "token_endpoint_auth_methods_supported";

	for (size_t i = 0; i < DEMANDS; i++)
		if (!offers(j, demands[i].name, demands[i].words))
			return fail(e, FAULT_CONFIG,
				"provider %s: the %s of %s lack %s", s->name,
				demands[i].name, s->issuer,
				demands[i].words[0]);
	if (!offers(j, auth, s->auth == OIDC_POST ? post : basic))
		return fail(e, FAULT_CONFIG,
			"provider %s: the %s of %s lack %s; see "
			"'authentication' in the providers' file",
			s->name, auth, s->issuer,
			s->auth == OIDC_POST ? *post : *basic);
	return 0;
}

int
oidc_meta_read(struct arena *a, struct bytes text, const struct oidc_setting *s,
	struct oidc_meta *out, struct err *e)
{
	const struct json_limits limits = { OIDC_TEXT_MAX, DEPTH, ELEMENTS };
	const char *issuer;
	json_t *j;

	if (json_parse(a, text, &limits, &j, NULL) || !json_is_object(j))
		return fail(e, FAULT_CONFIG,
			"provider %s: the description at %s is no JSON object",
			s->name, s->issuer);
	issuer = json_str(j, "issuer");
	if (!str_equal(issuer, s->issuer))
		return fail(e, FAULT_CONFIG,
			"provider %s calls itself '%.200s', not '%s'; write "
			"exactly what it says into 'issuer'",
			s->name, issuer ? issuer : "", s->issuer);
	*out = (struct oidc_meta){
		.says_issuer = json_bool(j,
			"authorization_response_iss_parameter_supported", false)
	};
	if (address(a, j, "authorization_endpoint", &out->authorization, s,
		    e) ||
		address(a, j, "token_endpoint", &out->token, s, e) ||
		address(a, j, "jwks_uri", &out->jwks, s, e))
		return -1;
	return demand_all(j, s, e);
}
