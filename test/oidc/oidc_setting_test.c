/* SPDX-License-Identifier: MIT */
/* The providers' file: what is read, and what each mistake is told as. */
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "oidc.h"
#include "tap.h"
#include "text.h"

static struct arena *a;
static const struct oidc_setting *s;
static size_t n;
static struct err why;

static int
load(const char *text)
{
	const char *path = path_join(a, tap_dir(), "providers.yaml");

	why = (struct err)ERR_INIT;
	if (file_write(path, bytes_str(text), FILE_PRIVATE, &why))
		return -1;
	return oidc_settings_load(a, path, &s, &n, &why);
}

#define GOOD                                              \
 "name: one\n  issuer: https://op.example/\n"             \
 "  clientId: me\n  secretFile: secret\n  level: \"2\"\n" \
 "  label: {ja: カード, en: Card}\n"

static void
good(void)
{
	struct oidc_env env = { .base = "https://town.example" };
	struct oidc *o = NULL;

	ok_m(load("providers:\n- " GOOD
		  "- name: two-2\n  issuer: https://op.example/two\n"
		  "  clientId: you\n  secretFile: secret\n  level: low\n"
		  "  authentication: client_secret_post\n"
		  "  acr: [high, higher]\n  maxAge: 300\n"
		  "  label: {ja: 二, en: Two}\n") == 0,
		"%s", why.text);
	is_int((long long)n, 2);
	is_str(s[0].name, "one");
	is_str(s[0].issuer, "https://op.example/");
	is_str(s[0].secret, "first line");
	is_int(s[0].auth, OIDC_BASIC);
	ok(!s[0].acr);
	is_str(s[0].label_ja, "カード");
	is_int(s[1].auth, OIDC_POST);
	is_str(s[1].acr[1], "higher");
	ok(!s[1].acr[2]);
	is_int(s[1].max_age, 300);
	ok(oidc_new(&o, &s[1], &env, NULL) == 0);
	is_str(oidc_redirect(o), "https://town.example/callback/two-2");
	ok(oidc_setting_of(o) == &s[1]);
	oidc_free(&o);
	env.base = "http://town.example";
	ok(oidc_new(&o, &s[1], &env, NULL) != 0);
	is_int(load("{\"providers\": []}"), 0);
	is_int((long long)n, 0);
}

struct mistake {
	const char *text, *words;
};
static const struct mistake mistakes[] = {
	{ "", "providers.yaml" },
	{ "providers: {", "providers.yaml" },
	{ "other: []", "providers" },
	{ "providers:\n- " GOOD "  scope: openid profile\n", "openid" },
	{ "providers:\n- " GOOD "  scopes: [email]\n", "openid" },
	{ "providers:\n- " GOOD "  secret: x\n", "'secret' is no member" },
	{ "providers:\n- " GOOD "- " GOOD, "provider 2: another one" },
	{ "providers:\n- " GOOD "  authentication: none\n",
		"client_secret_basic" },
	{ "providers:\n- " GOOD "  acr: high\n", "acr is a list" },
	{ "providers:\n- " GOOD "  acr: []\n", "acr is a list" },
	{ "providers:\n- " GOOD "  acr: [a b]\n", "acr is a list" },
	{ "providers:\n- " GOOD "  maxAge: 0\n", "maxAge" },
	{ "providers:\n- name: One\n", "a-z" },
	{ "providers:\n- issuer: https://x.example\n", "name" },
	{ "providers:\n- name: x\n  issuer: http://x.example\n  clientId: m\n"
	  "  secretFile: secret\n  level: l\n  label: {ja: x, en: x}\n",
		"https" },
	{ "providers:\n- name: x\n  issuer: https://x.example?a\n"
	  "  clientId: m\n  secretFile: secret\n  level: l\n"
	  "  label: {ja: x, en: x}\n",
		"without query" },
	{ "providers:\n- name: x\n  issuer: https://x.example\n  clientId: m\n"
	  "  secretFile: none\n  level: l\n  label: {ja: x, en: x}\n",
		"none" },
	{ "providers:\n- name: x\n  issuer: https://x.example\n  clientId: m\n"
	  "  secretFile: empty\n  level: l\n  label: {ja: x, en: x}\n",
		"first line" },
	{ "providers:\n- name: x\n  issuer: https://x.example\n  clientId: m\n"
	  "  secretFile: secret\n  level: l\n  label: {ja: x}\n",
		"en" },
	{ "providers:\n- name: x\n  issuer: https://x.example\n  clientId: m\n"
	  "  secretFile: secret\n  level: l\n",
		"label" },
	{ "providers:\n- text\n", "provider 1" },
};

static void
put(const char *name, const char *text)
{
	ok(file_write(path_join(a, tap_dir(), name), bytes_str(text),
		   FILE_PRIVATE, NULL) == 0);
}

int
main(void)
{
	a = arena_new();
	put("secret", "first line\nsecond line\n");
	put("empty", "\n");
	good();
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		const struct mistake *m = &mistakes[i];

		ok(load(m->text) != 0);
		ok_m(strstr(why.text, m->words) != NULL, "%s: %s", m->words,
			why.text);
	}
	arena_free(&a);
	return tap_done();
}
