/* SPDX-License-Identifier: MIT */
/*
 * Frames over a stream socket.
 */
#include "frame.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"

enum { READ_MAX = 64 * 1024, POLL_MS = 60000 };

static void
put_be(struct buf *b, uint64_t v, int bytes)
{
	while (bytes-- > 0)
		buf_char(b, (char)(v >> (8 * bytes)));
}

void
frame_begin(struct buf *b, uint8_t type)
{
	buf_reset(b);
	put_be(b, 0, FRAME_HEAD);
	frame_put_u8(b, type);
}

void
frame_put_u8(struct buf *b, uint8_t v)
{
	put_be(b, v, 1);
}

void
frame_put_u32(struct buf *b, uint32_t v)
{
	put_be(b, v, 4);
}

void
frame_put_i64(struct buf *b, int64_t v)
{
	put_be(b, (uint64_t)v, 8);
}

void
frame_put_real(struct buf *b, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	put_be(b, bits, 8);
}

void
frame_put_bytes(struct buf *b, struct bytes v)
{
	assert(v.len <= UINT32_MAX);
	frame_put_u32(b, (uint32_t)v.len);
	buf_bytes(b, v);
}

void
frame_put_str(struct buf *b, const char *s)
{
	frame_put_bytes(b, bytes_str(s ? s : ""));
}

void
frame_end(struct buf *b)
{
	size_t n = b->len - FRAME_HEAD;

	for (int i = 0; i < FRAME_HEAD; i++)
		b->data[i] = (char)(n >> (8 * (FRAME_HEAD - 1 - i)));
}

/* ---- reading ---- */

static const uint8_t *
take(struct frame *f, size_t n)
{
	const uint8_t *p = f->p;

	if (f->bad || f->left < n) {
		f->bad = true;
		return NULL;
	}
	f->p += n;
	f->left -= n;
	return p;
}

static uint64_t
take_be(struct frame *f, size_t n)
{
	const uint8_t *p = take(f, n);
	uint64_t v = 0;

	for (size_t i = 0; p && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

void
frame_open(struct frame *f, struct bytes body)
{
	*f = (struct frame){ .p = body.data, .left = body.len };
	f->type = frame_u8(f);
}

uint8_t
frame_u8(struct frame *f)
{
	return (uint8_t)take_be(f, 1);
}

uint32_t
frame_u32(struct frame *f)
{
	return (uint32_t)take_be(f, 4);
}

int64_t
frame_i64(struct frame *f)
{
	return (int64_t)take_be(f, 8);
}

double
frame_real(struct frame *f)
{
	uint64_t bits = take_be(f, 8);
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

struct bytes
frame_bytes(struct frame *f)
{
	size_t n = frame_u32(f);
	const uint8_t *p = take(f, n);

	return bytes_of(p, p ? n : 0);
}

bool
frame_done(const struct frame *f)
{
	return !f->bad && f->left == 0;
}

/* ---- sockets ---- */

static bool
await(int fd, short events, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int64_t left = until - clock_ticks();
		int n;

		if (left < 0)
			left = 0;
		n = poll(&p, 1, left > POLL_MS ? POLL_MS : (int)left);
		if (n > 0)
			return true;
		if (clock_ticks() >= until)
			return false;
	}
}

static bool
again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

enum frame_io
frame_send(int fd, const struct buf *b, int64_t until)
{
	size_t at = 0;

	if (b->over || b->len > FRAME_MAX)
		return FRAME_BAD;
	while (at < b->len) {
		ssize_t n = send(fd, b->data + at, b->len - at,
			MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			at += (size_t)n;
		else if (!again())
			return FRAME_CLOSED;
		else if (!await(fd, POLLOUT, until))
			return FRAME_LATE;
	}
	return FRAME_OK;
}

static size_t
wanted(const struct buf *b)
{
	size_t n = 0;

	if (b->len < FRAME_HEAD)
		return FRAME_HEAD;
	for (int i = 0; i < FRAME_HEAD; i++)
		n = n << 8 | (uint8_t)b->data[i];
	return FRAME_HEAD + n;
}

enum frame_io
frame_recv(int fd, struct buf *b, int64_t until)
{
	char block[READ_MAX];

	while (b->len < FRAME_HEAD || b->len < wanted(b)) {
		size_t left = wanted(b) - b->len;
		ssize_t n;

		if (wanted(b) > FRAME_MAX || wanted(b) == 0)
			return FRAME_BAD;
		n = recv(fd, block, left < READ_MAX ? left : READ_MAX,
			MSG_DONTWAIT);
		if (n > 0)
			buf_add(b, block, (size_t)n);
		else if (n == 0 || !again())
			return FRAME_CLOSED;
		else if (!await(fd, POLLIN, until))
			return FRAME_LATE;
	}
	return b->over || b->len == FRAME_HEAD ? FRAME_BAD : FRAME_OK;
}

struct bytes
frame_body(const struct buf *b)
{
	return bytes_of(b->data + FRAME_HEAD, b->len - FRAME_HEAD);
}
