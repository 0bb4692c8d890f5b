/* SPDX-License-Identifier: MIT */
/*
 * One exchange over a curl handle: what is sent, what comes back, and which
 * fault it was. http_client.c owns handles, TLS and time limits.
 */
#pragma once
#ifndef IN_HTTP
# error "http_call_int.h is private to http/"
#endif

#include <curl/curl.h>

#include "buf.h"
#include "err.h"
#include "http_client.h"
#include "http_head.h"

struct exchange {
	CURL *curl;
	struct arena *a;
	const struct http_call *call;
	struct err e; /* the first fault of anybody taking part */
	char text[CURL_ERROR_SIZE];
	const char *authority; /* "host:port" as in the URL, for messages */
	struct curl_slist *lines, *connect_to;

	bool asked;  /* the request may have gone out */
	size_t sent; /* of call->body */
	int status;
	const char *reason;
	struct http_header *header;
	size_t headers, header_bytes;
	bool head_done;
	struct buf body;
	int64_t received;

	int64_t begun; /* clock_ticks() */
	/* what has gone both ways, and when that number moved last */
	int64_t moved, moved_at;
};

void exchange_open(struct exchange *x, CURL *curl, struct arena *a,
	const struct http_call *call);
/* Tells curl everything about the request. */
int exchange_set(struct exchange *x);
/* May the request go out, for the first time or again? -1 sets x->e. */
int exchange_ask(struct exchange *x);
/* Fills out, or sets x->e and returns -1. */
int exchange_result(struct exchange *x, CURLcode code, struct http_answer *out);
void exchange_close(struct exchange *x);
