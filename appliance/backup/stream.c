/* SPDX-License-Identifier: MIT */
/*
 * The file of a backup: magic, length and text of the head, then sealed
 * chunks, each behind its length. Bound to every chunk: the digest of all that
 * stands before the first, its number, and whether it is the last; so nothing
 * can be changed, exchanged, left out or cut off.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup_int.h"
#include "digest.h"
#include "err.h"
#include "mem.h"
#include "seal.h"

enum {
	CHUNK = 1024 * 1024,
	HEAD_MAX = 16 * 1024,
	MAGIC = 8,
	ABOUT = 32 + 8 + 1,
};

static const char magic[MAGIC] = { 'M', 'L', 'B', 'A', 'C', 'K', 'U', 'P' };

struct stream {
	FILE *f;
	struct arena *arena; /* emptied for every chunk */
	uint8_t key[SEAL_KEY];
	struct digest before; /* of magic, length and head */
	uint64_t chunk;
	bool last;
	uint8_t *data; /* CHUNK */
	size_t len, at;
};

static struct stream *
stream_new(FILE *f)
{
	struct stream *s = mem_alloc(sizeof(*s));

	s->f = f;
	s->arena = arena_new_secret();
	s->data = mem_alloc(CHUNK);
	return s;
}

void
stream_free(struct stream **s)
{
	if (!*s)
		return;
	if ((*s)->f)
		fclose((*s)->f);
	arena_free(&(*s)->arena);
	mem_wipe((*s)->data, CHUNK);
	mem_free((*s)->data);
	mem_wipe(*s, sizeof(**s));
	mem_free(*s);
	*s = NULL;
}

static void
put32(uint8_t out[4], size_t n)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(n >> (24 - 8 * i));
}

static size_t
get32(const uint8_t in[4])
{
	return (size_t)in[0] << 24 | (size_t)in[1] << 16 | (size_t)in[2] << 8 |
	       in[3];
}

static void
before_of(struct stream *s, const uint8_t length[4], struct bytes head)
{
	struct hasher *h = hasher_new(DIGEST_SHA256);

	hasher_add(h, magic, MAGIC);
	hasher_add(h, length, 4);
	hasher_add(h, head.data, head.len);
	hasher_done(&h, &s->before);
}

static struct bytes
about(struct stream *s, bool last, uint8_t out[ABOUT])
{
	memcpy(out, s->before.value, 32);
	for (int i = 0; i < 8; i++)
		out[32 + i] = (uint8_t)(s->chunk >> (56 - 8 * i));
	out[40] = last;
	return bytes_of(out, ABOUT);
}

static int
put(struct stream *s, const void *p, size_t n, struct err *e)
{
	if (fwrite(p, 1, n, s->f) == n)
		return 0;
	return fail(e, FAULT_IO, "the backup cannot be written: %s",
		strerror(errno));
}

int
stream_create(struct stream **out, const char *path, struct bytes head,
	const uint8_t *key, struct err *e)
{
	FILE *f = fopen(path, "wbxe");
	uint8_t length[4];

	*out = NULL;
	if (!f)
		return fail(e, FAULT_IO, "%s cannot be made: %s", path,
			strerror(errno));
	*out = stream_new(f);
	stream_key(*out, key);
	put32(length, head.len);
	before_of(*out, length, head);
	if (put(*out, magic, MAGIC, e) || put(*out, length, 4, e) ||
		put(*out, head.data, head.len, e)) {
		stream_free(out);
		return -1;
	}
	return 0;
}

static int
chunk_write(struct stream *s, bool last, struct err *e)
{
	uint8_t bound[ABOUT], length[4];
	struct bytes box;

	arena_reset(s->arena);
	if (seal_make(s->key, about(s, last, bound), bytes_of(s->data, s->len),
		    s->arena, &box, e))
		return -1;
	put32(length, box.len);
	s->chunk++;
	s->len = 0;
	return put(s, length, 4, e) || put(s, box.data, box.len, e) ? -1 : 0;
}

