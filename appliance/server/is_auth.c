/* SPDX-License-Identifier: MIT */
/*
 * May this information system speak for the client? HTTP, HTTPS without
 * authentication, or HTTPS with a pinned certificate. No path building: the
 * certificate is registered or it is not. Rule: interop/xroad-messages.md 1.8.
 */
#include "proxy_int.h"

#include "cert.h"
#include "clock.h"
#include "key.h"
#include "log.h"
#include "param.h"

static bool
pinned(const struct local_client *client, const struct cert *c)
{
	for (size_t i = 0; i < client->is_certs; i++)
		if (bytes_equal(client->is_cert[i], cert_der(c)))
			return true;
	return false;
}

/* The security server itself, for its own management requests. */
static bool
own_certificate(const struct server *s, const struct cert *c)
{
	struct key *key = NULL;
	struct cert *own = NULL;
	bool same =
		!internal_tls(s->conf, &key, &own, NULL) && cert_equal(own, c);

	key_unref(&key);
	cert_unref(&own);
	return same;
}

/* Outside its period the certificate counts all the same, unless told not to. */
static int
in_its_period(struct server *s, const struct cert *c, struct err *e)
{
	int64_t now = clock_now();
	const char *what = now < cert_not_before(c)  ? "is not valid yet"
			   : now > cert_not_after(c) ? "has expired"
						     : NULL;

	if (!what)
		return 0;
	if (conf_bool(s->conf, P_IS_CERT_VALIDITY))
		return fail(e, FAULT_SSL_AUTH,
			"the client's TLS certificate %s", what);
	log_warning("an information system's TLS certificate %s", what);
	return 0;
}

int
is_authenticate(struct request *r, struct server *s,
	const struct local_client *client, struct err *e)
{
	struct cert_list certs = request_certs(r);

	if (client->connection == CONN_HTTP)
		return 0;
	if (!request_is_tls(r))
		return fail(e, FAULT_SSL_AUTH,
			"this client must connect with HTTPS");
	if (client->connection == CONN_HTTPS_NO_AUTH)
		return 0;
	if (!certs.n)
		return fail(e, FAULT_SSL_AUTH,
			"this client must present its TLS certificate");
	if (own_certificate(s, certs.item[0]))
		return 0;
	if (pinned(client, certs.item[0]))
		return in_its_period(s, certs.item[0], e);
	return fail(e, FAULT_SSL_AUTH,
		"the TLS certificate is not registered for this client");
}
