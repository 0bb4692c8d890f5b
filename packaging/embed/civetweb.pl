#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# civetweb.pl FROM TO: writes civetweb.c again with the few places changed
# where it would decide something that is ours to decide. Each place must be
# found exactly as often as said here: another civetweb stops the build.
use strict;
use warnings;

my ($from, $to) = @ARGV;
die "usage: civetweb.pl FROM TO\n" unless defined $to;

my @edits = (
	# TLS with client certificates, policies and time-outs
	[1, '#include "mod_mbedtls.inl"', '#include "civetweb_tls.inl"'],
	# a connection that ends is no line on standard error
	[1, 'fprintf(stderr, "SSL write failed, error %d\n", n);', ''],
	[1, 'fprintf(stderr, "SSL read failed, error %d\n", nread);', ''],
	# request heads: any method, strict framing, nothing dropped silently
	[2, 'get_http_header_len(buf, *nread)',
	 'glue_head_length(mg_get_thread_pointer(conn), buf, *nread)'],
	[1, 'parse_http_request(conn->buf, conn->buf_size, &conn->request_info)',
	 'glue_head(mg_get_thread_pointer(conn), conn->buf, conn->request_len, '
	 . '&conn->request_info)'],
	# targets in every form reach the handler as they came
	[1, 'uri_type = get_uri_type(conn->request_info.request_uri);',
	 'uri_type = 2;'],
	# which connection a thread gets: queues per address, see gate_int.h
	[1, 'produce_socket(ctx, &so);',
	 'glue_queue_put(ctx->user_data, &so, sizeof(so), so.sock, &so.rsa.sa);'],
	[1, 'while (consume_socket(ctx, &conn->client, thread_index)) {',
	 'while (glue_queue_take(mg_get_thread_pointer(conn), &conn->client)) {'],
	# a body has a least rate, however it is framed
	[1, 'n = pull_inner(fp, conn, buf + nread, len, timeout);',
	 'n = glue_body_begin(mg_get_thread_pointer(conn)) ? -2 : '
	 . 'glue_body_end(mg_get_thread_pointer(conn), '
	 . 'pull_inner(fp, conn, buf + nread, len, timeout));'],
	# and so has a reply
	[1, 'n = push_inner(ctx, fp, sock, ssl, buf + nwritten, len, timeout);',
	 'n = glue_reply_begin(mg_get_thread_pointer(NULL)) ? -2 : '
	 . 'glue_reply_end(mg_get_thread_pointer(NULL), '
	 . 'push_inner(ctx, fp, sock, ssl, buf + nwritten, len, timeout));'],
	# the stop flag is shared by threads
	[1, '#define STOP_FLAG_IS_ZERO(f) ((*(f)) == 0)',
	 '#define STOP_FLAG_IS_ZERO(f) (__atomic_load_n(f, __ATOMIC_ACQUIRE) == 0)'],
	[1, '#define STOP_FLAG_IS_TWO(f) ((*(f)) == 2)',
	 '#define STOP_FLAG_IS_TWO(f) (__atomic_load_n(f, __ATOMIC_ACQUIRE) == 2)'],
	[1, '#define STOP_FLAG_ASSIGN(f, v) ((*(f)) = (v))',
	 '#define STOP_FLAG_ASSIGN(f, v) __atomic_store_n(f, v, __ATOMIC_RELEASE)'],
);

local $/;
open my $in, '<:raw', $from or die "$from: $!\n";
my $text = <$in>;
for my $edit (@edits) {
	my ($times, $old, $new) = @$edit;
	my $found = $text =~ s/\Q$old\E/$new/g || 0;
	die "$from: found $found times instead of $times: $old\n"
		unless $found == $times;
}
$text .= <<'END';

/* The connection's socket, for lingering closes. */
int glue_socket(const struct mg_connection *conn);
int
glue_socket(const struct mg_connection *conn)
{
	return conn->client.sock;
}

/* What waits in the queues. */
size_t glue_queue_item(void);
size_t
glue_queue_item(void)
{
	return sizeof(struct socket);
}
int glue_queue_socket(const void *item);
int
glue_queue_socket(const void *item)
{
	return ((const struct socket *)item)->sock;
}
END
open my $out, '>:raw', $to or die "$to: $!\n";
print $out $text or die "$to: $!\n";
close $out or die "$to: $!\n";
