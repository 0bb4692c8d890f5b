/* SPDX-License-Identifier: MIT */
/*
 * Cursors of pages: where the next page begins, sealed together with the
 * service, its statement and the parameters, so that nobody continues one
 * question with another. The place is a number of rows: it needs a statement
 * with ORDER BY, and rows that come or go before it move what follows.
 */
#include <string.h>

#include "adapter_int.h"
#include "digest.h"
#include "err.h"
#include "mem.h"
#include "text.h"

enum { PLACE_LEN = 5, SEAL_LEN = 16, TOKEN_LEN = PLACE_LEN + SEAL_LEN };

static void
add_part(struct hasher *h, const char *s)
{
	uint64_t n = s ? strlen(s) : UINT64_MAX;

	hasher_add(h, &n, sizeof(n));
	if (s)
		hasher_add(h, s, strlen(s));
}

/* What the token is good for: parameters in the order of the service. */
static void
question(const struct call *c, struct digest *out)
{
	const struct data_service *s = c->service;
	struct hasher *h = hasher_new(DIGEST_SHA256);

	add_part(h, s->name);
	add_part(h, s->mark);
	for (size_t i = 0; i < s->params; i++)
		for (size_t j = 0; j < c->args; j++) {
			const struct argument *arg = &c->arg[j];

			if (!str_equal(arg->name, s->param[i].name))
				continue;
			add_part(h, arg->name);
			for (size_t k = 0; k < arg->values; k++)
				add_part(h, arg->value[k]);
		}
	hasher_done(&h, out);
}

static void
seal(const struct call *c, const uint8_t place[PLACE_LEN],
	uint8_t out[SEAL_LEN])
{
	struct digest asked, mac;
	uint8_t text[PLACE_LEN + DIGEST_MAX];

	question(c, &asked);
	memcpy(text, place, PLACE_LEN);
	memcpy(text + PLACE_LEN, asked.value, asked.len);
	digest_mac(DIGEST_SHA256, c->key, bytes_of(text, PLACE_LEN + asked.len),
		&mac);
	memcpy(out, mac.value, SEAL_LEN);
}

const char *
page_token(const struct call *c, int64_t offset)
{
	uint8_t token[TOKEN_LEN];

	for (int i = PLACE_LEN - 1; i >= 0; i--, offset >>= 8)
		token[i] = (uint8_t)(offset & 0xff);
	seal(c, token, token + PLACE_LEN);
	return hex_encode(c->arena, token, sizeof(token));
}

int
page_read(struct call *c, const char *token, struct err *e)
{
	struct bytes t = { 0 };
	uint8_t want[SEAL_LEN];

	c->offset = 0;
	if (strlen(token) != 2 * TOKEN_LEN ||
		hex_decode(c->arena, token, &t, NULL) || t.len != TOKEN_LEN)
		return fail(e, FAULT_BAD_REQUEST, "_cursor is not a cursor");
	seal(c, t.data, want);
	if (!ct_equal(want, t.data + PLACE_LEN, SEAL_LEN))
		return fail(e, FAULT_BAD_REQUEST,
			"_cursor belongs to another service or other "
			"parameters, or the service has changed; begin again "
			"without it");
	for (int i = 0; i < PLACE_LEN; i++)
		c->offset = c->offset << 8 | t.data[i];
	return 0;
}
