/* SPDX-License-Identifier: MIT */
/*
 * Administration: the end of a client and what it leaves behind, and where
 * else it is registered. Rule: interop/xroad-center-admin.md 2.5, 5.4.
 */
#include "admin_int.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "server_sql.h"
#include "text.h"

enum { SERVERS_MAX = 10000 };

/* ---- deleting ---- */

static const char *const DELETABLE[] = { "SAVED", "DELETION_IN_PROGRESS",
	"GLOBAL_ERROR" };

static bool
is_deletable(const char *status)
{
	for (size_t i = 0; i < sizeof(DELETABLE) / sizeof(DELETABLE[0]); i++)
		if (str_equal(status, DELETABLE[i]))
			return true;
	return false;
}

static size_t
servers_of(struct request *r, struct server *s, const struct client_id *id,
	const struct gc_server ***out)
{
	const struct globalconf *g = admin_globalconf(r, s);

	*out = arena_array(
		request_arena(r), SERVERS_MAX, sizeof(struct gc_server *));
	return g ? globalconf_servers_of(g, id, *out, SERVERS_MAX) : 0;
}

/* Whether the client is gone from the network with this server: then rights
   given to it here mean nothing any more. Unknown: no. */
static bool
only_here(struct request *r, struct server *s, const struct model *m,
	const struct client_id *id)
{
	const struct gc_server **at;
	size_t n = servers_of(r, s, id, &at);

	for (size_t i = 0; i < n; i++)
		if (!server_id_equal(&at[i]->id, &m->self))
			return false;
	return admin_globalconf(r, s) != NULL;
}

struct end {
	int64_t row;
	const char *forget; /* path of the subject, or NULL */
};

static int
end_write(struct db_conn *c, void *arg, struct err *e)
{
	const struct end *x = arg;

	if (db_run(c, Q_SERVER_CLIENT_DELETE, e, db_int(x->row)) < 0)
		return -1;
	if (!x->forget)
		return 0;
	if (db_run(c, Q_SERVER_LOCAL_GROUP_MEMBER_FORGET, e,
		    db_text(x->forget)) < 0 ||
		db_run(c, Q_SERVER_RIGHT_FORGET, e,
			db_text(subject_word(SUBJECT_CLIENT)),
			db_text(x->forget)) < 0)
		return -1;
	return 0;
}

