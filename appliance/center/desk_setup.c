/* SPDX-License-Identifier: MIT */
/*
 * Administration: how far a center is on the way from empty to its first
 * security server: the acts are other calls, this says what holds.
 */
#include "desk_int.h"

#include "center_sql.h"
#include "clock.h"
#include "db.h"
#include "err.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"

enum finding { FOUND_GOOD, FOUND_TODO, FOUND_WAITING, FOUND_BAD };

struct facts {
	struct center *ct;
	struct instance in;
	struct approved approved;
	struct publish_status published;
	int64_t classes, members, servers, waiting;
	bool internal_key, external_key;
};
typedef enum finding check_fn(const struct facts *f, struct err *why);

static enum finding
done_if(bool yes)
{
	return yes ? FOUND_GOOD : FOUND_TODO;
}

static enum finding
check_instance(const struct facts *f, struct err *why)
{
	(void)why;
	return done_if(f->in.instance != NULL);
}

static enum finding
check_token(const struct facts *f, struct err *why)
{
	struct err e = ERR_INIT;

	(void)why;
	return done_if(
		!ring_ready(f->ct, &e) && f->internal_key && f->external_key);
}

static enum finding
check_published(const struct facts *f, struct err *why)
{
	if (f->published.expires > clock_now())
		return FOUND_GOOD;
	if (!f->in.instance)
		return FOUND_TODO;
	if (!err_set(&f->published.error))
		return FOUND_WAITING;
	*why = f->published.error;
	return FOUND_BAD;
}

static enum finding
check_ca(const struct facts *f, struct err *why)
{
	(void)why;
	return done_if(f->approved.cas > 0);
}

static enum finding
check_ocsp(const struct facts *f, struct err *why)
{
	(void)why;
	return done_if(f->approved.ocsps > 0);
}

static enum finding
check_tsa(const struct facts *f, struct err *why)
{
	(void)why;
	return done_if(f->approved.tsas > 0);
}

static enum finding
check_class(const struct facts *f, struct err *why)
{
	(void)why;
	return done_if(f->classes > 0);
}

static enum finding
check_member(const struct facts *f, struct err *why)
{
	(void)why;
	return done_if(f->members > 0);
}

static enum finding
check_management(const struct facts *f, struct err *why)
{
	(void)why;
	return done_if(f->in.management.cls != NULL);
}

static enum finding
check_server(const struct facts *f, struct err *why)
{
	(void)why;
	if (f->servers)
		return FOUND_GOOD;
	return f->members ? FOUND_WAITING : FOUND_TODO;
}

static enum finding
check_requests(const struct facts *f, struct err *why)
{
	(void)why;
	return done_if(!f->waiting);
}

static const char *const step_words[] = { "INITIAL_SETUP", "TRUST_SERVICES",
	"MEMBERS", "FIRST_SERVER" };
enum { STEPS = sizeof(step_words) / sizeof(step_words[0]) };

/* clang-format off */
static const struct check {
	int step;
	const char *id;
	check_fn *run;
	const char *label, *label_ja, *todo, *todo_ja;
} checks[] = {
	{ 0, "instance", check_instance, "Instance and address are set", "インスタンスとアドレスを設定した",
		"Enter instance, address and PIN.", "インスタンス、アドレス、PIN を入力してください。" },
	{ 0, "token", check_token, "The key store is unlocked and has signing keys", "鍵ストアにログインし、署名鍵がある",
		"Log in with the PIN; add a signing key of each configuration source.", "PIN でログインし、設定配布元ごとに署名鍵を追加してください。" },
	{ 0, "published", check_published, "A global configuration is published", "グローバル設定を配布している",
		"Wait for the next round; if it fails, the reason is told.", "次の生成まで待ってください。失敗したときは理由が表示されます。" },
	{ 1, "ca", check_ca, "A certification authority is approved", "認証局を承認した",
		"Approve an authority, or make your own trust services.", "認証局を承認するか、自前のトラストサービスを作ってください。" },
	{ 1, "ocsp", check_ocsp, "It has an OCSP responder", "OCSP レスポンダがある",
		"Add the address of its OCSP responder.", "OCSP レスポンダのアドレスを追加してください。" },
	{ 1, "tsa", check_tsa, "A time-stamping service is approved", "タイムスタンプサービスを承認した",
		"Approve a time-stamping service.", "タイムスタンプサービスを承認してください。" },
	{ 2, "class", check_class, "There is a member class", "メンバークラスがある",
		"Add a member class, such as GOV.", "GOV などのメンバークラスを追加してください。" },
	{ 2, "member", check_member, "There is a member", "メンバーがいる",
		"Add the first member.", "最初のメンバーを追加してください。" },
	{ 2, "management", check_management, "The provider of management services is chosen", "管理サービスの提供者を決めた",
		"Choose the subsystem that provides them.", "管理サービスを提供するサブシステムを選んでください。" },
	{ 3, "server", check_server, "A security server is registered", "セキュリティサーバが登録されている",
		"Give the anchor to the member; its server then asks for registration.", "メンバーにアンカーを渡してください。サーバから登録申請が届きます。" },
	{ 3, "requests", check_requests, "No request waits for you", "承認待ちの申請がない",
		"Look at the management requests and approve or decline them.", "管理要求を確認し、承認または却下してください。" },
};
/* clang-format on */
enum { CHECKS = sizeof(checks) / sizeof(checks[0]) };

