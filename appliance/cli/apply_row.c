/* SPDX-License-Identifier: MIT */
/* Calls of the administration API as rows with places to fill. */
#include "cli_int.h"

#include "apply_int.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

enum { TEXT_MAX = 2 * 1024 * 1024, BOUNDARY = 24 };

struct filling {
	struct apply *x;
	const struct plan_step *s;
	json_t *item; /* $*, or NULL */
	bool path;
	struct buf out;
};

/* The n-th piece between colons; a new reference or NULL. */
static json_t *
piece(struct filling *f, const struct plan_step *s, int n)
{
	const char *id = s ? s->id : "";

	for (; id && n > 1; n--) {
		id = strchr(id, ':');
		id = id ? id + 1 : NULL;
	}
	if (!id || !*id)
		return NULL;
	return json_keep(f->x->a, json_stringn(id, strcspn(id, ":")));
}

/* Of what is wanted, else of what is there, else our own of that name. */
static json_t *
member(struct filling *f, const struct plan_step *s, const char *name)
{
	json_t *v = s ? json_object_get(s->want, name) : NULL;

	if (!v && s)
		v = json_object_get(s->have, name);
	if (!v && s)
		v = json_object_get(
			s->have, arena_printf(f->x->a, "_%s", name));
	return v;
}

static void
put(struct filling *f, const json_t *v, bool raw)
{
	const char *s = json_string_value(v);

	if (!f->path && v)
		json_write(&f->out, v, JSON_PLAIN);
	else if (!f->path)
		buf_str(&f->out, "null");
	else if (s && !raw)
		buf_str(&f->out, segment_encode(f->x->a, s));
	else if (s)
		buf_str(&f->out, s);
	else if (v)
		json_write(&f->out, v, JSON_PLAIN);
}

/* One place; returns what follows it. */
static const char *
place(struct filling *f, const char *p)
{
	const struct plan_step *s = f->s;
	size_t n;
	char *name;

	if (*p == '+' || *p == '-') {
		put(f, *p == '+' ? s->add : s->del, false);
		return p + 1;
	}
	if (*p == '*') {
		put(f, f->item, false);
		return p + 1;
	}
	if (*p == '!') {
		buf_str(&f->out, f->x->ignore_warnings ? "true" : "false");
		return p + 1;
	}
	if (*p == '^') {
		s = s->parent;
		p++;
	}
	if (*p == ':') {
		put(f, piece(f, s, p[1] - '0'), false);
		return p + 2;
	}
	n = strspn(p, "abcdefghijklmnopqrstuvwxyz_");
	name = arena_strndup(f->x->a, p, n);
	put(f, member(f, s, name), *name == '_');
	return p + n;
}

static char *
fill(struct apply *x, const struct plan_step *s, const char *text, json_t *item,
	bool path)
{
	struct filling f = { .x = x, .s = s, .item = item, .path = path };
	char *out;

	buf_init(&f.out, TEXT_MAX);
	while (text && *text) {
		if (*text == '$')
			text = place(&f, text + 1);
		else
			buf_char(&f.out, *text == '\'' ? '"' : *text), text++;
	}
	out = f.out.over ? NULL : arena_strdup(x->a, f.out.data);
	buf_done(&f.out);
	return out ? out : arena_strdup(x->a, "");
}

/* ---- forms ---- */

static int
form_part(struct apply *x, struct buf *b, const char *boundary,
	const char *name, const json_t *v, struct err *e)
{
	const char *s = json_string_value(v), *pem = NULL;
	bool file = str_equal(name, "certificate");

	if (file && (!s || apply_pem(x, s, &pem, e)))
		return -1;
	buf_fmt(b,
		"--%s\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n"
		"\r\n",
		boundary, name, file ? "; filename=\"certificate.pem\"" : "");
	if (file)
		buf_str(b, pem);
	else if (s)
		buf_str(b, s);
	else
		json_write(b, v, JSON_PLAIN);
	buf_str(b, "\r\n");
	return 0;
}

static int
form_make(struct apply *x, const char *body, const char *boundary,
	struct buf *b, struct err *e)
{
	const char *name;
	json_t *j, *v;

	if (json_parse(x->a, bytes_str(body), NULL, &j, e))
		return -1;
	json_object_foreach(j, name, v)
	{
		if (!json_is_null(v) && form_part(x, b, boundary, name, v, e))
			return -1;
	}
	buf_fmt(b, "--%s--\r\n", boundary);
	return buf_ok(b, "the form", e);
}

static int
form_send(struct apply *x, const struct apply_row *row, const char *path,
	const char *body, json_t **answer, struct err *e)
{
	char boundary[BOUNDARY + 1];
	struct apply_answer a;
	struct buf b;
	int ret;

	random_letters(boundary, BOUNDARY);
	buf_init(&b, TEXT_MAX);
	ret = form_make(x, body, boundary, &b, e);
	if (!ret)
		ret = apply_call(x, row->method, path,
			arena_printf(x->a, "multipart/form-data; boundary=%s",
				boundary),
			bytes_buf(&b), &a, e);
	buf_done(&b);
	if (ret)
		return -1;
	if (a.status < 200 || a.status > 299)
		return apply_refused(row->method, path, &a, e);
	*answer = a.json;
	return 0;
}

static int
run_once(struct apply *x, const struct apply_row *row,
	const struct plan_step *s, json_t *item, json_t **answer, struct err *e)
{
	char *path = fill(x, s, row->path, item, true);
	char *body = row->body ? fill(x, s, row->body, item, false) : NULL;

	if (row->form)
		return form_send(x, row, path, body, answer, e);
	return apply_send(x, row->method, path, body, answer, e);
}

int
apply_row_run(struct apply *x, const struct apply_row *row,
	const struct plan_step *s, json_t **answer, struct err *e)
{
	json_t *items = json_array_size(s->add) ? s->add : s->del, *item;
	size_t i;

	*answer = NULL;
	if (!row->method)
		return fail(e, FAULT_CONFLICT,
			"this cannot be done through a plan");
	if (!strstr(row->path, "$*") && !(row->body && strstr(row->body, "$*")))
		return run_once(x, row, s, NULL, answer, e);
	json_each(item, i, items)
		if (run_once(x, row, s, item, answer, e))
			return -1;
	return 0;
}
