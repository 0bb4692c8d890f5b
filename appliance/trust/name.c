/* SPDX-License-Identifier: MIT */
/*
 * X.501 names: comparison, RFC 2253 text exactly as Java prints it (X-Road
 * writes it into signatures and log lines), attribute look-up, and encoding.
 */
#include "trust_int.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

enum { NAME_RDNS_MAX = 64, NAME_TEXT_MAX = 64 * 1024 };

struct name_type {
	const char *word;
	const char *oid;
	bool in_text; /* Java prints the word; the others get OID=#hex */
};

static const struct name_type types[] = {
	{ "CN", "2.5.4.3", true },
	{ "C", "2.5.4.6", true },
	{ "L", "2.5.4.7", true },
	{ "ST", "2.5.4.8", true },
	{ "STREET", "2.5.4.9", true },
	{ "O", "2.5.4.10", true },
	{ "OU", "2.5.4.11", true },
	{ "UID", "0.9.2342.19200300.100.1.1", true },
	{ "DC", "0.9.2342.19200300.100.1.25", true },
	{ "SN", "2.5.4.4", false },
	{ "serialNumber", "2.5.4.5", false },
	{ "title", "2.5.4.12", false },
	{ "businessCategory", "2.5.4.15", false },
	{ "postalCode", "2.5.4.17", false },
	{ "GN", "2.5.4.42", false },
	{ "organizationIdentifier", "2.5.4.97", false },
	{ "emailAddress", "1.2.840.113549.1.9.1", false },
};
enum { TYPES = sizeof types / sizeof types[0] };

/* One attribute met on a walk through a name. */
struct attribute {
	char oid[OID_TEXT_MAX];
	struct bytes tlv; /* the whole value */
	int tag;
	struct bytes value;
	bool joined; /* belongs to the same RDN as the one before */
};

/* A walk: next attribute of the name. */
struct name_walk {
	struct der names, rdn;
};

static int
walk_open(struct name_walk *w, struct bytes der, struct err *e)
{
	struct der d = der_open(der);
	w->rdn = (struct der){ 0 };
	return der_read(&d, DER_SEQUENCE, &w->names, e);
}

/* 1 and *out, 0 at the end, -1 when malformed. */
static int
walk_next(struct name_walk *w, struct attribute *out, struct err *e)
{
	struct der pair, inner;
	out->joined = der_more(&w->rdn);
	if (!out->joined) {
		if (!der_more(&w->names))
			return 0;
		if (der_read(&w->names, DER_SET, &w->rdn, e))
			return -1;
	}
	if (der_read(&w->rdn, DER_SEQUENCE, &pair, e) ||
		oid_read(&pair, out->oid, e))
		return -1;
	out->tag = der_peek(&pair);
	if (der_any(&pair, &out->tlv, e))
		return -1;
	struct der d = der_open(out->tlv);
	if (der_read(&d, out->tag, &inner, e))
		return -1;
	out->value = der_rest(&inner);
	return 1;
}

int
name_check(struct bytes der, struct err *e)
{
	struct name_walk w;
	struct attribute at;
	int rc, n = 0;
	if (walk_open(&w, der, e))
		return -1;
	while ((rc = walk_next(&w, &at, e)) > 0)
		if (++n > NAME_RDNS_MAX)
			return fail(e, FAULT_INVALID_MESSAGE,
				"DER: name with too many attributes");
	return rc;
}

