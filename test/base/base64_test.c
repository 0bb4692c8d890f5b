/* SPDX-License-Identifier: MIT */
/*
 * Tests of base64 (RFC 4648 section 10) and hexadecimal.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

static void
test_rfc_vectors(struct arena *a)
{
	static const struct {
		const char *plain, *coded;
	} row[] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
	};
	struct bytes out;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t n = strlen(row[i].plain);

		is_str(base64_encode(a, row[i].plain, n), row[i].coded);
		is_int(base64_decode(a, row[i].coded, strlen(row[i].coded),
			       &out, NULL),
			0);
		is_bytes(out.data, out.len, row[i].plain, n);
	}
}

static void
test_every_length(struct arena *a)
{
	uint8_t data[1000];
	struct bytes out;
	size_t n;
	int bad = 0;

	random_bytes(data, sizeof(data));
	for (n = 0; n <= sizeof(data); n++) {
		char *text = base64_encode(a, data, n);
		struct buf b;

		buf_init(&b, 2000);
		buf_base64(&b, data, n);
		bad += strcmp(b.data, text) != 0;
		buf_done(&b);
		bad += base64_decode(a, text, strlen(text), &out, NULL) != 0 ||
		       out.len != n || memcmp(out.data, data, n) != 0;
	}
	is_int(bad, 0);
}

static void
test_strict(struct arena *a)
{
	static const char *const good[] = { "Zm\r\n9v\t Yg = =", " ",
		"\r\nZg==\r\n" };
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zg===", "Zm9",
		"Zm9v=", "=", "====", "Zg==Zg==", "Zm9v!", "Zm-v", "Zm_v",
		"Zh==", "Zm9=", "Z=g=", "Zm9v\v" };
	struct bytes out;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		is_int(base64_decode(a, good[i], strlen(good[i]), &out, NULL),
			0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = ERR_INIT;

		ok_m(base64_decode(a, bad[i], strlen(bad[i]), &out, &e) == -1 &&
				e.fault == FAULT_BAD_REQUEST && !out.data,
			"refused: '%s'", bad[i]);
	}
	is_int(base64_decode(a, "Zm\0v", 4, &out, NULL), -1);
}

static void
test_hex(struct arena *a)
{
	struct bytes out;

	is_str(hex_encode(a, "\x00\xff\x1a", 3), "00ff1a");
	is_str(hex_encode(a, "", 0), "");
	is_int(hex_decode(a, "00fF1A", &out, NULL), 0);
	is_bytes(out.data, out.len, "\x00\xff\x1a", 3);
	is_int(hex_decode(a, "", &out, NULL), 0);
	is_int((long long)out.len, 0);
	is_int(hex_decode(a, "0", &out, NULL), -1);
	is_int(hex_decode(a, "0g", &out, NULL), -1);
	is_int(hex_decode(a, " 1", &out, NULL), -1);
}

int
main(void)
{
	struct arena *a = arena_new();

	test_rfc_vectors(a);
	test_every_length(a);
	test_strict(a);
	test_hex(a);
	arena_free(&a);
	return tap_done();
}
