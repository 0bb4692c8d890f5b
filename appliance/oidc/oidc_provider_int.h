/* SPDX-License-Identifier: MIT */
/*
 * The inside of a provider: its setting, how it is called, and what is known
 * about it.
 */
#pragma once
#ifndef IN_OIDC
# error "oidc_provider_int.h is private to oidc/"
#endif

#include <pthread.h>

#include "err.h"
#include "oidc_int.h"

struct oidc {
	const struct oidc_setting *setting; /* borrowed */
	struct oidc_env env;
	char *redirect;
	pthread_mutex_t lock; /* guards what follows */
	struct oidc_known *known;
	int64_t asked; /* ticks of the last question for new keys; 0: never */
	int reading;   /* threads that ask it now for what it is */
	int64_t again; /* ticks before which it is not asked; failure in `why` */
	struct err why;
};
