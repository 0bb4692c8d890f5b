/* SPDX-License-Identifier: MIT */
/*
 * Consent on the way of a request: what is asked of the cache, and what the
 * service is told.
 */
#include "incoming_int.h"

#include "err.h"
#include "mem.h"
#include "text.h"

static const char *const HEADER[CONSENT_HEADERS] = {
	"X-Machilink-User-Id",
	"X-Machilink-Consent",
	"X-Machilink-Purpose",
	"X-Machilink-Items",
};

/* Some servers read '_' and '-' as the same. */
static bool
header_like(const char *name, const char *own)
{
	for (; *name && *own; name++, own++) {
		char c = *name == '_' ? '-' : *name;

		if (c >= 'a' && c <= 'z' && *own >= 'A' && *own <= 'Z')
			c = (char)(c - 'a' + 'A');
		else if (c >= 'A' && c <= 'Z' && *own >= 'a' && *own <= 'z')
			c = (char)(c - 'A' + 'a');
		if (c != *own)
			return false;
	}
	return !*name && !*own;
}

bool
consent_header_own(const char *name)
{
	for (size_t i = 0; i < CONSENT_HEADERS; i++)
		if (header_like(name, HEADER[i]))
			return true;
	return false;
}

size_t
consent_headers(
	struct arena *a, const struct consent_grant *g, struct http_header *h)
{
	const char *const value[CONSENT_HEADERS] = { g->user_id, g->reference,
		g->purpose, g->items };

	for (size_t i = 0; i < CONSENT_HEADERS; i++)
		h[i] = (struct http_header){ HEADER[i],
			value[i] == g->items ? g->items
					     : segment_encode(a, value[i]) };
	return CONSENT_HEADERS;
}

static struct consent_message
message_of(const struct incoming *in)
{
	struct consent_message m = { 0 };

	if (!in->rest) {
		m.soap = &in->soap;
		return m;
	}
	m.rest = &in->rest_request;
	if (in->m.attachments)
		m.body = &in->m.attachment[0].body;
	return m;
}

static void
transfer_fill(struct incoming *in, const char *subject, const char *client)
{
	in->transfer = (struct transfer_row){
		.query_id = in->query_id ? in->query_id : "",
		.client = client,
		.service = service_id_path(in->a, &in->local.sid),
		.provider = client_id_path(in->a, &in->local.sid.provider),
		.subject = subject,
		.reference = in->grant.reference,
		.purpose = in->grant.purpose,
		.items = in->grant.items_json,
	};
	transfer_id(in->a, &in->transfer);
}

int
consent_judge(struct incoming *in, struct err *e)
{
	const struct consent_rule *rule = in->local.consent;
	const struct consent_message m = message_of(in);
	struct service_id target = in->local.sid;
	struct client_id provider = target.provider;
	struct consent_ask ask = { 0 };

	if (in->metadata || !rule)
		return 0;
	if (consent_find(in->a, &m, &rule->subject, rule->namespaces,
		    &ask.subject, e) ||
		consent_find(in->a, &m, &rule->purpose, rule->namespaces,
			&ask.purpose, e))
		return -1;
	target.version = NULL;
	provider.subsystem = NULL;
	ask.subsystem = client_id_path(in->a, &in->client);
	ask.provider = client_id_path(in->a, &provider);
	ask.target = service_id_path(in->a, &target);
	ask.items = rule->items;
	ask.max_age_s = rule->max_age_s;
	if (consent_check(in->s->consent, &ask, in->a, &in->grant, e))
		return -1;
	in->consented = true;
	transfer_fill(in, ask.subject, ask.subsystem);
	return 0;
}

const struct transfer_row *
consent_transfer(const struct incoming *in)
{
	bool error = in->rest && in->seen.number[MN_STATUS] >= 400;

	return in->consented && !in->transferred && !error ? &in->transfer
							   : NULL;
}
