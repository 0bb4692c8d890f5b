/* SPDX-License-Identifier: MIT */
/*
 * The center's own certification authority: made once together with its OCSP
 * responder and the time-stamping authority; issues and revokes. Certificate
 * contents: interop/xroad-center-admin.md 3.1; the keys are in the signer.
 */
#include "center_int.h"

#include <string.h>

#include "center_sql.h"
#include "clock.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum {
	KEY_BITS_MIN = 2048,
	CA_YEARS = 20,
	SKEW_MS = 5 * 60 * 1000, /* clocks of others may be behind */
};
#define DAY_MS INT64_C(86400000)

/* Random, positive, 64 bits, never 0. */
static uint64_t
serial_make(void)
{
	uint64_t v;

	random_bytes(&v, sizeof(v));
	return (v & INT64_MAX) | UINT64_C(1) << 56;
}

char *
serial_text(struct arena *a, struct bytes serial)
{
	char *hex = hex_encode(a, serial.data, serial.len);

	while (hex[0] == '0' && hex[1])
		hex++;
	return hex;
}

static int
issued_store(struct db_conn *c, struct arena *a, int64_t authority,
	const char *usage, const struct issue_order *o, const struct cert *cert,
	struct err *e)
{
	struct bytes der = cert_der(cert);
	const char *member =
		o ? arena_printf(a, "%s/%s", o->member.cls, o->member.code)
		  : NULL;

