/* SPDX-License-Identifier: MIT */
/* Administration: clients of this server, and those of the network. */
#include <string.h>

#include "admin_int.h"
#include "digest.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "server_sql.h"
#include "text.h"

/* ---- shapes ---- */

static bool
has_sign_cert(struct request *r, struct server *s, const struct client_id *id)
{
	const struct key_model *m;

	if (keyconf_model(s->keys, request_arena(r), &m, NULL))
		return false;
	for (size_t i = 0; i < m->certs; i++) {
		const struct k_cert *c = &m->cert[i];
		if (c->has_member && client_id_same_member(&c->member, id) &&
			str_equal(c->status, "REGISTERED") &&
			str_equal(
				admin_ocsp_word(r, s, c), "OCSP_RESPONSE_GOOD"))
			return true;
	}
	return false;
}

static json_t *
client_json(struct request *r, struct server *s, const struct model *m,
	const struct client_id *id, const struct m_client *local)
{
	struct arena *a = request_arena(r);
	const struct globalconf *g = admin_globalconf(r, s);
	const struct private_params *p = g ? globalconf_private(g) : NULL;
	const char *name = admin_subsystem_name(g, id);
	json_t *j = json_object();

	json_put_str(j, "id", admin_client_id(a, id));
	json_put_str(j, "instance_id", id->instance);
	json_put_str(j, "member_name", admin_member_name(g, id));
	json_put_str(j, "member_class", id->cls);
	json_put_str(j, "member_code", id->code);
	if (id->subsystem)
		json_put_str(j, "subsystem_code", id->subsystem);
	if (name)
		json_put_str(j, "subsystem_name", name);
	json_put_bool(j, "owner",
		m->initialized && client_id_equal(id, &m->self.owner));
	json_put_bool(j, "has_valid_local_sign_cert", has_sign_cert(r, s, id));
	json_put_bool(j, "is_management_services_provider",
		p && client_id_equal(&p->management, id));
	if (local) {
		json_put_str(j, "connection_type",
			connection_word(local->connection));
		json_put_str(j, "status", local->status);
		if (local->name_wanted)
			json_put_str(j, "rename_status",
				local->name_sent ? "NAME_SUBMITTED"
						 : "NAME_SET");
	}
	return j;
}

/* ---- search ---- */

struct filter {
	const char *name, *instance, *cls, *code, *subsystem;
	bool members, internal, exclude_local;
	const char *sign_cert; /* true, false, NULL */
};

static void
filter_read(struct arena *a, const char *q, struct filter *f)
{
	*f = (struct filter){
		.name = query_get(a, q, "name"),
		.instance = query_get(a, q, "instance"),
		.cls = query_get(a, q, "member_class"),
		.code = query_get(a, q, "member_code"),
		.subsystem = query_get(a, q, "subsystem_code"),
		.members = !str_equal(query_get(a, q, "show_members"), "false"),
		.internal =
			!str_equal(query_get(a, q, "internal_search"), "false"),
		.exclude_local =
			str_equal(query_get(a, q, "exclude_local"), "true"),
		.sign_cert = query_get(a, q, "local_valid_sign_cert"),
	};
}

/* Contains, without case; no wish is always met. */
static bool
part_fits(const char *have, const char *want)
{
	if (!want || !*want)
		return true;
	return have && strcasestr(have, want);
}

static bool
filter_fits(struct request *r, struct server *s, const struct filter *f,
	const struct client_id *id)
{
	const struct globalconf *g = admin_globalconf(r, s);

	if (!id->subsystem && !f->members)
		return false;
	if (f->sign_cert &&
		str_equal(f->sign_cert, "true") != has_sign_cert(r, s, id))
		return false;
	return part_fits(id->instance, f->instance) &&
	       part_fits(id->cls, f->cls) && part_fits(id->code, f->code) &&
	       part_fits(id->subsystem, f->subsystem) &&
	       (part_fits(admin_member_name(g, id), f->name) ||
		       part_fits(admin_subsystem_name(g, id), f->name));
}

static void
add_global(struct request *r, struct server *s, const struct model *m,
	const struct filter *f, const struct client_id *id, json_t *list)
{
	const struct m_client *local = model_client(m, id);

	if ((f->exclude_local && local) || !filter_fits(r, s, f, id))
		return;
	json_array_append_new(list, client_json(r, s, m, id, local));
}

