/* SPDX-License-Identifier: MIT */
/* Calls to the administration interface of the security server. */
#include "publish.h"

#include <stdio.h>
#include <string.h>

#include "adapter_int.h"
#include "cert.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "tls.h"

enum {
	HEADERS = 5,
	CONNECT_MS = 10000,
	TOTAL_MS = 60000,
	CERT_MAX = 64 * 1024,
	KEY_MAX = 1024,
	BODY_MAX = 1024 * 1024,
};

struct peer {
	struct arena *a; /* the request's */
	const char *base;
	struct http_client *http;
	struct tls *tls;
	struct cert *pinned; /* NULL: plain HTTP on this machine */
	struct http_header who[HEADERS];
	size_t headers;
};

static int
same_cert(void *ctx, struct cert_list chain, struct err *e)
{
	if (chain.n && cert_equal(chain.item[0], ctx))
		return 0;
	return fail(e, FAULT_SSL_AUTH,
		"the security server shows another certificate than the one "
		"it should");
}

static int
pin(struct peer *p, const char *path, struct err *e)
{
	struct tls_options o = { .policy = TLS_WEB, .judge = same_cert };
	struct bytes text;

	if (file_read(p->a, path, CERT_MAX, &text, e) ||
		cert_parse(&p->pinned, text, e))
		return -1;
	o.judge_ctx = p->pinned;
	return tls_client_new(&p->tls, &o, e);
}

static void
add_header(struct peer *p, const char *name, const char *value)
{
	if (value && p->headers < HEADERS)
		p->who[p->headers++] = (struct http_header){ name, value };
}

/* The credentials that came with the request. */
static int
near(struct peer *p, struct request *r, const struct conf *c, struct err *e)
{
	static const char *const name[] = { "Authorization", "Cookie",
		"X-XSRF-TOKEN" };
	const char *address = conf_text(c, P_ADMIN_ADDRESS);
	bool tls = conf_bool(c, P_ADMIN_TLS);

	if (str_equal(address, "0.0.0.0") || str_equal(address, "::"))
		address = "127.0.0.1";
	p->base = arena_printf(p->a,
		strchr(address, ':') ? "%s://[%s]:%lld/api/v1"
				     : "%s://%s:%lld/api/v1",
		tls ? "https" : "http", address,
		(long long)conf_int(c, P_ADMIN_PORT));
	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++)
		add_header(p, name[i], request_header(r, name[i]));
	return tls ? pin(p, conf_data_path(c, "admin.crt"), e) : 0;
}

static int
far(struct peer *p, const char *url, const struct conf *c, struct err *e)
{
	const char *key = conf_text(c, P_ADAPTER_SERVER_KEY);
	const char *cert = conf_text(c, P_ADAPTER_SERVER_CERT);
	struct bytes text;

	if (!*key || !*cert || !str_prefix(url, "https://"))
		return fail(e, FAULT_CONFIG,
			"[adapter] security-server-url must begin with "
			"https://, and needs security-server-key-file and "
			"security-server-certificate beside it");
	if (file_read(p->a, key, KEY_MAX, &text, e))
		return -1;
	add_header(p, "Authorization",
		arena_printf(p->a, "X-Road-ApiKey token=%s",
			str_trim(arena_printf(p->a, "%.*s",
				(int)strcspn((const char *)text.data, "\r\n"),
				(const char *)text.data))));
	p->base = arena_printf(p->a, "%s/api/v1", url);
	return pin(p, cert, e);
}

int
peer_open(struct peer **out, struct request *r, const struct conf *conf,
	struct err *e)
{
	const char *url = conf_text(conf, P_ADAPTER_SERVER_URL);
	struct peer *p = mem_alloc(sizeof(*p));

	p->a = request_arena(r);
	add_header(p, "Accept", "application/json");
	if (http_client_new(&p->http, e) ||
		(*url ? far(p, url, conf, e) : near(p, r, conf, e))) {
		peer_close(&p);
		return -1;
	}
	*out = p;
	return 0;
}

void
peer_close(struct peer **p)
{
	if (!*p)
		return;
	http_client_free(&(*p)->http);
	tls_unref(&(*p)->tls);
	cert_unref(&(*p)->pinned);
	mem_free(*p);
	*p = NULL;
}

/* In the other's words, with its code. */
static int
refused(const char *path, const struct http_answer *answer, const json_t *j,
	struct err *e)
{
	const json_t *error = json_sub(j, "error");
	const char *code = json_str(error, "code");
	const char *message = json_str(error, "message");
	const char *more = json_string_value(
		json_array_get(json_list(error, "metadata"), 0));
	bool first = e && !err_set(e);

	if (!code)
		code = json_str(
			json_array_get(json_list(j, "warnings"), 0), "code");
	fail(e, FAULT_CONFLICT,
		"the security server refuses %.200s with status %d: %.100s "
		"%.300s",
		path, answer->status, code ? code : "no code",
		message ? message
		: more  ? more
			: "");
	if (first && code)
		snprintf(e->code, sizeof(e->code), "%s", code);
	return -1;
}

bool
peer_refused(const struct err *why, const char *code)
{
	return why->fault == FAULT_CONFLICT && strstr(why->text, code);
}

/* type: of the body; NULL: there is none. */
static int
ask(struct peer *p, const char *method, const char *path, const char *type,
	struct bytes body, json_t **out, struct err *e)
{
	struct http_header h[HEADERS + 1];
	struct http_call c = {
		.method = method,
		.url = arena_printf(p->a, "%s%s", p->base, path),
		.header = h,
		.headers = p->headers,
		.has_body = type != NULL,
		.body = body,
		.connect_timeout_ms = CONNECT_MS,
		.total_timeout_ms = TOTAL_MS,
		.tls = p->tls,
		.pool_key = "publication",
	};
	struct http_answer answer;
	json_t *j = NULL;

	memcpy(h, p->who, sizeof(p->who));
	if (type)
		h[c.headers++] = (struct http_header){ "Content-Type", type };
	if (http_call(p->http, p->a, &c, &answer, e))
		return -1;
	if (answer.body.len)
		(void)json_parse(p->a, answer.body, NULL, &j, NULL);
	if (answer.status < 200 || answer.status > 299)
		return refused(path, &answer, j, e);
	if (out)
		*out = j;
	return 0;
}

int
peer_call(struct peer *p, const char *method, const char *path,
	const json_t *body, json_t **out, struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, BODY_MAX);
	if (body)
		json_write(&b, body, JSON_PLAIN);
	ret = ask(p, method, path, body ? "application/json" : NULL,
		bytes_buf(&b), out, e);
	buf_done(&b);
	return ret;
}

int
peer_send(struct peer *p, const char *path, const char *type, struct bytes body,
	struct err *e)
{
	return ask(p, "POST", path, type, body, NULL, e);
}

const char *
subject_kind(const char *id)
{
	size_t colons = 0;

	for (const char *p = id; *p; p++)
		colons += *p == ':';
	if (colons == 3)
		return "SUBSYSTEM";
	return colons ? "GLOBALGROUP" : "LOCALGROUP";
}