	return db_run(c, Q_CENTER_ISSUED_ADD, e, db_int(authority),
		       db_text(serial_text(a, cert_serial(cert))),
		       db_text(usage), db_text(cert_subject_text(cert, a)),
		       db_text(member), db_text(o ? o->server : NULL),
		       db_blob(der.data, der.len), db_int(cert_not_after(cert)),
		       db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

/* ---- making the authorities ---- */

enum piece { PIECE_CA, PIECE_OCSP, PIECE_TSA, PIECES };

static const struct piece_row {
	const char *suffix; /* of the common name */
	unsigned key_usage, ext_usage;
	const char *usage; /* in issued_cert, NULL: self-signed */
} pieces[PIECES] = {
	[PIECE_CA] = { "CA", KU_KEY_CERT_SIGN | KU_CRL_SIGN, 0, NULL },
	[PIECE_OCSP] = { "OCSP", KU_DIGITAL_SIGNATURE, EKU_OCSP_SIGNING,
		"OCSP" },
	[PIECE_TSA] = { "TSA", KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION,
		EKU_TIME_STAMPING, "TIME_STAMPING" },
};

struct founding {
	char id[PIECES][RING_ID_MAX];
	struct key *key[PIECES];
	struct cert *cert[PIECES];
	const char *name[PIECES];
};

static int
piece_make(struct center *ct, struct arena *a, const struct trust_plan *p,
	struct founding *f, enum piece i, struct err *e)
{
	const struct piece_row *row = &pieces[i];
	int64_t now = clock_now();
	struct rdn subject[] = {
		{ "C", p->country },
		{ "O", p->name },
		{ "CN", arena_printf(a, "%s %s", p->name, row->suffix) },
	};
	struct cert_template t = {
		.subject = subject,
		.subjects = sizeof(subject) / sizeof(subject[0]),
		.serial = serial_make(),
		.not_before = now - SKEW_MS,
		.not_after = now + CA_YEARS * 365 * DAY_MS,
		.ca = i == PIECE_CA,
		.path_len = i == PIECE_CA ? 0 : -1,
		.key_usage = row->key_usage,
		.ext_usage = row->ext_usage,
	};

	f->name[i] = subject[2].value;
	if (ring_make(ct, KEY_RSA, f->name[i], f->id[i], &f->key[i], e))
		return -1;
	t.key = f->key[i];
	return cert_issue(&f->cert[i], &t, i == PIECE_CA ? NULL : f->cert[0],
		f->key[PIECE_CA], e);
}

static int
founding_store(struct center *ct, struct arena *a, const struct trust_plan *p,
	const struct founding *f, struct err *e)
{
	struct bytes ca = cert_der(f->cert[PIECE_CA]);
	struct bytes ocsp = cert_der(f->cert[PIECE_OCSP]);
	struct bytes tsa = cert_der(f->cert[PIECE_TSA]);
	struct db_conn *c = work_begin(ct, e);
	int64_t id;
	int ret = -1;

	if (!c)
		return -1;
	if (db_run(c, Q_CENTER_AUTHORITY_ADD, e, db_text(p->name),
		    db_text(profile_name(p->profile)), db_text(f->id[PIECE_CA]),
		    db_blob(ca.data, ca.len), db_text(f->id[PIECE_OCSP]),
		    db_blob(ocsp.data, ocsp.len), db_int(clock_now())) < 0)
		goto out;
	id = db_last_id(c);
	for (int i = PIECE_OCSP; i < PIECES; i++)
		if (issued_store(
			    c, a, id, pieces[i].usage, NULL, f->cert[i], e))
			goto out;
	if (db_run(c, Q_CENTER_TSA_ADD, e, db_text(f->name[PIECE_TSA]),
		    db_text(f->id[PIECE_TSA]), db_blob(tsa.data, tsa.len),
		    db_int(0), db_int(clock_now())) < 0)
		goto out;
	ret = approved_own(c, id, db_last_id(c), e);
out:
	return work_done(ct, c, ret, e);
}

static int
trust_absent(struct center *ct, struct arena *a, struct err *e)
{
	struct db_conn *c = db_take(ct->db);
	struct authority ca;
	struct err why = ERR_INIT;
	int ret = 0;

	if (authority_load(c, a, &ca, &why) == 0)
		ret = refuse(e, FAULT_CONFLICT, "certification_service_exists",
			"the authority %s exists already", ca.name);
	else if (why.fault != FAULT_NOT_FOUND)
		ret = fail(e, why.fault, "%s", why.text);
	db_give(c);
	return ret;
}

int
trust_create(struct center *ct, const struct trust_plan *p, struct err *e)
{
	struct arena *a = arena_new();
	struct founding f = { 0 };
	int ret = -1;

	if (!profile_name(p->profile)) {
		refuse(e, FAULT_BAD_REQUEST,
			"certificate_profile_info_class_not_found",
			"certificate profile %s is not offered", p->profile);
		goto out;
	}
	if (trust_absent(ct, a, e))
		goto out;
	for (int i = 0; i < PIECES; i++)
		if (piece_make(ct, a, p, &f, (enum piece)i, e))
			goto out;
	if (founding_store(ct, a, p, &f, e))
		goto out;
	log_info("certification authority %s founded", f.name[PIECE_CA]);
	ret = 0;
out:
	for (int i = 0; i < PIECES; i++) {
		if (ret && f.key[i])
			(void)ring_delete(ct, f.id[i], NULL);
		cert_unref(&f.cert[i]);
		key_unref(&f.key[i]);
	}
	arena_free(&a);
	return ret;
}

/* ---- loading ---- */

static void
cert_release(void *p)
{
	struct cert *c = p;

	cert_unref(&c);
}

int
cert_in_arena(
	struct arena *a, struct bytes der, struct cert **out, struct err *e)
{
	if (cert_parse(out, der, e))
		return -1;
	arena_defer(a, cert_release, *out);
	return 0;
}

int
authority_load(struct db_conn *c, struct arena *a, struct authority *out,
	struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_AUTHORITIES);
	int bad = 0;
	bool found = query_next(q);

	*out = (struct authority){ 0 };
	if (found) {
		out->id = query_int(q, 0);
		out->name = query_text_dup(a, q, 1);
		out->profile = query_text_dup(a, q, 2);
		out->key_id = query_text_dup(a, q, 3);
		out->ocsp_key_id = query_text_dup(a, q, 5);
		bad = cert_in_arena(a, query_blob(q, 4), &out->cert, e) ||
		      cert_in_arena(a, query_blob(q, 6), &out->ocsp_cert, e);
	}
	if (query_end(q, e) || bad)
		return -1;
	if (!found)
		return refuse(e, FAULT_NOT_FOUND,
			"certification_service_not_found",
			"the center has no certification authority yet");
	return 0;
}

int
tsa_load(struct db_conn *c, struct arena *a, struct tsa *out, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_TSAS);
	int bad = 0;
	bool found = query_next(q);

	*out = (struct tsa){ 0 };
	if (found) {
		out->id = query_int(q, 0);
		out->name = query_text_dup(a, q, 1);
		out->key_id = query_text_dup(a, q, 2);
		bad = cert_in_arena(a, query_blob(q, 3), &out->cert, e);
	}
	if (query_end(q, e) || bad)
		return -1;
	if (!found)
		return refuse(e, FAULT_NOT_FOUND,
			"timestamping_authority_not_found",
			"the center has no time-stamping authority yet");
	return 0;
}

/* ---- issuing ---- */

static int
key_strength(const struct key *k, struct err *e)
{
	if (key_type(k) == KEY_RSA && key_bits(k) < KEY_BITS_MIN)
		return refuse(e, FAULT_BAD_REQUEST, "csr_key_too_short",
			"the key has %u bits, %d are needed", key_bits(k),
			KEY_BITS_MIN);
	return 0;
}

/* What the order needs from the registry. */
struct issuing {
	struct instance in;
	struct authority ca;
	struct csr *csr;
};

static int
order_check(struct db_conn *c, const struct issue_order *o, struct arena *a,
	struct issuing *is, struct err *e)
{
	int64_t row;

