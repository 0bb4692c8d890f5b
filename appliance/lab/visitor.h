/* SPDX-License-Identifier: MIT */
/*
 * A resident without a browser: follows redirects, keeps cookies by origin,
 * finds the links and forms of a page and sends them as a browser would,
 * hidden fields and all. Knows the pages' two certificates and no others.
 */
#pragma once

#ifndef IN_LAB
# error "visitor.h is private to appliance/lab"
#endif

#include <stdbool.h>

struct err;
struct lab;
struct visitor;

struct seen {
	int status;
	const char *url;  /* where the visitor is now */
	const char *text; /* the page, decoded nowhere */
};

/* In the lab's arena. */
int visitor_new(struct visitor **out, struct lab *l, struct err *e);
void visitor_free(struct visitor **v); /* NULL is fine */
/* Where the visitor stands now. */
const struct seen *visitor_at(const struct visitor *v);
/* Any page is an answer; FAULT_NETWORK and such when none came. */
int visitor_go(struct visitor *v, const char *url, struct err *e);
/* The link of the page whose address has `part` in it. */
int visitor_follow(struct visitor *v, const char *part, struct err *e);
bool visitor_has_form(const struct visitor *v, const char *end);
/* The form whose action ends so, with more fields: name, value, ..., NULL.
   A page other than 200 is a failure that quotes its sentence. */
int visitor_send(struct visitor *v, const char *end, const char *const *more,
	struct err *e);
