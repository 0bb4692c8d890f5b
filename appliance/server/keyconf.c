/* SPDX-License-Identifier: MIT */
/*
 * Which key signs for whom. The choice for a member (or for TLS) is made once
 * and kept as an immutable context until keys, certificates, OCSP responses or
 * the global configuration change, at most for a minute: the hot path does no
 * SQL and parses nothing. Rule: interop/xroad-messages.md 3.7.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "identity.h"
#include "key.h"
#include "keys_int.h"
#include "mem.h"
#include "param.h"
#include "signer.h"
#include "text.h"

enum { CONTEXT_MS = 60000, CONTEXTS_MAX = 256 };

/* A made choice. */
struct context {
	struct arena *a;
	int refs; /* guarded by keyconf's lock */
	struct keyconf *home;
	/* made from: */
	struct globalconf *g;
	struct ocspstore *store;
	int64_t generation, ocsp_generation, made; /* made: ms */
	/* for whom; auth has no member */
	bool auth;
	struct client_id member;
	/* the choice */
	struct key *key;
	struct cert_proof proof;
};

struct keyconf {
	struct db *db; /* borrowed, as the signer */
	struct signer *signer;
	struct token_list tokens;
	atomic_int_fast64_t generation;
	/* guards model, loaded, context and every refs */
	pthread_mutex_t lock;
	struct key_model *model;
	int64_t loaded;
	struct context *context[CONTEXTS_MAX];
	size_t contexts;
};

/* ---- life ---- */

int
keyconf_open(struct keyconf **out, struct db *db, struct signer *signer,
	struct token_list tokens, struct err *e)
{
	struct keyconf *k = mem_alloc(sizeof(*k));
	struct arena *a = arena_new();
	const struct key_model *m;
	pthread_mutexattr_t again;
	int ret;

	k->db = db;
	k->signer = signer;
	k->tokens = tokens;
	atomic_init(&k->generation, 1);
	/* dropping a context gives back its model under the same lock */
	pthread_mutexattr_init(&again);
	pthread_mutexattr_settype(&again, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&k->lock, &again);
	pthread_mutexattr_destroy(&again);
	ret = keyconf_model(k, a, &m, e);
	arena_free(&a);
	if (ret)
		keyconf_close(&k);
	*out = k;
	return ret;
}

/* Needs the lock. */
static void
model_drop(struct key_model *m)
{
	struct arena *a;

	if (!m || --m->refs)
		return;
	a = m->a;
	arena_free(&a);
}

/* Needs the lock. */
static void
context_drop(struct context *c)
{
	struct arena *a;

	if (!c || --c->refs)
		return;
	a = c->a;
	globalconf_unref(&c->g);
	key_unref(&c->key);
	for (size_t i = 0; i < c->proof.n; i++)
		cert_unref(&c->proof.path[i]);
	arena_free(&a);
}

void
keyconf_close(struct keyconf **p)
{
	struct keyconf *k = *p;

	*p = NULL;
	if (!k)
		return;
	for (size_t i = 0; i < k->contexts; i++)
		context_drop(k->context[i]);
	model_drop(k->model);
	pthread_mutex_destroy(&k->lock);
	mem_free(k);
}

void
keyconf_touch(struct keyconf *k)
{
	atomic_fetch_add(&k->generation, 1);
}

int64_t
keyconf_generation(struct keyconf *k)
{
	return atomic_load(&k->generation);
}

static void
model_give(void *p)
{
	struct key_model *m = p;
	struct keyconf *k = m->home;

	pthread_mutex_lock(&k->lock);
	model_drop(m);
	pthread_mutex_unlock(&k->lock);
}

int
keyconf_model(struct keyconf *k, struct arena *a, const struct key_model **out,
	struct err *e)
{
	int64_t now = atomic_load(&k->generation);
	struct key_model *m;
	int ret = 0;

	pthread_mutex_lock(&k->lock);
	if (!k->model || k->loaded < now) {
		ret = key_model_load(&m, k->db, e);
		if (!ret) {
			m->home = k;
			model_drop(k->model);
			k->model = m;
			k->loaded = now;
		}
	}
	m = k->model;
	if (!ret)
		m->refs++;
	pthread_mutex_unlock(&k->lock);
	if (ret)
		return -1;
	arena_defer(a, model_give, m);
	*out = m;
	return 0;
}

