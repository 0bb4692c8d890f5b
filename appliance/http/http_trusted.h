/* SPDX-License-Identifier: MIT */
/*
 * Calling a server that is known by its name: it has to have a certificate of
 * an authority in the bundle, for the host of the URL.
 */
#pragma once

struct arena;
struct bundle;
struct err;
struct http_answer;
struct http_call;
struct http_client;

/* As http_call(); call->tls must be set, its judge is ours. FAULT_SSL_AUTH. */
int http_call_trusted(struct http_client *c, struct arena *a,
	struct http_call *call, const struct bundle *roots,
	struct http_answer *out, struct err *e);
