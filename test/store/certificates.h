/* SPDX-License-Identifier: MIT */
/*
 * Certificates for the test's own database servers, made by openssl.
 */
#pragma once

#include <stdbool.h>

struct arena;

/* In dir: an authority's ca.pem, a stranger's other.pem, and server.pem with
   server.key, good for the address and "town.example"; all of them belong to
   the user. */
bool certificates_make(
	struct arena *a, const char *dir, const char *address, unsigned uid);
