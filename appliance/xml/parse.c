/* SPDX-License-Identifier: MIT */
/*
 * Safe parsing: no DOCTYPE, no entities, no network, no recovery, bounded
 * depth, attributes and namespaces (interop/xroad-messages.md 3.3).
 */
#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include "err.h"
#include "mem.h"
#include "xml_int.h"

/* Namespace declarations in scope at one place: lookups are linear. */
enum { XML_NS_SCOPE_MAX = 512 };

/* What the callbacks of one parse report. */
struct watch {
	size_t nodes;
	const char *refused; /* our own reason to stop, or NULL */
	char text[200];      /* first complaint of the library, one line */
	int line;
	bool failed;
};

static xmlParserInput *
no_entity(const char *url, const char *id, xmlParserCtxt *ctx)
{
	(void)url;
	(void)id;
	(void)ctx;
	return NULL;
}

/* Without this the library prints what it finds to standard error. */
static void
silent(void *ctx, xmlError *x)
{
	(void)ctx;
	(void)x;
}

void
xml_startup(void)
{
	xmlInitParser();
	xmlSetStructuredErrorFunc(NULL, silent);
	xmlThrDefSetStructuredErrorFunc(NULL, silent);
	xmlSetExternalEntityLoader(no_entity);
}

void
xml_shutdown(void)
{
	xmlCleanupParser();
}

static void
stop(xmlParserCtxt *ctx, const char *why)
{
	struct watch *w = ctx->_private;

	if (!w->refused)
		w->refused = why;
	xmlStopParser(ctx);
}

static void
on_doctype(
	void *data, const xmlChar *name, const xmlChar *ext, const xmlChar *sys)
{
	(void)name;
	(void)ext;
	(void)sys;
	stop(data, "a document type declaration is not allowed");
}

/* A node costs some 120 bytes however short its text is. */
static bool
room_for(xmlParserCtxt *ctx, size_t n)
{
	struct watch *w = ctx->_private;

	w->nodes += n;
	if (w->nodes <= XML_NODES_MAX)
		return true;
	stop(ctx, "too many elements and attributes");
	return false;
}

static void
on_comment(void *data, const xmlChar *text)
{
	if (room_for(data, 1))
		xmlSAX2Comment(data, text);
}

static void
on_instruction(void *data, const xmlChar *target, const xmlChar *text)
{
	if (room_for(data, 1))
		xmlSAX2ProcessingInstruction(data, target, text);
}

static void
on_cdata(void *data, const xmlChar *text, int n)
{
	if (room_for(data, 1))
		xmlSAX2CDataBlock(data, text, n);
}

static void
on_start(void *data, const xmlChar *local, const xmlChar *prefix,
	const xmlChar *uri, int namespaces, const xmlChar **ns, int attrs,
	int defaulted, const xmlChar **attr)
{
	xmlParserCtxt *ctx = data;

	/* nameNr does not count this element yet; nsNr counts pairs */
	if (ctx->nodeNr >= XML_DEPTH_MAX)
		stop(ctx, "elements are nested too deeply");
	else if (ctx->nsNr > 2 * XML_NS_SCOPE_MAX)
		stop(ctx, "too many namespace declarations");
	else if (room_for(ctx, 1 + (size_t)attrs + (size_t)namespaces))
		xmlSAX2StartElementNs(ctx, local, prefix, uri, namespaces, ns,
			attrs, defaulted, attr);
}

/* Everything the library complains about is an error, except namespace names
   that are no URI: those are legal strings. */
static void
on_complaint(void *data, xmlError *x)
{
	xmlParserCtxt *ctx = data;
	struct watch *w = ctx->_private;
	size_t n;

	if (!x || x->level < XML_ERR_ERROR || x->code == XML_WAR_NS_URI ||
		x->code == XML_WAR_NS_URI_RELATIVE || w->failed)
		return;
	w->failed = true;
	w->line = x->line;
	n = x->message ? strcspn(x->message, "\r\n") : 0;
	if (n >= sizeof(w->text))
		n = sizeof(w->text) - 1;
	if (n)
		memcpy(w->text, x->message, n);
	w->text[n] = 0;
}

static void
free_doc(void *doc)
{
	xmlFreeDoc(doc);
}

static int
verdict(const struct watch *w, xmlDoc *doc, struct err *e)
{
	if (w->refused)
		return fail(e, FAULT_INVALID_XML, "%s", w->refused);
	if (w->failed)
		return fail(
			e, FAULT_INVALID_XML, "line %d: %s", w->line, w->text);
	if (!doc || doc->intSubset)
		return fail(e, FAULT_INVALID_XML, "the XML is not well-formed");
	if (!xmlDocGetRootElement(doc))
		return fail(
			e, FAULT_INVALID_XML, "the XML has no root element");
	return 0;
}

static void
watch_start(struct watch *w, xmlParserCtxt *ctx)
{
	memset(w, 0, sizeof(*w));
	ctx->_private = w;
	ctx->sax->internalSubset = on_doctype;
	ctx->sax->externalSubset = on_doctype;
	ctx->sax->startElementNs = on_start;
	ctx->sax->comment = on_comment;
	ctx->sax->processingInstruction = on_instruction;
	ctx->sax->cdataBlock = on_cdata;
	ctx->sax->serror = on_complaint;
}

int
xml_parse(struct arena *a, struct bytes data, const char *charset,
	struct xml_doc **out, struct err *e)
{
	struct watch w;
	struct bytes text;
	xmlParserCtxt *ctx = NULL;
	xmlDoc *doc;
	int ret = -1;

	*out = NULL;
	if (data.len > XML_SIZE_MAX)
		return fail(e, FAULT_TOO_LARGE,
			"the XML is longer than %d bytes", XML_SIZE_MAX);
	if (!data.len)
		return fail(e, FAULT_INVALID_XML, "the XML document is empty");
	if (xml_to_utf8(a, data, charset, &text, e) || xml_scan_tags(text, e))
		return -1;
	ctx = xmlNewParserCtxt();
	if (!ctx)
		return fail(e, FAULT_INTERNAL, "no XML parser");
	watch_start(&w, ctx);
	/* no encoding is named: text begins with '<' or a blank and has no NUL
	   (xml_scan_tags), so the library's own detection can only say UTF-8 */
	doc = xmlCtxtReadMemory(ctx, (const char *)text.data, (int)text.len,
		NULL, NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
			XML_PARSE_HUGE | XML_PARSE_IGNORE_ENC |
			XML_PARSE_COMPACT);
	if (verdict(&w, doc, e))
		goto out;
	*out = (struct xml_doc *)doc;
	arena_defer(a, free_doc, doc);
	doc = NULL;
	ret = 0;
out:
	xmlFreeDoc(doc);
	xmlFreeParserCtxt(ctx);
	return ret;
}
