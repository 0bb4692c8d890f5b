/* SPDX-License-Identifier: MIT */
/*
 * The inside of the lab's web site: what its provider and its portals share.
 */
#pragma once

#ifndef IN_LAB
# error "site_int.h is private to appliance/lab"
#endif

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "oidc.h"

struct err;
struct http_server;
struct key;
struct lab;
struct request;

enum {
	SITE_BODY_MAX = 16 * 1024,
	SITE_PAGE_MAX = 256 * 1024,
	SITE_FORM = 1,   /* of a route: sent by a page of ours */
	SITE_CODES = 16, /* sign-ins and links on their way */
};
#define SITE_CLIENT "machilink-lab" /* the center, at the provider */

/* A sample resident: the provider's and the town's names for one person. */
struct sample_person {
	const char *sub, *user_id;
	const char *ja, *en;
};
enum { SAMPLE_PEOPLE = 3 };
extern const struct sample_person sample_people[SAMPLE_PEOPLE];

/* A code that was handed out; used once. */
struct site_code {
	char code[OIDC_TOKEN_LEN + 1]; /* "" free */
	char challenge[OIDC_TOKEN_LEN + 1], nonce[256];
	const struct sample_person *who;
	int64_t made; /* s */
};
/* Somebody who went from the town's portal to be linked. */
struct site_link {
	char state[OIDC_TOKEN_LEN + 1]; /* "" free */
	const struct sample_person *who;
};

struct site {
	struct lab *lab;
	char *base;   /* "https://address:port": the provider's issuer, too */
	char *secret; /* of SITE_CLIENT */
	struct key *key;
	struct http_server *http;
	pthread_mutex_t lock; /* guards what follows */
	struct site_code code[SITE_CODES];
	struct site_link link[SITE_CODES];
	size_t codes, links; /* handed out so far */
	char reference[64];  /* the consent the company asked for last, or "" */
};

/* NULL: nobody is called so by the provider. */
const struct sample_person *site_person(const char *sub);

void site_begin(struct request *r, const struct site *s, struct buf *b,
	const char *ja, const char *en);
int site_send(struct request *r, int status, struct buf *b, struct err *e);
int site_go(struct request *r, const char *url, struct err *e);

#define SITE_HANDLER(name) \
 int name(struct request *r, void *state, struct err *e)
SITE_HANDLER(site_describe);
SITE_HANDLER(site_keys);
SITE_HANDLER(site_authorize);
SITE_HANDLER(site_choose);
SITE_HANDLER(site_redeem);
SITE_HANDLER(portal_home);
SITE_HANDLER(portal_link);
SITE_HANDLER(portal_back);
SITE_HANDLER(portal_ask);
SITE_HANDLER(portal_fetch);
