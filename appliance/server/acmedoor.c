/* SPDX-License-Identifier: MIT */
/*
 * Where ACME servers look whether a name is ours: files of
 * <data-dir>/acme-challenge, shown on a port of their own (80, if it is
 * opened) or by another web server of the machine. Rule: RFC 8555 8.3.
 */
#include <string.h>

#include "acme_order_int.h"
#include "err.h"
#include "file.h"
#include "http_server.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { THREADS = 4, TOKEN_MAX = 256, TEXT_MAX = 1024, TIMEOUT_MS = 5000 };

/* NULL for what cannot be a token. */
static const char *
token_path(struct server *s, struct arena *a, const char *token)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_";
	size_t n = token ? strspn(token, letters) : 0;

	if (!n || n > TOKEN_MAX || token[n])
		return NULL;
	return path_join(a, conf_data_path(s->conf, "acme-challenge"), token);
}

static int
show(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *path = token_path(state, a, request_segment(r, "token"));
	struct bytes text;

	if (!path || file_read(a, path, TEXT_MAX, &text, NULL))
		return reply_send(r, 404, NULL, (struct bytes){ 0 }, e);
	return reply_send(r, 200, "application/octet-stream", text, e);
}

int
acmedoor_publish(
	void *server, const char *token, const char *text, struct err *e)
{
	struct server *s = server;
	struct arena *a = arena_new();
	const char *path = token_path(s, a, token);
	struct err why = ERR_INIT;
	int ret = 0;

	if (!path ||
		dir_make(conf_data_path(s->conf, "acme-challenge"), &why) ||
		file_write(path, bytes_str(text), FILE_PUBLIC, &why))
		ret = fail(e, FAULT_ACME_FILE, "%s",
			path ? why.text : "that is no token");
	arena_free(&a);
	return ret;
}

void
acmedoor_withdraw(void *server, const char *token)
{
	struct arena *a = arena_new();
	const char *path = token_path(server, a, token);

	if (path)
		(void)file_remove(path, NULL);
	arena_free(&a);
}

int
acmedoor_open(struct server *s, struct err *e)
{
	static const struct route routes[] = {
		{ "GET", "/.well-known/acme-challenge/{token}", 0, 0, show },
		{ 0 },
	};
	struct listener l = {
		.name = "ACME proofs",
		.address = conf_text(s->conf, P_ACME_ADDRESS),
		.port = (int)conf_int(s->conf, P_ACME_PORT),
		.threads = THREADS,
		.idle_timeout_ms = TIMEOUT_MS,
		.read_timeout_ms = TIMEOUT_MS,
		.routes = routes,
		.state = s,
	};

	if (!conf_bool(s->conf, P_ACME_PORT_ENABLED))
		return 0;
	return http_serve(&s->acme_door, &l, e);
}

void
acmedoor_close(struct server *s)
{
	http_stop(&s->acme_door);
}
