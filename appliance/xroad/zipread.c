/* SPDX-License-Identifier: MIT */
/*
 * Reading ZIP files that strangers made. The central directory and the local
 * headers must tell the same story, and the entries must fill the file without
 * gap or overlap, so that a streaming reader and a directory reader see the
 * same container. No ZIP64, no encryption, no duplicate names.
 */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "asic.h"
#include "err.h"
#include "mem.h"
#include "text.h"
#include "zip_int.h"

struct member {
	struct bytes name;
	unsigned flags, method;
	uint32_t crc, packed, size, offset;
};

struct zip {
	struct bytes all;
	size_t directory; /* offset */
	struct member *m; /* in order of their place in the file */
	size_t n;
};

static unsigned
get16(const uint8_t *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

static uint32_t
get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static int
broken(struct err *e, const char *what)
{
	return fail(e, FAULT_INVALID_MESSAGE, "ZIP: %s", what);
}

/* The end record: it stands at the end with its comment behind it. */
static const uint8_t *
find_end(struct bytes zip)
{
	size_t back;

	for (back = ZIP_END_LEN;
		back <= zip.len && back <= ZIP_END_LEN + UINT16_MAX; back++) {
		const uint8_t *p = zip.data + zip.len - back;

		if (get32(p) == (uint32_t)ZIP_END &&
			get16(p + 20) == back - ZIP_END_LEN)
			return p;
	}
	return NULL;
}

static int
read_member(struct zip *z, const uint8_t **at, const uint8_t *end,
	struct member *m, struct err *e)
{
	const uint8_t *p = *at;
	size_t name, rest;

	if (end - p < ZIP_CENTRAL_LEN || get32(p) != (uint32_t)ZIP_CENTRAL)
		return broken(e, "the directory is damaged");
	name = get16(p + 28);
	rest = (size_t)get16(p + 30) + get16(p + 32);
	if ((size_t)(end - p) < ZIP_CENTRAL_LEN + name + rest)
		return broken(e, "the directory is damaged");
	m->flags = get16(p + 8);
	m->method = get16(p + 10);
	m->crc = get32(p + 16);
	m->packed = get32(p + 20);
	m->size = get32(p + 24);
	m->offset = get32(p + 42);
	m->name = bytes_of(p + ZIP_CENTRAL_LEN, name);
	*at = p + ZIP_CENTRAL_LEN + name + rest;
	if (!name || name > ZIP_NAME_MAX || memchr(m->name.data, 0, name))
		return broken(e, "an entry name is not valid");
	if (m->flags & ZIP_FLAG_ENCRYPTED)
		return broken(e, "an entry is encrypted");
	if (m->method != ZIP_STORED && m->method != ZIP_DEFLATED)
		return broken(e, "an unknown compression method");
	if (m->method == ZIP_STORED && m->packed != m->size)
		return broken(e, "sizes of a stored entry differ");
	if (m->offset >= z->directory || m->packed > z->directory - m->offset)
		return broken(e, "an entry lies outside");
	return 0;
}

static int
by_offset(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

static int
read_directory(struct arena *a, struct zip *z, struct err *e)
{
	const uint8_t *end = find_end(z->all), *p;
	size_t i, size, n;

	if (!end)
		return broken(e, "this is not a ZIP file");
	n = get16(end + 10);
	size = get32(end + 12);
	z->directory = get32(end + 16);
	if (get32(end + 4) || get16(end + 8) != n)
		return broken(e, "it has several volumes");
	if (z->directory > (size_t)(end - z->all.data) ||
		size != (size_t)(end - z->all.data) - z->directory)
		return broken(e, "the directory does not end where it should");
	if (n > size / ZIP_CENTRAL_LEN)
		return broken(e, "the directory is damaged");
	z->n = n;
	z->m = arena_array(a, n ? n : 1, sizeof(*z->m));
	p = z->all.data + z->directory;
	for (i = 0; i < n; i++)
		if (read_member(z, &p, end, &z->m[i], e))
			return -1;
	if (p != end)
		return broken(e, "the directory is damaged");
	qsort(z->m, n, sizeof(*z->m), by_offset);
	return 0;
}

/* The local header agrees with the directory; *data is where content begins. */
static int
check_local(const struct zip *z, const struct member *m, size_t *data,
	struct err *e)
{
	const uint8_t *p = z->all.data + m->offset;
	size_t room = z->directory - m->offset, head;
	bool late = m->flags & ZIP_FLAG_DESCRIPTOR;

	if (room < ZIP_LOCAL_LEN || get32(p) != (uint32_t)ZIP_LOCAL)
		return broken(e, "a local header is missing");
	head = ZIP_LOCAL_LEN + (size_t)get16(p + 26) + get16(p + 28);
	if (head > room || m->packed > room - head)
		return broken(e, "an entry lies outside");
	if (get16(p + 26) != m->name.len ||
		memcmp(p + ZIP_LOCAL_LEN, m->name.data, m->name.len) != 0 ||
		get16(p + 8) != m->method ||
		(get16(p + 6) & ZIP_FLAG_DESCRIPTOR) !=
			(m->flags & ZIP_FLAG_DESCRIPTOR))
		return broken(e, "local header and directory differ");
	if (get16(p + 6) & ZIP_FLAG_ENCRYPTED)
		return broken(e, "an entry is encrypted");
	if ((!late || get32(p + 18)) &&
		(get32(p + 14) != m->crc || get32(p + 18) != m->packed ||
			get32(p + 22) != m->size))
		return broken(e, "local header and directory differ");
	if (late && m->method == ZIP_STORED && m->size && !get32(p + 18))
		return broken(e, "a stored entry without its size in front");
	*data = m->offset + head;
	return 0;
}

/* Behind the content comes the next entry, perhaps after a descriptor. */
static int
check_place(const struct zip *z, size_t i, size_t after, struct err *e)
{
	size_t next = i + 1 < z->n ? z->m[i + 1].offset : z->directory;
	const struct member *m = &z->m[i];
	const uint8_t *p = z->all.data + after;

	if (after == next && !(m->flags & ZIP_FLAG_DESCRIPTOR))
		return 0;
	if (next >= after && m->flags & ZIP_FLAG_DESCRIPTOR) {
		if (next - after == 16 && get32(p) == (uint32_t)ZIP_DESCRIPTOR)
			p += 4;
		else if (next - after != 12)
			return broken(e, "there is a gap between entries");
		if (get32(p) == m->crc && get32(p + 4) == m->packed &&
			get32(p + 8) == m->size)
			return 0;
		return broken(e, "descriptor and directory differ");
	}
	return broken(e, "there is a gap or overlap between entries");
}

static int
inflate_member(
	const struct member *m, const uint8_t *from, uint8_t *to, struct err *e)
{
	uint8_t one;
	z_stream z = { 0 };
	int r;

	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return fail(
			e, FAULT_INTERNAL, "the decompressor does not start");
	z.next_in = (Bytef *)(uintptr_t)from;
	z.avail_in = m->packed;
	z.next_out = m->size ? to : &one;
	z.avail_out = m->size ? m->size : 1;
	r = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	if (r != Z_STREAM_END || z.total_out != m->size || z.avail_in)
		return broken(e, "compressed data is damaged");
	return 0;
}

static int
unpack(struct arena *a, const struct zip *z, const struct member *m,
	size_t data, struct zip_entry *out, struct err *e)
{
	const uint8_t *from = z->all.data + data;
	uint8_t *to;

	out->name = arena_strndup(a, (const char *)m->name.data, m->name.len);
	if (m->method == ZIP_STORED) {
		out->data = bytes_of(from, m->size);
	} else {
		to = arena_alloc(a, (size_t)m->size + 1);
		out->data = bytes_of(to, m->size);
		if (inflate_member(m, from, to, e))
			return -1;
	}
	if (crc32(crc32(0, NULL, 0), out->data.data, (uInt)m->size) != m->crc)
		return broken(e, "a checksum does not match");
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct zip_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
no_duplicates(
	struct arena *a, const struct zip_entry *en, size_t n, struct err *e)
{
	struct zip_entry *s = arena_memdup(a, en, n * sizeof(*s));
	size_t i;

	qsort(s, n, sizeof(*s), by_name);
	for (i = 1; i < n; i++)
		if (str_equal(s[i].name, s[i - 1].name))
			return broken(e, "two entries have the same name");
	return 0;
}

static int
within_limits(const struct zip *z, size_t max_total, struct err *e)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < z->n; i++)
		total += z->m[i].size;
	if (total > max_total ||
		(total > ZIP_RATIO_FLOOR && total / ZIP_RATIO_MAX > z->all.len))
		return fail(e, FAULT_TOO_LARGE,
			"the ZIP unpacks to more than is allowed");
	return 0;
}

int
zip_read(struct arena *a, struct bytes data, size_t max_total,
	struct zip_entry **out, size_t *n, struct err *e)
{
	struct zip z = { .all = data };
	size_t i, at = 0;

	*n = 0;
	if (read_directory(a, &z, e) || within_limits(&z, max_total, e))
		return -1;
	if (z.n ? z.m[0].offset != 0 : z.directory != 0)
		return broken(e, "something stands before the first entry");
	*out = arena_array(a, z.n + 1, sizeof(**out));
	for (i = 0; i < z.n; i++)
		if (check_local(&z, &z.m[i], &at, e) ||
			check_place(&z, i, at + z.m[i].packed, e) ||
			unpack(a, &z, &z.m[i], at, &(*out)[i], e))
			return -1;
	if (no_duplicates(a, *out, z.n, e))
		return -1;
	*n = z.n;
	return 0;
}
