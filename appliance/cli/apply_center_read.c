/* SPDX-License-Identifier: MIT */
/* A center for a plan: what it is now, in the plan's shape. */
#include "cli_int.h"

#include "apply_int.h"

#include <string.h>

#include "cert.h"
#include "err.h"
#include "mem.h"
#include "text.h"

enum { PAGE = 1000 };

static json_t *
thing_new(struct apply *x, json_t *list, const json_t *from)
{
	json_t *j = json_object();

	(void)x;
	json_put_from(j, "_id", from, "id");
	json_array_append_new(list, j);
	return j;
}

static json_t *
list_new(json_t *to, const char *name)
{
	json_t *list = json_array();

	json_put_new(to, name, list);
	return list;
}

static void
put_hash(struct apply *x, json_t *to, const json_t *details)
{
	char *hash = arena_strdup(x->a, json_str(details, "hash"));

	if (!hash)
		return;
	str_lower(hash);
	json_put_str(to, "certificate", hash);
}

static const char *
encoded(const json_t *j, const char *member)
{
	const char *id = json_str(json_sub(j, member), "encoded_id");

	return id ? id : "?";
}

/* ---- trust services ---- */

static int
read_ocsps(struct apply *x, const char *path, json_t *to, struct err *e)
{
	json_t *list, *v, *out = list_new(to, "ocsp_responders");
	size_t i;

	if (apply_get(x, path, &list, e))
		return -1;
	json_each(v, i, list) {
		json_t *j = thing_new(x, out, v);

		json_put_from(j, "url", v, "url");
		json_put_from(j, "cost_type", v, "cost_type");
	}
	return 0;
}

static char *
row_path(struct apply *x, const char *before, const json_t *row,
	const char *after)
{
	return arena_printf(x->a, "%s%lld%s", before,
		(long long)json_int(row, "id", 0), after);
}

static int
read_intermediates(struct apply *x, const json_t *ca, json_t *to, struct err *e)
{
	json_t *list, *v, *out = list_new(to, "intermediate_cas");
	size_t i;

	if (apply_get(x,
		    row_path(x, "/certification-services/", ca,
			    "/intermediate-cas"),
		    &list, e))
		return -1;
	json_each(v, i, list) {
		json_t *j = thing_new(x, out, v);

		json_put_str(
			j, "_path", row_path(x, "/intermediate-cas/", v, ""));
		put_hash(x, j, json_sub(v, "ca_certificate"));
		if (read_ocsps(x,
			    row_path(x, "/intermediate-cas/", v,
				    "/ocsp-responders"),
			    j, e))
			return -1;
	}
	return 0;
}

static int
read_ca(struct apply *x, const json_t *row, const char *own, json_t *out,
	struct err *e)
{
	char *path = row_path(x, "/certification-services/", row, "");
	json_t *ca, *cert, *j;

	if (apply_get(x, path, &ca, e) ||
		apply_get(x, arena_printf(x->a, "%s/certificate", path), &cert,
			e))
		return -1;
	if (own && str_iequal(own, json_str(cert, "hash")))
		return 0; /* ours: the line own_trust_services says it */
	j = thing_new(x, out, row);
	json_put_str(j, "_path", path);
	put_hash(x, j, cert);
	json_put_from(
		j, "certificate_profile_info", ca, "certificate_profile_info");
	json_put_from(j, "tls_auth", ca, "tls_auth");
	json_put_from(j, "default_csr_format", ca, "default_csr_format");
	return read_ocsps(x, arena_printf(x->a, "%s/ocsp-responders", path), j,
		       e) || read_intermediates(x, row, j, e)
		       ? -1
		       : 0;
}

static const char *
hash_of(struct apply *x, const char *pem)
{
	struct digest d;
	struct cert *c;

	if (!pem || cert_parse(&c, bytes_str(pem), NULL))
		return NULL;
	cert_digest(c, DIGEST_SHA256, &d);
	cert_unref(&c);
	return hex_encode(x->a, d.value, d.len);
}

