/* SPDX-License-Identifier: MIT */
/*
 * The certificate of the resident's pages: resident.crt with resident.key. Who
 * renews it, an ACME client for instance, only has to put the new files there.
 */
#include <string.h>

#include "err.h"
#include "file.h"
#include "identity.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "resident_int.h"
#include "tls.h"

enum { CERTS_MAX = 256 * 1024 };

static int
read_certs(const struct resident *res, struct digest *out, struct err *e)
{
	struct arena *a = arena_new();
	struct bytes text;
	int ret = file_read(a, conf_data_path(res->conf, "resident.crt"),
		CERTS_MAX, &text, e);

	if (!ret)
		digest_of(DIGEST_SHA256, text.data, text.len, out);
	arena_free(&a);
	return ret;
}

static int
make(struct resident *res, struct tls **out, struct err *e)
{
	const struct identity_plan plan = { conf_text(res->conf, P_DATA_DIR),
		"resident", conf_text(res->conf, P_NODE_ADDRESS), KEY_EC };
	const struct tls_options o = { .policy = TLS_WEB };

	return identity_serve(&plan, &o, out, e);
}

int
resident_tls_open(struct resident *res, struct err *e)
{
	return make(res, &res->server_tls, e) || read_certs(res, &res->certs, e)
		       ? -1
		       : 0;
}

static bool
same(const struct digest *a, const struct digest *b)
{
	return a->len == b->len && !memcmp(a->value, b->value, a->len);
}

void
resident_tls_look(struct resident *res)
{
	struct err e = ERR_INIT;
	struct digest now;
	struct tls *next;

	if (read_certs(res, &now, NULL) || same(&now, &res->certs))
		return;
	if (make(res, &next, &e)) {
		if (!same(&now, &res->tried))
			log_warning("resident pages: the new certificate is "
				    "not used: %s",
				e.text);
		res->tried = now;
		return;
	}
	res->certs = now;
	http_set_tls(res->http, next);
	tls_unref(&res->server_tls);
	res->server_tls = next;
	log_info("resident pages: another certificate is used from now on");
}