static void
list_global(struct request *r, struct server *s, const struct model *m,
	const struct filter *f, json_t *list)
{
	const struct globalconf *g = admin_globalconf(r, s);
	const struct shared_params *p = g ? globalconf_shared(g, NULL) : NULL;

	for (size_t i = 0; p && i < p->members; i++) {
		const struct gc_member *x = &p->member[i];
		struct client_id id = { p->instance, x->cls, x->code, NULL };
		add_global(r, s, m, f, &id, list);
		for (size_t k = 0; k < x->subsystems; k++) {
			id.subsystem = x->subsystem[k].code;
			add_global(r, s, m, f, &id, list);
		}
	}
}

int
admin_clients_get(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct model *m;
	struct filter f;
	json_t *list;

	filter_read(request_arena(r), request_query(r), &f);
	if (serverconf_model(s->sc, request_arena(r), &m, e))
		return -1;
	list = json_array();
	if (!f.internal)
		list_global(r, s, m, &f, list);
	for (size_t i = 0; f.internal && !f.exclude_local && i < m->clients;
		i++)
		if (filter_fits(r, s, &f, &m->client[i].id))
			json_array_append_new(
				list, client_json(r, s, m, &m->client[i].id,
					      &m->client[i]));
	return admin_reply(r, 200, list, e);
}

