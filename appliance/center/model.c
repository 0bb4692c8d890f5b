/* SPDX-License-Identifier: MIT */
/*
 * The registry as the parts of the global configuration: shared and private
 * parameters, anchors. What goes where: interop/xroad-center-admin.md 1.2,
 * 1.5, 1.6. Bytes are written by xroad/.
 */
#include "center_int.h"

#include <string.h>

#include "center_sql.h"
#include "clock.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { PART_START = 16 };

/* A growing array in an arena. */
struct list {
	void *item;
	size_t n, cap;
};

static void *
list_add(struct arena *a, struct list *l, size_t size)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : PART_START;
		void *item = arena_array(a, cap, size);

		if (l->n)
			memcpy(item, l->item, l->n * size);
		l->item = item;
		l->cap = cap;
	}
	return (char *)l->item + l->n++ * size;
}

static int
load_source(struct center *ct, struct db_conn *c, struct arena *a,
	const struct instance *in, struct shared_params *out, struct err *e)
{
	struct gc_source *src = arena_new_of(a, struct gc_source);
	struct list internal = { 0 }, external = { 0 };
	struct config_key *key;
	size_t n;

	if (config_keys(c, a, &key, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		bool in_one = str_equal(key[i].source, "INTERNAL");
		struct bytes *b =
			list_add(a, in_one ? &internal : &external, sizeof(*b));

		*b = key[i].cert;
	}
	*src = (struct gc_source){
		.address = center_authority(a, ct, in->address),
		.internal_cert = internal.item,
		.internal_certs = internal.n,
		.external_cert = external.item,
		.external_certs = external.n,
	};
	out->source = src;
	out->sources = 1;
	return 0;
}

static int
load_classes(struct db_conn *c, struct arena *a, struct shared_params *out,
	struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_CLASSES);
	struct list l = { 0 };

	while (query_next(q)) {
		struct gc_class *k = list_add(a, &l, sizeof(*k));

		k->code = query_text_dup(a, q, 0);
		k->description = query_text_dup(a, q, 1);
	}
	out->cls = l.item;
	out->classes = l.n;
	return query_end(q, e);
}

struct member_row {
	int64_t row;
	struct list subsystems;
};

static int
load_subsystems(struct db_conn *c, struct arena *a, struct member_row *row,
	size_t n, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_SUBSYSTEMS);
	size_t at = 0;

	/* both lists are in the order of the members */
	while (query_next(q)) {
		struct gc_subsystem *s;

		while (at < n && row[at].row != query_int(q, 0))
			at++;
		if (at == n)
			break;
		s = list_add(a, &row[at].subsystems, sizeof(*s));
		s->code = query_text_dup(a, q, 1);
		s->name = query_text_dup(a, q, 2);
	}
	return query_end(q, e);
}

static int
load_members(struct db_conn *c, struct arena *a, struct shared_params *out,
	struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_MEMBERS);
	struct list l = { 0 }, rows = { 0 };
	struct member_row *row;
	struct gc_member *m;

	while (query_next(q)) {
		m = list_add(a, &l, sizeof(*m));
		row = list_add(a, &rows, sizeof(*row));
		row->row = query_int(q, 0);
		m->cls = query_text_dup(a, q, 1);
		m->code = query_text_dup(a, q, 2);
		m->name = query_text_dup(a, q, 3);
	}
	if (query_end(q, e))
		return -1;
	row = rows.item;
	m = l.item;
	if (load_subsystems(c, a, row, rows.n, e))
		return -1;
	for (size_t i = 0; i < l.n; i++) {
		m[i].subsystem = row[i].subsystems.item;
		m[i].subsystems = row[i].subsystems.n;
	}
	out->member = m;
	out->members = l.n;
	return 0;
}

struct server_row {
	int64_t row;
	struct list certs, clients;
};

static struct server_row *
server_row(struct list *rows, int64_t row)
{
	struct server_row *s = rows->item;

	for (size_t i = 0; i < rows->n; i++)
		if (s[i].row == row)
			return &s[i];
	return NULL;
}

