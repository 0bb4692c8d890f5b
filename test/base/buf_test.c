/* SPDX-License-Identifier: MIT */
/*
 * Tests of the byte buffer: ceiling, NULs, escaping.
 */
#include <string.h>

#include "buf.h"
#include "err.h"
#include "tap.h"

static void
test_building(void)
{
	struct buf b;
	int i;

	buf_init(&b, 100000);
	is_str(b.data, "");
	buf_str(&b, "one");
	buf_char(&b, ' ');
	buf_fmt(&b, "%d %s", 2, "three");
	buf_add(&b, "\0x", 2);
	buf_bytes(&b, bytes_of(NULL, 0));
	buf_int(&b, -70);
	is_bytes(b.data, b.len, "one 2 three\0x-70", 16);
	buf_cut(&b, 13);
	is_int(b.data[b.len], 0);
	buf_drop(&b, 4);
	is_bytes(b.data, b.len, "2 three\0x", 9);
	buf_cut(&b, 3);
	is_str(b.data, "2 t");
	buf_reset(&b);
	for (i = 0; i < 10000; i++)
		buf_fmt(&b, "%d,", i % 10);
	is_int((long long)b.len, 20000);
	is_int(b.data[19999], ',');
	ok(bytes_equal(bytes_of(b.data, 4), bytes_str("0,1,")));
	ok(!bytes_equal(bytes_str("a"), bytes_str("b")));
	ok(bytes_equal(bytes_str(NULL), bytes_of("", 0)));
	buf_done(&b);
	ok(b.data == NULL);
}

static void
test_ceiling(void)
{
	struct err e = ERR_INIT;
	struct buf b;

	buf_init(&b, 10);
	b.secret = true;
	buf_str(&b, "0123456789");
	is_int(buf_ok(&b, "it", &e), 0);
	buf_char(&b, 'x');
	buf_fmt(&b, "y");
	is_int((long long)b.len, 10);
	is_int(buf_ok(&b, "the answer", &e), -1);
	is_int(e.fault, FAULT_TOO_LARGE);
	is_str(e.text, "the answer is larger than 10 bytes");
	buf_reset(&b);
	is_int(buf_ok(&b, "it", NULL), 0);
	buf_fmt(&b, "%s", "0123456789a");
	ok(b.over);
	is_int((long long)b.len, 0);
	is_str(b.data, "");
	buf_reset(&b);
	buf_fmt(&b, "%s", "0123456789");
	is_int((long long)b.len, 10);
	ok(!b.over);
	buf_done(&b);
	buf_init(&b, 100000);
	b.secret = true;
	while (b.len < 5000)
		buf_str(&b, "secret");
	is_int((long long)strlen(b.data), (long long)b.len);
	buf_done(&b);
}

struct escape_row {
	const char *in;
	const char *xml;
	const char *json;
};

static const struct escape_row escape_row[] = {
	{ "", "", "\"\"" },
	{ "plain", "plain", "\"plain\"" },
	{ "a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;", "\"a<b>&\\\"'\"" },
	{ "\r\n\t", "&#13;\n\t", "\"\\r\\n\\t\"" },
	{ "\x01\x08\x0c\x7f", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\x7f",
		"\"\\u0001\\b\\f\\u007f\"" },
	{ "\xe6\x97\xa5", "\xe6\x97\xa5", "\"\xe6\x97\xa5\"" },
	{ "\xef\xbf\xbe", "\xef\xbf\xbd", "\"\xef\xbf\xbe\"" }, /* U+FFFE */
	{ "a\xff\xc0\xafz", "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz",
		"\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"" },
	{ "\xe6\x97", "\xef\xbf\xbd\xef\xbf\xbd",
		"\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\\", "\\", "\"\\\\\"" },
};

static void
test_escaping(void)
{
	size_t i;
	struct buf b;

	buf_init(&b, 1000);
	for (i = 0; i < sizeof(escape_row) / sizeof(escape_row[0]); i++) {
		buf_reset(&b);
		buf_xml(&b, escape_row[i].in);
		is_str(b.data, escape_row[i].xml);
		buf_reset(&b);
		buf_json(&b, escape_row[i].in);
		is_str(b.data, escape_row[i].json);
	}
	buf_reset(&b);
	buf_xml_n(&b, "a\0<", 3);
	is_str(b.data, "a\xef\xbf\xbd&lt;");
	buf_reset(&b);
	buf_base64(&b, "hello", 5);
	buf_char(&b, ' ');
	buf_hex(&b, "\x01\xfe", 2);
	is_str(b.data, "aGVsbG8= 01fe");
	buf_done(&b);
}

int
main(void)
{
	test_building();
	test_ceiling();
	test_escaping();
	return tap_done();
}
