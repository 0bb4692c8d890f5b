/* SPDX-License-Identifier: MIT */
/*
 * Consent on the way of a request: what is asked of the cache, and what the
 * service is told.
 */
#include "incoming_int.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"
#include "transport.h"

static const char *const HEADER[CONSENT_HEADERS] = {
	"X-Machilink-User-Id",
	"X-Machilink-Consent",
	"X-Machilink-Purpose",
	"X-Machilink-Items",
};

bool
consent_header_own(const char *name)
{
	for (size_t i = 0; i < CONSENT_HEADERS; i++)
		if (consent_name_like(name, HEADER[i]))
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

/* ---- SOAP with attachments ---- */

/* A service takes the part that `start` names for the document, decodes it, and
   reads the last of two parameters of one name. So parts and type are written
   anew from what was judged: what names or dresses the document otherwise is
   left out or refused. */

static const char *
content_id(struct arena *a, const struct mime_header *h)
{
	return str_iequal(h->name, "content-id")
		       ? str_trim(arena_strdup(a, h->value))
		       : NULL;
}

/* Something that decodes to other bytes. */
static bool
encoded(struct arena *a, const struct mime_header *h)
{
	static const char *const plain[] = { "", "7bit", "8bit", "binary" };
	const char *value;

	if (!consent_name_like(h->name, "content-transfer-encoding") &&
		!consent_name_like(h->name, "content-encoding"))
		return false;
	value = str_trim(arena_strdup(a, h->value));
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (str_iequal(value, plain[i]))
			return false;
	return true;
}

static bool
id_taken(struct arena *a, const struct transport_message *m, const char *id)
{
	for (size_t i = 0; i < m->attachments; i++)
		for (size_t k = 0; k < m->attachment[i].headers; k++) {
			const char *other =
				content_id(a, &m->attachment[i].header[k]);

			if (other && str_iequal(other, id))
				return true;
		}
	return false;
}

/* The document's content type with each parameter once. */
static const char *
document_type(struct arena *a, const char *type)
{
	const char *charset = mime_param(a, type, "charset");
	const char *base = mime_base(a, type);
	bool xop = str_equal(base, "application/xop+xml");

	return arena_printf(a, "%s%s%s%s", base, charset ? "; charset=" : "",
		charset ? charset : "", xop ? "; type=\"text/xml\"" : "");
}

static const char *
related_type(struct arena *a, const char *root_type, const char *id)
{
	bool xop = str_prefix(root_type, "application/xop+xml");
	char boundary[UUID_LEN + 1];

	uuid_make(boundary);
	return arena_printf(a,
		"multipart/related; type=\"%s\"%s%s%s%s; boundary=\"%s\"",
		xop ? "application/xop+xml" : "text/xml",
		xop ? "; start-info=\"text/xml\"" : "", id ? "; start=\"" : "",
		id ? id : "", id ? "\"" : "", boundary);
}

int
consent_parts(struct arena *a, struct transport_message *m, const char **type,
	struct err *e)
{
	struct mime_header *own = arena_new_of(a, struct mime_header);
	const char *id = NULL;
	bool odd = false;

	for (size_t i = 0; i < m->head_headers; i++) {
		const char *one = content_id(a, &m->head_header[i]);

		odd = odd || encoded(a, &m->head_header[i]) || (one && id);
		id = one ? one : id;
	}
	odd = odd || (id && (strpbrk(id, "\"\\\r\n") || id_taken(a, m, id)));
	if (odd)
		return fail(e, FAULT_CONSENT_SUBJECT,
			"the service needs the person's consent: send the SOAP "
			"part as it is, without transfer encoding, with a "
			"Content-ID of its own / 本人の同意が必要なサービスです。"
			"SOAPのパートは転送符号化せず、他のパートと異なる"
			"Content-IDを1つだけ付けてください");
	*own = (struct mime_header){ "Content-ID", id };
	m->head_header = own;
	m->head_headers = id ? 1 : 0;
	m->head_type = document_type(a, m->head_type);
	if (m->attachments ||
		str_equal(mime_base(a, *type), "multipart/related"))
		*type = related_type(a, m->head_type, id);
	return 0;
}

/* ---- judging ---- */

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
		.items = in->grant.items_json ? in->grant.items_json : "[]",
	};
	transfer_id(in->a, &in->transfer);
}

/* The service may go by the element. */
static int
judge_element(struct incoming *in, struct err *e)
{
	bool mixed;

	if (serverconf_consent_mixed(
		    in->s->sc, in->a, &in->local.sid, in->soap.body, &mixed, e))
		return -1;
	if (!mixed)
		return 0;
	return fail(e, FAULT_INCONSISTENT_HEADERS,
		"the body's element %.100s is that of another service than the "
		"header's, and one of them needs consent, or shows people who "
		"asks: name the service that is meant in the header",
		in->soap.body);
}

/* No consent is needed. Who cannot be told is not served either: an asker
   would write the name twice so that nobody is shown anything. */
static int
record_judge(struct incoming *in, const struct record_rule *rule, struct err *e)
{
	const struct consent_message m = message_of(in);
	const char *subject, *purpose = NULL;

	if (consent_find(in->a, &m, &rule->subject, rule->namespaces, &subject,
		    NULL) ||
		(rule->purpose.name &&
			consent_find(in->a, &m, &rule->purpose,
				rule->namespaces, &purpose, NULL)))
		return fail(e, FAULT_CONSENT_SUBJECT,
			"people are shown who asked this service about them, "
			"and the request does not say in %s \"%.200s\", exactly "
			"once, who it is about, or why / 本人に利用の記録を示す"
			"サービスです。対象者（%.200s）と、求められていれば目的"
			"を、それぞれ1つだけ入れてください",
			consent_place_word(rule->subject.in),
			rule->subject.name, rule->subject.name);
	transfer_fill(in, subject, client_id_path(in->a, &in->client));
	in->transfer.purpose = purpose;
	in->transfer.words = rule->words;
	in->recorded = true;
	return 0;
}

int
consent_judge(struct incoming *in, struct err *e)
{
	const struct consent_rule *rule = in->local.consent;
	const struct consent_message m = message_of(in);
	struct service_id target = in->local.sid;
	struct client_id provider = target.provider;
	struct consent_ask ask = { 0 };

	if (in->metadata)
		return 0;
	if (!in->rest && judge_element(in, e))
		return -1;
	if (!rule)
		return in->local.record ? record_judge(in, in->local.record, e)
					: 0;
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

	return (in->consented || in->recorded) && !in->transferred && !error
		       ? &in->transfer
		       : NULL;
}
