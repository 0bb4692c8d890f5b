/* SPDX-License-Identifier: MIT */
/*
 * What comes before the parser: finding out the character encoding (XML 1.0
 * appendix F), converting to UTF-8, and a linear look at the start tags.
 */
#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"
#include "xml_int.h"

enum { XML_ATTRS_MAX = 256, CHARSET_MAX = 40, DECLARATION_MAX = 200 };

static const struct {
	const char *bytes;
	size_t len;
	const char *charset;
} signs[] = {
	{ "\xef\xbb\xbf", 3, "UTF-8" },
	{ "\xff\xfe", 2, "UTF-16LE" },
	{ "\xfe\xff", 2, "UTF-16BE" },
	{ "<\0?\0", 4, "UTF-16LE" },
	{ "\0<\0?", 4, "UTF-16BE" },
};

#define UTF8_BOM "\xef\xbb\xbf"

static bool
is_utf8(const char *charset)
{
	return str_iequal(charset, "UTF-8") || str_iequal(charset, "UTF8") ||
	       str_iequal(charset, "US-ASCII");
}

/* encoding="..." of an XML declaration in an ASCII superset, or NULL. */
static const char *
declared(struct arena *a, struct bytes d)
{
	char head[DECLARATION_MAX + 1], *end, *p;
	size_t n = d.len < DECLARATION_MAX ? d.len : DECLARATION_MAX;
	char quote;

	memcpy(head, d.data, n);
	head[n] = 0;
	if (!str_prefix(head, "<?xml") || !(end = strstr(head, "?>")))
		return NULL;
	*end = 0;
	p = strstr(head, "encoding");
	if (!p)
		return NULL;
	p += strlen("encoding");
	p += strspn(p, " \t\r\n");
	if (*p++ != '=')
		return NULL;
	p += strspn(p, " \t\r\n");
	quote = *p++;
	if ((quote != '"' && quote != '\'') || !(end = strchr(p, quote)))
		return NULL;
	return arena_strndup(a, p, (size_t)(end - p));
}

static const char *
detect(struct arena *a, struct bytes d)
{
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (d.len >= signs[i].len &&
			!memcmp(d.data, signs[i].bytes, signs[i].len))
			return signs[i].charset;
	return declared(a, d);
}

static bool
charset_name(const char *s)
{
	size_t n = strlen(s);

	return n && n < CHARSET_MAX &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			 "0123456789._:-") == n;
}

static int
convert(iconv_t cd, struct bytes in, struct buf *out, const char *charset,
	struct err *e)
{
	char *from = (char *)(uintptr_t)in.data, block[8192], *to;
	size_t left = in.len, room, r;

	do {
		to = block;
		room = sizeof(block);
		r = iconv(cd, &from, &left, &to, &room);
		if (r == (size_t)-1 && errno != E2BIG)
			return fail(e, FAULT_INVALID_XML,
				"the text is not valid %s", charset);
		buf_add(out, block, sizeof(block) - room);
	} while (left && !out->over);
	return buf_ok(out, "the XML", e);
}

static int
recode(struct arena *a, struct bytes in, const char *charset, struct bytes *out,
	struct err *e)
{
	struct buf b;
	iconv_t cd;
	int ret = -1;

	cd = charset_name(charset) ? iconv_open("UTF-8", charset) : (iconv_t)-1;
	if (cd == (iconv_t)-1)
		return fail(e, FAULT_INVALID_XML,
			"the character encoding is not supported");
	buf_init(&b, XML_SIZE_MAX);
	if (convert(cd, in, &b, charset, e))
		goto out;
	*out = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	ret = 0;
out:
	buf_done(&b);
	iconv_close(cd);
	return ret;
}

/* Other readers drop the mark and believe the declaration. */
static int
mark_check(struct arena *a, struct bytes data, struct err *e)
{
	const char *says;

	if (data.len < 3 || memcmp(data.data, UTF8_BOM, 3) != 0)
		return 0;
	says = declared(a, bytes_of(data.data + 3, data.len - 3));
	if (!says || is_utf8(says))
		return 0;
	return fail(e, FAULT_INVALID_XML,
		"byte order mark and XML declaration disagree");
}

