/* SPDX-License-Identifier: MIT */
/* Buckets, percentiles, the stored form. */
#include "histogram.h"
#include "tap.h"

static void
quantiles(void)
{
	struct histogram h = { { 0 } };

	is_int((long long)histogram_quantile(&h, 0.5, 0), 0);
	for (int64_t i = 1; i <= 1000; i++)
		histogram_add(&h, i);
	for (int i = 1; i < 100; i++) {
		double q = histogram_quantile(&h, i / 100.0, 1000);

		if (q < i * 10 * 0.8 || q > i * 10 * 1.2)
			ok_m(false, "%d %%: %f", i, q);
	}
	is_int((long long)histogram_quantile(&h, 1, 1000), 1000);
	h = (struct histogram){ { 0 } };
	histogram_add(&h, 5000000); /* beyond the last bound */
	ok(histogram_quantile(&h, 0.5, 5000000) <= 5000000);
	histogram_add(&h, 0);
	ok(histogram_quantile(&h, 0.25, 5000000) <= 1);
}

static void
stored(void)
{
	static const uint8_t broken[] = { 3, 0x80, 0x80 };
	static const uint8_t foreign[] = { 200, 1, 1, 1 };
	struct histogram h = { { 0 } }, back = { { 0 } }, none = { { 0 } };
	uint8_t bytes[HISTOGRAM_BYTES];
	size_t n;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		h.count[i] = i % 3 ? (INT64_C(1) << 47) >> i : 0;
	n = histogram_pack(&h, bytes);
	ok(n <= sizeof(bytes));
	histogram_unpack(&back, bytes_of(bytes, n));
	is_bytes(&back, sizeof(back), &h, sizeof(h));
	for (size_t i = 0; i < n; i++) { /* cut anywhere: no harm */
		none = (struct histogram){ { 0 } };
		histogram_unpack(&none, bytes_of(bytes, i));
	}
	back = none = (struct histogram){ { 0 } };
	histogram_unpack(&back, bytes_of(broken, sizeof(broken)));
	histogram_unpack(&back, bytes_of(foreign, sizeof(foreign)));
	is_bytes(&back, sizeof(back), &none, sizeof(none));
}

int
main(void)
{
	quantiles();
	stored();
	return tap_done();
}
