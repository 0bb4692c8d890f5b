/* SPDX-License-Identifier: MIT */
/*
 * Reads the security server's database into a model. Rows that refer to each
 * other are joined here by row number; foreign keys make sure they exist.
 */
#include <assert.h>
#include <string.h>

#include "arena_list_int.h"
#include "db.h"
#include "err.h"
#include "mem.h"
#include "model_int.h"
#include "server_sql.h"
#include "text.h"

static const char *const CONNECTION[] = {
	[CONN_HTTP] = "HTTP",
	[CONN_HTTPS_NO_AUTH] = "HTTPS_NO_AUTH",
	[CONN_HTTPS] = "HTTPS",
};
static const char *const KIND[] = {
	[SERVICE_WSDL] = "WSDL",
	[SERVICE_REST] = "REST",
	[SERVICE_OPENAPI3] = "OPENAPI3",
};
static const char *const SUBJECT[] = {
	[SUBJECT_CLIENT] = "SUBSYSTEM",
	[SUBJECT_GLOBAL] = "GLOBALGROUP",
	[SUBJECT_LOCAL] = "LOCALGROUP",
};
enum { WORDS = 3 };

static int
word_find(const char *const *table, const char *s)
{
	for (int i = 0; i < WORDS; i++)
		if (str_equal(table[i], s))
			return i;
	return -1;
}

const char *
connection_word(enum connection_type t)
{
	return CONNECTION[t];
}

const char *
kind_word(enum service_kind k)
{
	return KIND[k];
}

const char *
subject_word(enum subject_kind k)
{
	return SUBJECT[k];
}

int
connection_parse(const char *s, enum connection_type *out, struct err *e)
{
	int i = word_find(CONNECTION, s);

	if (i < 0)
		return fail(e, FAULT_BAD_REQUEST,
			"'%s' is not a connection type", s ? s : "");
	*out = (enum connection_type)i;
	return 0;
}

int
kind_parse(const char *s, enum service_kind *out, struct err *e)
{
	int i = word_find(KIND, s);

	if (i < 0)
		return fail(e, FAULT_BAD_REQUEST,
			"'%s' is not a type of service description",
			s ? s : "");
	*out = (enum service_kind)i;
	return 0;
}

/* "" in the database stands for none, so that UNIQUE works. */
static const char *
text_or_null(struct arena *a, struct query *q, int col)
{
	const char *s = query_text(q, col);

	return s && *s ? arena_strdup(a, s) : NULL;
}

static int
load_identity(struct model *m, struct db_conn *c, struct err *e)
{
	struct query *q = db_query(c, Q_SERVER_IDENTITY);

	while (query_next(q)) {
		m->initialized = true;
		m->self.owner.instance = query_text_dup(m->a, q, 0);
		m->self.owner.cls = query_text_dup(m->a, q, 1);
		m->self.owner.code = query_text_dup(m->a, q, 2);
		m->self.server = query_text_dup(m->a, q, 3);
		m->address = query_text_dup(m->a, q, 4);
		m->address_wanted = query_text_dup(m->a, q, 5);
		m->maintenance_wanted =
			query_null(q, 6) ? -1 : (int)query_int(q, 6);
	}
	return query_end(q, e);
}

static int
load_clients(struct model *m, struct db_conn *c, struct err *e)
{
	struct list l = list_of(m->a, sizeof(struct m_client));
	struct query *q = db_query(c, Q_SERVER_CLIENTS);

	while (query_next(q)) {
		struct m_client *x = list_add(&l);
		int k = word_find(CONNECTION, query_text(q, 6));
		x->row = query_int(q, 0);
		x->id.instance = query_text_dup(m->a, q, 1);
		x->id.cls = query_text_dup(m->a, q, 2);
		x->id.code = query_text_dup(m->a, q, 3);
		x->id.subsystem = text_or_null(m->a, q, 4);
		x->status = query_text_dup(m->a, q, 5);
		x->connection = k < 0 ? CONN_HTTPS : (enum connection_type)k;
		x->name_wanted = query_text_dup(m->a, q, 7);
		x->name_sent = query_int(q, 8) != 0;
	}
	m->client = l.item;
	m->clients = l.n;
	return query_end(q, e);
}

