/* SPDX-License-Identifier: MIT */
/*
 * Error replies to information systems that speak REST: JSON, or XML when
 * asked for. Rule: interop/xroad-messages.md 1.7 "Error reply for REST".
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "rest.h"
#include "text.h"

static const struct accepted {
	const char *token, *content_type;
} xml_types[] = {
	{ "text/xml", "text/xml;charset=utf-8" },
	{ "text/*", "text/xml;charset=utf-8" },
	{ "application/xml", "application/xml;charset=utf-8" },
};

/* Content type for the first XML token of Accept, or NULL: JSON. */
static const char *
accept_xml(const char *accept)
{
	const char *p = accept ? accept : "", *end;
	size_t i, n;

	for (; *p; p = *end ? end + 1 : end) {
		end = p + strcspn(p, ",");
		p += strspn(p, " \t");
		n = strcspn(p, ",; \t");
		for (i = 0; i < sizeof(xml_types) / sizeof(*xml_types); i++)
			if (strlen(xml_types[i].token) == n &&
				str_iprefix(p, xml_types[i].token))
				return xml_types[i].content_type;
	}
	return NULL;
}

static void
element_write(struct buf *b, const char *name, const char *text)
{
	buf_fmt(b, "<%s>", name);
	buf_xml(b, text);
	buf_fmt(b, "</%s>", name);
}

static void
xml_write(const struct err *fault, struct buf *b)
{
	buf_str(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<error>");
	element_write(b, "type", fault->code);
	element_write(b, "message", fault->text);
	element_write(b, "detail", fault->detail);
	buf_str(b, "</error>\n");
}

static void
json_write(const struct err *fault, struct buf *b)
{
	buf_str(b, "{\"type\":");
	buf_json(b, fault->code);
	buf_str(b, ",\"message\":");
	buf_json(b, fault->text);
	buf_str(b, ",\"detail\":");
	if (fault->detail[0])
		buf_json(b, fault->detail);
	else
		buf_str(b, "null");
	buf_char(b, '}');
}

void
rest_error_write(const struct err *fault, const char *accept, struct buf *body,
	const char **content_type, int *status)
{
	const char *xml = accept_xml(accept);

	*status = str_iprefix(fault->code, "server.") ? 500 : 400;
	*content_type = xml ? xml : "application/json";
	if (xml)
		xml_write(fault, body);
	else
		json_write(fault, body);
}
