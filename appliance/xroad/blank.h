/* SPDX-License-Identifier: MIT */
/*
 * Messages without their content, for a message log that must not keep it.
 * Such a message no longer fits its signature: that is meant. Rule:
 * interop/xroad-messages.md 4.1.
 */
#pragma once

#include <stdbool.h>

#include "buf.h"

struct arena;
struct err;

/* The known header fields and an empty body element named after the service,
   with "Response" for a response; UTF-8. content_type as for soap_parse();
   its faults, and FAULT_INVALID_MESSAGE for a SOAP fault. */
int soap_blank(struct arena *a, struct bytes raw, const char *content_type,
	bool response, struct bytes *out, struct err *e);

/* A request part keeps verb, path up to the service and X-Road-* headers, a
   response part status, reason and X-Road-* headers. Faults as
   rest_request_parse(). */
int rest_blank(
	struct arena *a, struct bytes raw, struct bytes *out, struct err *e);
