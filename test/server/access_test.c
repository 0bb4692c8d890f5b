/* SPDX-License-Identifier: MIT */
/*
 * Who may call what: the order of decisions and the decision table of
 * X-Road's access rights, traversal attempts included.
 */
#define IN_SERVER 1
#include "center_kit.h"
#include "db.h"
#include "model_int.h"
#include "server_sql.h"

#define PROVIDER                      \
 {                                    \
  "TEST", "GOV", "1000", "Facilities" \
 }

struct world {
	struct kit kit;
	struct arena *a;
	struct conf *conf;
	struct http_client *http;
	struct confclient *confclient;
	struct globalconf *g;
	struct db *db;
	struct serverconf *sc;
};

static int
fill(struct db_conn *c, void *arg, struct err *e)
{
	int64_t client, rest, soap, base, item, tree, tail, group;

	(void)arg;
#define RUN(q, ...)                               \
 if (db_run(c, Q_SERVER_##q, e, __VA_ARGS__) < 0) \
 return -1
	RUN(IDENTITY_SET, db_text("TEST"), db_text("GOV"), db_text("1000"),
		db_text("SS1"));
	RUN(CLIENT_ADD, db_text("TEST"), db_text("GOV"), db_text("1000"),
		db_text("Facilities"), db_text("REGISTERED"), db_text("HTTP"));
	client = db_last_id(c);
	RUN(CLIENT_ADD, db_text("TEST"), db_text("GOV"), db_text("1000"),
		db_text("Waiting"), db_text("SAVED"), db_text("HTTPS"));
	RUN(DESCRIPTION_ADD, db_int(client), db_text("REST"),
		db_text("http://x/rest"), db_int(1));
	rest = db_last_id(c);
	RUN(DESCRIPTION_DISABLE, db_int(0), db_null(), db_int(rest));
	RUN(DESCRIPTION_ADD, db_int(client), db_text("WSDL"),
		db_text("http://x/wsdl"), db_int(1));
	soap = db_last_id(c);
	RUN(DESCRIPTION_DISABLE, db_int(1), db_text("back on Monday"),
		db_int(soap));
	RUN(SERVICE_ADD, db_int(client), db_int(rest), db_text("pets"),
		db_text(""), db_null(), db_text("http://x/rest"), db_int(60),
		db_int(0));
	RUN(SERVICE_ADD, db_int(client), db_int(soap), db_text("getIt"),
		db_text("v1"), db_null(), db_text("http://x/soap"), db_int(60),
		db_int(0));
	RUN(ENDPOINT_BASE, db_int(client), db_text("pets"));
	RUN(RIGHT_ADD, db_int(db_last_id(c)), db_text("SUBSYSTEM"),
		db_text("TEST/COM/2000/Whole"), db_int(1));
	RUN(ENDPOINT_ADD, db_int(client), db_text("getIt"), db_text("*"),
		db_text("**"), db_int(1));
	base = db_last_id(c);
	RUN(ENDPOINT_ADD, db_int(client), db_text("pets"), db_text("GET"),
		db_text("/pets/*"), db_int(0));
	item = db_last_id(c);
	RUN(ENDPOINT_ADD, db_int(client), db_text("pets"), db_text("*"),
		db_text("/tree/**"), db_int(0));
	tree = db_last_id(c);
	RUN(ENDPOINT_ADD, db_int(client), db_text("pets"), db_text("POST"),
		db_text("/a/*/z"), db_int(0));
	tail = db_last_id(c);
	RUN(LOCAL_GROUP_ADD, db_int(client), db_text("friends"), db_text("f"),
		db_int(1));
	group = db_last_id(c);
	RUN(LOCAL_GROUP_MEMBER_ADD, db_int(group),
		db_text("TEST/COM/2000/Friend"), db_int(1));
	RUN(RIGHT_ADD, db_int(item), db_text("SUBSYSTEM"),
		db_text("TEST/COM/2000/App"), db_int(1));
	RUN(RIGHT_ADD, db_int(tree), db_text("GLOBALGROUP"),
		db_text("TEST/partners"), db_int(1));
	RUN(RIGHT_ADD, db_int(tail), db_text("LOCALGROUP"), db_text("1"),
		db_int(1));
	RUN(RIGHT_ADD, db_int(base), db_text("SUBSYSTEM"),
		db_text("TEST/COM/2000/App"), db_int(1));
#undef RUN
	return 0;
}

static enum fault
ask_soap(struct world *w, const char *caller, const char *code,
	const char *version)
{
	struct service_id sid = { PROVIDER, code, version };
	struct local_service out;
	struct client_id id;
	struct err e = ERR_INIT;

	if (client_id_parse(w->a, caller, &id, &e))
		return e.fault;
	return serverconf_authorize(w->sc, w->a, w->g, &sid, false, &id, NULL,
		       NULL, &out, &e)
		       ? e.fault
		       : FAULT_NONE;
}

static enum fault
ask(struct world *w, const char *caller, const char *method, const char *path)
{
	struct service_id sid = { PROVIDER, "pets", NULL };
	struct local_service out;
	struct client_id id;
	struct err e = ERR_INIT;

	if (client_id_parse(w->a, caller, &id, &e))
		return e.fault;
	return serverconf_authorize(w->sc, w->a, w->g, &sid, true, &id, method,
		       path, &out, &e)
		       ? e.fault
		       : FAULT_NONE;
}

static const struct {
	const char *caller, *method, *path;
	bool may;
} TABLE[] = {
	{ "TEST/COM/2000/App", "GET", "/pets/1", true },
	{ "TEST/COM/2000/App", "get", "/pets/1", true },
	{ "TEST/COM/2000/App", "GET", "/pets/", true },
	{ "TEST/COM/2000/App", "GET", "/pets/%E7%8C%AB", true },
	{ "TEST/COM/2000/App", "GET", "/pets", false },
	{ "TEST/COM/2000/App", "GET", "/pets/1/2", false },
	{ "TEST/COM/2000/App", "POST", "/pets/1", false },
	{ "TEST/COM/2000/App", "GET", "/other", false },
	{ "TEST/COM/2000/App", "GET", "", false },
	/* traversal: never, whatever it would lead to */
	{ "TEST/COM/2000/App", "GET", "/pets/..", false },
	{ "TEST/COM/2000/App", "GET", "/pets/../secret", false },
	{ "TEST/COM/2000/App", "GET", "/secret/../pets/1", false },
	{ "TEST/COM/2000/App", "GET", "/pets/%2e%2e/secret", false },
	{ "TEST/COM/2000/App", "GET", "/pets/%252e%252e", false },
	{ "TEST/COM/2000/App", "GET", "/pets/1%2F2", false },
	{ "TEST/COM/2000/App", "GET", "/pets/%2e%2e%2fsecret", false },
	{ "TEST/COM/2000/App", "GET", "//pets/1", false },
	{ "TEST/COM/2000/App", "GET", "/pets//1", false },
	{ "TEST/COM/2000/App", "GET", "/pets/%zz", false },
	{ "TEST/COM/2000/App", "GET", "/pets/%00", false },
	/* a subsystem's right is not its member's, nor a sister's */
	{ "TEST/COM/2000", "GET", "/pets/1", false },
	{ "TEST/COM/2000/Friend", "GET", "/pets/1", false },
	{ "TEST/COM/2000/app", "GET", "/pets/1", false },
	/* the provider itself has none by nature */
	{ "TEST/GOV/1000/Facilities", "GET", "/pets/1", false },
	/* a global group */
	{ "TEST/COM/2000/App", "DELETE", "/tree/x/y", true },
	{ "TEST/COM/2000/App", "GET", "/tree/", true },
	{ "TEST/COM/2000/App", "GET", "/tree", false },
	{ "TEST/GOV/1000/Other", "GET", "/tree/x", false },
	/* a local group */
	{ "TEST/COM/2000/Friend", "POST", "/a/b/z", true },
	{ "TEST/COM/2000/Friend", "POST", "/a/b/c/z", false },
	{ "TEST/COM/2000/Friend", "GET", "/a/b/z", false },
	{ "TEST/COM/2000/App", "POST", "/a/b/z", false },
};

static void
test_table(struct world *w)
{
	for (size_t i = 0; i < sizeof(TABLE) / sizeof(TABLE[0]); i++) {
		enum fault f =
			ask(w, TABLE[i].caller, TABLE[i].method, TABLE[i].path);
		ok_m(f == (TABLE[i].may ? FAULT_NONE : FAULT_ACCESS_DENIED),
			"%s %s %s: %s", TABLE[i].caller, TABLE[i].method,
			TABLE[i].path, f ? fault_code(f) : "allowed");
	}
}

/* Whoever may use the whole service: X-Road's own judgement of the path. */
static void
test_whole(struct world *w)
{
	static const struct {
		const char *path;
		enum fault want;
	} row[] = {
		{ "", FAULT_NONE },
		{ "/pets/1/2", FAULT_NONE },
		{ "/pets/1%2F2", FAULT_NONE },
		{ "//pets//1", FAULT_NONE },
		{ "/a/../b", FAULT_NONE },
		{ "/a%2f..%2fb", FAULT_NONE },
		{ "/a%20b", FAULT_NONE },
		{ "/..", FAULT_ACCESS_DENIED },
		{ "/a/../../b", FAULT_ACCESS_DENIED },
		{ "/a%2f..%2f..%2fb", FAULT_ACCESS_DENIED },
		{ "/%2e%2e/b", FAULT_ACCESS_DENIED },
		{ "/%252e%252e/b", FAULT_ACCESS_DENIED },
		{ "/a..b", FAULT_ACCESS_DENIED },
		{ "/%zz", FAULT_INTERNAL },
		{ "/%00", FAULT_INTERNAL },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		enum fault f =
			ask(w, "TEST/COM/2000/Whole", "PATCH", row[i].path);
		ok_m(f == row[i].want, "whole service, '%s': %s", row[i].path,
			f ? fault_code(f) : "allowed");
	}
}

static void
test_order(struct world *w)
{
	is_int(ask_soap(w, "TEST/COM/2000/App", "nothing", NULL),
		FAULT_UNKNOWN_SERVICE);
	/* the version is part of the service's name */
	is_int(ask_soap(w, "TEST/COM/2000/App", "getIt", NULL),
		FAULT_UNKNOWN_SERVICE);
	is_int(ask_soap(w, "TEST/COM/2000/App", "pets", NULL),
		FAULT_SERVICE_TYPE);
	/* whoever has no right does not learn that it is switched off */
	is_int(ask_soap(w, "TEST/COM/2000/Friend", "getIt", "v1"),
		FAULT_ACCESS_DENIED);
	is_int(ask_soap(w, "TEST/COM/2000/App", "getIt", "v1"),
		FAULT_SERVICE_DISABLED);
}

static void
test_change(struct world *w)
{
	struct db_conn *c = db_take(w->db);
	struct err e = ERR_INIT;

	ok(db_run(c, Q_SERVER_RIGHT_DELETE, &e, db_int(2), db_text("SUBSYSTEM"),
		   db_text("TEST/COM/2000/App")) >= 0);
	ok(db_run(c, Q_SERVER_DESCRIPTION_DISABLE, &e, db_int(0), db_null(),
		   db_int(2)) == 1);
	db_give(c);
	serverconf_touch(w->sc);
	is_int(ask_soap(w, "TEST/COM/2000/App", "getIt", "v1"),
		FAULT_ACCESS_DENIED);
}

static void
test_clients(struct world *w)
{
	struct client_id here = PROVIDER,
			 waiting = { "TEST", "GOV", "1000", "Waiting" },
			 none = { "TEST", "GOV", "1000", NULL };
	struct local_client out;
	struct server_id self;
	struct err e = ERR_INIT;

	ok(!serverconf_client(w->sc, w->a, &here, &out, &e));
	is_int(out.connection, CONN_HTTP);
	is_int(serverconf_client(w->sc, w->a, &waiting, &out, &e), -1);
	is_int(e.fault, FAULT_UNKNOWN_MEMBER);
	is_int(serverconf_client(w->sc, w->a, &none, &out, NULL), -1);
	ok(!serverconf_self(w->sc, w->a, &self, NULL));
	is_str(self.server, "SS1");
}

static void
open_all(struct world *w)
{
	struct err e = ERR_INIT;

	w->a = arena_new();
	w->conf = kit_conf(tap_dir());
	kit_start(&w->kit);
	ok(!http_client_new(&w->http, &e));
	ok(!confclient_open(&w->confclient, w->conf, w->http, &e));
	ok_m(!confclient_set_anchor(w->confclient,
		     kit_anchor(&w->kit, w->a, KIT_INSTANCE), &e),
		"%s", e.text);
	ok(!confclient_valid(w->confclient, &w->g, &e));
	ok_m(!db_open(&w->db, &schema_server,
		     conf_data_path(w->conf, "server.db"), 0, &e),
		"%s", e.text);
	ok(!serverconf_open(&w->sc, w->db, &e));
	ok(serverconf_self(w->sc, w->a, &(struct server_id){ 0 }, NULL) == -1);
	ok_m(!db_transact(w->db, fill, NULL, &e), "%s", e.text);
	serverconf_touch(w->sc);
}

static void
close_all(struct world *w)
{
	arena_free(&w->a);
	serverconf_close(&w->sc);
	db_close(&w->db);
	globalconf_unref(&w->g);
	confclient_close(&w->confclient);
	http_client_free(&w->http);
	kit_stop(&w->kit);
	conf_free(&w->conf);
}

int
main(void)
{
	struct world w = { 0 };

	xml_startup();
	ok(!http_startup(NULL));
	open_all(&w);
	test_table(&w);
	test_whole(&w);
	test_order(&w);
	test_change(&w);
	test_clients(&w);
	close_all(&w);
	http_shutdown();
	xml_shutdown();
	return tap_done();
}
