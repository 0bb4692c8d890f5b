/* SPDX-License-Identifier: MIT */
/* Self-signed TLS identities in files; see identity.h. */
#include "identity.h"

#include <string.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "key.h"
#include "mem.h"
#include "text.h"
#include "tls.h"

enum { FILE_MAX = 64 * 1024, BITS = 2048 };
static const int64_t day_ms = 86400000;

struct paths {
	char *key, *cert, *next; /* next: the certificate of a key to come */
};

static struct paths
paths_of(struct arena *a, const struct identity_plan *plan)
{
	char *base = path_join(a, plan->dir, plan->name);

	return (struct paths){ arena_printf(a, "%s.key", base),
		arena_printf(a, "%s.crt", base),
		arena_printf(a, "%s.crt.next", base) };
}

void
identity_done(struct identity *i)
{
	key_unref(&i->key);
	for (size_t k = 0; k < i->n; k++)
		cert_unref(&i->chain[k]);
	i->n = 0;
}

static void
drop_chain(struct identity *i)
{
	for (size_t k = 0; k < i->n; k++)
		cert_unref(&i->chain[k]);
	i->n = 0;
}

static int
load_chain(
	struct arena *a, const char *path, struct identity *out, struct err *e)
{
	struct bytes text;

	drop_chain(out);
	return file_read(a, path, FILE_MAX, &text, e) ||
			       cert_parse_chain(out->chain, &out->n, text, e)
		       ? -1
		       : 0;
}

static bool
fits(const struct identity *i)
{
	return i->n && key_same_public(i->key, cert_key(i->chain[0]));
}

static int
load(struct arena *a, const struct paths *p, struct identity *out,
	struct err *e)
{
	struct err why = ERR_INIT;
	struct bytes text;

	if (file_read(a, p->key, FILE_MAX, &text, e) ||
		key_parse_private(&out->key, text, NULL, e))
		return -1;
	if (!load_chain(a, p->cert, out, &why) && fits(out))
		return 0;
	/* a renewal ended between its two steps */
	if (file_exists(p->next) && !load_chain(a, p->next, out, NULL) &&
		fits(out))
		return file_rename(p->next, p->cert, e);
	if (err_set(&why))
		return fail(e, why.fault, "%s", why.text);
	return fail(e, FAULT_CONFIG,
		"%s and %s do not belong together; remove both to get new ones",
		p->key, p->cert);
}

static int
issue(const char *host, struct key *key, struct cert **cert, struct err *e)
{
	struct rdn cn = { "CN", host };
	bool ip =
		host[strspn(host, "0123456789.")] == '\0' || strchr(host, ':');
	struct cert_template t = {
		.subject = &cn,
		.subjects = 1,
		.key = key,
		.serial = 1,
		.not_before = clock_now() - day_ms,
		.not_after = clock_now() + 7300 * day_ms,
		.path_len = -1,
		.key_usage = KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT,
		.ext_usage = EKU_SERVER_AUTH | EKU_CLIENT_AUTH,
		.dns_name = ip ? NULL : host,
		.ip = ip ? host : NULL,
	};

	random_bytes(&t.serial, sizeof(t.serial));
	t.serial >>= 1;
	t.serial |= 1;
	return cert_issue(cert, &t, NULL, key, e);
}

/* The certificate lies ready before the key takes effect. */
static int
make(struct arena *a, const struct identity_plan *plan, const struct paths *p,
	struct identity *out, struct err *e)
{
	struct bytes der;
	char *text;

	if (key_generate(&out->key, plan->type, BITS, e) ||
		issue(*plan->host ? plan->host : "localhost", out->key,
			&out->chain[0], e))
		return -1;
	out->n = 1;
	if (key_private_der(out->key, a, &der, e))
		return -1;
	text = pem_encode(a, "CERTIFICATE", cert_der(out->chain[0]));
	if (file_write(p->next, bytes_str(text), FILE_PUBLIC, e))
		return -1;
	text = pem_encode(a, "PRIVATE KEY", der);
	if (file_write(p->key, bytes_str(text), FILE_PRIVATE, e))
		return -1;
	return file_rename(p->next, p->cert, e);
}