static int
read_trust(struct apply *x, json_t *to, struct err *e)
{
	json_t *list, *v, *own = NULL,
			  *cas = list_new(to, "certification_services");
	json_t *tsas = list_new(to, "timestamping_services");
	const char *ca = NULL, *tsa = NULL;
	size_t i;

	if (apply_get(x, "/machilink/trust-services", &own, NULL) == 0) {
		json_put_from(to, "own_trust_services", own, "ca_name");
		ca = hash_of(x, json_str(own, "ca_certificate"));
		tsa = hash_of(x, json_str(own, "tsa_certificate"));
	}
	if (apply_get(x, "/certification-services", &list, e))
		return -1;
	json_each(v, i, list)
		if (read_ca(x, v, ca, cas, e))
			return -1;
	if (apply_get(x, "/timestamping-services", &list, e))
		return -1;
	json_each(v, i, list) {
		json_t *cert = json_sub(v, "certificate"), *j;

		if (tsa && str_iequal(tsa, json_str(cert, "hash")))
			continue;
		j = thing_new(x, tsas, v);
		json_put_from(j, "url", v, "url");
		put_hash(x, j, cert);
		json_put_from(j, "cost_type", v, "cost_type");
	}
	return 0;
}

/* ---- members ---- */

static int
read_classes(struct apply *x, json_t *to, struct err *e)
{
	json_t *list, *v, *out = list_new(to, "member_classes");
	size_t i;

	if (apply_get(x, "/member-classes", &list, e))
		return -1;
	json_each(v, i, list) {
		json_t *j = thing_new(x, out, v);

		json_put_from(j, "code", v, "code");
		json_put_from(j, "description", v, "description");
	}
	return 0;
}

/* All pages of a list into one array, in the arena. */
static int
read_pages(struct apply *x, const char *path, const char *key, json_t **out,
	struct err *e)
{
	json_t *page, *list, *v;
	size_t i, n = 0;

	*out = json_keep(x->a, json_array());
	do {
		if (apply_get(x,
			    arena_printf(x->a, "%s?limit=%d&offset=%zu", path,
				    PAGE, n++),
			    &page, e))
			return -1;
		list = json_list(page, key);
		json_each(v, i, list)
			json_array_append(*out, v);
	} while (json_array_size(list) == PAGE);
	return 0;
}

static json_t *
member_of(json_t *members, const char *id)
{
	json_t *v;
	size_t i;

	json_each(v, i, members)
		if (str_equal(json_str(v, "id"), id))
			return v;
	v = json_object();
	json_put_str(v, "id", id);
	json_put_new(v, "subsystems", json_array());
	json_array_append_new(members, v);
	return v;
}

static int
read_members(struct apply *x, json_t *to, struct err *e)
{
	json_t *list, *v, *out = list_new(to, "members");
	size_t i;

	if (read_pages(x, "/clients", "clients", &list, e))
		return -1;
	json_each(v, i, list) {
		const json_t *id = json_sub(v, "client_id");
		const char *sub = json_str(id, "subsystem_code");
		char *name = arena_strdup(x->a, encoded(v, "client_id"));
		json_t *m, *j;

		if (sub && strrchr(name, ':'))
			*strrchr(name, ':') = '\0';
		m = member_of(out, name);
		json_put_from(m, "name", v, "member_name");
		if (!sub)
			continue;
		j = thing_new(x, json_list(m, "subsystems"), v);
		json_put_str(j, "code", sub);
		json_put_from(j, "name", v, "subsystem_name");
	}
	return 0;
}