int
admin_client_get(struct request *r, void *state, struct err *e)
{
	const struct model *m;
	const struct m_client *c;

	if (admin_client(r, state, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	return admin_reply(r, 200, client_json(r, state, m, &c->id, c), e);
}

/* ---- adding ---- */

static int
add_read(struct request *r, struct server *s, const struct model *m,
	struct client_id *id, const char **connection, bool *ignore,
	struct err *e)
{
	json_t *j, *c;

	(void)s;
	*id = (struct client_id){ .instance = m->self.owner.instance };
	if (admin_body(r, &j, e) || json_need_sub(j, "client", &c, e) ||
		json_need_str(c, "member_class", IDENT_PART_MAX, &id->cls, e) ||
		json_need_str(c, "member_code", IDENT_PART_MAX, &id->code, e) ||
		json_opt_str(c, "subsystem_code", IDENT_PART_MAX,
			&id->subsystem, e) ||
		json_opt_str(
			c, "connection_type", ADMIN_TEXT_MAX, connection, e))
		return -1;
	*ignore = json_bool(j, "ignore_warnings", false);
	if (ident_part_check(id->cls, "member class", e) ||
		ident_part_check(id->code, "member code", e) ||
		(id->subsystem &&
			ident_part_check(id->subsystem, "subsystem code", e)))
		return -1;
	return 0;
}

/* One member besides the owner may be a client itself. */
static bool
extra_member(const struct model *m, const struct client_id *id)
{
	for (size_t i = 0; !id->subsystem && i < m->clients; i++)
		if (!m->client[i].id.subsystem &&
			!client_id_equal(&m->client[i].id, &m->self.owner))
			return true;
	return false;
}

static int
add_write(struct request *r, struct server *s, const struct client_id *id,
	enum connection_type type, struct err *e)
{
	struct arena *a = request_arena(r);
	struct err later = ERR_INIT;
	const struct model *m;

	if (admin_run(s, Q_SERVER_CLIENT_ADD, e, db_text(id->instance),
		    db_text(id->cls), db_text(id->code),
		    db_text(id->subsystem ? id->subsystem : ""),
		    db_text("SAVED"), db_text(connection_word(type))) < 0)
		return -1;
	serverconf_touch(s->sc);
	log_info("client %s added", client_id_text(a, id));
	/* the network may know it already: then it works at once */
	if (states_follow(s, &later))
		log_err("states", &later);
	if (serverconf_model(s->sc, a, &m, e))
		return -1;
	return admin_reply(
		r, 201, client_json(r, s, m, id, model_client(m, id)), e);
}

int
admin_clients_post(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	const struct globalconf *g = admin_globalconf(r, s);
	const char *connection = conf_text(s->conf, P_HTTP_CLIENT_AUTH_DEFAULT);
	const struct model *m;
	enum connection_type type;
	struct client_id id;
	bool ignore;

	if (serverconf_model(s->sc, a, &m, e))
		return -1;
	if (!m->initialized)
		return fail(e, FAULT_CONFLICT,
			"this security server is not initialised yet");
	if (add_read(r, s, m, &id, &connection, &ignore, e) ||
		connection_parse(connection, &type, e))
		return -1;
	if (model_client(m, &id))
		return admin_refuse(r, 409, "client_already_exists", NULL, e);
	if (extra_member(m, &id))
		return admin_refuse(
			r, 409, "additional_member_already_exists", NULL, e);
	if (!ignore && !(g && admin_member_name(g, &id)))
		return admin_warn_member(r, "unregistered_member", &id, e);
	return add_write(r, s, &id, type, e);
}

int
admin_client_put(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct model *m;
	const struct m_client *c;
	enum connection_type type;
	const char *word;
	json_t *j;

	if (admin_client(r, s, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	if (admin_body(r, &j, e) ||
		json_need_str(j, "connection_type", ADMIN_TEXT_MAX, &word, e) ||
		connection_parse(word, &type, e) ||
		admin_run(s, Q_SERVER_CLIENT_CONNECTION, e, db_text(word),
			db_int(c->row)) < 0)
		return -1;
	serverconf_touch(s->sc);
	if (admin_client(r, s, "id", &m, &c, e))
		return -1;
	return admin_reply(r, 200, client_json(r, s, m, &c->id, c), e);
}

/* ---- certificates of the client's information systems ---- */

static json_t *
pinned_json(struct request *r, struct bytes der)
{
	struct cert *c;
	json_t *j;

	if (cert_parse(&c, der, NULL))
		return json_object();
	j = admin_cert_details(request_arena(r), c);
	cert_unref(&c);
	return j;
}

int
admin_client_certs_get(struct request *r, void *state, struct err *e)
{
	const struct model *m;
	const struct m_client *c;
	json_t *list;

	if (admin_client(r, state, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	list = json_array();
	for (size_t i = 0; i < c->is_certs; i++)
		json_array_append_new(list, pinned_json(r, c->is_cert[i]));
	return admin_reply(r, 200, list, e);
}

int
admin_client_cert_get(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *hash = request_segment(r, "hash");
	const struct model *m;
	const struct m_client *c;

	if (admin_client(r, state, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	for (size_t i = 0; hash && i < c->is_certs; i++) {
		struct bytes der = c->is_cert[i];
		struct digest d;
		digest_of(DIGEST_SHA256, der.data, der.len, &d);
		if (str_iequal(hash, hex_encode(a, d.value, d.len)))
			return admin_reply(r, 200, pinned_json(r, der), e);
	}
	return admin_refuse(r, 404, "certificate_not_found", NULL, e);
}

int
admin_client_certs_post(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct model *m;
	const struct m_client *c;
	struct err why = ERR_INIT;
	struct bytes body, der;
	struct cert *cert;
	struct digest d;
	int64_t n;
	json_t *j;

	if (admin_client(r, s, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	if (request_body(r, &body, e))
		return -1;
	if (cert_parse(&cert, body, &why))
		return admin_refuse_why(r, 400, "invalid_certificate", &why, e);
	der = cert_der(cert);
	cert_digest(cert, DIGEST_SHA256, &d);
	n = admin_run(s, Q_SERVER_CLIENT_CERT_ADD, &why, db_int(c->row),
		db_text(hex_encode(request_arena(r), d.value, d.len)),
		db_blob(der.data, der.len));
	j = admin_cert_details(request_arena(r), cert);
	cert_unref(&cert);
	serverconf_touch(s->sc);
	if (n >= 0)
		return admin_reply(r, 201, j, e);
	json_decref(j);
	if (why.fault == FAULT_CONFLICT)
		return admin_refuse(
			r, 409, "certificate_already_exists", NULL, e);
	return fail(e, why.fault, "%s", why.text);
}

int
admin_client_cert_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const char *hash = request_segment(r, "hash");
	const struct model *m;
	const struct m_client *c;
	char *lower = arena_strdup(request_arena(r), hash ? hash : "");
	int64_t n;

	if (admin_client(r, s, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	str_lower(lower);
	n = admin_run(s, Q_SERVER_CLIENT_CERT_DELETE, e, db_int(c->row),
		db_text(lower));
	if (n < 0)
		return -1;
	if (!n)
		return admin_refuse(r, 404, "certificate_not_found", NULL, e);
	serverconf_touch(s->sc);
	return admin_empty(r, 204, e);
}
