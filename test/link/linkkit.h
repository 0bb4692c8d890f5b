/* SPDX-License-Identifier: MIT */
/*
 * What the tests of Personal-Link share: a center and caches in a temporary
 * folder, a town that has data, a company that wants it, residents.
 */
#pragma once

#include "consent.h"
#include "declaration.h"
#include "feed.h"
#include "linkbook.h"
#include "mem.h"
#include "person.h"
#include "ticket.h"

#define TOWN    "JP-TEST/GOV/4001"
#define COMPANY "JP-TEST/COM/7001"
#define BANK    "JP-TEST/COM/7002"
#define TAX     TOWN "/residents/tax"

struct linkkit {
	char dir[64];
	struct linkbook center;
	struct linkbook cache[3]; /* of town, company, bank */
	struct arena *a;
	const char *service, *purpose, *bank_purpose; /* ids */
};

extern const char *const linkkit_member[3];

/* Dies with a sentence when it cannot. */
void linkkit_open(struct linkkit *k);
void linkkit_close(struct linkkit *k);
/* A resident with an account; level 2. */
int64_t linkkit_person(struct linkkit *k, const char *subject);
/* Links person and organisation through ticket, inquiry and both notices;
   the pairwise id. */
const char *linkkit_link(
	struct linkkit *k, int64_t person, const char *organisation);
/* Asks for all items; the secret and the reference. */
void linkkit_ask(struct linkkit *k, const char *consumer, const char **secret,
	const char **reference);
/* Asks, opens, approves for 30 days: the reference. */
const char *linkkit_consent(
	struct linkkit *k, int64_t person, const char *consumer);
/* A service that another organisation gives, and a purpose for which another
   asks: ids. */
const char *linkkit_offer(struct linkkit *k, const char *target);
const char *linkkit_want(struct linkkit *k, const char *subsystem);
/* The same as linkkit_consent for these two. */
const char *linkkit_grant(struct linkkit *k, int64_t person,
	const char *service, const char *subsystem, const char *purpose);
/* Pages until the cache has everything; the number of pages. */
int linkkit_pull(struct linkkit *k, size_t cache);
/* One value of a database, as text: "" for none or null. */
const char *linkkit_value(struct linkkit *k, const char *file, const char *sql);
/* The center's state of a consent, by its word. */
const char *linkkit_state(struct linkkit *k, const char *reference);
