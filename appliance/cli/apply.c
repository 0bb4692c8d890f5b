/* SPDX-License-Identifier: MIT */
/*
 * `machilink apply FILE`: brings a machine to the state that a file declares,
 * over the administration API. The difference is shown first; what is there
 * when it is done must still be what was shown.
 */
#include "cli.h"
#include "cli_int.h"

#include "apply_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cert.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "text.h"
#include "yaml_io.h"

enum { LINE_MAX_BYTES = 64 * 1024, PIN_LINE = 1024, ANSWER = 16 };

static const char *
say(const struct apply *x, const char *ja, const char *en)
{
	return x->ja ? ja : en;
}

/* ---- the PIN ---- */

static int
pin_of_file(struct apply *x, const char *file, struct err *e)
{
	char line[PIN_LINE] = "";
	FILE *f = strcmp(file, "-") ? fopen(file, "re") : stdin;

	if (!f || !fgets(line, sizeof(line), f))
		fail(e, FAULT_CONFIG, "there is no PIN in %s", file);
	if (f && f != stdin)
		fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	if (*line)
		x->pin = arena_strdup(x->a, line);
	mem_wipe(line, sizeof(line));
	return x->pin ? 0 : fail(e, FAULT_CONFIG, "%s is empty", file);
}

int
apply_pin(struct apply *x, const char **out, struct err *e)
{
	const char *file = json_str(x->want, "pin_file");
	const char *env = json_str(x->want, "pin_env");

	if (!x->pin && x->pin_file) {
		if (pin_of_file(x, x->pin_file, e))
			return -1;
	} else if (!x->pin && file) {
		if (pin_of_file(x,
			    *file == '/' || !strcmp(file, "-")
				    ? file
				    : path_join(x->a, x->dir, file),
			    e))
			return -1;
	} else if (!x->pin) {
		x->pin = getenv(env ? env : "MACHILINK_PIN");
	}
	*out = x->pin;
	return x->pin && *x->pin
		       ? 0
		       : fail(e, FAULT_CONFIG,
				 "the PIN is needed: set %s, or give "
				 "--pin-file FILE (- is standard input)",
				 env ? env : "MACHILINK_PIN");
}

/* ---- steps ---- */

static const struct resource *
row_of(const struct plan_kind *k)
{
	const struct resource *r;

	for (r = apply_server_rows; r->kind; r++)
		if (r->kind == k)
			return r;
	for (r = apply_center_rows; r->kind; r++)
		if (r->kind == k)
			return r;
	return NULL;
}

static int
do_add(struct apply *x, const struct resource *r, const struct plan_step *s,
	json_t **now, struct err *e)
{
	json_t *answer;

	if (r->on_add)
		return r->on_add(x, s, now, e);
	if (apply_row_run(x, &r->add, s, &answer, e))
		return -1;
	return r->read ? r->read(x, s, answer, now, e) : 0;
}

/* Additions and removals are calls of their own. */
static int
do_set(struct apply *x, const struct resource *r, const struct plan_step *s,
	json_t **now, struct err *e)
{
	struct plan_step one = *s;
	json_t *answer;

	if (r->on_set)
		return r->on_set(x, s, now, e);
	one.del = NULL;
	if (json_array_size(s->add) &&
		apply_row_run(x, &r->set_add, &one, &answer, e))
		return -1;
	one.add = NULL;
	one.del = s->del;
	if (json_array_size(s->del) &&
		apply_row_run(x, &r->set_del, &one, &answer, e))
		return -1;
	return 0;
}

static int
do_change(struct apply *x, const struct resource *r, const struct plan_step *s,
	json_t **now, struct err *e)
{
	json_t *answer;

	return r->on_change ? r->on_change(x, s, now, e)
			    : apply_row_run(x, &r->change, s, &answer, e);
}

static int
do_remove(struct apply *x, const struct resource *r, const struct plan_step *s,
	json_t **now, struct err *e)
{
	json_t *answer;

	return r->on_remove ? r->on_remove(x, s, now, e)
			    : apply_row_run(x, &r->remove, s, &answer, e);
}

static int (*const verbs[])(struct apply *x, const struct resource *r,
	const struct plan_step *s, json_t **now, struct err *e) = {
	[PLAN_ADD] = do_add,
	[PLAN_CHANGE] = do_change,
	[PLAN_SET] = do_set,
	[PLAN_REMOVE] = do_remove,
};

static char *
line_of(struct apply *x, const struct plan_step *s)
{
	struct buf b;
	char *out;

	buf_init(&b, LINE_MAX_BYTES);
	plan_tell(&b, s, x->ja);
	out = arena_strdup(x->a, b.data ? b.data : "");
	buf_done(&b);
	return out;
}

static void
mark_done(struct apply *x, const struct plan_step *s)
{
	const char *key = plan_step_key(x->a, s);
	json_t *p;
	size_t i;

	json_each(p, i, x->planned)
		if (str_equal(json_str(p, "key"), key))
			json_put_bool(p, "done", true);
}

