/* SPDX-License-Identifier: MIT */
/*
 * The resident's pages of Personal-Link's center, on an HTTPS listener of
 * their own: signing in with OpenID providers, linked organisations, consents
 * given and taken back, real transfers, downloads. Written by the server,
 * without JavaScript, in Japanese and English.
 */
#pragma once

#include <stddef.h>

struct arena;
struct conf;
struct err;
struct linkbook;
struct resident;

/* Reads the providers' file, listens. The book is borrowed and a center's.
   FAULT_CONFIG, FAULT_NETWORK (the port is taken). */
int resident_start(struct resident **out, const struct conf *conf,
	struct linkbook *book, struct err *e);
void resident_stop(struct resident **r); /* NULL inside is fine */
/* The pages' public address without final slash, in the arena. */
const char *resident_address(struct arena *a, const struct conf *conf);
/* The address that opens the page of a one-time link (ticket.h). */
const char *resident_ticket_url(
	struct arena *a, const struct conf *conf, const char *secret);