static struct m_client *
client_row(const struct model *m, int64_t row)
{
	for (size_t i = 0; i < m->clients; i++)
		if (m->client[i].row == row)
			return &m->client[i];
	return NULL;
}

static int
load_client_certs(struct model *m, struct db_conn *c, struct err *e)
{
	struct query *q = db_query(c, Q_SERVER_CLIENT_CERTS);
	struct m_client *last = NULL;
	struct list l = list_of(m->a, sizeof(struct bytes));

	while (query_next(q)) {
		struct m_client *x = client_row(m, query_int(q, 0));
		if (x != last)
			l = list_of(m->a, sizeof(struct bytes));
		*(struct bytes *)list_add(&l) = query_blob_dup(m->a, q, 1);
		last = x;
		x->is_cert = l.item;
		x->is_certs = l.n;
	}
	return query_end(q, e);
}

static int
load_descriptions(struct model *m, struct db_conn *c, struct err *e)
{
	struct list l = list_of(m->a, sizeof(struct m_description));
	struct query *q = db_query(c, Q_SERVER_DESCRIPTIONS);

	while (query_next(q)) {
		struct m_description *x = list_add(&l);
		int k = word_find(KIND, query_text(q, 2));
		x->row = query_int(q, 0);
		x->client = client_row(m, query_int(q, 1));
		x->kind = k < 0 ? SERVICE_WSDL : (enum service_kind)k;
		x->url = query_text_dup(m->a, q, 3);
		x->disabled = query_int(q, 4) != 0;
		x->notice = query_text_dup(m->a, q, 5);
		x->refreshed_at = query_int(q, 6);
	}
	m->description = l.item;
	m->descriptions = l.n;
	return query_end(q, e);
}

static int
load_services(struct model *m, struct db_conn *c, struct err *e)
{
	struct list l = list_of(m->a, sizeof(struct m_service));
	struct query *q = db_query(c, Q_SERVER_SERVICES);

	while (query_next(q)) {
		struct m_service *x = list_add(&l);
		x->row = query_int(q, 0);
		for (size_t i = 0; i < m->descriptions; i++)
			if (m->description[i].row == query_int(q, 2))
				x->description = &m->description[i];
		x->code = query_text_dup(m->a, q, 3);
		x->version = text_or_null(m->a, q, 4);
		x->title = query_text_dup(m->a, q, 5);
		x->url = query_text_dup(m->a, q, 6);
		x->timeout_s = (int)query_int(q, 7);
		x->tls_verify = query_int(q, 8) != 0;
	}
	m->service = l.item;
	m->services = l.n;
	return query_end(q, e);
}

static int
load_endpoints(struct model *m, struct db_conn *c, struct err *e)
{
	struct list l = list_of(m->a, sizeof(struct m_endpoint));
	struct query *q = db_query(c, Q_SERVER_ENDPOINTS);

	while (query_next(q)) {
		struct m_endpoint *x = list_add(&l);
		x->row = query_int(q, 0);
		x->client = client_row(m, query_int(q, 1));
		x->code = query_text_dup(m->a, q, 2);
		x->method = query_text_dup(m->a, q, 3);
		x->path = query_text_dup(m->a, q, 4);
		x->generated = query_int(q, 5) != 0;
	}
	m->endpoint = l.item;
	m->endpoints = l.n;
	return query_end(q, e);
}

static struct m_group *
group_row(const struct model *m, int64_t row)
{
	for (size_t i = 0; i < m->groups; i++)
		if (m->group[i].row == row)
			return &m->group[i];
	return NULL;
}

