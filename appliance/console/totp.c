/* SPDX-License-Identifier: MIT */
/* One-time codes of a device that shows them: RFC 6238, and its base32. */
#include "account_int.h"

#include <string.h>

#include "digest.h"
#include "err.h"
#include "mem.h"
#include "text.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
enum { BASE32_BITS = 5, BASE32_MAX = 1024, COUNTER = 8 };

uint32_t
totp_value(struct bytes seed, int64_t step, int digits)
{
	uint8_t counter[COUNTER];
	uint32_t n, modulus = 1;
	struct digest d;
	size_t at;

	for (size_t i = 0; i < COUNTER; i++)
		counter[i] = (uint8_t)((uint64_t)step >> 8 * (COUNTER - 1 - i));
	digest_mac(DIGEST_SHA1, seed, bytes_of(counter, COUNTER), &d);
	at = d.value[d.len - 1] & 0xf; /* RFC 4226 5.3 */
	n = (uint32_t)(d.value[at] & 0x7f) << 24 |
	    (uint32_t)d.value[at + 1] << 16 | (uint32_t)d.value[at + 2] << 8 |
	    d.value[at + 3];
	mem_wipe(&d, sizeof(d));
	while (digits--)
		modulus *= 10;
	return n % modulus;
}

int64_t
totp_match(struct bytes seed, const char *code, int64_t seconds, int64_t after)
{
	int64_t given, now = seconds / TOTP_SECONDS, found = 0;

	if (strlen(code) != TOTP_DIGITS ||
		strspn(code, "0123456789") != TOTP_DIGITS ||
		int_parse(code + strspn(code, "0") -
				  (code[strspn(code, "0")] == '\0'),
			0, INT32_MAX, &given, NULL))
		return 0;
	for (int64_t step = now - 1; step <= now + 1; step++) {
		bool same =
			totp_value(seed, step, TOTP_DIGITS) == (uint32_t)given;

		if (same && step > after)
			found = step;
	}
	return found;
}

char *
base32_encode(struct arena *a, struct bytes b)
{
	char *out =
		arena_alloc(a, (b.len * 8 + BASE32_BITS - 1) / BASE32_BITS + 1);
	size_t n = 0;
	uint32_t held = 0;
	int bits = 0;

	for (size_t i = 0; i < b.len; i++) {
		held = held << 8 | b.data[i];
		for (bits += 8; bits >= BASE32_BITS; bits -= BASE32_BITS)
			out[n++] = letters[held >> (bits - BASE32_BITS) & 31];
	}
	if (bits)
		out[n++] = letters[held << (BASE32_BITS - bits) & 31];
	out[n] = '\0';
	return out;
}

int
base32_decode(
	struct arena *a, const char *text, struct bytes *out, struct err *e)
{
	size_t len = strlen(text), n = 0;
	uint8_t *data;
	uint32_t held = 0;
	int bits = 0;

	if (len > BASE32_MAX)
		return fail(e, FAULT_TOO_LARGE, "more than %d characters",
			BASE32_MAX);
	data = arena_alloc(a, len + 1);
	for (; *text; text++) {
		const char *at = strchr(letters, *text);

		if (!at)
			return fail(e, FAULT_BAD_REQUEST,
				"a character is not of base32");
		held = held << BASE32_BITS | (uint32_t)(at - letters);
		bits += BASE32_BITS;
		if (bits >= 8) {
			bits -= 8;
			data[n++] = (uint8_t)(held >> bits);
		}
	}
	*out = bytes_of(data, n);
	return 0;
}
