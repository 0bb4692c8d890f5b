/* SPDX-License-Identifier: MIT */
/*
 * Lists of networks: who may try to sign in, as X-Road's
 * key-management-api-whitelist and regular-api-whitelist have it, and which
 * reverse proxies are known.
 */
#include "whitelist.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

enum { BITS = 128, MAPPED = 96, BYTES = BITS / 8 };

struct network {
	unsigned char bytes[BYTES];
	int bits;
};

struct whitelist {
	struct network *item;
	size_t n;
};

/* IPv4 as IPv6 has it; the bits that a whole address has then, 0: none. */
static int
read_address(const char *s, unsigned char out[BYTES])
{
	static const unsigned char mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xff, 0xff };

	if (inet_pton(AF_INET6, s, out) == 1)
		return BITS;
	memcpy(out, mapped, sizeof(mapped));
	return inet_pton(AF_INET, s, out + sizeof(mapped)) == 1 ? BITS - MAPPED
								: 0;
}

bool
address_is_ip(const char *s)
{
	unsigned char b[BYTES];

	return read_address(s, b) != 0;
}

static int
read_network(struct arena *a, const char *s, struct network *out, struct err *e)
{
	const char *slash = strchr(s, '/');
	char *text =
		arena_strndup(a, s, slash ? (size_t)(slash - s) : strlen(s));
	int whole = read_address(text, out->bytes);
	int64_t bits = whole;

	if (!whole || (slash && int_parse(slash + 1, 0, whole, &bits, NULL)))
		return fail(e, FAULT_CONFIG,
			"'%s' is neither an address nor a network", s);
	out->bits = BITS - whole + (int)bits;
	return 0;
}

int
whitelist_read(struct arena *a, const char *text, struct whitelist **out,
	struct err *e)
{
	struct whitelist *w = arena_new_of(a, struct whitelist);
	char *s = arena_strdup(a, text), *next;

	w->item = arena_array(a, strlen(text) + 1, sizeof(*w->item));
	for (; s; s = next) {
		next = strchr(s, ',');
		if (next)
			*next++ = '\0';
		s = str_trim(s);
		if (*s && read_network(a, s, &w->item[w->n++], e))
			return -1;
	}
	*out = w;
	return 0;
}

bool
whitelist_has(const struct whitelist *w, const char *address)
{
	unsigned char b[BYTES];

	if (!w || !read_address(address, b))
		return false;
	for (size_t i = 0; i < w->n; i++) {
		const struct network *x = &w->item[i];
		size_t whole = (size_t)x->bits / 8;
		unsigned mask = 0xff00U >> (x->bits % 8) & 0xff;

		if (!memcmp(b, x->bytes, whole) &&
			(!mask || !((b[whole] ^ x->bytes[whole]) & mask)))
			return true;
	}
	return false;
}
