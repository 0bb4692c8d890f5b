/* SPDX-License-Identifier: MIT */
/*
 * The door for Prometheus: /metrics on a port of its own. Who reads shows a
 * token, a certificate, or both when both are set; with neither set it does not
 * open.
 */
#include "monitor_int.h"

#include <string.h>

#include "cert.h"
#include "err.h"
#include "file.h"
#include "http_server.h"
#include "identity.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "tls.h"

enum {
	THREADS = 4,
	TEXT_MAX = 16 * 1024 * 1024,
	FILE_MAX_BYTES = 1024 * 1024,
	TOKEN_MIN = 16,
};

static const char bearer[] = "Bearer ";

static int
guard(struct request *r, unsigned flags, void *state, struct err *e)
{
	struct monitor *m = state;
	const char *given = request_header(r, "Authorization");
	size_t n;

	(void)flags;
	if (!m->token)
		return 0; /* the certificate was judged at the handshake */
	if (given && str_iprefix(given, bearer)) {
		given += sizeof(bearer) - 1;
		n = strlen(m->token);
		if (strlen(given) == n && ct_equal(given, m->token, n))
			return 0;
	}
	return fail(e, FAULT_UNAUTHORIZED,
		"metrics are read with Authorization: Bearer and the first "
		"line of the file that metrics-token-file names");
}

static int
metrics_get(struct request *r, void *state, struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, TEXT_MAX);
	ret = metrics_text(state, &b, e);
	if (!ret)
		ret = reply_send(r, 200,
			"text/plain; version=0.0.4; charset=utf-8",
			bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}

static const struct route routes[] = {
	{ "GET", "/metrics", 0, 0, metrics_get },
	{ NULL, NULL, 0, 0, NULL },
};

static int
judge(void *ctx, struct cert_list chain, struct err *e)
{
	const struct monitor *m = ctx;

	for (size_t i = 0; chain.n && i < m->readers; i++)
		if (bytes_equal(m->reader[i], cert_der(chain.item[0])))
			return 0;
	return fail(e, FAULT_SSL_AUTH,
		"the certificate of this reader is not in "
		"metrics-client-certificate-file");
}

static int
read_token(struct monitor *m, const char *path, struct err *e)
{
	struct bytes text;
	char *line;

	if (file_read(m->arena, path, FILE_MAX_BYTES, &text, e))
		return -1;
	line = arena_strndup(m->arena, (const char *)text.data,
		strcspn((const char *)text.data, "\r\n"));
	if (strlen(line) < TOKEN_MIN)
		return fail(e, FAULT_CONFIG,
			"metrics-token-file: the first line of %s has fewer "
			"than %d characters",
			path, TOKEN_MIN);
	m->token = line;
	return 0;
}

static int
read_readers(struct monitor *m, const char *path, struct err *e)
{
	struct cert *chain[CHAIN_MAX];
	struct bytes text;
	size_t n = 0;

	if (file_read(m->arena, path, FILE_MAX_BYTES, &text, e) ||
		cert_parse_chain(chain, &n, text, e))
		return -1;
	m->reader = arena_array(m->arena, n + 1, sizeof(*m->reader));
	for (size_t i = 0; i < n; i++) {
		struct bytes der = cert_der(chain[i]);

		m->reader[m->readers++] = bytes_of(
			arena_memdup(m->arena, der.data, der.len), der.len);
		cert_unref(&chain[i]);
	}
	return 0;
}

static int
open_tls(struct monitor *m, struct err *e)
{
	struct key *key = NULL;
	struct cert *cert = NULL;
	struct tls_options o = { .policy = TLS_WEB,
		.client_auth = TLS_AUTH_REQUIRED,
		.judge = judge,
		.judge_ctx = m };
	const struct identity_plan plan = { conf_text(m->conf, P_DATA_DIR),
		"metrics", conf_text(m->conf, P_NODE_ADDRESS), KEY_EC };
	int ret;

	if (identity_load(&plan, &key, &cert, e))
		return -1;
	o.key = key;
	o.chain = (struct cert_list){ &cert, 1 };
	ret = tls_server_new(&m->tls, &o, e);
	key_unref(&key);
	cert_unref(&cert);
	return ret;
}

int
metrics_open(struct monitor *m, struct err *e)
{
	const char *token = conf_text(m->conf, P_METRICS_TOKEN);
	const char *readers = conf_text(m->conf, P_METRICS_READERS);
	struct listener l = {
		.name = "metrics",
		.address = conf_text(m->conf, P_METRICS_ADDRESS),
		.port = (int)conf_int(m->conf, P_METRICS_PORT),
		.threads = THREADS,
		.routes = routes,
		.state = m,
		.guard = guard,
	};

	if (!l.port)
		return 0;
	if (!*token && !*readers)
		return fail(e, FAULT_CONFIG,
			"metrics-port is set, but nobody may read: set "
			"metrics-token-file or "
			"metrics-client-certificate-file");
	if (*token && read_token(m, token, e))
		return -1;
	if (*readers && (read_readers(m, readers, e) || open_tls(m, e)))
		return -1;
	l.tls = m->tls;
	return http_serve(&m->http, &l, e);
}

void
metrics_close(struct monitor *m)
{
	if (m->http)
		http_stop(&m->http);
	tls_unref(&m->tls);
}
