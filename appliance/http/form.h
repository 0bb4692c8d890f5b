/* SPDX-License-Identifier: MIT */
/*
 * What browsers send back: the fields of a form
 * (application/x-www-form-urlencoded, WHATWG URL section 5) and cookies (RFC
 * 6265 section 4.2).
 */
#pragma once

#include <stddef.h>

#include "buf.h"

struct arena;
struct err;

enum { FORM_FIELDS_MAX = 500, FORM_TEXT_MAX = 8000 };

struct form_field {
	const char *name, *value; /* decoded, UTF-8, no control but line ends */
};
struct form {
	const struct form_field *item;
	size_t n;
};
/* All fields in their order. FAULT_BAD_REQUEST: not such a body, not UTF-8, a
   control character; FAULT_TOO_LARGE: more or longer fields than the limits. */
int form_read(
	struct arena *a, struct bytes body, struct form *out, struct err *e);
/* NULL when the field is absent, or there more than once: what two readers
   could read differently is nothing. */
const char *form_get(const struct form *f, const char *name);
/* All values of a field into out[0..max), which is as large as the form; how
   many there are. */
size_t form_all(
	const struct form *f, const char *name, const char **out, size_t max);

/* The value of a cookie from the header (NULL: none), in the arena. NULL when
   it is absent, or there more than once: another host of the domain may have
   planted one. */
char *cookie_get(struct arena *a, const char *header, const char *name);
