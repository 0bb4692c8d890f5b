/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: who the caller behind reverse proxies is. The first line is the
 * listener's list of proxies, the next one the peer of the connection, the
 * others are header lines. Found is always an address; and nobody's word is
 * believed but that of a known proxy, nor read past the first who is none.
 */
#define IN_HTTP 1
#include <assert.h>
#include <string.h>

#include "err.h"
#include "http_int.h"
#include "mem.h"
#include "whitelist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ADDRESS_TEXT_MAX = 45 }; /* of IPv6 with an IPv4 address in it */

/* A line of the input; *rest goes behind it. */
static char *
line(char **rest)
{
	char *s = *rest, *end = s + strcspn(s, "\n");

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return s;
}

/* The caller is the peer itself or was written by somebody, and nothing that was
   written counts unless the peer is a known proxy. */
static void
check_believed(const struct request *r, const char *first)
{
	const struct http_header *h = r->head->header;
	bool written = str_equal(r->peer, first);

	for (size_t i = 0; i < r->head->headers && !written; i++)
		written = str_iequal(h[i].name, "X-Forwarded-For") &&
			  strstr(h[i].value, r->peer);
	assert(written);
	assert(r->by_proxy == whitelist_has(r->server->row.proxies, first));
	assert(r->by_proxy || r->peer == first);
}

/* What a stranger writes before everything else changes nothing once the
   caller is found. */
static void
check_stranger(const struct request *as, const char *first)
{
	static const struct http_header lie = { "X-Forwarded-For",
		"198.51.100.77, <b>, 203.0.113.9" };
	struct request r = *as;
	struct http_head head = *as->head;

	if (whitelist_has(r.server->row.proxies, as->peer) ||
		head.headers == sizeof(head.header) / sizeof(*head.header))
		return;
	memmove(head.header + 1, head.header,
		head.headers * sizeof(*head.header));
	head.header[0] = lie;
	head.headers++;
	r.head = &head;
	r.peer = first;
	forwarded_read(&r);
	assert(str_equal(r.peer, as->peer));
}

/* A request whose head has these lines. */
static char *
head_text(struct arena *a, char *lines)
{
	struct buf b;
	char *text;

	buf_init(&b, 1 << 20);
	buf_str(&b, "GET / HTTP/1.1\r\n");
	while (*lines)
		buf_fmt(&b, "%s\r\n", line(&lines));
	buf_str(&b, "\r\n");
	text = arena_strndup(a, b.data, b.over ? 0 : b.len);
	buf_done(&b);
	return text;
}

static void
run(struct arena *a, struct http_server *s, const char *first, char *lines)
{
	struct http_worker w = { .server = s };
	struct http_head head = { 0 };
	struct request r = { .head = &head,
		.server = s,
		.worker = &w,
		.arena = a,
		.peer = first };
	char *text = head_text(a, lines);
	const char *why;
	long n = http_head_length(text, strlen(text));

	if (n <= 0 || http_head_parse(text, (size_t)n, &head, &why))
		return;
	forwarded_read(&r);
	assert(address_is_ip(r.peer) && strlen(r.peer) <= ADDRESS_TEXT_MAX);
	check_believed(&r, first);
	check_stranger(&r, first);
	if (!r.by_proxy) {
		assert(request_host(&r) == request_header(&r, "Host"));
		assert(!request_is_https(&r));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	char *rest = arena_strndup(a, (const char *)data, size);
	const char *list = line(&rest);
	const char *first = line(&rest);
	struct http_server s = { 0 };
	struct whitelist *w = NULL;
	struct err e = ERR_INIT;

	if (whitelist_read(a, list, &w, &e))
		assert(e.fault == FAULT_CONFIG && *e.text);
	s.row.proxies = w;
	/* the connection's own peer is the kernel's word */
	run(a, &s, address_is_ip(first) ? first : "127.0.0.1", rest);
	arena_free(&a);
	return 0;
}
