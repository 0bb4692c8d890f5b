/* SPDX-License-Identifier: MIT */
/*
 * The administration interface of the security server, asked over the wire:
 * roles do not include each other.
 */
#pragma once

#ifndef IN_ADAPTER
# error "publish.h is private to appliance/adapter"
#endif

#include "json_io.h"

struct conf;
struct err;
struct peer;
struct request;

/* Port 4000 of this machine, whose certificate is the one in the data
   directory, with the credentials of the request; or [adapter]
   security-server-url with the key and certificate named beside it. Lives no
   longer than the request. */
int peer_open(struct peer **out, struct request *r, const struct conf *conf,
	struct err *e);
void peer_close(struct peer **p); /* NULL inside is fine */
/* path: below /api/v1. body, out may be NULL. A refusal is FAULT_CONFLICT (the
   caller may do something about it) with the other's code and words. */
int peer_call(struct peer *p, const char *method, const char *path,
	const json_t *body, json_t **out, struct err *e);
/* The same with POST and bytes of that type. */
int peer_send(struct peer *p, const char *path, const char *type,
	struct bytes body, struct err *e);
/* The refusal of these two had this code. */
bool peer_refused(const struct err *why, const char *code);
/* X-Road's service_client_type of an id: of a subsystem, a global group or a
   local group. */
const char *subject_kind(const char *id);