/* The value as UTF-8 appended to b; false for types that are no text. */
static bool
value_text(struct buf *b, const struct attribute *at)
{
	const uint8_t *p = at->value.data;
	size_t n = at->value.len;
	switch (at->tag) {
	case DER_UTF8_STRING:
	case DER_PRINTABLE_STRING:
	case DER_IA5_STRING: buf_add(b, p, n); return true;
	case 0x14: /* T61String, in practice Latin-1 */
	case 0x1b: /* GeneralString */
	case 0x1e: /* BMPString */
	case 0x1c: /* UniversalString */ break;
	default: return false;
	}
	size_t step = at->tag == 0x1e ? 2 : at->tag == 0x1c ? 4 : 1;
	for (; n >= step; p += step, n -= step) {
		uint32_t c = 0;
		for (size_t i = 0; i < step; i++)
			c = c << 8 | p[i];
		if (c < 0x80) {
			buf_char(b, (char)c);
		} else if (c < 0x800) {
			buf_char(b, (char)(0xc0 | c >> 6));
			buf_char(b, (char)(0x80 | (c & 0x3f)));
		} else if (c < 0x10000) {
			buf_char(b, (char)(0xe0 | c >> 12));
			buf_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
			buf_char(b, (char)(0x80 | (c & 0x3f)));
		} else {
			buf_str(b, "\xef\xbf\xbd");
		}
	}
	return true;
}

static const struct name_type *
type_by_oid(const char *oid)
{
	for (int i = 0; i < TYPES; i++)
		if (strcmp(types[i].oid, oid) == 0)
			return &types[i];
	return NULL;
}

/* Lower case, no outer spaces, inner runs of spaces as one. */
static void
value_fold(struct buf *out, const struct attribute *at)
{
	struct buf text;
	buf_init(&text, NAME_TEXT_MAX);
	if (!value_text(&text, at)) {
		buf_bytes(out, at->tlv);
		buf_done(&text);
		return;
	}
	bool space = false, any = false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if (c == ' ') {
			space = any;
			continue;
		}
		if (space)
			buf_char(out, ' ');
		space = false;
		any = true;
		buf_char(out, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
	buf_done(&text);
}

/* A form in which equal names are equal bytes. */
static int
name_fold(struct buf *out, struct bytes der)
{
	struct name_walk w;
	struct attribute at;
	int rc;
	if (walk_open(&w, der, NULL))
		return -1;
	while ((rc = walk_next(&w, &at, NULL)) > 0) {
		buf_char(out, at.joined ? '+' : ',');
		buf_str(out, at.oid);
		buf_char(out, '=');
		size_t start = out->len;
		value_fold(out, &at);
		buf_fmt(out, "/%zu", out->len - start);
	}
	return rc || out->over ? -1 : 0;
}

bool
name_equal(struct bytes a, struct bytes b)
{
	struct buf fa, fb;
	if (bytes_equal(a, b))
		return true;
	buf_init(&fa, NAME_TEXT_MAX);
	buf_init(&fb, NAME_TEXT_MAX);
	bool same = !name_fold(&fa, a) && !name_fold(&fb, b) &&
		    bytes_equal(bytes_buf(&fa), bytes_buf(&fb));
	buf_done(&fa);
	buf_done(&fb);
	return same;
}

/* RFC 2253 2.4: escapes specials and the spaces at both ends. */
static void
text_escape(struct buf *out, const struct buf *text)
{
	size_t lead = 0, trail = text->len;
	while (lead < text->len &&
		(text->data[lead] == ' ' || text->data[lead] == '\r'))
		lead++;
	while (trail > lead &&
		(text->data[trail - 1] == ' ' || text->data[trail - 1] == '\r'))
		trail--;
	for (size_t i = 0; i < text->len; i++) {
		char c = text->data[i];
		if (c == '\0') {
			buf_str(out, "\\00");
			continue;
		}
		if (i < lead || i >= trail || strchr(",=+<>#;\"\\", c))
			buf_char(out, '\\');
		buf_char(out, c);
	}
}

static void
attribute_text(struct buf *out, const struct attribute *at)
{
	const struct name_type *type = type_by_oid(at->oid);
	struct buf text;
	buf_init(&text, NAME_TEXT_MAX);
	if (type && type->in_text && value_text(&text, at)) {
		buf_str(out, type->word);
		buf_char(out, '=');
		text_escape(out, &text);
	} else {
		buf_str(out, type && type->in_text ? type->word : at->oid);
		buf_str(out, "=#");
		buf_hex(out, at->tlv.data, at->tlv.len);
	}
	buf_done(&text);
}

char *
name_text(struct arena *a, struct bytes der)
{
	struct name_walk w;
	struct attribute at;
	struct buf text, all;
	buf_init(&text, NAME_TEXT_MAX);
	buf_init(&all, NAME_TEXT_MAX);
	if (walk_open(&w, der, NULL))
		goto out;
	/* The last RDN comes first; attributes within an RDN keep order. */
	while (walk_next(&w, &at, NULL) > 0) {
		if (at.joined) {
			buf_char(&text, '+');
			attribute_text(&text, &at);
		} else {
			if (text.len && all.len)
				buf_char(&text, ',');
			buf_bytes(&text, bytes_buf(&all));
			buf_reset(&all);
			buf_bytes(&all, bytes_buf(&text));
			buf_reset(&text);
			attribute_text(&text, &at);
		}
	}
	if (text.len && all.len)
		buf_char(&text, ',');
	buf_bytes(&text, bytes_buf(&all));
out:;
	char *s = arena_strndup(a, text.data, text.len);
	buf_done(&text);
	buf_done(&all);
	return s;
}

char *
name_get(struct arena *a, struct bytes der, const char *oid)
{
	struct name_walk w;
	struct attribute at;
	struct buf text;
	char *found = NULL;
	if (walk_open(&w, der, NULL))
		return NULL;
	buf_init(&text, NAME_TEXT_MAX);
	while (!found && walk_next(&w, &at, NULL) > 0) {
		if (strcmp(at.oid, oid) != 0 || !value_text(&text, &at))
			continue;
		/* a NUL inside would be cut: no such value */
		if (text.over || memchr(text.data, 0, text.len) ||
			!utf8_valid(text.data, text.len))
			break;
		found = arena_strndup(a, text.data, text.len);
	}
	buf_done(&text);
	return found;
}

static bool
printable(const char *s)
{
	static const char others[] = " '()+,-./:=?";
	for (; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
			    (*s >= '0' && *s <= '9') || strchr(others, *s)))
			return false;
	return true;
}

