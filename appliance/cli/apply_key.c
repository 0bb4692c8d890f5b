/* SPDX-License-Identifier: MIT */
/*
 * Keys of a security server for a plan: made with their request for a
 * certificate, certificates imported when their files are there, the
 * authentication certificate registered.
 */
#include "cli_int.h"

#include "apply_int.h"

#include <string.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "text.h"

enum { BODY_MAX = 64 * 1024 };

/* ---- reading ---- */

static const char *
cert_hash(struct apply *x, const json_t *cert)
{
	char *hash = arena_strdup(
		x->a, json_str(json_sub(cert, "certificate_details"), "hash"));

	if (hash)
		str_lower(hash);
	return hash ? hash : "";
}

static void
read_certs(struct apply *x, const json_t *key, json_t *to, const char **member)
{
	json_t *out = json_array(), *cert;
	bool all = true, active = true;
	size_t i;

	json_put_new(to, "certificates", out);
	json_each(cert, i, json_list(key, "certificates")) {
		const char *owner = json_str(cert, "owner_id");

		json_array_append_new(out, json_text_new(cert_hash(x, cert)));
		if (owner && *owner)
			*member = owner;
		all &= !str_equal(json_str(cert, "status"), "SAVED");
		active &= json_bool(cert, "active", false);
	}
	if (!i)
		return;
	json_put_bool(to, "registered", all);
	json_put_bool(to, "active", active);
}

static json_t *
read_key(struct apply *x, const json_t *key)
{
	json_t *j = json_keep(x->a, json_object()), *csr;
	bool sign = str_equal(json_str(key, "usage"), "SIGNING");
	const char *member = NULL, *label = json_str(key, "label");
	size_t i;

	json_put_str(j, "_id", json_str(key, "id"));
	json_put_str(
		j, "label", label && *label ? label : json_str(key, "name"));
	json_put_str(j, "usage", json_str(key, "usage"));
	read_certs(x, key, j, &member);
	json_each(csr, i, json_list(key, "certificate_signing_requests")) {
		const char *owner = json_str(csr, "owner_id");

		if (owner && *owner && !member)
			member = owner;
	}
	if (sign && member)
		json_put_str(j, "member", member);
	if (sign)
		json_object_del(j, "registered");
	return j;
}

static bool
taken(struct apply *x, const json_t *list, const json_t *key)
{
	const char *id = plan_identity(x->a, &plan_key, key);
	json_t *v;
	size_t i;

	json_each(v, i, list)
		if (str_equal(plan_identity(x->a, &plan_key, v), id))
			return true;
	return false;
}

/* Keys that nothing tells apart: the first stands for them. */
int
apply_read_keys(
	struct apply *x, const json_t *token, json_t **out, struct err *e)
{
	json_t *v;
	size_t i;

	(void)e;
	*out = json_keep(x->a, json_array());
	json_each(v, i, json_list(token, "keys")) {
		json_t *key = read_key(x, v);

		if (json_str(key, "usage") && json_str(key, "label") &&
			!taken(x, *out, key))
			json_array_append(*out, key);
	}
	return 0;
}

/* ---- doing ---- */

static int
key_again(struct apply *x, const char *id, json_t **now, struct err *e)
{
	json_t *key;

	if (apply_get(x, apply_path(x, "/keys/", id, ""), &key, e))
		return -1;
	*now = read_key(x, key);
	return 0;
}

/* The owner of the server, whose key it is unless the plan says otherwise. */
static const char *
member_of(struct apply *x, const struct plan_step *s)
{
	const char *member = json_str(s->want, "member");

	return member ? member : json_str(x->want, "owner");
}

static char *
key_order(struct apply *x, const struct plan_step *s)
{
	json_t *j = json_keep(x->a, json_object()), *csr = json_object();
	json_t *subject = json_sub(s->want, "subject");
	const char *format = json_str(s->want, "csr_format");
	struct buf b;
	char *out;

	json_put_str(j, "key_label", json_str(s->want, "label"));
	json_put_new(j, "csr_generate_request", csr);
	json_put_str(csr, "key_usage_type", json_str(s->want, "usage"));
	json_put_str(csr, "ca_name", json_str(s->want, "ca"));
	json_put_str(csr, "csr_format", format ? format : "PEM");
	json_put_str(csr, "member_id", member_of(x, s));
	json_put_new(csr, "subject_field_values",
		subject ? json_incref(subject) : json_object());
	buf_init(&b, BODY_MAX);
	json_write(&b, j, JSON_PLAIN);
	out = arena_strdup(x->a, b.data);
	buf_done(&b);
	return out;
}

