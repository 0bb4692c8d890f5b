/* SPDX-License-Identifier: MIT */
/*
 * A center for the security server's tests: publishes a signed global
 * configuration on a free port, answers OCSP, issues certificates. What it
 * does wrong is switched by fields; change them between requests only.
 */
#pragma once

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "gcdir.h"
#include "globalconf.h"
#include "http_client.h"
#include "http_server.h"
#include "key.h"
#include "mem.h"
#include "ocsp.h"
#include "param.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

#define KIT_PROFILE                             \
 "ee.ria.xroad.common.certificateprofile.impl." \
 "BasicCertificateProfileInfoProvider"
#define KIT_INSTANCE "TEST"

enum { KIT_DAY_MS = 86400000, KIT_PART_MAX = 1 << 20 };

struct kit {
	pthread_mutex_t lock; /* guards everything below the servers */
	struct http_server *http;
	int port;
	struct key *conf_key, *other_key, *ca_key;
	struct cert *conf_cert, *other_cert, *ca, *reg_cert;
	/* behaviour */
	int newest;          /* versions above are 404 */
	int oldest;          /* versions below are 404 */
	bool wrong_key;      /* signs with a key nobody announced */
	bool claim_conf;     /* ... but claims to be the announced one */
	bool announce_other; /* the shared parameters name the other key too */
	bool stale_digest;
	bool broken_shared;
	bool no_private;
	const char *instance; /* inside the shared parameters */
	const char *options;  /* elements of the optional parts, NULL: none */
	int64_t expires_in;   /* ms from now */
	const char *reg_url;
	int group_size; /* changes the shared parameters' content */
	enum ocsp_status ocsp_status;
	bool ocsp_down;
	int64_t ocsp_age;             /* ms: thisUpdate lies so far back */
	bool ocsp_next_past;          /* nextUpdate has passed */
	struct digest auth_hash;      /* registered certificate; len 0: none */
	struct digest next_auth_hash; /* another one of the same server */
	const char *acme_url;         /* of the CA; NULL: none */
	bool sub_registered;
	/* observations */
	int directories, parts, ocsps;
	int last_version;
};

static inline struct cert *
kit_issue(struct kit *k, struct key *key, const struct rdn *name, size_t n,
	unsigned usage, unsigned ext, int64_t days)
{
	static uint64_t serial = 1000;
	struct cert_template t = {
		.subject = name,
		.subjects = n,
		.key = key,
		.serial = serial++,
		.not_before = clock_now() - 10 * (int64_t)KIT_DAY_MS,
		.not_after = clock_now() + days * KIT_DAY_MS,
		.path_len = -1,
		.key_usage = usage,
		.ext_usage = ext,
	};
	struct err e = ERR_INIT;
	struct cert *c = NULL;

	if (cert_issue(&c, &t, k->ca, k->ca_key, &e))
		ok_m(false, "certificate: %s", e.text);
	return c;
}

static inline struct cert *
kit_self(struct key *key, const char *cn, bool ca)
{
	const struct rdn name[] = { { "C", "JP" }, { "CN", cn } };
	struct cert_template t = {
		.subject = name,
		.subjects = 2,
		.key = key,
		.serial = 1,
		.not_before = clock_now() - 20 * (int64_t)KIT_DAY_MS,
		.not_after = clock_now() + 900 * (int64_t)KIT_DAY_MS,
		.ca = ca,
		.path_len = -1,
		.key_usage = ca ? KU_KEY_CERT_SIGN | KU_CRL_SIGN
				: KU_DIGITAL_SIGNATURE,
	};
	struct err e = ERR_INIT;
	struct cert *c = NULL;

	if (cert_issue(&c, &t, NULL, key, &e))
		ok_m(false, "certificate: %s", e.text);
	return c;
}

static inline struct bytes
kit_keep(struct arena *a, struct buf *b)
{
	struct bytes out = bytes_of(arena_memdup(a, b->data, b->len), b->len);

	buf_done(b);
	return out;
}

