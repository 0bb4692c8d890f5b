/* SPDX-License-Identifier: MIT */
/*
 * Bodies of requests and answers that are JSON.
 */
#pragma once

#include "http_server.h"
#include "json_io.h"

/* The body's value, in the request's arena; limits as json_parse() has them.
   The text is wiped, because it may hold a PIN: it cannot be read again.
   FAULT_BAD_REQUEST or what reading the body says. */
int http_json_body(struct request *r, const struct json_limits *limits,
	json_t **out, struct err *e);
/* The same; what is no object is FAULT_BAD_REQUEST. */
int http_json_object(struct request *r, const struct json_limits *limits,
	json_t **out, struct err *e);
/* j as the answer, at most `max` bytes; takes the reference. h: n headers, with
   the content type; NULL: only application/json. */
int http_json_reply(struct request *r, int status, const struct http_header *h,
	size_t n, json_t *j, size_t max, struct err *e);