static const struct name_type *
type_by_word(const char *word)
{
	for (int i = 0; i < TYPES; i++)
		if (str_iequal(types[i].word, word) ||
			str_equal(types[i].oid, word))
			return &types[i];
	return NULL;
}

bool
name_word(const char *word)
{
	return type_by_word(word) != NULL;
}

static int
rdn_put(struct buf *out, const struct rdn *r, struct err *e)
{
	const struct name_type *type = type_by_word(r->type);
	size_t n = r->value ? strlen(r->value) : 0;
	if (!type)
		return fail(e, FAULT_BAD_REQUEST,
			"Unknown name attribute: %.64s", r->type);
	if (n == 0 || n > 1024 || !utf8_valid(r->value, n))
		return fail(e, FAULT_BAD_REQUEST,
			"Name attribute %s is empty, too long or not UTF-8",
			type->word);
	bool ascii = str_equal(type->word, "C") ||
		     str_equal(type->word, "serialNumber");
	int tag = ascii && printable(r->value) ? DER_PRINTABLE_STRING
		  : str_equal(type->word, "emailAddress") ||
				  str_equal(type->word, "DC")
			  ? DER_IA5_STRING
			  : DER_UTF8_STRING;
	struct buf pair, set;
	buf_init(&pair, 2048);
	buf_init(&set, 2048);
	der_put_oid(&pair, type->oid);
	der_put(&pair, tag, r->value, n);
	der_put_buf(&set, DER_SEQUENCE, &pair);
	der_put_buf(out, DER_SET, &set);
	buf_done(&pair);
	buf_done(&set);
	return 0;
}

int
name_put(struct buf *b, const struct rdn *rdn, size_t n, struct err *e)
{
	struct buf in;
	int ret = -1;
	buf_init(&in, NAME_TEXT_MAX);
	for (size_t i = 0; i < n; i++)
		if (rdn_put(&in, &rdn[i], e))
			goto out;
	der_put_buf(b, DER_SEQUENCE, &in);
	ret = 0;
out:
	buf_done(&in);
	return ret;
}
