/* SPDX-License-Identifier: MIT */
/*
 * Linking information of message-log archives: made, read, verified. Rule:
 * interop/xroad-messages.md 4.6.
 */
#include "linking.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

static void
to_hex(const struct digest *d, char out[LINKING_HEX_MAX + 1])
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < d->len; i++) {
		out[2 * i] = digits[d->value[i] >> 4];
		out[2 * i + 1] = digits[d->value[i] & 15];
	}
	out[2 * i] = '\0';
}

void
linking_next(enum digest_alg alg, const char *previous, struct bytes container,
	char out[LINKING_HEX_MAX + 1])
{
	char own[LINKING_HEX_MAX + 1];
	struct hasher *h = hasher_new(alg);
	struct digest d;

	digest_of(alg, container.data, container.len, &d);
	to_hex(&d, own);
	hasher_add(h, previous, strlen(previous));
	hasher_add(h, own, strlen(own));
	hasher_done(&h, &d);
	to_hex(&d, out);
}

/* ---- writing ---- */

static bool
name_fits(const char *name)
{
	return *name && strlen(name) <= LINKING_NAME_MAX &&
	       !strpbrk(name, " \r\n");
}

void
linking_head(struct buf *out, const char *previous, const char *previous_file,
	enum digest_alg alg)
{
	assert(!*previous_file || name_fits(previous_file));
	buf_fmt(out, "%s %s %s\n", *previous ? previous : "-",
		*previous_file ? previous_file : "-", digest_jca(alg));
}

void
linking_line(struct buf *out, const char *digest, const char *name)
{
	assert(name_fits(name));
	buf_fmt(out, "%s %s\n", digest, name);
}

/* ---- reading ---- */

struct reader {
	struct arena *a;
	const char *at, *end;
	size_t line; /* from 1 */
};

static int
broken(const struct reader *r, const char *what, struct err *e)
{
	return fail(e, FAULT_INVALID_MESSAGE, LINKING_NAME ": line %zu: %s",
		r->line, what);
}

/* The next line without its end, cut at spaces into exactly n words; the last
   line may lack its LF. */
static int
read_words(struct reader *r, char **word, size_t n, struct err *e)
{
	const char *lf = memchr(r->at, '\n', (size_t)(r->end - r->at));
	const char *stop = lf ? lf : r->end;
	char *s = arena_strndup(r->a, r->at, (size_t)(stop - r->at));
	size_t len = (size_t)(stop - r->at);

	r->line++;
	r->at = lf ? lf + 1 : r->end;
	if (strlen(s) != len)
		return broken(r, "there is a zero byte in it", e);
	if (len && s[len - 1] == '\r')
		s[len - 1] = '\0';
	for (size_t i = 0; i < n; i++) {
		char *space = strchr(s, ' ');

		if (!*s || (i + 1 < n) != (space != NULL) || s == space)
			return broken(r,
				n == 2 ? "it is not a digest and a file name"
				       : "it is not the digest and the file "
					 "name of the previous archive and an "
					 "algorithm",
				e);
		word[i] = s;
		if (space) {
			*space = '\0';
			s = space + 1;
		}
	}
	return 0;
}

static int
check_digest(
	const struct reader *r, enum digest_alg alg, char *s, struct err *e)
{
	str_lower(s);
	if (strlen(s) != 2 * digest_size(alg) ||
		strspn(s, "0123456789abcdef") != strlen(s))
		return broken(r, "there is no digest of its algorithm", e);
	return 0;
}

static int
read_head(struct reader *r, struct linking *l, struct err *e)
{
	char *word[3];

	if (read_words(r, word, 3, e))
		return -1;
	l->alg = digest_by_jca(word[2]);
	if (l->alg == DIGEST_NONE || l->alg == DIGEST_SHA1)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			LINKING_NAME ": the algorithm %.40s is not supported",
			word[2]);
	if (str_equal(word[0], "-") != str_equal(word[1], "-"))
		return broken(r,
			"it names only one of the previous archive's digest "
			"and file",
			e);
	if (str_equal(word[0], "-")) {
		l->previous = l->previous_file = "";
		return 0;
	}
	l->previous = word[0];
	l->previous_file = word[1];
	if (strlen(word[1]) > LINKING_NAME_MAX)
		return broken(r, "the file name is too long", e);
	return check_digest(r, l->alg, word[0], e);
}