/* The request for a certificate, where the plan wants it. */
static int
csr_save(struct apply *x, const struct plan_step *s, const char *key,
	const char *csr, struct err *e)
{
	const char *file = json_str(s->want, "csr_file");
	const char *format = json_str(s->want, "csr_format");
	struct apply_answer a;
	char *path;

	if (!file || !csr)
		return 0;
	path = arena_printf(x->a, "/keys/%s/csrs/%s?csr_format=%s", key, csr,
		format ? format : "PEM");
	if (apply_call(x, "GET", path, NULL, bytes_of(NULL, 0), &a, e))
		return -1;
	if (a.status != 200)
		return apply_refused("GET", path, &a, e);
	return file_write(*file == '/' ? file : path_join(x->a, x->dir, file),
		a.body, FILE_PUBLIC, e);
}

int
apply_key_add(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	json_t *made;
	const char *id;

	if (!json_str(s->want, "ca"))
		return fail(e, FAULT_BAD_REQUEST,
			"to make the key %s the plan must say its \"ca\"",
			s->id);
	if (apply_send(x, "POST", "/tokens/0/keys-with-csrs", key_order(x, s),
		    &made, e))
		return -1;
	id = json_str(json_sub(made, "key"), "id");
	if (!id)
		return fail(e, FAULT_BAD_REQUEST, "the answer names no key");
	return csr_save(x, s, id, json_str(made, "csr_id"), e) ||
			       key_again(x, id, now, e)
		       ? -1
		       : 0;
}

int
apply_key_set(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	struct apply_answer a;
	const char *pem;
	json_t *v;
	size_t i;

	json_each(v, i, s->add) {
		if (apply_pem(x, json_string_value(v), &pem, e) ||
			apply_call(x, "POST", "/token-certificates",
				"application/octet-stream", bytes_str(pem), &a,
				e))
			return -1;
		if (a.status != 201)
			return apply_refused(
				"POST", "/token-certificates", &a, e);
	}
	json_each(v, i, s->del)
		if (apply_send(x, "DELETE",
			    apply_path(x, "/token-certificates/",
				    json_string_value(v), ""),
			    NULL, NULL, e))
			return -1;
	return key_again(x, json_str(s->have, "_id"), now, e);
}

/* Where the network will find this server. */
static int
address_of(struct apply *x, const char **out, struct err *e)
{
	json_t *j;

	*out = json_str(x->want, "registration_address");
	if (*out)
		return 0;
	if (apply_get(x, "/system/server-address", &j, NULL) == 0)
		*out = json_str(json_sub(j, "current_address"), "address");
	if (*out && **out)
		return 0;
	return fail(e, FAULT_BAD_REQUEST,
		"to register this server the plan must say its "
		"\"registration_address\"");
}

/* Every certificate of the key that is not there yet. */
static int
register_certs(struct apply *x, const json_t *key, struct err *e)
{
	json_t *cert, *body = json_keep(x->a, json_object());
	const char *address;
	struct buf b;
	size_t i;
	int ret = 0;

	if (address_of(x, &address, e))
		return -1;
	json_put_str(body, "address", address);
	buf_init(&b, BODY_MAX);
	json_write(&b, body, JSON_PLAIN);
	json_each(cert, i, json_list(key, "certificates")) {
		if (ret || !str_equal(json_str(cert, "status"), "SAVED"))
			continue;
		ret = apply_send(x, "PUT",
			apply_path(x, "/token-certificates/",
				cert_hash(x, cert), "/register"),
			b.data, NULL, e);
	}
	buf_done(&b);
	return ret;
}

/* An authentication certificate can be activated once the network knows it. */
static int
activate_certs(struct apply *x, const json_t *key, bool active, struct err *e)
{
	json_t *cert;
	size_t i;

	json_each(cert, i, json_list(key, "certificates"))
		if (json_bool(cert, "active", false) != active &&
			apply_patiently(x,
				apply_path(x, "/token-certificates/",
					cert_hash(x, cert),
					active ? "/activate" : "/disable"),
				409, e))
			return -1;
	return 0;
}

int
apply_key_change(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	const char *id = json_str(s->have, "_id");
	json_t *key;

	if (apply_get(x, apply_path(x, "/keys/", id, ""), &key, e))
		return -1;
	if (apply_differs(s, "registered")) {
		if (!json_bool(s->want, "registered", false))
			return fail(e, FAULT_CONFLICT,
				"a certificate is not unregistered through a "
				"plan");
		if (register_certs(x, key, e))
			return -1;
	}
	if (apply_differs(s, "active") &&
		activate_certs(x, key, json_bool(s->want, "active", false), e))
		return -1;
	return key_again(x, id, now, e);
}
