/* SPDX-License-Identifier: MIT */
/* X-Road's acme.yml: credentials of external accounts. */
#include <string.h>

#include "acme_order_int.h"
#include "err.h"
#include "file.h"
#include "json_io.h"
#include "jws.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "yaml_io.h"

enum { YML_MAX = 256 * 1024 };

/* The member's entry below the authority's, or NULL. */
static json_t *
entry_of(const json_t *root, const char *ca, const char *member, bool *base64)
{
	json_t *cas = json_sub(
		json_sub(root, "eab-credentials"), "certificate-authorities");
	json_t *one = json_sub(cas, ca);

	*base64 = json_bool(one, "mac-key-base64-encoded", false);
	return json_sub(json_sub(one, "members"), member);
}

/* A number is a text here: YAML takes key ids such as 12 for one. */
static const char *
word(struct arena *a, const json_t *entry, const char *prefix, const char *key)
{
	const json_t *v =
		json_object_get(entry, arena_printf(a, "%s%s", prefix, key));

	if (json_is_integer(v))
		return arena_printf(
			a, "%lld", (long long)json_integer_value(v));
	return json_string_value(v);
}

static int
decode(struct arena *a, const char *secret, bool base64, struct bytes *out,
	struct err *e)
{
	*out = bytes_str(secret);
	if (!base64 || !base64url_decode(a, secret, out, NULL))
		return 0;
	return fail(e, FAULT_ACME_MAC_KEY,
		"the MAC key of the external account is no base64");
}

int
acmeconf_read(struct arena *a, const struct conf *c, const char *ca,
	const char *member, enum key_usage_type usage,
	struct acme_credentials *out, struct err *e)
{
	const char *path = *conf_text(c, P_ACME_FILE)
				   ? conf_text(c, P_ACME_FILE)
				   : conf_data_path(c, "acme.yml");
	const char *prefix = usage == USAGE_SIGNING ? "sign-" : "auth-";
	const char *secret;
	struct err why = ERR_INIT;
	struct bytes text;
	json_t *root, *entry;
	bool base64;

	*out = (struct acme_credentials){ .prefix = "" };
	if (!file_exists(path))
		return 0;
	if (file_read(a, path, YML_MAX, &text, e))
		return -1;
	if (yaml_parse(a, text, NULL, &root, &why))
		return fail(e, FAULT_CONFIG, "%s: %s", path, why.text);
	entry = entry_of(root, ca, member, &base64);
	if (word(a, entry, prefix, "kid"))
		out->prefix = prefix;
	out->kid = word(a, entry, out->prefix, "kid");
	secret = word(a, entry, out->prefix, "mac-key");
	out->found = entry != NULL;
	if (!out->kid)
		return 0;
	if (!secret)
		return fail(e, FAULT_ACME_MAC_KEY,
			"%s: the account %s of %s has no mac-key", path,
			out->kid, member);
	return decode(a, secret, base64, &out->mac_key, e);
}
