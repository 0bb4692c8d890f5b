/* SPDX-License-Identifier: MIT */
/*
 * Where mails to operators go: X-Road's mail.yml (host, port, username,
 * password, use-ssl-tls, contacts by member), with keys of ours for what
 * X-Road leaves to Java (from, tls-ca-file, tls-verify). Read anew whenever it
 * is asked for: the file may change while the server runs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct conf;
struct err;

struct contact {
	const char *who;     /* INST:CLASS:CODE, or an instance at the center */
	const char *address; /* mail */
};
struct mailbox {
	bool ready; /* host, port, username and password are there */
	const char *host;
	int port;
	const char *username, *password, *from;
	bool tls_at_once, verify;
	const char *ca_file; /* NULL: the system's bundle */
	const struct contact *contact;
	size_t contacts;
};
/* Where mail.yml is. */
const char *mailbox_file(const struct conf *c);
/* mail-notification-locale, else the machine's language. */
bool mailbox_japanese(const struct conf *c);
/* In the arena (a secret one). An absent file is a mailbox that is not ready.
   FAULT_CONFIG names file and key. */
int mailbox_read(
	struct arena *a, const char *path, struct mailbox *out, struct err *e);
/* NULL: nobody. */
const char *mailbox_contact(const struct mailbox *m, const char *who);
/* FAULT_CONFIG when it is not ready; else mail_send(). */
int mailbox_send(const struct mailbox *m, const char *to, const char *subject,
	const char *text, struct err *e);