static bool
known(const char *charset)
{
	iconv_t cd = charset_name(charset) ? iconv_open("UTF-8", charset)
					   : (iconv_t)-1;

	if (cd == (iconv_t)-1)
		return false;
	iconv_close(cd);
	return true;
}

/* The document's own word first, as X-Road does (SaxSoapParserImpl): two
   readers that choose differently can see different clients in the same signed
   bytes. The transport's word serves where others read nothing at all. */
int
xml_to_utf8(struct arena *a, struct bytes data, const char *charset,
	struct bytes *out, struct err *e)
{
	const char *own = detect(a, data);

	*out = data;
	if (mark_check(a, data, e))
		return -1;
	if (charset && !known(charset))
		return fail(e, FAULT_INVALID_XML,
			"the character encoding is not supported");
	if (own || utf8_valid((const char *)data.data, data.len))
		charset = own;
	if (charset && !is_utf8(charset) && recode(a, data, charset, out, e))
		return -1;
	if (out->len >= 3 && !memcmp(out->data, UTF8_BOM, 3))
		*out = bytes_of(out->data + 3, out->len - 3);
	if (!out->len || !out->data[0] || !strchr("< \t\r\n", out->data[0]))
		return fail(e, FAULT_INVALID_XML,
			"the XML does not begin with a tag");
	return 0;
}

/* Position behind the next `mark` from p on, or the end. memmem() would be
   quadratic under AddressSanitizer, which looks at all that remains. */
static const char *
behind(const char *p, const char *end, const char *mark)
{
	size_t n = strlen(mark);

	while ((p = memchr(p, *mark, (size_t)(end - p)))) {
		if ((size_t)(end - p) >= n && !memcmp(p, mark, n))
			return p + n;
		p++;
	}
	return end;
}

/* p stands behind "<" of a tag: position behind its end; NULL when it has too
   many attributes. */
static const char *
tag_end(const char *p, const char *end)
{
	unsigned attrs = 0;
	const char *close;

	for (; p < end && *p != '>' && *p != '<'; p++) {
		if (*p != '"' && *p != '\'')
			continue;
		if (++attrs > XML_ATTRS_MAX)
			return NULL;
		close = memchr(p + 1, *p, (size_t)(end - p - 1));
		if (!close)
			return end;
		p = close;
	}
	return p;
}

static const struct {
	const char *open, *close;
} spans[] = {
	{ "!--", "-->" },
	{ "![CDATA[", "]]>" },
	{ "?", "?>" },
};

/* The next tag from *p on, which is set behind "<": comments, CDATA and
   processing instructions are skipped. False at the end. */
static bool
next_tag(const char **p, const char *end)
{
	const char *s = *p;
	size_t i, n = 0;

	while (s < end && (s = memchr(s, '<', (size_t)(end - s)))) {
		s++;
		for (i = 0; i < sizeof(spans) / sizeof(*spans); i++) {
			n = strlen(spans[i].open);
			if ((size_t)(end - s) >= n &&
				!memcmp(s, spans[i].open, n))
				break;
		}
		*p = s;
		if (i == sizeof(spans) / sizeof(*spans))
			return true;
		s = behind(s + n, end, spans[i].close);
	}
	return false;
}

int
xml_scan_tags(struct bytes utf8, struct err *e)
{
	const char *p = (const char *)utf8.data, *end = p + utf8.len;

	if (memchr(p, 0, utf8.len))
		return fail(e, FAULT_INVALID_XML, "the XML holds a NUL");
	while (next_tag(&p, end)) {
		p = tag_end(p, end);
		if (!p)
			return fail(e, FAULT_INVALID_XML,
				"a tag has more than %d attributes",
				XML_ATTRS_MAX);
	}
	return 0;
}

bool
xml_find_tag(struct bytes utf8, size_t nth, size_t *open, size_t *close)
{
	const char *start = (const char *)utf8.data, *p = start,
		   *end = p + utf8.len, *behind_tag;

	while (next_tag(&p, end)) {
		behind_tag = tag_end(p, end);
		if (!behind_tag || behind_tag == end)
			return false;
		if (*p != '/' && nth-- == 0) {
			*open = (size_t)(p - 1 - start);
			*close = (size_t)(behind_tag + 1 - start);
			return true;
		}
		p = behind_tag;
	}
	return false;
}
