/* SPDX-License-Identifier: MIT */
/*
 * A PKCS#11 module in its process, and what can be asked of it: the rows of
 * module_rows answer the questions of signer_int.h.
 */
#pragma once
#ifndef IN_SIGNER
# error "module_int.h is private to signer/"
#endif

#include <pthread.h>
#include <stdbool.h>

#include "pkcs11_int.h"
#include "signer_int.h"

struct module {
	void *handle;
	const struct p11_functions *f; /* set: the module is started */
	p11_num slot;
	pthread_mutex_t lock; /* guards taken */
	bool taken[SIGNER_LANES];
	p11_num session[SIGNER_LANES]; /* as many as threads ask */
};

/* A session for this thread until it is given back; there is one for each. */
int module_session(struct module *m);
void module_session_done(struct module *m, int i);
bool module_logged_in(struct module *m);
/* The error of "the token cannot <what>". */
int module_fail(const char *what, p11_num rv, struct err *e);

/* module.c */
int module_status(struct call *c, struct err *e);
int module_info(struct call *c, struct err *e);
int module_init(struct call *c, struct err *e);
int module_login(struct call *c, struct err *e);
int module_logout(struct call *c, struct err *e);
/* module_key.c: keys are found by their id, 20 bytes in CKA_ID */
int module_generate(struct call *c, struct err *e);
int module_import(struct call *c, struct err *e);
int module_delete(struct call *c, struct err *e);
int module_public(struct call *c, struct err *e);
int module_sign(struct call *c, struct err *e);
