/* SPDX-License-Identifier: MIT */
/*
 * The door for other security servers (port 5500): read, prove the peer, may
 * they, verify, log, call the service, sign, log, answer. Rule:
 * interop/xroad-messages.md 2.5-2.8.
 */
#include "incoming_int.h"

#include "clock.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "version.h"

enum { PIECE = 16 * 1024 };

/* ---- reading ---- */

static int
check_version(struct incoming *in, struct err *e)
{
	const char *min = conf_text(in->s->conf, P_MIN_CLIENT_VERSION);
	const char *have = request_header(in->r, "x-proxy-version");

	if (!*min)
		return 0;
	if (!have || !version_valid(have) || version_compare(have, min) < 0)
		return fail(e, FAULT_CLIENT_PROXY_VERSION,
			"The minimum supported version for client security "
			"server is: %s",
			min);
	return 0;
}

static int
parse_head(
	struct incoming *in, const struct transport_message *m, struct err *e)
{
	if (in->rest) {
		if (rest_request_parse(in->a, m->head, &in->rest_request, e)) {
			rest_unreadable(e);
			return -1;
		}
		in->client = in->rest_request.client;
		in->service = in->rest_request.service;
		in->query_id = in->rest_request.id;
		seen_rest(&in->seen, &in->rest_request);
		return 0;
	}
	if (soap_parse(in->a, m->head, m->head_type, &in->soap, e))
		return -1;
	if (in->soap.fault)
		return fail(e, FAULT_MISSING_SOAP,
			"a fault stands in place of the request");
	in->client = in->soap.client;
	in->service = in->soap.service;
	in->query_id = in->soap.id;
	seen_soap(&in->seen, &in->soap);
	return 0;
}

static int
check_target(struct incoming *in, struct err *e)
{
	struct server_id self;

	if (in->rest || !in->soap.has_server)
		return 0;
	if (serverconf_self(in->s->sc, in->a, &self, e))
		return -1;
	if (!server_id_equal(&self, &in->soap.server))
		return fail(e, FAULT_INVALID_SECURITY_SERVER,
			"Invalid security server identifier \"%s\" expected "
			"\"%s\"",
			server_id_text(in->a, &in->soap.server),
			server_id_text(in->a, &self));
	return 0;
}

/* Nothing is asked of the service when its answer could not be signed. */
static int
can_sign(struct incoming *in, struct err *e)
{
	struct signing with;

	if (!keyconf_signing(in->s->keys, in->s->ocsp, in->g,
		    &in->service.provider, in->a, &with, e))
		return 0;
	err_prefix(e, "signer");
	return -1;
}

/* As soon as the first part is there, before the rest is read (2.7 step 2). */
static int
on_head(void *ctx, const struct transport_message *m, struct err *e)
{
	struct incoming *in = ctx;
	struct local_client provider;

	if (m->fault) /* nobody asks with a fault (X-Road's checkRequest) */
		return fail(e,
			in->rest ? FAULT_MISSING_REST : FAULT_MISSING_SOAP,
			"a fault stands in place of the request");
	if (parse_head(in, m, e) || check_target(in, e))
		return -1;
	log_request(in->query_id);
	if (serverconf_client(
		    in->s->sc, in->a, &in->service.provider, &provider, e) ||
		can_sign(in, e))
		return -1;
	return peer_prove_sender(
		in->s, in->g, request_certs(in->r), &in->client, m, e);
}

static int
read_parts(struct incoming *in, struct transport_reader *reader, struct err *e)
{
	char *piece = arena_alloc(in->a, PIECE);
	long n;

	while ((n = request_read(in->r, piece, PIECE, e)) > 0)
		if (transport_feed(reader, piece, (size_t)n, e))
			return -1;
	if (n < 0)
		return -1;
	return transport_end(reader, &in->m, e);
}

