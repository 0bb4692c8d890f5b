/* SPDX-License-Identifier: MIT */
/*
 * ASiC-E containers: what stands in them and under which names
 * (interop/xroad-messages.md 4.4).
 */
#include "asic.h"

#include <string.h>

#include "digest.h"
#include "err.h"
#include "mem.h"
#include "text.h"
#include "xml.h"

#define MIMETYPE "application/vnd.etsi.asic-e+zip"
#define MANIFEST "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
/* not the namespace of the signature's root: 2918, not 02918 */
#define NS_ASIC_MANIFEST "http://uri.etsi.org/2918/v1.2.1#"
#define NS_DS            "http://www.w3.org/2000/09/xmldsig#"

enum { NAME_QUERY_MAX = 226, SMALL_DOC_MAX = 256 * 1024 };

/* Fixed entries in the order in which they are written; the field each fills. */
enum slot {
	SLOT_MIMETYPE,
	SLOT_MESSAGE,
	SLOT_SIGNATURE,
	SLOT_SIG_RESULT,
	SLOT_SIG_CHAIN,
	SLOT_TS_RESULT,
	SLOT_TS_CHAIN,
	SLOT_MANIFEST,
	SLOT_ASIC_MANIFEST,
	SLOT_TOKEN,
	SLOTS
};
static const char *const names[SLOTS] = {
	[SLOT_MIMETYPE] = "mimetype",
	[SLOT_MESSAGE] = "message.xml",
	[SLOT_SIGNATURE] = "META-INF/signatures.xml",
	[SLOT_SIG_RESULT] = "sig-hashchainresult.xml",
	[SLOT_SIG_CHAIN] = "sig-hashchain.xml",
	[SLOT_TS_RESULT] = "ts-hashchainresult.xml",
	[SLOT_TS_CHAIN] = "ts-hashchain.xml",
	[SLOT_MANIFEST] = "META-INF/manifest.xml",
	[SLOT_ASIC_MANIFEST] = "META-INF/ASiCManifest.xml",
	[SLOT_TOKEN] = "META-INF/timestamp.tst",
};
static const char attachment_name[] = "attachment";

/* ---- writing ---- */

static void
put_file(struct buf *b, const char *type, const char *path)
{
	buf_fmt(b,
		"    <manifest:file-entry manifest:media-type=\"%s\" "
		"manifest:full-path=\"%s\"/>\n",
		type, path);
}

/* The OpenDocument manifest of everything outside META-INF. */
static struct bytes
manifest(struct arena *a, const struct zip_entry *en, size_t n)
{
	struct bytes out;
	struct buf b;
	size_t i;

	buf_init(&b, SMALL_DOC_MAX);
	buf_str(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<manifest:manifest xmlns:manifest=\"" MANIFEST
		    "\" manifest:version=\"1.2\">\n");
	put_file(&b, MIMETYPE, "/");
	for (i = 0; i < n; i++)
		if (!str_equal(en[i].name, names[SLOT_MIMETYPE]) &&
			!str_prefix(en[i].name, "META-INF/"))
			put_file(&b,
				str_prefix(en[i].name, attachment_name)
					? "application/octet-stream"
					: "text/xml",
				en[i].name);
	buf_str(&b, "</manifest:manifest>\n");
	out = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	return out;
}

/* What the stand-alone time stamp covers. */
static struct bytes
asic_manifest(struct arena *a, struct bytes result)
{
	struct digest d;
	struct bytes out;
	struct buf b;

	digest_of(DIGEST_SHA512, result.data, result.len, &d);
	buf_init(&b, SMALL_DOC_MAX);
	buf_fmt(&b,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<asic:ASiCManifest xmlns:asic=\"" NS_ASIC_MANIFEST
		"\" xmlns:ds=\"" NS_DS "\">\n"
		"<asic:SigReference URI=\"%s\" "
		"MimeType=\"vnd.etsi.timestamp-token\"/>\n"
		"<asic:DataObjectReference URI=\"%s\" "
		"MimeType=\"text/xml\">\n"
		"<ds:DigestMethod Algorithm=\"%s\"/>\n<ds:DigestValue>",
		names[SLOT_TOKEN], names[SLOT_TS_RESULT], digest_uri(d.alg));
	buf_base64(&b, d.value, d.len);
	buf_str(&b, "</ds:DigestValue>\n</asic:DataObjectReference>\n"
		    "</asic:ASiCManifest>\n");
	out = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	return out;
}

