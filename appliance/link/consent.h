/* SPDX-License-Identifier: MIT */
/*
 * Consents (許諾) at the center: asked for by a consumer, decided by the person
 * or who represents them, with every step kept and proved.
 *
 *	requested -> approved -> withdrawn | expired | inapplicable
 *	requested -> declined | expired | inapplicable
 *	approved  -> approved: another end or fewer items
 *
 * A decision is durable, with its step, its document and its place in the
 * feeds of both parties, in one transaction; the signed container about it and
 * the pushes follow (evidence.h, feed.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "declaration.h"
#include "linkbook.h"

struct arena;
struct db_conn;
struct err;

enum consent_state {
	CONSENT_REQUESTED,
	CONSENT_APPROVED,
	CONSENT_DECLINED,
	CONSENT_WITHDRAWN,
	CONSENT_EXPIRED,
	CONSENT_INAPPLICABLE,
	CONSENT_STATES
};
const char *consent_state_name(enum consent_state s);
/* CONSENT_STATES: no such word. */
enum consent_state consent_state_by_name(const char *name);

enum consent_actor {
	ACTOR_RESIDENT,
	ACTOR_REPRESENTATIVE,
	ACTOR_CONSUMER,
	ACTOR_OFFICER,
	ACTOR_SYSTEM,
	ACTORS
};
const char *consent_actor_name(enum consent_actor a);

/* Is there a row in the table of transitions? */
bool consent_may(
	enum consent_state from, enum consent_state to, enum consent_actor who);

/* Words of consent_step.reason: asked, given, changed, refused, taken_back,
   time_over, not_decided, service_ended, purpose_ended, link_ended,
   person_left, consumer_ended, nobody_decides. */

/* ---- asking ---- */

struct consent_wish {
	const char *service;     /* service declaration */
	const char *const *item; /* codes; none: all of the service */
	size_t items;
	int64_t days; /* 0: as long as the service allows */
};
struct consent_ask {
	const char *consumer;   /* I/C/M */
	const char *subsystem;  /* I/C/M/S that calls */
	const char *purpose;    /* purpose declaration, of this consumer */
	const char *pairwise;   /* the consumer's id of the person, or NULL */
	const char *return_url; /* below the registered one, or NULL */
	const struct consent_wish *wish;
	size_t wishes;
	int64_t seconds; /* how long the link is good; 0: the longest */
};
enum { CONSENT_WISHES_MAX = 20 };
struct consent_asked {
	const char *request;    /* the consumer's handle */
	const char *secret;     /* of the one-time link; NULL: nothing to ask */
	const char **reference; /* one per wish, in their order */
	bool *valid; /* it is approved already, and not asked again */
	int64_t expires_at;
};
/* All or nothing. LINK_NO_PURPOSE, LINK_NO_SERVICE, LINK_NO_LINK,
   LINK_CONSENT_ITEMS, LINK_CONSENT_DAYS, LINK_NO_RETURN. */
int consent_request(struct linkbook *b, const struct consent_ask *ask,
	struct arena *a, struct consent_asked *out, struct err *e);

/* ---- looking ---- */

struct consent {
	const char *reference;
	const char *request;
	int64_t person;
	struct offering service;         /* whole */
	struct purpose purpose;          /* whole */
	struct words provider, consumer; /* names of the organisations */
	const char *subject;             /* NULL until approved */
	json_t *asked, *items;           /* arrays of codes */
	int64_t days;
	enum consent_state state;
	int64_t valid_from, valid_to; /* 0: none */
	int64_t changed_at;
	int64_t requested_at;
};
/* Whose rows: the person itself (0 in `represented`), or the one it may act
   for now. LINK_NO_REPRESENTATION. Consents of another are as if they were
   not there. */
struct consent_viewer {
	int64_t person;      /* who is signed in */
	int64_t represented; /* 0: itself */
	const char *level;   /* of this sign-in */
};
/* The person whose rows these are. LINK_NO_REPRESENTATION, LINK_NO_PERSON. */
int viewer_person(struct linkbook *b, const struct consent_viewer *v,
	int64_t *person, struct err *e);
/* Newest first, from `offset`; at most CONSENTS_PAGE. */
enum { CONSENTS_PAGE = 50 };
int consent_list(struct linkbook *b, const struct consent_viewer *v,
	size_t offset, struct arena *a, struct consent **out, size_t *n,
	struct err *e);
/* All of a request, in the order they were asked; also while it is nobody's:
   the caller came with its link. */
int consent_of_request(struct linkbook *b, const struct consent_viewer *v,
	const char *request, struct arena *a, struct consent **out, size_t *n,
	struct err *e);
/* LINK_NO_CONSENT. */
int consent_get(struct linkbook *b, const struct consent_viewer *v,
	const char *reference, struct arena *a, struct consent *out,
	struct err *e);

struct consent_step {
	int64_t id, at;
	const char *from, *to; /* from: NULL at first */
	const char *actor, *reason;
	bool mine; /* the viewer did it */
	json_t *items;
	int64_t valid_to;
	bool proved; /* the container is there */
};
/* Oldest first. */
int consent_steps(struct linkbook *b, const struct consent_viewer *v,
	const char *reference, struct arena *a, struct consent_step **out,
	size_t *n, struct err *e);
/* The signed container of a step; empty while it is not made. LINK_NO_CONSENT. */
int consent_container(struct linkbook *b, const struct consent_viewer *v,
	int64_t step, struct arena *a, struct bytes *out, struct err *e);

struct transfer {
	const char *id, *reference;
	int64_t at;
	json_t *items;         /* array of codes */
	struct offering named; /* the declaration's items alone, by name */
	struct words service, purpose, provider, consumer;
};
/* Of the person's consents, newest first; at most CONSENTS_PAGE. */
int consent_transfers(struct linkbook *b, const struct consent_viewer *v,
	size_t offset, struct arena *a, struct transfer **out, size_t *n,
	struct err *e);

/* ---- deciding ---- */

struct consent_give {
	const char *reference;
	const char *const *item; /* codes given, of those asked for */
	size_t items;
	int64_t days; /* today is day 0; at most the service's */
};
/* All or nothing, also for those that are approved already (fewer items,
   another end). LINK_NO_CONSENT, LINK_CONSENT_STATE, LINK_CONSENT_ITEMS,
   LINK_CONSENT_DAYS, LINK_NOT_LINKED, LINK_NOT_REPRESENTABLE, LINK_LEVEL. */
int consent_approve(struct linkbook *b, const struct consent_viewer *v,
	const struct consent_give *give, size_t n, struct err *e);
int consent_decline(struct linkbook *b, const struct consent_viewer *v,
	const char *reference, struct err *e);
/* Never needs a level. */
int consent_withdraw(struct linkbook *b, const struct consent_viewer *v,
	const char *reference, struct err *e);

/* ---- for the two organisations ---- */

/* As consumer, or as provider of what was approved once. LINK_NO_CONSENT. */
int consent_of_party(struct linkbook *b, const char *member,
	const char *reference, struct arena *a, struct consent *out,
	struct err *e);
/* The consumer needs it no more. LINK_NO_CONSENT, LINK_CONSENT_STATE. */
int consent_give_back(struct linkbook *b, const char *consumer,
	const char *reference, struct err *e);

/* ---- ending ---- */

/* What time and withdrawn declarations end: in batches, each in a transaction
   of its own. The number of consents that ended, or -1. */
int64_t consent_sweep(struct linkbook *b, struct err *e);
