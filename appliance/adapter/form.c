/* SPDX-License-Identifier: MIT */
/*
 * The forms of an answer: JSON as the Connector has it, XML, CSV. In CSV
 * (RFC 4180) null is nothing and an empty text is "".
 */
#include <stdlib.h>
#include <string.h>

#include "adapter_int.h"
#include "cp932.h"
#include "err.h"
#include "mem.h"
#include "text.h"

#define BOM    "\xef\xbb\xbf"
#define NS_XSI "http://www.w3.org/2001/XMLSchema-instance"

/* In the charset of the form. */
static void
put(struct rowout *o, const char *s, size_t n, const char *name)
{
	if (o->lost)
		cp932_write(o->out, s, n, o->lost, o->rows + 1, name);
	else
		buf_add(o->out, s, n);
}

static const struct field *
column(const struct rowout *o, size_t i)
{
	return &o->service->result[i];
}

/* ---- JSON ---- */

static void
json_begin(struct rowout *o)
{
	buf_str(o->out, "{\"rows\":[");
}

static void
json_cell(struct rowout *o, size_t i, const struct bytes *text)
{
	const struct field *f = column(o, i);

	if (i)
		buf_char(o->out, ',');
	buf_json(o->out, f->name);
	buf_char(o->out, ':');
	if (!text)
		buf_str(o->out, "null");
	else if (f->kind->plain || o->bare)
		buf_bytes(o->out, *text);
	else
		buf_json_n(o->out, (const char *)text->data, text->len);
}

static void
json_row(struct rowout *o, bool begins)
{
	if (begins && o->rows)
		buf_char(o->out, ',');
	buf_char(o->out, begins ? '{' : '}');
}

static void
json_end(struct rowout *o, const struct outcome *how)
{
	buf_char(o->out, ']');
	if (how->next)
		buf_fmt(o->out, ",\"next\":\"%s\"", how->next);
	else if (how->capped)
		buf_str(o->out, ",\"truncated\":true");
	if (how->write)
		buf_fmt(o->out, ",\"affected\":%lld", (long long)how->affected);
	buf_char(o->out, '}');
}

/* ---- XML ---- */

static void
soap_begin(struct rowout *o)
{
	buf_str(o->out, "<rows>");
}

static void
soap_cell(struct rowout *o, size_t i, const struct bytes *text)
{
	const char *name = column(o, i)->element;

	if (!text) {
		buf_fmt(o->out, "<%s xsi:nil=\"true\"/>", name);
		return;
	}
	buf_fmt(o->out, "<%s>", name);
	buf_xml_n(o->out, (const char *)text->data, text->len);
	buf_fmt(o->out, "</%s>", name);
}

static void
soap_row(struct rowout *o, bool begins)
{
	buf_str(o->out, begins ? "<row>" : "</row>");
}

static void
soap_end(struct rowout *o, const struct outcome *how)
{
	buf_str(o->out, "</rows>");
	if (how->next)
		buf_fmt(o->out, "<next>%s</next>", how->next);
	else if (how->capped)
		buf_str(o->out, "<truncated>true</truncated>");
	if (how->write)
		buf_fmt(o->out, "<affected>%lld</affected>",
			(long long)how->affected);
}

static void
xml_begin(struct rowout *o)
{
	buf_str(o->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<response xmlns:xsi=\"" NS_XSI "\">");
	soap_begin(o);
}

static void
xml_end(struct rowout *o, const struct outcome *how)
{
	soap_end(o, how);
	buf_str(o->out, "</response>\n");
}

/* ---- CSV ---- */

static void
csv_text(struct rowout *o, size_t i, const char *s, size_t n)
{
	if (i)
		buf_char(o->out, ',');
	if (n && strcspn(s, "\",\r\n") == n && *s != ' ' && s[n - 1] != ' ') {
		put(o, s, n, column(o, i)->name);
		return;
	}
	buf_char(o->out, '"');
	while (n) {
		const char *quote = memchr(s, '"', n);
		size_t len = quote ? (size_t)(quote - s) + 1 : n;

		put(o, s, len, column(o, i)->name);
		if (quote)
			buf_char(o->out, '"');
		s += len;
		n -= len;
	}
	buf_char(o->out, '"');
}

static void
csv_row(struct rowout *o, bool begins)
{
	if (!begins)
		buf_str(o->out, "\r\n");
}

static void
csv_begin(struct rowout *o)
{
	if (o->form->bom)
		buf_str(o->out, BOM);
	for (size_t i = 0; i < o->service->results; i++)
		csv_text(o, i, column(o, i)->name, strlen(column(o, i)->name));
	csv_row(o, false);
}

static void
csv_cell(struct rowout *o, size_t i, const struct bytes *text)
{
	if (text)
		csv_text(o, i, (const char *)text->data, text->len);
	else if (i)
		buf_char(o->out, ',');
}

static void
csv_end(struct rowout *o, const struct outcome *how)
{
	(void)o;
	(void)how;
}

const struct rowform rowform_soap = {
	.name = "soap",
	.type = "text/xml; charset=UTF-8",
	.begin = soap_begin,
	.cell = soap_cell,
	.row = soap_row,
	.end = soap_end,
};

#define CSV                                                          \
 .mute = true, .begin = csv_begin, .cell = csv_cell, .row = csv_row, \
 .end = csv_end

static const struct rowform forms[] = {
	{ .name = "json",
		.type = "application/json",
		.streams = true,
		.begin = json_begin,
		.cell = json_cell,
		.row = json_row,
		.end = json_end },
	{ .name = "csv",
		.type = "text/csv; charset=UTF-8; header=present",
		.streams = true,
		CSV },
	{ .name = "csv-bom",
		.type = "text/csv; charset=UTF-8; header=present",
		.charset = "utf-8-sig",
		.bom = true,
		.streams = true,
		CSV },
	{ .name = "csv-cp932",
		.type = "text/csv; charset=windows-31j; header=present",
		.charset = "windows-31j",
		.cp932 = true,
		CSV },
	{ .name = "xml",
		.type = "application/xml",
		.streams = true,
		.begin = xml_begin,
		.cell = soap_cell,
		.row = soap_row,
		.end = xml_end },
};

const struct rowform *
rowform_row(size_t i)
{
	return i < sizeof(forms) / sizeof(*forms) ? &forms[i] : NULL;
}

const struct rowform *
rowform_find(const char *name)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (str_equal(forms[i].name, name))
			return &forms[i];
	return NULL;
}
