/* SPDX-License-Identifier: MIT */
/* Instances of the configuration proxy on disk, their keys and anchors. */
#include <string.h>

#include "clock.h"
#include "confproxy_int.h"
#include "err.h"
#include "file.h"
#include "json_io.h"
#include "key.h"
#include "keystore.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { SET_MAX = 64 * 1024, ANCHOR_MAX = 256 * 1024, ID_MAX = 64 };

bool
confproxy_name_ok(const char *name)
{
	size_t n = strlen(name);

	return n && n <= CONFPROXY_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
			    "YZ0123456789_-") == n;
}

char *
confproxy_path(const struct conf *c, struct arena *a, const char *name,
	const char *file)
{
	const char *dir = path_join(a, conf_data_path(c, CONFPROXY_DIR), name);

	return path_join(a, dir, file);
}

char *
confproxy_public(const struct conf *c, struct arena *a, const char *name,
	const char *file)
{
	const char *dir =
		path_join(a, conf_data_path(c, "public/" CONFPROXY_DIR), name);

	return *file ? path_join(a, dir, file) : arena_strdup(a, dir);
}

char *
confproxy_address(const struct conf *c, struct arena *a, const char *name)
{
	const char *host = conf_text(c, P_CONFPROXY_PUBLIC);
	int64_t port = conf_int(c, P_CONFPROXY_PORT);

	if (!*host)
		host = conf_text(c, P_NODE_ADDRESS);
	if (!*host)
		host = "localhost";
	if (port == 80)
		return arena_printf(a, "%s/%s", host, name);
	return arena_printf(a, "%s:%d/%s", host, (int)port, name);
}

static int
name_need(const char *name, struct err *e)
{
	if (confproxy_name_ok(name))
		return 0;
	return fail(e, FAULT_BAD_REQUEST,
		"the name of a configuration proxy has 1 to %d letters, "
		"digits, - and _",
		CONFPROXY_NAME_MAX);
}

static int
key_read(struct arena *a, const json_t *j, struct confproxy_key *k,
	struct err *e)
{
	const char *cert;

	if (json_need_str(j, "id", ID_MAX, &k->id, e) ||
		json_need_str(j, "certificate", SET_MAX, &cert, e))
		return -1;
	k->active = json_bool(j, "active", false);
	return base64_decode(a, cert, strlen(cert), &k->cert, e);
}

int
confproxy_load(const struct conf *c, struct arena *a, const char *name,
	struct confproxy_set *out, struct err *e)
{
	struct bytes text;
	json_t *root, *list, *one;
	size_t i;

	*out = (struct confproxy_set){ .name = arena_strdup(a, name) };
	if (name_need(name, e) ||
		file_read(a, confproxy_path(c, a, name, "source.xml"),
			ANCHOR_MAX, &out->source, e) ||
		file_read(a, confproxy_path(c, a, name, "proxy.json"), SET_MAX,
			&text, e) ||
		json_parse(a, text, NULL, &root, e) ||
		json_need_int(root, "validity_seconds", 2, 604800,
			&out->validity_s, e) ||
		json_need_list(root, "keys", CONFPROXY_KEYS, &list, e))
		return -1;
	json_each(one, i, list)
		if (key_read(a, one, &out->key[out->keys++], e))
			return -1;
	return 0;
}

static int
save(const struct conf *c, const struct confproxy_set *s, struct err *e)
{
	struct arena *a = arena_new();
	json_t *root = json_keep(a, json_object()), *list = json_array();
	struct buf b;
	int ret;

	json_put_int(root, "validity_seconds", s->validity_s);
	for (size_t i = 0; i < s->keys; i++) {
		const struct confproxy_key *k = &s->key[i];
		json_t *j = json_object();

		json_put_str(j, "id", k->id);
		json_put_str(j, "certificate",
			base64_encode(a, k->cert.data, k->cert.len));
		json_put_bool(j, "active", k->active);
		json_array_append_new(list, j);
	}
	json_put_new(root, "keys", list);
	buf_init(&b, SET_MAX);
	json_write(&b, root, JSON_PRETTY);
	ret = file_write(confproxy_path(c, a, s->name, "proxy.json"),
		bytes_buf(&b), FILE_PRIVATE, e);
	buf_done(&b);
	arena_free(&a);
	return ret;
}

int
confproxy_create(const struct conf *c, const char *name, struct bytes anchor,
	int64_t validity_s, struct err *e)
{
	struct confproxy_set s = { .name = name, .validity_s = validity_s };
	struct arena *a = arena_new();
	struct gc_anchor parsed;
	int ret = -1;

	if (name_need(name, e) || anchor_parse(a, anchor, &parsed, e))
		goto out;
	if (file_exists(confproxy_path(c, a, name, "proxy.json"))) {
		fail(e, FAULT_CONFLICT,
			"there is a configuration proxy %s already", name);
		goto out;
	}
	if (!dir_make(
		    path_join(a, conf_data_path(c, CONFPROXY_DIR), name), e) &&
		!file_write(confproxy_path(c, a, name, "source.xml"), anchor,
			FILE_PUBLIC, e))
		ret = save(c, &s, e);
out:
	arena_free(&a);
	return ret;
}

