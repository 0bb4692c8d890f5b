/* SPDX-License-Identifier: MIT */
/* Fuzz target: REST request and response parts; paths and patterns. A request that
   is read and made again is the same request. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "rest.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
again(struct arena *a, const struct rest_request *r)
{
	struct rest_input in = {
		.method = r->method,
		.target = r->target,
		.header = r->header,
		.headers = r->headers,
		.request_id = "u",
		.instance = "I",
	};
	struct rest_request q;
	char *path;

	if (rest_request_make(a, &in, &q, NULL) == 0 &&
		(!client_id_equal(&q.client, &r->client) ||
			!service_id_equal(&q.service, &r->service)))
		abort();
	if (rest_path_normalize(a, r->service_path, &path, NULL) == 0)
		rest_path_match("/a*/**", path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	char *s = arena_strndup(a, (const char *)data, size);
	struct rest_request q;
	struct rest_response r;
	char *path;

	if (rest_request_parse(a, bytes_of(data, size), &q, NULL) == 0)
		again(a, &q);
	rest_response_parse(a, bytes_of(data, size), &r, NULL);
	if (rest_path_normalize(a, s, &path, NULL) == 0 &&
		(strstr(path, "/../") || strstr(path, "//") ||
			(!strstr(path, "..") &&
				rest_path_inside(a, s, NULL) != 0)))
		abort();
	if (size < 200)
		rest_path_match(s, s);
	arena_free(&a);
	return 0;
}
