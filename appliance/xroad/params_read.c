/* SPDX-License-Identifier: MIT */
/*
 * Reading shared parameters V2 to V6. Unknown elements are passed over, what
 * is mandatory must be there, every IDREF must lead to a member or subsystem.
 * Rule: interop/xroad-center-admin.md 1.5.
 */
#include <stdlib.h>
#include <string.h>

#include "cert.h"
#include "err.h"
#include "gcxml_int.h"
#include "globalconf.h"
#include "mem.h"
#include "text.h"
#include "xml.h"

/* ID attribute of a member or subsystem and what it stands for. */
struct ref {
	const char *id;
	struct client_id client;
};
struct shared_reader {
	struct gcxml r;
	struct shared_params *out;
	struct ref *ref; /* sorted by id once complete */
	size_t refs;
};

static int
malformed(struct shared_reader *s, const char *what, const char *name)
{
	return fail(s->r.e, FAULT_MALFORMED_GLOBAL_CONF, "%s: %s", what, name);
}

/* ---- sources ---- */

static int
sources_read(struct shared_reader *s, const struct xml_node *root)
{
	const struct xml_node *n;
	size_t total = gcxml_count(root, "source"), i = 0;
	struct gc_source *list = arena_array(s->r.a, total, sizeof(*list));

	xml_each(n, root, "", "source") {
		struct gc_source *g = &list[i++];

		if (gcxml_text(&s->r, n, "address", &g->address) != 0 ||
			gcxml_base64_all(&s->r, n, "internalVerificationCert",
				&g->internal_cert, &g->internal_certs) != 0 ||
			gcxml_base64_all(&s->r, n, "externalVerificationCert",
				&g->external_cert, &g->external_certs) != 0)
			return -1;
	}
	s->out->source = list;
	s->out->sources = total;
	return 0;
}

/* ---- trust services ---- */

static int
ca_read(struct shared_reader *s, const struct xml_node *n, struct gc_ca *ca)
{
	const struct xml_node *c;
	size_t total = gcxml_count(n, "ocsp");
	struct gc_ocsp *list = arena_array(s->r.a, total, sizeof(*list));

	*ca = (struct gc_ca){ .ocsp = list };
	if (gcxml_cert(&s->r, n, "cert", &ca->cert) != 0)
		return -1;
	xml_each(c, n, "", "ocsp") {
		struct gc_ocsp *o = &list[ca->ocsps];

		if (gcxml_text(&s->r, c, "url", &o->url) != 0 ||
			gcxml_cert_opt(&s->r, c, "cert", &o->cert) != 0)
			return -1;
		o->cost = gcxml_text_opt(&s->r, c, "costType");
		/* one whose certificate cannot be read is no responder */
		if (o->cert || !xml_child(c, "", "cert"))
			ca->ocsps++;
	}
	return 0;
}

static int
acme_read(struct shared_reader *s, const struct xml_node *n, struct gc_acme *to)
{
	const struct xml_node *c = xml_child(n, "", "acmeServer");

	if (!c)
		return 0;
	if (gcxml_text(&s->r, c, "directoryURL", &to->url) != 0)
		return -1;
	to->address = gcxml_text_opt(&s->r, c, "ipAddress");
	to->auth_profile =
		gcxml_text_opt(&s->r, c, "authenticationCertificateProfileId");
	to->sign_profile =
		gcxml_text_opt(&s->r, c, "signingCertificateProfileId");
	return 0;
}

static int
approved_read(struct shared_reader *s, const struct xml_node *n,
	struct gc_approved_ca *ca)
{
	const struct xml_node *c, *top = xml_child(n, "", "topCA");
	size_t total = gcxml_count(n, "intermediateCA");
	struct gc_ca *list = arena_array(s->r.a, total, sizeof(*list));

	if (!top)
		return malformed(s, "approvedCA has no", "topCA");
	if (gcxml_text(&s->r, n, "name", &ca->name) != 0 ||
		gcxml_bool_opt(
			&s->r, n, "authenticationOnly", &ca->auth_only) != 0 ||
		gcxml_text(&s->r, n, "certificateProfileInfo", &ca->profile) !=
			0 ||
		ca_read(s, top, &ca->top) != 0)
		return -1;
	xml_each(c, n, "", "intermediateCA") {
		if (ca_read(s, c, &list[ca->intermediates]) != 0)
			return -1;
		if (list[ca->intermediates].cert)
			ca->intermediates++;
	}
	ca->intermediate = list;
	ca->csr_format = gcxml_text_opt(&s->r, n, "defaultCsrFormat");
	return acme_read(s, n, &ca->acme);
}

static int
cas_read(struct shared_reader *s, const struct xml_node *root)
{
	const struct xml_node *n;
	size_t total = gcxml_count(root, "approvedCA");
	struct gc_approved_ca *list = arena_array(s->r.a, total, sizeof(*list));

	xml_each(n, root, "", "approvedCA") {
		struct gc_approved_ca *ca = &list[s->out->cas];

		if (approved_read(s, n, ca) != 0)
			return -1;
		/* without its root an authority cannot be relied upon */
		if (ca->top.cert)
			s->out->cas++;
		else
			memset(ca, 0, sizeof(*ca));
	}
	s->out->ca = list;
	return 0;
}