static inline struct bytes
kit_shared(struct kit *k, struct arena *a, int version)
{
	const struct bytes conf_cert[] = { cert_der(k->conf_cert),
		cert_der(k->other_cert) };
	struct gc_source source = {
		.address = arena_printf(a, "127.0.0.1:%d", k->port),
		.internal_cert = conf_cert,
		.internal_certs = k->announce_other ? 2 : 1,
		.external_cert = conf_cert,
		.external_certs = 1,
	};
	struct gc_ocsp ocsp = { .url = arena_printf(
					a, "http://127.0.0.1:%d/ocsp", k->port),
		.cert = k->ca };
	struct gc_approved_ca ca = { .name = "Test CA",
		.profile = KIT_PROFILE,
		.top = { k->ca, &ocsp, 1 },
		.acme = { .url = k->acme_url,
			.auth_profile = "auth-1",
			.sign_profile = "sign-1" } };
	struct gc_tsa tsa = { .name = "Test TSA",
		.url = arena_printf(a, "http://127.0.0.1:%d/tsa", k->port),
		.cert = k->ca };
	const struct gc_class cls[] = { { "GOV", "towns" },
		{ "COM", "companies" } };
	const struct gc_subsystem town[] = { { "Facilities", NULL },
		{ "Other", NULL } };
	const struct gc_subsystem company[] = { { "App", NULL } };
	const struct gc_member member[] = {
		{ "GOV", "1000", "A town", town, 2 },
		{ "COM", "2000", "A company", company, 1 },
	};
	const struct client_id client[] = { { k->instance, "GOV", "1000",
		"Facilities" } };
	const struct digest auth[] = { k->auth_hash, k->next_auth_hash };
	const struct gc_server server = {
		.id = { { k->instance, "GOV", "1000", NULL }, "SS1" },
		.address = "127.0.0.1",
		.auth_cert = auth,
		.auth_certs = k->next_auth_hash.len ? 2
			      : k->auth_hash.len    ? 1
						    : 0,
		.client = client,
		.clients = k->sub_registered ? 1 : 0,
	};
	const struct client_id in_group[] = {
		{ k->instance, "COM", "2000", "App" },
		{ k->instance, "GOV", "1000", "Other" },
	};
	const struct gc_group group = { "partners", "partners", in_group,
		(size_t)k->group_size };
	struct shared_params p = {
		.version = version,
		.instance = k->instance,
		.source = &source,
		.sources = version > 2 ? 1 : 0,
		.ca = &ca,
		.cas = 1,
		.tsa = &tsa,
		.tsas = 1,
		.cls = cls,
		.classes = 2,
		.member = member,
		.members = 2,
		.server = &server,
		.servers = 1,
		.group = &group,
		.groups = 1,
		.ocsp_freshness_s = 3600,
	};
	struct err e = ERR_INIT;
	struct buf b;

	buf_init(&b, KIT_PART_MAX);
	if (k->broken_shared)
		buf_str(&b, "<conf>this is not a configuration</conf>");
	else if (shared_params_write(&p, version, &b, &e))
		tap_note("shared parameters: %s", e.text);
	return kit_keep(a, &b);
}

static inline struct bytes
kit_private(struct kit *k, struct arena *a, int version)
{
	struct private_params p = {
		.instance = KIT_INSTANCE,
		.auth_reg_url =
			k->reg_url ? k->reg_url : "https://127.0.0.1:1/",
		.auth_reg_cert = k->reg_cert ? k->reg_cert : k->ca,
		.management = { KIT_INSTANCE, "GOV", "1000", "Other" },
		.timestamp_interval_s = 60,
	};
	struct err e = ERR_INIT;
	struct buf b;

	buf_init(&b, KIT_PART_MAX);
	if (private_params_write(&p, version, &b, &e))
		tap_note("private parameters: %s", e.text);
	return kit_keep(a, &b);
}

