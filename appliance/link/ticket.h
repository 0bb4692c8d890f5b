/* SPDX-License-Identifier: MIT */
/*
 * One-time links and tickets of the center. A link opens a page for whoever
 * comes with it, and belongs to the person who presses something there first:
 * looking at it uses nothing up, for mail is looked through by machines. A ticket of kind "inquiry" is what the
 * browser brings back to the organisation, which exchanges it for the person's
 * identifier. Only hashes of the secrets are kept.
 *
 *	consent: a consumer asks for consents; done by ticket_use() after the
 *	         last decision
 *	link:    an organisation wants to be linked with the person;
 *	         ticket_link() makes the link and gives the inquiry ticket
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linkbook.h"

struct arena;
struct err;

enum {
	TICKET_SECRET_LEN = 43,    /* base64url of 256 random bits */
	TICKET_LINK_S = 1800,      /* a link to the page that links */
	TICKET_INQUIRY_S = 600,    /* a ticket for the organisation */
	TICKET_CONSENT_S = 604800, /* a link to a consent request, at most */
	TICKET_STATE_MAX = 200,
};

struct ticket {
	const char *kind; /* consent, link */
	const char *organisation, *name_ja, *name_en;
	const char *request;    /* of consent: consent_request */
	const char *return_url; /* where the browser goes afterwards; or NULL */
	const char *state; /* of link: goes back with the browser; or NULL */
	int64_t person;    /* whose it is; 0 nobody's yet */
	int64_t expires_at;
};

/* Makes one; the secret is in the arena and nowhere else. */
struct ticket_new {
	const char *kind, *organisation;
	const char *request; /* or NULL */
	const char *state;   /* or NULL */
	int64_t person;      /* of inquiry; else 0 */
	int64_t seconds;
};
struct db_conn;
int ticket_make(struct db_conn *c, const struct ticket_new *t, struct arena *a,
	const char **secret, struct err *e);

/* What a link is for, before anybody signed in: shows nothing of the request.
   LINK_NO_TICKET, LINK_TICKET_EXPIRED, LINK_TICKET_USED. */
int ticket_look(struct linkbook *b, const char *secret, struct arena *a,
	struct ticket *out, struct err *e);
/* The same for a person who signed in; LINK_TICKET_OTHER as below. Binds
   nothing. */
int ticket_open(struct linkbook *b, const char *secret, int64_t person,
	struct arena *a, struct ticket *out, struct err *e);
/* Binds it, and its request, to the person who signed in, if it is not bound;
   LINK_TICKET_OTHER when it is another's or the consumer meant another. */
int ticket_bind(struct linkbook *b, const char *secret, int64_t person,
	struct arena *a, struct ticket *out, struct err *e);
/* The page is done: it does not open again. */
int ticket_use(
	struct linkbook *b, const char *secret, int64_t person, struct err *e);
/* The person agrees to be linked: the link exists (pending), the ticket is
   used, *out is where the browser goes: the registered return address with
   ?ticket=...&state=..., or NULL when the organisation has none and *code is
   to be shown to the person. Both in the arena. */
int ticket_link(struct linkbook *b, const char *secret, int64_t person,
	struct arena *a, const char **out, const char **code, struct err *e);
/* BaseID照会: an organisation exchanges its inquiry ticket, once. */
struct inquiry {
	const char *id;    /* pairwise, or the BaseID where the policy shares */
	bool shared;       /* it is the BaseID */
	const char *level; /* assurance of the person's last sign-in */
	const char *state; /* of the link */
};
int ticket_inquire(struct linkbook *b, const char *organisation,
	const char *secret, struct arena *a, struct inquiry *out,
	struct err *e);
