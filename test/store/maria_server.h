/* SPDX-License-Identifier: MIT */
/*
 * A real MariaDB server of the test's own: in a temporary directory, as an
 * unprivileged user, on a loopback address and on 127.18.0.4.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct arena;

struct maria_server {
	struct arena *a;
	char *dir;
	const char *address;
	unsigned uid;
	int port;
	pid_t pid; /* 0: does not run */
};

/* It speaks TLS with the certificates of certificates.h in its dir. NULL when
   MariaDB is not installed or does not start. */
struct maria_server *maria_server_new(struct arena *a, const char *address);
bool maria_server_start(struct maria_server *s);
void maria_server_kill(struct maria_server *s); /* SIGKILL */
void maria_server_free(struct maria_server *s);
/* Runs SQL as root, many statements. */
bool maria_server_sql(struct maria_server *s, const char *sql);
/* The first field it answers. */
char *maria_server_ask(struct maria_server *s, const char *sql);
