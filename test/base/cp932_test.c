/* SPDX-License-Identifier: MIT */
/*
 * CP932 both ways: the extensions of NEC and IBM, half-width kana, what it
 * does not have, bytes that are none.
 */
#include "cp932.h"

#include <string.h>

#include "tap.h"

static void
to_cp932(const char *s, const char *want, size_t n, int64_t lost)
{
	struct cp932_report r = { 0 };
	struct buf b;

	buf_init(&b, 1000);
	cp932_write(&b, s, strlen(s), &r, 1, "x");
	is_bytes(b.data, b.len, want, n);
	is_int(r.count, lost);
	buf_done(&b);
}

static void
to_utf8(const char *bytes, const char *want)
{
	struct buf b;
	bool good;

	buf_init(&b, 1000);
	good = cp932_read(&b, bytes, strlen(bytes));
	is_int(good, !!want);
	if (want)
		is_str(b.data, want);
	buf_done(&b);
}

static void
test_all_codes(void)
{
	int same = 0;

	for (uint32_t c = 0x80; c < 0x10000; c++) {
		struct cp932_report r = { 0 };
		uint8_t code[2];
		size_t n = cp932_of(c, code), used = 0;
		struct buf b, back;

		if (!n)
			continue;
		buf_init(&b, 10);
		buf_init(&back, 10);
		used = cp932_read(&b, code, n);
		cp932_write(&back, b.data, b.len, &r, 0, NULL);
		same += used && back.len == n && !memcmp(back.data, code, n);
		buf_done(&b);
		buf_done(&back);
	}
	ok_m(same > 9200, "%d characters there and back", same);
}

int
main(void)
{
	struct cp932_report r = { 0 };
	struct buf b;

	to_cp932("a髙﨑①㈱ｱ～−",
		"a\xfb\xfc\xfa\xb1\x87\x40\x87\x8a\xb1\x81\x60\x81\x7c", 14, 0);
	to_cp932("𠮷野", "\x81\xac\x96\xec", 4, 1);
	to_cp932("葛󠄀", "\x8a\x8b", 2, 1);
	to_cp932("", "", 0, 0);
	to_utf8("\xfb\xfc\xee\xe0", "髙髙");
	to_utf8("\x87\x90\x81\xe0", "≒≒");
	to_utf8("\xb1\xb6\xde", "ｱｶﾞ");
	to_utf8("\x81", NULL);
	to_utf8("\xfd\xfe", NULL);
	to_utf8("\x81\x20", NULL);
	test_all_codes();
	buf_init(&b, 1000);
	for (int i = 0; i < 30; i++)
		cp932_write(&b, "𠮷", 4, &r, i, "name");
	is_int(r.count, 30);
	is_int((long long)r.told, CP932_TOLD);
	is_int(r.lost[19].row, 19);
	is_int(r.lost[0].c, 0x20bb7);
	buf_done(&b);
	return tap_done();
}
