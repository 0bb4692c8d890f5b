/* SPDX-License-Identifier: MIT */
/*
 * What is known about a provider, and how it is called.
 */
#pragma once
#ifndef IN_OIDC
# error "oidc_int.h is private to oidc/"
#endif

#include "buf.h"
#include "json_io.h"
#include "jwt.h"
#include "oidc.h"
#include "oidc_judge.h"

struct http_answer;
struct http_call;

/* One state of knowledge about a provider; immutable, shared. */
struct oidc_known;
struct oidc_known *oidc_known_ref(struct oidc *o, struct err *e);
void oidc_known_unref(struct oidc_known **k);
const struct oidc_meta *oidc_known_meta(const struct oidc_known *k);
/* Verifies with what is known, and once more with what the provider says now
   when the key is unknown and it was not asked a moment ago. */
int oidc_known_verify(struct oidc *o, const struct oidc_known *k,
	const struct jwt *t, struct arena *a, struct err *e);
/* A call to the provider under its limits. The fault is for people. */
int oidc_call(struct oidc *o, struct arena *a, struct http_call *c,
	struct http_answer *out, struct err *e);