struct signer *
keyconf_signer(struct keyconf *k, const char *token)
{
	if (str_equal(token, TOKEN_SOFTWARE))
		return k->signer;
	for (size_t i = 0; i < k->tokens.n; i++)
		if (str_equal(k->tokens.item[i].id, token))
			return k->tokens.item[i].signer;
	return NULL;
}

struct token_list
keyconf_tokens(struct keyconf *k)
{
	return k->tokens;
}

int
keyconf_key(struct keyconf *k, const char *id, struct key **out, struct err *e)
{
	struct arena *a = arena_new();
	const struct key_model *m;
	const struct k_key *x;
	struct signer *s;
	int ret = keyconf_model(k, a, &m, e);

	if (ret)
		goto out;
	x = key_model_key(m, id);
	s = x ? keyconf_signer(k, x->token) : NULL;
	if (!x)
		ret = fail(e, FAULT_KEY_NOT_FOUND, "The key is unknown");
	else if (!s)
		ret = fail(e, FAULT_TOKEN_NOT_ACTIVE,
			"The token %s is not there", x->token);
	else
		ret = signer_key(s, id, out, e);
out:
	arena_free(&a);
	return ret;
}

/* ---- choosing ---- */

static bool
cert_serves(const struct k_cert *c, const struct client_id *member)
{
	if (!c->active || !str_equal(c->status, "REGISTERED"))
		return false;
	if (!member)
		return c->key->usage == USAGE_AUTHENTICATION;
	return c->key->usage == USAGE_SIGNING && c->has_member &&
	       client_id_same_member(&c->member, member);
}

/* Fills the context with this certificate if it is proved good right now. */
static int
context_try(struct keyconf *k, struct context *x, const struct k_cert *c,
	struct err *e)
{
	struct cert_proof p;

	if (cert_proof_make(x->a, x->store, x->g, c->cert, &p, e) ||
		cert_proof_check(x->g, &p, e) ||
		keyconf_key(k, c->key->id, &x->key, e))
		return -1;
	x->proof = p;
	for (size_t i = 0; i < p.n; i++)
		cert_ref(p.path[i]);
	return 0;
}

static int
no_choice(const struct context *x, const struct err *cause, struct err *e)
{
	const char *why = err_set(cause) ? cause->text : "none is active";

	if (cause->fault == FAULT_TOKEN_NOT_ACTIVE)
		return fail(e, FAULT_TOKEN_NOT_ACTIVE, "%s", why);
	if (x->auth)
		return fail(e, FAULT_SSL_AUTH,
			"no usable authentication certificate: %s", why);
	return fail(e, FAULT_CANNOT_SIGN,
		"no usable signing certificate of %s: %s",
		client_id_text(x->a, &x->member), why);
}

/* The model is held by an arena of its own: the context's is freed under the
   lock that giving the model back needs. */
static int
context_choose(struct keyconf *k, struct context *x, struct err *e)
{
	const struct client_id *member = x->auth ? NULL : &x->member;
	struct arena *a = arena_new();
	const struct key_model *m;
	struct err cause = ERR_INIT;
	int ret = keyconf_model(k, a, &m, e);
	bool chosen = false;

	for (size_t i = 0; !ret && !chosen && i < m->certs; i++) {
		struct err now = ERR_INIT;
		if (!cert_serves(&m->cert[i], member))
			continue;
		chosen = !context_try(k, x, &m->cert[i], &now);
		if (!chosen && !err_set(&cause))
			cause = now;
	}
	arena_free(&a);
	if (ret || chosen)
		return ret;
	return no_choice(x, &cause, e);
}

static bool
context_fits(const struct context *x, bool auth, const struct client_id *member)
{
	return x->auth == auth &&
	       (auth || client_id_same_member(&x->member, member));
}

