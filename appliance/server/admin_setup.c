/* SPDX-License-Identifier: MIT */
/*
 * Administration: how far this server is on the way from empty to its first
 * exchange, step by step, and that exchange. The acts are X-Road's own calls.
 */
#include "setup_check_int.h"

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "text.h"

enum { NOW, ASKED };
enum step {
	MEMBER_CODE,
	ENVIRONMENT,
	INSTALLATION,
	INITIAL_SETUP,
	CSR,
	CERTIFICATES,
	CONNECTION_TYPE,
	CONNECTIVITY,
	STEPS
};
static const char *const step_words[STEPS] = { "MEMBER_CODE", "ENVIRONMENT",
	"INSTALLATION", "INITIAL_SETUP", "CSR", "CERTIFICATES",
	"CONNECTION_TYPE", "CONNECTIVITY" };

static const struct check {
	enum step step;
	int when;
	const char *id;
	SETUP_CHECK((*run));
	const char *label, *label_ja, *todo, *todo_ja;
} checks[] = {
#define CHECK(step, id, when, run, label, label_ja, todo, todo_ja) \
 { step, when, #id, run, label, label_ja, todo, todo_ja },
#include "setup_check.def"
#undef CHECK
};
enum { CHECKS = sizeof(checks) / sizeof(checks[0]), NOT_ASKED = -1 };

static json_t *
both(const char *en, const char *ja)
{
	json_t *j = json_object();

	json_put_str(j, "en", en);
	json_put_str(j, "ja", ja);
	return j;
}

static const char *
word_of(int found)
{
	static const char *const words[] = { [FOUND_GOOD] = "OK",
		[FOUND_TODO] = "TODO",
		[FOUND_WAITING] = "WAITING",
		[FOUND_BAD] = "FAIL",
		[FOUND_LATER] = "NOT_CHECKED" };

	return found == NOT_ASKED ? "NOT_CHECKED" : words[found];
}

/* One check; ask: also what calls others. */
static json_t *
check_json(const struct looking *x, const struct check *c, bool ask, int *found)
{
	json_t *j = json_object(), *error;
	const char *about = NULL;
	struct err why = ERR_INIT;

	*found = c->when == NOW || ask ? (int)c->run(x, &about, &why)
				       : NOT_ASKED;
	json_put_str(j, "id", c->id);
	json_put_str(j, "state", word_of(*found));
	json_put_new(j, "label", both(c->label, c->label_ja));
	if (*found != FOUND_GOOD && *found != NOT_ASKED)
		json_put_new(j, "todo", both(c->todo, c->todo_ja));
	if (about && *about)
		json_put_str(j, "about", about);
	if (*found == FOUND_BAD) {
		error = json_object();
		json_put_str(error, "code",
			why.foreign && *why.code ? why.code
						 : fault_code(why.fault));
		json_put_str(error, "message", why.text);
		json_put_new(j, "error", error);
	}
	return j;
}

/* The worst counts: failed, something to do, waiting. What was not asked says
   nothing, unless there is nothing else. */
static json_t *
step_json(const struct looking *x, enum step step, bool ask)
{
	static const char *const words[] = { [FOUND_GOOD] = "DONE",
		[FOUND_TODO] = "TODO",
		[FOUND_WAITING] = "WAITING",
		[FOUND_BAD] = "FAILED" };
	size_t of[] = { [FOUND_GOOD] = 0,
		[FOUND_TODO] = 0,
		[FOUND_WAITING] = 0,
		[FOUND_BAD] = 0 };
	json_t *j = json_object(), *list = json_array();
	enum finding all;

	for (size_t i = 0; i < CHECKS; i++) {
		int found;

		if (checks[i].step != step)
			continue;
		json_array_append_new(
			list, check_json(x, &checks[i], ask, &found));
		if (found != NOT_ASKED && found != FOUND_LATER)
			of[found]++;
	}
	all = of[FOUND_BAD]       ? FOUND_BAD
	      : of[FOUND_TODO]    ? FOUND_TODO
	      : of[FOUND_WAITING] ? FOUND_WAITING
	      : of[FOUND_GOOD]    ? FOUND_GOOD
				  : FOUND_TODO;
	json_put_str(j, "id", step_words[step]);
	json_put_str(j, "state", words[all]);
	json_put_new(j, "checks", list);
	return j;
}

static int
look(struct request *r, struct server *s, struct looking *x, struct err *e)
{
	*x = (struct looking){ .s = s, .r = r, .a = request_arena(r) };
	x->g = admin_globalconf(r, s);
	return serverconf_model(s->sc, x->a, &x->m, e) ||
			       keyconf_model(s->keys, x->a, &x->k, e)
		       ? -1
		       : 0;
}

int
admin_setup_get(struct request *r, void *state, struct err *e)
{
	struct looking x;
	json_t *j, *list;

	if (look(r, state, &x, e))
		return -1;
	j = json_object();
	list = json_array();
	for (int step = 0; step < STEPS; step++)
		json_array_append_new(
			list, step_json(&x, (enum step)step, false));
	json_put_new(j, "steps", list);
	return admin_reply(r, 200, j, e);
}

int
admin_setup_check(struct request *r, void *state, struct err *e)
{
	const char *id = request_segment(r, "step");
	struct looking x;

	if (look(r, state, &x, e))
		return -1;
	for (int step = 0; step < STEPS; step++)
		if (str_equal(step_words[step], id))
			return admin_reply(r, 200,
				step_json(&x, (enum step)step, true), e);
	return fail(e, FAULT_NOT_FOUND, "there is no step %s", id ? id : "");
}

/* ---- the exchange that ends it ---- */

struct exchange {
	struct client_id client, target;
};

/* Given, or the owner with the management services. */
static int
exchange_read(const struct looking *x, const json_t *body, struct exchange *out,
	struct err *e)
{
	const struct private_params *p = x->g ? globalconf_private(x->g) : NULL;
	const char *client = json_str(body, "client_id");
	const char *target = json_str(body, "target_client_id");

	if (!x->m->initialized)
		return fail(
			e, FAULT_CONFLICT, "the server is not initialised yet");
	out->client = x->m->self.owner;
	if (client && *client &&
		admin_client_parse(x->a, client, &out->client, e))
		return -1;
	if (target && *target)
		return admin_client_parse(x->a, target, &out->target, e);
	if (!p || !p->management.cls)
		return fail(e, FAULT_CONFLICT,
			"the global configuration names no provider of "
			"management services; choose a target");
	out->target = p->management;
	return 0;
}

int
admin_setup_exchange(struct request *r, void *state, struct err *e)
{
	struct err why = ERR_INIT;
	struct exchange v;
	struct looking x;
	const char *id = NULL;
	int64_t began;
	json_t *body, *j;

	if (admin_body(r, &body, e) || look(r, state, &x, e) ||
		exchange_read(&x, body, &v, e))
		return -1;
	began = clock_ticks();
	if (visit_rest(x.a, x.s, &v.client, &v.target, NULL, &id, &why))
		return admin_refuse_why(r, 409,
			why.foreign && *why.code ? why.code
						 : fault_code(why.fault),
			&why, e);
	j = json_object();
	json_put_str(j, "client_id", admin_client_id(x.a, &v.client));
	json_put_str(j, "target_client_id", admin_client_id(x.a, &v.target));
	json_put_str(j, "service_code", "listMethods");
	json_put_str(j, "request_id", id);
	json_put_int(j, "milliseconds", clock_ticks() - began);
	return admin_reply(r, 200, j, e);
}
