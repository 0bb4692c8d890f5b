/* SPDX-License-Identifier: MIT */
/*
 * Keys in hardware: made there, found by their id, used there. A private key
 * never leaves the token, so none can be imported or exported.
 */
#include <string.h>

#include "der.h"
#include "err.h"
#include "mem.h"
#include "module_int.h"
#include "text.h"

enum { ID_BYTES = KEY_ID_LEN / 2, BIGGEST = 1024, FOUND_MAX = 4 };

/* DER of the curve P-256, and of the digests' names in a DigestInfo. */
static const unsigned char p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	0x03, 0x01, 0x07 };

static const struct {
	const char *oid;
	p11_num mechanism, mgf;
} digests[] = {
	[DIGEST_SHA1] = { "1.3.14.3.2.26", P11_MECH_SHA1, P11_MGF_SHA1 },
	[DIGEST_SHA224] = { "2.16.840.1.101.3.4.2.4", P11_MECH_SHA224,
		P11_MGF_SHA224 },
	[DIGEST_SHA256] = { "2.16.840.1.101.3.4.2.1", P11_MECH_SHA256,
		P11_MGF_SHA256 },
	[DIGEST_SHA384] = { "2.16.840.1.101.3.4.2.2", P11_MECH_SHA384,
		P11_MGF_SHA384 },
	[DIGEST_SHA512] = { "2.16.840.1.101.3.4.2.3", P11_MECH_SHA512,
		P11_MGF_SHA512 },
};

static struct p11_attribute
attribute(p11_num type, const void *value, size_t len)
{
	return (struct p11_attribute){ type, (void *)(uintptr_t)value, len };
}

/* The objects of a class with this id: how many, at most FOUND_MAX. */
static int
find(struct module *m, p11_num session, const char *id, p11_num class_,
	p11_num found[FOUND_MAX], struct err *e)
{
	uint8_t raw[ID_BYTES];
	struct p11_attribute want[] = {
		attribute(P11_CLASS, &class_, sizeof(class_)),
		attribute(P11_ID, raw, sizeof(raw)),
	};
	struct arena *a = arena_new();
	struct bytes b;
	p11_num n = 0, rv;
	int ret = hex_decode(a, id, &b, e);

	if (!ret && b.len != ID_BYTES)
		ret = fail(e, FAULT_KEY_NOT_FOUND, "The key is unknown");
	if (!ret)
		memcpy(raw, b.data, ID_BYTES);
	arena_free(&a);
	if (ret)
		return -1;
	rv = m->f->find_begin(session, want, 2);
	if (rv == P11_OK) {
		rv = m->f->find(session, found, FOUND_MAX, &n);
		m->f->find_end(session);
	}
	if (rv != P11_OK)
		return module_fail("look for a key", rv, e);
	return (int)n;
}

static int
find_one(struct module *m, p11_num session, const char *id, p11_num class_,
	p11_num *out, struct err *e)
{
	p11_num found[FOUND_MAX] = { 0 };
	int n = find(m, session, id, class_, found, e);

	if (n < 0)
		return -1;
	if (!n)
		return fail(e, FAULT_KEY_NOT_FOUND, "The key is unknown");
	*out = found[0];
	return 0;
}

/* ---- making ---- */

static p11_num
make_pair(struct module *m, p11_num session, const struct question *q,
	const uint8_t id[ID_BYTES])
{
	const unsigned char yes = 1, no = 0, exponent[] = { 1, 0, 1 };
	p11_num bits = q->number & 0xffff, pub, priv;
	bool rsa = q->number >> 16 == KEY_RSA;
	struct p11_mechanism how = { rsa ? P11_MAKE_RSA : P11_MAKE_EC, NULL,
		0 };
	struct p11_attribute public[] = {
		attribute(P11_ON_TOKEN, &yes, 1),
		attribute(P11_PRIVATE, &no, 1),
		attribute(P11_VERIFY, &yes, 1),
		attribute(P11_ID, id, ID_BYTES),
		rsa ? attribute(P11_MODULUS_BITS, &bits, sizeof(bits))
		    : attribute(P11_EC_PARAMS, p256, sizeof(p256)),
		attribute(P11_PUBLIC_EXPONENT, exponent, sizeof(exponent)),
	};
	struct p11_attribute private[] = {
		attribute(P11_ON_TOKEN, &yes, 1),
		attribute(P11_PRIVATE, &yes, 1),
		attribute(P11_SENSITIVE, &yes, 1),
		attribute(P11_EXTRACTABLE, &no, 1),
		attribute(P11_SIGN, &yes, 1),
		attribute(P11_ID, id, ID_BYTES),
	};

	return m->f->make_pair(session, &how, public, rsa ? 6 : 5, private,
		sizeof(private) / sizeof(private[0]), &pub, &priv);
}

