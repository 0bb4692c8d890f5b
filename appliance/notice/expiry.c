/* SPDX-License-Identifier: MIT */
/* Thresholds of expiry; see expiry.h. */
#include "expiry.h"

#include <stddef.h>

static const int64_t day_ms = 86400000;

int64_t
expiry_days(int64_t not_after, int64_t now)
{
	return not_after <= now ? 0 : (not_after - now + day_ms - 1) / day_ms;
}

int
expiry_threshold(int64_t not_after, int64_t now)
{
	static const int days[] = { 1, 7, 14, 30, 60 };

	if (not_after <= now)
		return EXPIRY_PAST;
	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++)
		if (not_after - now <= days[i] * day_ms)
			return days[i];
	return EXPIRY_FAR;
}
