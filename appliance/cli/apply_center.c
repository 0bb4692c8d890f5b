/* SPDX-License-Identifier: MIT */
/*
 * A center for a plan: the rows of what can be done to it. Rule:
 * interop/xroad-center-admin.md 6.
 */
#include "cli_int.h"

#include "apply_int.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

enum { BODY_MAX = 64 * 1024 };

static int
with_pin(struct apply *x, const struct plan_step *s, const char *method,
	const char *path, const char *body, struct err *e)
{
	const struct apply_row row = { method, path, body, false };
	struct plan_step step = *s;
	const char *pin;
	json_t *answer;

	if (apply_pin(x, &pin, e))
		return -1;
	step.want = json_keep(x->a, json_copy(s->want));
	json_put_str(step.want, "_pin", pin);
	return apply_row_run(x, &row, &step, &answer, e);
}

static int
found(struct apply *x, const struct plan_step *s, struct err *e)
{
	if (!json_str(s->want, "address"))
		return fail(e, FAULT_BAD_REQUEST,
			"a center is initialised with its \"instance\" and "
			"\"address\"");
	return with_pin(x, s, "POST", "/initialization",
		"{'instance_identifier':$instance,'central_server_address':"
		"$address,'software_token_pin':$_pin}",
		e);
}

/* Members of the plan's top level that are one call each, in this order. */
static const struct single {
	const char *name;
	struct apply_row row;
} singles[] = {
	{ "address", { "PUT", "/system/server-address",
			     "{'central_server_address':$address}", false } },
	{ "own_trust_services",
		{ "POST", "/machilink/trust-services",
			"{'name':$own_trust_services}", false } },
};

/* What names things that the plan itself makes comes after them. */
static const struct single last_singles[] = {
	{ "management_provider",
		{ "PATCH", "/management-services-configuration",
			"{'service_provider_id':$management_provider}",
			false } },
	{ "management_server",
		{ "POST",
			"/management-services-configuration/register-provider",
			"{'security_server_id':$management_server}", false } },
};

static int
run_singles(struct apply *x, const struct plan_step *s,
	const struct single *row, size_t n, struct err *e)
{
	json_t *answer;

	for (; n; n--, row++)
		if (apply_differs(s, row->name) &&
			json_object_get(s->want, row->name) &&
			apply_row_run(x, &row->row, s, &answer, e))
			return -1;
	return 0;
}

static int
center_change(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	struct plan_step step = *s;
	bool fresh = !json_str(s->have, "instance");
	bool in = json_bool(s->want, "logged_in", fresh);
	bool last = apply_differs(s, "management_provider") ||
		    apply_differs(s, "management_server");

	if (last)
		return run_singles(x, s, last_singles, 2, e);
	if (fresh && (found(x, s, e) || apply_read_center(x, now, e)))
		return -1;
	step.have = *now;
	if (in != json_bool(*now, "logged_in", false) &&
		(fresh || apply_differs(s, "logged_in"))) {
		if (in ? with_pin(x, s, "PUT", "/tokens/0/login",
				 "{'password':$_pin}", e)
		       : apply_send(
				 x, "PUT", "/tokens/0/logout", NULL, NULL, e))
			return -1;
	}
	if (fresh) /* founding took the address */
		return run_singles(x, &step, singles + 1, 1, e) ||
				       apply_read_center(x, now, e)
			       ? -1
			       : 0;
	return run_singles(x, &step, singles, 2, e) ||
			       apply_read_center(x, now, e)
		       ? -1
		       : 0;
}

static int
approval_set(struct apply *x, const struct plan_step *s, struct err *e)
{
	json_t *now, *j = json_keep(x->a, json_object()), *v;
	const char *name;
	struct buf b;
	int ret;

	if (apply_get(x, "/machilink/automatic-approval", &now, e))
		return -1;
	json_object_foreach(now, name, v)
	{
		json_put_bool(j, name,
			json_list_has(s->add, name) ||
				(json_is_true(v) &&
					!json_list_has(s->del, name)));
	}
	buf_init(&b, BODY_MAX);
	json_write(&b, j, JSON_PLAIN);
	ret = apply_send(
		x, "PUT", "/machilink/automatic-approval", b.data, NULL, e);
	buf_done(&b);
	return ret;
}

static int
center_set(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	static const struct apply_row key = { "POST",
		"/configuration-sources/$*/signing-keys",
		"{'key_label':$*,'token_id':'0'}", false };
	json_t *answer;

	(void)now;
	if (str_equal(s->field->name, "automatic_approval"))
		return approval_set(x, s, e);
	if (json_array_size(s->del))
		return fail(e, FAULT_CONFLICT,
			"signing keys are not deleted through a plan");
	return apply_row_run(x, &key, s, &answer, e);
}

