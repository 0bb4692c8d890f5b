/* SPDX-License-Identifier: MIT */
/*
 * Clients, services and who may use them, answered from an immutable model of
 * the database that is read anew after a change. Order of decisions and
 * faults: interop/xroad-messages.md section 7.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "db.h"
#include "err.h"
#include "mem.h"
#include "model_int.h"
#include "text.h"

struct serverconf {
	struct db *db;        /* borrowed */
	pthread_mutex_t lock; /* guards model and every model's refs */
	struct model *model;  /* NULL: read before the next answer */
	atomic_int_fast64_t generation; /* of the database's content */
	int64_t loaded;                 /* generation of `model` */
};

int
serverconf_open(struct serverconf **out, struct db *db, struct err *e)
{
	struct serverconf *s = mem_alloc(sizeof(*s));
	struct arena *a = arena_new();
	const struct model *m;
	int ret;

	s->db = db;
	atomic_init(&s->generation, 1);
	pthread_mutex_init(&s->lock, NULL);
	ret = serverconf_model(s, a, &m, e);
	arena_free(&a);
	if (ret)
		serverconf_close(&s);
	*out = s;
	return ret;
}

/* Needs the lock. */
static void
model_drop(struct model *m)
{
	struct arena *a;

	if (!m || --m->refs)
		return;
	a = m->a;
	arena_free(&a);
}

void
serverconf_close(struct serverconf **s)
{
	if (!*s)
		return;
	model_drop((*s)->model);
	pthread_mutex_destroy(&(*s)->lock);
	mem_free(*s);
	*s = NULL;
}

void
serverconf_touch(struct serverconf *s)
{
	atomic_fetch_add(&s->generation, 1);
}

static void
model_give(void *p)
{
	struct model *m = p;
	struct serverconf *s = m->home;

	pthread_mutex_lock(&s->lock);
	model_drop(m);
	pthread_mutex_unlock(&s->lock);
}

int
serverconf_model(struct serverconf *s, struct arena *a,
	const struct model **out, struct err *e)
{
	int64_t now = atomic_load(&s->generation);
	struct model *m;
	int ret = 0;

	pthread_mutex_lock(&s->lock);
	if (!s->model || s->loaded < now) {
		ret = model_load(&m, s->db, e);
		if (!ret) {
			m->home = s;
			model_drop(s->model);
			s->model = m;
			s->loaded = now;
		}
	}
	m = s->model;
	if (!ret)
		m->refs++;
	pthread_mutex_unlock(&s->lock);
	if (ret)
		return -1;
	arena_defer(a, model_give, m);
	*out = m;
	return 0;
}

const struct m_client *
model_client(const struct model *m, const struct client_id *id)
{
	for (size_t i = 0; i < m->clients; i++)
		if (client_id_equal(&m->client[i].id, id))
			return &m->client[i];
	return NULL;
}

const struct m_service *
model_service(const struct model *m, const struct service_id *id)
{
	const struct m_client *c = model_client(m, &id->provider);

	for (size_t i = 0; c && i < m->services; i++) {
		const struct m_service *s = &m->service[i];
		if (s->description->client == c &&
			str_equal(s->code, id->service) &&
			str_equal(s->version, id->version))
			return s;
	}
	return NULL;
}

const struct m_endpoint *
model_base(const struct model *m, const struct m_client *c, const char *code)
{
	for (size_t i = 0; i < m->endpoints; i++) {
		const struct m_endpoint *p = &m->endpoint[i];
		if (p->client == c && str_equal(p->code, code) &&
			str_equal(p->method, "*") && str_equal(p->path, "**"))
			return p;
	}
	return NULL;
}

int
serverconf_self(struct serverconf *s, struct arena *a, struct server_id *out,
	struct err *e)
{
	const struct model *m;

	if (serverconf_model(s, a, &m, e))
		return -1;
	if (!m->initialized)
		return fail(e, FAULT_CONFIG,
			"this security server is not initialised yet");
	*out = m->self;
	return 0;
}

