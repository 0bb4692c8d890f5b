/* SPDX-License-Identifier: MIT */
/*
 * The ODBC companion: a small dynamically linked program, because a static one
 * cannot load drivers. The adapter starts one for each connection and talks to
 * it over a socket (odbc_wire.h); a driver that crashes takes only this with
 * it. It has no configuration, listens nowhere, and logs nothing.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mem.h"
#include "odbc_int.h"

static const struct {
	int (*serve)(struct companion *c, struct frame *f);
	enum wire_type type;
	bool connected; /* needs a connection */
} row[] = {
	{ odbc_connect, WIRE_OPEN, false },
	{ odbc_tables, WIRE_TABLES, true },
	{ odbc_prepare, WIRE_PREPARE, true },
	{ odbc_drop, WIRE_DROP, true },
	{ odbc_run, WIRE_RUN, true },
	{ odbc_fetch, WIRE_FETCH, true },
	{ odbc_end, WIRE_END, true },
	{ odbc_ping, WIRE_PING, true },
	{ odbc_list, WIRE_LIST, true },
};

void
odbc_busy(struct companion *c, SQLHSTMT handle)
{
	pthread_mutex_lock(&c->lock);
	c->busy = handle;
	pthread_mutex_unlock(&c->lock);
}

/* Waits for bytes on the second socket. */
static void *
cancel_thread(void *ctx)
{
	struct companion *c = ctx;
	char byte;

	while (read(WIRE_CANCEL_FD, &byte, 1) == 1) {
		pthread_mutex_lock(&c->lock);
		if (c->busy)
			SQLCancel(c->busy);
		pthread_mutex_unlock(&c->lock);
	}
	/* the adapter is gone: nobody waits for what runs */
	_exit(0);
}

static int
serve(struct companion *c, struct bytes body)
{
	struct frame f;

	frame_open(&f, body);
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		if (row[i].type == f.type && row[i].connected == c->connected)
			return row[i].serve(c, &f);
	return -1;
}

static void
limits_set(void)
{
	struct rlimit none = { 0, 0 }, memory = { 1u << 30, 1u << 30 };

	setrlimit(RLIMIT_CORE, &none); /* values would be in it */
	setrlimit(RLIMIT_AS, &memory);
	signal(SIGPIPE, SIG_IGN);
	for (int fd = WIRE_CANCEL_FD + 1; fd < 1024; fd++)
		close(fd);
}

int
main(void)
{
	struct companion *c = mem_alloc(sizeof(*c));
	pthread_t thread;

	limits_set();
	c->statement = mem_array(STATEMENTS_MAX, sizeof(*c->statement));
	buf_init(&c->request, FRAME_MAX);
	buf_init(&c->answer, FRAME_MAX);
	buf_init(&c->value, WIRE_VALUE_MAX);
	c->request.secret = true;
	pthread_mutex_init(&c->lock, NULL);
	if (pthread_create(&thread, NULL, cancel_thread, c))
		return EXIT_FAILURE;
	while (frame_recv(WIRE_FD, &c->request, INT64_MAX) == FRAME_OK) {
		if (serve(c, frame_body(&c->request)))
			break;
		frame_end(&c->answer);
		if (frame_send(WIRE_FD, &c->answer, INT64_MAX) != FRAME_OK)
			break;
		buf_reset(&c->request);
	}
	odbc_disconnect(c);
	return EXIT_SUCCESS;
}
