/* SPDX-License-Identifier: MIT */
/*
 * REST response parts, and the consumer's checks that a response belongs to
 * its request. Rule: interop/xroad-messages.md 1.7, 2.6.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "rest_int.h"
#include "text.h"

/* The provider's own values are replaced by ours at the end. */
static const char *const ours[] = { "x-road-id", "x-road-client",
	"x-road-service", "x-road-request-id", "x-road-request-hash", NULL };

/* ---- making ---- */

/* A reason phrase that fits into a line; else none. */
static const char *
reason_text(const char *reason)
{
	const char *p = reason ? reason : "";

	for (; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return "";
	return reason ? reason : "";
}

static int
headers_write(struct buf *b, const struct rest_header *header, size_t headers,
	struct err *e)
{
	struct err why = ERR_INIT;
	size_t i;

	for (i = 0; i < headers; i++) {
		if (rest_header_dropped(header[i].name) ||
			rest_name_in(header[i].name, ours))
			continue;
		if (rest_header_write(b, &header[i], &why) != 0)
			return fail(e, FAULT_SERVICE_FAILED,
				"the service answered with a malformed "
				"header: %s",
				why.text);
	}
	return 0;
}

static void
tail_write(struct buf *b, struct arena *a, const struct rest_request *request,
	const struct digest *hash)
{
	buf_fmt(b, "x-road-id:%s\r\n", request->id);
	buf_fmt(b, "x-road-client:%s\r\n", client_id_path(a, &request->client));
	buf_fmt(b, "x-road-service:%s\r\n",
		service_id_path(a, &request->service));
	buf_fmt(b, "x-road-request-id:%s\r\n", request->request_id);
	buf_str(b, "x-road-request-hash:");
	buf_base64(b, hash->value, hash->len);
	buf_str(b, "\r\n");
}

int
rest_response_make(struct arena *a, const struct rest_request *request,
	int status, const char *reason, const struct rest_header *header,
	size_t headers, const struct digest *request_hash,
	struct rest_response *out, struct err *e)
{
	struct buf b;
	int ret = -1;

	*out = (struct rest_response){ 0 };
	buf_init(&b, REST_PART_MAX);
	buf_fmt(&b, "%d\r\n", status);
	rest_octets_write(&b, reason_text(reason));
	buf_str(&b, "\r\n");
	if (headers_write(&b, header, headers, e) != 0)
		goto out;
	tail_write(&b, a, request, request_hash);
	if (buf_ok(&b, "the REST response", e) == 0)
		ret = rest_response_parse(a,
			bytes_of(arena_memdup(a, b.data, b.len), b.len), out,
			e);
out:
	buf_done(&b);
	return ret;
}

/* ---- reading ---- */

static int
identifiers_read(struct arena *a, struct rest_response *out, struct err *e)
{
	const char *client =
		rest_header_get(out->header, out->headers, "x-road-client");
	const char *service =
		rest_header_get(out->header, out->headers, "x-road-service");
	struct err why = ERR_INIT;

	if ((client && client_id_parse(a, client, &out->client, &why) != 0) ||
		(service &&
			service_id_parse(a, service, &out->service, &why) != 0))
		return fail(e, FAULT_INVALID_MESSAGE,
			"the REST response has a malformed identifier: %s",
			why.text);
	return 0;
}

int
rest_response_parse(struct arena *a, struct bytes raw,
	struct rest_response *out, struct err *e)
{
	struct rest_lines l;
	struct bytes hash;
	int64_t status;

	*out = (struct rest_response){ .raw = raw };
	if (rest_lines_read(a, raw, &l, e) != 0)
		return -1;
	if (strlen(l.first) != 3 ||
		int_parse(l.first, 100, 999, &status, NULL) != 0)
		return fail(e, FAULT_INVALID_MESSAGE,
			"the REST response has no status code");
	out->status = (int)status;
	out->reason = l.second;
	out->header = l.header;
	out->headers = l.headers;
	out->id = rest_header_get(l.header, l.headers, "x-road-id");
	out->request_id =
		rest_header_get(l.header, l.headers, "x-road-request-id");
	out->request_hash =
		rest_header_get(l.header, l.headers, "x-road-request-hash");
	if (!out->id || !out->request_hash)
		return fail(e, FAULT_INVALID_MESSAGE,
			"the REST response has no x-road-id or "
			"x-road-request-hash");
	if (base64_decode(a, out->request_hash, strlen(out->request_hash),
		    &hash, NULL) != 0 ||
		hash.len == 0)
		return fail(e, FAULT_INVALID_MESSAGE,
			"the request hash of the REST response is not valid");
	return identifiers_read(a, out, e);
}

/* ---- consistency ---- */

static bool
hash_equal(const struct rest_response *response, const struct digest *want)
{
	struct arena *a = arena_new();
	struct bytes got;
	bool same = base64_decode(a, response->request_hash,
			    strlen(response->request_hash), &got, NULL) == 0 &&
		    bytes_equal(got, bytes_of(want->value, want->len));

	arena_free(&a);
	return same;
}

int
rest_consistent(const struct rest_request *request,
	const struct digest *request_hash, const struct rest_response *response,
	struct err *e)
{
	const char *field = NULL;

	if (!client_id_equal(&request->client, &response->client))
		field = "x-road-client";
	else if (!str_equal(request->id, response->id))
		field = "x-road-id";
	else if (!service_id_equal(&request->service, &response->service))
		field = "x-road-service";
	else if (!str_equal(request->request_id, response->request_id))
		field = "x-road-request-id";
	else if (!hash_equal(response, request_hash))
		field = "x-road-request-hash";
	if (!field)
		return 0;
	return fail(e, FAULT_INCONSISTENT_RESPONSE,
		"%s of the response does not belong to the request", field);
}