/* The new row's own path, for what is inside of it. */
static int
path_made(struct apply *x, const struct plan_step *s, const json_t *answer,
	json_t **now, struct err *e)
{
	if (apply_id_made(x, s, answer, now, e))
		return -1;
	json_put_str(*now, "_path",
		arena_printf(x->a, "%s%lld",
			s->kind == &plan_ca ? "/certification-services/"
					    : "/intermediate-cas/",
			(long long)json_int(answer, "id", 0)));
	return 0;
}

static int
server_add(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	(void)x, (void)now;
	return fail(e, FAULT_BAD_REQUEST,
		"the security server %s has not asked for its registration; "
		"only it can",
		s->id);
}

/* clang-format off */
const struct resource apply_center_rows[] = {
	{ .kind = &plan_center, .on_change = center_change, .on_set = center_set },
	{ .kind = &plan_ca, .read = path_made,
		.add = { "POST", "/certification-services", "{'certificate':$certificate,"
			"'certificate_profile_info':$certificate_profile_info,'tls_auth':$tls_auth,"
			"'default_csr_format':$default_csr_format}", true },
		.change = { "PATCH", "/certification-services/$_id", "{'certificate_profile_info':"
			"$certificate_profile_info,'tls_auth':'$tls_auth','default_csr_format':$default_csr_format}", false },
		.remove = { "DELETE", "/certification-services/$_id", NULL, false } },
	{ .kind = &plan_intermediate, .read = path_made,
		.add = { "POST", "$^_path/intermediate-cas", "{'certificate':$certificate}", true },
		.remove = { "DELETE", "/intermediate-cas/$_id", NULL, false } },
	{ .kind = &plan_ocsp, .read = apply_id_made,
		.add = { "POST", "$^_path/ocsp-responders",
			"{'url':$url,'certificate':$certificate,'cost_type':$cost_type}", true },
		.change = { "PATCH", "/ocsp-responders/$_id", "{'url':$url,'cost_type':$cost_type}", true },
		.remove = { "DELETE", "/ocsp-responders/$_id", NULL, false } },
	{ .kind = &plan_tsa, .read = apply_id_made,
		.add = { "POST", "/timestamping-services",
			"{'url':$url,'certificate':$certificate,'cost_type':$cost_type}", true },
		.change = { "PATCH", "/timestamping-services/$_id",
			"{'url':$url,'certificate':$certificate,'cost_type':$cost_type}", true },
		.remove = { "DELETE", "/timestamping-services/$_id", NULL, false } },
	{ .kind = &plan_class, .read = apply_id_made,
		.add = { "POST", "/member-classes", "{'code':$code,'description':$description}", false },
		.change = { "PATCH", "/member-classes/$code", "{'description':$description}", false },
		.remove = { "DELETE", "/member-classes/$code", NULL, false } },
	{ .kind = &plan_member, .read = apply_id_made,
		.add = { "POST", "/members", "{'member_id':{'member_class':$:2,'member_code':$:3},"
			"'member_name':$name,'ignore_warnings':$!}", false },
		.change = { "PATCH", "/members/$id", "{'member_name':$name}", false },
		.remove = { "DELETE", "/members/$id", NULL, false } },
	{ .kind = &plan_subsystem, .read = apply_id_made,
		.add = { "POST", "/subsystems", "{'subsystem_id':{'member_class':$^:2,'member_code':$^:3,"
			"'subsystem_code':$code},'subsystem_name':$name}", false },
		.change = { "PATCH", "/subsystems/$^id:$code", "{'subsystem_name':$name}", false },
		.remove = { "DELETE", "/subsystems/$^id:$code", NULL, false } },
	{ .kind = &plan_global_group, .read = apply_id_made,
		.add = { "POST", "/global-groups", "{'code':$code,'description':$description}", false },
		.change = { "PATCH", "/global-groups/$code", "{'description':$description}", false },
		.remove = { "DELETE", "/global-groups/$code", NULL, false },
		.set_add = { "POST", "/global-groups/$code/members/add", "{'items':$+}", false },
		.set_del = { "DELETE", "/global-groups/$code/members/$*", NULL, false } },
	{ .kind = &plan_registered, .on_add = server_add,
		.change = { "PATCH", "/security-servers/$id", "{'server_address':$address}", false },
		.remove = { "DELETE", "/security-servers/$id", NULL, false },
		.set_add = { "POST", "/security-servers/$id/clients", "{'client_id':$*}", false },
		.set_del = { "DELETE", "/security-servers/$id/clients/$*", NULL, false } },
	{ .kind = NULL },
};
/* clang-format on */
