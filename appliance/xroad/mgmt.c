/* SPDX-License-Identifier: MIT */
/*
 * Management requests: the table of them, the answer of the central server and
 * what a security server reads from it. The answer echoes the request.
 * Rule: interop/xroad-center-admin.md 2.2, 2.4, 2.5.
 */
#include <inttypes.h>

#include "err.h"
#include "mem.h"
#include "mgmt.h"
#include "soap.h"
#include "text.h"
#include "xml.h"

static const struct mgmt_row rows[MGMT_KINDS] = {
	[MGMT_AUTH_CERT_REG] = { "authCertReg",
		"AUTH_CERT_REGISTRATION_REQUEST",
		MGMT_ADDRESS | MGMT_CERT | MGMT_DRY_RUN, MGMT_CERT,
		MGMT_BY_BOTH },
	[MGMT_AUTH_CERT_DELETION] = { "authCertDeletion",
		"AUTH_CERT_DELETION_REQUEST", MGMT_CERT, MGMT_CERT,
		MGMT_UNSIGNED },
	[MGMT_CLIENT_REG] = { "clientReg", "CLIENT_REGISTRATION_REQUEST",
		MGMT_CLIENT | MGMT_NAME, MGMT_CLIENT, MGMT_BY_CLIENT },
	[MGMT_CLIENT_DELETION] = { "clientDeletion", "CLIENT_DELETION_REQUEST",
		MGMT_CLIENT, MGMT_CLIENT, MGMT_UNSIGNED },
	[MGMT_CLIENT_DISABLE] = { "clientDisable", "CLIENT_DISABLE_REQUEST",
		MGMT_CLIENT, MGMT_CLIENT, MGMT_BY_CLIENT },
	[MGMT_CLIENT_ENABLE] = { "clientEnable", "CLIENT_ENABLE_REQUEST",
		MGMT_CLIENT, MGMT_CLIENT, MGMT_BY_CLIENT },
	[MGMT_CLIENT_RENAME] = { "clientRename", "CLIENT_RENAME_REQUEST",
		MGMT_CLIENT | MGMT_NAME, MGMT_CLIENT | MGMT_NAME,
		MGMT_BY_CLIENT },
	[MGMT_OWNER_CHANGE] = { "ownerChange", "OWNER_CHANGE_REQUEST",
		MGMT_CLIENT, MGMT_CLIENT, MGMT_BY_CLIENT },
	[MGMT_ADDRESS_CHANGE] = { "addressChange", "ADDRESS_CHANGE_REQUEST",
		MGMT_ADDRESS, MGMT_ADDRESS, MGMT_BY_OWNER },
	[MGMT_MAINTENANCE_ENABLE] = { "maintenanceModeEnable",
		"MAINTENANCE_MODE_ENABLE_REQUEST", MGMT_MESSAGE, 0,
		MGMT_BY_OWNER },
	[MGMT_MAINTENANCE_DISABLE] = { "maintenanceModeDisable",
		"MAINTENANCE_MODE_DISABLE_REQUEST", 0, 0, MGMT_BY_OWNER },
};

const struct mgmt_row *
mgmt_row(enum mgmt_kind k)
{
	return &rows[k];
}

/* The element that carries a request or answer. */
static struct xml_node *
content_of(const struct soap *s)
{
	return xml_child(
		xml_child(xml_root(s->doc), NS_SOAP, "Body"), NULL, NULL);
}

int
mgmt_answer(struct arena *a, const struct mgmt_received *r, int64_t request_id,
	struct bytes *soap, struct err *e)
{
	struct xml_node *n, *old;
	struct soap s;
	struct buf b;
	int ret = -1;

	if (soap_parse(a, r->soap, NULL, &s, e) != 0)
		return -1;
	n = content_of(&s);
	while ((old = xml_child(n, NS_XROAD, "requestId")))
		xml_remove(old);
	xml_add_child(n, xml_prefix(n), NS_XROAD, "requestId",
		arena_printf(a, "%" PRId64, request_id));
	xml_rename(n, arena_printf(a, "%sResponse", s.service.service));
	buf_init(&b, 2 * MGMT_SIZE_MAX);
	if (xml_serialize(s.doc, &b, e) == 0 &&
		buf_ok(&b, "the answer", e) == 0) {
		*soap = bytes_of(arena_memdup(a, b.data, b.len), b.len);
		ret = 0;
	}
	buf_done(&b);
	return ret;
}

int
mgmt_result(struct arena *a, enum mgmt_kind kind, struct bytes answer,
	int64_t *request_id, struct err *e)
{
	struct soap s;
	const char *id;

	if (answer.len > 2 * MGMT_SIZE_MAX)
		return fail(e, FAULT_TOO_LARGE, "the answer is too large");
	if (soap_parse(a, answer, NULL, &s, e) != 0)
		return -1;
	if (s.fault)
		return fail_foreign(e, s.fault_code ? s.fault_code : "",
			s.fault_string ? s.fault_string : "",
			s.fault_detail ? s.fault_detail : "");
	id = xml_child_text(content_of(&s), a, NS_XROAD, "requestId");
	if (!str_equal(s.body,
		    arena_printf(a, "%sResponse", rows[kind].service)) ||
		!id || int_parse(id, 0, INT64_MAX, request_id, NULL) != 0)
		return fail(e, FAULT_INVALID_MESSAGE,
			"the answer has no requestId");
	return 0;
}
