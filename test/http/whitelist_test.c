/* SPDX-License-Identifier: MIT */
/* Networks as X-Road's whitelists have them: who is in, what is no network. */
#include <stdbool.h>

#include "err.h"
#include "mem.h"
#include "tap.h"
#include "whitelist.h"

static struct arena *a;

static bool
has(const char *list, const char *address)
{
	struct whitelist *w = NULL;
	struct err e = ERR_INIT;

	if (whitelist_read(a, list, &w, &e))
		return false;
	return whitelist_has(w, address);
}

int
main(void)
{
	static const char *const wrong[] = { "10.0.0", "10.0.0.0/33", "::/129",
		"10.0.0.0/-1", "10.0.0.0/", "localhost", "1.2.3.4 5.6.7.8",
		"/8", "10.0.0.0/8/8" };
	static const char keys[] = "127.0.0.0/8, ::1";
	static const char all[] = "0.0.0.0/0,::/0";

	a = arena_new();
	ok(has(keys, "127.0.0.1"));
	ok(has(keys, "127.255.255.255"));
	ok(has(keys, "::1"));
	ok(!has(keys, "126.255.255.255"));
	ok(!has(keys, "128.0.0.0"));
	ok(!has(keys, "::2"));
	ok(has(all, "203.0.113.9"));
	ok(has(all, "2001:db8::9"));
	ok(has("0.0.0.0/0", "::ffff:203.0.113.9"));
	ok(!has("0.0.0.0/0", "2001:db8::9"));
	ok(has(" 192.0.2.7 ,", "192.0.2.7"));
	ok(!has("192.0.2.7", "192.0.2.6"));
	ok(has("192.0.2.128/25", "192.0.2.129"));
	ok(!has("192.0.2.128/25", "192.0.2.127"));
	ok(has("2001:db8:1::/47", "2001:db8:0:ffff::1"));
	ok(!has("2001:db8:1::/47", "2001:db8:2::1"));
	ok(!has("", "127.0.0.1"));
	ok(!has(all, "?"));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct whitelist *w = NULL;
		struct err e = ERR_INIT;

		ok(whitelist_read(a, wrong[i], &w, &e) == -1);
		is_int(e.fault, FAULT_CONFIG);
	}
	arena_free(&a);
	return tap_done();
}
