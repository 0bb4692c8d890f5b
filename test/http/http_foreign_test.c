/* SPDX-License-Identifier: MIT */
/*
 * The HTTP client towards TLS servers of other software (openssl s_server):
 * servers that stop at TLS 1.2 and those that begin at 1.3. A TLS 1.2 server
 * signs with RSA-PSS when a client offers it, as Java's does.
 */
#include "http_client.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "http_kit.h"
#include "http_server.h"
#include "log.h"
#include "mem.h"
#include "tap.h"
#include "tls.h"

enum { TRIES = 6000, TRY_US = 10000 };

static struct http_client *client;
static struct arena *arena;
static char key[512], cert[512];

static bool
listens(int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	for (int i = 0; i < TRIES; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		int bad = connect(fd, (struct sockaddr *)&sa, sizeof(sa));

		close(fd);
		if (!bad)
			return true;
		usleep(TRY_US);
	}
	return false;
}

static pid_t
server(int port, const char *version, const char *suite)
{
	char at[32];
	const char *argv[] = { "openssl", "s_server", "-accept", at, "-www",
		"-quiet", "-key", key, "-cert", cert, version,
		suite ? "-cipher" : NULL, suite, NULL };
	pid_t pid;

	snprintf(at, sizeof(at), "127.0.0.1:%d", port);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	ok(listens(port));
	return pid;
}

static void
talk(enum tls_policy policy, const char *version, const char *suite)
{
	int port = tap_port("127.0.0.1");
	pid_t pid = server(port, version, suite);
	struct tls_options o = { .policy = policy };
	struct http_call c = { .method = "GET", .total_timeout_ms = 20000 };
	struct http_answer answer;
	struct err e = ERR_INIT;

	ok(tls_client_new(&c.tls, &o, &e) == 0);
	arena_reset(arena);
	c.url = arena_printf(arena, "https://127.0.0.1:%d/", port);
	int rc = http_call(client, arena, &c, &answer, &e);
	ok_m(rc == 0, "policy %d with a server of %s: %s", (int)policy, version,
		rc ? e.text : "understood");
	if (rc == 0)
		is_int(answer.status, 200);
	tls_unref(&c.tls);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int
main(void)
{
	const char *argv[] = { "openssl", "req", "-x509", "-newkey", "rsa:2048",
		"-nodes", "-subj", "/CN=foreign", "-keyout", key, "-out", cert,
		NULL };
	struct err e = ERR_INIT;

	log_level_set(LOG_ERROR);
	snprintf(key, sizeof(key), "%s/key.pem", tap_dir());
	snprintf(cert, sizeof(cert), "%s/cert.pem", tap_dir());
	is_int(tap_run(argv, NULL, 0), 0);
	arena = arena_new();
	ok(http_startup(&e) == 0);
	ok(http_client_new(&client, &e) == 0);
	talk(TLS_PEER, "-tls1_2", "ECDHE-RSA-AES256-SHA384");
	talk(TLS_PEER, "-tls1_2", "DHE-RSA-AES256-SHA256");
	talk(TLS_PEER, "-tls1_2", "ECDHE-RSA-AES256-GCM-SHA384");
	talk(TLS_SERVICE, "-tls1_2", NULL);
	talk(TLS_SERVICE, "-tls1_3", NULL);
	talk(TLS_WEB, "-tls1_2", NULL);
	talk(TLS_WEB, "-tls1_3", NULL);
	http_client_free(&client);
	http_shutdown();
	arena_free(&arena);
	return tap_done();
}
