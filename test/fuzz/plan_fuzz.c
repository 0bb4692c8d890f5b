/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: declared states. What is read is compared with nothing, with
 * itself and with half of itself; a state that was reached needs no step.
 */
#include <assert.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct counting {
	struct arena *a;
	size_t n;
};

static int
count(void *ctx, const struct plan_step *s, json_t **now, struct err *e)
{
	struct counting *c = ctx;
	struct buf b;

	(void)e;
	buf_init(&b, 1 << 22);
	plan_tell(&b, s, c->n++ % 2);
	assert(b.len && !b.over);
	buf_done(&b);
	assert(*plan_step_key(c->a, s));
	if (s->verb == PLAN_ADD)
		*now = json_keep(c->a, plan_clean(s->kind, s->want));
	return 0;
}

static size_t
walk(struct arena *a, const struct plan_kind *k, json_t *want, json_t *have)
{
	struct counting c = { .a = a };
	struct plan_walk w = {
		.a = a, .step = count, .ctx = &c, .doing = true
	};
	struct err e = ERR_INIT;

	if (plan_walk(&w, k, want, have, &e))
		assert(*e.text);
	return c.n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const struct plan_kind *kind;
	struct err e = ERR_INIT;
	json_t *want, *have;

	if (plan_read(a, "f", bytes_of(data, size), &kind, &want, &e)) {
		assert(!strncmp(e.text, "f:", 2));
	} else {
		walk(a, kind, want, json_keep(a, json_object()));
		have = json_keep(a, plan_clean(kind, want));
		json_object_del(want, "exclusive");
		assert(walk(a, kind, want, have) == 0);
		json_object_del(have, "clients");
		json_object_del(have, "members");
		walk(a, kind, want, have);
	}
	arena_free(&a);
	return 0;
}
