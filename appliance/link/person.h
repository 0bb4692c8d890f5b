/* SPDX-License-Identifier: MIT */
/*
 * Persons at the center: their accounts at OpenID providers (RPリンク), their
 * identifiers at organisations (ID変換, ID連携管理), who may act for whom.
 * Nothing says who they are; only issuer, subject and assurance level of an
 * account are kept.
 *
 * A person is an int64_t above 0 inside the center and never leaves it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linkbook.h"

struct arena;
struct err;

/* ---- accounts ---- */

/* What a verified ID token says. */
struct account_claim {
	const char *issuer, *subject;
	const char *level; /* acr, or what is configured for the provider */
};
struct account {
	int64_t id;
	const char *issuer, *subject, *level;
	int64_t linked_at, seen_at;
};

/* Login: whose account it is; level and time are recorded. LINK_NO_ACCOUNT. */
int person_login(struct linkbook *b, const struct account_claim *claim,
	int64_t *person, struct err *e);
/* New registration: a new person with this account. LINK_ACCOUNT_TAKEN. */
int person_register(struct linkbook *b, const struct account_claim *claim,
	int64_t *person, struct err *e);
/* One more account of the person: a second provider, or the new account when
   one changes. LINK_ACCOUNT_TAKEN. */
int person_account_add(struct linkbook *b, int64_t person,
	const struct account_claim *claim, struct err *e);
/* LINK_LAST_ACCOUNT, LINK_NO_ACCOUNT (also when it is another's). */
int person_account_remove(
	struct linkbook *b, int64_t person, int64_t account, struct err *e);
/* Newest first, in the arena. */
int person_accounts(struct linkbook *b, int64_t person, struct arena *a,
	struct account **out, size_t *n, struct err *e);
/* Leaves: consents withdrawn, links ended, accounts removed; the history of
   decisions stays. */
int person_close(struct linkbook *b, int64_t person, struct err *e);

/* ---- links with organisations ---- */

struct idlink {
	const char *organisation; /* I/C/M */
	const char *name_ja, *name_en;
	const char *pairwise; /* what the organisation calls the person */
	const char *state;    /* pending, registered, linked, unlinked */
	int64_t changed_at;
};
/* All the person has, unlinked ones too, by organisation. */
int person_links(struct linkbook *b, int64_t person, struct arena *a,
	struct idlink **out, size_t *n, struct err *e);
/* Ends the link; approved consents with the organisation on either side are
   withdrawn. LINK_NO_LINK, LINK_NO_REPRESENTATION. */
struct consent_viewer;
int person_unlink(struct linkbook *b, const struct consent_viewer *v,
	const char *organisation, struct err *e);

/* What the organisation says about a link of its own: "registered" (ID完了通知:
   it knows whom it means), "linked" (ID連携完了通知: its services may be asked) or
   "unlinked". Said twice is said once. LINK_NO_LINK, LINK_LINK_ORDER. */
int idlink_complete(struct linkbook *b, const char *organisation,
	const char *id, const char *to, struct err *e);

/* ---- who may act for whom ---- */

struct represented {
	const char *id;
	int64_t person;   /* the child or ward, or who acts for them */
	const char *kind; /* child, ward */
	const char *organisation, *name_ja, *name_en; /* who attests */
	int64_t valid_to;
};
/* Those the person may act for now. */
int person_represented(struct linkbook *b, int64_t person, struct arena *a,
	struct represented **out, size_t *n, struct err *e);
/* Those who may act for the person now. */
int person_representatives(struct linkbook *b, int64_t person, struct arena *a,
	struct represented **out, size_t *n, struct err *e);
/* An organisation attests, by its own identifiers of the two. LINK_NO_LINK.
   A child without account is registered by this: then `registered` says where
   its new identifier goes (pending; the organisation goes on as after an
   inquiry). The texts in the arena. */
struct attestation {
	const char *organisation;
	const char *person;         /* its identifier; NULL: new here */
	const char *representative; /* its identifier */
	const char *kind;
	int64_t valid_to;
	const char **registered; /* of a new person; else not written */
};
int representation_add(struct linkbook *b, const struct attestation *t,
	struct arena *a, const char **id, struct err *e);
/* LINK_NO_REPRESENTATION. */
int representation_end(struct linkbook *b, const char *organisation,
	const char *id, struct err *e);
