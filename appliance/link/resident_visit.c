/* SPDX-License-Identifier: MIT */
/*
 * Visits: what is known of one browser between two requests. They live in
 * memory and end after a while without activity, and in any case after the
 * longest time; a restart ends them all.
 */
#include <pthread.h>
#include <string.h>

#include "digest.h"
#include "jws.h"
#include "mem.h"
#include "resident_int.h"
#include "text.h"

enum {
	VISITS_MAX = 4096,
	ATTEMPT_MS = 10 * 60 * 1000, /* how long a sign-in may take */
};

struct slot {
	struct visit visit;
	bool taken;
	int64_t begun, used; /* ticks */
	int64_t tried;       /* when the sign-in began */
};
struct visits {
	int64_t idle_ms, longest_ms;
	int64_t (*ticks)(void);
	pthread_mutex_t lock; /* guards the slots */
	struct slot slot[VISITS_MAX];
};

struct visits *
visits_new(int64_t idle_ms, int64_t longest_ms, int64_t (*ticks)(void))
{
	struct visits *v = mem_alloc(sizeof(*v));

	v->idle_ms = idle_ms;
	v->longest_ms = longest_ms;
	v->ticks = ticks;
	pthread_mutex_init(&v->lock, NULL);
	return v;
}

void
visits_free(struct visits **v)
{
	if (!*v)
		return;
	pthread_mutex_destroy(&(*v)->lock);
	mem_wipe(*v, sizeof(**v));
	mem_free(*v);
	*v = NULL;
}

static bool
alive(const struct visits *v, const struct slot *s, int64_t now)
{
	return s->taken && now - s->used < v->idle_ms &&
	       now - s->begun < v->longest_ms;
}

static struct slot *
find(struct visits *v, const char *id)
{
	int64_t now = v->ticks();

	if (strlen(id) != OIDC_TOKEN_LEN)
		return NULL;
	for (size_t i = 0; i < VISITS_MAX; i++)
		if (alive(v, &v->slot[i], now) &&
			ct_equal(v->slot[i].visit.id, id, OIDC_TOKEN_LEN))
			return &v->slot[i];
	return NULL;
}

bool
visit_find(struct visits *v, const char *id, struct visit *out)
{
	struct slot *s;

	pthread_mutex_lock(&v->lock);
	s = find(v, id);
	if (s) {
		s->used = v->ticks();
		*out = s->visit;
	}
	pthread_mutex_unlock(&v->lock);
	return s != NULL;
}

/* Whether a makes room rather than b. */
static bool
rather(const struct visits *v, const struct slot *a, const struct slot *b,
	int64_t now)
{
	bool ended_a = !alive(v, a, now), ended_b = !alive(v, b, now);

	if (ended_a != ended_b)
		return ended_a;
	if (!a->visit.person != !b->visit.person)
		return !a->visit.person;
	return a->used < b->used;
}

void
visit_begin(struct visits *v, struct visit *x)
{
	struct slot *s;
	int64_t now;

	oidc_token(x->id);
	oidc_token(x->secret);
	pthread_mutex_lock(&v->lock);
	now = v->ticks();
	s = &v->slot[0];
	for (size_t i = 1; i < VISITS_MAX; i++)
		if (rather(v, &v->slot[i], s, now))
			s = &v->slot[i];
	*s = (struct slot){ *x, true, now, now, now };
	pthread_mutex_unlock(&v->lock);
}

/* A sign-in on its way that another request has ended does not come back. */
static void
keep(struct visits *v, struct slot *s, const struct visit *x)
{
	bool ours = x->trying &&
		    str_equal(x->attempt.state, s->visit.attempt.state);

	if (x->trying && !ours)
		s->tried = v->ticks();
	if (ours && !s->visit.trying) {
		s->visit = *x;
		s->visit.trying = false;
		return;
	}
	s->visit = *x;
}

void
visit_keep(struct visits *v, const struct visit *x)
{
	struct slot *s;

	pthread_mutex_lock(&v->lock);
	s = find(v, x->id);
	if (s)
		keep(v, s, x);
	pthread_mutex_unlock(&v->lock);
}

void
visit_renew(struct visits *v, struct visit *x)
{
	struct slot *s;

	pthread_mutex_lock(&v->lock);
	s = find(v, x->id);
	oidc_token(x->id);
	oidc_token(x->secret);
	if (s)
		keep(v, s, x);
	pthread_mutex_unlock(&v->lock);
}

void
visit_end(struct visits *v, const char *id)
{
	struct slot *s;

	pthread_mutex_lock(&v->lock);
	s = find(v, id);
	if (s)
		mem_wipe(s, sizeof(*s));
	pthread_mutex_unlock(&v->lock);
}

void
visits_end_of(struct visits *v, int64_t person)
{
	pthread_mutex_lock(&v->lock);
	for (size_t i = 0; i < VISITS_MAX; i++)
		if (v->slot[i].taken && v->slot[i].visit.person == person)
			mem_wipe(&v->slot[i], sizeof(v->slot[i]));
	pthread_mutex_unlock(&v->lock);
}

bool
visit_attempt(struct visits *v, const char *id, size_t provider,
	struct oidc_attempt *out, bool *ja)
{
	struct slot *s;
	bool found;

	pthread_mutex_lock(&v->lock);
	s = find(v, id);
	found = s && s->visit.trying && s->visit.provider == provider &&
		v->ticks() - s->tried < ATTEMPT_MS;
	if (found) {
		*out = s->visit.attempt;
		*ja = s->visit.ja;
		s->visit.trying = false;
	}
	pthread_mutex_unlock(&v->lock);
	return found;
}

const char *
visit_token(struct arena *a, const struct visit *x, const char *path)
{
	struct digest d;

	digest_mac(DIGEST_SHA256, bytes_str(x->secret), bytes_str(path), &d);
	return base64url_encode(a, d.value, d.len);
}