/* "fetchinterval" or "nextupdate": what stands in options of its kind. */
static inline struct bytes
kit_option(struct kit *k, struct arena *a, const char *path)
{
	const char *of = strstr(path, "fetchinterval") ? "ocspFetchInterval"
						       : "verifyNextUpdate";
	const char *from = strstr(k->options, arena_printf(a, "<%s>", of));
	const char *to = from ? strchr(from, '\n') : NULL;

	return bytes_str(arena_printf(a,
		"<x:conf xmlns:x=\"http://x-road.eu/xsd/xroad.xsd\">%.*s"
		"</x:conf>",
		to ? (int)(to - from) : 0, to ? from : ""));
}

static inline struct gcdir_part
kit_part(struct arena *a, const char *id, const char *name, int version,
	struct bytes content)
{
	struct gcdir_part p = {
		.identifier = id,
		.instance = KIT_INSTANCE,
		.file_name = name,
		.location = arena_printf(a, "/V%d/%s", version, name),
	};

	digest_of(DIGEST_SHA512, content.data, content.len, &p.digest);
	return p;
}

static inline struct bytes
kit_directory(struct kit *k, struct arena *a, int version)
{
	struct bytes shared = kit_shared(k, a, version);
	struct gcdir_part part[4] = {
		kit_part(a, "SHARED-PARAMETERS", "shared-params.xml", version,
			shared),
		kit_part(a, "PRIVATE-PARAMETERS", "private-params.xml", version,
			kit_private(k, a, version)),
	};
	struct gcdir d = {
		.version = version,
		.expires = clock_now() + k->expires_in,
		.part = part,
		.parts = k->no_private ? 1 : 2,
	};
	struct cert *c =
		k->wrong_key && !k->claim_conf ? k->other_cert : k->conf_cert;
	struct err e = ERR_INIT;
	struct buf b;

	if (k->options) {
		part[2] =
			kit_part(a, "FETCHINTERVAL", "fetchinterval-params.xml",
				version, kit_option(k, a, "fetchinterval"));
		part[3] = kit_part(a, "NEXTUPDATE", "nextupdate-params.xml",
			version, kit_option(k, a, "nextupdate"));
		d.parts = 4;
	}
	if (k->stale_digest)
		part[0].digest.value[0] ^= 1;
	buf_init(&b, KIT_PART_MAX);
	if (gcdir_write(&d, k->wrong_key ? k->other_key : k->conf_key,
		    cert_der(c), &b, &e))
		tap_note("directory: %s", e.text);
	return kit_keep(a, &b);
}

static inline int
kit_serve_directory(struct request *r, void *state, struct err *e)
{
	struct kit *k = state;
	struct arena *a = request_arena(r);
	const char *v = query_get(a, request_query(r), "version");
	int64_t version = 2;
	struct bytes body = { 0 };

	pthread_mutex_lock(&k->lock);
	if (v)
		(void)int_parse(v, 0, 99, &version, NULL);
	k->directories++;
	if (version <= k->newest && version >= k->oldest) {
		k->last_version = (int)version;
		body = kit_directory(k, a, (int)version);
	}
	pthread_mutex_unlock(&k->lock);
	if (!body.len)
		return fail(e, FAULT_NOT_FOUND, "no such version");
	return reply_send(r, 200, "text/plain", body, e);
}

static inline int
kit_serve_part(struct request *r, void *state, struct err *e)
{
	struct kit *k = state;
	struct arena *a = request_arena(r);
	const char *path = request_path(r);
	int version = path[2] - '0';
	struct bytes body;

	pthread_mutex_lock(&k->lock);
	k->parts++;
	if (strstr(path, "shared"))
		body = kit_shared(k, a, version);
	else if (strstr(path, "private"))
		body = kit_private(k, a, version);
	else
		body = kit_option(k, a, path);
	pthread_mutex_unlock(&k->lock);
	return reply_send(r, 200, "text/xml", body, e);
}

