/* SPDX-License-Identifier: MIT */
/* Calls to servers that authorities vouch for; see http_trusted.h. */
#include "http_trusted.h"

#include <string.h>

#include "bundle.h"
#include "http_client.h"
#include "mem.h"

/* Whose certificate it has to be. */
struct claim {
	const struct bundle *roots;
	const char *host;
};

static int
judge(void *ctx, struct cert_list chain, struct err *e)
{
	const struct claim *c = ctx;

	return bundle_verify(c->roots, chain, c->host, e);
}

static const char *
host_of(struct arena *a, const char *url)
{
	const char *p = strstr(url, "://");

	p = p ? p + 3 : url;
	if (*p == '[')
		return arena_strndup(a, p + 1, strcspn(p + 1, "]"));
	return arena_strndup(a, p, strcspn(p, ":/?#"));
}

int
http_call_trusted(struct http_client *c, struct arena *a,
	struct http_call *call, const struct bundle *roots,
	struct http_answer *out, struct err *e)
{
	struct claim claim = { roots, host_of(a, call->url) };

	call->judge = judge;
	call->judge_ctx = &claim;
	return http_call(c, a, call, out, e);
}
