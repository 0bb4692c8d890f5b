/* SPDX-License-Identifier: MIT */
/*
 * What the life of a management request (mgmtreq.c) and its kinds (mgmtkind.c)
 * share. Private to these two.
 */
#pragma once

#ifndef IN_CENTER
# error "mgmtreq_int.h is private to appliance/center"
#endif

#include "center_int.h"
#include "mgmt.h"
#include "text.h"

#define MR_NO_CERT   "management_request_invalid_auth_certificate"
#define MR_NO_CLIENT "management_request_client_registration_not_found"

struct request_kind {
	bool waits;    /* for an approval; else it applies at once */
	bool pairs;    /* a counterpart of the other origin completes it */
	int automatic; /* enum param_id: approved by itself; with `waits` */
	/* What is wrong with it now; *pair: its counterpart waits. May be
	   NULL. */
	int (*check)(struct center *ct, struct db_conn *c,
		const struct mgmt_request *r, bool *pair, struct err *e);
	int (*apply)(
		struct db_conn *c, const struct mgmt_request *r, struct err *e);
};

/* By X-Road's name of the type, with the request's elements; NULL unknown. */
const struct request_kind *request_kind(
	const char *type, const struct mgmt_row **row);

static inline bool
by_center(const struct mgmt_request *r)
{
	return str_equal(r->origin, "CENTER");
}
