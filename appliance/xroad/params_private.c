/* SPDX-License-Identifier: MIT */
/*
 * Private parameters, both ways: federation partners, the management service
 * and the time-stamping interval. Rule: interop/xroad-center-admin.md 1.6.
 */
#include <inttypes.h>
#include <stdio.h>

#include "cert.h"
#include "err.h"
#include "gcxml_int.h"
#include "globalconf.h"
#include "mem.h"
#include "xml.h"

static int
partners_read(struct gcxml *r, const struct xml_node *root,
	struct private_params *out)
{
	const struct xml_node *n;
	struct gc_anchor *list;
	size_t i = 0;

	out->partners = gcxml_count(root, "configurationAnchor");
	list = arena_array(r->a, out->partners, sizeof(*list));
	xml_each(n, root, "", "configurationAnchor") {
		if (gcxml_anchor(r, n, &list[i++]) != 0)
			return -1;
	}
	out->partner = list;
	return 0;
}

static int
management_read(struct gcxml *r, const struct xml_node *root,
	struct private_params *out)
{
	const struct xml_node *id,
		*n = xml_child(root, "", "managementService");

	if (!n)
		return fail(r->e, FAULT_MALFORMED_GLOBAL_CONF,
			"conf has no managementService");
	if (gcxml_text(r, n, "authCertRegServiceAddress", &out->auth_reg_url) !=
			0 ||
		gcxml_cert_opt(r, n, "authCertRegServiceCert",
			&out->auth_reg_cert) != 0)
		return -1;
	id = xml_child(n, "", "managementRequestServiceProviderId");
	if (!id)
		return fail(r->e, FAULT_MALFORMED_GLOBAL_CONF,
			"managementService has no "
			"managementRequestServiceProviderId");
	return gcxml_client(r, id, &out->management);
}

int
private_params_parse(struct arena *a, struct bytes xml,
	struct private_params *out, struct err *e)
{
	struct arena *doc = arena_new();
	struct gcxml r = { a, e };
	struct xml_node *root;
	int ret = -1;

	*out = (struct private_params){ 0 };
	if (gcxml_open(doc, xml, "conf", &root, e) == 0 &&
		gcxml_text(&r, root, "instanceIdentifier", &out->instance) ==
			0 &&
		partners_read(&r, root, out) == 0 &&
		management_read(&r, root, out) == 0)
		ret = gcxml_int(&r, root, "timeStampingIntervalSeconds", 1,
			1000000000, &out->timestamp_interval_s);
	arena_free(&doc);
	return ret;
}

static void
management_write(const struct private_params *p, struct buf *b)
{
	gcxml_open_tag(b, 1, "managementService");
	gcxml_put(b, 2, "authCertRegServiceAddress", p->auth_reg_url);
	if (p->auth_reg_cert)
		gcxml_put_base64(b, 2, "authCertRegServiceCert",
			cert_der(p->auth_reg_cert));
	gcxml_put_client(
		b, 2, "managementRequestServiceProviderId", &p->management);
	gcxml_close_tag(b, 1, "managementService");
}

int
private_params_write(const struct private_params *p, int version,
	struct buf *out, struct err *e)
{
	char interval[24];
	size_t i;

	(void)version; /* the elements are the same in V2 and V3 schemas */
	buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\" "
		     "standalone=\"yes\"?>\n"
		     "<xroad:conf xmlns:id=\"" NS_ID
		     "\" xmlns:xroad=\"" NS_XROAD "\">\n");
	gcxml_put(out, 1, "instanceIdentifier", p->instance);
	for (i = 0; i < p->partners; i++) {
		gcxml_open_tag(out, 1, "configurationAnchor");
		gcxml_put_anchor(out, 2, &p->partner[i]);
		gcxml_close_tag(out, 1, "configurationAnchor");
	}
	management_write(p, out);
	snprintf(interval, sizeof(interval), "%" PRId64,
		p->timestamp_interval_s);
	gcxml_put(out, 1, "timeStampingIntervalSeconds", interval);
	buf_str(out, "</xroad:conf>\n");
	return buf_ok(out, "the private parameters", e);
}
