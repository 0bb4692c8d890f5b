/* SPDX-License-Identifier: MIT */
/*
 * Optional parts of the configuration: monitoring client, OCSP fetch interval,
 * check of nextUpdate. Small closed documents: anything unknown is refused.
 * Rule: interop/xroad-center-admin.md 1.7.
 */
#include "err.h"
#include "gcxml_int.h"
#include "globalconf.h"
#include "mem.h"
#include "text.h"
#include "xml.h"

enum { FETCH_DEFAULT = 1200, FETCH_MIN = 60, FETCH_MAX = 2147483647 };

void
gc_options_default(struct gc_options *o)
{
	*o = (struct gc_options){
		.ocsp_fetch_s = FETCH_DEFAULT,
		.verify_next_update = true,
	};
}

static int
unknown(struct gcxml *r, const struct xml_node *n)
{
	return fail(r->e, FAULT_MALFORMED_GLOBAL_CONF,
		"%s has an unknown element", xml_local(n));
}

static int
fetch_read(struct gcxml *r, const struct xml_node *root, struct gc_options *o)
{
	if (gcxml_int(r, root, "ocspFetchInterval", 1, FETCH_MAX,
		    &o->ocsp_fetch_s) != 0)
		return -1;
	if (o->ocsp_fetch_s < FETCH_MIN)
		o->ocsp_fetch_s = FETCH_MIN;
	return 0;
}

static int
next_update_read(
	struct gcxml *r, const struct xml_node *root, struct gc_options *o)
{
	return gcxml_bool_opt(
		r, root, "verifyNextUpdate", &o->verify_next_update);
}

static int
monitoring_read(
	struct gcxml *r, const struct xml_node *root, struct gc_options *o)
{
	const struct xml_node *client = xml_child(root, "", "monitoringClient");
	const struct xml_node *id = xml_child(client, "", "monitoringClientId");
	size_t parts;

	if (xml_children(client) != (id ? 1 : 0))
		return unknown(r, client);
	if (!id)
		return 0;
	if (gcxml_client(r, id, &o->monitoring) != 0)
		return -1;
	parts = o->monitoring.subsystem ? 4 : 3;
	if (xml_children(id) != parts)
		return unknown(r, id);
	o->has_monitoring = true;
	return 0;
}

static const struct part {
	const char *identifier, *element;
	int (*read)(struct gcxml *r, const struct xml_node *root,
		struct gc_options *o);
} parts[] = {
	{ "MONITORING", "monitoringClient", monitoring_read },
	{ "FETCHINTERVAL", "ocspFetchInterval", fetch_read },
	{ "NEXTUPDATE", "verifyNextUpdate", next_update_read },
};

static int
part_read(struct arena *a, const struct part *p, struct bytes xml,
	struct gc_options *o, struct err *e)
{
	struct arena *doc = arena_new();
	struct gcxml r = { a, e };
	struct xml_node *root;
	int ret = -1;

	if (gcxml_open(doc, xml, "conf", &root, e) != 0)
		goto out;
	if (xml_children(root) != gcxml_count(root, p->element) ||
		xml_children(root) > 1)
		unknown(&r, root);
	else
		ret = xml_children(root) ? p->read(&r, root, o) : 0;
out:
	arena_free(&doc);
	return ret;
}

int
gc_options_read(struct arena *a, const char *identifier, struct bytes xml,
	struct gc_options *o, struct err *e)
{
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (str_equal(parts[i].identifier, identifier))
			return part_read(a, &parts[i], xml, o, e);
	return 0;
}
