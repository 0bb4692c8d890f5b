/* SPDX-License-Identifier: MIT */
/* The first run, see setup.c. */
#pragma once

#ifndef IN_CONSOLE
# error "setup_int.h is private to appliance/console"
#endif

#include "console_int.h"

/* The audit's name of the exchange that ends the first run. */
#define SETUP_EXCHANGE "Test exchange"

/* Prints a one-time token when there is nobody who could sign in. */
int setup_greet(struct console *c, struct err *e);
/* An act has ended: the first good exchange ends the first run. */
void setup_heard(struct console *c, const char *event, int status);
int setup_get(struct request *r, void *state, struct err *e);
int setup_post(struct request *r, void *state, struct err *e);
int setup_state(struct request *r, void *state, struct err *e);
int setup_note(struct request *r, void *state, struct err *e);
