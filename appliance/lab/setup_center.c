/* SPDX-License-Identifier: MIT */
/*
 * First start, the center: founded over its administration API, step by step,
 * as an operator or a script would do it.
 */
#include "lab_int.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "mem.h"

enum { OUTPUT_LINE = 200 };

/* Account "admin" and an API key, said on the machine itself. */
static int
make_access(struct lab *l, struct machine *m, struct err *e)
{
	struct arena *a = l->arena;
	char *conf = path_join(a, m->dir, "machilink.ini");
	char *key_argv[] = { arena_strdup(a, l->self),
		arena_strdup(a, "api-key"), arena_strdup(a, "--config"), conf,
		NULL };
	char *user_argv[] = { arena_strdup(a, l->self), arena_strdup(a, "user"),
		arena_strdup(a, "add"), arena_strdup(a, "admin"),
		arena_strdup(a, "--config"), conf, NULL };
	char *out;
	int code = process_run(l, key_argv, NULL, &out, e);

	if (code < 0)
		return -1;
	if (code || strlen(out) < KEY_LEN)
		return fail(e, FAULT_INTERNAL, "no API key: %.*s", OUTPUT_LINE,
			out);
	snprintf(m->key, sizeof(m->key), "%.36s", out);
	code = process_run(
		l, user_argv, arena_printf(a, "%s\n", m->password), &out, e);
	if (code > 0)
		return fail(e, FAULT_INTERNAL, "no account: %.*s", OUTPUT_LINE,
			out);
	return code;
}

static int
start_center(struct lab *l, struct err *e)
{
	struct machine *m = &l->machine[CENTER];

	if (make_access(l, m, e))
		return -1;
	return process_start(l, m, e);
}

static int
found(struct lab *l, struct err *e)
{
	struct machine *m = &l->machine[CENTER];
	struct api_answer a;

	return api_do(l, m, "POST", "/initialization",
		arena_printf(l->arena,
			"{\"instance_identifier\":\"" LAB_INSTANCE "\","
			"\"central_server_address\":\"%s\","
			"\"software_token_pin\":\"%s\"}",
			m->address, m->pin),
		&a, e);
}

static int
log_in(struct lab *l, struct err *e)
{
	struct machine *m = &l->machine[CENTER];
	struct api_answer a;

	return api_do(l, m, "PUT", "/tokens/0/login",
		arena_printf(l->arena, "{\"password\":\"%s\"}", m->pin), &a, e);
}

static int
trust_services(struct lab *l, struct err *e)
{
	struct api_answer a;

	return api_do(l, &l->machine[CENTER], "POST",
		"/machilink/trust-services",
		"{\"name\":\"LAB\",\"certificate_profile_info\":"
		"\"BasicCertificateProfileInfoProvider\"}",
		&a, e);
}

static int
post_class(struct lab *l, const char *code, const char *text, struct err *e)
{
	struct api_answer a;

	return api_do(l, &l->machine[CENTER], "POST", "/member-classes",
		arena_printf(l->arena,
			"{\"code\":\"%s\",\"description\":\"%s\"}", code, text),
		&a, e);
}

static int
post_member(struct lab *l, const struct machine *m, struct err *e)
{
	struct api_answer a;

	return api_do(l, &l->machine[CENTER], "POST", "/members",
		arena_printf(l->arena,
			"{\"member_id\":{\"member_class\":\"%s\","
			"\"member_code\":\"%s\"},\"member_name\":\"%s\"}",
			m->cls, m->code, m->owner_name),
		&a, e);
}

static int
post_subsystem(struct lab *l, const struct machine *m, const char *code,
	const char *name, struct err *e)
{
	struct api_answer a;

	return api_do(l, &l->machine[CENTER], "POST", "/subsystems",
		arena_printf(l->arena,
			"{\"subsystem_id\":{\"member_class\":\"%s\","
			"\"member_code\":\"%s\",\"subsystem_code\":\"%s\"},"
			"\"subsystem_name\":\"%s\"}",
			m->cls, m->code, code, name),
		&a, e);
}

static int
members(struct lab *l, struct err *e)
{
	const struct machine *m = l->machine;

	if (post_class(l, HOST_CLASS, "運営団体", e) ||
		post_class(l, TOWN_CLASS, "地方公共団体", e) ||
		post_class(l, FIRM_CLASS, "民間企業", e) ||
		post_member(l, &m[CENTER], e) || post_member(l, &m[TOWN], e) ||
		post_member(l, &m[FIRM], e) ||
		post_subsystem(
			l, &m[CENTER], "MANAGEMENT", "管理サービス", e) ||
		post_subsystem(l, &m[TOWN], TOWN_SYSTEM, "オープンデータ", e) ||
		post_subsystem(l, &m[FIRM], FIRM_SYSTEM, "物流", e))
		return -1;
	if (!l->residents)
		return 0;
	return post_subsystem(l, &m[CENTER], LINK_SYSTEM, "個人同意", e) ||
			       post_subsystem(
				       l, &m[TOWN], LINK_SYSTEM, "個人同意", e)
		       ? -1
		       : 0;
}

static int
provider(struct lab *l, struct err *e)
{
	struct api_answer a;

	return api_do(l, &l->machine[CENTER], "PATCH",
		"/management-services-configuration",
		"{\"service_provider_id\":\"" LAB_INSTANCE ":" HOST_CLASS
		":" HOST_CODE ":MANAGEMENT\"}",
		&a, e);
}

static char *
anchor_path(struct lab *l)
{
	return path_join(l->arena, l->dir, "anchor.xml");
}

static int
signing_keys(struct lab *l, struct err *e)
{
	struct machine *m = &l->machine[CENTER];
	struct api_answer a;

	if (api_do(l, m, "POST", "/configuration-sources/INTERNAL/signing-keys",
		    "{\"key_label\":\"internal\",\"token_id\":\"0\"}", &a, e))
		return -1;
	return api_do(l, m, "POST",
		"/configuration-sources/EXTERNAL/signing-keys",
		"{\"key_label\":\"external\",\"token_id\":\"0\"}", &a, e);
}

static int
anchor(struct lab *l, struct err *e)
{
	struct api_answer a;

	if (api_do(l, &l->machine[CENTER], "GET",
		    "/configuration-sources/INTERNAL/anchor/download", NULL, &a,
		    e))
		return -1;
	return file_write(anchor_path(l), a.body, FILE_PUBLIC, e);
}

int
lab_start_servers(struct lab *l, struct err *e)
{
	for (int i = TOWN; i <= FIRM; i++)
		if (make_access(l, &l->machine[i], e) ||
			process_start(l, &l->machine[i], e))
			return -1;
	return 0;
}

const struct step setup_center_steps[] = {
	{ "start-center", "センターを起動", "center started", start_center },
	{ "initialize", "センターを初期設定", "center initialised", found },
	{ "login", "鍵トークンにログイン", "key token unlocked", log_in },
	{ "trust-services", "認証局・OCSP・タイムスタンプ局を開設",
		"CA, OCSP responder and time-stamping authority",
		trust_services },
	{ "members", "メンバーとサブシステムを登録", "members and subsystems",
		members },
	{ "management", "管理サービス提供者を指定",
		"management service provider", provider },
	{ "signing-keys", "グローバル設定の署名鍵を作成",
		"signing keys of the global configuration", signing_keys },
	{ "anchor", "グローバル設定のアンカーを取得",
		"anchor of the global configuration", anchor },
	{ NULL, NULL, NULL, NULL },
};