int
module_generate(struct call *c, struct err *e)
{
	struct module *m = c->child->module;
	uint8_t id[ID_BYTES];
	char hex[KEY_ID_LEN + 1];
	p11_num rv;
	int s;

	if (!module_logged_in(m))
		return module_fail("make a key", P11_NOT_LOGGED_IN, e);
	random_bytes(id, sizeof(id));
	s = module_session(m);
	rv = make_pair(m, m->session[s], c->q, id);
	module_session_done(m, s);
	if (rv != P11_OK)
		return module_fail("make a key", rv, e);
	for (size_t i = 0; i < ID_BYTES; i++) {
		hex[2 * i] = "0123456789ABCDEF"[id[i] >> 4];
		hex[2 * i + 1] = "0123456789ABCDEF"[id[i] & 15];
	}
	buf_add(c->out, hex, KEY_ID_LEN);
	return 0;
}

int
module_import(struct call *c, struct err *e)
{
	(void)c;
	return fail(e, FAULT_KEY_GENERATION,
		"Keys in hardware are made there, not imported");
}

static int
destroy(struct module *m, p11_num session, const char *id, p11_num class_,
	struct err *e)
{
	p11_num found[FOUND_MAX] = { 0 }, rv = P11_OK;
	int n = find(m, session, id, class_, found, e);

	for (int i = 0; i < n && rv == P11_OK; i++)
		rv = m->f->destroy(session, found[i]);
	if (n >= 0 && rv != P11_OK)
		return module_fail("delete a key", rv, e);
	return n < 0 ? -1 : 0;
}

/* The private key first: what is left can be deleted again. */
int
module_delete(struct call *c, struct err *e)
{
	struct module *m = c->child->module;
	int s, ret;

	if (!module_logged_in(m))
		return module_fail("delete a key", P11_NOT_LOGGED_IN, e);
	s = module_session(m);
	ret = destroy(m, m->session[s], c->q->id, P11_PRIVATE_KEY, e) ||
			      destroy(m, m->session[s], c->q->id,
				      P11_PUBLIC_KEY, e)
		      ? -1
		      : 0;
	module_session_done(m, s);
	return ret;
}

/* ---- the public half ---- */

/* SubjectPublicKeyInfo of an algorithm (its content) and a key. */
static void
put_spki(struct buf *out, const struct buf *alg, struct bytes key)
{
	struct buf b, bits;

	buf_init(&b, 4 * BIGGEST);
	buf_init(&bits, 2 * BIGGEST);
	buf_char(&bits, '\0');
	buf_bytes(&bits, key);
	der_put_buf(&b, DER_SEQUENCE, alg);
	der_put_buf(&b, DER_BIT_STRING, &bits);
	der_put_buf(out, DER_SEQUENCE, &b);
	buf_done(&bits);
	buf_done(&b);
}

static void
put_rsa(struct buf *out, const struct p11_attribute *modulus,
	const struct p11_attribute *exponent)
{
	struct buf alg, both, key;

	buf_init(&alg, BIGGEST);
	buf_init(&both, 2 * BIGGEST);
	buf_init(&key, 2 * BIGGEST);
	der_put_oid(&alg, "1.2.840.113549.1.1.1");
	der_put(&alg, DER_NULL, "", 0);
	der_put_uint(&both, modulus->value, modulus->len);
	der_put_uint(&both, exponent->value, exponent->len);
	der_put_buf(&key, DER_SEQUENCE, &both);
	put_spki(out, &alg, bytes_buf(&key));
	buf_done(&key);
	buf_done(&both);
	buf_done(&alg);
}

/* The point comes wrapped into an OCTET STRING. */
static int
put_ec(struct buf *out, const struct p11_attribute *point, struct err *e)
{
	struct der d = der_open(bytes_of(point->value, point->len)), inner;
	struct buf alg;

	if (der_read(&d, DER_OCTET_STRING, &inner, e))
		return -1;
	buf_init(&alg, BIGGEST);
	der_put_oid(&alg, "1.2.840.10045.2.1");
	buf_add(&alg, p256, sizeof(p256));
	put_spki(out, &alg, der_rest(&inner));
	buf_done(&alg);
	return 0;
}

