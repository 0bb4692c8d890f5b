/* SPDX-License-Identifier: MIT */
/*
 * Sorted tables over the loaded configuration, so that a question about one of
 * ten thousand members costs a binary search.
 */
#include <stdlib.h>
#include <string.h>

#include "globalconf_int.h"
#include "mem.h"
#include "text.h"

static int
entry_order(const void *a, const void *b)
{
	const struct gc_entry *x = a, *y = b;
	int i, d;

	for (i = 0; i < INDEX_KEYS; i++) {
		if (!x->key[i] || !y->key[i])
			d = (x->key[i] != NULL) - (y->key[i] != NULL);
		else
			d = strcmp(x->key[i], y->key[i]);
		if (d != 0)
			return d;
	}
	return 0;
}

const struct gc_entry *
gc_index_find(
	const struct gc_index *x, const struct gc_entry *key, size_t *count)
{
	const struct gc_entry *hit, *end = x->entry + x->n, *last;

	if (x->n == 0)
		return NULL;
	hit = bsearch(key, x->entry, x->n, sizeof(*hit), entry_order);
	if (!hit)
		return NULL;
	while (hit > x->entry && entry_order(hit - 1, key) == 0)
		hit--;
	for (last = hit; last < end && entry_order(last, key) == 0;)
		last++;
	if (count)
		*count = (size_t)(last - hit);
	return hit;
}

static void
index_sort(struct gc_index *x)
{
	if (x->n > 1)
		qsort(x->entry, x->n, sizeof(*x->entry), entry_order);
}

static struct gc_entry
client_entry(const struct client_id *id, const void *value)
{
	return (struct gc_entry){
		.key = { id->instance, id->cls, id->code, id->subsystem },
		.value = value,
	};
}

/* How many rows each table gets from one instance. */
static void
instance_count(const struct shared_params *p, struct globalconf *g)
{
	size_t i;

	g->listed.n += p->members;
	for (i = 0; i < p->members; i++)
		g->listed.n += p->member[i].subsystems;
	for (i = 0; i < p->servers; i++) {
		g->hosts.n += p->server[i].clients + 1;
		g->certs.n += p->server[i].auth_certs;
	}
	for (i = 0; i < p->groups; i++)
		g->groups.n += p->group[i].members;
}

static void
members_fill(struct globalconf *g, const struct shared_params *p)
{
	size_t i, j;

	for (i = 0; i < p->members; i++) {
		const struct gc_member *m = &p->member[i];
		struct client_id id = { p->instance, m->cls, m->code, NULL };

		g->listed.entry[g->listed.n++] = client_entry(&id, m);
		for (j = 0; j < m->subsystems; j++) {
			id.subsystem = m->subsystem[j].code;
			g->listed.entry[g->listed.n++] = client_entry(&id, m);
		}
	}
}

static void
servers_fill(struct globalconf *g, const struct shared_params *p)
{
	size_t i, j;

	for (i = 0; i < p->servers; i++) {
		const struct gc_server *v = &p->server[i];

		g->hosts.entry[g->hosts.n++] = client_entry(&v->id.owner, v);
		for (j = 0; j < v->clients; j++)
			if (!client_id_equal(&v->client[j], &v->id.owner))
				g->hosts.entry[g->hosts.n++] =
					client_entry(&v->client[j], v);
		for (j = 0; j < v->auth_certs; j++) {
			const struct digest *d = &v->auth_cert[j];

			g->certs.entry[g->certs.n++] = (struct gc_entry){
				.key = { hex_encode(
					g->arena, d->value, d->len) },
				.value = v,
			};
		}
	}
}

static void
groups_fill(struct globalconf *g, const struct shared_params *p)
{
	size_t i, j;

	for (i = 0; i < p->groups; i++) {
		const struct gc_group *r = &p->group[i];

		for (j = 0; j < r->members; j++) {
			const struct client_id *id = &r->member[j];

			g->groups.entry[g->groups.n++] = (struct gc_entry){
				.key = { p->instance, r->code, id->instance,
					id->cls, id->code, id->subsystem },
				.value = r,
			};
		}
	}
}

static void
index_open(struct globalconf *g, struct gc_index *x)
{
	x->entry = arena_array(g->arena, x->n + 1, sizeof(*x->entry));
	x->n = 0;
}

void
gc_index_build(struct globalconf *g)
{
	size_t i;

	for (i = 0; i < g->instances; i++)
		instance_count(&g->instance[i].shared, g);
	index_open(g, &g->listed);
	index_open(g, &g->hosts);
	index_open(g, &g->certs);
	index_open(g, &g->groups);
	for (i = 0; i < g->instances; i++) {
		const struct shared_params *p = &g->instance[i].shared;

		members_fill(g, p);
		servers_fill(g, p);
		groups_fill(g, p);
	}
	index_sort(&g->listed);
	index_sort(&g->hosts);
	index_sort(&g->certs);
	index_sort(&g->groups);
}