static size_t
count_lines(const char *p, const char *end)
{
	size_t n = 1;

	for (; (p = memchr(p, '\n', (size_t)(end - p))); p++)
		n++;
	return n;
}

int
linking_read(
	struct arena *a, struct bytes text, struct linking *out, struct err *e)
{
	const char *p = (const char *)text.data;
	struct reader r = { .a = a, .at = p, .end = p + text.len };
	struct linking_entry *entry;
	char *word[2];

	*out = (struct linking){ .n = 0 };
	if (text.len > LINKING_SIZE_MAX)
		return fail(e, FAULT_TOO_LARGE,
			LINKING_NAME " is larger than "
				     "is allowed");
	if (!text.len)
		return fail(e, FAULT_INVALID_MESSAGE, LINKING_NAME " is empty");
	if (read_head(&r, out, e))
		return -1;
	entry = arena_array(a, count_lines(r.at, r.end), sizeof(*entry));
	out->entry = entry;
	while (r.at < r.end) {
		if (read_words(&r, word, 2, e) ||
			check_digest(&r, out->alg, word[0], e))
			return -1;
		if (strlen(word[1]) > LINKING_NAME_MAX)
			return broken(&r, "the file name is too long", e);
		entry[out->n].digest = word[0];
		entry[out->n++].name = word[1];
	}
	if (!out->n)
		return fail(e, FAULT_INVALID_MESSAGE,
			LINKING_NAME " names no container");
	return 0;
}

const char *
linking_last(const struct linking *l)
{
	return l->entry[l->n - 1].digest;
}

/* ---- verifying ---- */

struct named {
	const char *name;
	const struct zip_entry *container; /* NULL: a line of linkinginfo */
};

static int
by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	/* the container stands before its line */
	return order ? order : !x->container - !y->container;
}

/* Containers and lines in pairs, nothing twice, nothing alone. */
static int
check_pairs(const struct named *all, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i += 2) {
		const struct named *x = &all[i];
		bool again = i && str_equal(x->name, all[i - 1].name);

		if (!x->container)
			return fail(e, FAULT_INVALID_REFERENCE,
				LINKING_NAME " names %s%s", x->name,
				again ? " twice"
				      : ", which is not in the archive");
		if (i + 1 == n || !str_equal(x->name, x[1].name))
			return fail(e, FAULT_INVALID_REFERENCE,
				"%s is in the archive but not "
				"in " LINKING_NAME,
				x->name);
		if (x[1].container)
			return fail(e, FAULT_INVALID_REFERENCE,
				"%s is in the archive twice", x->name);
	}
	return 0;
}

static const struct zip_entry *
container_of(const struct named *all, size_t n, const char *name)
{
	struct named key = { .name = name,
		.container = (const struct zip_entry *)all };
	const struct named *x = bsearch(&key, all, n, sizeof(*all), by_name);

	return x ? x->container : NULL;
}

int
linking_verify(struct arena *a, const struct linking *l,
	const struct zip_entry *container, size_t n, struct err *e)
{
	struct named *all = arena_array(a, n + l->n, sizeof(*all));
	char digest[LINKING_HEX_MAX + 1];
	const char *before = l->previous;
	size_t i;

	for (i = 0; i < n; i++)
		all[i] = (struct named){ container[i].name, &container[i] };
	for (i = 0; i < l->n; i++)
		all[n + i].name = l->entry[i].name;
	qsort(all, n + l->n, sizeof(*all), by_name);
	if (check_pairs(all, n + l->n, e))
		return -1;
	for (i = 0; i < l->n; i++) {
		const struct zip_entry *z =
			container_of(all, n + l->n, l->entry[i].name);

		assert(z);
		linking_next(l->alg, before, z->data, digest);
		if (!str_equal(digest, l->entry[i].digest))
			return fail(e, FAULT_INVALID_HASH_CHAIN,
				"%s does not give the digest "
				"that " LINKING_NAME " has for it: it or what "
				"stands before it was changed",
				l->entry[i].name);
		before = l->entry[i].digest;
	}
	return 0;
}
