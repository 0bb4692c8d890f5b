/* SPDX-License-Identifier: MIT */
/*
 * Elements common to the documents of the global configuration.
 * Rule: interop/xroad-center-admin.md 1.2, 1.5, 1.6.
 */
#include <string.h>

#include "cert.h"
#include "err.h"
#include "gcxml_int.h"
#include "globalconf.h"
#include "ident.h"
#include "log.h"
#include "mem.h"
#include "text.h"
#include "xml.h"

int
gcxml_open(struct arena *doc, struct bytes xml, const char *local,
	struct xml_node **root, struct err *e)
{
	struct xml_doc *d;
	struct err why = ERR_INIT;

	if (xml.len > GC_PART_MAX)
		return fail(e, FAULT_MALFORMED_GLOBAL_CONF,
			"the file is larger than %d bytes", GC_PART_MAX);
	if (xml_parse(doc, xml, NULL, &d, &why) != 0)
		return fail(e, FAULT_MALFORMED_GLOBAL_CONF,
			"not well-formed: %s", why.text);
	*root = xml_root(d);
	if (!xml_is(*root, NS_XROAD, local))
		return fail(e, FAULT_MALFORMED_GLOBAL_CONF,
			"the root element is not %s of %s", local, NS_XROAD);
	return 0;
}

size_t
gcxml_count(const struct xml_node *n, const char *local)
{
	const struct xml_node *c;
	size_t count = 0;

	xml_each(c, n, "", local)
		count++;
	return count;
}

static int
absent(struct gcxml *r, const struct xml_node *n, const char *local)
{
	return fail(r->e, FAULT_MALFORMED_GLOBAL_CONF, "%s has no %s",
		xml_local(n), local);
}

int
gcxml_text(struct gcxml *r, const struct xml_node *n, const char *local,
	const char **out)
{
	*out = xml_child_text(n, r->a, "", local);
	return *out ? 0 : absent(r, n, local);
}

const char *
gcxml_text_opt(struct gcxml *r, const struct xml_node *n, const char *local)
{
	return xml_child_text(n, r->a, "", local);
}

const char *
gcxml_token(struct gcxml *r, const struct xml_node *n)
{
	static const char blank[] = " \t\r\n";
	char *s = xml_text(n, r->a);
	size_t len;

	s += strspn(s, blank);
	len = strlen(s);
	while (len > 0 && strchr(blank, s[len - 1]))
		len--;
	s[len] = '\0';
	return s;
}

int
gcxml_bool_opt(
	struct gcxml *r, const struct xml_node *n, const char *local, bool *out)
{
	const struct xml_node *c = xml_child(n, "", local);
	const char *s;

	*out = false;
	if (!c)
		return 0;
	s = gcxml_token(r, c);
	*out = str_equal(s, "true") || str_equal(s, "1");
	if (*out || str_equal(s, "false") || str_equal(s, "0"))
		return 0;
	return fail(r->e, FAULT_MALFORMED_GLOBAL_CONF,
		"%s is neither true nor false", local);
}

int
gcxml_int(struct gcxml *r, const struct xml_node *n, const char *local,
	int64_t lo, int64_t hi, int64_t *out)
{
	const struct xml_node *c = xml_child(n, "", local);

	if (!c)
		return absent(r, n, local);
	if (int_parse(gcxml_token(r, c), lo, hi, out, NULL) != 0)
		return fail(r->e, FAULT_MALFORMED_GLOBAL_CONF,
			"%s is not a valid number", local);
	return 0;
}

int
gcxml_base64(struct gcxml *r, const struct xml_node *n, struct bytes *out)
{
	const char *s = xml_text(n, r->a);

	if (base64_decode(r->a, s, strlen(s), out, NULL) != 0)
		return fail(r->e, FAULT_MALFORMED_GLOBAL_CONF,
			"%s is not valid base64", xml_local(n));
	return 0;
}

int
gcxml_base64_all(struct gcxml *r, const struct xml_node *n, const char *local,
	const struct bytes **out, size_t *count)
{
	const struct xml_node *c;
	size_t i = 0, total = gcxml_count(n, local);
	struct bytes *list = arena_array(r->a, total, sizeof(*list));

	xml_each(c, n, "", local) {
		if (gcxml_base64(r, c, &list[i++]) != 0)
			return -1;
	}
	*out = list;
	*count = total;
	return 0;
}

static void
cert_drop(void *p)
{
	struct cert *c = p;

	cert_unref(&c);
}

static int
cert_read(struct gcxml *r, const struct xml_node *n, const char *local,
	struct bytes data, struct cert **out)
{
	struct err why = ERR_INIT;

	if (cert_parse(out, data, &why) != 0 && cert_shaped(data)) {
		*out = NULL;
		log_warning("global configuration: the %s of a %s cannot be "
			    "read and is not trusted: %s",
			local, xml_local(n), why.text);
		return 0;
	}
	if (!*out)
		return fail(r->e, FAULT_MALFORMED_GLOBAL_CONF,
			"%s of %s is not a certificate: %s", local,
			xml_local(n), why.text);
	arena_defer(r->a, cert_drop, *out);
	return 0;
}

int
gcxml_cert_opt(struct gcxml *r, const struct xml_node *n, const char *local,
	struct cert **out)
{
	const struct xml_node *c = xml_child(n, "", local);
	struct bytes data;

	*out = NULL;
	if (!c)
		return 0;
	if (gcxml_base64(r, c, &data) != 0)
		return -1;
	return cert_read(r, n, local, data, out);
}

int
gcxml_cert(struct gcxml *r, const struct xml_node *n, const char *local,
	struct cert **out)
{
	if (!xml_child(n, "", local))
		return absent(r, n, local);
	return gcxml_cert_opt(r, n, local, out);
}

int
gcxml_client(struct gcxml *r, const struct xml_node *n, struct client_id *out)
{
	struct err why = ERR_INIT;

	if (client_id_from_xml(r->a, n, out, &why) != 0)
		return fail(r->e, FAULT_MALFORMED_GLOBAL_CONF, "%s", why.text);
	return 0;
}

/* ---- writing ---- */

static void
indent(struct buf *b, int depth)
{
	buf_fmt(b, "%*s", depth * 4, "");
}

void
gcxml_open_tag(struct buf *b, int depth, const char *name)
{
	indent(b, depth);
	buf_fmt(b, "<%s>\n", name);
}

void
gcxml_close_tag(struct buf *b, int depth, const char *name)
{
	indent(b, depth);
	buf_fmt(b, "</%s>\n", name);
}

void
gcxml_put(struct buf *b, int depth, const char *name, const char *text)
{
	indent(b, depth);
	buf_fmt(b, "<%s>", name);
	buf_xml(b, text ? text : "");
	buf_fmt(b, "</%s>\n", name);
}

void
gcxml_put_opt(struct buf *b, int depth, const char *name, const char *text)
{
	if (text)
		gcxml_put(b, depth, name, text);
}

void
gcxml_put_base64(struct buf *b, int depth, const char *name, struct bytes data)
{
	indent(b, depth);
	buf_fmt(b, "<%s>", name);
	buf_base64(b, data.data, data.len);
	buf_fmt(b, "</%s>\n", name);
}

void
gcxml_put_client(
	struct buf *b, int depth, const char *name, const struct client_id *id)
{
	indent(b, depth);
	buf_fmt(b, "<%s id:objectType=\"%s\">", name, client_id_type(id));
	client_id_to_xml(b, id);
	buf_fmt(b, "</%s>\n", name);
}
