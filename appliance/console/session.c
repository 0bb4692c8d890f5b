/* SPDX-License-Identifier: MIT */
/*
 * Signed-in browsers. A session lives in memory, for a time after its last
 * call and never longer than a working day, as the parameters say (X-Road's
 * default: 30 minutes); the oldest makes room when the table is full. Rule:
 * interop/xroad-center-admin.md 5.1.
 */
#include "console_int.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"
#include "text.h"

struct session {
	char id[TOKEN_LEN + 1];
	char csrf[TOKEN_LEN + 1];
	struct caller who;
	int64_t used;  /* ticks; 0: free */
	int64_t begun; /* ticks */
	struct session_view view;
};

struct sessions {
	int64_t (*ticks)(void);
	int64_t idle_ms, longest_ms;
	pthread_mutex_t lock; /* guards all below */
	int64_t last;         /* number */
	struct session item[SESSIONS_MAX];
};

struct sessions *
sessions_new(int64_t (*ticks)(void), int64_t idle, int64_t longest)
{
	struct sessions *s = mem_alloc(sizeof(*s));

	s->ticks = ticks;
	s->idle_ms = idle * 1000;
	s->longest_ms = longest * 1000;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void
sessions_free(struct sessions **s)
{
	if (!*s)
		return;
	pthread_mutex_destroy(&(*s)->lock);
	mem_wipe(*s, sizeof(**s));
	mem_free(*s);
	*s = NULL;
}

static void
token(char out[TOKEN_LEN + 1])
{
	random_letters(out, TOKEN_LEN);
}

static struct session *
oldest(struct sessions *s)
{
	struct session *best = &s->item[0];

	for (size_t i = 1; i < SESSIONS_MAX; i++)
		if (s->item[i].used < best->used)
			best = &s->item[i];
	return best;
}

void
session_start(struct sessions *s, const struct caller *who, const char *address,
	const char *agent, char id[TOKEN_LEN + 1], char csrf[TOKEN_LEN + 1])
{
	struct session *slot;

	token(id);
	token(csrf);
	pthread_mutex_lock(&s->lock);
	slot = oldest(s);
	memcpy(slot->id, id, sizeof(slot->id));
	memcpy(slot->csrf, csrf, sizeof(slot->csrf));
	slot->who = *who;
	slot->who.session = NULL;
	slot->begun = s->ticks();
	slot->used = slot->begun + 1; /* never 0 */
	slot->view = (struct session_view){
		.number = ++s->last, .started = clock_now(), .used = clock_now()
	};
	snprintf(slot->view.name, sizeof(slot->view.name), "%s", who->name);
	snprintf(slot->view.address, sizeof(slot->view.address), "%s", address);
	snprintf(slot->view.agent, sizeof(slot->view.agent), "%s",
		agent ? agent : "");
	pthread_mutex_unlock(&s->lock);
}

static bool
lives(const struct sessions *s, const struct session *x)
{
	int64_t now = s->ticks();

	return x->used && now - x->used < s->idle_ms &&
	       now - x->begun < s->longest_ms;
}

static struct session *
find(struct sessions *s, const char *id)
{
	if (strlen(id) != TOKEN_LEN)
		return NULL;
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *x = &s->item[i];

		if (lives(s, x) && ct_equal(x->id, id, TOKEN_LEN))
			return x;
	}
	return NULL;
}

bool
session_find(struct sessions *s, const char *id, const char *csrf,
	struct caller *out)
{
	struct session *x;
	bool good;

	pthread_mutex_lock(&s->lock);
	x = find(s, id);
	good = x && (!csrf || (strlen(csrf) == TOKEN_LEN &&
				      ct_equal(x->csrf, csrf, TOKEN_LEN)));
	if (good) {
		x->used = s->ticks() + 1;
		x->view.used = clock_now();
		*out = x->who;
		out->session = id;
	}
	pthread_mutex_unlock(&s->lock);
	return good;
}

void
session_end(struct sessions *s, const char *id)
{
	struct session *x;

	pthread_mutex_lock(&s->lock);
	x = find(s, id);
	if (x)
		mem_wipe(x, sizeof(*x));
	pthread_mutex_unlock(&s->lock);
}

void
session_prove(struct sessions *s, const char *id, const char *proof)
{
	struct session *x;

	pthread_mutex_lock(&s->lock);
	x = find(s, id);
	if (x)
		memcpy(x->who.proof, proof, sizeof(x->who.proof));
	pthread_mutex_unlock(&s->lock);
}

static int
newer(const void *a, const void *b)
{
	const struct session_view *x = a, *y = b;

	return (x->number < y->number) - (x->number > y->number);
}

size_t
sessions_list(struct sessions *s, const char *name, const char *own,
	struct session_view out[SESSIONS_MAX])
{
	const struct session *mine;
	size_t n = 0;

	pthread_mutex_lock(&s->lock);
	mine = own ? find(s, own) : NULL;
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		const struct session *x = &s->item[i];

		if (!lives(s, x) || (name && !str_equal(x->who.name, name)))
			continue;
		out[n] = x->view;
		out[n++].own = x == mine;
	}
	pthread_mutex_unlock(&s->lock);
	qsort(out, n, sizeof(*out), newer);
	return n;
}

bool
session_end_number(struct sessions *s, int64_t number, const char *name)
{
	bool found = false;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *x = &s->item[i];

		if (!lives(s, x) || x->view.number != number ||
			(name && !str_equal(x->who.name, name)))
			continue;
		mem_wipe(x, sizeof(*x));
		found = true;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

size_t
session_end_all(struct sessions *s, const char *name, const char *except)
{
	const struct session *stays;
	size_t n = 0;

	pthread_mutex_lock(&s->lock);
	stays = except ? find(s, except) : NULL;
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *x = &s->item[i];

		if (x == stays || !x->used || !str_equal(x->who.name, name))
			continue;
		n += lives(s, x);
		mem_wipe(x, sizeof(*x));
	}
	pthread_mutex_unlock(&s->lock);
	return n;
}
