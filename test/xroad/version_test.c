/* SPDX-License-Identifier: MIT */
/* Versions: which are any, and which is larger (semver.org 2.0.0, 11). */
#include "version.h"

#include "tap.h"

static void
test_valid(void)
{
	static const char *const good[] = { "7.8.0", "0.0.0", "10.20.30",
		"7.8.0-SNAPSHOT", "7.8.0-rc.1", "7.8.0+20260204", "7.8.0-a+b.1",
		"99999999999999999999.0.0", "7.8.0--" };
	static const char *const bad[] = { "", "7", "7.8", "7.8.", "7.8.0.1",
		"07.8.0", "7.8.0-", "7.8.0-01", "7.8.0+", "7.8.0 ", " 7.8.0",
		"v7.8.0", "unknown", "7.8.0-a..b", "-1.0.0", "7.8.x" };

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ok_m(version_valid(good[i]), "good: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok_m(!version_valid(bad[i]), "bad: %s", bad[i]);
}

/* In rising order. */
static void
test_order(void)
{
	static const char *const v[] = { "6.26.3", "7.5.1", "7.6.0-1",
		"7.6.0-2", "7.6.0-10", "7.6.0-SNAPSHOT", "7.6.0-SNAPSHOT.1",
		"7.6.0-a", "7.6.0-a.b", "7.6.0-ab", "7.6.0", "7.8.0", "7.10.0",
		"10.0.0", "100000000000000000000.0.0" };
	size_t n = sizeof(v) / sizeof(*v);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			int c = version_compare(v[i], v[k]);
			ok_m((c > 0) - (c < 0) == (i > k) - (i < k),
				"%s against %s", v[i], v[k]);
		}
	is_int(version_compare("7.8.0+a", "7.8.0+b"), 0);
	is_int(version_compare("7.8.0-x+a", "7.8.0-x"), 0);
}

int
main(void)
{
	test_valid();
	test_order();
	return tap_done();
}
