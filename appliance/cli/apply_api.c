/* SPDX-License-Identifier: MIT */
/* The administration API, asked for a plan: calls and what they answer. */
#include "cli_int.h"

#include "apply_int.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "http_client.h"
#include "mem.h"
#include "text.h"

enum {
	CONNECT_MS = 10000,
	TOTAL_MS = 120000,
	BUSY_MS = 1000,
	BUSY_TRIES = 70,
	SAID_MAX = 600,
	RETRY_MS = 500,
};

static int
call_once(struct apply *x, const char *method, const char *path,
	const char *type, struct bytes body, struct apply_answer *out,
	struct err *e)
{
	struct http_header h[] = {
		{ "Authorization",
			arena_printf(x->a, "X-Road-ApiKey token=%s", x->key) },
		{ "Accept", "application/json" },
		{ "Content-Type", type },
	};
	struct http_call c = {
		.method = method,
		.url = arena_printf(x->a, "%s%s", x->base, path),
		.header = h,
		.headers = type ? 3 : 2,
		.body = body,
		.has_body = type != NULL,
		.connect_timeout_ms = CONNECT_MS,
		.total_timeout_ms = TOTAL_MS,
		.tls = x->tls,
		.pool_key = "apply",
	};
	struct http_answer answer;

	if (http_call(x->http, x->a, &c, &answer, e))
		return -1;
	*out = (struct apply_answer){ answer.status, answer.body, NULL };
	if (out->body.len &&
		json_parse(x->a, out->body, NULL, &out->json, NULL))
		out->json = NULL;
	return 0;
}

int
apply_call(struct apply *x, const char *method, const char *path,
	const char *type, struct bytes body, struct apply_answer *out,
	struct err *e)
{
	for (int i = 0;; i++) {
		if (call_once(x, method, path, type, body, out, e))
			return -1;
		if (out->status != 429 || i == BUSY_TRIES)
			return 0;
		poll(NULL, 0, BUSY_MS);
	}
}

static void
say_metadata(struct buf *b, const json_t *list)
{
	json_t *v;
	size_t i;

	json_each(v, i, list) {
		const char *s = json_string_value(v);

		buf_fmt(b, "%s%s", i ? "; " : " (", s ? s : "?");
	}
	if (json_array_size(list))
		buf_char(b, ')');
}

/* {"member": ["why"]} */
static void
say_validation(struct buf *b, const json_t *errors)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)errors, name, v)
	{
		buf_fmt(b, "; %s", name);
		say_metadata(b, v);
	}
}

int
apply_refused(const char *method, const char *path,
	const struct apply_answer *a, struct err *e)
{
	const json_t *error = json_sub(a->json, "error");
	const char *code = json_str(error, "code");
	const char *message = json_str(error, "message");
	json_t *w;
	struct buf b;
	size_t i;

	buf_init(&b, ERR_TEXT_MAX - 1);
	buf_fmt(&b, "%d %s", a->status, code ? code : "");
	if (message)
		buf_fmt(&b, ": %s", message);
	say_metadata(&b, json_list(error, "metadata"));
	say_validation(&b, json_sub(error, "validation_errors"));
	json_each(w, i, json_list(a->json, "warnings")) {
		const char *word = json_str(w, "code");

		buf_fmt(&b, ", %s", word ? word : "?");
		say_metadata(&b, json_list(w, "metadata"));
	}
	if (!code && a->body.len)
		buf_add(&b, a->body.data,
			a->body.len < SAID_MAX ? a->body.len : SAID_MAX);
	fail(e, FAULT_BAD_REQUEST, "%s %s: %s", method, path,
		b.data ? b.data : "");
	buf_done(&b);
	return -1;
}

int
apply_get(struct apply *x, const char *path, json_t **out, struct err *e)
{
	struct apply_answer a;

	if (apply_call(x, "GET", path, NULL, bytes_of(NULL, 0), &a, e))
		return -1;
	if (a.status != 200)
		return apply_refused("GET", path, &a, e);
	if (!a.json)
		return fail(e, FAULT_BAD_REQUEST,
			"GET %s: the answer is no JSON", path);
	*out = a.json;
	return 0;
}

int
apply_send(struct apply *x, const char *method, const char *path,
	const char *body, json_t **out, struct err *e)
{
	struct apply_answer a;

	if (apply_call(x, method, path, body ? "application/json" : NULL,
		    body ? bytes_str(body) : bytes_of(NULL, 0), &a, e))
		return -1;
	if (a.status < 200 || a.status > 299)
		return apply_refused(method, path, &a, e);
	if (out)
		*out = a.json;
	return 0;
}

char *
apply_path(struct apply *x, const char *before, const char *segment,
	const char *after)
{
	return arena_printf(x->a, "%s%s%s", before,
		segment_encode(x->a, segment ? segment : ""), after);
}

int
apply_pem(struct apply *x, const char *hash, const char **out, struct err *e)
{
	*out = json_str(x->pem, hash);
	if (*out)
		return 0;
	return fail(e, FAULT_NOT_FOUND,
		"the certificate %s is not there; the plan must name its file",
		hash);
}

int
apply_patiently(struct apply *x, const char *path, int not_yet, struct err *e)
{
	int64_t until = clock_ticks() + x->wait_ms;
	struct apply_answer a;

	for (;;) {
		if (apply_call(x, "PUT", path, NULL, bytes_of(NULL, 0), &a, e))
			return -1;
		if (a.status >= 200 && a.status <= 299)
			return 0;
		if ((a.status < 500 && a.status != not_yet) ||
			clock_ticks() > until)
			return apply_refused("PUT", path, &a, e);
		poll(NULL, 0, RETRY_MS);
	}
}

bool
apply_differs(const struct plan_step *s, const char *name)
{
	unsigned bit = 1;

	for (const struct plan_field *f = s->kind->field; f->name;
		f++, bit <<= 1)
		if (str_equal(f->name, name))
			return s->differs & bit;
	return false;
}
