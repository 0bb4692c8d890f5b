/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: where a request says whom it is about. The first line is the
 * name, pointer or path, the rest the query and the body. What is found is
 * never empty nor longer than the limit, and with a second value of the same
 * name in the query nothing is found.
 */
#define IN_SERVER 1

#include "consent_int.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "rest.h"
#include "soap.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(struct arena *a, const struct consent_message *m, enum consent_place in,
	const char *name, const json_t *names)
{
	const struct consent_where w = { in, name };
	const char *out = NULL;

	if (consent_find(a, m, &w, names, &out, NULL))
		return;
	if (!out || !*out || strlen(out) > CONSENT_VALUE_MAX)
		abort();
}

static void
twice(struct arena *a, const char *name, const char *query)
{
	struct rest_request q = { .query = arena_printf(a, "%s=1&%s&%s=2", name,
					  query, name) };
	const struct consent_message m = { .rest = &q };
	const struct consent_where w = { CONSENT_QUERY, name };
	const char *out;

	if (*name && !strpbrk(name, "%+&=;") &&
		!consent_find(a, &m, &w, NULL, &out, NULL))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	char *text = arena_strndup(a, (const char *)data, size);
	size_t len = strcspn(text, "\n");
	const char *name = arena_strndup(a, text, len);
	const char *rest = text + len + (text[len] != '\0');
	const struct segment body = segment_of(bytes_str(rest));
	struct rest_request q = { .method = "POST", .query = rest };
	struct soap s = { 0 };
	struct consent_message m = { .rest = &q, .body = &body };
	json_t *names = json_keep(a, json_pack("{ss}", "p", "urn:p"));

	xml_startup();
	for (int in = CONSENT_HEADER; in < CONSENT_PLACES; in++)
		look(a, &m, (enum consent_place)in, name, names);
	q.method = "GET";
	for (int in = CONSENT_HEADER; in < CONSENT_PLACES; in++)
		look(a, &m, (enum consent_place)in, name, names);
	(void)consent_xpath_check(name, names, NULL);
	twice(a, name, rest);
	m = (struct consent_message){ .soap = &s };
	if (!xml_parse(a, bytes_str(rest), NULL, &s.doc, NULL)) {
		look(a, &m, CONSENT_XPATH, name, names);
		look(a, &m, CONSENT_PARAMETER, name, names);
	}
	arena_free(&a);
	return 0;
}