int
serverconf_client(struct serverconf *s, struct arena *a,
	const struct client_id *id, struct local_client *out, struct err *e)
{
	const struct model *m;
	const struct m_client *c;

	if (serverconf_model(s, a, &m, e))
		return -1;
	c = model_client(m, id);
	if (!c)
		return fail(e, FAULT_UNKNOWN_MEMBER, "Client '%s' not found",
			client_id_text(a, id));
	if (!str_equal(c->status, "REGISTERED"))
		return fail(e, FAULT_UNKNOWN_MEMBER,
			"Client '%s' is not registered (%s)",
			client_id_text(a, id), c->status);
	*out = (struct local_client){
		.id = c->id,
		.connection = c->connection,
		.is_cert = c->is_cert,
		.is_certs = c->is_certs,
	};
	memcpy(out->status, "REGISTERED", sizeof("REGISTERED"));
	return 0;
}

int
serverconf_tsas(struct serverconf *s, struct arena *a,
	const struct tsa_choice **out, size_t *n, struct err *e)
{
	const struct model *m;
	struct tsa_choice *t;

	if (serverconf_model(s, a, &m, e))
		return -1;
	t = arena_array(a, m->tsas + 1, sizeof(*t));
	for (size_t i = 0; i < m->tsas; i++)
		t[i] = (struct tsa_choice){ m->tsa[i].name, m->tsa[i].url,
			m->tsa[i].cost };
	*out = t;
	*n = m->tsas;
	return 0;
}

/* Steps in this order, so that nobody without a right learns more than that
   the service exists. */
int
serverconf_authorize(struct serverconf *s, struct arena *a,
	const struct globalconf *g, const struct service_id *sid, bool rest,
	const struct client_id *caller, const char *method,
	const char *raw_path, struct local_service *out, struct err *e)
{
	const struct model *m;
	const struct m_service *v;
	const struct m_description *d;

	if (serverconf_model(s, a, &m, e))
		return -1;
	v = model_service(m, sid);
	d = v ? v->description : NULL;
	if (!v || !str_equal(d->client->status, "REGISTERED"))
		return fail(e, FAULT_UNKNOWN_SERVICE, "Unknown service: %s",
			service_id_text(a, sid));
	if (rest != (d->kind != SERVICE_WSDL))
		return fail(e, FAULT_SERVICE_TYPE,
			"Service %s is a %s service, not %s",
			service_id_text(a, sid), rest ? "SOAP" : "REST",
			rest ? "REST" : "SOAP");
	if (access_check(m, g, d->client, v->code, caller, rest ? method : NULL,
		    raw_path, e))
		return -1;
	if (d->disabled)
		return fail(e, FAULT_SERVICE_DISABLED,
			"Service %s is disabled: %s", service_id_text(a, sid),
			d->notice ? d->notice
				  : arena_printf(a, "Service '%s' is disabled",
					    service_id_text(a, sid)));
	*out = (struct local_service){
		.id = v->row,
		.sid = { .provider = d->client->id,
			.service = v->code,
			.version = v->version },
		.kind = d->kind,
		.url = v->url,
		.timeout_s = v->timeout_s,
		.tls_verify = v->tls_verify,
		.enabled = true,
		.disabled_notice = d->notice,
		.consent = v->consent,
		.record = v->record,
	};
	return 0;
}

int
serverconf_consent_mixed(struct serverconf *s, struct arena *a,
	const struct service_id *sid, const char *element, bool *mixed,
	struct err *e)
{
	size_t own = strlen(sid->service), longest = own;
	bool needs = false, other = false;
	const struct model *m;

	*mixed = false;
	if (serverconf_model(s, a, &m, e))
		return -1;
	for (size_t i = 0; i < m->services; i++) {
		const struct m_service *v = &m->service[i];
		size_t n = strlen(v->code);

		if (v->description->kind != SERVICE_WSDL || n < own ||
			!str_prefix(element, v->code) ||
			!client_id_equal(
				&v->description->client->id, &sid->provider))
			continue;
		needs = needs || (n == own && (v->consent || v->record));
		if (n > own && n >= longest) {
			longest = n;
			other = v->consent || v->record;
		}
	}
	*mixed = longest > own && (needs || other);
	return 0;
}
