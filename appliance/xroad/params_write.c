/* SPDX-License-Identifier: MIT */
/*
 * Writing shared parameters V2 to V6 in schema order. What is younger than the
 * version is left out; V2 to V4 hide the subsystems of servers in maintenance
 * mode. Rule: interop/xroad-center-admin.md 1.5.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"
#include "err.h"
#include "gcxml_int.h"
#include "globalconf.h"
#include "mem.h"
#include "text.h"

enum { ID_TEXT = 24 };

/* A member or subsystem with the number its id is made of. */
struct known {
	struct client_id id;
	size_t number;
};
struct shared_writer {
	struct buf *b;
	int version;
	const struct shared_params *p;
	struct known *known; /* sorted */
	size_t knowns;
	struct err *e;
};

static int
text_order(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int
known_order(const void *a, const void *b)
{
	const struct client_id *x = &((const struct known *)a)->id;
	const struct client_id *y = &((const struct known *)b)->id;
	int d = text_order(x->code, y->code);

	if (d == 0)
		d = text_order(x->subsystem, y->subsystem);
	if (d == 0)
		d = text_order(x->cls, y->cls);
	if (d == 0)
		d = text_order(x->instance, y->instance);
	return d;
}

static void
known_fill(struct shared_writer *w)
{
	size_t i, j, n = 0;

	for (i = 0; i < w->p->members; i++) {
		const struct gc_member *m = &w->p->member[i];
		struct client_id id = { w->p->instance, m->cls, m->code, NULL };

		w->known[n] = (struct known){ id, n };
		n++;
		for (j = 0; j < m->subsystems; j++) {
			id.subsystem = m->subsystem[j].code;
			w->known[n] = (struct known){ id, n };
			n++;
		}
	}
	w->knowns = n;
	if (n > 1)
		qsort(w->known, n, sizeof(*w->known), known_order);
}

static void
known_build(struct shared_writer *w)
{
	size_t i, n = w->p->members;

	for (i = 0; i < w->p->members; i++)
		n += w->p->member[i].subsystems;
	w->known = mem_array(n + 1, sizeof(*w->known));
	known_fill(w);
}

/* Writes a reference to a listed member or subsystem. */
static int
ref_write(struct shared_writer *w, const char *name, const struct client_id *id)
{
	struct known key = { .id = *id };
	const struct known *hit = w->knowns == 0
					  ? NULL
					  : bsearch(&key, w->known, w->knowns,
						    sizeof(key), known_order);
	char text[ID_TEXT];

	if (!hit)
		return fail(w->e, FAULT_MALFORMED_GLOBAL_CONF,
			"%s of a server is not a listed member: %s/%s", name,
			id->code, id->subsystem ? id->subsystem : "");
	snprintf(text, sizeof(text), "id%zu", hit->number);
	gcxml_put(w->b, 2, name, text);
	return 0;
}

/* ---- sources and trust services ---- */

static int
sources_write(struct shared_writer *w)
{
	size_t i, j;

	if (w->version < 3)
		return 0;
	if (w->p->sources == 0)
		return fail(w->e, FAULT_MALFORMED_GLOBAL_CONF,
			"shared parameters need a source");
	for (i = 0; i < w->p->sources; i++) {
		const struct gc_source *s = &w->p->source[i];

		gcxml_open_tag(w->b, 1, "source");
		gcxml_put(w->b, 2, "address", s->address);
		for (j = 0; j < s->internal_certs; j++)
			gcxml_put_base64(w->b, 2, "internalVerificationCert",
				s->internal_cert[j]);
		for (j = 0; j < s->external_certs; j++)
			gcxml_put_base64(w->b, 2, "externalVerificationCert",
				s->external_cert[j]);
		gcxml_close_tag(w->b, 1, "source");
	}
	return 0;
}

static const char *
cost_text(const char *cost)
{
	return cost ? cost : "UNDEFINED";
}

static void
ca_write(struct shared_writer *w, const char *name, const struct gc_ca *ca)
{
	size_t i;

	gcxml_open_tag(w->b, 2, name);
	gcxml_put_base64(w->b, 3, "cert", cert_der(ca->cert));
	for (i = 0; i < ca->ocsps; i++) {
		const struct gc_ocsp *o = &ca->ocsp[i];

		gcxml_open_tag(w->b, 3, "ocsp");
		gcxml_put(w->b, 4, "url", o->url);
		if (o->cert)
			gcxml_put_base64(w->b, 4, "cert", cert_der(o->cert));
		if (w->version >= 6)
			gcxml_put(w->b, 4, "costType", cost_text(o->cost));
		gcxml_close_tag(w->b, 3, "ocsp");
	}
	gcxml_close_tag(w->b, 2, name);
}

static void
acme_write(struct shared_writer *w, const struct gc_acme *acme)
{
	if (!acme->url || w->version < 3)
		return;
	gcxml_open_tag(w->b, 2, "acmeServer");
	gcxml_put(w->b, 3, "directoryURL", acme->url);
	gcxml_put_opt(w->b, 3, "ipAddress", acme->address);
	if (w->version >= 4) {
		gcxml_put_opt(w->b, 3, "authenticationCertificateProfileId",
			acme->auth_profile);
		gcxml_put_opt(w->b, 3, "signingCertificateProfileId",
			acme->sign_profile);
	}
	gcxml_close_tag(w->b, 2, "acmeServer");
}

static int
cas_write(struct shared_writer *w)
{
	size_t i, j;

	for (i = 0; i < w->p->cas; i++) {
		const struct gc_approved_ca *ca = &w->p->ca[i];

		gcxml_open_tag(w->b, 1, "approvedCA");
		gcxml_put(w->b, 2, "name", ca->name);
		gcxml_put(w->b, 2, "authenticationOnly",
			ca->auth_only ? "true" : "false");
		ca_write(w, "topCA", &ca->top);
		for (j = 0; j < ca->intermediates; j++)
			ca_write(w, "intermediateCA", &ca->intermediate[j]);
		gcxml_put(w->b, 2, "certificateProfileInfo", ca->profile);
		if (w->version >= 6)
			gcxml_put_opt(
				w->b, 2, "defaultCsrFormat", ca->csr_format);
		acme_write(w, &ca->acme);
		gcxml_close_tag(w->b, 1, "approvedCA");
	}
	return 0;
}

static int
tsas_write(struct shared_writer *w)
{
	size_t i;

	for (i = 0; i < w->p->tsas; i++) {
		const struct gc_tsa *t = &w->p->tsa[i];

		gcxml_open_tag(w->b, 1, "approvedTSA");
		gcxml_put(w->b, 2, "name", t->name);
		gcxml_put(w->b, 2, "url", t->url);
		gcxml_put_base64(w->b, 2, "cert", cert_der(t->cert));
		if (w->version >= 6)
			gcxml_put(w->b, 2, "costType", cost_text(t->cost));
		gcxml_close_tag(w->b, 1, "approvedTSA");
	}
	return 0;
}

/* ---- members ---- */

static const char *
class_description(const struct shared_params *p, const char *code)
{
	size_t i;

	for (i = 0; i < p->classes; i++)
		if (str_equal(p->cls[i].code, code))
			return p->cls[i].description;
	return code;
}

static void
class_write(struct buf *b, const char *code, const char *description)
{
	gcxml_open_tag(b, 2, "memberClass");
	gcxml_put(b, 3, "code", code);
	gcxml_put(b, 3, "description", description);
	gcxml_close_tag(b, 2, "memberClass");
}

static int
members_write(struct shared_writer *w)
{
	size_t i, j, number = 0;

	for (i = 0; i < w->p->members; i++) {
		const struct gc_member *m = &w->p->member[i];

		buf_fmt(w->b, "    <member id=\"id%zu\">\n", number++);
		class_write(w->b, m->cls, class_description(w->p, m->cls));
		gcxml_put(w->b, 2, "memberCode", m->code);
		gcxml_put(w->b, 2, "name", m->name);
		for (j = 0; j < m->subsystems; j++) {
			const struct gc_subsystem *s = &m->subsystem[j];

			buf_fmt(w->b, "        <subsystem id=\"id%zu\">\n",
				number++);
			gcxml_put(w->b, 3, "subsystemCode", s->code);
			if (w->version >= 5)
				gcxml_put_opt(
					w->b, 3, "subsystemName", s->name);
			gcxml_close_tag(w->b, 2, "subsystem");
		}
		gcxml_close_tag(w->b, 1, "member");
	}
	return 0;
}

/* ---- security servers ---- */

/* V2 names authentication certificates by SHA-1, later ones by SHA-256. */
static void
hashes_write(struct shared_writer *w, const struct gc_server *v)
{
	enum digest_alg alg = w->version <= 2 ? DIGEST_SHA1 : DIGEST_SHA256;
	size_t i;

	for (i = 0; i < v->auth_certs; i++)
		if (v->auth_cert[i].alg == alg)
			gcxml_put_base64(w->b, 2, "authCertHash",
				bytes_of(v->auth_cert[i].value,
					v->auth_cert[i].len));
}

static int
clients_write(struct shared_writer *w, const struct gc_server *v)
{
	bool hide = v->maintenance && w->version <= 4;
	size_t i;

	for (i = 0; i < v->clients; i++) {
		if (hide && v->client[i].subsystem)
			continue;
		if (ref_write(w, "client", &v->client[i]) != 0)
			return -1;
	}
	return 0;
}

static void
maintenance_write(struct shared_writer *w, const struct gc_server *v)
{
	if (!v->maintenance || w->version < 5)
		return;
	gcxml_open_tag(w->b, 2, "inMaintenanceMode");
	gcxml_put_opt(w->b, 3, "message", v->maintenance_text);
	gcxml_close_tag(w->b, 2, "inMaintenanceMode");
}

static int
servers_write(struct shared_writer *w)
{
	size_t i;

	for (i = 0; i < w->p->servers; i++) {
		const struct gc_server *v = &w->p->server[i];

		gcxml_open_tag(w->b, 1, "securityServer");
		if (ref_write(w, "owner", &v->id.owner) != 0)
			return -1;
		gcxml_put(w->b, 2, "serverCode", v->id.server);
		gcxml_put_opt(w->b, 2, "address", v->address);
		hashes_write(w, v);
		if (clients_write(w, v) != 0)
			return -1;
		maintenance_write(w, v);
		gcxml_close_tag(w->b, 1, "securityServer");
	}
	return 0;
}

/* ---- groups and settings ---- */

static int
groups_write(struct shared_writer *w)
{
	size_t i, j;

	for (i = 0; i < w->p->groups; i++) {
		const struct gc_group *g = &w->p->group[i];

		gcxml_open_tag(w->b, 1, "globalGroup");
		gcxml_put(w->b, 2, "groupCode", g->code);
		gcxml_put(w->b, 2, "description", g->description);
		for (j = 0; j < g->members; j++)
			gcxml_put_client(w->b, 2, "groupMember", &g->member[j]);
		gcxml_close_tag(w->b, 1, "globalGroup");
	}
	return 0;
}

static int
settings_write(struct shared_writer *w)
{
	char seconds[ID_TEXT];
	size_t i;

	gcxml_open_tag(w->b, 1, "globalSettings");
	for (i = 0; i < w->p->classes; i++)
		class_write(w->b, w->p->cls[i].code, w->p->cls[i].description);
	snprintf(seconds, sizeof(seconds), "%" PRId64, w->p->ocsp_freshness_s);
	gcxml_put(w->b, 2, "ocspFreshnessSeconds", seconds);
	gcxml_close_tag(w->b, 1, "globalSettings");
	return 0;
}

int
shared_params_write(const struct shared_params *p, int version, struct buf *out,
	struct err *e)
{
	static int (*const step[])(struct shared_writer *) = {
		sources_write,
		cas_write,
		tsas_write,
		members_write,
		servers_write,
		groups_write,
		settings_write,
	};
	struct shared_writer w = { out, version, p, NULL, 0, e };
	size_t i;
	int ret = -1;

	known_build(&w);
	buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\" "
		     "standalone=\"yes\"?>\n"
		     "<xroad:conf xmlns:id=\"" NS_ID
		     "\" xmlns:xroad=\"" NS_XROAD "\">\n");
	gcxml_put(out, 1, "instanceIdentifier", p->instance);
	for (i = 0; i < sizeof(step) / sizeof(*step); i++)
		if (step[i](&w) != 0)
			goto out;
	buf_str(out, "</xroad:conf>\n");
	ret = buf_ok(out, "the shared parameters", e);
out:
	mem_free(w.known);
	return ret;
}
