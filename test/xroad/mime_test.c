/* SPDX-License-Identifier: MIT */
/* Tests of mime*.c: parameters, delimiters across every edge, limits. */
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "tap.h"
#include "text.h"
#include "transport.h"

#define TYPE "multipart/mixed; boundary=bb"

static void
test_values(struct arena *a)
{
	static const struct {
		const char *value, *name, *want;
	} row[] = {
		{ "a/b; boundary=x", "boundary", "x" },
		{ "a/b; Boundary=\"x;y\\\"z\"", "boundary", "x;y\"z" },
		{ "a/b;c=\"boundary=no\"; boundary = x ", "boundary", "x" },
		{ "a/b; xboundary=1", "boundary", NULL },
		{ "a/b; boundary", "boundary", NULL },
		{ "a/b; boundary=", "boundary", "" },
		{ "boundary=x", "boundary", NULL },
		{ "a/b; x='y'", "x", "'y'" },
		{ NULL, "x", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++)
		is_str(mime_param(a, row[i].value, row[i].name), row[i].want);
	is_str(mime_base(a, " Text/XML ; charset=x"), "text/xml");
	is_str(mime_base(a, NULL), "");
	is_str(mime_base(a, "text/xml"), "text/xml");
}

/* Parts as one line: "name=value,|body;". */
struct trace {
	struct buf b;
};

static int
on_begin(void *ctx, const struct mime_header *h, size_t n, struct err *e)
{
	struct trace *t = ctx;
	size_t i;

	(void)e;
	for (i = 0; i < n; i++)
		buf_fmt(&t->b, "%s=%s,", h[i].name, h[i].value);
	buf_char(&t->b, '|');
	return 0;
}

static int
on_data(void *ctx, const void *p, size_t n, struct err *e)
{
	struct trace *t = ctx;

	(void)e;
	buf_add(&t->b, p, n);
	return 0;
}

static int
on_end(void *ctx, struct err *e)
{
	struct trace *t = ctx;

	(void)e;
	buf_char(&t->b, ';');
	return 0;
}

static const struct mime_handler handler = { on_begin, on_data, on_end };

/* Feeds in pieces of `step` bytes. */
static int
run(const char *type, const char *text, size_t n, size_t step, struct trace *t,
	struct err *e)
{
	struct mime_reader *r;
	size_t i;
	int ret;

	buf_init(&t->b, 100000);
	if (mime_reader_new(&r, type, &handler, t, e) != 0)
		return -1;
	for (i = 0, ret = 0; i < n && ret == 0; i += step)
		ret = mime_feed(r, text + i, n - i < step ? n - i : step, e);
	if (ret == 0)
		ret = mime_end(r, e);
	mime_reader_free(&r);
	return ret;
}

static void
test_traces(void)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
	} row[] = {
		{ "--bb\r\na: b\r\n\r\nbody\r\n--bb--", "a=b,|body;" },
		{ "--bb\na: b\n\nbody\n--bb--\n", "a=b,|body;" },
		{ "pre\r\n--bb\r\n\r\nx\r\n--bb\r\n\r\ny\r\n--bb--epi",
			"|x;|y;" },
		{ "\r\n--bb\r\n\r\n\r\n--bb--", "|;" },
		{ "--bb\r\n\r\n--bb--", "|;" },
		{ "--bb\r\n\r\n\r\n\r\n--bb--", "|\r\n;" },
		{ "--bb\r\n\r\na\r\r\n--bb--", "|a\r;" },
		{ "--bb\r\n\r\na\r\n\n--bb--", "|a\r\n;" },
		{ "--bb\r\n\r\na--bb\r\n--bb--", "|a--bb;" },
		{ "--bb\r\n\r\na\r\n--bbc\r\n--bb--", "|a\r\n--bbc;" },
		{ "--bb\r\n\r\na\r\n--b\r\n--bb--", "|a\r\n--b;" },
		{ "--bb\r\n\r\na\r\n-\r\n--bb--", "|a\r\n-;" },
		{ "--bb\r\n\r\na\r\n--bb-\r\n--bb--", "|a\r\n--bb-;" },
		{ "--bb\r\n\r\na\r\n--bb -\r\n--bb--", "|a\r\n--bb -;" },
		{ "--bb\r\n\r\na\r\n--bb- -\r\n--bb--", "|a\r\n--bb- -;" },
		{ "--bb\r\n\r\na\r\n--bb \t\r\n\r\nb\r\n--bb--", "|a;|b;" },
		{ "--bb\r\na: b\r\n\tc\r\n d\r\n\r\nx\r\n--bb--",
			"a=b\tc d,|x;" },
		{ "--bb\r\na:b\r\n--bb\r\n\r\nx\r\n--bb--", "a=b,|;|x;" },
		{ "--bb\r\na:b\r\n--bb--\r\n", "a=b,|;" },
		{ "--bb--", "" },
		{ "", NULL },
		{ "--bb\r\n\r\nx", NULL },
		{ "--bb\r\n\r\nx\r\n--bb\r\n", NULL },
		{ "--bb\r\na: b\rc: d\r\n\r\nx\r\n--bb--", NULL },
		{ "--bb\r\nno colon\r\n\r\nx\r\n--bb--", NULL },
		{ "--bb\r\n: v\r\n\r\nx\r\n--bb--", NULL },
		{ "--bb\r\n folded\r\n\r\nx\r\n--bb--", NULL },
	};
	size_t i, step;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++)
		for (step = 1; step < 70; step += step < 8 ? 1 : 31) {
			struct trace t;
			struct err e = ERR_INIT;
			int r = run(TYPE, row[i].text, strlen(row[i].text),
				step, &t, &e);

			if (row[i].want)
				is_str(r == 0 ? t.b.data : e.text, row[i].want);
			else
				ok_m(r == -1 && e.fault == FAULT_MIME_PARSING,
					"refused: row %zu", i);
			buf_done(&t.b);
		}
}

