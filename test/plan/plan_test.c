/* SPDX-License-Identifier: MIT */
/*
 * Declared states: what a file may say and how a mistake is told; the steps
 * from what is there to what is wanted, and that they lead there.
 */
#include "plan.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "tap.h"
#include "text.h"
#include "yaml_io.h"

static struct arena *a;

static json_t *
yaml(const char *text)
{
	json_t *j = NULL;
	struct err e = ERR_INIT;

	ok_m(!yaml_parse(a, bytes_str(text), NULL, &j, &e), "%s", e.text);
	return j;
}

static void
refused(const char *text, const char *why)
{
	const struct plan_kind *kind;
	struct err e = ERR_INIT;
	json_t *j;

	ok(plan_read(a, "f.yaml", bytes_str(text), &kind, &j, &e) != 0);
	is_str(e.text, why);
}

static void
test_mistakes(void)
{
	refused("machilink: sever\n",
		"f.yaml:1: it must say \"machilink: server\" or \"machilink: "
		"center\"");
	refused("clients: []\n",
		"f.yaml: it must say \"machilink: server\" or \"machilink: "
		"center\"");
	refused("machilink: server\nownr: LAB:GOV:1\n",
		"f.yaml:2: a server has no \"ownr\"; did you mean \"owner\"?");
	refused("machilink: server\nzzzzzzz: 1\n",
		"f.yaml:2: a server has no \"zzzzzzz\"");
	refused("machilink: server\nclients:\n- id: a:b:c\n  registerd: yes\n",
		"f.yaml:4: a client has no \"registerd\"; did you mean "
		"\"registered\"?");
	refused("machilink: server\nclients:\n- connection_type: HTTP\n",
		"f.yaml:3: a client needs \"id\"");
	refused("machilink: server\nclients:\n- id: a:b:c\n"
		"  connection_type: HTP\n",
		"f.yaml:4: \"connection_type\" must be one of: HTTP HTTPS "
		"HTTPS_NO_AUTH");
	refused("machilink: server\nclients:\n- id: 12\n",
		"f.yaml:3: this must be a text; a number wants quotes here");
	refused("machilink: server\nclients:\n- {id: a:b:c}\n- {id: a:b:c}\n",
		"f.yaml:4: the client a:b:c stands in the list twice");
	refused("machilink: server\nclients: {}\n",
		"f.yaml:2: this must be a list");
	refused("machilink: server\nexclusive: [clients]\n",
		"f.yaml:2: \"clients\" is exclusive but not given; an empty "
		"list says none");
	refused("machilink: server\nexclusive: [owner]\nowner: x\n",
		"f.yaml:2: \"owner\" is no list of a server");
	refused("machilink: server\ntimestamping_services: [a, a]\n",
		"f.yaml:2: this stands in the list twice");
	refused("machilink: center\nautomatic_approval: [client]\n",
		"f.yaml:2: this must be one of: authentication_certificates "
		"clients owner_changes");
	refused("machilink: server\nlogged_in: maybe\n",
		"f.yaml:2: this must be true or false");
	refused("machilink: center\nmembers:\n- id: a\n  name: b\n"
		"  subsystems:\n  - code: c\n    nam: d\n",
		"f.yaml:7: a subsystem has no \"nam\"; did you mean \"name\"?");
	refused("machilink: server\n\t- x", "f.yaml: not valid YAML, line 2: "
					    "found a tab character that "
					    "violates indentation");
	refused("{\"machilink\":\"server\",\n\"ownr\":\"x\"}",
		"f.yaml:2: a server has no \"ownr\"; did you mean \"owner\"?");
}

/* ---- steps ---- */

struct told {
	struct buf text;
	bool doing;
};

/* What a machine would do: adds take over what is wanted. */
static int
tell(void *ctx, const struct plan_step *s, json_t **now, struct err *e)
{
	struct told *t = ctx;

	(void)e;
	plan_tell(&t->text, s, false);
	buf_char(&t->text, '\n');
	if (t->doing && s->verb == PLAN_ADD)
		*now = json_keep(a, plan_clean(s->kind, s->want));
	return 0;
}

static char *
steps(const char *want, const char *have, bool doing)
{
	struct told t = { .doing = doing };
	struct plan_walk w = {
		.a = a, .step = tell, .ctx = &t, .doing = doing
	};
	const struct plan_kind *kind;
	struct err e = ERR_INIT;
	json_t *j;
	char *out;

	buf_init(&t.text, 64 * 1024);
	if (plan_read(a, "f", bytes_str(want), &kind, &j, &e) ||
		plan_walk(&w, kind, j, yaml(have), &e))
		out = arena_strdup(a, e.text);
	else
		out = arena_strdup(a, t.text.data ? t.text.data : "");
	buf_done(&t.text);
	return out;
}

#define SERVER "machilink: server\nowner: L:G:1\n"
#define ONE    "clients:\n- id: L:G:1:a\n  connection_type: HTTP\n"