static void
fill(struct bytes slot[SLOTS], const struct asic *c)
{
	memset(slot, 0, SLOTS * sizeof(*slot));
	slot[SLOT_MIMETYPE] = bytes_str(MIMETYPE);
	slot[SLOT_MESSAGE] = c->message;
	slot[SLOT_SIGNATURE] = c->signature.xml;
	slot[SLOT_SIG_RESULT] = c->signature.hashchain_result;
	slot[SLOT_SIG_CHAIN] = c->signature.hashchain;
	slot[SLOT_TS_RESULT] = c->ts_result;
	slot[SLOT_TS_CHAIN] = c->ts_chain;
	if (c->ts_result.len)
		slot[SLOT_TOKEN] = c->ts_token;
}

static size_t
entries_of(struct arena *a, const struct asic *c, struct zip_entry *en)
{
	struct bytes slot[SLOTS];
	size_t i, n = 0, outside;

	fill(slot, c);
	for (i = 0; i < SLOT_MANIFEST; i++)
		if (slot[i].len)
			en[n++] = (struct zip_entry){ names[i], slot[i] };
	outside = n++; /* the manifest's place */
	if (slot[SLOT_TOKEN].len) {
		en[n++] = (struct zip_entry){ names[SLOT_ASIC_MANIFEST],
			asic_manifest(a, c->ts_result) };
		en[n++] = (struct zip_entry){ names[SLOT_TOKEN],
			slot[SLOT_TOKEN] };
	}
	en[outside] = (struct zip_entry){ names[SLOT_MANIFEST], { 0 } };
	for (i = 0; i < c->attachments; i++)
		if (c->attachment[i].data)
			en[n++] = (struct zip_entry){ arena_printf(a, "%s%zu",
							      attachment_name,
							      i + 1),
				c->attachment[i] };
	en[outside].data = manifest(a, en, n);
	return n;
}

int
asic_write(const struct asic *c, struct buf *out, struct err *e)
{
	struct arena *a = arena_new();
	struct zip_entry *en;
	int ret = -1;

	if (c->attachments > ASIC_ENTRIES_MAX) {
		fail(e, FAULT_TOO_LARGE, "too many attachments");
		goto out;
	}
	en = arena_array(a, SLOTS + c->attachments, sizeof(*en));
	ret = zip_write(en, entries_of(a, c, en), 6, "mimetype=" MIMETYPE,
		c->time, out, e);
out:
	arena_free(&a);
	return ret;
}

char *
asic_name(struct arena *a, const char *query_id, bool response, int64_t record)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	char number[16], *p = number + sizeof(number) - 1;
	uint64_t v = (uint64_t)record;

	*p = 0;
	do
		*--p = digits[v & 31];
	while (v >>= 5);
	return arena_printf(a, "%.*s-%s-%s.asice", NAME_QUERY_MAX,
		form_encode(a, query_id), response ? "response" : "request", p);
}

/* ---- reading ---- */

/* META-INF/...signatures....xml */
static bool
is_signature(const char *name)
{
	return str_prefix(name, "META-INF/") && str_suffix(name, ".xml") &&
	       strstr(name + strlen("META-INF/"), "signatures");
}

static int
slot_of(const char *name)
{
	int i;

	for (i = 0; i < SLOTS; i++)
		if (str_iequal(name, names[i]))
			return i;
	return is_signature(name) ? SLOT_SIGNATURE : SLOTS;
}

/* Number of "attachmentN", 0 for other names. */
static size_t
attachment_of(const char *name)
{
	int64_t n;

	if (!str_prefix(name, attachment_name))
		return 0;
	name += strlen(attachment_name);
	if (*name == '0' || int_parse(name, 1, ASIC_ENTRIES_MAX, &n, NULL))
		return 0;
	return (size_t)n;
}

static int
sort_entries(struct arena *a, const struct zip_entry *en, size_t n,
	struct bytes slot[SLOTS], struct asic *out, struct err *e)
{
	struct bytes *att = arena_array(a, ASIC_ENTRIES_MAX, sizeof(*att));
	size_t i, k;
	int s;

	out->attachment = att;
	for (i = 0; i < n; i++) {
		s = slot_of(en[i].name);
		k = attachment_of(en[i].name);
		if (k) {
			att[k - 1] = en[i].data;
			if (k > out->attachments)
				out->attachments = k;
		}
		if (s == SLOTS)
			continue;
		if (slot[s].data)
			return fail(e, FAULT_INVALID_MESSAGE,
				"the container has several %s", names[s]);
		slot[s] = en[i].data;
	}
	return 0;
}

static int
have(const struct bytes slot[SLOTS], enum slot s, enum fault f, struct err *e)
{
	return slot[s].len ? 0 : fail(e, f, "%s is missing or empty", names[s]);
}