static void
test_types(void)
{
	static const char *const bad[] = { "", "text/xml; boundary=x",
		"multipart/mixed", "multipart/mixed; boundary=",
		"multipart/mixed; boundary=\"a \"" };
	struct mime_reader *r;
	char longest[300];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err e = ERR_INIT;

		ok(mime_reader_new(&r, bad[i], &handler, NULL, &e) == -1);
		is_int(e.fault, FAULT_INVALID_CONTENT_TYPE);
	}
	ok(mime_reader_new(&r, NULL, &handler, NULL, NULL) == -1);
	snprintf(longest, sizeof(longest), "multipart/x;boundary=%0200d", 0);
	ok(mime_reader_new(&r, longest, &handler, NULL, NULL) == 0);
	mime_reader_free(&r);
	snprintf(longest, sizeof(longest), "multipart/x;boundary=%0201d", 0);
	ok(mime_reader_new(&r, longest, &handler, NULL, NULL) == -1);
}

/* Bodies full of near-delimiters of awkward lengths, in awkward pieces. */
static void
test_edges(void)
{
	static const size_t steps[] = { 1, 2, 3, 7, 4096, 8192, 100000 };
	static const char pattern[] = "\r\n--b\r\n--bbx-\r--\n--bb -\n";
	static char text[9000], body[9000];
	size_t n, s, i, ranges[2][2] = { { 4085, 4110 }, { 8175, 8205 } }, k;
	bool all = true;

	for (i = 0; i < sizeof(body); i++)
		body[i] = pattern[i % (sizeof(pattern) - 1)];
	for (k = 0; k < 2; k++)
		for (n = ranges[k][0]; n <= ranges[k][1]; n++)
			for (s = 0; s < sizeof(steps) / sizeof(*steps); s++) {
				struct trace t;
				size_t len = 0;

				memcpy(text, "--bb\r\n\r\n", 8);
				memcpy(text + 8, body, n);
				text[8 + n - 1] = 'z';
				memcpy(text + 8 + n, "\r\n--bb--\r\n", 10);
				len = 8 + n + 10;
				all = all &&
				      run(TYPE, text, len, steps[s], &t,
					      NULL) == 0 &&
				      t.b.len == n + 2 &&
				      memcmp(t.b.data + 1, text + 8, n) == 0;
				buf_done(&t.b);
			}
	ok(all);
}

static int
header_run(size_t line, size_t lines)
{
	struct buf b;
	struct trace t;
	size_t i;
	int r;

	buf_init(&b, 10000000);
	buf_str(&b, "--bb\r\n");
	for (i = 0; i < lines; i++)
		buf_fmt(&b, "a:%0*d\r\n", (int)line, 0);
	buf_str(&b, "\r\nx\r\n--bb--");
	r = run(TYPE, b.data, b.len, 1000, &t, NULL);
	buf_done(&t.b);
	buf_done(&b);
	return r;
}

static void
test_limits(void)
{
	struct buf b;
	struct trace t;
	struct err e = ERR_INIT;
	size_t i;

	ok(header_run(900, 1) == 0);
	ok(header_run(1100, 1) == -1);
	ok(header_run(900, 12) == -1);
	ok(header_run(1, 900) == 0);
	ok(header_run(1, 1001) == -1);
	buf_init(&b, 10000000);
	for (i = 0; i <= MIME_PARTS_MAX; i++)
		buf_str(&b, "--bb\r\n\r\n\r\n");
	buf_str(&b, "--bb--");
	ok(run(TYPE, b.data, b.len, b.len, &t, &e) == -1);
	is_int(e.fault, FAULT_LIMIT);
	buf_done(&t.b);
	buf_done(&b);
	ok(run(TYPE, "--bb\r\na:\0b\r\n\r\n\r\n--bb--", 25, 25, &t, &e) == -1);
	buf_done(&t.b);
}

static void
test_split(struct arena *a)
{
	struct mime_part *p;
	struct err e = ERR_INIT;
	const char *text =
		"--bb\r\nContent-Type: a\r\n\r\none\r\n--bb\r\n\r\n\r\n--bb--";
	size_t n;

	ok(mime_split(a, TYPE, bytes_str(text), 2, &p, &n, &e) == 0);
	is_int(n, 2);
	is_bytes(p[0].body.data, p[0].body.len, "one", 3);
	is_str(mime_part_header(&p[0], "content-type"), "a");
	ok(mime_part_header(&p[1], "content-type") == NULL);
	is_int(p[1].body.len, 0);
	ok(mime_split(a, TYPE, bytes_str(text), 1, &p, &n, &e) == -1);
	is_int(e.fault, FAULT_LIMIT);
	ok(mime_split(a, TYPE, bytes_str("--bb"), 1, &p, &n, NULL) == -1);
	ok(mime_split(a, "text/xml", bytes_str(text), 1, &p, &n, NULL) == -1);
}

int
main(void)
{
	struct arena *a = arena_new();

	test_values(a);
	test_traces();
	test_types();
	test_edges();
	test_limits();
	test_split(a);
	arena_free(&a);
	return tap_done();
}
