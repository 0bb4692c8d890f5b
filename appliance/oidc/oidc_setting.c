/* SPDX-License-Identifier: MIT */
/* The providers' file; see oidc.h. */
#include <string.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "oidc.h"
#include "oidc_judge.h"
#include "text.h"
#include "yaml_io.h"

enum {
	SETTINGS_MAX = 256 * 1024,
	SECRET_MAX = 1024,
	CLIENT_MAX = 512,
	LABEL_MAX = 200,
	ACR_COUNT_MAX = 16,
	AGE_MOST = 86400,
};

/* Where a sentence about the file begins. */
struct place {
	struct arena *a;
	const char *path;
	size_t no; /* of the provider, from 1 */
};

static int
refuse(const struct place *p, const char *why, struct err *e)
{
	return fail(
		e, FAULT_CONFIG, "%s: provider %zu: %s", p->path, p->no, why);
}

static int
members_known(const struct place *p, json_t *j, struct err *e)
{
	static const char *const known[] = { "name", "issuer", "clientId",
		"secretFile", "authentication", "acr", "level", "label",
		"maxAge" };
	const char *key;
	json_t *v;

	json_object_foreach(j, key, v)
	{
		size_t i, n = sizeof(known) / sizeof(*known);

		for (i = 0; i < n && strcmp(key, known[i]) != 0; i++)
			;
		if (i == n)
			return refuse(p,
				arena_printf(p->a,
					"'%.60s' is no member of a provider%s",
					key,
					str_iprefix(key, "scope")
						? "; only the scope openid is "
						  "ever asked for"
						: ""),
				e);
	}
	return 0;
}

static int
text_of(const struct place *p, const json_t *j, const char *key, size_t max,
	const char **out, struct err *e)
{
	struct err why = ERR_INIT;

	if (json_need_str(j, key, max, out, &why))
		return refuse(p, arena_strdup(p->a, why.text), e);
	*out = arena_strdup(p->a, *out);
	return 0;
}

static int
name_of(const struct place *p, const json_t *j, const char **out, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	if (text_of(p, j, "name", OIDC_NAME_MAX, out, e))
		return -1;
	if ((*out)[strspn(*out, letters)])
		return refuse(p, "a name has only a-z, 0-9 and -", e);
	return 0;
}

/* The first line of the file beside the providers' file. */
static int
secret_of(
	const struct place *p, const json_t *j, const char **out, struct err *e)
{
	const char *file, *slash = strrchr(p->path, '/');
	struct bytes text;
	char *line;

	if (text_of(p, j, "secretFile", SECRET_MAX, &file, e))
		return -1;
	if (*file != '/' && slash)
		file = path_join(p->a,
			arena_strndup(p->a, p->path, (size_t)(slash - p->path)),
			file);
	if (file_read(p->a, file, SECRET_MAX, &text, e))
		return -1;
	line = arena_strndup(p->a, (const char *)text.data,
		strcspn((const char *)text.data, "\r\n"));
	if (!*line)
		return refuse(
			p, "the first line of its secretFile is empty", e);
	*out = line;
	return 0;
}

static int
auth_of(const struct place *p, const json_t *j, enum oidc_auth *out,
	struct err *e)
{
	static const char *const words[] = {
		[OIDC_BASIC] = "client_secret_basic",
		[OIDC_POST] = "client_secret_post",
	};
	const char *word = json_str(j, "authentication");

	for (int i = OIDC_BASIC; i <= OIDC_POST; i++)
		if (!json_object_get(j, "authentication") ||
			str_equal(word, words[i])) {
			*out = (enum oidc_auth)i;
			return 0;
		}
	return refuse(p,
		"authentication is client_secret_basic or client_secret_post",
		e);
}

static int
acr_of(const struct place *p, const json_t *j, const char *const **out,
	struct err *e)
{
	const json_t *list = json_object_get(j, "acr"), *word;
	const char **row;
	size_t i;

	*out = NULL;
	if (!list)
		return 0;
	if (!json_array_size(list) || json_array_size(list) > ACR_COUNT_MAX)
		return refuse(p, "acr is a list of 1 to 16 words", e);
	row = arena_array(p->a, json_array_size(list) + 1, sizeof(*row));
	json_each(word, i, list) {
		const char *w = json_string_value(word);

		if (!w || !*w || strlen(w) > OIDC_ACR_MAX || strchr(w, ' '))
			return refuse(p, "acr is a list of 1 to 16 words", e);
		row[i] = arena_strdup(p->a, w);
	}
	*out = row;
	return 0;
}

static int
label_of(const struct place *p, const json_t *j, struct oidc_setting *s,
	struct err *e)
{
	json_t *label = json_sub(j, "label");

	if (!label)
		return refuse(p, "label: {ja, en} is missing", e);
	return text_of(p, label, "ja", LABEL_MAX, &s->label_ja,
		       e) || text_of(p, label, "en", LABEL_MAX, &s->label_en, e)
		       ? -1
		       : 0;
}

static int
setting_of(
	const struct place *p, json_t *j, struct oidc_setting *s, struct err *e)
{
	struct err why = ERR_INIT;

	if (members_known(p, j, e) || name_of(p, j, &s->name, e) ||
		text_of(p, j, "issuer", OIDC_URL_MAX, &s->issuer, e) ||
		text_of(p, j, "clientId", CLIENT_MAX, &s->client_id, e) ||
		text_of(p, j, "level", OIDC_ACR_MAX, &s->level, e) ||
		secret_of(p, j, &s->secret, e) || auth_of(p, j, &s->auth, e) ||
		acr_of(p, j, &s->acr, e) || label_of(p, j, s, e))
		return -1;
	if (!oidc_url_ok(s->issuer) || strchr(s->issuer, '?'))
		return refuse(p, "issuer is an https address without query", e);
	if (json_opt_int(j, "maxAge", 1, AGE_MOST, &s->max_age, &why))
		return refuse(p, arena_strdup(p->a, why.text), e);
	return 0;
}

static int
unique(const struct place *p, const struct oidc_setting *s, struct err *e)
{
	size_t last = p->no - 1;

	for (size_t i = 0; i < last; i++)
		if (str_equal(s[i].name, s[last].name) ||
			str_equal(s[i].issuer, s[last].issuer))
			return refuse(
				p, "another one has this name or issuer", e);
	return 0;
}

int
oidc_settings_load(struct arena *a, const char *path,
	const struct oidc_setting **out, size_t *n, struct err *e)
{
	struct place p = { a, path, 0 };
	struct err why = ERR_INIT;
	struct oidc_setting *s;
	struct bytes text;
	json_t *doc, *list, *j;
	size_t i;

	if (file_read(a, path, SETTINGS_MAX, &text, e))
		return -1;
	if (yaml_parse(a, text, NULL, &doc, &why) ||
		json_need_list(
			doc, "providers", OIDC_PROVIDERS_MAX, &list, &why))
		return fail(e, FAULT_CONFIG, "%s: %s", path, why.text);
	s = arena_array(a, OIDC_PROVIDERS_MAX, sizeof(*s));
	json_each(j, i, list) {
		p.no = i + 1;
		if (setting_of(&p, j, &s[i], e) || unique(&p, s, e))
			return -1;
	}
	*out = s;
	*n = json_array_size(list);
	return 0;
}
