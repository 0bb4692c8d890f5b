/* SPDX-License-Identifier: MIT */
/*
 * Configuration anchors: where a network's configuration is and whose keys
 * sign it. Rule: interop/xroad-center-admin.md 1.2.
 */
#include "clock.h"
#include "err.h"
#include "gcxml_int.h"
#include "globalconf.h"
#include "mem.h"
#include "xml.h"

static int
source_read(
	struct gcxml *r, const struct xml_node *n, struct gc_anchor_source *s)
{
	if (gcxml_text(r, n, "downloadURL", &s->url) != 0 ||
		gcxml_base64_all(
			r, n, "verificationCert", &s->cert, &s->certs) != 0)
		return -1;
	if (s->certs == 0)
		return fail(r->e, FAULT_MALFORMED_GLOBAL_CONF,
			"a source has no verificationCert");
	return 0;
}

static int
time_read(struct gcxml *r, const struct xml_node *n, int64_t *out)
{
	const struct xml_node *c = xml_child(n, "", "generatedAt");

	*out = 0;
	if (c && time_parse(gcxml_token(r, c), out, NULL) != 0)
		return fail(r->e, FAULT_MALFORMED_GLOBAL_CONF,
			"generatedAt is not a time");
	return 0;
}

int
gcxml_anchor(struct gcxml *r, const struct xml_node *n, struct gc_anchor *out)
{
	const struct xml_node *c;
	struct gc_anchor_source *list;
	size_t i = 0;

	*out = (struct gc_anchor){ .sources = gcxml_count(n, "source") };
	if (out->sources == 0)
		return fail(r->e, FAULT_MALFORMED_GLOBAL_CONF,
			"an anchor has no source");
	list = arena_array(r->a, out->sources, sizeof(*list));
	if (gcxml_text(r, n, "instanceIdentifier", &out->instance) != 0 ||
		time_read(r, n, &out->generated_at) != 0)
		return -1;
	xml_each(c, n, "", "source") {
		if (source_read(r, c, &list[i++]) != 0)
			return -1;
	}
	out->source = list;
	return 0;
}

int
anchor_parse(
	struct arena *a, struct bytes xml, struct gc_anchor *out, struct err *e)
{
	struct arena *doc = arena_new();
	struct err why = ERR_INIT;
	struct gcxml r = { a, &why };
	struct xml_node *root;
	int ret = -1;

	if (gcxml_open(doc, xml, "configurationAnchor", &root, &why) == 0)
		ret = gcxml_anchor(&r, root, out);
	if (ret != 0)
		fail(e, FAULT_MALFORMED_ANCHOR, "%s", why.text);
	arena_free(&doc);
	return ret;
}

void
gcxml_put_anchor(struct buf *b, int depth, const struct gc_anchor *an)
{
	char when[TIME_TEXT_MAX];
	size_t i, j;

	if (an->generated_at)
		gcxml_put(b, depth, "generatedAt",
			time_iso_ms(when, an->generated_at));
	gcxml_put(b, depth, "instanceIdentifier", an->instance);
	for (i = 0; i < an->sources; i++) {
		const struct gc_anchor_source *s = &an->source[i];

		gcxml_open_tag(b, depth, "source");
		gcxml_put(b, depth + 1, "downloadURL", s->url);
		for (j = 0; j < s->certs; j++)
			gcxml_put_base64(
				b, depth + 1, "verificationCert", s->cert[j]);
		gcxml_close_tag(b, depth, "source");
	}
}

int
anchor_write(const struct gc_anchor *an, struct buf *out, struct err *e)
{
	buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\" "
		     "standalone=\"yes\"?>\n"
		     "<xroad:configurationAnchor "
		     "xmlns:xroad=\"" NS_XROAD "\">\n");
	gcxml_put_anchor(out, 1, an);
	buf_str(out, "</xroad:configurationAnchor>\n");
	return buf_ok(out, "the configuration anchor", e);
}
