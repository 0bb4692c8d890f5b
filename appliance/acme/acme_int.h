/* SPDX-License-Identifier: MIT */
/* What an ACME server says, and the session that asks it. */
#pragma once

#ifndef IN_ACME
# error "acme_int.h is private to acme/"
#endif

#include "acme.h"
#include "err.h"
#include "http_client.h"
#include "json_io.h"

enum {
	ACME_URL_MAX = 2048,
	ACME_TEXT_MAX = 512 * 1024, /* of any answer */
	ACME_TOKEN_MAX = 256,
	ACME_AUTHORIZATIONS_MAX = 16,
};

/* ---- acme_parse.c: documents of the server ---- */
enum acme_status {
	ACME_PENDING, /* anything unknown: not finished */
	ACME_READY,
	ACME_PROCESSING,
	ACME_VALID,
	ACME_INVALID, /* also deactivated, expired, revoked */
};
struct acme_directory {
	const char *new_nonce, *new_account, *new_order;
	const char *key_change; /* or NULL */
	bool needs_binding;
};
struct acme_order_state {
	enum acme_status status;
	const char *authorization[ACME_AUTHORIZATIONS_MAX];
	size_t authorizations;
	const char *finalize;
	const char *certificate; /* or NULL */
	const char *trouble;     /* or NULL */
};
struct acme_authorization {
	enum acme_status status;
	const char *url, *token; /* of its http-01 challenge; NULL: none */
	const char *trouble;     /* or NULL */
};
int acme_parse_directory(struct arena *a, struct bytes text,
	struct acme_directory *out, struct err *e);
int acme_parse_order(struct arena *a, struct bytes text,
	struct acme_order_state *out, struct err *e);
int acme_parse_authorization(struct arena *a, struct bytes text,
	struct acme_authorization *out, struct err *e);
/* A problem document's type without its prefix ("badNonce") and its sentence;
   "" when it says none. */
void acme_parse_problem(struct arena *a, struct bytes text, const char **type,
	const char **detail);
bool acme_url_ok(const char *url);
bool acme_word_ok(const char *s, size_t max); /* base64url's letters */

/* ---- acme_session.c: the calls ---- */
struct acme {
	struct acme_options o;
	struct arena *a; /* of the whole session */
	struct acme_directory directory;
	char nonce[ACME_TOKEN_MAX + 1]; /* "" none */
	struct key *key;
	const char *account; /* URL; NULL: not signed in */
	const char *agent;
};
struct acme_post {
	const char *url;
	struct bytes payload; /* JSON; empty: POST-as-GET */
	const char *accept;   /* or NULL */
	bool by_key;          /* signed with the key itself, not the account */
};
/* Asks until the nonce is right, a few times. 0 with a status below 300;
   otherwise -1 with `fault` and what the server says; *type (may be NULL) is
   the problem's. The answer lies in the session's arena. */
int acme_post(struct acme *s, const struct acme_post *p, enum fault fault,
	struct http_answer *out, const char **type, struct err *e);
char *acme_json(struct acme *s, json_t *j); /* takes the reference */
