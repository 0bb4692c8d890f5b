/* SPDX-License-Identifier: MIT */
/*
 * What officers declare at the center: organisations that take part, services
 * that need consent (what data), purposes (who wants it and why).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_io.h"
#include "linkbook.h"

struct arena;
struct db_conn;
struct err;

/* A text in both languages. */
struct words {
	const char *ja, *en;
};

struct organisation {
	const char *member; /* I/C/M */
	struct words name;
	const char *door;       /* I/C/M/S/service of its cache, or NULL */
	const char *return_url; /* https, or NULL */
	const char *notice_url; /* https, or NULL */
	bool shared, active;
	bool attests; /* may say who acts for a child or ward */
};
struct offering_item {
	const char *code;
	struct words name;
};
struct offering {
	const char *id;       /* given by offering_put() */
	const char *provider; /* I/C/M, of the target */
	const char *target;   /* I/C/M/S/service */
	struct words title, data, legal;
	const struct offering_item *item;
	size_t items;
	int64_t max_days, max_age; /* days, s */
	const char *level;         /* NULL: any */
	bool representable, valid;
};
struct purpose {
	const char *id;
	const char *consumer; /* I/C/M, of the subsystem */
	const char *subsystem;
	const char *code;
	struct words title, reason;
	const char *policy_url;
	bool valid;
};

/* New, or changed when the member is there. FAULT_BAD_REQUEST. */
int organisation_put(
	struct linkbook *b, const struct organisation *o, struct err *e);
/* LINK_NO_ORGANISATION; also when it is not active. */
int organisation_get(struct linkbook *b, const char *member, struct arena *a,
	struct organisation *out, struct err *e);
int organisation_list(struct linkbook *b, struct arena *a,
	struct organisation **out, size_t *n, struct err *e);

/* A new declaration; s->id is made. FAULT_BAD_REQUEST names what does not fit,
   LINK_NO_ORGANISATION. What is declared is not changed afterwards: a consent
   is about the words the resident read. Withdraw it and declare anew. */
int offering_put(
	struct linkbook *b, struct offering *s, struct arena *a, struct err *e);
int offering_get(struct linkbook *b, const char *id, struct arena *a,
	struct offering *out, struct err *e);
int offering_list(struct linkbook *b, struct arena *a, struct offering **out,
	size_t *n, struct err *e);
/* Requested and approved consents become inapplicable. LINK_NO_SERVICE. */
int offering_withdraw(struct linkbook *b, const char *id, struct err *e);

/* The same for purposes; LINK_NO_PURPOSE. */
int purpose_put(
	struct linkbook *b, struct purpose *p, struct arena *a, struct err *e);
int purpose_get(struct linkbook *b, const char *id, struct arena *a,
	struct purpose *out, struct err *e);
int purpose_list(struct linkbook *b, struct arena *a, struct purpose **out,
	size_t *n, struct err *e);
int purpose_withdraw(struct linkbook *b, const char *id, struct err *e);
/* By the consumer's own code for it, of the valid ones. */
int purpose_by_code(struct linkbook *b, const char *consumer, const char *code,
	struct arena *a, struct purpose *out, struct err *e);

/* As the administration, the feed and the pages of partners have them. From
   JSON: FAULT_BAD_REQUEST; ids are not read. */
json_t *organisation_json(const struct organisation *o);
json_t *offering_json(const struct offering *s);
json_t *purpose_json(const struct purpose *p);
int organisation_read(const json_t *j, struct organisation *out, struct err *e);
int offering_read(
	struct arena *a, const json_t *j, struct offering *out, struct err *e);
int purpose_read(
	struct arena *a, const json_t *j, struct purpose *out, struct err *e);