static bool
context_fresh(const struct keyconf *k, const struct context *x,
	const struct ocspstore *o, int64_t ocsp_generation,
	const struct globalconf *g)
{
	int64_t now = clock_now();

	return x->g == g && x->store == o &&
	       x->generation == atomic_load(&k->generation) &&
	       x->ocsp_generation == ocsp_generation && now >= x->made &&
	       now < x->made + CONTEXT_MS;
}

/* Needs the lock. Puts it in place of the same one's older context. */
static void
context_keep(struct keyconf *k, struct context *x)
{
	size_t i = 0;

	while (i < k->contexts &&
		!context_fits(k->context[i], x->auth, &x->member))
		i++;
	if (i == CONTEXTS_MAX)
		i = 0;
	if (i == k->contexts)
		k->contexts++;
	else
		context_drop(k->context[i]);
	x->refs++;
	k->context[i] = x;
}

static void
context_give(void *p)
{
	struct context *x = p;
	struct keyconf *k = x->home;

	pthread_mutex_lock(&k->lock);
	context_drop(x);
	pthread_mutex_unlock(&k->lock);
}

static struct context *
context_find(struct keyconf *k, struct ocspstore *o, const struct globalconf *g,
	const struct client_id *member)
{
	int64_t og = ocspstore_generation(o);
	struct context *found = NULL;

	pthread_mutex_lock(&k->lock);
	for (size_t i = 0; i < k->contexts && !found; i++) {
		struct context *x = k->context[i];
		if (context_fits(x, !member, member) &&
			context_fresh(k, x, o, og, g))
			found = x;
	}
	if (found)
		found->refs++;
	pthread_mutex_unlock(&k->lock);
	return found;
}

static struct context *
context_new(struct keyconf *k, struct ocspstore *o, const struct globalconf *g,
	const struct client_id *member)
{
	struct arena *a = arena_new();
	struct context *x = arena_new_of(a, struct context);

	x->a = a;
	x->refs = 1;
	x->home = k;
	/* a reference changes nothing the caller could see */
	x->g = globalconf_ref((struct globalconf *)(uintptr_t)g);
	x->store = o;
	x->generation = atomic_load(&k->generation);
	x->ocsp_generation = ocspstore_generation(o);
	x->made = clock_now();
	x->auth = !member;
	if (member)
		client_id_copy(a, &x->member, member);
	return x;
}

/* The context for a member, or for authentication; given back with `a`. */
static int
context_get(struct keyconf *k, struct ocspstore *o, const struct globalconf *g,
	const struct client_id *member, struct arena *a, struct context **out,
	struct err *e)
{
	struct context *x = context_find(k, o, g, member);
	int ret = 0;

	if (!x) {
		x = context_new(k, o, g, member);
		ret = context_choose(k, x, e);
		pthread_mutex_lock(&k->lock);
		if (!ret)
			context_keep(k, x);
		pthread_mutex_unlock(&k->lock);
	}
	if (ret) {
		context_give(x);
		return -1;
	}
	arena_defer(a, context_give, x);
	*out = x;
	return 0;
}

int
keyconf_signing(struct keyconf *k, struct ocspstore *o,
	const struct globalconf *g, const struct client_id *member,
	struct arena *a, struct signing *out, struct err *e)
{
	struct context *x;

	if (context_get(k, o, g, member, a, &x, e))
		return -1;
	*out = (struct signing){
		.key = x->key,
		.cert = x->proof.path[0],
		.extra = { x->proof.path + 1, x->proof.n - 1 },
		.ocsp = x->proof.ocsp,
		.ocsps = x->proof.n,
		.time = clock_now(),
	};
	return 0;
}

int
keyconf_auth(struct keyconf *k, struct ocspstore *o, const struct globalconf *g,
	struct arena *a, struct auth_identity *out, struct err *e)
{
	struct context *x;

	if (context_get(k, o, g, NULL, a, &x, e))
		return -1;
	*out = (struct auth_identity){ .key = x->key, .n = x->proof.n };
	for (size_t i = 0; i < x->proof.n; i++) {
		out->chain[i] = x->proof.path[i];
		out->ocsp[i] = x->proof.ocsp[i];
	}
	return 0;
}
