/* SPDX-License-Identifier: MIT */
/*
 * What the nouns of Personal-Link need of each other inside a transaction.
 */
#pragma once

#ifndef IN_LINK
# error "link_int.h is private to appliance/link"
#endif

#include "consent.h"
#include "declaration.h"
#include "linkbook.h"
#include "person.h"
#include "ticket.h"

struct arena;
struct db_conn;
struct err;
struct query;

/* Rows in the arena: the columns of organisation_get, service and purpose from
   column `col` on. */
void organisation_row(struct arena *a, struct query *q, struct organisation *o);
void offering_row(
	struct arena *a, struct query *q, int col, struct offering *s);
void purpose_row(struct arena *a, struct query *q, int col, struct purpose *p);
/* Inside a transaction; a NULL id of `e` found nothing: LINK_NO_... */
int organisation_in(struct db_conn *c, const char *member, struct arena *a,
	struct organisation *out, struct err *e);
int offering_in(struct db_conn *c, const char *id, struct arena *a,
	struct offering *out, struct err *e);
int purpose_in(struct db_conn *c, const char *id, struct arena *a,
	struct purpose *out, struct err *e);
/* Writes the row as it is: declared here, or taken from the center. */
int organisation_store(
	struct db_conn *c, const struct organisation *o, struct err *e);
int offering_store(struct db_conn *c, const struct offering *s, struct err *e);
int purpose_store(struct db_conn *c, const struct purpose *p, struct err *e);
/* What the texts must be; FAULT_BAD_REQUEST names the member. */
int words_read(
	const json_t *j, const char *key, struct words *out, struct err *e);
json_t *words_json(const struct words *w);
json_t *items_json(const struct offering *s);
int items_read(struct arena *a, const json_t *list, struct offering *out,
	struct err *e);

/* ---- feed.c ---- */
/* The organisation hears of the row. */
int feed_add(struct db_conn *c, const char *organisation, const char *kind,
	const char *key, struct err *e);
/* ... unless it did before: rows that never change. */
int feed_once(struct db_conn *c, const char *organisation, const char *kind,
	const char *key, struct err *e);
/* Everybody who heard of the row hears of it again. */
int feed_again(
	struct db_conn *c, const char *kind, const char *key, struct err *e);

/* ---- idlink.c: ID変換, ID連携管理 ---- */
/* What the organisation calls the person now, in the arena; *pairwise NULL:
   nothing. */
int idlink_live(struct db_conn *c, int64_t person, const char *organisation,
	struct arena *a, const char **pairwise, const char **state,
	struct err *e);
/* The same by the organisation's identifier. LINK_NO_LINK. */
int idlink_of(struct db_conn *c, const char *organisation, const char *id,
	struct arena *a, const char **pairwise, int64_t *person,
	const char **state, struct err *e);
/* Makes it (pending) unless it is there. */
int idlink_make(struct db_conn *c, int64_t person, const char *organisation,
	struct arena *a, const char **pairwise, struct err *e);
/* A step by the table of transitions. LINK_LINK_ORDER. */
int idlink_move(struct db_conn *c, const char *pairwise, const char *from,
	const char *to, const char *organisation, struct err *e);
/* The subject of person, consumer and provider, made when it is new. Both
   parties hear of it. */
struct id_pair {
	int64_t person;
	const char *consumer, *provider;
	const char *consumer_pairwise; /* or NULL */
	const char *provider_pairwise;
};
int idpair_ensure(struct db_conn *c, const struct id_pair *p, struct arena *a,
	const char **subject, struct err *e);

/* LINK_NO_PERSON unless the person is here. */
int person_need(struct db_conn *c, int64_t person, struct err *e);

/* ---- consent_step.c ---- */
struct consent_move {
	enum consent_state to;
	enum consent_actor who;
	int64_t person; /* who decided; 0: nobody */
	const char *reason;
	const char *items;            /* JSON, or NULL: as they are */
	const char *subject;          /* or NULL: as it is */
	int64_t valid_from, valid_to; /* 0: as they are */
};
/* Moves the consent, if the table allows it: row, step, document, feeds. */
int consent_move(struct db_conn *c, const struct consent *now,
	const struct consent_move *m, struct arena *a, struct err *e);
/* LINK_CONSENT_STATE when its time is over, also before the sweep sees it. */
int consent_timely(struct db_conn *c, const struct consent *now, struct err *e);
/* One whole row. LINK_NO_CONSENT. */
int consent_in(struct db_conn *c, const char *reference, struct arena *a,
	struct consent *out, struct err *e);
void consent_row(struct arena *a, struct query *q, struct consent *out);
/* Whose rows the viewer sees: LINK_NO_REPRESENTATION, LINK_NO_PERSON. */
int viewer_whose(struct db_conn *c, const struct consent_viewer *v,
	int64_t *person, struct err *e);
/* One of them. LINK_NO_CONSENT. */
int viewer_consent(struct db_conn *c, const struct consent_viewer *v,
	const char *reference, struct arena *a, struct consent *out,
	struct err *e);
/* A list of references is collected, then each is moved. */
enum { CONSENT_BATCH = 200 };
int consent_move_all(struct db_conn *c, struct query *references,
	const struct consent_move *m, int64_t *moved, struct err *e);

/* A JSON array of texts from text; an empty one when it is not. */
json_t *codes_parse(struct arena *a, const char *text);
const char *codes_text(struct arena *a, const json_t *codes);

/* A list that grows by doubling in the arena: room for one more at [n]. */
void *list_grown(struct arena *a, void *list, size_t n, size_t size);
#define LIST_GROW(a, list, n) \
 ((list) = list_grown((a), (list), (n), sizeof(*(list))))
