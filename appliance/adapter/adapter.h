/* SPDX-License-Identifier: MIT */
/*
 * Face of the adapter role: SQL statements offered as REST and SOAP services.
 */
#pragma once

#include "role.h"

struct arena;
struct conf;
struct err;

extern const struct role role_adapter;

/* The file of the data services. */
const char *adapter_services(const struct conf *conf);
/* Whether it would come into force as it stands: every statement is checked
   against its database. FAULT_CONFIG. */
int adapter_check(const struct conf *conf, struct err *e);

/* What a refusal of the adapter, of a data source or of a list says in
   Japanese; in the arena. */
const char *adapter_sentence(struct arena *a, const struct err *fault);

/* The password of a data source as services.json may hold it: "sealed:..."
   (vault.h) with the adapter's key, which is made if there is none. source:
   the "id" of the source, or its databaseName. In the arena. */
int adapter_seal(const struct conf *conf, const char *source,
	const char *password, struct arena *a, char **out, struct err *e);
