/* SPDX-License-Identifier: MIT */
/*
 * What an operation of X-Road's administration interfaces takes, judged before
 * its handler runs: media types, query, members of the JSON body. The rows are
 * contract.def; a refusal has X-Road's shape: 400 validation_failure with
 * validation_errors, 406, 415. Sizes are counted after trimming, as X-Road does,
 * and the handler gets the trimmed texts.
 */
#pragma once

#ifndef IN_CONSOLE
# error "contract_int.h is private to appliance/console"
#endif

#include <stdbool.h>

#include "json_io.h"

struct arena;
struct contract;
struct err;
struct request;

/* The row of an operation, NULL if there is none. api: 'S' security server, 'C'
   center; path below /api/v1, names of its {pieces} do not count. */
const struct contract *contract_find(
	char api, const char *method, const char *path);
/* strict: pieces of identifiers as X-Road's strict-identifier-checks has them.
   0 to go on, 1 when the refusal has been answered, -1 with e. */
int contract_check(struct request *r, const struct contract *c, bool strict,
	struct err *e);
/* The same for a body alone: adds "object.member": [codes] to `wrong`; true if
   a text was trimmed. */
bool contract_body(
	const struct contract *c, bool strict, json_t *body, json_t *wrong);
/* Query as contract_body(). */
void contract_query(const struct contract *c, struct arena *a,
	const char *query, json_t *wrong);
