/* SPDX-License-Identifier: MIT */
/*
 * Administration: reading a service description, and what speaks against it:
 * addresses and codes that are taken, reserved or not legal, warnings that the
 * administrator has to accept. Codes are those of X-Road's interface.
 */
#include <string.h>

#include "admin_int.h"
#include "err.h"
#include "mem.h"
#include "param.h"
#include "text.h"

static const char *const RESERVED[] = { "listClients", "listMethods",
	"allowedMethods", "getWsdl", "getOpenAPI", "getSecurityServerMetrics",
	"getSecurityServerOperationalData", "getSecurityServerHealthData",
	NULL };

bool
service_url_ok(const char *s)
{
	size_t host;

	if (!str_iprefix(s, "http://") && !str_iprefix(s, "https://"))
		return false;
	s = strstr(s, "://") + strlen("://");
	host = strcspn(s, ":/?#");
	return host > 0 && !strpbrk(s, " \t\r\n\"<>");
}

const char *
service_full_code(struct arena *a, const char *code, const char *version)
{
	return version && *version ? arena_printf(a, "%s.%s", code, version)
				   : code;
}

void
warning_add(json_t *warnings, const char *code, json_t *metadata)
{
	json_t *w = json_object();

	json_put_str(w, "code", code);
	json_put_new(w, "metadata", metadata);
	json_array_append_new(warnings, w);
}

int
warnings_refuse(struct request *r, json_t *warnings, bool ignore, struct err *e)
{
	json_t *j, *error;

	if (ignore || !json_array_size(warnings))
		return 0;
	j = json_object();
	error = json_object();
	json_put_int(j, "status", 400);
	json_put_str(error, "code", "warnings_detected");
	json_put_new(j, "error", error);
	json_put_new(j, "warnings", json_incref(warnings));
	return admin_reply(r, 400, j, e) ? -1 : 1;
}

/* 1: refused and answered. */
static int
refuse(struct request *r, int status, const char *code, const char *one,
	const char *two, struct err *e)
{
	const char *const meta[] = { one, two, NULL };

	return admin_refuse(r, status, code, one ? meta : NULL, e) ? -1 : 1;
}

/* ---- reading ---- */

/* What the operator's validator thinks of it. */
static int
validate(
	struct request *r, struct server *s, struct described *d, struct err *e)
{
	struct err why = ERR_INIT;
	json_t *said, *j, *error;

	if (!wsdl_validate(request_arena(r),
		    conf_text(s->conf, P_WSDL_VALIDATOR), d->url, &said,
		    &why)) {
		if (json_array_size(said))
			warning_add(d->warnings, "wsdl_validation_warnings",
				json_incref(said));
		return 0;
	}
	if (why.fault == FAULT_IO)
		return refuse(
			r, 500, "wsdl_validator_not_executable", NULL, NULL, e);
	j = json_object();
	error = json_object();
	json_put_int(j, "status", d->invalid);
	json_put_str(error, "code", "invalid_wsdl");
	if (!json_array_size(said))
		json_array_append_new(said, json_text_new(why.text));
	json_put_new(error, "metadata", json_incref(said));
	json_put_new(j, "error", error);
	return admin_reply(r, d->invalid, j, e) ? -1 : 1;
}

static int
read_wsdl(
	struct request *r, struct server *s, struct described *d, struct err *e)
{
	struct arena *a = request_arena(r);
	struct err why = ERR_INIT;
	struct bytes text;

	if (description_fetch(s, a, d->url, &text, &why))
		return refuse(
			r, 400, "wsdl_download_failed", why.text, NULL, e);
	if (wsdl_parse(a, text, &d->service, &d->services, &why))
		return refuse(r, d->invalid, "invalid_wsdl", why.text, NULL, e);
	return validate(r, s, d, e);
}

static int
read_openapi(
	struct request *r, struct server *s, struct described *d, struct err *e)
{
	struct arena *a = request_arena(r);
	struct err why = ERR_INIT;
	struct openapi api;
	struct bytes text;
	json_t *list;

