/* SPDX-License-Identifier: MIT */
/*
 * What the instance is: its identifier, the center's address, the member
 * that provides the management services; and the URLs that follow from it.
 */
#include "center_int.h"

#include <arpa/inet.h>
#include <string.h>

#include "center_sql.h"
#include "mem.h"
#include "param.h"
#include "text.h"

static int
setting_put(
	struct db_conn *c, const char *name, const char *value, struct err *e)
{
	return db_run(c, Q_CENTER_SETTING_PUT, e, db_text(name),
		       db_text(value)) < 0
		       ? -1
		       : 0;
}

int
instance_load(
	struct db_conn *c, struct arena *a, struct instance *out, struct err *e)
{
	const struct {
		const char *name;
		const char **to;
	} rows[] = {
		{ "instance", &out->instance },
		{ "address", &out->address },
		{ "management_class", &out->management.cls },
		{ "management_code", &out->management.code },
		{ "management_subsystem", &out->management.subsystem },
	};
	struct query *q;

	*out = (struct instance){ 0 };
	q = db_query(c, Q_CENTER_SETTINGS);
	while (query_next(q))
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (str_equal(query_text(q, 0), rows[i].name) &&
				query_text(q, 1)[0])
				*rows[i].to = query_text_dup(a, q, 1);
	if (query_end(q, e))
		return -1;
	out->management.instance = out->instance;
	return 0;
}

int
instance_need(
	struct db_conn *c, struct arena *a, struct instance *out, struct err *e)
{
	if (instance_load(c, a, out, e))
		return -1;
	if (!out->instance || !out->address)
		return refuse(e, FAULT_CONFLICT, "instance_identifier_not_set",
			"the center is not initialised");
	return 0;
}

static bool
host_name_valid(const char *s)
{
	size_t label = 0;

	for (; *s; s++) {
		unsigned char ch = (unsigned char)*s;

		if (ch == '.') {
			if (!label || s[-1] == '-')
				return false;
			label = 0;
			continue;
		}
		if (!(ch >= 0x80 || ch == '-' || (ch >= '0' && ch <= '9') ||
			    (ch >= 'a' && ch <= 'z') ||
			    (ch >= 'A' && ch <= 'Z')))
			return false;
		if (ch == '-' && !label)
			return false;
		if (++label > 63)
			return false;
	}
	return label > 0;
}

bool
address_valid(const char *s)
{
	struct in6_addr six;
	size_t n;

	if (!s || !(n = strlen(s)) || n > 253 || !utf8_valid(s, n))
		return false;
	if (strchr(s, ':'))
		return inet_pton(AF_INET6, s, &six) == 1;
	return host_name_valid(s);
}

int
instance_set(struct db_conn *c, const char *instance, const char *address,
	struct err *e)
{
	if (ident_part_check(instance, "instance identifier", e) ||
		setting_put(c, "instance", instance, e))
		return -1;
	return instance_set_address(c, address, e);
}

int
instance_set_address(struct db_conn *c, const char *address, struct err *e)
{
	if (!address_valid(address))
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"'%s' is not a host name or IP address",
			address ? address : "");
	return setting_put(c, "address", address, e);
}

int
instance_set_management(
	struct db_conn *c, const struct client_id *id, struct err *e)
{
	struct arena *a = arena_new();
	int64_t member, subsystem;
	struct instance in;
	int ret = instance_need(c, a, &in, e);

	if (!ret && !str_equal(id->instance, in.instance))
		ret = refuse(e, FAULT_BAD_REQUEST,
			"invalid_service_provider_id",
			"the provider is not of instance %s", in.instance);
	arena_free(&a);
	if (ret || client_need(c, id, &member, &subsystem, e))
		return -1;
	if (setting_put(c, "management_class", id->cls, e) ||
		setting_put(c, "management_code", id->code, e) ||
		setting_put(c, "management_subsystem",
			id->subsystem ? id->subsystem : "", e))
		return -1;
	return 0;
}

/* ---- automatic approval ---- */

static char *
approval_name(struct arena *a, enum param_id p)
{
	return arena_printf(a, "approve:%s", param_row(p)->key);
}

bool
approval_automatic(const struct center *ct, struct db_conn *c, enum param_id p)
{
	bool automatic = conf_bool(ct->conf, p);
	struct arena *a = arena_new();
	struct query *q =
		db_query(c, Q_CENTER_SETTING_GET, db_text(approval_name(a, p)));

	if (query_next(q))
		automatic = str_equal(query_text(q, 0), "true");
	(void)query_end(q, NULL);
	arena_free(&a);
	return automatic;
}

int
approval_set(struct db_conn *c, enum param_id p, bool automatic, struct err *e)
{
	struct arena *a = arena_new();
	int ret = setting_put(
		c, approval_name(a, p), automatic ? "true" : "false", e);

	arena_free(&a);
	return ret;
}

static char *
host_port(struct arena *a, const char *address, int64_t port, int64_t usual)
{
	const char *open = strchr(address, ':') ? "[" : "";
	const char *close = *open ? "]" : "";

	if (port == usual)
		return arena_printf(a, "%s%s%s", open, address, close);
	return arena_printf(
		a, "%s%s%s:%lld", open, address, close, (long long)port);
}

char *
center_authority(struct arena *a, const struct center *c, const char *address)
{
	return host_port(a, address, conf_int(c->conf, P_CENTER_HTTP_PORT), 80);
}

char *
center_url(struct arena *a, const struct center *c, const char *address,
	const char *path)
{
	return arena_printf(
		a, "http://%s%s", center_authority(a, c, address), path);
}

char *
center_https_url(struct arena *a, const struct center *c, const char *address,
	const char *path)
{
	int64_t port = conf_int(c->conf, P_CENTER_HTTPS_PORT);

	return port ? arena_printf(a, "https://%s%s",
			      host_port(a, address, port, 443), path)
		    : NULL;
}

char *
center_reg_url(struct arena *a, const struct center *c, const char *address)
{
	return arena_printf(a, "https://%s/managementservice/",
		host_port(
			a, address, conf_int(c->conf, P_CENTER_REG_PORT), 443));
}
