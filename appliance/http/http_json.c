/* SPDX-License-Identifier: MIT */
/* Bodies of requests and answers that are JSON. */
#include "http_json.h"

#include "buf.h"
#include "err.h"
#include "mem.h"

int
http_json_body(struct request *r, const struct json_limits *limits,
	json_t **out, struct err *e)
{
	struct bytes text;
	int ret;

	if (request_body(r, &text, e))
		return -1;
	ret = json_parse(request_arena(r), text, limits, out, e);
	/* the arena's memory is ours to write */
	mem_wipe((void *)(uintptr_t)text.data, text.len);
	return ret;
}

int
http_json_object(struct request *r, const struct json_limits *limits,
	json_t **out, struct err *e)
{
	if (http_json_body(r, limits, out, e))
		return -1;
	if (!json_is_object(*out))
		return fail(
			e, FAULT_BAD_REQUEST, "the body must be a JSON object");
	return 0;
}

int
http_json_reply(struct request *r, int status, const struct http_header *h,
	size_t n, json_t *j, size_t max, struct err *e)
{
	static const struct http_header json[] = {
		{ "Content-Type", "application/json" },
	};
	struct buf b;
	int ret;

	buf_init(&b, max);
	json_write(&b, j, JSON_PLAIN);
	json_decref(j);
	ret = buf_ok(&b, "the answer", e);
	if (!ret)
		ret = reply_send_headers(
			r, status, h ? h : json, h ? n : 1, bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}
