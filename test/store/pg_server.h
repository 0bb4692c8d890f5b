/* SPDX-License-Identifier: MIT */
/*
 * A real PostgreSQL server of the test's own: in a temporary directory, as an
 * unprivileged user, on one loopback address and a Unix socket.
 */
#pragma once

#include <stdbool.h>

struct arena;

struct pg_server {
	struct arena *a;
	char *dir;     /* data directory, Unix socket, certificates */
	char *bin;     /* of the newest version that is installed */
	char *user;    /* whom it runs as */
	char *options; /* what it was started with */
	const char *address;
	int port;
	bool runs;
};

/* The superuser is "boss" (trusted on the socket), its password over TCP is
   "boss's secret". NULL when PostgreSQL is not installed. */
struct pg_server *pg_server_new(
	struct arena *a, const char *address, const char *options);
bool pg_server_start(struct pg_server *s);
/* mode: "fast" or "immediate", which is like a power cut. */
void pg_server_stop(struct pg_server *s, const char *mode);
/* Makes certificates (an authority's ca.pem in dir, a stranger's other.pem),
   one for the server that is good for its address and "town.example", and
   starts it again with TLS. */
bool pg_server_tls(struct pg_server *s);
void pg_server_free(struct pg_server *s);
/* Runs SQL as the superuser in database "town", else "postgres". */
bool pg_server_sql(struct pg_server *s, const char *database, const char *sql);
/* The first field it answers. */
char *pg_server_ask(struct pg_server *s, const char *sql);