static int
paired(const struct bytes slot[SLOTS], enum slot result, enum slot chain,
	struct err *e)
{
	if (!slot[result].len && !slot[chain].len)
		return 0;
	if (have(slot, result, FAULT_ASIC_NO_HASHCHAIN_RESULT, e))
		return -1;
	return have(slot, chain, FAULT_ASIC_NO_HASHCHAIN, e);
}

static int
check(const struct bytes slot[SLOTS], struct err *e)
{
	const struct bytes *type = &slot[SLOT_MIMETYPE];

	if (have(slot, SLOT_MIMETYPE, FAULT_ASIC_NO_MIMETYPE, e))
		return -1;
	if (type->len != strlen(MIMETYPE) ||
		!str_iprefix((const char *)type->data, MIMETYPE))
		return fail(e, FAULT_ASIC_BAD_MIMETYPE,
			"the container is not of type " MIMETYPE);
	if (have(slot, SLOT_MESSAGE, FAULT_ASIC_NO_MESSAGE, e) ||
		have(slot, SLOT_SIGNATURE, FAULT_ASIC_NO_SIGNATURE, e) ||
		paired(slot, SLOT_SIG_RESULT, SLOT_SIG_CHAIN, e) ||
		paired(slot, SLOT_TS_RESULT, SLOT_TS_CHAIN, e))
		return -1;
	if (slot[SLOT_TS_RESULT].len)
		return have(slot, SLOT_TOKEN, FAULT_ASIC_NO_TIMESTAMP, e);
	return 0;
}

int
asic_read(struct arena *a, struct bytes zip, struct asic *out, struct err *e)
{
	struct bytes slot[SLOTS] = { 0 };
	struct zip_entry *en;
	size_t n;

	memset(out, 0, sizeof(*out));
	if (zip.len < 4 || memcmp(zip.data, "PK\3\4", 4) != 0)
		return fail(e, FAULT_ASIC_NO_MIMETYPE,
			"this is not an ASiC container");
	if (zip.len > ASIC_SIZE_MAX)
		return fail(e, FAULT_TOO_LARGE, "the container is too large");
	if (zip_read(a, zip, ASIC_SIZE_MAX, &en, &n, e))
		return -1;
	if (n > ASIC_ENTRIES_MAX)
		return fail(e, FAULT_TOO_LARGE, "too many entries");
	if (sort_entries(a, en, n, slot, out, e) || check(slot, e))
		return -1;
	out->message = slot[SLOT_MESSAGE];
	out->signature.xml = slot[SLOT_SIGNATURE];
	out->signature.hashchain_result = slot[SLOT_SIG_RESULT];
	out->signature.hashchain = slot[SLOT_SIG_CHAIN];
	out->ts_result = slot[SLOT_TS_RESULT];
	out->ts_chain = slot[SLOT_TS_CHAIN];
	out->ts_token = slot[SLOT_TOKEN];
	out->asic_manifest = slot[SLOT_ASIC_MANIFEST];
	return 0;
}

int
asic_manifest_check(struct arena *a, const struct asic *c, struct err *e)
{
	struct xml_node *r, *n;
	struct xml_doc *d;
	struct bytes value;
	struct digest got;
	enum digest_alg alg;
	char *text;

	if (!c->asic_manifest.len || !c->ts_result.len)
		return 0;
	if (xml_parse(a, c->asic_manifest, NULL, &d, e))
		return -1;
	r = xml_child(xml_root(d), NS_ASIC_MANIFEST, "DataObjectReference");
	n = r ? xml_child(r, NS_DS, "DigestMethod") : NULL;
	text = r ? xml_child_text(r, a, NS_DS, "DigestValue") : NULL;
	alg = n ? digest_by_uri(xml_attr(n, a, "", "Algorithm")) : DIGEST_NONE;
	if (!text || alg == DIGEST_NONE ||
		!str_equal(xml_attr(r, a, "", "URI"), names[SLOT_TS_RESULT]))
		return fail(e, FAULT_MALFORMED_SIGNATURE,
			"%s does not refer to %s", names[SLOT_ASIC_MANIFEST],
			names[SLOT_TS_RESULT]);
	if (base64_decode(a, text, strlen(text), &value, e))
		return -1;
	digest_of(alg, c->ts_result.data, c->ts_result.len, &got);
	if (!bytes_equal(value, bytes_of(got.value, got.len)))
		return fail(e, FAULT_MALFORMED_SIGNATURE,
			"%s has another digest of %s",
			names[SLOT_ASIC_MANIFEST], names[SLOT_TS_RESULT]);
	return 0;
}
