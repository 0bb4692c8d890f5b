/* SPDX-License-Identifier: MIT */
/*
 * Frames over a stream socket between two processes of ours: 4 bytes length
 * (big endian, of what follows), 1 byte type, fields. A field is a number of
 * fixed size or bytes with a 4 byte length before them. Who reads believes
 * nothing: a frame that is too long, too short or not used up is refused.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum { FRAME_MAX = 24 * 1024 * 1024, FRAME_HEAD = 4 };

/* ---- writing: begin, fields, end; then the buffer is the frame ---- */
void frame_begin(struct buf *b, uint8_t type);
void frame_put_u8(struct buf *b, uint8_t v);
void frame_put_u32(struct buf *b, uint32_t v);
void frame_put_i64(struct buf *b, int64_t v);
void frame_put_real(struct buf *b, double v);
void frame_put_bytes(struct buf *b, struct bytes v);
void frame_put_str(struct buf *b, const char *s); /* NULL is "" */
void frame_end(struct buf *b);

/* ---- reading the fields of a frame without its length ---- */
struct frame {
	uint8_t type;
	const uint8_t *p;
	size_t left;
	bool bad; /* a field was not there; all later ones are 0 and empty */
};
/* body: type and fields. */
void frame_open(struct frame *f, struct bytes body);
uint8_t frame_u8(struct frame *f);
uint32_t frame_u32(struct frame *f);
int64_t frame_i64(struct frame *f);
double frame_real(struct frame *f);
struct bytes frame_bytes(struct frame *f); /* borrowed */
/* Exactly used up, nothing missing. */
bool frame_done(const struct frame *f);

/* ---- sockets ---- */
enum frame_io { FRAME_OK, FRAME_LATE, FRAME_CLOSED, FRAME_BAD };
/* Until until (clock_ticks(); INT64_MAX for ever). After FRAME_LATE of
   frame_recv() one may go on with the same buffer; at first it is empty. */
enum frame_io frame_send(int fd, const struct buf *b, int64_t until);
enum frame_io frame_recv(int fd, struct buf *b, int64_t until);
/* The body of what frame_recv() brought; borrowed. */
struct bytes frame_body(const struct buf *b);
