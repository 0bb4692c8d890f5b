/* SPDX-License-Identifier: MIT */
/* What the monitor learns of an exchange; see seen_int.h. */
#include "seen_int.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "incoming_int.h"
#include "mem.h"
#include "model_int.h"
#include "outgoing_int.h"
#include "param.h"
#include "text.h"

enum { HTTP_ERROR_MIN = 400, HTTP_ERROR_MAX = 599 };

static void
who(struct monitor_exchange *x, const struct client_id *c,
	const struct service_id *s)
{
	x->text[MT_CLIENT_INSTANCE] = c->instance;
	x->text[MT_CLIENT_CLASS] = c->cls;
	x->text[MT_CLIENT_CODE] = c->code;
	x->text[MT_CLIENT_SUBSYSTEM] = c->subsystem;
	x->text[MT_SERVICE_INSTANCE] = s->provider.instance;
	x->text[MT_SERVICE_CLASS] = s->provider.cls;
	x->text[MT_SERVICE_CODE] = s->provider.code;
	x->text[MT_SERVICE_SUBSYSTEM] = s->provider.subsystem;
	x->text[MT_SERVICE] = s->service;
	x->text[MT_SERVICE_VERSION] = s->version;
	x->text[MT_VERSION] = PROXY_VERSION;
}

void
seen_soap(struct monitor_exchange *x, const struct soap *m)
{
	who(x, &m->client, &m->service);
	x->text[MT_MESSAGE_ID] = m->id;
	x->text[MT_USER_ID] = m->user_id;
	x->text[MT_ISSUE] = m->issue;
	x->text[MT_PARTY_CLASS] = m->party_class;
	x->text[MT_PARTY_CODE] = m->party_code;
	x->text[MT_PROTOCOL] = m->protocol_version;
	x->text[MT_SERVICE_TYPE] = kind_word(SERVICE_WSDL);
}

void
seen_rest(struct monitor_exchange *x, const struct rest_request *q)
{
	who(x, &q->client, &q->service);
	x->text[MT_MESSAGE_ID] = q->id;
	x->text[MT_USER_ID] = q->user_id;
	x->text[MT_ISSUE] = q->issue;
	x->text[MT_PARTY_CODE] = q->represented_party;
	x->text[MT_PROTOCOL] = "1";
	x->text[MT_SERVICE_TYPE] = kind_word(SERVICE_REST);
	x->text[MT_REST_METHOD] = q->method;
}

void
seen_now(struct monitor_exchange *x, enum monitor_number moment)
{
	if (x->number[moment] < 0)
		x->number[moment] = clock_now();
}

/* ---- sizes: a REST message is head and body, SOAP counts attachments apart */

static void
sizes(struct monitor_exchange *x, bool rest, bool response, size_t head,
	int64_t rest_of_it, size_t attachments)
{
	int plain = response ? MN_RESPONSE_SIZE : MN_REQUEST_SIZE;
	int mime = response ? MN_RESPONSE_MIME : MN_REQUEST_MIME;
	int count = response ? MN_RESPONSE_ATTACHMENTS : MN_REQUEST_ATTACHMENTS;

	if (!head)
		return;
	x->number[plain] = (int64_t)head + (rest ? rest_of_it : 0);
	x->number[count] = rest ? 0 : (int64_t)attachments;
	if (!rest && attachments)
		x->number[mime] = (int64_t)head + rest_of_it;
}

static void
sizes_written(struct monitor_exchange *x, bool rest, bool response,
	struct bytes head, const struct wire *w, const struct conf *c)
{
	if (w->a)
		sizes(x, rest, response, head.len,
			conf_int(c, P_MAX_BODY) - w->left, w->attachments);
}

static void
sizes_read(struct monitor_exchange *x, bool rest, bool response,
	const struct transport_message *m)
{
	int64_t n = 0;

	for (size_t i = 0; i < m->attachments; i++)
		n += m->attachment[i].body.len;
	sizes(x, rest, response, m->head.len, n, m->attachments);
}

