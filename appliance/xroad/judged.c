/* SPDX-License-Identifier: MIT */
/*
 * The table of judged documents: compared byte for byte, the oldest makes
 * place. An entry that is in use outlives its place, and the table as well:
 * who borrowed it from an old configuration may come after that is gone.
 */
#include "judged_int.h"

#include <pthread.h>
#include <stdatomic.h>

#include "mem.h"
#include "xades_int.h"

enum { ENTRIES = 32 };

struct entry {
	struct arena *a;
	atomic_uint refs; /* the table's and one per borrower */
	struct bytes xml;
	struct xades x;
};

struct judged {
	pthread_mutex_t lock; /* guards what follows */
	struct entry *entry[ENTRIES];
	unsigned next;           /* which makes place */
	struct judging *judging; /* by others at this moment */
	pthread_cond_t done;     /* one of them less */
};

struct judged *
judged_new(void)
{
	struct judged *j = mem_alloc(sizeof(*j));

	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->done, NULL);
	return j;
}

static void
drop(void *p)
{
	struct entry *x = p;
	struct arena *a;

	if (!x || atomic_fetch_sub(&x->refs, 1) > 1)
		return;
	a = x->a;
	arena_free(&a);
}

void
judged_free(struct judged **j)
{
	if (!*j)
		return;
	for (size_t i = 0; i < ENTRIES; i++)
		drop((*j)->entry[i]);
	pthread_cond_destroy(&(*j)->done);
	pthread_mutex_destroy(&(*j)->lock);
	mem_free(*j);
	*j = NULL;
}

/* Needs the lock. */
static struct entry *
find(const struct judged *j, struct bytes xml)
{
	for (size_t i = 0; i < ENTRIES; i++)
		if (j->entry[i] && bytes_equal(j->entry[i]->xml, xml))
			return j->entry[i];
	return NULL;
}

/* Needs the lock. The table's own reference keeps it until here. */
static struct entry *
borrow(const struct judged *j, struct bytes xml)
{
	struct entry *x = find(j, xml);

	if (x)
		atomic_fetch_add(&x->refs, 1);
	return x;
}

/* Needs the lock. */
static bool
is_judged_now(const struct judged *j, struct bytes xml)
{
	for (const struct judging *w = j->judging; w; w = w->next)
		if (bytes_equal(w->xml, xml))
			return true;
	return false;
}

const struct xades *
judged_await(struct judged *j, struct arena *a, struct bytes xml,
	struct judging *mine)
{
	struct entry *x;

	pthread_mutex_lock(&j->lock);
	while (!(x = borrow(j, xml)) && is_judged_now(j, xml))
		pthread_cond_wait(&j->done, &j->lock);
	if (!x) {
		*mine = (struct judging){ j->judging, xml };
		j->judging = mine;
	}
	pthread_mutex_unlock(&j->lock);
	if (!x)
		return NULL;
	arena_defer(a, drop, x);
	return &x->x;
}

void
judged_done(struct judged *j, struct judging *mine)
{
	struct judging **p = &j->judging;

	pthread_mutex_lock(&j->lock);
	while (*p != mine)
		p = &(*p)->next;
	*p = mine->next;
	pthread_cond_broadcast(&j->done);
	pthread_mutex_unlock(&j->lock);
}

/* ---- the copy ---- */

static void
cert_drop(void *p)
{
	struct cert *c = p;

	cert_unref(&c);
}

static void
keep_certs(struct arena *a, struct cert **item, size_t n)
{
	for (size_t i = 0; i < n; i++)
		arena_defer(a, cert_drop, cert_ref(item[i]));
}

static struct bytes
keep_bytes(struct arena *a, struct bytes b)
{
	return bytes_of(arena_memdup(a, b.data, b.len), b.len);
}

static void
keep_values(struct arena *a, struct bytes *item, size_t n)
{
	for (size_t i = 0; i < n; i++)
		item[i] = keep_bytes(a, item[i]);
}

static struct entry *
entry_new(struct bytes xml, const struct xades *from)
{
	struct arena *a = arena_new();
	struct entry *e = arena_new_of(a, struct entry);
	struct xades *x = &e->x;

	e->a = a;
	atomic_init(&e->refs, 1);
	e->xml = keep_bytes(a, xml);
	*x = *from;
	x->doc = NULL;
	x->properties = x->unsigned_properties = NULL;
	x->properties_id = arena_strdup(a, from->properties_id);
	x->sig.node = x->sig.info = NULL;
	x->sig.id = arena_strdup(a, from->sig.id);
	for (size_t i = 0; i < x->sig.refs; i++) {
		struct dsig_reference *r = &x->sig.ref[i];

		r->uri = arena_strdup(a, r->uri);
		r->id = arena_strdup(a, r->id);
		r->type = arena_strdup(a, r->type);
	}
	x->sig.value = keep_bytes(a, from->sig.value);
	keep_certs(a, x->sig.cert, x->sig.certs);
	keep_certs(a, x->extra, x->extras);
	keep_values(a, x->ocsp, x->ocsps);
	keep_values(a, x->stamp, x->stamps);
	return e;
}

void
judged_put(struct judged *j, struct bytes xml, const struct xades *x)
{
	struct entry *fresh = entry_new(xml, x), *old;
	struct entry **place;

	pthread_mutex_lock(&j->lock);
	if (find(j, xml)) { /* another thread was faster */
		old = fresh;
	} else {
		place = &j->entry[j->next++ % ENTRIES];
		old = *place;
		*place = fresh;
	}
	pthread_mutex_unlock(&j->lock);
	drop(old);
}