/* ---- keys ---- */

/* The key store, unlocked. */
static int
store_open(const struct conf *c, const char *pin, struct keystore **out,
	struct err *e)
{
	if (keystore_open(out, conf_data_path(c, "keys"), e))
		return -1;
	if (!keystore_initialized(*out) && keystore_init(*out, pin, e))
		goto fail;
	if (keystore_unlocked(*out) || !keystore_unlock(*out, pin, e))
		return 0;
fail:
	keystore_close(out);
	return -1;
}

/* As a central server's: the certificate only carries the public key. */
static int
key_cert(const char *name, struct key *key, struct cert **out, struct err *e)
{
	const struct civil end = { 2038, 1, 1, 0, 0, 0 };
	const struct rdn subject = { "CN", name };
	const struct cert_template t = {
		.subject = &subject,
		.subjects = 1,
		.key = key,
		.serial = 1,
		.not_after = civil_seconds(&end) * 1000,
		.ca = true,
		.path_len = -1,
		.key_usage = KU_NON_REPUDIATION | KU_KEY_CERT_SIGN,
	};

	return cert_issue(out, &t, NULL, key, e);
}

int
confproxy_key_add(const struct conf *c, const char *name, const char *pin,
	char id[41], struct err *e)
{
	struct arena *a = arena_new();
	struct keystore *store = NULL;
	struct confproxy_set s;
	struct cert *cert = NULL;
	struct key *key; /* the store's */
	int ret = -1;

	if (confproxy_load(c, a, name, &s, e))
		goto out;
	if (s.keys == CONFPROXY_KEYS) {
		fail(e, FAULT_CONFLICT, "%s has %d keys already", name,
			CONFPROXY_KEYS);
		goto out;
	}
	if (store_open(c, pin, &store, e) ||
		keystore_generate(store, KEY_RSA,
			(unsigned)conf_int(c, P_KEY_LENGTH), id, e))
		goto out;
	ret = keystore_get(store, id, &key, e) || key_cert(name, key, &cert, e);
	if (!ret) {
		s.key[s.keys] =
			(struct confproxy_key){ id, cert_der(cert), !s.keys };
		s.keys++;
		ret = save(c, &s, e);
	}
	if (ret)
		(void)keystore_delete(store, id, NULL);
out:
	cert_unref(&cert);
	keystore_close(&store);
	arena_free(&a);
	return ret ? -1 : 0;
}

static struct confproxy_key *
key_find(struct confproxy_set *s, const char *id, struct err *e)
{
	for (size_t i = 0; i < s->keys; i++)
		if (str_iequal(s->key[i].id, id))
			return &s->key[i];
	fail(e, FAULT_NOT_FOUND, "%s has no key %s", s->name, id);
	return NULL;
}

int
confproxy_key_activate(
	const struct conf *c, const char *name, const char *id, struct err *e)
{
	struct arena *a = arena_new();
	struct confproxy_key *k = NULL;
	struct confproxy_set s;
	int ret = -1;

	if (!confproxy_load(c, a, name, &s, e))
		k = key_find(&s, id, e);
	if (k) {
		for (size_t i = 0; i < s.keys; i++)
			s.key[i].active = &s.key[i] == k;
		ret = save(c, &s, e);
	}
	arena_free(&a);
	return ret;
}

int
confproxy_key_delete(const struct conf *c, const char *name, const char *id,
	const char *pin, struct err *e)
{
	struct arena *a = arena_new();
	struct keystore *store = NULL;
	struct confproxy_key *k = NULL;
	struct confproxy_set s;
	int ret = -1;

	if (!confproxy_load(c, a, name, &s, e))
		k = key_find(&s, id, e);
	if (!k)
		goto out;
	if (k->active) {
		fail(e, FAULT_CONFLICT, "the active key cannot be deleted");
		goto out;
	}
	if (store_open(c, pin, &store, e))
		goto out;
	s.key[0] = s.key[k == &s.key[0]];
	s.keys--;
	ret = save(c, &s, e);
	if (!ret)
		ret = keystore_delete(store, id, e);
out:
	keystore_close(&store);
	arena_free(&a);
	return ret;
}

int
confproxy_anchor(const struct conf *c, struct arena *a, const char *name,
	struct buf *out, struct err *e)
{
	struct bytes cert[CONFPROXY_KEYS];
	struct gc_anchor_source at = { .cert = cert };
	struct gc_anchor anchor = {
		.source = &at, .sources = 1, .generated_at = clock_now()
	};
	struct confproxy_set s;
	struct gc_anchor source;

	if (confproxy_load(c, a, name, &s, e) ||
		anchor_parse(a, s.source, &source, e))
		return -1;
	for (; at.certs < s.keys; at.certs++)
		cert[at.certs] = s.key[at.certs].cert;
	if (!at.certs)
		return fail(
			e, FAULT_CONFLICT, "%s has no signing key yet", name);
	at.url = arena_printf(
		a, "http://%s/conf", confproxy_address(c, a, name));
	anchor.instance = source.instance;
	return anchor_write(&anchor, out, e);
}