static json_t *
both(const char *en, const char *ja)
{
	json_t *j = json_object();

	json_put_str(j, "en", en);
	json_put_str(j, "ja", ja);
	return j;
}

static json_t *
step_json(const struct facts *f, int step)
{
	static const char *const words[] = { "OK", "TODO", "WAITING", "FAIL" };
	static const char *const whole[] = { "DONE", "TODO", "WAITING",
		"FAILED" };
	/* the worst counts: failed, something to do, waiting */
	static const int weight[] = { 0, 2, 1, 3 };
	json_t *j = json_object(), *list = json_array();
	enum finding all = FOUND_GOOD;

	for (size_t i = 0; i < CHECKS; i++) {
		struct err why = ERR_INIT;
		enum finding found;
		json_t *x;

		if (checks[i].step != step)
			continue;
		found = checks[i].run(f, &why);
		if (weight[found] > weight[all])
			all = found;
		x = json_object();
		json_put_str(x, "id", checks[i].id);
		json_put_str(x, "state", words[found]);
		json_put_new(
			x, "label", both(checks[i].label, checks[i].label_ja));
		if (found != FOUND_GOOD)
			json_put_new(x, "todo",
				both(checks[i].todo, checks[i].todo_ja));
		if (err_set(&why))
			json_put_str(x, "message", why.text);
		json_array_append_new(list, x);
	}
	json_put_str(j, "id", step_words[step]);
	json_put_str(j, "state", whole[all]);
	json_put_new(j, "checks", list);
	return j;
}

/* Which of the configuration sources can be signed. */
static int
keys_read(struct db_conn *conn, struct arena *a, struct facts *f, struct err *e)
{
	struct config_key *key;
	size_t n;

	if (config_keys(conn, a, &key, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		bool internal = str_equal(key[i].source, "INTERNAL");

		f->internal_key =
			f->internal_key || (internal && key[i].active);
		f->external_key =
			f->external_key || (!internal && key[i].active);
	}
	return 0;
}

static int
facts_read(
	struct db_conn *conn, struct arena *a, struct facts *f, struct err *e)
{
	struct query *q = db_query(conn, Q_CENTER_SETUP_COUNTS);

	if (query_next(q)) {
		f->classes = query_int(q, 0);
		f->members = query_int(q, 1);
		f->servers = query_int(q, 2);
		f->waiting = query_int(q, 3);
	}
	return query_end(q, e) || instance_load(conn, a, &f->in, e) ||
			       approved_read(conn, a, &f->approved, e) ||
			       keys_read(conn, a, f, e)
		       ? -1
		       : 0;
}

DESK_HANDLER(desk_setup_get)
{
	struct facts f = { .ct = state };
	struct db_conn *conn = db_take(f.ct->db);
	int ret = facts_read(conn, request_arena(r), &f, e);
	json_t *j, *list;

	db_give(conn);
	if (ret)
		return -1;
	publisher_status(f.ct->publisher, &f.published);
	j = json_object();
	list = json_array();
	for (int step = 0; step < STEPS; step++)
		json_array_append_new(list, step_json(&f, step));
	json_put_new(j, "steps", list);
	return desk_reply(r, 200, j, e);
}