static int
tsas_read(struct shared_reader *s, const struct xml_node *root)
{
	const struct xml_node *n;
	size_t total = gcxml_count(root, "approvedTSA");
	struct gc_tsa *list = arena_array(s->r.a, total, sizeof(*list));

	xml_each(n, root, "", "approvedTSA") {
		struct gc_tsa *t = &list[s->out->tsas];
		struct cert *c;

		if (gcxml_text(&s->r, n, "name", &t->name) != 0 ||
			gcxml_text(&s->r, n, "url", &t->url) != 0 ||
			gcxml_cert(&s->r, n, "cert", &c) != 0)
			return -1;
		t->cert = c;
		t->cost = gcxml_text_opt(&s->r, n, "costType");
		if (t->cert)
			s->out->tsas++;
	}
	s->out->tsa = list;
	return 0;
}

/* ---- members ---- */

static void
ref_add(struct shared_reader *s, const struct xml_node *n,
	const struct client_id *id)
{
	const char *name = xml_attr(n, s->r.a, "", "id");

	if (name)
		s->ref[s->refs++] = (struct ref){ name, *id };
}

static int
member_read(
	struct shared_reader *s, const struct xml_node *n, struct gc_member *m)
{
	const struct xml_node *c, *cls = xml_child(n, "", "memberClass");
	size_t total = gcxml_count(n, "subsystem"), i = 0;
	struct gc_subsystem *list = arena_array(s->r.a, total, sizeof(*list));
	struct client_id id;

	if (!cls)
		return malformed(s, "member has no", "memberClass");
	if (gcxml_text(&s->r, cls, "code", &m->cls) != 0 ||
		gcxml_text(&s->r, n, "memberCode", &m->code) != 0 ||
		gcxml_text(&s->r, n, "name", &m->name) != 0)
		return -1;
	id = (struct client_id){ s->out->instance, m->cls, m->code, NULL };
	ref_add(s, n, &id);
	xml_each(c, n, "", "subsystem") {
		struct gc_subsystem *sub = &list[i++];

		if (gcxml_text(&s->r, c, "subsystemCode", &sub->code) != 0)
			return -1;
		sub->name = gcxml_text_opt(&s->r, c, "subsystemName");
		id.subsystem = sub->code;
		ref_add(s, c, &id);
	}
	m->subsystem = list;
	m->subsystems = total;
	return 0;
}