static int
on_step(void *ctx, const struct plan_step *s, json_t **now, struct err *e)
{
	struct apply *x = ctx;
	char *line = line_of(x, s);
	json_t *p;

	if (!x->doing) {
		p = json_object();
		json_put_str(p, "key", plan_step_key(x->a, s));
		json_put_str(p, "line", line);
		json_array_append_new(x->planned, p);
		return 0;
	}
	if (verbs[s->verb](x, row_of(s->kind), s, now, e)) {
		fprintf(stderr, "%s %s\n", say(x, "失敗:", "failed:"), line);
		return -1;
	}
	mark_done(x, s);
	if (!s->follow)
		printf("%s %s\n", say(x, "完了:", "done:"), line);
	fflush(stdout);
	return 0;
}

static int
read_state(struct apply *x, const struct plan_kind *kind, json_t **out,
	struct err *e)
{
	return kind == &plan_server ? apply_read_server(x, out, e)
				    : apply_read_center(x, out, e);
}

static int
plan(struct apply *x, const struct plan_kind *kind, json_t *have, struct err *e)
{
	struct plan_walk w = { .a = x->a, .step = on_step, .ctx = x };

	x->doing = false;
	x->planned = json_keep(x->a, json_array());
	return plan_walk(&w, kind, x->want, have, e);
}

/* ---- what a plan needs before it is compared ---- */

struct loading {
	struct apply *x;
	bool missing; /* a certificate's file is not there yet */
};

static int
cert_text(struct apply *x, const char *name, struct bytes text,
	const char **out, struct err *e)
{
	struct err why = ERR_INIT;
	struct digest d;
	struct cert *c;

	if (cert_parse(&c, text, &why))
		return fail(e, FAULT_BAD_REQUEST, "%s is no certificate: %s",
			name, why.text);
	cert_digest(c, DIGEST_SHA256, &d);
	*out = hex_encode(x->a, d.value, d.len);
	json_put_str(
		x->pem, *out, pem_encode(x->a, "CERTIFICATE", cert_der(c)));
	cert_unref(&c);
	return 0;
}

/* The text of a file, or the text itself; a certificate becomes its hash. */
static int
load(void *ctx, const struct plan_field *f, const char *text, const char **out,
	struct err *e)
{
	struct loading *l = ctx;
	struct apply *x = l->x;
	struct bytes file;
	char *path;

	*out = text;
	if (f->type == PLAN_FILE && *text == '<')
		return 0;
	if (f->type != PLAN_FILE && str_prefix(text, "-----BEGIN"))
		return cert_text(x, f->name, bytes_str(text), out, e);
	if (f->type != PLAN_FILE && strlen(text) == 64 &&
		strspn(text, "0123456789abcdef") == 64)
		return 0;
	path = *text == '/' ? arena_strdup(x->a, text)
			    : path_join(x->a, x->dir, text);
	if (f->type == PLAN_CERTS && !file_exists(path)) {
		printf(x->ja ? "注意: 証明書 %s はまだありません\n"
			     : "note: the certificate %s is not there yet\n",
			text);
		*out = NULL;
		return 0;
	}
	if (file_read(x->a, path, PLAN_FILE_MAX, &file, e))
		return -1;
	if (f->type != PLAN_FILE)
		return cert_text(x, text, file, out, e);
	*out = arena_strndup(x->a, (const char *)file.data, file.len);
	return 0;
}

/* Signing keys are the owner's unless said; what waits for a certificate is
   not registered, nor are clients as long as a key waits. */
static void
prepare_keys(struct apply *x)
{
	json_t *key, *client;
	bool waits = false;
	size_t i;

	json_each(key, i, json_list(x->want, "keys")) {
		if (!str_equal(json_str(key, "usage"), "SIGNING"))
			json_object_del(key, "member");
		else if (!json_str(key, "member") && json_str(x->want, "owner"))
			json_put_str(key, "member", json_str(x->want, "owner"));
		if (!json_list(key, "certificates") ||
			json_array_size(json_list(key, "certificates")))
			continue;
		json_object_del(key, "registered");
		json_object_del(key, "active");
		waits = true;
	}
	if (!waits)
		return;
	puts(say(x, "注意: 証明書を待つ鍵があるため、登録は次回に行います",
		"note: a key waits for its certificate; registrations come "
		"with the next run"));
	json_each(client, i, json_list(x->want, "clients"))
		if (json_bool(client, "registered", false))
			json_object_del(client, "registered");
}

static int
check_descriptions(const json_t *client, struct err *e)
{
	json_t *d;
	size_t i;

	json_each(d, i, json_list(client, "service_descriptions")) {
		bool wsdl = str_equal(json_str(d, "type"), "WSDL");

		if (wsdl == !json_str(d, "code"))
			continue;
		return fail(e, FAULT_BAD_REQUEST,
			wsdl ? "the WSDL %s has no \"code\" of its own"
			     : "the service description %s needs a \"code\"",
			json_str(d, "url"));
	}
	return 0;
}

