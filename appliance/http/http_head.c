/* SPDX-License-Identifier: MIT */
/*
 * Request heads, split in place. Every rule that lets two HTTP readers see
 * different messages in the same bytes is a refusal here.
 */
#include <string.h>

#include "http_head.h"
#include "text.h"

enum { LENGTH_DIGITS_MAX = 18 };

static bool
token_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

bool
http_token(const char *s)
{
	if (!*s)
		return false;
	while (token_char((unsigned char)*s))
		s++;
	return !*s;
}

static bool
value_char(unsigned char c)
{
	return c == '\t' || (c >= ' ' && c != 0x7f);
}

bool
http_value(const char *s)
{
	while (value_char((unsigned char)*s))
		s++;
	return !*s;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

bool
http_list_has(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; *p;) {
		while (blank(*p) || *p == ',')
			p++;
		const char *end = p;
		while (*end && *end != ',')
			end++;
		size_t len = (size_t)(end - p);
		while (len && blank(p[len - 1]))
			len--;
		if (len == n && str_iprefix(p, word))
			return true;
		p = end;
	}
	return false;
}

const char *
http_header_find(const struct http_header *h, size_t n, const char *name)
{
	while (n-- > 0)
		if (str_iequal(h[n].name, name))
			return h[n].value;
	return NULL;
}

/* Empty lines in front of the request line are skipped (RFC 9112 2.2). */
static size_t
leading_lines(const char *p, size_t n)
{
	size_t i = 0;

	while (i + 1 < n && p[i] == '\r' && p[i + 1] == '\n')
		i += 2;
	return i;
}

long
http_head_length(const char *p, size_t n)
{
	for (size_t i = leading_lines(p, n); i < n; i++) {
		if (p[i] == '\0')
			return -1;
		if (p[i] == '\n' && (i == 0 || p[i - 1] != '\r'))
			return -1;
		if (p[i] == '\r' && i + 1 < n && p[i + 1] != '\n')
			return -1;
		if (p[i] == '\n' && i >= 3 && p[i - 2] == '\n')
			return (long)(i + 1);
	}
	return 0;
}

struct cursor {
	char *at, *end; /* end: behind the last line's CRLF */
};

/* Takes one line, ends it with NUL; NULL when there is none. */
static char *
line_take(struct cursor *c)
{
	char *line = c->at;

	for (char *p = line; p + 1 < c->end; p++)
		if (p[0] == '\r' && p[1] == '\n') {
			*p = '\0';
			c->at = p + 2;
			return line;
		}
	return NULL;
}

static bool
target_ok(const char *t)
{
	for (const char *p = t; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	return *t == '/' || str_equal(t, "*") || str_iprefix(t, "http://") ||
	       str_iprefix(t, "https://");
}

static int
version_parse(const char *v, struct http_head *out, const char **why)
{
	if (str_equal(v, "HTTP/1.1"))
		out->minor = 1;
	else if (str_equal(v, "HTTP/1.0"))
		out->minor = 0;
	else if (str_prefix(v, "HTTP/")) {
		*why = "the HTTP version is not supported";
		return 505;
	} else {
		*why = "the request line is malformed";
		return 400;
	}
	return 0;
}

static int
request_line(char *line, struct http_head *out, const char **why)
{
	char *target = strchr(line, ' ');
	char *version = target ? strchr(target + 1, ' ') : NULL;

	*why = "the request line is malformed";
	if (!version)
		return 400;
	*target++ = '\0';
	*version++ = '\0';
	if (!http_token(line) || strlen(line) > HTTP_METHOD_MAX)
		return 400;
	if (!target_ok(target)) {
		*why = "the request target is malformed";
		return 400;
	}
	out->method = line;
	out->target = target;
	return version_parse(version, out, why);
}

static int
header_line(char *line, struct http_head *out, const char **why)
{
	char *colon = strchr(line, ':');
	char *value;
	size_t n;

	*why = "a header line is malformed";
	if (!colon)
		return 400;
	*colon = '\0';
	if (!http_token(line)) /* also a folded line and "Name :" */
		return 400;
	value = colon + 1;
	while (blank(*value))
		value++;
	n = strlen(value);
	while (n && blank(value[n - 1]))
		value[--n] = '\0';
	if (!http_value(value))
		return 400;
	if (out->headers == HTTP_HEADERS_MAX) {
		*why = "too many header lines";
		return 431;
	}
	out->header[out->headers++] = (struct http_header){ line, value };
	return 0;
}

static int
length_parse(const char *s, int64_t *out)
{
	size_t n = strlen(s);

	*out = 0;
	if (n == 0 || n > LENGTH_DIGITS_MAX)
		return -1;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		*out = *out * 10 + (*s - '0');
	}
	return 0;
}

static size_t
header_count(const struct http_head *h, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < h->headers; i++)
		n += str_iequal(h->header[i].name, name);
	return n;
}

/* One way, and only one, to know where the body ends. */
static int
framing(struct http_head *h, const char **why)
{
	size_t lengths = header_count(h, "Content-Length");
	size_t codings = header_count(h, "Transfer-Encoding");
	size_t hosts = header_count(h, "Host");
	const char *coding, *length;

	h->length = -1;
	coding = http_header_find(h->header, h->headers, "Transfer-Encoding");
	length = http_header_find(h->header, h->headers, "Content-Length");
	*why = "the Host header must be there once";
	if (hosts > 1 || (h->minor == 1 && hosts == 0))
		return 400;
	*why = "the length of the message is ambiguous";
	if (lengths > 1 || codings > 1 || (lengths && codings))
		return 400;
	if (length && length_parse(length, &h->length))
		return 400;
	if (coding && h->minor == 0)
		return 400;
	if (coding && !str_iequal(coding, "chunked")) {
		*why = "the transfer coding is not supported";
		return 501;
	}
	h->chunked = coding != NULL;
	return 0;
}

int
http_head_parse(char *p, size_t n, struct http_head *out, const char **why)
{
	size_t skip = leading_lines(p, n);
	struct cursor c = { p + skip, p + n };
	char *line = line_take(&c);
	int status;

	out->headers = 0;
	out->chunked = false;
	out->length = -1;
	*why = "the request line is malformed";
	if (!line)
		return 400;
	status = request_line(line, out, why);
	if (status)
		return status;
	while ((line = line_take(&c)) && *line) {
		status = header_line(line, out, why);
		if (status)
			return status;
	}
	*why = "the head is not complete";
	if (!line)
		return 400;
	return framing(out, why);
}