static int
ref_order(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static int
refs_sort(struct shared_reader *s)
{
	size_t i;

	if (s->refs > 1)
		qsort(s->ref, s->refs, sizeof(*s->ref), ref_order);
	for (i = 1; i < s->refs; i++)
		if (strcmp(s->ref[i - 1].id, s->ref[i].id) == 0)
			return malformed(
				s, "an id is used twice", s->ref[i].id);
	return 0;
}

static int
members_read(struct shared_reader *s, const struct xml_node *root)
{
	const struct xml_node *n;
	size_t total = 0, subsystems = 0, i = 0;
	struct gc_member *list;

	xml_each(n, root, "", "member") {
		total++;
		subsystems += gcxml_count(n, "subsystem");
	}
	list = arena_array(s->r.a, total, sizeof(*list));
	s->ref = arena_array(s->r.a, total + subsystems, sizeof(*s->ref));
	xml_each(n, root, "", "member") {
		if (member_read(s, n, &list[i++]) != 0)
			return -1;
	}
	s->out->member = list;
	s->out->members = total;
	return refs_sort(s);
}

/* ---- security servers ---- */

static int
ref_find(struct shared_reader *s, const struct xml_node *n,
	struct client_id *out)
{
	struct ref key = { .id = gcxml_token(&s->r, n) };
	const struct ref *hit = s->refs == 0 ? NULL
					     : bsearch(&key, s->ref, s->refs,
						       sizeof(key), ref_order);

	if (!hit)
		return malformed(s, "a reference leads to nothing", key.id);
	*out = hit->client;
	return 0;
}

static int
hashes_read(
	struct shared_reader *s, const struct xml_node *n, struct gc_server *v)
{
	const struct bytes *raw;
	struct digest *list;
	size_t i;

	if (gcxml_base64_all(&s->r, n, "authCertHash", &raw, &v->auth_certs) !=
		0)
		return -1;
	list = arena_array(s->r.a, v->auth_certs, sizeof(*list));
	for (i = 0; i < v->auth_certs; i++) {
		if (raw[i].len > DIGEST_MAX)
			return malformed(s, "too long", "authCertHash");
		list[i].alg =
			s->out->version <= 2 ? DIGEST_SHA1 : DIGEST_SHA256;
		list[i].len = raw[i].len;
		memcpy(list[i].value, raw[i].data, raw[i].len);
	}
	v->auth_cert = list;
	return 0;
}

static int
clients_read(
	struct shared_reader *s, const struct xml_node *n, struct gc_server *v)
{
	const struct xml_node *c;
	size_t i = 0;
	struct client_id *list;

	v->clients = gcxml_count(n, "client");
	list = arena_array(s->r.a, v->clients, sizeof(*list));
	xml_each(c, n, "", "client") {
		if (ref_find(s, c, &list[i++]) != 0)
			return -1;
	}
	v->client = list;
	return 0;
}

static int
server_read(
	struct shared_reader *s, const struct xml_node *n, struct gc_server *v)
{
	const struct xml_node *owner = xml_child(n, "", "owner");
	const struct xml_node *mode = xml_child(n, "", "inMaintenanceMode");

	if (!owner)
		return malformed(s, "securityServer has no", "owner");
	if (ref_find(s, owner, &v->id.owner) != 0)
		return -1;
	if (v->id.owner.subsystem)
		return malformed(
			s, "an owner is not a member", v->id.owner.subsystem);
	if (gcxml_text(&s->r, n, "serverCode", &v->id.server) != 0)
		return -1;
	v->address = gcxml_text_opt(&s->r, n, "address");
	v->maintenance = mode != NULL;
	if (mode)
		v->maintenance_text = gcxml_text_opt(&s->r, mode, "message");
	if (hashes_read(s, n, v) != 0)
		return -1;
	return clients_read(s, n, v);
}

static int
servers_read(struct shared_reader *s, const struct xml_node *root)
{
	const struct xml_node *n;
	size_t total = gcxml_count(root, "securityServer"), i = 0;
	struct gc_server *list = arena_array(s->r.a, total, sizeof(*list));

	xml_each(n, root, "", "securityServer") {
		if (server_read(s, n, &list[i++]) != 0)
			return -1;
	}
	s->out->server = list;
	s->out->servers = total;
	return 0;
}

/* ---- groups and settings ---- */

static int
group_read(
	struct shared_reader *s, const struct xml_node *n, struct gc_group *g)
{
	const struct xml_node *c;
	struct client_id *list;
	size_t i = 0;

	if (gcxml_text(&s->r, n, "groupCode", &g->code) != 0 ||
		gcxml_text(&s->r, n, "description", &g->description) != 0)
		return -1;
	g->members = gcxml_count(n, "groupMember");
	list = arena_array(s->r.a, g->members, sizeof(*list));
	xml_each(c, n, "", "groupMember") {
		if (gcxml_client(&s->r, c, &list[i++]) != 0)
			return -1;
	}
	g->member = list;
	return 0;
}

static int
groups_read(struct shared_reader *s, const struct xml_node *root)
{
	const struct xml_node *n;
	size_t total = gcxml_count(root, "globalGroup"), i = 0;
	struct gc_group *list = arena_array(s->r.a, total, sizeof(*list));

	xml_each(n, root, "", "globalGroup") {
		if (group_read(s, n, &list[i++]) != 0)
			return -1;
	}
	s->out->group = list;
	s->out->groups = total;
	return 0;
}

static int
settings_read(struct shared_reader *s, const struct xml_node *root)
{
	const struct xml_node *c, *n = xml_child(root, "", "globalSettings");
	struct gc_class *list;
	size_t i = 0;

	if (!n)
		return malformed(s, "conf has no", "globalSettings");
	s->out->classes = gcxml_count(n, "memberClass");
	list = arena_array(s->r.a, s->out->classes, sizeof(*list));
	xml_each(c, n, "", "memberClass") {
		struct gc_class *k = &list[i++];

		if (gcxml_text(&s->r, c, "code", &k->code) != 0 ||
			gcxml_text(&s->r, c, "description", &k->description) !=
				0)
			return -1;
	}
	s->out->cls = list;
	return gcxml_int(&s->r, n, "ocspFreshnessSeconds", 0, 1000000000,
		&s->out->ocsp_freshness_s);
}

int
shared_params_parse(struct arena *a, struct bytes xml, int version,
	struct shared_params *out, struct err *e)
{
	static int (*const step[])(
		struct shared_reader *, const struct xml_node *) = {
		sources_read,
		cas_read,
		tsas_read,
		members_read,
		servers_read,
		groups_read,
		settings_read,
	};
	struct shared_reader s = { .r = { a, e }, .out = out };
	struct arena *doc = arena_new();
	struct xml_node *root;
	size_t i;
	int ret = -1;

	*out = (struct shared_params){ .version = version };
	if (version < GC_VERSION_MIN || version > GC_VERSION_MAX) {
		fail(e, FAULT_MALFORMED_GLOBAL_CONF,
			"version %d is not supported", version);
		goto out;
	}
	if (gcxml_open(doc, xml, "conf", &root, e) != 0 ||
		gcxml_text(&s.r, root, "instanceIdentifier", &out->instance) !=
			0)
		goto out;
	for (i = 0; i < sizeof(step) / sizeof(*step); i++)
		if (step[i](&s, root) != 0)
			goto out;
	ret = 0;
out:
	arena_free(&doc);
	return ret;
}