static inline int
kit_serve_ocsp(struct request *r, void *state, struct err *e)
{
	struct kit *k = state;
	struct arena *a = request_arena(r);
	struct ocsp_answer answer = { 0 };
	struct ocsp_request q;
	struct bytes body, der;
	bool down;

	pthread_mutex_lock(&k->lock);
	k->ocsps++;
	down = k->ocsp_down;
	answer.status = k->ocsp_status;
	answer.this_update = clock_now() - k->ocsp_age;
	answer.next_update =
		clock_now() + (k->ocsp_next_past ? -60000 : KIT_DAY_MS);
	answer.revoked_at =
		answer.status == OCSP_REVOKED ? answer.this_update : 0;
	pthread_mutex_unlock(&k->lock);
	if (down)
		return fail(e, FAULT_INTERNAL, "down");
	if (request_body(r, &body, e) || ocsp_request_parse(a, body, &q, e) ||
		ocsp_response_make(&q, &answer, k->ca, k->ca_key, a, &der, e))
		return -1;
	return reply_send(r, 200, "application/ocsp-response", der, e);
}

static const struct route kit_routes[] = {
	{ "GET", "/internalconf", 0, 0, kit_serve_directory },
	{ "POST", "/ocsp", 65536, 0, kit_serve_ocsp },
	{ "GET", "*", 0, 0, kit_serve_part },
	{ 0 },
};

static inline void
kit_start(struct kit *k)
{
	struct listener l = { .name = "center",
		.address = "127.0.0.1",
		.threads = 8,
		.routes = kit_routes,
		.state = k };
	struct err e = ERR_INIT;

	*k = (struct kit){ .newest = 6,
		.oldest = 2,
		.instance = KIT_INSTANCE,
		.expires_in = 600000,
		.group_size = 1 };
	pthread_mutex_init(&k->lock, NULL);
	if (key_generate(&k->conf_key, KEY_EC, 256, &e) ||
		key_generate(&k->other_key, KEY_EC, 256, &e) ||
		key_generate(&k->ca_key, KEY_EC, 256, &e))
		ok_m(false, "keys: %s", e.text);
	k->conf_cert = kit_self(k->conf_key, "internalSigningKey", true);
	k->other_cert = kit_self(k->other_key, "somebody else", true);
	k->ca = kit_self(k->ca_key, "Test CA", true);
	ok_m(!http_serve(&k->http, &l, &e), "center listens %s", e.text);
	k->port = http_port(k->http);
}

static inline void
kit_stop(struct kit *k)
{
	http_stop(&k->http);
	key_unref(&k->conf_key);
	key_unref(&k->other_key);
	key_unref(&k->ca_key);
	cert_unref(&k->conf_cert);
	cert_unref(&k->other_cert);
	cert_unref(&k->ca);
	pthread_mutex_destroy(&k->lock);
}

static inline struct bytes
kit_anchor(struct kit *k, struct arena *a, const char *instance)
{
	struct bytes der = cert_der(k->conf_cert);
	struct gc_anchor_source s = {
		.url = arena_printf(
			a, "http://127.0.0.1:%d/internalconf", k->port),
		.cert = &der,
		.certs = 1,
	};
	struct gc_anchor an = { .instance = instance,
		.generated_at = clock_now(),
		.source = &s,
		.sources = 1 };
	struct err e = ERR_INIT;
	struct buf b;

	buf_init(&b, KIT_PART_MAX);
	if (anchor_write(&an, &b, &e))
		ok_m(false, "anchor: %s", e.text);
	return kit_keep(a, &b);
}

static inline struct conf *
kit_conf(const char *dir)
{
	struct conf *c = conf_defaults();
	struct err e = ERR_INIT;

	if (conf_set(c, "machilink", "data-dir", dir, &e))
		ok_m(false, "%s", e.text);
	return c;
}