static int
load_or_make(const struct identity_plan *plan, bool anew, struct identity *out,
	struct err *e)
{
	struct arena *a = arena_new_secret();
	struct paths p = paths_of(a, plan);
	int ret;

	*out = (struct identity){ 0 };
	if (!anew && file_exists(p.key))
		ret = load(a, &p, out, e);
	else
		ret = make(a, plan, &p, out, e);
	if (ret)
		identity_done(out);
	arena_free(&a);
	return ret;
}

int
identity_open(
	const struct identity_plan *plan, struct identity *out, struct err *e)
{
	return load_or_make(plan, false, out, e);
}

int
identity_serve(const struct identity_plan *plan, const struct tls_options *o,
	struct tls **out, struct err *e)
{
	struct tls_options own = *o;
	struct identity i;
	int ret;

	*out = NULL;
	if (identity_open(plan, &i, e))
		return -1;
	own.key = i.key;
	own.chain = (struct cert_list){ i.chain, i.n };
	ret = tls_server_new(out, &own, e);
	identity_done(&i);
	return ret;
}

int
identity_renew(
	const struct identity_plan *plan, struct identity *out, struct err *e)
{
	return load_or_make(plan, true, out, e);
}

int
identity_load(const struct identity_plan *plan, struct key **key,
	struct cert **cert, struct err *e)
{
	struct identity i;

	*key = NULL;
	*cert = NULL;
	if (identity_open(plan, &i, e))
		return -1;
	*key = key_ref(i.key);
	*cert = cert_ref(i.chain[0]);
	identity_done(&i);
	return 0;
}

static bool
same_chain(const struct identity *x, const struct identity *y)
{
	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (!cert_equal(x->chain[i], y->chain[i]))
			return false;
	return true;
}

static int
check_chain(const struct identity *old, const struct identity *i, struct err *e)
{
	if (!fits(i))
		return fail(e, FAULT_KEY_NOT_FOUND,
			"the certificate is of another key");
	if (same_chain(old, i))
		return fail(e, FAULT_CONFLICT, "the certificate is in use");
	for (size_t k = 1; k < i->n; k++)
		if (cert_signed_by(i->chain[k - 1], i->chain[k], NULL))
			return fail(e, FAULT_INVALID_CERT_PATH,
				"certificate %zu of the file did not sign the "
				"one before it",
				k + 1);
	return 0;
}

static int
write_chain(struct arena *a, const struct paths *p, const struct identity *i,
	struct err *e)
{
	struct buf text;
	int ret;

	buf_init(&text, FILE_MAX);
	for (size_t k = 0; k < i->n; k++)
		buf_str(&text,
			pem_encode(a, "CERTIFICATE", cert_der(i->chain[k])));
	ret = buf_ok(&text, "the certificates", e) ||
			      file_write(
				      p->cert, bytes_buf(&text), FILE_PUBLIC, e)
		      ? -1
		      : 0;
	buf_done(&text);
	return ret;
}

int
identity_replace(const struct identity_plan *plan, struct bytes certs,
	struct identity *out, struct err *e)
{
	struct arena *a = arena_new();
	struct paths p = paths_of(a, plan);
	struct identity old;
	int ret = -1;

	*out = (struct identity){ 0 };
	if (identity_open(plan, &old, e)) {
		arena_free(&a);
		return -1;
	}
	out->key = key_ref(old.key);
	if (!cert_parse_chain(out->chain, &out->n, certs, e) &&
		!check_chain(&old, out, e) && !write_chain(a, &p, out, e))
		ret = 0;
	identity_done(&old);
	if (ret)
		identity_done(out);
	arena_free(&a);
	return ret;
}
