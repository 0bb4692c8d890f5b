/* SPDX-License-Identifier: MIT */
/*
 * Latencies as counts per bucket: two to three buckets per doubling, so that a
 * percentile is right to within a fifth. Plain values; stored as pairs of
 * variable-length numbers, a few bytes for a few calls.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum { HISTOGRAM_BUCKETS = 28, HISTOGRAM_BYTES = 28 * 11 };

struct histogram {
	int64_t count[HISTOGRAM_BUCKETS];
};
/* Upper end of a bucket in ms, inclusive; that of the last is INT64_MAX. */
int64_t histogram_bound(size_t bucket);
void histogram_add(struct histogram *h, int64_t ms);
void histogram_merge(struct histogram *h, const struct histogram *from);
/* The latency that this share (0 to 1) of the calls did not exceed; linear
   within its bucket, `most` ends the last one. 0 without calls. */
double histogram_quantile(
	const struct histogram *h, double share, int64_t most);
/* How many bytes of `out` it took. */
size_t histogram_pack(const struct histogram *h, uint8_t out[HISTOGRAM_BYTES]);
/* Adds what is stored; what cannot be read is left out. */
void histogram_unpack(struct histogram *h, struct bytes stored);
