/* SPDX-License-Identifier: MIT */
/*
 * What the resident's pages share: the visit (session), the page that is being
 * written, words in both languages.
 */
#pragma once

#ifndef IN_LINK
# error "resident_int.h is private to appliance/link"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "consent.h"
#include "form.h"
#include "html.h"
#include "http_server.h"
#include "oidc.h"
#include "person.h"
#include "resident.h"
#include "ticket.h"

struct asset_table;
struct bundle;
struct err;
struct http_client;
struct tls;

enum { PAGE_MAX = 4 * 1024 * 1024, RESIDENT_BODY_MAX = 256 * 1024 };

/* ---- words ---- */
enum resident_word {
#define WORD(id, ja, en) W_##id,
#include "resident_word.def"
	W_COUNT
};
const char *resident_word(bool ja, enum resident_word w);

/* ---- visits: one browser each ---- */

/* Signed in with a provider but not linked with the person yet. */
struct visit_pending {
	bool there;
	size_t provider;
	char subject[OIDC_SUB_MAX + 1], level[OIDC_ACR_MAX + 1];
};
struct visit {
	char id[OIDC_TOKEN_LEN + 1];     /* the cookie */
	char secret[OIDC_TOKEN_LEN + 1]; /* its forms' tokens come from it */
	int64_t person;                  /* 0: nobody yet */
	char level[OIDC_ACR_MAX + 1];
	int64_t represented; /* whom the person acts for; 0: itself */
	struct visit_pending pending;
	char ticket[TICKET_SECRET_LEN + 1]; /* of the link; "" none */
	/* What that link asked for, and where to go afterwards; "" none. They
	   stay when everything is answered and the link is used up. */
	char request[LINK_ID_LEN + 1];
	char return_url[LINK_URL_MAX + 1];
	int notice; /* a word the next page shows, and 1; 0 none */
	/* A sign-in on its way; see visit_attempt(). */
	bool trying;
	size_t provider;
	bool ja; /* the language to go on in */
	struct oidc_attempt attempt;
};
struct visits;
/* idle_ms after the last request, and longest_ms after its begin, a visit has
   ended. ticks: clock_ticks, but for tests. */
struct visits *visits_new(
	int64_t idle_ms, int64_t longest_ms, int64_t (*ticks)(void));
void visits_free(struct visits **v); /* wipes */
/* False: there is no such visit. A copy; counts as activity. */
bool visit_find(struct visits *v, const char *id, struct visit *out);
/* A new visit with what x says; sets its id and secret. When the table is full
   the oldest that is not signed in makes room, else the oldest. */
void visit_begin(struct visits *v, struct visit *x);
/* Keeps what x says now; nothing when it has ended meanwhile. */
void visit_keep(struct visits *v, const struct visit *x);
/* The same visit under another id and secret: what anybody knew of the old one
   is worth nothing. */
void visit_renew(struct visits *v, struct visit *x);
void visit_end(struct visits *v, const char *id);
/* All of a person who left. */
void visits_end_of(struct visits *v, int64_t person);
/* Takes the sign-in on its way out of the visit: each has one answer. False:
   none with this provider. */
bool visit_attempt(struct visits *v, const char *id, size_t provider,
	struct oidc_attempt *out, bool *ja);
/* The token of the visit's forms at this path, in the arena. */
const char *visit_token(
	struct arena *a, const struct visit *x, const char *path);

/* ---- the pages' state ---- */
struct resident {
	const struct conf *conf;
	struct linkbook *book;
	struct arena *arena;
	const struct asset_table *assets;
	const char *base; /* public address */
	struct oidc *provider[OIDC_PROVIDERS_MAX];
	size_t providers;
	struct http_client *client;
	struct tls *client_tls, *server_tls;
	struct bundle *roots;
	struct visits *visits;
	struct http_server *http;
	struct jobs *jobs;
	struct digest certs; /* of the file that server_tls was made of */
	struct digest tried; /* of the last that could not be used */
};
/* ---- resident_tls.c: the pages' certificate, in the data directory ---- */
int resident_tls_open(struct resident *res, struct err *e);
/* Takes another certificate that was put there; one that does not fit the key
   is told once and the old one stays. One thread. */
void resident_tls_look(struct resident *res);

/* The provider of the name, or providers if there is none. */
size_t resident_provider(const struct resident *res, const char *name);
/* The one with this issuer, or providers. */
size_t resident_issuer(const struct resident *res, const char *issuer);

