/* SPDX-License-Identifier: MIT */
/*
 * Members of an object: read leniently (json_str ...), demanded (json_need_...)
 * or checked when present (json_opt_...).
 */
#include <inttypes.h>
#include <jansson.h>

#include "err.h"
#include "json_io.h"
#include "text.h"

const char *
json_str(const json_t *obj, const char *key)
{
	return json_string_value(json_object_get(obj, key));
}

int64_t
json_int(const json_t *obj, const char *key, int64_t absent)
{
	const json_t *v = json_object_get(obj, key);

	return json_is_integer(v) ? json_integer_value(v) : absent;
}

bool
json_bool(const json_t *obj, const char *key, bool absent)
{
	const json_t *v = json_object_get(obj, key);

	return json_is_boolean(v) ? json_is_true(v) : absent;
}

json_t *
json_list(const json_t *obj, const char *key)
{
	json_t *v = json_object_get(obj, key);

	return json_is_array(v) ? v : NULL;
}

json_t *
json_sub(const json_t *obj, const char *key)
{
	json_t *v = json_object_get(obj, key);

	return json_is_object(v) ? v : NULL;
}

bool
json_list_has(const json_t *list, const char *text)
{
	json_t *v;
	size_t i;

	json_each(v, i, list)
		if (str_equal(json_string_value(v), text))
			return true;
	return false;
}

static int
str_check(const json_t *v, const char *key, size_t max, const char **out,
	struct err *e)
{
	if (!json_is_string(v))
		return fail(e, FAULT_BAD_REQUEST, "'%s' must be a text", key);
	if (json_string_length(v) > max)
		return fail(e, FAULT_BAD_REQUEST,
			"'%s' is longer than %zu bytes", key, max);
	*out = json_string_value(v);
	return 0;
}

static int
int_check(const json_t *v, const char *key, int64_t lo, int64_t hi,
	int64_t *out, struct err *e)
{
	if (!json_is_integer(v) || json_integer_value(v) < lo ||
		json_integer_value(v) > hi)
		return fail(e, FAULT_BAD_REQUEST,
			"'%s' must be a whole number from %" PRId64
			" to %" PRId64,
			key, lo, hi);
	*out = json_integer_value(v);
	return 0;
}

static int
bool_check(const json_t *v, const char *key, bool *out, struct err *e)
{
	if (!json_is_boolean(v))
		return fail(e, FAULT_BAD_REQUEST, "'%s' must be true or false",
			key);
	*out = json_is_true(v);
	return 0;
}

static bool
is_absent(const json_t *v)
{
	return !v || json_is_null(v);
}

static bool
is_empty(const json_t *v)
{
	return is_absent(v) || (json_is_string(v) && !json_string_length(v));
}

static int missing(const char *key, struct err *e) __attribute__((cold));

static int
missing(const char *key, struct err *e)
{
	return fail(e, FAULT_BAD_REQUEST, "'%s' is missing", key);
}

int
json_need_str(const json_t *obj, const char *key, size_t max, const char **out,
	struct err *e)
{
	const json_t *v = json_object_get(obj, key);

	return is_empty(v) ? missing(key, e) : str_check(v, key, max, out, e);
}

int
json_need_int(const json_t *obj, const char *key, int64_t lo, int64_t hi,
	int64_t *out, struct err *e)
{
	const json_t *v = json_object_get(obj, key);

	return is_absent(v) ? missing(key, e)
			    : int_check(v, key, lo, hi, out, e);
}

int
json_need_bool(const json_t *obj, const char *key, bool *out, struct err *e)
{
	const json_t *v = json_object_get(obj, key);

	return is_absent(v) ? missing(key, e) : bool_check(v, key, out, e);
}

int
json_need_list(const json_t *obj, const char *key, size_t max, json_t **out,
	struct err *e)
{
	json_t *v = json_object_get(obj, key);

	if (is_absent(v))
		return missing(key, e);
	if (!json_is_array(v))
		return fail(e, FAULT_BAD_REQUEST, "'%s' must be a list", key);
	if (json_array_size(v) > max)
		return fail(e, FAULT_BAD_REQUEST,
			"'%s' has more than %zu items", key, max);
	*out = v;
	return 0;
}

int
json_need_sub(const json_t *obj, const char *key, json_t **out, struct err *e)
{
	json_t *v = json_object_get(obj, key);

	if (is_absent(v))
		return missing(key, e);
	if (!json_is_object(v))
		return fail(
			e, FAULT_BAD_REQUEST, "'%s' must be an object", key);
	*out = v;
	return 0;
}

int
json_opt_str(const json_t *obj, const char *key, size_t max, const char **out,
	struct err *e)
{
	const json_t *v = json_object_get(obj, key);

	return is_empty(v) ? 0 : str_check(v, key, max, out, e);
}

int
json_opt_int(const json_t *obj, const char *key, int64_t lo, int64_t hi,
	int64_t *out, struct err *e)
{
	const json_t *v = json_object_get(obj, key);

	return is_empty(v) ? 0 : int_check(v, key, lo, hi, out, e);
}

int
json_opt_bool(const json_t *obj, const char *key, bool *out, struct err *e)
{
	const json_t *v = json_object_get(obj, key);

	return is_empty(v) ? 0 : bool_check(v, key, out, e);
}
