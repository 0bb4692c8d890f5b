/* SPDX-License-Identifier: MIT */
/*
 * Callers behind a reverse proxy. Anybody can write X-Forwarded-For, so it is
 * read from its end, one hop at a time, and only as far as the hop before is a
 * proxy that the listener knows: what a stranger wrote is never reached.
 */
#include "http_int.h"

#include <string.h>

#include "mem.h"
#include "text.h"
#include "whitelist.h"

enum { HOP_MAX = 64 }; /* "[ipv6]:port" and some */

/* The address of "1.2.3.4", "1.2.3.4:80", "::1", "[::1]" or "[::1]:80". */
static char *
hop_address(struct arena *a, const char *text, size_t n)
{
	char *s, *end;

	if (n > HOP_MAX)
		return NULL;
	s = str_trim(arena_strndup(a, text, n));
	if (*s == '[') {
		end = strchr(++s, ']');
		if (!end)
			return NULL;
		*end = '\0';
	} else {
		end = strchr(s, ':');
		if (end && !strchr(end + 1, ':'))
			*end = '\0';
	}
	return address_is_ip(s) ? s : NULL;
}

/* The last hop of a list, which is made shorter by it; NULL: none is left. */
static const char *
hop_cut(const char *list, size_t *n, size_t *len)
{
	size_t at = *n;

	if (!*n)
		return NULL;
	while (at > 0 && list[at - 1] != ',')
		at--;
	*len = *n - at;
	*n = at ? at - 1 : 0;
	return list + at;
}

/* Goes back through one header while the hops are known proxies; false: the
   caller is found, or somebody wrote what is no address. */
static bool
walk(struct request *r, const char *list)
{
	size_t n = strlen(list), len;
	const char *hop;

	while ((hop = hop_cut(list, &n, &len))) {
		const char *address = hop_address(r->arena, hop, len);

		if (!address)
			return false;
		r->peer = address;
		if (!whitelist_has(r->server->row.proxies, address))
			return false;
	}
	return true;
}

void
forwarded_read(struct request *r)
{
	const struct http_header *h = r->head->header;

	r->by_proxy = whitelist_has(r->server->row.proxies, r->peer);
	if (!r->by_proxy)
		return;
	for (size_t i = r->head->headers; i > 0; i--)
		if (str_iequal(h[i - 1].name, "X-Forwarded-For") &&
			!walk(r, h[i - 1].value))
			return;
}

const char *
request_host(const struct request *r)
{
	const char *told =
		r->by_proxy ? request_header(r, "X-Forwarded-Host") : NULL;

	return told ? told : request_header(r, "Host");
}

bool
request_is_https(const struct request *r)
{
	const char *told =
		r->by_proxy ? request_header(r, "X-Forwarded-Proto") : NULL;

	return told ? str_iequal(told, "https") : request_is_tls(r);
}