static int
read_message(struct incoming *in, struct err *e)
{
	const char *hash = request_header(in->r, "x-hash-algorithm");
	const char *kind = request_header(in->r, "x-road-message-type");
	struct transport_limits limits = { SOAP_SIZE_MAX,
		conf_int(in->s->conf, P_MAX_BODY), 1,
		spool_folder(in->s->conf) };
	struct transport_reader *reader = NULL;
	const char *type = request_header(in->r, "Content-Type");
	int ret;

	in->rest = kind && str_equal(kind, "REST");
	if (!in->rest)
		limits.attachments_max = ATTACHMENTS_MAX;
	in->request_id = request_header(in->r, "x-road-request-id");
	if (!in->request_id)
		in->request_id = "";
	if (!hash || digest_by_jca(hash) < DIGEST_SHA256)
		return fail(e, FAULT_INTERNAL,
			"Could not get hash algorithm identifier from "
			"message");
	ret = transport_reader_new(&reader, in->a, type ? type : "",
		digest_by_jca(hash), in->rest, false, &limits, on_head, in, e);
	if (!ret)
		ret = read_parts(in, reader, e);
	transport_reader_free(&reader);
	if (ret)
		reading_prefix(e);
	return ret;
}

static int
check_message(struct incoming *in, struct err *e)
{
	const struct transport_message *m = &in->m;

	if (!m->head.len)
		return fail(e,
			in->rest ? FAULT_MISSING_REST : FAULT_MISSING_SOAP,
			"Request does not have a message");
	if (!m->signature.len)
		return fail(e, FAULT_MISSING_SIGNATURE,
			"Request does not have signature");
	return 0;
}

/* ---- judging ---- */

static int
verify(struct incoming *in, struct err *e)
{
	const struct transport_message *m = &in->m;
	struct signature sig = { m->signature, m->hashchain_result,
		m->hashchain };
	struct signed_message sm = { NULL, 0, false };
	struct signature_facts facts;

	sm.parts = received_parts(in->a, m, &sm.part);
	if (signature_verify(in->a, &sig, &sm, in->g, &in->client, clock_now(),
		    true, &facts, e)) {
		err_prefix(e, "signature_verification");
		return -1;
	}
	return 0;
}

struct log_record
incoming_record(const struct incoming *in)
{
	struct log_record r = {
		.query_id = in->query_id,
		.request_id = in->request_id,
		.local = in->service.provider,
		.client = in->client,
		.service = in->service,
		.rest = in->rest,
	};

	return r;
}

static int
log_incoming(struct incoming *in, struct err *e)
{
	struct log_record r = incoming_record(in);
	int64_t id;

	received_record(in->a, &in->m, &r);
	return messagelog_add(in->s->log, &r, &id, e);
}

static void
hash_request(struct incoming *in)
{
	const struct transport_message *m = &in->m;

	if (!in->rest)
		in->request_hash = m->head_sha512;
	else /* metadata services leave the body out (2.6) */
		rest_request_hash(&in->rest_request,
			m->attachments && !in->metadata
				? &m->attachment[0].sha512
				: NULL,
			&in->request_hash);
}

static int
authorize(struct incoming *in, struct err *e)
{
	in->metadata = metadata_find(
		in->rest ? in->rest_request.method : NULL, in->service.service);
	if (!in->metadata && !in->rest)
		in->metadata = metadata_own(in->s, in->a, &in->service);
	if (in->metadata) /* open to everyone, or judges itself */
		return 0;
	return serverconf_authorize(in->s->sc, in->a, in->g, &in->service,
		in->rest, &in->client,
		in->rest ? in->rest_request.method : NULL,
		in->rest ? in->rest_request.service_path : NULL, &in->local, e);
}

static int
serve(struct incoming *in, struct err *e)
{
	if (!str_equal(request_method(in->r), "POST"))
		return fail(e, FAULT_INVALID_HTTP_METHOD,
			"Must use POST request method instead of %s",
			request_method(in->r));
	if (confclient_valid(in->s->confclient, &in->g, e) ||
		check_version(in, e) || read_message(in, e) ||
		check_message(in, e) || authorize(in, e) || verify(in, e) ||
		consent_judge(in, e) || log_incoming(in, e))
		return -1;
	hash_request(in);
	wire_open(&in->wire, in->a, conf_int(in->s->conf, P_MAX_BODY));
	if (provider_call(in, e))
		return -1;
	return answer_end(in, e);
}

int
provider_message(struct request *r, void *state, struct err *e)
{
	struct incoming in = { .s = state, .r = r, .a = request_arena(r) };
	struct err fault = ERR_INIT;
	int ret = 0, failed;

	monitor_exchange_begin(&in.seen, MONITOR_PROVIDER);
	failed = serve(&in, &fault);
	if (failed)
		ret = answer_fault(&in, &fault, e);
	seen_incoming(&in, failed ? &fault : NULL);
	wire_done(&in.wire);
	globalconf_unref(&in.g);
	return ret;
}
