/* SPDX-License-Identifier: MIT */
/* What names and passwords of accounts may be. */
#include "account_int.h"

#include <ctype.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { DIFFERENT_MIN = 5, NAME_TELLS = 4, BYTE_VALUES = 256 };

/* Basic authentication ends names at a colon; the audit calls API keys by
   this prefix. */
static bool
name_is_plain(const char *name)
{
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f || *p == ':')
			return false;
	return utf8_valid(name, strlen(name)) &&
	       !str_iprefix(name, "api-key-") && *name != ' ' &&
	       !str_suffix(name, " ");
}

int
policy_name(const char *name, struct err *e)
{
	if (!*name || strlen(name) >= CALLER_NAME_MAX)
		return fail(e, FAULT_BAD_REQUEST,
			"an account name has 1 to %d bytes",
			CALLER_NAME_MAX - 1);
	if (!name_is_plain(name))
		return fail(e, FAULT_BAD_REQUEST,
			"an account name has no colon, no control character "
			"and no space at its ends, and does not begin with "
			"api-key-");
	return 0;
}

static int64_t
characters(const char *s)
{
	int64_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* Few different characters: repetitions of something short. */
static bool
is_monotonous(const char *s)
{
	bool seen[BYTE_VALUES] = { false };
	int n = 0;

	for (; *s; s++) {
		n += !seen[(unsigned char)*s];
		seen[(unsigned char)*s] = true;
	}
	return n < DIFFERENT_MIN;
}

/* Every character follows the one before, or precedes it. */
static bool
is_row(const char *s)
{
	size_t n = strlen(s), up = 0, down = 0;

	for (size_t i = 1; i < n; i++) {
		up += s[i] == s[i - 1] + 1 || (s[i] == '0' && s[i - 1] == '9');
		down += s[i] == s[i - 1] - 1 ||
			(s[i] == '9' && s[i - 1] == '0');
	}
	return up + 1 == n || down + 1 == n;
}

/* What is tried first, with other digits and signs around it. */
static bool
is_well_known(const char *lower)
{
	static const char *const words[] = { "password", "passw0rd", "p@ssw0rd",
		"p@ssword", "qwertyuiop", "qwerty", "1qaz2wsx", "zaq12wsx",
		"administrator", "admin", "letmein", "welcome", "iloveyou",
		"changeme", "sunshine", "dragon", "monkey", "machilink",
		"xroad", "secret", "pasuwaado", "sakura", "himitsu", "kanrisha",
		"yakuba", "shiyakusho", "test", "user", "root", "default",
		"abc123", NULL };
	size_t n = strlen(lower);

	for (const char *const *w = words; *w; w++) {
		const char *at = strstr(lower, *w);
		size_t other = 0, len = strlen(*w);

		if (!at)
			continue;
		for (size_t i = 0; i < n; i++)
			if ((size_t)(at - lower) > i ||
				i >= (size_t)(at - lower) + len)
				other += isalpha((unsigned char)lower[i]) ||
					 (unsigned char)lower[i] >= 0x80;
		if (!other)
			return true;
	}
	return false;
}

int
policy_password(
	const char *name, const char *password, int64_t shortest, struct err *e)
{
	char lower[PASSWORD_LONGEST + 1], own[CALLER_NAME_MAX];
	const char *why = NULL;

	if (characters(password) < shortest)
		return fail(e, FAULT_PASSWORD_WEAK,
			"a password has at least %lld characters",
			(long long)shortest);
	if (strlen(password) > PASSWORD_LONGEST || strlen(name) >= sizeof(own))
		return fail(e, FAULT_PASSWORD_WEAK,
			"a password has at most %d bytes", PASSWORD_LONGEST);
	memcpy(lower, password, strlen(password) + 1);
	str_lower(lower);
	memcpy(own, name, strlen(name) + 1);
	str_lower(own);
	if (strlen(own) >= NAME_TELLS && strstr(lower, own))
		why = "contains the name of the account";
	else if (is_monotonous(lower) || is_row(lower))
		why = "repeats few characters or is a row of them";
	else if (is_well_known(lower))
		why = "is one that attackers try first";
	mem_wipe(lower, sizeof(lower));
	return why ? fail(e, FAULT_PASSWORD_WEAK,
			     "the password %s; choose several words that do "
			     "not belong together",
			     why)
		   : 0;
}

json_t *
policy_json(const struct conf *c)
{
	json_t *j = json_object();

	json_put_int(j, "min_length", conf_int(c, P_PASSWORD_MIN));
	json_put_int(j, "max_length", PASSWORD_LONGEST);
	return j;
}