	if (instance_need(c, a, &is->in, e) || authority_load(c, a, &is->ca, e))
		return -1;
	if (!str_equal(o->member.instance, is->in.instance))
		return refuse(e, FAULT_BAD_REQUEST, "invalid_member_id",
			"the member is not of instance %s", is->in.instance);
	if (member_need(c, &o->member, &row, NULL, NULL, e) ||
		(o->auth && ident_part_check(o->server, "server code", e)) ||
		key_strength(is->csr->key, e))
		return -1;
	return profile_check(a, is->ca.profile, is->csr, o, e);
}

static int
order_issue(struct center *ct, const struct issue_order *o, struct arena *a,
	const struct issuing *is, struct cert **out, struct err *e)
{
	int64_t now = clock_now(),
		days = conf_int(ct->conf, P_CENTER_CERT_DAYS);
	struct cert_template t = {
		.subject_der = is->csr->subject_der,
		.key = is->csr->key,
		.serial = serial_make(),
		.not_before = now - SKEW_MS,
		.not_after = now + days * DAY_MS,
		.path_len = -1,
		.key_usage = KU_NON_REPUDIATION,
		.ocsp_url = center_url(a, ct, is->in.address, "/ocsp"),
	};
	struct key *key = NULL;
	int ret;

	if (o->auth) {
		t.key_usage = KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT |
			      KU_DATA_ENCIPHERMENT | KU_KEY_AGREEMENT;
		t.ext_usage = EKU_CLIENT_AUTH | EKU_SERVER_AUTH;
		t.dns_name = is->csr->dns_name;
	}
	if (t.not_after > cert_not_after(is->ca.cert))
		t.not_after = cert_not_after(is->ca.cert);
	if (ring_get(ct, is->ca.key_id, is->ca.cert, &key, e))
		return -1;
	ret = cert_issue(out, &t, is->ca.cert, key, e);
	key_unref(&key);
	return ret;
}

/* What a security server will read out of it must be what was asked for. */
static int
order_prove(struct arena *a, const struct issue_order *o,
	const struct issuing *is, const struct cert *cert, struct err *e)
{
	struct client_id who;

	if (o->auth)
		return 0;
	if (profile_decode(a, is->ca.profile, cert, is->in.instance, &who, e))
		return -1;
	if (!client_id_same_member(&who, &o->member))
		return refuse(e, FAULT_BAD_REQUEST, "csr_subject_mismatch",
			"the subject decodes to another member");
	return 0;
}

int
order_csr(struct arena *a, const struct issue_order *o, struct csr **out,
	struct err *e)
{
	struct err why = ERR_INIT;

	if (csr_parse(a, o->csr, out, &why))
		return refuse(e, FAULT_BAD_REQUEST, "csr_invalid",
			"the certificate request is refused: %s", why.text);
	return 0;
}

int
cert_order_in(struct center *ct, struct db_conn *c, const struct issue_order *o,
	struct arena *a, struct cert **out, struct err *e)
{
	const char *usage = o->auth ? "AUTHENTICATION" : "SIGNING";
	struct issuing is = { 0 };

	*out = NULL;
	if (order_csr(a, o, &is.csr, e) || order_check(c, o, a, &is, e) ||
		order_issue(ct, o, a, &is, out, e) ||
		order_prove(a, o, &is, *out, e) ||
		issued_store(c, a, is.ca.id, usage, o, *out, e)) {
		cert_unref(out);
		return -1;
	}
	return 0;
}

int
cert_order(struct center *ct, const struct issue_order *o, struct arena *a,
	struct cert **out, struct err *e)
{
	struct db_conn *c = work_begin(ct, e);

	*out = NULL;
	if (!c)
		return -1;
	if (work_done(ct, c, cert_order_in(ct, c, o, a, out, e), e)) {
		cert_unref(out);
		return -1;
	}
	log_info("certificate %s issued to %s/%s",
		serial_text(a, cert_serial(*out)), o->member.cls,
		o->member.code);
	return 0;
}

int
cert_revoke(struct center *ct, const char *serial, const char *reason,
	struct err *e)
{
	struct db_conn *c = work_begin(ct, e);
	int64_t n;
	int ret = -1;

	if (!c)
		return -1;
	n = db_run(c, Q_CENTER_ISSUED_REVOKE, e, db_text(serial),
		db_int(clock_now()), db_text(reason));
	if (n == 0)
		refuse(e, FAULT_NOT_FOUND, "certificate_not_found",
			"no valid certificate has the serial number %s",
			serial);
	if (n > 0)
		ret = 0;
	if (work_done(ct, c, ret, e))
		return -1;
	log_info("certificate %s revoked: %s", serial, reason);
	return 0;
}
