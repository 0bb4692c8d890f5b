/* SPDX-License-Identifier: MIT */
/*
 * Sending a mail to an operator over SMTP (RFC 5321), with TLS from the start
 * or STARTTLS; never without. One plain text in UTF-8, one recipient.
 */
#pragma once

#include <stdbool.h>

struct bundle;
struct err;
struct tls;

struct mail_server {
	const char *host;
	int port;
	const char *username, *password; /* NULL: no authentication */
	bool tls_at_once;                /* else STARTTLS, which must work */
	struct tls *tls;                 /* client context */
	const struct bundle *roots;      /* NULL: any certificate is taken */
	int connect_timeout_ms, total_timeout_ms;
};
struct mail {
	const char *from, *to; /* addresses, no names */
	const char *subject, *text;
};
/* name@host in ASCII without what could become another command or header. */
bool mail_address_ok(const char *s);
/* FAULT_BAD_REQUEST (address), FAULT_NETWORK, FAULT_UNKNOWN_HOST,
   FAULT_SSL_AUTH, FAULT_UNAUTHORIZED, FAULT_IO with what the server said. */
int mail_send(
	const struct mail_server *to, const struct mail *m, struct err *e);
