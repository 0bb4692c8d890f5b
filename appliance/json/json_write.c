/* SPDX-License-Identifier: MIT */
/*
 * Building values and writing them into a buffer.
 */
#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "json_io.h"
#include "mem.h"
#include "text.h"

/* Each byte that is not part of UTF-8 becomes U+FFFD. */
static json_t *
text_repair(const char *s)
{
	size_t n = strlen(s);
	struct buf b;
	json_t *j;

	buf_init(&b, n * 3);
	while (n > 0) {
		size_t used = 1;

		while (used < n && used < 4 && !utf8_valid(s, used))
			used++;
		if (utf8_valid(s, used)) {
			buf_add(&b, s, used);
		} else {
			buf_str(&b, "\xef\xbf\xbd");
			used = 1;
		}
		s += used;
		n -= used;
	}
	j = json_string(b.data);
	buf_done(&b);
	return j;
}

json_t *
json_text_new(const char *s)
{
	json_t *j;

	if (!s)
		return json_null();
	j = utf8_valid(s, strlen(s)) ? json_string(s) : text_repair(s);
	assert(j);
	return j;
}

void
json_put_new(json_t *obj, const char *key, json_t *j)
{
	int done = json_object_set_new(obj, key, j);

	assert(done == 0);
	(void)done;
}

void
json_put_str(json_t *obj, const char *key, const char *s)
{
	json_put_new(obj, key, json_text_new(s));
}

void
json_put_from(
	json_t *obj, const char *key, const json_t *from, const char *name)
{
	json_t *v = json_object_get(from, name);

	if (v && !json_is_null(v))
		json_put_new(obj, key, json_incref(v));
}

void
json_drop_nulls(json_t *j)
{
	const char *key;
	json_t *v;
	void *next;
	size_t i;

	json_each(v, i, j)
		json_drop_nulls(v);
	json_object_foreach_safe(j, next, key, v)
	{
		if (json_is_null(v))
			json_object_del(j, key);
		else
			json_drop_nulls(v);
	}
}

void
json_put_int(json_t *obj, const char *key, int64_t v)
{
	json_put_new(obj, key, json_integer(v));
}

void
json_put_bool(json_t *obj, const char *key, bool v)
{
	json_put_new(obj, key, json_boolean(v));
}

static int
write_part(const char *text, size_t n, void *buf)
{
	buf_add(buf, text, n);
	return 0;
}

void
json_write(struct buf *b, const json_t *j, enum json_style style)
{
	static const size_t flags[] = {
		[JSON_PLAIN] = JSON_COMPACT | JSON_ENCODE_ANY,
		[JSON_SORTED] = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY,
		[JSON_PRETTY] = JSON_INDENT(2) | JSON_ENCODE_ANY,
	};
	int done = json_dump_callback(j, write_part, b, flags[style]);

	assert(done == 0);
	(void)done;
}
