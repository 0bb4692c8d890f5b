/* SPDX-License-Identifier: MIT */
/*
 * Calls of the residents' pages to the outside, and the round of notices.
 */
#pragma once

#ifndef IN_LINK
# error "resident_notice_int.h is private to appliance/link"
#endif

struct arena;
struct err;
struct http_answer;
struct http_call;
struct resident;

/* Over TLS, to who has a certificate of the trusted authorities. */
int resident_call(struct resident *res, struct arena *a, struct http_call *call,
	struct http_answer *out, struct err *e);
/* Tells what is due, once. Failed notices wait and are tried again; only a
   database that fails is a fault. */
int resident_notices(struct resident *res, struct err *e);
