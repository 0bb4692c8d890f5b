/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a parameter is changed from the settings page. The first line
 * is "section/key" as the path has it, the rest the JSON body; without one the
 * change is taken back. What is taken is what the next start reads, for this
 * parameter alone, and the machine starts with it; what is refused says why
 * and leaves settings.ini as it was.
 */
#define IN_CONSOLE 1
#define IN_HTTP    1
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asset.h"
#include "console_int.h"
#include "contract_int.h"
#include "err.h"
#include "file.h"
#include "http_int.h"
#include "json_io.h"
#include "mem.h"
#include "param.h"
#include "role.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const struct asset_table web_assets = { NULL, 0 }; /* no pages here */

#define PATH_BEFORE "/machilink/parameters/"
static const char before_text[] = "[machilink]\n"
				  "backup-keep-days = 7\n";

enum { BODY_MAX = 4096, PATH_TEXT_MAX = 64 };

static const struct route rows[] = {
	{ "PUT", PATH_BEFORE "{section}/{key}", BODY_MAX, 0, parameter_put },
	{ "DELETE", PATH_BEFORE "{section}/{key}", 0, 0, parameter_delete },
	{ NULL, NULL, 0, 0, NULL },
};

/* The machine that runs: its data folder with what was changed before. */
struct place {
	char dir[PATH_TEXT_MAX];
	char *ini, *local;
	struct conf *file; /* without settings.ini */
	struct conf *conf;
};

static int
place_write(struct place *p, struct arena *a, struct err *e)
{
	const char *text = arena_printf(a,
		"[machilink]\ndata-dir = %s\n[signer]\nkey-length = 3072\n",
		p->dir);

	p->ini = path_join(a, p->dir, "machilink.ini");
	p->local = path_join(a, p->dir, CONF_LOCAL);
	return file_write(p->ini, bytes_str(text), FILE_PRIVATE, e) ||
	       conf_load(&p->file, p->ini, e) ||
	       file_write(p->local, bytes_str(before_text), FILE_PRIVATE, e) ||
	       conf_load(&p->conf, p->ini, e);
}

static void
place_make(struct place *p, struct arena *a)
{
	struct err e = ERR_INIT;

	snprintf(p->dir, sizeof(p->dir), "/dev/shm/setting-fuzz-XXXXXX");
	if (mkdtemp(p->dir) && !place_write(p, a, &e))
		return;
	fprintf(stderr, "%s: %s\n", p->dir, e.text);
	exit(1);
}

static void
place_remove(struct place *p)
{
	conf_free(&p->file);
	conf_free(&p->conf);
	unlink(p->ini);
	unlink(p->local);
	assert(!rmdir(p->dir)); /* nothing else was written */
}

static void
check_taken(const struct place *p, int id, const char *value)
{
	struct err e = ERR_INIT;
	struct conf *next;

	assert(id >= 0 && param_local((enum param_id)id));
	assert(!conf_next(p->conf, &next, &e));
	assert(conf_local(next, (enum param_id)id) == (value != NULL));
	assert(str_equal(conf_text(next, (enum param_id)id),
		value ? value : conf_text(p->file, (enum param_id)id)));
	for (int i = 0; i < PARAM_COUNT; i++)
		assert(i == id ||
			str_equal(conf_text(next, (enum param_id)i),
				conf_text(p->conf, (enum param_id)i)));
	conf_free(&next);
}

static void
check_refused(const struct place *p, struct request *r, const struct err *e)
{
	struct bytes now;

	assert(r->status == 400 || e->fault == FAULT_BAD_REQUEST ||
		e->fault == FAULT_FORBIDDEN || e->fault == FAULT_NOT_FOUND ||
		e->fault == FAULT_TOO_LARGE);
	assert(*e->text && utf8_valid(e->text, strlen(e->text)));
	assert(!file_read(r->arena, p->local, BODY_MAX, &now, NULL));
	assert(bytes_equal(now, bytes_str(before_text)));
}

/* The value in the body, which the handler wipes. */
static const char *
asked(struct request *r)
{
	json_t *body;

	if (!r->body.len || json_parse(r->arena, r->body, NULL, &body, NULL))
		return NULL;
	return json_str(body, "value");
}

/* As the interface takes it: the contract first, then the handler. There is
   nobody to take the answer, so that its status tells. */
static void
change(struct place *p, struct request *r)
{
	struct role_env env = { .conf = p->conf };
	struct console c = { .env = &env,
		.changing = PTHREAD_MUTEX_INITIALIZER };
	const struct contract *k =
		contract_find('S', r->method, r->route->path);
	const char *section = request_segment(r, "section");
	const char *key = request_segment(r, "key");
	const char *value = NULL;
	struct err e = ERR_INIT;

	assert(k || r->route->handle == parameter_delete);
	if (!contract_check(r, k, false, &e)) {
		value = asked(r);
		(void)r->route->handle(r, &c, &e);
	}
	if (r->status == 204)
		check_taken(p, param_find(section, key), value);
	else
		check_refused(p, r, &e);
}

static void
run(struct arena *a, char *name, struct bytes body)
{
	struct http_server s = { .row = { .one_request = true } };
	struct http_worker w = { .server = &s };
	struct http_head head = { .minor = 1 };
	struct request r = { .head = &head,
		.server = &s,
		.worker = &w,
		.arena = a,
		.method = body.len ? "PUT" : "DELETE",
		.path = arena_printf(a, PATH_BEFORE "%s", name),
		.ended = true };
	struct place p = { 0 };
	const char *allow;

	head.header[head.headers++] =
		(struct http_header){ "Content-Type", "application/json" };
	r.route = route_find(rows, r.method, r.path, a, &allow);
	if (!r.route)
		return;
	buf_init(&r.out, REPLY_HEAD_MAX);
	request_set_body(&r, body);
	place_make(&p, a);
	change(&p, &r);
	place_remove(&p);
	buf_done(&r.out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t n = end ? (size_t)(end - data) : size;
	size_t left = end ? size - n - 1 : 0;

	if (left <= BODY_MAX)
		run(a, arena_strndup(a, (const char *)data, n),
			bytes_of(arena_memdup(a, data + size - left, left),
				left));
	arena_free(&a);
	return 0;
}
