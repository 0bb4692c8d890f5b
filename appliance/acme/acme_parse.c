/* SPDX-License-Identifier: MIT */
/* Documents of an ACME server (RFC 8555 sections 6.7 and 7.1), judged. */
#include <string.h>

#include "acme_int.h"
#include "mem.h"
#include "text.h"

enum { DETAIL_MAX = 300, DEPTH = 12, ELEMENTS = 2000 };

static int
parse(struct arena *a, struct bytes text, json_t **out, struct err *e)
{
	const struct json_limits limits = { ACME_TEXT_MAX, DEPTH, ELEMENTS };

	return json_parse(a, text, &limits, out, e);
}

bool
acme_url_ok(const char *url)
{
	size_t n = url ? strlen(url) : 0;

	if (n > ACME_URL_MAX ||
		(!str_prefix(url ? url : "", "http://") &&
			!str_prefix(url ? url : "", "https://")))
		return false;
	for (size_t i = 0; i < n; i++)
		if (url[i] <= ' ' || url[i] > '~')
			return false;
	return true;
}

bool
acme_word_ok(const char *s, size_t max)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_";

	return s && *s && strlen(s) <= max && !s[strspn(s, letters)];
}

/* A member that must be a URL, or may be absent. */
static int
url_of(const json_t *j, const char *name, bool must, const char **out,
	struct err *e)
{
	*out = json_str(j, name);
	if ((!*out && !must) || acme_url_ok(*out))
		return 0;
	return fail(
		e, FAULT_BAD_REQUEST, "the ACME server's %s is no URL", name);
}

int
acme_parse_directory(struct arena *a, struct bytes text,
	struct acme_directory *out, struct err *e)
{
	json_t *j;

	if (parse(a, text, &j, e) ||
		url_of(j, "newNonce", true, &out->new_nonce, e) ||
		url_of(j, "newAccount", true, &out->new_account, e) ||
		url_of(j, "newOrder", true, &out->new_order, e) ||
		url_of(j, "keyChange", false, &out->key_change, e))
		return -1;
	out->needs_binding = json_bool(
		json_sub(j, "meta"), "externalAccountRequired", false);
	return 0;
}

static enum acme_status
status_of(const json_t *j)
{
	static const struct {
		const char *word;
		enum acme_status status;
	} row[] = {
		{ "ready", ACME_READY },
		{ "processing", ACME_PROCESSING },
		{ "valid", ACME_VALID },
		{ "invalid", ACME_INVALID },
		{ "deactivated", ACME_INVALID },
		{ "expired", ACME_INVALID },
		{ "revoked", ACME_INVALID },
	};
	const char *s = json_str(j, "status");

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		if (str_equal(row[i].word, s))
			return row[i].status;
	return ACME_PENDING;
}

/* One line, without what could be taken for another line. */
static const char *
sentence(struct arena *a, const json_t *problem)
{
	const char *s = json_str(problem, "detail");
	char *out;

	if (!s)
		return NULL;
	out = arena_printf(a, "%.*s", DETAIL_MAX, s);
	for (char *c = out; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	/* the cut may have gone through a character */
	for (size_t n = strlen(out); n && !utf8_valid(out, n);)
		out[--n] = '\0';
	return out;
}

void
acme_parse_problem(struct arena *a, struct bytes text, const char **type,
	const char **detail)
{
	static const char prefix[] = "urn:ietf:params:acme:error:";
	const char *t, *d;
	json_t *j;

	*type = *detail = "";
	if (parse(a, text, &j, NULL))
		return;
	t = json_str(j, "type");
	d = sentence(a, j);
	if (t && str_prefix(t, prefix) &&
		acme_word_ok(t + sizeof(prefix) - 1, ACME_TOKEN_MAX))
		*type = t + sizeof(prefix) - 1;
	if (d)
		*detail = d;
}

int
acme_parse_order(struct arena *a, struct bytes text,
	struct acme_order_state *out, struct err *e)
{
	const json_t *list, *item;
	json_t *j;
	size_t i;

	*out = (struct acme_order_state){ 0 };
	if (parse(a, text, &j, e) ||
		url_of(j, "finalize", true, &out->finalize, e) ||
		url_of(j, "certificate", false, &out->certificate, e))
		return -1;
	list = json_list(j, "authorizations");
	json_each(item, i, list) {
		const char *url = json_string_value(item);
		if (i == ACME_AUTHORIZATIONS_MAX)
			return fail(e, FAULT_LIMIT,
				"the ACME server wants more than %d proofs",
				ACME_AUTHORIZATIONS_MAX);
		if (!acme_url_ok(url))
			return fail(e, FAULT_BAD_REQUEST,
				"an authorization of the ACME server is no "
				"URL");
		out->authorization[out->authorizations++] = url;
	}
	out->status = status_of(j);
	out->trouble = sentence(a, json_sub(j, "error"));
	return 0;
}

int
acme_parse_authorization(struct arena *a, struct bytes text,
	struct acme_authorization *out, struct err *e)
{
	const json_t *list, *item;
	json_t *j;
	size_t i;

	*out = (struct acme_authorization){ 0 };
	if (parse(a, text, &j, e))
		return -1;
	out->status = status_of(j);
	list = json_list(j, "challenges");
	json_each(item, i, list) {
		if (!str_equal(json_str(item, "type"), "http-01"))
			continue;
		if (url_of(item, "url", true, &out->url, e))
			return -1;
		out->token = json_str(item, "token");
		if (!acme_word_ok(out->token, ACME_TOKEN_MAX))
			return fail(e, FAULT_BAD_REQUEST,
				"the ACME server's token has other letters "
				"than base64url");
		out->trouble = sentence(a, json_sub(item, "error"));
		return 0;
	}
	return 0;
}
