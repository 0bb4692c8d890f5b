/* SPDX-License-Identifier: MIT */
/* Forms, cookies, and values that would like to be HTML. */
#include "form.h"

#include <string.h>

#include "err.h"
#include "html.h"
#include "mem.h"
#include "tap.h"

static struct arena *a;

static void
forms(void)
{
	struct form f;
	const char *all[4];
	char many[FORM_FIELDS_MAX * 2 + 3];

	ok(form_read(a, bytes_str("a=1&b=%E3%81%82+x&c&a=2&=&"), &f, NULL) ==
		0);
	is_int((long long)f.n, 5);
	is_str(form_get(&f, "b"), "\xe3\x81\x82 x");
	is_str(form_get(&f, "c"), "");
	ok(!form_get(&f, "a")); /* twice */
	ok(!form_get(&f, "d"));
	is_int((long long)form_all(&f, "a", all, 4), 2);
	is_str(all[1], "2");
	is_int((long long)form_all(&f, "a", all, 1), 1);
	ok(form_read(a, bytes_str(""), &f, NULL) == 0);
	is_int((long long)f.n, 0);
	ok(form_read(a, bytes_str("a=%ff"), &f, NULL) != 0);
	ok(form_read(a, bytes_str("a=%0"), &f, NULL) != 0);
	ok(form_read(a, bytes_str("a=%00b"), &f, NULL) != 0);
	ok(form_read(a, bytes_str("a=%1b"), &f, NULL) != 0);
	ok(form_read(a, bytes_str("a=%0D%0Ab"), &f, NULL) == 0);
	memset(many, '&', sizeof(many));
	ok(form_read(a, bytes_of(many, FORM_FIELDS_MAX), &f, NULL) == 0);
	ok(form_read(a, bytes_of(many, sizeof(many)), &f, NULL) != 0);
}

static void
cookies(void)
{
	is_str(cookie_get(a, "a=1; __Host-v=abc; b=2", "__Host-v"), "abc");
	is_str(cookie_get(a, "__Host-v=abc ", "__Host-v"), "abc");
	is_str(cookie_get(a, "x__Host-v=no;__Host-v=a=b", "__Host-v"), "a=b");
	ok(!cookie_get(a, "__Host-v=one; __Host-v=two", "__Host-v"));
	ok(!cookie_get(a, "__Host-vv=one", "__Host-v"));
	ok(!cookie_get(a, ";;;", "__Host-v"));
	ok(!cookie_get(a, NULL, "__Host-v"));
	is_str(cookie_get(a, "v=", "v"), "");
}

static void
pages(void)
{
	struct buf b;

	buf_init(&b, 10000);
	html_put(&b, "<p title=\"%s\">%s %d%% %zu %lld</p>", "\" onclick='",
		"<script>&", 5, (size_t)6, 7LL);
	is_str(b.data, "<p title=\"&quot; onclick=&#39;\">&lt;script&gt;&amp; "
		       "5% 6 7</p>");
	buf_reset(&b);
	html_put(&b, "[%s]", form_get(&(struct form){ NULL, 0 }, "x"));
	html_lines(&b, "a<\nb");
	is_str(b.data, "[]a&lt;<br>b");
	buf_reset(&b);
	html_link(&b, "https://x/?a=1&b=\"", "<x>");
	is_str(b.data, "<a href=\"https://x/?a=1&amp;b=&quot;\" "
		       "rel=\"noreferrer external\">&lt;x&gt;</a>");
	buf_reset(&b);
	html_link(&b, "javascript:alert(1)", "x");
	html_link(&b, NULL, "y");
	html_link(&b, "http://x", "z");
	is_str(b.data, "xyz");
	buf_done(&b);
}

int
main(void)
{
	a = arena_new();
	forms();
	cookies();
	pages();
	arena_free(&a);
	return tap_done();
}