/* ---- one page ---- */
enum page_flags {
	PAGE_PERSON = 1 << 0, /* for who is signed in */
};
struct page {
	struct resident *res;
	struct request *r;
	struct arena *a;
	bool ja;
	bool visiting; /* the visit is there */
	struct visit visit;
	struct form form; /* of a POST; its token was good */
	struct buf *out;
	bool cookie; /* the browser is told the visit's id */
	/* Why a form was not taken, above the page that has it again. */
	const struct err *trouble;
};
struct page *page_of(struct request *r);
/* Makes the page of a request; used by the guard and for faults. */
struct page *page_new(struct request *r, struct resident *res);
const char *page_lang(const struct page *p); /* "ja", "en" */
const char *say(const struct page *p, enum resident_word w);
/* {1} and {2} replaced; NULL is "". */
const char *say_with(const struct page *p, enum resident_word w,
	const char *one, const char *two);
const char *pick(const struct page *p, struct words w);
/* A provider's name for people. */
const char *provider_label(const struct page *p, size_t provider);
struct consent_viewer page_viewer(const struct page *p);

/* Begins with head, menu and <h1>; what follows is written to p->out. */
void page_begin(struct page *p, const char *title);
/* Ends it and sends it. */
int page_send(struct page *p, int status, struct err *e);
/* 303 to a path of ours, made from a literal and values that are encoded. */
int page_go(struct page *p, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same, leaving a notice that the next page shows. */
int page_go_saying(struct page *p, enum resident_word notice, const char *path,
	struct err *e);
/* A download. */
int page_file(struct page *p, const char *name, const char *type,
	struct bytes body, struct err *e);
/* <form> with its token; "" as class for none. The path is ours. */
void form_begin(struct page *p, const char *path, const char *class);
void form_end(struct page *p, enum resident_word button, const char *class);
/* A path of this page's language, in the arena: "/ja" and the rest. */
const char *path_of(const struct page *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A list of links to sign in with each provider; {1} of the word is its
   name. */
void put_providers(struct page *p, enum resident_word w, const char *class);
/* The day, and the time of day, in Japan, as <time>. */
void put_day(struct page *p, int64_t ms);
void put_moment(struct page *p, int64_t ms);
const char *day_text(const struct page *p, int64_t ms);
/* The fault as a page; also the listener's. */
void page_fault(struct request *r, const struct err *fault, void *state);

/* What the refusal means, in the page's language. */
const char *fault_sentence(const struct page *p, const struct err *fault);
/* Shows the page of a form again, with what was wrong with it. */
typedef int page_handler(struct request *, void *, struct err *);
int page_again(struct page *p, page_handler *show, const struct err *why,
	struct err *e);

/* Handlers, by file. */
#define PAGE_HANDLER(name) int name(struct request *, void *, struct err *)
/* resident_door.c */
PAGE_HANDLER(door_root);
PAGE_HANDLER(door_login);
PAGE_HANDLER(door_callback);
PAGE_HANDLER(door_ticket);
PAGE_HANDLER(door_welcome);
PAGE_HANDLER(door_register);
PAGE_HANDLER(door_join_page);
PAGE_HANDLER(door_join);
PAGE_HANDLER(door_forget);
PAGE_HANDLER(door_logout);
/* Opens the visit's ticket for the person; where to go on, NULL: nowhere. When
   it is meant for somebody the person represents, the visit acts for them from
   here on. */
int door_after(struct page *p, const char **path, struct err *e);
/* Whose business the visit is about: the person's or whom it acts for. */
int page_whose(struct page *p, int64_t *person, struct err *e);
/* resident_home.c */
PAGE_HANDLER(home_page);
PAGE_HANDLER(about_page);
PAGE_HANDLER(accessibility_page);
/* resident_consent.c */
PAGE_HANDLER(consents_page);
PAGE_HANDLER(consent_page);
PAGE_HANDLER(request_page);
void consent_line(struct page *p, const struct consent *c);
enum resident_word consent_state_word(enum consent_state s);
const char *item_name(
	const struct page *p, const struct offering *s, const char *code);
/* Their names, one after the other. */
const char *items_text(const struct page *p, const struct offering *s,
	const json_t *items, const char *between);
/* resident_decide.c */
PAGE_HANDLER(consent_give_post);
PAGE_HANDLER(consent_decline_post);
PAGE_HANDLER(consent_withdraw_post);
void decide_forms(struct page *p, const struct consent *c, bool of_request);
/* resident_connect.c */
PAGE_HANDLER(connect_page);
PAGE_HANDLER(connect_post);
PAGE_HANDLER(connect_no_post);
/* resident_services.c */
PAGE_HANDLER(services_page);
PAGE_HANDLER(unlink_post);
PAGE_HANDLER(remove_post);
PAGE_HANDLER(represent_post);
/* Offers to go on for somebody else whom the visit's link could be about. */
int put_for_whom(struct page *p, struct err *e);
PAGE_HANDLER(leave_page);
PAGE_HANDLER(leave_post);
/* resident_history.c */
PAGE_HANDLER(history_page);
PAGE_HANDLER(evidence_file);
/* resident_download.c */
PAGE_HANDLER(download_page);
PAGE_HANDLER(download_file);
