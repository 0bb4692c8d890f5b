/* SPDX-License-Identifier: MIT */
/*
 * What ties a SOAP response to its request: equal header fields and the
 * requestHash. Rule: interop/xroad-messages.md 1.5, 1.6.
 */
#include <assert.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "soap.h"
#include "text.h"
#include "xml.h"

/* NULL and "" differ; securityServer and protocolVersion do not count. */
int
soap_consistent(
	const struct soap *request, const struct soap *response, struct err *e)
{
	const char *field = NULL;

	if (!client_id_equal(&request->client, &response->client))
		field = "client";
	else if (!service_id_equal(&request->service, &response->service))
		field = "service";
	else if (!str_equal(request->id, response->id))
		field = "id";
	else if (!str_equal(request->user_id, response->user_id))
		field = "userId";
	else if (!str_equal(request->issue, response->issue))
		field = "issue";
	else if (!str_equal(request->party_class, response->party_class) ||
		 !str_equal(request->party_code, response->party_code))
		field = "representedParty";
	if (!field)
		return 0;
	return fail(e, FAULT_INCONSISTENT_RESPONSE,
		"header field %s of the response is not that of the request",
		field);
}

int
soap_check_request_hash(const struct soap *response,
	const struct digest *request, struct err *e)
{
	struct arena *a;
	struct bytes got;
	bool same;

	if (!response->request_hash)
		return fail(e, FAULT_INCONSISTENT_RESPONSE,
			"the response has no requestHash");
	if (!response->request_hash_alg ||
		digest_by_uri(response->request_hash_alg) != request->alg)
		return fail(e, FAULT_INCONSISTENT_RESPONSE,
			"the algorithm of the requestHash is not accepted");
	a = arena_new();
	same = base64_decode(a, response->request_hash,
		       strlen(response->request_hash), &got, NULL) == 0 &&
	       bytes_equal(got, bytes_of(request->value, request->len));
	arena_free(&a);
	if (same)
		return 0;
	return fail(e, FAULT_INCONSISTENT_RESPONSE,
		"the requestHash of the response is not that of the request");
}

int
soap_add_request_hash(struct arena *a, const struct soap *response,
	const struct digest *request, struct bytes *out, struct err *e)
{
	struct xml_node *header =
		xml_child(xml_root(response->doc), NS_SOAP, "Header");
	struct xml_node *id, *old, *hash;
	const char *blank;
	struct buf b;

	assert(header); /* a parsed message that is no fault has one */
	id = xml_child(header, NS_XROAD, "id");
	blank = xml_first_blank(header);
	blank = arena_strdup(a, blank);
	while ((old = xml_child(header, NS_XROAD, "requestHash")))
		xml_remove(old);
	hash = xml_add_after(id, xml_prefix(id), NS_XROAD, "requestHash",
		base64_encode(a, request->value, request->len));
	xml_set_attr(hash, "algorithmId", digest_uri(request->alg));
	if (blank)
		xml_add_text_before(hash, blank);
	buf_init(&b, SOAP_SIZE_MAX + 4096);
	if (xml_serialize(response->doc, &b, e) != 0 ||
		buf_ok(&b, "the SOAP response", e) != 0) {
		buf_done(&b);
		return -1;
	}
	*out = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	return 0;
}
