/* SPDX-License-Identifier: MIT */
/*
 * Administration: the certificate by which information systems know this
 * server (interop/xroad-center-admin.md 5.4), to be looked at and taken along.
 */
#include "admin_int.h"
#include "cert.h"
#include "key.h"
#include "mem.h"
#include "server_int.h"
#include "targz.h"

enum { ARCHIVE_MAX = 64 * 1024 };

int
admin_internal_get(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct key *key = NULL;
	struct cert *cert = NULL;
	int ret = internal_tls(s->conf, &key, &cert, e);

	if (!ret)
		ret = admin_reply(
			r, 200, admin_cert_details(request_arena(r), cert), e);
	key_unref(&key);
	cert_unref(&cert);
	return ret;
}

/* certs.tar.gz with the certificate as PEM and as DER. */
int
admin_internal_export(struct request *r, void *state, struct err *e)
{
	const struct http_header head[] = {
		{ "Content-Type", "application/gzip" },
		{ "Content-Disposition",
			"attachment; filename=\"certs.tar.gz\"" },
	};
	struct arena *a = request_arena(r);
	struct server *s = state;
	struct key *key = NULL;
	struct cert *cert = NULL;
	struct buf out;
	int ret = internal_tls(s->conf, &key, &cert, e);

	buf_init(&out, ARCHIVE_MAX);
	if (!ret)
		ret = targz_cert(&out, a, cert, e);
	if (!ret)
		ret = reply_send_headers(r, 200, head,
			sizeof(head) / sizeof(head[0]), bytes_buf(&out), e);
	buf_done(&out);
	key_unref(&key);
	cert_unref(&cert);
	return ret;
}
