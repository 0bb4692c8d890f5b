/* SPDX-License-Identifier: MIT */
/*
 * Cursors of pages: where the next page begins, encrypted and bound to the
 * service, its statement and the parameters, so that nobody reads it, makes one
 * or continues one question with another. The place is a letter and a text:
 *
 *	o 200     after 200 rows, of a statement with ORDER BY; rows that come
 *	          or go before it move what follows
 *	i r t     after the row with this value in pageKey (page_key.c), a whole
 *	          number, a number or a text
 */
#include <string.h>

#include "adapter_int.h"
#include "digest.h"
#include "err.h"
#include "mem.h"
#include "page.h"
#include "seal.h"
#include "text.h"

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

int
page_token(const struct call *c, int64_t rows, const struct buf *place,
	const char **out, struct err *e)
{
	struct bytes plain = bytes_buf(place), box;
	int64_t begins = c->offset + rows;
	struct digest asked;

	if (!c->service->page_key)
		plain = bytes_str(
			arena_printf(c->arena, "o%lld", (long long)begins));
	question(c, &asked);
	if (seal_make(c->key.data, bytes_of(asked.value, asked.len), plain,
		    c->arena, &box, e))
		return -1;
	*out = hex_encode(c->arena, box.data, box.len);
	return 0;
}

int
page_read(struct call *c, const char *token, struct err *e)
{
	struct bytes box = { 0 }, plain;
	struct digest asked;

	c->offset = 0;
	if (strlen(token) > PAGE_TOKEN_MAX ||
		hex_decode(c->arena, token, &box, NULL) || box.len <= SEAL_OVER)
		return fail(e, FAULT_BAD_REQUEST, "_cursor is not a cursor");
	question(c, &asked);
	if (seal_open(c->key.data, bytes_of(asked.value, asked.len), box,
		    c->arena, &plain, NULL) ||
		place_read(c, plain))
		return fail(e, FAULT_BAD_REQUEST,
			"_cursor belongs to another service or other "
			"parameters, or the service has changed; begin again "
			"without it");
	return 0;
}