static int
load_groups(struct model *m, struct db_conn *c, struct err *e)
{
	struct list l = list_of(m->a, sizeof(struct m_group));
	struct query *q = db_query(c, Q_SERVER_LOCAL_GROUPS);
	struct m_group *last = NULL;
	int ret = 0;

	while (query_next(q)) {
		struct m_group *x = list_add(&l);
		x->row = query_int(q, 0);
		x->client = client_row(m, query_int(q, 1));
		x->code = query_text_dup(m->a, q, 2);
		x->description = query_text_dup(m->a, q, 3);
		x->updated_at = query_int(q, 4);
	}
	m->group = l.item;
	m->groups = l.n;
	if (query_end(q, e))
		return -1;
	q = db_query(c, Q_SERVER_LOCAL_GROUP_MEMBERS);
	while (!ret && query_next(q)) {
		struct m_group *x = group_row(m, query_int(q, 0));
		struct client_id id = { 0 };
		assert(x); /* a foreign key */
		ret = client_id_parse(m->a, query_text(q, 1), &id, e);
		if (x != last)
			l = list_of(m->a, sizeof(struct client_id));
		*(struct client_id *)list_add(&l) = id;
		last = x;
		x->member = l.item;
		x->members = l.n;
	}
	return query_end(q, e) || ret ? -1 : 0;
}

/* instance/code of a global group, percent-encoded pieces. */
static int
global_group_parse(struct model *m, struct m_right *r, struct err *e)
{
	const char *slash = strchr(r->subject, '/');
	char *instance, *code;

	if (!slash)
		return fail(e, FAULT_DATABASE, "'%s' is no global group",
			r->subject);
	if (segment_decode(m->a, r->subject, (size_t)(slash - r->subject),
		    &instance, e) ||
		segment_decode(m->a, slash + 1, strlen(slash + 1), &code, e))
		return -1;
	r->instance = instance;
	r->group = code;
	return 0;
}

static int
right_parse(struct model *m, struct m_right *r, struct err *e)
{
	int64_t row;

	if (r->kind == SUBJECT_CLIENT)
		return client_id_parse(m->a, r->subject, &r->client, e);
	if (r->kind == SUBJECT_GLOBAL)
		return global_group_parse(m, r, e);
	if (int_parse(r->subject, 1, INT64_MAX, &row, e))
		return -1;
	r->local = group_row(m, row);
	return 0;
}

static int
load_rights(struct model *m, struct db_conn *c, struct err *e)
{
	struct list l = list_of(m->a, sizeof(struct m_right));
	struct query *q = db_query(c, Q_SERVER_RIGHTS);
	int ret = 0;

	while (!ret && query_next(q)) {
		struct m_right *x = list_add(&l);
		int k = word_find(SUBJECT, query_text(q, 1));
		for (size_t i = 0; i < m->endpoints; i++)
			if (m->endpoint[i].row == query_int(q, 0))
				x->endpoint = &m->endpoint[i];
		x->kind = k < 0 ? SUBJECT_CLIENT : (enum subject_kind)k;
		x->subject = query_text_dup(m->a, q, 2);
		x->given_at = query_int(q, 3);
		ret = right_parse(m, x, e);
	}
	m->right = l.item;
	m->rights = l.n;
	return query_end(q, e) || ret ? -1 : 0;
}

static int
load_tsas(struct model *m, struct db_conn *c, struct err *e)
{
	struct list l = list_of(m->a, sizeof(struct m_tsa));
	struct query *q = db_query(c, Q_SERVER_TSAS);

	while (query_next(q)) {
		struct m_tsa *x = list_add(&l);
		x->name = query_text_dup(m->a, q, 0);
		x->url = query_text_dup(m->a, q, 1);
		x->cost = query_text_dup(m->a, q, 2);
	}
	m->tsa = l.item;
	m->tsas = l.n;
	return query_end(q, e);
}

/* One transaction, so that the tables belong together. */
static int
load_all(struct db_conn *c, void *arg, struct err *e)
{
	static int (*const step[])(
		struct model *, struct db_conn *, struct err *) = {
		load_identity,
		load_clients,
		load_client_certs,
		load_descriptions,
		load_services,
		model_load_consents,
		model_load_records,
		load_endpoints,
		load_groups,
		load_rights,
		load_tsas,
	};

	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++)
		if (step[i](arg, c, e))
			return -1;
	return 0;
}

int
model_load(struct model **out, struct db *db, struct err *e)
{
	struct arena *a = arena_new();
	struct model *m = arena_new_of(a, struct model);

	m->a = a;
	m->refs = 1;
	if (db_transact(db, load_all, m, e)) {
		arena_free(&a);
		return -1;
	}
	*out = m;
	return 0;
}