/* The owners' group fills itself. */
static int
read_groups(struct apply *x, json_t *to, struct err *e)
{
	json_t *list, *v, *page, *m, *out = list_new(to, "global_groups");
	size_t i, k;

	if (apply_get(x, "/global-groups", &list, e))
		return -1;
	json_each(v, i, list) {
		const char *code = json_str(v, "code");
		json_t *j, *members;

		if (str_equal(code, "security-server-owners"))
			continue;
		j = thing_new(x, out, v);
		json_put_from(j, "code", v, "code");
		json_put_from(j, "description", v, "description");
		members = list_new(j, "members");
		if (apply_send(x, "POST",
			    apply_path(x, "/global-groups/", code, "/members"),
			    "{\"paging_sorting\":{\"limit\":1000,\"offset\":0}"
			    "}",
			    &page, e))
			return -1;
		json_each(m, k, json_list(page, "items"))
			json_array_append_new(members,
				json_text_new(encoded(m, "client_id")));
	}
	return 0;
}

/* ---- servers ---- */

static int
read_server_clients(struct apply *x, const char *id, json_t *to, struct err *e)
{
	json_t *list, *v, *out = list_new(to, "clients");
	size_t i;

	if (apply_get(x, apply_path(x, "/security-servers/", id, "/clients"),
		    &list, e))
		return -1;
	json_each(v, i, list)
		json_array_append_new(
			out, json_text_new(encoded(v, "client_id")));
	return 0;
}

static int
read_servers(struct apply *x, json_t *to, struct err *e)
{
	json_t *list, *v, *out = list_new(to, "security_servers");
	size_t i;

	if (read_pages(x, "/security-servers", "items", &list, e))
		return -1;
	json_each(v, i, list) {
		json_t *j = thing_new(x, out, v);

		json_put_str(j, "id", encoded(v, "server_id"));
		json_put_from(j, "address", v, "server_address");
		if (read_server_clients(x, encoded(v, "server_id"), j, e))
			return -1;
	}
	return 0;
}

static void
copy_given(json_t *to, const char *key, const json_t *from, const char *name)
{
	const char *s = json_str(from, name);

	if (s && *s)
		json_put_str(to, key, s);
}

static int
read_management(struct apply *x, json_t *to, struct err *e)
{
	json_t *j, *approval, *v, *out = list_new(to, "automatic_approval");
	const char *name;

	if (apply_get(x, "/management-services-configuration", &j, e) ||
		apply_get(x, "/machilink/automatic-approval", &approval, e))
		return -1;
	copy_given(to, "management_provider", j, "service_provider_id");
	copy_given(to, "management_server", j, "security_server_id");
	json_object_foreach(approval, name, v)
	{
		if (json_is_true(v))
			json_array_append_new(out, json_text_new(name));
	}
	return 0;
}

static int
read_token(struct apply *x, json_t *to, struct err *e)
{
	json_t *list, *key, *out = list_new(to, "signing_keys");
	size_t i, k;

	if (apply_get(x, "/tokens", &list, e))
		return -1;
	json_put_bool(to, "logged_in",
		json_bool(json_array_get(list, 0), "logged_in", false));
	for (i = 0; i < 2; i++) {
		const char *type = i ? "EXTERNAL" : "INTERNAL";
		bool there = false;

		json_each(key, k,
			json_list(json_array_get(list, 0),
				"configuration_signing_keys"))
			there |= str_equal(json_str(key, "source_type"), type);
		if (there)
			json_array_append_new(out, json_text_new(type));
	}
	return 0;
}

int
apply_read_center(struct apply *x, json_t **out, struct err *e)
{
	json_t *status, *j = json_keep(x->a, json_object());

	*out = j;
	json_put_str(j, "machilink", "center");
	if (apply_get(x, "/initialization/status", &status, e))
		return -1;
	copy_given(j, "instance", status, "instance_identifier");
	copy_given(j, "address", status, "central_server_address");
	if (!json_str(j, "instance"))
		return 0;
	return read_token(x, j, e) || read_trust(x, j, e) ||
			       read_classes(x, j, e) || read_members(x, j, e) ||
			       read_groups(x, j, e) || read_servers(x, j, e) ||
			       read_management(x, j, e)
		       ? -1
		       : 0;
}
