/* SPDX-License-Identifier: MIT */
/*
 * The rows of the adapter's administration interface, and what its handlers
 * have in common: answers, refusals, revisions.
 */
#include "manage.h"

#include <stdio.h>
#include <string.h>

#include "datasource.h"
#include "digest.h"
#include "err.h"
#include "http_json.h"
#include "mem.h"
#include "role.h"
#include "text.h"

enum {
	LOOK = ADMIN_SA | ADMIN_SYS | ADMIN_OBS,
	SET = ADMIN_SA | ADMIN_SYS,
	BODY = 256 * 1024,
	LIST_MAX = 32 * 1024 * 1024,
	ANSWER_MAX = 32 * 1024 * 1024,
};

#define A "/machilink/adapter"
#define D A "/databases"
#define S A "/services"
/* clang-format off */
const struct route manage_routes[] = {
	{ "GET", D, 0, LOOK, manage_sources },
	{ "POST", D, BODY, SET, manage_source_add },
	{ "GET", D "/{id}", 0, LOOK, manage_source_get },
	{ "PUT", D "/{id}", BODY, SET, manage_source_put },
	{ "DELETE", D "/{id}", 0, SET, manage_source_delete },
	{ "GET", D "/{id}/health", 0, LOOK, manage_source_health },
	{ "GET", D "/{id}/tables", 0, SET, manage_source_tables },
	{ "POST", A "/database-tests", BODY, SET, manage_source_test },
	{ "GET", S, 0, LOOK, manage_services },
	{ "POST", S, BODY, ADMIN_SA, manage_service_add },
	{ "GET", S "/{name}", 0, LOOK, manage_service_get },
	{ "PUT", S "/{name}", BODY, ADMIN_SA, manage_service_put },
	{ "DELETE", S "/{name}", 0, ADMIN_SA, manage_service_delete },
	{ "PUT", S "/{name}/enable", 0, ADMIN_SA, manage_service_enable },
	{ "PUT", S "/{name}/disable", 0, ADMIN_SA, manage_service_disable },
	{ "GET", S "/{name}/versions", 0, LOOK, manage_versions },
	{ "GET", S "/{name}/versions/{number}", 0, LOOK, manage_version_get },
	{ "PUT", S "/{name}/versions/{number}/restore", 0, ADMIN_SA, manage_version_restore },
	{ "PUT", S "/{name}/step-back", 0, ADMIN_SA, manage_step_back },
	{ "POST", A "/proposals", BODY, ADMIN_SA, manage_propose },
	{ "POST", A "/trials", BODY, ADMIN_SA, manage_try },
	{ "POST", A "/publication", BODY, ADMIN_SA, manage_publish },
	{ "GET", A "/kinds", 0, LOOK, manage_kinds },
	{ "GET", A "/state", 0, LOOK, manage_state },
	{ "GET", A "/file", 0, SET, manage_export },
	{ "PUT", A "/file", SERVICES_FILE_MAX, ADMIN_SA, manage_import },
	{ "POST", A "/imports", LIST_MAX, ADMIN_SA, manage_list },
	{ "GET", A "/calls", 0, SET, manage_calls },
	{ NULL, NULL, 0, 0, NULL },
};
/* clang-format on */

int
manage_reply(struct request *r, int status, json_t *j, const char *revision,
	struct err *e)
{
	struct http_header h[4] = { { "Content-Type", "application/json" },
		{ "Cache-Control", "no-store" },
		{ "X-Content-Type-Options", "nosniff" } };

	if (revision)
		h[3] = (struct http_header){ "ETag",
			arena_printf(request_arena(r), "\"%s\"", revision) };
	return http_json_reply(
		r, status, h, revision ? 4 : 3, j, ANSWER_MAX, e);
}

int
manage_refuse_with(struct request *r, enum fault f, const char *code,
	const char *ja, const char *en, struct err *e)
{
	request_set_japanese(r, arena_strdup(request_arena(r), ja));
	fail(e, f, "%s", en);
	if (code)
		snprintf(e->code, sizeof(e->code), "%s", code);
	return -1;
}

/* An author's mistakes are no failures of ours: the fault whose HTTP status
   fits. */
static const struct {
	enum fault fault, status;
} statuses[] = {
	{ FAULT_CONFIG, FAULT_BAD_REQUEST },
	{ FAULT_DATA_DENIED, FAULT_BAD_REQUEST },
	{ FAULT_DATA_STATEMENT, FAULT_BAD_REQUEST },
	{ FAULT_LIMIT, FAULT_BAD_REQUEST },
	{ FAULT_CANNOT_OPEN, FAULT_CONFLICT },
};

int
manage_fail_with(struct request *r, const struct err *why, struct err *e)
{
	if (!request_japanese(r))
		request_set_japanese(r, sentence_ja(request_arena(r), why));
	if (err_set(e))
		return -1;
	*e = *why;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
		if (statuses[i].fault != why->fault)
			continue;
		if (!*e->code)
			snprintf(e->code, sizeof(e->code), "%s",
				fault_code(why->fault));
		e->fault = statuses[i].status;
	}
	return -1;
}

json_t *
manage_fault(struct arena *a, const struct err *why)
{
	json_t *j = json_object();

	json_put_str(
		j, "code", *why->code ? why->code : fault_code(why->fault));
	json_put_str(j, "message", why->text);
	json_put_str(j, "message_ja", sentence_ja(a, why));
	return j;
}

int
manage_body(struct request *r, json_t **out, struct err *e)
{
	const struct json_limits limits = { .bytes = SERVICES_FILE_MAX };
	struct err why = ERR_INIT;

	if (http_json_body(r, &limits, out, &why))
		return manage_fail(r, &why, e);
	if (json_is_object(*out))
		return 0;
	return manage_refuse(r, FAULT_BAD_REQUEST, NULL,
		"本文は JSON オブジェクトで送ってください。",
		"the body must be a JSON object", e);
}

void
manage_revision(const json_t *v, const char *about, char out[REVISION_LEN + 1])
{
	struct digest d;
	struct buf b;

	buf_init(&b, SERVICES_FILE_MAX + NAME_MAX_LEN);
	buf_str(&b, about);
	buf_char(&b, '\n');
	json_write(&b, v, JSON_SORTED);
	digest_of(DIGEST_SHA256, b.data, b.len, &d);
	buf_done(&b);
	for (size_t i = 0; i < REVISION_LEN / 2; i++)
		snprintf(out + 2 * i, 3, "%02x", d.value[i]);
}

int
manage_match(struct request *r, const char *revision, struct err *e)
{
	const char *want = request_header(r, "If-Match");

	if (!want || str_equal(want, "*") || str_equal(want, revision) ||
		(*want == '"' && str_prefix(want + 1, revision)))
		return 0;
	return manage_refuse(r, FAULT_CONFLICT, "changed_meanwhile",
		"ほかの人が先に変更しました。読み直して、変更をやり直してください。",
		"somebody else has changed it meanwhile; read it again and "
		"repeat the change",
		e);
}

int
manage_file(struct request *r, struct adapter *ad, json_t **root, struct err *e)
{
	struct err why = ERR_INIT;

	if (!shelf_read(ad->shelf, request_arena(r), root, &why))
		return 0;
	return manage_fail(r, &why, e);
}

int
manage_change(struct request *r, struct adapter *ad, const char *only,
	shelf_change_fn *fn, void *ctx, struct err *e)
{
	struct err why = ERR_INIT;

	if (!shelf_change(ad->shelf, request_arena(r), only, request_name(r),
		    fn, ctx, &why))
		return 0;
	return manage_fail(r, &why, e);
}
