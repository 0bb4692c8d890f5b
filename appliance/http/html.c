/* SPDX-License-Identifier: MIT */
/* HTML whose values cannot be anything but text; see html.h. */
#include "html.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "text.h"

static const char *
value(struct buf *b, const char *p, va_list *ap)
{
	const char *s;

	switch (*p) {
	case 's':
		s = va_arg(*ap, const char *);
		buf_xml(b, s ? s : "");
		return p + 1;
	case 'd': buf_fmt(b, "%d", va_arg(*ap, int)); return p + 1;
	case '%': buf_char(b, '%'); return p + 1;
	default: break;
	}
	if (str_prefix(p, "zu")) {
		buf_fmt(b, "%zu", va_arg(*ap, size_t));
		return p + 2;
	}
	assert(str_prefix(p, "lld"));
	buf_fmt(b, "%lld", va_arg(*ap, long long));
	return p + 3;
}

void
html_put(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	while (*fmt) {
		size_t n = strcspn(fmt, "%");

		buf_add(b, fmt, n);
		fmt += n;
		if (*fmt)
			fmt = value(b, fmt + 1, &ap);
	}
	va_end(ap);
}

void
html_lines(struct buf *b, const char *text)
{
	while (text && *text) {
		size_t n = strcspn(text, "\n");

		buf_xml_n(b, text, n);
		text += n;
		if (*text) {
			buf_str(b, "<br>");
			text++;
		}
	}
}

void
html_link(struct buf *b, const char *url, const char *text)
{
	if (url && str_prefix(url, "https://"))
		html_put(b, "<a href=\"%s\" rel=\"noreferrer external\">%s</a>",
			url, text);
	else
		html_put(b, "%s", text);
}
