/* SPDX-License-Identifier: MIT */
/*
 * SOAP over HTTP: faults made by a security server, accepted content types
 * and SOAPAction values. Rule: interop/xroad-messages.md 1.4.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "soap.h"
#include "text.h"
#include "transport.h"

void
soap_fault_write(const struct err *fault, struct buf *out)
{
	buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
		     "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"" NS_SOAP "\">"
		     "<SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>");
	buf_xml(out, fault->code);
	buf_str(out, "</faultcode><faultstring>");
	buf_xml(out, fault->text);
	buf_str(out, "</faultstring><faultactor></faultactor>");
	if (fault->detail[0]) {
		buf_str(out, "<detail><faultDetail xmlns=\"\">");
		buf_xml(out, fault->detail);
		buf_str(out, "</faultDetail></detail>");
	}
	buf_str(out, "</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>");
}

bool
soap_content_type_ok(const char *content_type)
{
	static const char *const good[] = { "text/xml", "application/xop+xml",
		"multipart/related" };
	struct arena *a = arena_new();
	const char *base = mime_base(a, content_type);
	bool ok = false;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		ok = ok || str_equal(base, good[i]);
	arena_free(&a);
	return ok;
}

/* Absent, empty, "" or a quoted URI reference. */
bool
soap_action_ok(const char *value)
{
	size_t i, n = value ? strlen(value) : 0;

	if (n == 0)
		return true;
	if (n < 2 || value[0] != '"' || value[n - 1] != '"')
		return false;
	for (i = 1; i < n - 1; i++) {
		unsigned char c = (unsigned char)value[i];

		if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}", c))
			return false;
	}
	return true;
}
