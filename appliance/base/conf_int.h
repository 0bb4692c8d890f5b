/* SPDX-License-Identifier: MIT */
/*
 * What conf.c offers conf_local.c: values of the upper layer.
 */
#pragma once
#ifndef IN_BASE
# error "conf_int.h is private to base/"
#endif

#include "param.h"

/* Like a line of settings.ini. */
int conf_set_local(
	struct conf *c, enum param_id id, const char *value, struct err *e);
/* The default again. */
void conf_forget(struct conf *c, enum param_id id);