static int
load_auth_certs(struct db_conn *c, struct arena *a, struct list *rows,
	enum digest_alg alg, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_AUTH_CERTS);

	while (query_next(q)) {
		struct server_row *s = server_row(rows, query_int(q, 0));
		struct bytes der = query_blob(q, 1);

		if (s)
			digest_of(alg, der.data, der.len,
				list_add(a, &s->certs, sizeof(struct digest)));
	}
	return query_end(q, e);
}

static void
client_read(struct arena *a, struct query *q, const char *instance,
	struct client_id *id)
{
	*id = (struct client_id){ instance, query_text_dup(a, q, 1),
		query_text_dup(a, q, 2), query_text_dup(a, q, 3) };
}

static int
load_clients(struct db_conn *c, struct arena *a, struct list *rows,
	const char *instance, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_CLIENTS);

	while (query_next(q)) {
		struct server_row *s = server_row(rows, query_int(q, 0));

		if (s)
			client_read(a, q, instance,
				list_add(a, &s->clients,
					sizeof(struct client_id)));
	}
	return query_end(q, e);
}

static void
server_read(struct arena *a, struct query *q, const char *instance,
	struct gc_server *s)
{
	s->id.owner = (struct client_id){ instance, query_text_dup(a, q, 1),
		query_text_dup(a, q, 2), NULL };
	s->id.server = query_text_dup(a, q, 3);
	s->address = query_text_dup(a, q, 4);
	s->maintenance = query_int(q, 5) != 0;
	s->maintenance_text = query_text_dup(a, q, 6);
}

static int
load_servers(struct db_conn *c, struct arena *a, const char *instance,
	enum digest_alg alg, struct shared_params *out, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_SERVERS);
	struct list l = { 0 }, rows = { 0 };
	struct server_row *row;
	struct gc_server *s;

	while (query_next(q)) {
		row = list_add(a, &rows, sizeof(*row));
		row->row = query_int(q, 0);
		server_read(a, q, instance, list_add(a, &l, sizeof(*s)));
	}
	if (query_end(q, e) || load_auth_certs(c, a, &rows, alg, e) ||
		load_clients(c, a, &rows, instance, e))
		return -1;
	row = rows.item;
	s = l.item;
	for (size_t i = 0; i < l.n; i++) {
		s[i].auth_cert = row[i].certs.item;
		s[i].auth_certs = row[i].certs.n;
		s[i].client = row[i].clients.item;
		s[i].clients = row[i].clients.n;
	}
	out->server = s;
	out->servers = l.n;
	return 0;
}

static int
load_groups(struct db_conn *c, struct arena *a, struct shared_params *out,
	struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_GROUPS);
	struct list l = { 0 }, rows = { 0 };
	struct server_row *row; /* clients: the members */
	struct gc_group *g;

	while (query_next(q)) {
		g = list_add(a, &l, sizeof(*g));
		row = list_add(a, &rows, sizeof(*row));
		row->row = query_int(q, 0);
		g->code = query_text_dup(a, q, 1);
		g->description = query_text_dup(a, q, 2);
	}
	if (query_end(q, e))
		return -1;
	q = db_query(c, Q_CENTER_GROUP_MEMBERS);
	while (query_next(q)) {
		row = server_row(&rows, query_int(q, 0));
		if (row)
			client_read(a, q, out->instance,
				list_add(a, &row->clients,
					sizeof(struct client_id)));
	}
	row = rows.item;
	g = l.item;
	for (size_t i = 0; i < l.n; i++) {
		g[i].member = row[i].clients.item;
		g[i].members = row[i].clients.n;
	}
	out->group = g;
	out->groups = l.n;
	return query_end(q, e);
}

int
model_shared(struct center *ct, struct db_conn *c, struct arena *a, int version,
	struct shared_params *out, struct err *e)
{
	enum digest_alg alg = version == 2 ? DIGEST_SHA1 : DIGEST_SHA256;
	struct instance in;

