/* SPDX-License-Identifier: MIT */
/*
 * The center pushes: a few threads, each with the cache of one organisation at
 * a time. One that cannot be reached holds one thread until the call gives up
 * and is then left alone for longer each time; it asks by itself when it is
 * back.
 */
#include "door_int.h"

#include <pthread.h>

#include "clock.h"
#include "err.h"
#include "faultpoint.h"
#include "feed.h"
#include "job.h"
#include "link_int.h"
#include "mem.h"
#include "text.h"

enum {
	PAGES_MAX = 1000, /* to one cache in one turn */
	WAIT_MS = 15000,
	WAIT_MAX_MS = 300000,
};

struct target {
	struct target *next;
	const char *member;
	bool busy;         /* a thread is at it */
	int64_t wait_ms;   /* after the last failure; 0: it went well */
	int64_t not_until; /* clock_ticks() */
	int64_t heard;     /* clock_ticks() of its last word; 0: none yet */
};

struct pushes {
	pthread_mutex_t lock; /* guards the targets */
	struct arena *arena;
	struct target *first; /* in no order; never removed */
};

struct pushes *
pushes_new(void)
{
	struct pushes *p = mem_alloc(sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	p->arena = arena_new();
	return p;
}

void
pushes_free(struct pushes **p)
{
	if (!*p)
		return;
	pthread_mutex_destroy(&(*p)->lock);
	arena_free(&(*p)->arena);
	mem_free(*p);
	*p = NULL;
}

static struct target *
find(struct pushes *p, const char *member)
{
	struct target *t = p->first;

	while (t && !str_equal(t->member, member))
		t = t->next;
	if (!t) {
		t = arena_new_of(p->arena, struct target);
		t->member = arena_strdup(p->arena, member);
		t->next = p->first;
		p->first = t;
	}
	return t;
}

/* NULL: another thread is at it, or it is not its time: *left. */
static struct target *
claim(struct pushes *p, const char *member, bool *left)
{
	struct target *t;

	pthread_mutex_lock(&p->lock);
	t = find(p, member);
	if (!t->busy && t->wait_ms && clock_ticks() < t->not_until) {
		*left = true;
		t = NULL;
	} else if (t->busy) {
		t = NULL;
	} else {
		t->busy = true;
	}
	pthread_mutex_unlock(&p->lock);
	return t;
}

static void
release(struct pushes *p, struct target *t, bool good)
{
	pthread_mutex_lock(&p->lock);
	t->busy = false;
	if (good)
		t->heard = clock_ticks();
	t->wait_ms = good ? 0 : t->wait_ms ? 2 * t->wait_ms : WAIT_MS;
	if (t->wait_ms > WAIT_MAX_MS)
		t->wait_ms = WAIT_MAX_MS;
	t->not_until = clock_ticks() + t->wait_ms;
	pthread_mutex_unlock(&p->lock);
}

void
pushes_awake(struct pushes *p, const char *member)
{
	struct target *t;

	pthread_mutex_lock(&p->lock);
	t = find(p, member);
	t->not_until = 0;
	t->heard = clock_ticks();
	pthread_mutex_unlock(&p->lock);
}

int64_t
pushes_age(struct pushes *p, const char *member)
{
	int64_t heard;

	pthread_mutex_lock(&p->lock);
	heard = find(p, member)->heard;
	pthread_mutex_unlock(&p->lock);
	return heard ? clock_ticks() - heard : -1;
}

/* One page to the organisation's cache; *more when there are others. */
static int
push_page(struct link *l, const char *member, struct arena *a, bool *more,
	struct err *e)
{
	struct wire_call c = { .method = "POST", .path = "/changes" };
	struct feed_state s;
	int64_t position;
	json_t *page, *answer;
	int status;

	*more = false;
	if (feed_state(&l->book, member, a, &s, e) ||
		feed_page(&l->book, member, s.epoch, s.told, a, &page, e))
		return -1;
	if (fault_at("link.push"))
		return fail(e, FAULT_NETWORK, "the peer cannot be reached");
	c.service = s.door;
	c.body = codes_text(a, page);
	if (wire_send(l, a, &c, &status, &answer, e))
		return -1;
	position = json_int(answer, "position", -1);
	if ((status != 200 && status != 409) || position < 0)
		return fail(e, FAULT_HTTP, "the cache of %s answered %d: %s",
			member, status,
			json_str(json_sub(answer, "error"), "message"));
	if (!str_equal(json_str(answer, "epoch"), s.epoch))
		position = 0;
	*more = position < s.last && (status == 409 || position > s.told);
	return feed_told(&l->book, member, position, e);
}

static int
push_all(struct link *l, const char *member, struct err *e)
{
	bool more = true;

	for (int i = 0; i < PAGES_MAX && more && !jobs_stopping(l->jobs); i++) {
		struct arena *a = arena_new();
		int ret = push_page(l, member, a, &more, e);

		arena_free(&a);
		if (ret)
			return -1;
	}
	return 0;
}

int64_t
push_round(void *ctx)
{
	struct link *l = ctx;
	struct err e = ERR_INIT;
	struct arena *a = arena_new();
	const char **member;
	bool left = false;
	size_t n = 0;

	if (feed_waiting(&l->book, a, &member, &n, &e)) {
		link_trouble(l, TROUBLE_PUSH, "feeds", &e);
		left = true;
	}
	for (size_t i = 0; i < n && !jobs_stopping(l->jobs); i++) {
		struct target *t = claim(l->pushes, member[i], &left);

		if (!t)
			continue;
		err_reset(&e);
		if (push_all(l, member[i], &e)) {
			link_trouble(l, TROUBLE_PUSH, member[i], &e);
			left = true;
		}
		release(l->pushes, t, !err_set(&e));
	}
	if (!left)
		link_calm(l, TROUBLE_PUSH);
	arena_free(&a);
	return 0;
}