int
admin_client_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	const struct model *m;
	const struct m_client *c;
	struct end x;

	if (admin_client(r, s, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	if (client_id_equal(&c->id, &m->self.owner))
		return admin_refuse(r, 409, "cannot_delete_owner", NULL, e);
	if (!is_deletable(c->status))
		return admin_refuse(r, 409, "action_not_possible", NULL, e);
	x.row = c->row;
	x.forget =
		only_here(r, s, m, &c->id) ? client_id_path(a, &c->id) : NULL;
	if (db_transact(s->db, end_write, &x, e))
		return -1;
	serverconf_touch(s->sc);
	log_info("client %s deleted", client_id_text(a, &c->id));
	return admin_empty(r, 204, e);
}

/* ---- orphans: keys of a member that is no client here any more ---- */

struct orphans {
	const struct key_model *m;
	struct client_id member;
	bool none; /* somebody of the member is a client here */
};

static int
orphans_read(
	struct request *r, struct server *s, struct orphans *out, struct err *e)
{
	struct arena *a = request_arena(r);
	const struct model *m;

	if (admin_client_parse(a, request_segment(r, "id"), &out->member, e) ||
		serverconf_model(s->sc, a, &m, e) ||
		keyconf_model(s->keys, a, &out->m, e))
		return -1;
	out->none = false;
	for (size_t i = 0; i < m->clients; i++)
		out->none |=
			client_id_same_member(&m->client[i].id, &out->member);
	return 0;
}

static bool
is_cert(const struct orphans *o, const struct k_cert *c)
{
	return !o->none && c->has_member &&
	       client_id_same_member(&c->member, &o->member);
}

static bool
is_csr(const struct orphans *o, const struct k_csr *x)
{
	return !o->none && x->has_member &&
	       client_id_same_member(&x->member, &o->member);
}

static bool
orphans_exist(const struct orphans *o)
{
	for (size_t i = 0; i < o->m->certs; i++)
		if (is_cert(o, &o->m->cert[i]))
			return true;
	for (size_t i = 0; i < o->m->csrs; i++)
		if (is_csr(o, &o->m->csr[i]))
			return true;
	return false;
}

/* Everything at the key is the member's, and there is something. */
static bool
is_key(const struct orphans *o, const struct k_key *k)
{
	size_t mine = 0, others = 0;

	for (size_t i = 0; i < o->m->certs; i++)
		if (o->m->cert[i].key == k)
			*(is_cert(o, &o->m->cert[i]) ? &mine : &others) += 1;
	for (size_t i = 0; i < o->m->csrs; i++)
		if (o->m->csr[i].key == k)
			*(is_csr(o, &o->m->csr[i]) ? &mine : &others) += 1;
	return mine && !others;
}

int
admin_orphans_get(struct request *r, void *state, struct err *e)
{
	struct orphans o;
	json_t *j;

	if (orphans_read(r, state, &o, e))
		return -1;
	if (!orphans_exist(&o))
		return admin_refuse(r, 404, "orphans_not_found", NULL, e);
	j = json_object();
	json_put_bool(j, "orphans_exist", true);
	return admin_reply(r, 200, j, e);
}

/* Of keys that stay, because others use them too. */
static int
rest_write(struct db_conn *c, void *arg, struct err *e)
{
	const struct orphans *o = arg;

	for (size_t i = 0; i < o->m->certs; i++)
		if (is_cert(o, &o->m->cert[i]) &&
			db_run(c, Q_SERVER_CERT_DELETE, e,
				db_int(o->m->cert[i].row)) < 0)
			return -1;
	for (size_t i = 0; i < o->m->csrs; i++)
		if (is_csr(o, &o->m->csr[i]) &&
			db_run(c, Q_SERVER_CSR_DELETE, e,
				db_text(o->m->csr[i].id),
				db_text(o->m->csr[i].key->id)) < 0)
			return -1;
	return 0;
}

static bool
keys_open(struct server *s, const struct orphans *o)
{
	for (size_t i = 0; i < o->m->keys; i++)
		if (is_key(o, &o->m->key[i]) &&
			!admin_token_active(s, o->m->key[i].token))
			return false;
	return true;
}

int
admin_orphans_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct orphans o;
	int ret;

	if (orphans_read(r, s, &o, e))
		return -1;
	if (!orphans_exist(&o))
		return admin_refuse(r, 404, "orphans_not_found", NULL, e);
	/* keys can be deleted only while their tokens are open */
	ret = admin_act(r, keys_open(s, &o) ? ACT_DELETE : 0, ACT_DELETE, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	for (size_t i = 0; i < o.m->keys; i++)
		if (is_key(&o, &o.m->key[i]) &&
			admin_key_remove(s, o.m->key[i].id, e))
			return -1;
	ret = db_transact(s->db, rest_write, &o, e);
	keyconf_touch(s->keys);
	return ret ? -1 : admin_empty(r, 204, e);
}

/* ---- where it is, and what signs for it ---- */

int
admin_client_servers(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	const struct gc_server **at;
	struct client_id id;
	json_t *list;
	size_t n;

	if (admin_client_parse(a, request_segment(r, "id"), &id, e))
		return -1;
	n = servers_of(r, state, &id, &at);
	list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			list, admin_server_json(a, &at[i]->id, at[i]->address));
	return admin_reply(r, 200, list, e);
}

int
admin_client_sign_certs(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct key_model *k;
	const struct model *m;
	const struct m_client *c;
	json_t *list;

	if (admin_client(r, s, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	if (keyconf_model(s->keys, request_arena(r), &k, e))
		return -1;
	list = json_array();
	for (size_t i = 0; i < k->certs; i++)
		if (k->cert[i].has_member &&
			client_id_same_member(&k->cert[i].member, &c->id))
			json_array_append_new(
				list, admin_cert_json(r, s, &k->cert[i]));
	return admin_reply(r, 200, list, e);
}