/* ---- the end ---- */

static void
outcome(struct monitor_exchange *x, const struct err *fault)
{
	int64_t status = x->number[MN_STATUS];

	seen_now(x, MN_RESPONSE_OUT);
	if (fault) {
		x->number[MN_STATUS] = -1;
		x->text[MT_FAULT_CODE] = fault->code;
		x->text[MT_FAULT_STRING] = fault->text;
		return;
	}
	x->succeeded = status < HTTP_ERROR_MIN || status > HTTP_ERROR_MAX;
}

static const char *
own_address(struct server *s, struct arena *a, const struct globalconf *g)
{
	struct server_id self;
	const struct gc_server *found;

	if (!g || serverconf_self(s->sc, a, &self, NULL))
		return NULL;
	found = globalconf_server(g, &self);
	return found ? found->address : NULL;
}

void
seen_outgoing(struct outgoing *o, const struct err *fault)
{
	struct monitor_exchange *x = &o->seen;

	if (!o->s->monitor)
		return;
	x->text[MT_REQUEST_ID] = o->request_id;
	x->text[MT_CLIENT_ADDRESS] = own_address(o->s, o->a, o->g);
	x->text[MT_SERVICE_ADDRESS] = o->address;
	sizes_written(x, o->rest, false, o->head, &o->wire, o->s->conf);
	sizes_read(x, o->rest, true, &o->answer);
	outcome(x, fault);
	monitor_add(o->s->monitor, x);
}

/* Of several that match, the last one by path: /pets/first before the star. */
static const char *
path_of(struct incoming *in)
{
	const struct rest_request *q = &in->rest_request;
	const char *best = NULL;
	const struct model *m;
	char *path;

	if (!q->service_path || !*q->service_path ||
		rest_path_normalize(in->a, q->service_path, &path, NULL) ||
		serverconf_model(in->s->sc, in->a, &m, NULL))
		return NULL;
	for (size_t i = 0; i < m->endpoints; i++) {
		const struct m_endpoint *p = &m->endpoint[i];

		if (str_equal(p->code, in->service.service) &&
			client_id_equal(
				&p->client->id, &in->service.provider) &&
			(str_equal(p->method, "*") ||
				str_iequal(p->method, q->method)) &&
			rest_path_match(p->path, path) &&
			(!best || strcmp(p->path, best) > 0))
			best = p->path;
	}
	return best;
}

static const char *
peer_address(struct incoming *in)
{
	struct cert_list chain = request_certs(in->r);
	const struct gc_server *peer;

	if (!in->g || !chain.n)
		return NULL;
	peer = globalconf_server_by_cert(in->g, chain.item[0]);
	return peer ? peer->address : NULL;
}

void
seen_incoming(struct incoming *in, const struct err *fault)
{
	struct monitor_exchange *x = &in->seen;

	if (!in->s->monitor)
		return;
	x->text[MT_REQUEST_ID] = in->request_id;
	x->text[MT_SERVICE_ADDRESS] = own_address(in->s, in->a, in->g);
	x->text[MT_CLIENT_ADDRESS] = peer_address(in);
	if (in->rest && in->query_id && !in->metadata) {
		x->text[MT_REST_PATH] = path_of(in);
		if (in->local.id)
			x->text[MT_SERVICE_TYPE] = kind_word(in->local.kind);
	}
	if (in->metadata) { /* nobody else was asked */
		x->number[MN_REQUEST_OUT] = x->number[MN_REQUEST_IN];
		seen_now(x, MN_RESPONSE_OUT);
		x->number[MN_RESPONSE_IN] = x->number[MN_RESPONSE_OUT];
	}
	sizes_read(x, in->rest, false, &in->m);
	sizes_written(x, in->rest, true, in->head, &in->wire, in->s->conf);
	outcome(x, fault);
	monitor_add(in->s->monitor, x);
}