static int
public_of(struct call *c, p11_num session, struct err *e)
{
	const struct p11_functions *f = c->child->module->f;
	unsigned char first[BIGGEST], second[BIGGEST];
	p11_num object, type = 0, rv;
	struct p11_attribute kind = { P11_KEY_TYPE, &type, sizeof(type) };
	struct p11_attribute rsa[] = {
		{ P11_MODULUS, first, sizeof(first) },
		{ P11_PUBLIC_EXPONENT, second, sizeof(second) },
	};
	struct p11_attribute ec = { P11_EC_POINT, first, sizeof(first) };

	if (find_one(c->child->module, session, c->q->id, P11_PUBLIC_KEY,
		    &object, e))
		return -1;
	rv = f->get(session, object, &kind, 1);
	if (rv == P11_OK)
		rv = type == P11_KEY_EC ? f->get(session, object, &ec, 1)
					: f->get(session, object, rsa, 2);
	if (rv != P11_OK)
		return module_fail("read a key", rv, e);
	if (type == P11_KEY_EC)
		return put_ec(c->out, &ec, e);
	put_rsa(c->out, &rsa[0], &rsa[1]);
	return 0;
}

int
module_public(struct call *c, struct err *e)
{
	int s = module_session(c->child->module);
	int ret = public_of(c, c->child->module->session[s], e);

	module_session_done(c->child->module, s);
	return ret;
}

/* ---- signing ---- */

/* PKCS#1 v1.5 signs a DigestInfo. */
static void
put_digest_info(struct buf *out, const struct digest *d)
{
	struct buf alg, b;

	buf_init(&alg, BIGGEST);
	buf_init(&b, BIGGEST);
	der_put_oid(&alg, digests[d->alg].oid);
	der_put(&alg, DER_NULL, "", 0);
	der_put_buf(&b, DER_SEQUENCE, &alg);
	der_put(&b, DER_OCTET_STRING, d->value, d->len);
	der_put_buf(out, DER_SEQUENCE, &b);
	buf_done(&b);
	buf_done(&alg);
}

/* ECDSA comes as r||s, certificates want DER. */
static int
put_signature(struct call *c, enum sign_scheme scheme, struct bytes raw,
	struct err *e)
{
	struct bytes der = raw;

	if (scheme == SIGN_ECDSA && ecdsa_der_from_raw(c->a, raw, &der, e))
		return -1;
	buf_bytes(c->out, der);
	return 0;
}

static int
sign_with(struct call *c, p11_num session, struct sign_alg alg,
	const struct digest *d, struct err *e)
{
	static const p11_num mechanism[] = {
		[SIGN_RSA_PKCS1] = P11_RSA_PKCS,
		[SIGN_RSA_PSS] = P11_RSA_PSS,
		[SIGN_ECDSA] = P11_ECDSA,
	};
	const struct p11_functions *f = c->child->module->f;
	struct p11_pss pss = { digests[d->alg].mechanism, digests[d->alg].mgf,
		d->len };
	struct p11_mechanism how = { mechanism[alg.scheme], NULL, 0 };
	unsigned char out[SIGNATURE_MAX];
	p11_num key, n = sizeof(out), rv;
	struct buf data;

	if (find_one(c->child->module, session, c->q->id, P11_PRIVATE_KEY, &key,
		    e))
		return -1;
	if (alg.scheme == SIGN_RSA_PSS)
		how = (struct p11_mechanism){ P11_RSA_PSS, &pss, sizeof(pss) };
	buf_init(&data, BIGGEST);
	if (alg.scheme == SIGN_RSA_PKCS1)
		put_digest_info(&data, d);
	else
		buf_add(&data, d->value, d->len);
	rv = f->sign_begin(session, &how, key);
	if (rv == P11_OK)
		rv = f->sign(session, (const unsigned char *)data.data,
			data.len, out, &n);
	buf_done(&data);
	if (rv != P11_OK)
		return module_fail("sign", rv, e);
	return put_signature(c, alg.scheme, bytes_of(out, n), e);
}

int
module_sign(struct call *c, struct err *e)
{
	struct module *m = c->child->module;
	struct sign_alg alg;
	struct digest d;
	int s, ret;

	if (question_sign(c->q, &alg, &d, e))
		return -1;
	if (!module_logged_in(m))
		return module_fail("sign", P11_NOT_LOGGED_IN, e);
	s = module_session(m);
	ret = sign_with(c, m->session[s], alg, &d, e);
	module_session_done(m, s);
	return ret;
}
