/* SPDX-License-Identifier: MIT */
/*
 * The XML form of identifiers: children and objectType in the identifiers
 * name space. Rule: interop/xroad-messages.md 1.2, 1.3. Whether a client is a
 * member or a subsystem is decided by subsystemCode, as X-Road does; a repeated
 * part is refused, because two readers could understand it differently.
 */
#include "err.h"
#include "ident.h"
#include "mem.h"
#include "text.h"
#include "xml.h"

/* The attribute must be there and be one of the two words. */
static int
type_check(struct arena *a, const struct xml_node *n, const char *one,
	const char *other, struct err *e)
{
	const char *type = xml_attr(n, a, NS_ID, "objectType");

	if (!type)
		return fail(e, FAULT_INVALID_XML,
			"%s has no objectType in the identifiers name space",
			xml_local(n));
	if (!str_equal(type, one) && !str_equal(type, other))
		return fail(e, FAULT_INVALID_XML,
			"%s has an unexpected objectType", xml_local(n));
	return 0;
}

/* Text of the one child; *out stays NULL when it is absent and optional. */
static int
part_read(struct arena *a, const struct xml_node *n, const char *local,
	bool needed, const char **out, struct err *e)
{
	struct xml_node *child = xml_child(n, NS_ID, local);

	*out = NULL;
	if (!child) {
		if (!needed)
			return 0;
		return fail(e, FAULT_INVALID_XML, "%s has no %s", xml_local(n),
			local);
	}
	if (xml_next(child, NS_ID, local))
		return fail(e, FAULT_DUPLICATE_HEADER_FIELD, "%s is repeated",
			local);
	if (xml_children(child) > 0)
		return fail(e, FAULT_INVALID_XML, "%s has elements", local);
	*out = xml_text(child, a);
	if (**out == '\0')
		return fail(e, FAULT_INVALID_XML, "%s is empty", local);
	return 0;
}

static int
member_read(struct arena *a, const struct xml_node *n, struct client_id *out,
	struct err *e)
{
	*out = (struct client_id){ 0 };
	if (part_read(a, n, "xRoadInstance", true, &out->instance, e) != 0 ||
		part_read(a, n, "memberClass", true, &out->cls, e) != 0 ||
		part_read(a, n, "memberCode", true, &out->code, e) != 0)
		return -1;
	return 0;
}

int
client_id_from_xml(struct arena *a, const struct xml_node *n,
	struct client_id *out, struct err *e)
{
	if (type_check(a, n, "SUBSYSTEM", "MEMBER", e) != 0 ||
		member_read(a, n, out, e) != 0)
		return -1;
	return part_read(a, n, "subsystemCode", false, &out->subsystem, e);
}

int
service_id_from_xml(struct arena *a, const struct xml_node *n,
	struct service_id *out, struct err *e)
{
	*out = (struct service_id){ 0 };
	if (type_check(a, n, "SERVICE", "SERVICE", e) != 0 ||
		member_read(a, n, &out->provider, e) != 0 ||
		part_read(a, n, "subsystemCode", false,
			&out->provider.subsystem, e) != 0 ||
		part_read(a, n, "serviceCode", true, &out->service, e) != 0)
		return -1;
	return part_read(a, n, "serviceVersion", false, &out->version, e);
}

int
server_id_from_xml(struct arena *a, const struct xml_node *n,
	struct server_id *out, struct err *e)
{
	*out = (struct server_id){ 0 };
	if (type_check(a, n, "SERVER", "SERVER", e) != 0 ||
		member_read(a, n, &out->owner, e) != 0)
		return -1;
	return part_read(a, n, "serverCode", true, &out->server, e);
}

static void
part_write(struct buf *b, const char *local, const char *value)
{
	if (!value)
		return;
	buf_fmt(b, "<id:%s>", local);
	buf_xml(b, value);
	buf_fmt(b, "</id:%s>", local);
}

void
client_id_to_xml(struct buf *b, const struct client_id *id)
{
	part_write(b, "xRoadInstance", id->instance);
	part_write(b, "memberClass", id->cls);
	part_write(b, "memberCode", id->code);
	part_write(b, "subsystemCode", id->subsystem);
}

void
service_id_to_xml(struct buf *b, const struct service_id *id)
{
	client_id_to_xml(b, &id->provider);
	part_write(b, "serviceCode", id->service);
	part_write(b, "serviceVersion", id->version);
}

void
server_id_to_xml(struct buf *b, const struct server_id *id)
{
	client_id_to_xml(b, &id->owner);
	part_write(b, "serverCode", id->server);
}
