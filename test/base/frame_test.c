/* SPDX-License-Identifier: MIT */
/*
 * Tests of frames between processes.
 */
#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "frame.h"
#include "tap.h"

static void
test_fields(void)
{
	struct frame f;
	struct bytes v;
	struct buf b;

	buf_init(&b, 1000);
	frame_begin(&b, 7);
	frame_put_u8(&b, 200);
	frame_put_u32(&b, 0xdeadbeef);
	frame_put_i64(&b, -2);
	frame_put_real(&b, -0.1);
	frame_put_str(&b, "あ");
	frame_put_str(&b, NULL);
	frame_end(&b);
	is_bytes(b.data, 5, "\0\0\0\x21\x07", 5);
	frame_open(&f, frame_body(&b));
	is_int(f.type, 7);
	is_int(frame_u8(&f), 200);
	is_int(frame_u32(&f), 0xdeadbeef);
	is_int(frame_i64(&f), -2);
	ok(frame_real(&f) == -0.1);
	v = frame_bytes(&f);
	is_bytes(v.data, v.len, "あ", 3);
	ok(!frame_done(&f));
	is_int(frame_bytes(&f).len, 0);
	ok(frame_done(&f));
	is_int(frame_u8(&f), 0);
	ok(f.bad && !frame_done(&f));
	buf_done(&b);
}

static void
test_short(void)
{
	static const uint8_t lie[] = { 1, 0xff, 0xff, 0xff, 0xff, 'x' };
	struct frame f;

	frame_open(&f, bytes_of(lie, sizeof(lie)));
	is_int(frame_bytes(&f).len, 0);
	ok(f.bad);
	frame_open(&f, bytes_of(lie, 0));
	ok(f.bad);
}

static void
test_socket(void)
{
	static const char huge[] = { 0x7f, 0, 0, 0, 1 };
	static const char empty[] = { 0, 0, 0, 0, 1 };
	int64_t soon = clock_ticks() + 20;
	struct buf b, in;
	int fd[2];

	is_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	buf_init(&b, 1000);
	buf_init(&in, FRAME_MAX);
	frame_begin(&b, 3);
	frame_put_str(&b, "hello");
	frame_end(&b);
	is_int(frame_recv(fd[1], &in, soon), FRAME_LATE);
	is_int(send(fd[0], b.data, 3, 0), 3);
	is_int(frame_recv(fd[1], &in, soon), FRAME_LATE);
	is_int(send(fd[0], b.data + 3, b.len - 3, 0), (int)b.len - 3);
	is_int(frame_send(fd[0], &b, INT64_MAX), FRAME_OK);
	is_int(frame_recv(fd[1], &in, INT64_MAX), FRAME_OK);
	is_bytes(in.data, in.len, b.data, b.len);
	buf_reset(&in);
	is_int(frame_recv(fd[1], &in, INT64_MAX), FRAME_OK);
	buf_reset(&in);
	is_int(send(fd[0], huge, sizeof(huge), 0), 5);
	is_int(frame_recv(fd[1], &in, INT64_MAX), FRAME_BAD);
	buf_reset(&in);
	is_int(recv(fd[1], b.data, 1, 0), 1);
	is_int(send(fd[0], empty, sizeof(empty), 0), 5);
	is_int(frame_recv(fd[1], &in, INT64_MAX), FRAME_BAD);
	buf_reset(&in);
	is_int(recv(fd[1], b.data, 1, 0), 1);
	close(fd[0]);
	is_int(frame_recv(fd[1], &in, INT64_MAX), FRAME_CLOSED);
	is_int(frame_send(fd[1], &b, INT64_MAX), FRAME_CLOSED);
	close(fd[1]);
	buf_done(&b);
	buf_done(&in);
}

int
main(void)
{
	test_fields();
	test_short();
	test_socket();
	return tap_done();
}
