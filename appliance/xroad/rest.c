/* SPDX-License-Identifier: MIT */
/*
 * REST parts: what requests and responses have in common. Lines are strict,
 * because the peer re-serialises them for the request hash.
 * Rule: interop/xroad-messages.md 1.7, 2.6.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "rest_int.h"
#include "text.h"

static const char *const dropped[] = { "transfer-encoding", "keep-alive",
	"proxy-authenticate", "proxy-authorization", "te", "trailer", "upgrade",
	"connection", "user-agent", "host", "content-length", "server",
	"expect", NULL };

bool
rest_name_in(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (str_iequal(name, *list))
			return true;
	return false;
}

bool
rest_header_dropped(const char *name)
{
	return rest_name_in(name, dropped);
}

bool
rest_carries_body(const char *method)
{
	return str_equal(method, "POST") || str_equal(method, "PUT") ||
	       str_equal(method, "PATCH");
}

const char *
rest_header_get(const struct rest_header *h, size_t n, const char *name)
{
	for (; n > 0; n--)
		if (str_iequal(h[n - 1].name, name))
			return h[n - 1].value;
	return NULL;
}

/* ---- reading ---- */

/* Cuts the next line off in place. NULL when there is no whole line. */
static char *
line_cut(char **p, char *end)
{
	char *line = *p, *nl = memchr(line, '\n', (size_t)(end - line));

	if (!nl || nl == line || nl[-1] != '\r')
		return NULL;
	nl[-1] = '\0';
	*p = nl + 1;
	/* a lone CR or a NUL inside would make lines look different to others */
	if (strlen(line) != (size_t)(nl - 1 - line) || strchr(line, '\r'))
		return NULL;
	return line;
}

static int
header_cut(char *line, struct rest_header *h, struct err *e)
{
	char *colon = strchr(line, ':');

	if (!colon || colon == line)
		return fail(e, FAULT_INVALID_MESSAGE,
			"a line of the REST message is not a header");
	*colon = '\0';
	h->name = line;
	h->value = colon + 1;
	if (rest_header_dropped(line))
		return fail(e, FAULT_INVALID_MESSAGE,
			"header %.60s must not be in a REST message", line);
	return 0;
}

static int
headers_cut(struct rest_lines *out, char *p, char *end, struct err *e)
{
	while (p < end) {
		char *line = line_cut(&p, end);

		if (!line)
			return fail(e, FAULT_INVALID_MESSAGE,
				"a line of the REST message does not end "
				"with CRLF");
		if (out->headers == REST_HEADERS_MAX)
			return fail(e, FAULT_LIMIT,
				"the REST message has more than %d headers",
				REST_HEADERS_MAX);
		if (header_cut(line, &out->header[out->headers], e) != 0)
			return -1;
		out->headers++;
	}
	return 0;
}

int
rest_lines_read(struct arena *a, struct bytes raw, struct rest_lines *out,
	struct err *e)
{
	char *p, *end;

	*out = (struct rest_lines){ 0 };
	if (raw.len > REST_PART_MAX)
		return fail(e, FAULT_TOO_LARGE,
			"the REST message is longer than %d bytes",
			REST_PART_MAX);
	if (raw.len == 0 || !utf8_valid((const char *)raw.data, raw.len))
		return fail(e, FAULT_INVALID_MESSAGE,
			"the REST message is empty or not UTF-8");
	p = arena_strndup(a, (const char *)raw.data, raw.len);
	end = p + raw.len;
	out->first = line_cut(&p, end);
	out->second = out->first && p < end ? line_cut(&p, end) : NULL;
	if (!out->second)
		return fail(e, FAULT_INVALID_MESSAGE,
			"the REST message has no first two lines");
	out->header = arena_array(a, REST_HEADERS_MAX, sizeof(*out->header));
	return headers_cut(out, p, end, e);
}

/* ---- writing ---- */

static bool
token(const char *s)
{
	static const char other[] = "!#$%&'*+-.^_`|~";
	const char *p;

	for (p = s; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			    (*p >= '0' && *p <= '9') || strchr(other, *p)))
			return false;
	return p > s;
}

void
rest_octets_write(struct buf *b, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x80)
			buf_char(b, (char)(0xc0 | c >> 6));
		buf_char(b, (char)(c < 0x80 ? c : 0x80 | (c & 0x3f)));
	}
}

int
rest_header_write(struct buf *b, const struct rest_header *h, struct err *e)
{
	const char *p;

	if (!token(h->name))
		return fail(
			e, FAULT_BAD_REQUEST, "a header name is not a token");
	for (p = h->value; *p; p++)
		if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f)
			return fail(e, FAULT_BAD_REQUEST,
				"header %.60s has a control character",
				h->name);
	buf_fmt(b, "%s:", h->name);
	rest_octets_write(b, h->value);
	buf_str(b, "\r\n");
	return 0;
}

/* One octet of valid UTF-8, or '?' where the character is no octet. */
static char
octet(const char **s)
{
	unsigned char c = (unsigned char)*(*s)++;

	if (c < 0x80)
		return (char)c;
	if (c <= 0xc3)
		return (char)(c << 6 | (*(*s)++ & 0x3f));
	while (((unsigned char)**s & 0xc0) == 0x80)
		(*s)++;
	return '?';
}

const char *
rest_octets(struct arena *a, const char *text)
{
	char *out, *to;

	if (!utf8_valid(text, strlen(text)))
		return text;
	out = to = arena_strdup(a, text);
	while (*text)
		*to++ = octet(&text);
	*to = '\0';
	return out;
}
