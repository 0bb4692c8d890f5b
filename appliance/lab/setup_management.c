/* SPDX-License-Identifier: MIT */
/*
 * First start, the management services: the operator's subsystem on the town's
 * server hands management requests on to the center, and every subsystem is
 * registered through it over X-Road. The order is X-Road's own
 * (interop/xroad-center-admin.md 6.6).
 */
#include "lab_int.h"

#include <poll.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "text.h"

enum { CERT_MAX = 64 * 1024, RETRY_MS = 20000, PAUSE_MS = 100 };

#define PROVIDER LAB_INSTANCE ":" HOST_CLASS ":" HOST_CODE ":MANAGEMENT"

/* Without any request: there is no way yet that one could take. */
static int
register_provider(struct lab *l, struct err *e)
{
	const struct machine *town = &l->machine[TOWN];
	struct api_answer a;

	return api_do(l, &l->machine[CENTER], "POST",
		"/management-services-configuration/register-provider",
		arena_printf(l->arena, "{\"security_server_id\":\"%s:%s\"}",
			lab_member_id(l, town), town->server),
		&a, e);
}

/* The town's server talks to the center's certificate and to no other. */
static int
pin_center(struct lab *l, struct err *e)
{
	const struct machine *center = &l->machine[CENTER];
	struct api_answer a;
	struct bytes pem;

	if (file_read(l->arena,
		    path_join(l->arena,
			    path_join(l->arena, center->dir, "data"),
			    "management.crt"),
		    CERT_MAX, &pem, e))
		return -1;
	return api_put_bytes(l, &l->machine[TOWN],
		"/clients/" PROVIDER "/tls-certificates", pem, &a, e);
}

/* Every owner of a security server may use every request. */
static int
grant_owners(struct lab *l, const json_t *description, struct err *e)
{
	struct api_answer a;
	json_t *service;
	size_t i;

	json_each(service, i, json_list(description, "services")) {
		if (api_do(l, &l->machine[TOWN], "POST",
			    arena_printf(l->arena,
				    "/services/%s/service-clients",
				    json_str(service, "id")),
			    "{\"items\":[{\"id\":\"" LAB_INSTANCE
			    ":security-server-owners\","
			    "\"service_client_type\":\"GLOBALGROUP\"}]}",
			    &a, e))
			return -1;
	}
	return i ? 0
		 : fail(e, FAULT_INTERNAL,
			   "the management services are not described");
}

int
management_provider(struct lab *l, struct err *e)
{
	struct machine *town = &l->machine[TOWN];
	const struct machine *center = &l->machine[CENTER];
	const struct description d = { "WSDL",
		arena_printf(l->arena, "http://%s:%d/managementservices.wsdl",
			center->address, lab_port(l, PORT_CENTER)),
		"" };
	json_t *made;

	if (lab_add_client(l, town, center, "MANAGEMENT", e) ||
		lab_sign_certificate(l, town, center, e) ||
		register_provider(l, e) || pin_center(l, e) ||
		lab_describe(l, town, PROVIDER, &d, &made, e))
		return -1;
	return grant_owners(l, made, e);
}

/* A server may not know yet that the provider is there: it asks again. */
int
lab_request_client(
	struct lab *l, struct machine *m, const char *client, struct err *e)
{
	char *path = arena_printf(l->arena, "/clients/%s/register", client);
	int64_t until = clock_ticks() + RETRY_MS;
	struct api_answer a;

	for (;;) {
		if (api_call(l, m, "PUT", path, NULL, &a, e))
			return -1;
		if (a.status == 204)
			return 0;
		if (a.status != 500 || clock_ticks() > until)
			return fail(e, FAULT_INTERNAL,
				"the %s cannot register its subsystem: %d %.*s",
				m->name, a.status,
				(int)(a.body.len < 400 ? a.body.len : 400),
				(const char *)a.body.data);
		poll(NULL, 0, PAUSE_MS);
	}
}

int
client_requests(struct lab *l, struct err *e)
{
	if (api_wait(l, &l->machine[TOWN], "/clients/" PROVIDER,
		    lab_client_is_registered, NULL,
		    "the registration of the management services", e))
		return -1;
	for (int i = FIRM; i >= TOWN; i--) {
		struct machine *m = &l->machine[i];

		if (lab_request_client(l, m, lab_client_id(l, m), e))
			return -1;
	}
	return link_requests(l, e);
}