static void
test_steps(void)
{
	is_str(steps(SERVER ONE, SERVER ONE, false), "");
	/* what is not mentioned stays */
	is_str(steps(SERVER, SERVER ONE, false), "");
	is_str(steps(SERVER "clients: []\n", SERVER ONE, false), "");
	is_str(steps(SERVER "clients: []\nexclusive: [clients]\n", SERVER ONE,
		       false),
		"- client L:G:1:a\n");
	is_str(steps(SERVER "clients: []\nexclusive: [clients]\n",
		       SERVER ONE "  _keep: true\n", false),
		"");
	is_str(steps(SERVER ONE, SERVER, false),
		"+ client L:G:1:a: connection_type \"HTTP\"\n");
	is_str(steps(SERVER "clients:\n- id: L:G:1:a\n"
			    "  connection_type: HTTPS\n",
		       SERVER ONE, false),
		"~ client L:G:1:a: connection_type \"HTTP\" -> \"HTTPS\"\n");
	is_str(steps("machilink: server\nowner: L:G:2\n", SERVER, false),
		"the owner of the server is \"L:G:1\" and cannot become "
		"\"L:G:2\"");
	is_str(steps("machilink: server\nanchor: \"<a>\\n\"\n",
		       "anchor: \"<a>\"\n", false),
		"");
}

static void
test_sets(void)
{
	static const char want[] = SERVER "timestamping_services: [a, b]\n";

	is_str(steps(want, SERVER "timestamping_services: [b, a]\n", false),
		"");
	is_str(steps(want, SERVER "timestamping_services: [c, a]\n", false),
		"~ server: timestamping_services + \"b\"\n");
	is_str(steps(SERVER "timestamping_services: [a]\n"
			    "exclusive: [timestamping_services]\n",
		       SERVER "timestamping_services: [c, a]\n", false),
		"~ server: timestamping_services - \"c\"\n");
}

#define DESCRIPTION                                          \
 SERVER "clients:\n- id: L:G:1:a\n  service_descriptions:\n" \
	"  - type: WSDL\n    url: u\n    enabled: true\n    services:\n"

/* Services of every code; what is done first, what last. */
static void
test_inner(void)
{
	static const char have[] =
		DESCRIPTION "    - {code: x, timeout: 60}\n"
			    "    - {code: y, timeout: 5, access: [g]}\n"
			    "    - {code: z, timeout: 60, access: [g]}\n";

	is_str(steps(DESCRIPTION "    - {code: '*', timeout: 9, access: [g]}\n"
				 "    - {code: z, timeout: 60}\n",
		       have, false),
		"~ service x (L:G:1:a / u): timeout 60 -> 9\n"
		"~ service x (L:G:1:a / u): access + \"g\"\n"
		"~ service y (L:G:1:a / u): timeout 5 -> 9\n");
	/* what is empty is as if it were not there */
	is_str(steps(DESCRIPTION
		       "    - {code: x, access: [g], consent: {items: "
		       "[a], max_age: 0}, record: {}}\n",
		       DESCRIPTION "    - {code: x}\n", false),
		"~ service x (L:G:1:a / u): consent\n"
		"~ service x (L:G:1:a / u): access + \"g\"\n");
	is_str(steps(DESCRIPTION "    - {code: x, consent: {items: [a]}}\n",
		       DESCRIPTION "    - {code: x, consent: {items: [a], "
				   "namespaces: {}}}\n",
		       false),
		"");
	is_str(steps(DESCRIPTION "    - {code: x, consent: {}}\n",
		       DESCRIPTION "    - {code: x, consent: {items: [a]}}\n",
		       false),
		"~ service x (L:G:1:a / u): consent\n");
	is_str(steps(SERVER "keys:\n- label: k\n  usage: AUTHENTICATION\n"
			    "  registered: true\n  certificates: [c]\n",
		       SERVER "keys:\n- label: k\n  usage: AUTHENTICATION\n"
			      "  registered: false\n",
		       false),
		"~ key k AUTHENTICATION: certificates + \"c\"\n"
		"~ key k AUTHENTICATION: registered false -> true\n");
	/* removals last, the innermost first */
	is_str(steps(SERVER "exclusive: [clients]\nclients:\n- id: L:G:1:b\n"
			    "- id: L:G:1:a\n  exclusive: [local_groups]\n"
			    "  local_groups: []\n",
		       SERVER "clients:\n- id: L:G:1:a\n  local_groups:\n"
			      "  - {code: g, description: d}\n- id: L:G:1:c\n",
		       true),
		"+ client L:G:1:b\n- client L:G:1:c\n"
		"- local group g (L:G:1:a)\n");
}

static void
test_clean(void)
{
	json_t *j = json_keep(
		a, plan_clean(&plan_server, yaml("zoo: 1\n_id: 2\nclients:\n"
						 "- {_id: 3, id: x}\nkeys: []\n"
						 "machilink: server\n")));
	struct buf b;

	buf_init(&b, 1024);
	json_write(&b, j, JSON_PLAIN);
	is_str(b.data, "{\"machilink\":\"server\",\"clients\":[{\"id\":"
		       "\"x\"}]}");
	buf_done(&b);
}

static void
test_show(void)
{
	struct buf b;

	buf_init(&b, 64 * 1024);
	plan_show(&b, &plan_server, false);
	ok(strstr(b.data, "\n  - id:                   text; tells them apart, "
			  "needed\n") != NULL);
	plan_show(&b, &plan_center, true);
	ok(strstr(b.data, "メンバークラス") != NULL);
	ok(!buf_ok(&b, "all", NULL));
	buf_done(&b);
}

int
main(void)
{
	a = arena_new();
	test_mistakes();
	test_steps();
	test_sets();
	test_inner();
	test_clean();
	test_show();
	arena_free(&a);
	return tap_done();
}
