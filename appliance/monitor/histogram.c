/* SPDX-License-Identifier: MIT */
/* Latencies as counts per bucket, and their short form in the database. */
#include "histogram.h"

static const int64_t bound[HISTOGRAM_BUCKETS] = { 1, 2, 3, 5, 7, 10, 15, 20, 30,
	40, 50, 70, 100, 150, 200, 300, 400, 500, 700, 1000, 1500, 2000, 3000,
	5000, 10000, 30000, 60000, INT64_MAX };

int64_t
histogram_bound(size_t bucket)
{
	return bound[bucket];
}

void
histogram_add(struct histogram *h, int64_t ms)
{
	size_t i = 0;

	while (ms > bound[i])
		i++;
	h->count[i]++;
}

void
histogram_merge(struct histogram *h, const struct histogram *from)
{
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		h->count[i] += from->count[i];
}

double
histogram_quantile(const struct histogram *h, double share, int64_t most)
{
	double low, high, wanted, before = 0, all = 0;
	size_t i = 0;

	for (size_t k = 0; k < HISTOGRAM_BUCKETS; k++)
		all += (double)h->count[k];
	if (all <= 0)
		return 0;
	wanted = share * all;
	while (i < HISTOGRAM_BUCKETS - 1 &&
		before + (double)h->count[i] < wanted)
		before += (double)h->count[i++];
	low = i ? (double)bound[i - 1] : 0;
	high = (double)(bound[i] < most ? bound[i] : most);
	if (high <= low || !h->count[i])
		return (double)most < low ? (double)most : low;
	return low + (high - low) * (wanted - before) / (double)h->count[i];
}

/* More calls than there can be in five years. */
#define COUNT_MASK UINT64_C(0xffffffffffff)

static size_t
put(uint8_t *out, uint64_t v)
{
	size_t n = 0;

	for (; v > 0x7f; v >>= 7)
		out[n++] = (uint8_t)(v | 0x80);
	out[n++] = (uint8_t)v;
	return n;
}

size_t
histogram_pack(const struct histogram *h, uint8_t out[HISTOGRAM_BYTES])
{
	size_t n = 0;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (h->count[i] <= 0)
			continue;
		out[n++] = (uint8_t)i;
		n += put(out + n, (uint64_t)h->count[i]);
	}
	return n;
}

void
histogram_unpack(struct histogram *h, struct bytes stored)
{
	size_t at = 0;

	while (at < stored.len) {
		size_t bucket = stored.data[at++];
		uint64_t v = 0;
		unsigned shift = 0;

		while (at < stored.len && stored.data[at] & 0x80 &&
			shift < 56) {
			v |= (uint64_t)(stored.data[at++] & 0x7f) << shift;
			shift += 7;
		}
		if (at >= stored.len || bucket >= HISTOGRAM_BUCKETS)
			return;
		v |= (uint64_t)(stored.data[at++] & 0x7f) << shift;
		v &= COUNT_MASK; /* whatever the file says, sums stay whole */
		h->count[bucket] += (int64_t)v;
	}
}