static int
prepare(struct apply *x, const struct plan_kind *kind, struct err *e)
{
	struct loading l = { .x = x };
	json_t *client;
	size_t i;

	if (plan_resolve(kind, x->want, load, &l, e))
		return -1;
	if (kind != &plan_server)
		return 0;
	prepare_keys(x);
	json_each(client, i, json_list(x->want, "clients"))
		if (check_descriptions(client, e))
			return -1;
	return 0;
}

/* ---- the command ---- */

static void
show(const struct apply *x)
{
	json_t *p;
	size_t i;

	json_each(p, i, x->planned)
		printf("  %s\n", json_str(p, "line"));
	printf(x->ja ? "変更 %zu 件\n" : "%zu changes\n",
		json_array_size(x->planned));
}

static bool
agreed(const struct apply *x, bool yes)
{
	char answer[ANSWER] = "";

	if (yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		fputs(say(x, "machilink: 実行するには --yes を付けてください\n",
			      "machilink: to do this, say --yes\n"),
			stderr);
		return false;
	}
	fputs(say(x, "実行しますか [y/N] ", "do it? [y/N] "), stdout);
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) &&
	       (*answer == 'y' || *answer == 'Y');
}

static void
tell_undone(const struct apply *x)
{
	json_t *p;
	size_t i;

	json_each(p, i, x->planned)
		if (!json_bool(p, "done", false))
			fprintf(stderr, "%s %s\n",
				say(x, "未実行:", "not done:"),
				json_str(p, "line"));
	fputs(say(x, "原因を除いてもう一度実行すると続きから行います\n",
		      "run it again when the cause is gone: it goes on from "
		      "here\n"),
		stderr);
}

/* What was shown must still be what is to be done: somebody else may have
   been at work meanwhile. */
static int
still_so(struct apply *x, const struct plan_kind *kind, json_t **have,
	struct err *e)
{
	json_t *shown = x->planned;

	if (read_state(x, kind, have, e) || plan(x, kind, *have, e))
		return -1;
	if (json_equal(shown, x->planned))
		return 0;
	return fail(e, FAULT_CONFLICT,
		"the machine was changed meanwhile; nothing was done, run it "
		"again");
}

static int
perform(struct apply *x, const struct plan_kind *kind, struct err *e)
{
	struct plan_walk w = {
		.a = x->a, .step = on_step, .ctx = x, .doing = true
	};
	json_t *have;

	if (still_so(x, kind, &have, e))
		return complain_err(EXIT_INVALID, e);
	x->doing = true;
	if (plan_walk(&w, kind, x->want, have, e)) {
		complain_err(EXIT_INVALID, e);
		tell_undone(x);
		return EXIT_INVALID;
	}
	printf(x->ja ? "完了 %zu 件\n" : "all %zu done\n",
		json_array_size(x->planned));
	return EXIT_OK;
}

int
apply_run(struct apply *x, const char *file, bool dry, bool yes)
{
	const struct plan_kind *kind;
	struct err e = ERR_INIT;
	struct bytes text;
	json_t *have;
	char *dir = arena_strdup(x->a, file), *slash = strrchr(dir, '/');

	if (slash)
		slash[slash == dir] = '\0';
	x->dir = slash ? dir : ".";
	x->pem = json_keep(x->a, json_object());
	if (file_read(x->a, file, PLAN_FILE_MAX, &text, &e) ||
		plan_read(x->a, file, text, &kind, &x->want, &e))
		return complain_err(EXIT_USAGE, &e);
	if (prepare(x, kind, &e) || read_state(x, kind, &have, &e) ||
		plan(x, kind, have, &e))
		return complain_err(EXIT_INVALID, &e);
	if (!json_array_size(x->planned)) {
		puts(say(x, "変更はありません", "nothing to do"));
		return EXIT_OK;
	}
	show(x);
	if (dry)
		return EXIT_CANNOT_TELL;
	if (!agreed(x, yes))
		return EXIT_INVALID;
	return perform(x, kind, &e);
}

int
apply_export(struct apply *x, bool json)
{
	const struct plan_kind *kind;
	struct err e = ERR_INIT;
	json_t *have, *clean;
	struct apply_answer a;
	struct buf b;
	int ret;

	/* only a center answers this */
	if (apply_call(x, "GET", "/system/status", NULL, bytes_of(NULL, 0), &a,
		    &e))
		return complain_err(EXIT_INVALID, &e);
	kind = a.status == 404 ? &plan_server : &plan_center;
	if (read_state(x, kind, &have, &e))
		return complain_err(EXIT_INVALID, &e);
	clean = json_keep(x->a, plan_clean(kind, have));
	buf_init(&b, 64 * PLAN_FILE_MAX);
	if (json)
		json_write(&b, clean, JSON_PRETTY);
	else
		yaml_write(&b, clean);
	ret = buf_ok(&b, "the state", &e);
	if (!ret)
		fputs(b.data, stdout);
	if (!ret && json)
		putchar('\n');
	buf_done(&b);
	return ret ? complain_err(EXIT_FAILED, &e) : EXIT_OK;
}