int
stream_write(struct stream *s, const void *p, size_t n, struct err *e)
{
	const uint8_t *from = p;

	while (n) {
		size_t some = CHUNK - s->len;

		if (!some && chunk_write(s, false, e))
			return -1;
		some = CHUNK - s->len < n ? CHUNK - s->len : n;
		memcpy(s->data + s->len, from, some);
		s->len += some;
		from += some;
		n -= some;
	}
	return 0;
}

int
stream_finish(struct stream *s, struct err *e)
{
	if (chunk_write(s, true, e))
		return -1;
	if (fflush(s->f) || fsync(fileno(s->f)))
		return fail(e, FAULT_IO, "the backup cannot be written: %s",
			strerror(errno));
	return 0;
}

static int
no_backup(struct err *e)
{
	return fail(e, FAULT_BAD_REQUEST, "the file is no backup");
}

int
stream_open(struct stream **out, const char *path, struct arena *a,
	struct bytes *head, struct err *e)
{
	FILE *f = fopen(path, "rbe");
	uint8_t start[MAGIC + 4];
	uint8_t *text;
	size_t n;

	*out = NULL;
	if (!f)
		return fail(e, errno == ENOENT ? FAULT_NOT_FOUND : FAULT_IO,
			"%s cannot be opened: %s", path, strerror(errno));
	*out = stream_new(f);
	if (fread(start, 1, sizeof(start), f) != sizeof(start) ||
		memcmp(start, magic, MAGIC) != 0)
		goto bad;
	n = get32(start + MAGIC);
	if (!n || n > HEAD_MAX)
		goto bad;
	text = arena_alloc(a, n + 1);
	if (fread(text, 1, n, f) != n)
		goto bad;
	*head = bytes_of(text, n);
	before_of(*out, start + MAGIC, *head);
	return 0;
bad:
	stream_free(out);
	return no_backup(e);
}

void
stream_key(struct stream *s, const uint8_t *key)
{
	memcpy(s->key, key, SEAL_KEY);
}

static int
cut_off(struct err *e)
{
	return fail(e, FAULT_CANNOT_OPEN, "the backup is cut off or changed");
}

/* A chunk opens as a middle one or as the last one, never as both. */
static int
chunk_read(struct stream *s, struct err *e)
{
	uint8_t bound[ABOUT], length[4];
	struct bytes box, plain;
	uint8_t *p;
	size_t n;

	arena_reset(s->arena);
	if (s->last || fread(length, 1, 4, s->f) != 4)
		return cut_off(e);
	n = get32(length);
	if (n < SEAL_OVER || n > CHUNK + SEAL_OVER)
		return cut_off(e);
	p = arena_alloc(s->arena, n);
	if (fread(p, 1, n, s->f) != n)
		return cut_off(e);
	box = bytes_of(p, n);
	if (seal_open(s->key, about(s, false, bound), box, s->arena, &plain,
		    NULL)) {
		if (seal_open(s->key, about(s, true, bound), box, s->arena,
			    &plain, NULL))
			return cut_off(e);
		s->last = true;
	}
	if (plain.len)
		memcpy(s->data, plain.data, plain.len);
	s->len = plain.len;
	s->at = 0;
	s->chunk++;
	return 0;
}

int
stream_read(struct stream *s, void *p, size_t n, struct err *e)
{
	uint8_t *to = p;

	while (n) {
		size_t some = s->len - s->at;

		if (!some) {
			if (chunk_read(s, e))
				return -1;
			continue;
		}
		some = some < n ? some : n;
		memcpy(to, s->data + s->at, some);
		s->at += some;
		to += some;
		n -= some;
	}
	return 0;
}

int
stream_end(struct stream *s, struct err *e)
{
	if (s->at != s->len)
		return cut_off(e);
	if (!s->last && (chunk_read(s, e) || s->len || !s->last))
		return cut_off(e);
	return fgetc(s->f) == EOF ? 0 : cut_off(e);
}