	if (description_fetch(s, a, d->url, &text, &why) ||
		openapi_parse(a, text, d->url, &api, &why))
		return refuse(r, 400,
			why.fault == FAULT_INVALID_PROTOCOL_VERSION
				? "unsupported_openapi_version"
				: "openapi_parsing_error",
			why.text, NULL, e);
	d->service->url = api.base;
	d->op = api.op;
	d->ops = api.ops;
	if (!api.warnings)
		return 0;
	list = json_array();
	for (size_t i = 0; i < api.warnings; i++)
		json_array_append_new(list, json_text_new(api.warning[i]));
	warning_add(d->warnings, "openapi_validation_warnings", list);
	return 0;
}

/* REST and OPENAPI3: the service that the administrator named. */
static int
read_rest(
	struct request *r, struct server *s, struct described *d, struct err *e)
{
	if (!d->code || !*d->code)
		return refuse(r, 400, "missing_parameter", NULL, NULL, e);
	d->service = arena_new_of(request_arena(r), struct wsdl_service);
	*d->service = (struct wsdl_service){ .code = d->code, .url = d->url };
	d->services = 1;
	return d->kind == SERVICE_OPENAPI3 ? read_openapi(r, s, d, e) : 0;
}

/* ---- what is there already ---- */

static int
url_free(struct request *r, const struct model *m, const struct described *d,
	struct err *e)
{
	bool wsdl = d->kind == SERVICE_WSDL;

	for (size_t i = 0; i < m->descriptions; i++) {
		const struct m_description *x = &m->description[i];
		if (x->client != d->client || x->row == d->ignore)
			continue;
		if (wsdl && str_iequal(x->url, d->url))
			return refuse(r, 409, "wsdl_exists", NULL, NULL, e);
		if (str_equal(x->url, d->url))
			return refuse(
				r, 409, "url_already_exists", d->url, NULL, e);
	}
	return 0;
}

/* Of a REST service the code alone must differ from all others, of a SOAP
   operation code and version together. */
static bool
clashes(struct arena *a, const struct described *d,
	const struct wsdl_service *w, const struct m_service *v)
{
	if (v->description->client != d->client ||
		v->description->row == d->ignore)
		return false;
	if (d->kind != SERVICE_WSDL && str_iequal(v->code, w->code))
		return true;
	return str_iequal(service_full_code(a, v->code, v->version),
		service_full_code(a, w->code, w->version));
}

static int
code_free(struct request *r, const struct model *m, const struct described *d,
	const struct wsdl_service *w, struct err *e)
{
	struct arena *a = request_arena(r);

	for (size_t i = 0; i < m->services; i++) {
		const struct m_service *v = &m->service[i];
		if (clashes(a, d, w, v))
			return refuse(r, 409,
				d->kind == SERVICE_WSDL
					? "service_already_exists"
					: "service_code_already_exists",
				service_full_code(a, v->code, v->version),
				v->description->url, e);
	}
	return 0;
}

static int
code_legal(struct request *r, const struct described *d,
	const struct wsdl_service *w, struct err *e)
{
	struct err why = ERR_INIT;

	for (size_t i = 0; RESERVED[i]; i++)
		if (str_equal(RESERVED[i], w->code))
			return refuse(r, 409, "service_code_reserved", w->code,
				NULL, e);
	if (!ident_part_check(w->code, "service code", &why) &&
		(!w->version || !ident_part_check(w->version, "version", &why)))
		return 0;
	if (d->kind != SERVICE_WSDL)
		return fail(e, FAULT_BAD_REQUEST, "%s", why.text);
	return refuse(r, d->invalid, "invalid_wsdl_service_identifier",
		service_full_code(request_arena(r), w->code, w->version), NULL,
		e);
}

int
describe(struct request *r, struct server *s, const struct model *m,
	struct described *d, struct err *e)
{
	int ret;

	d->warnings = json_keep(request_arena(r), json_array());
	if (!service_url_ok(d->url))
		return refuse(r, 400, "malformed_url", NULL, NULL, e);
	ret = url_free(r, m, d, e);
	if (!ret)
		ret = d->kind == SERVICE_WSDL ? read_wsdl(r, s, d, e)
					      : read_rest(r, s, d, e);
	for (size_t i = 0; !ret && i < d->services; i++) {
		const struct wsdl_service *w = &d->service[i];
		ret = code_legal(r, d, w, e);
		if (!ret)
			ret = code_free(r, m, d, w, e);
		if (!ret && d->kind == SERVICE_WSDL && !d->ignore &&
			!service_url_ok(w->url))
			ret = refuse(
				r, 400, "invalid_service_url", w->url, NULL, e);
	}
	return ret;
}