	*out = (struct shared_params){ .version = version };
	if (instance_need(c, a, &in, e))
		return -1;
	out->instance = in.instance;
	out->ocsp_freshness_s = conf_int(ct->conf, P_CENTER_OCSP_FRESHNESS);
	if (load_source(ct, c, a, &in, out, e) ||
		approved_load(ct, c, a, &in, out, e) ||
		load_classes(c, a, out, e) || load_members(c, a, out, e) ||
		load_servers(c, a, in.instance, alg, out, e) ||
		load_groups(c, a, out, e))
		return -1;
	return 0;
}

int
model_private(struct center *ct, struct db_conn *c, struct arena *a,
	struct private_params *out, struct err *e)
{
	struct instance in;

	*out = (struct private_params){ 0 };
	if (instance_need(c, a, &in, e))
		return -1;
	if (!in.management.cls)
		return refuse(e, FAULT_CONFLICT,
			"management_service_provider_not_set",
			"no management service provider is appointed");
	out->instance = in.instance;
	out->auth_reg_url = center_reg_url(a, ct, in.address);
	out->auth_reg_cert = ct->reg_cert;
	out->management = in.management;
	out->timestamp_interval_s = conf_int(ct->conf, P_CENTER_TS_INTERVAL);
	if (!conf_bool(ct->conf, P_CENTER_TRUSTED_ANCHORS))
		return 0;
	return partners_load(c, a, &out->partner, &out->partners, e);
}

/* The registry as a loaded configuration, with private parameters or not. */
static int
snapshot(struct center *ct, struct db_conn *c, struct arena *a,
	const struct private_params *own, struct globalconf **out,
	struct err *e)
{
	struct shared_params shared;
	struct gc_instance_file file = { .version = GC_VERSION_MAX };
	struct buf s, p;
	int ret = -1;

	buf_init(&s, GC_PART_MAX);
	buf_init(&p, GC_PART_MAX);
	if (model_shared(ct, c, a, GC_VERSION_MAX, &shared, e) ||
		shared_params_write(&shared, GC_VERSION_MAX, &s, e) ||
		(own && private_params_write(own, GC_VERSION_MAX, &p, e)))
		goto out;
	file.shared = bytes_buf(&s);
	file.private_part = bytes_buf(&p);
	file.expires = clock_now() + conf_int(ct->conf, P_CENTER_EXPIRE) * 1000;
	ret = globalconf_new(out, &file, 1, shared.instance, e);
out:
	buf_done(&s);
	buf_done(&p);
	return ret;
}

int
model_globalconf(struct center *ct, struct db_conn *c, struct arena *a,
	struct globalconf **out, struct err *e)
{
	struct private_params own;

	if (model_private(ct, c, a, &own, e))
		return -1;
	return snapshot(ct, c, a, &own, out, e);
}

int
model_trust(struct center *ct, struct db_conn *c, struct arena *a,
	struct globalconf **out, struct err *e)
{
	return snapshot(ct, c, a, NULL, out, e);
}

int
model_anchor(struct center *ct, struct db_conn *c, struct arena *a,
	const char *source, struct buf *out, struct err *e)
{
	bool internal = str_equal(source, "INTERNAL");
	const char *path = internal ? "/internalconf" : "/externalconf";
	struct gc_anchor_source src[2];
	struct gc_anchor anchor;
	struct config_key *key;
	struct list certs = { 0 };
	struct instance in;
	size_t n;

	if (instance_need(c, a, &in, e) || config_keys(c, a, &key, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct bytes *b;

		if (!str_equal(key[i].source, source))
			continue;
		b = list_add(a, &certs, sizeof(*b));
		*b = key[i].cert;
	}
	if (!certs.n)
		return refuse(e, FAULT_CONFLICT,
			"no_configuration_signing_keys_configured",
			"the source %s has no signing key", source);
	/* 1.2: http first, then its https twin */
	for (size_t i = 0; i < 2; i++)
		src[i] = (struct gc_anchor_source){
			.url = i ? center_https_url(a, ct, in.address, path)
				 : center_url(a, ct, in.address, path),
			.cert = certs.item,
			.certs = certs.n,
		};
	anchor = (struct gc_anchor){ .instance = in.instance,
		.generated_at = clock_now(),
		.source = src,
		.sources = src[1].url ? 2 : 1 };
	return anchor_write(&anchor, out, e);
}
