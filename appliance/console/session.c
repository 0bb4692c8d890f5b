/* SPDX-License-Identifier: MIT */
/*
 * Signed-in browsers. A session lives in memory, 30 minutes after its last
 * call (as X-Road's); the oldest makes room when the table is full. Rule:
 * interop/xroad-center-admin.md 5.1.
 */
#include "console_int.h"

#include <pthread.h>
#include <string.h>

#include "mem.h"
#include "text.h"

enum { SESSIONS_MAX = 256 };
static const int64_t idle_ms = 30 * 60 * 1000;

struct session {
	char id[TOKEN_LEN + 1];
	char csrf[TOKEN_LEN + 1];
	struct caller who;
	int64_t used; /* ticks; 0: free */
};

struct sessions {
	int64_t (*ticks)(void);
	pthread_mutex_t lock; /* guards all below */
	struct session item[SESSIONS_MAX];
};

struct sessions *
sessions_new(int64_t (*ticks)(void))
{
	struct sessions *s = mem_alloc(sizeof(*s));

	s->ticks = ticks;
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
session_start(struct sessions *s, const struct caller *who,
	char id[TOKEN_LEN + 1], char csrf[TOKEN_LEN + 1])
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
	slot->used = s->ticks() + 1; /* never 0 */
	pthread_mutex_unlock(&s->lock);
}

static struct session *
find(struct sessions *s, const char *id)
{
	int64_t now = s->ticks();

	if (strlen(id) != TOKEN_LEN)
		return NULL;
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct session *x = &s->item[i];

		if (x->used && now - x->used < idle_ms &&
			ct_equal(x->id, id, TOKEN_LEN))
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
