/* SPDX-License-Identifier: MIT */
/*
 * What the handlers of the center's administration API share: reading
 * identifiers and bodies, writing X-Road's JSON shapes. Private to this folder.
 * Shapes: X-Road's central-server OpenAPI; xroad-center-admin.md 6.4.
 */
#pragma once

#ifndef IN_CENTER
# error "center_admin_int.h is private to appliance/center"
#endif

#include "center_int.h"
#include "json_io.h"

enum {
	ADMIN_BODY_MAX = 96 * 1024,
	ADMIN_TEXT_MAX = 255,
	ADMIN_PAGE = 25,
	ADMIN_PAGE_MAX = 1000
};

/* The body as a JSON object. */
int admin_body(struct request *r, json_t **out, struct err *e);
/* Replies with the value and drops it. */
int admin_reply(struct request *r, int status, json_t *j, struct err *e);
int admin_no_content(struct request *r, struct err *e);

/* "INSTANCE:CLASS:CODE[:SUBSYSTEM]" and "INSTANCE:CLASS:CODE:SERVER".
   FAULT_BAD_REQUEST. `s` may be NULL. */
int client_decode(
	struct arena *a, const char *s, struct client_id *out, struct err *e);
int server_decode(
	struct arena *a, const char *s, struct server_id *out, struct err *e);
char *client_encode(struct arena *a, const struct client_id *id);
char *server_encode(struct arena *a, const struct server_id *id);
/* {instance_id, type, member_class, member_code ..., encoded_id} */
json_t *client_json(struct arena *a, const struct client_id *id);
json_t *server_json(struct arena *a, const struct server_id *id);
/* CertificateDetails as far as a person looks at it. */
json_t *cert_json(struct arena *a, const struct cert *c);
/* Adds a time in ISO 8601. */
void json_put_time(json_t *j, const char *key, int64_t ms);
/* limit and offset of the query string. */
void page_read(struct request *r, int64_t *limit, int64_t *offset);
json_t *page_json(int64_t total, size_t items, int64_t limit, int64_t offset);

/* A handler is int (struct request *, void *center, struct err *). */
#define ADMIN_HANDLER(name) \
 int name(struct request *r, void *state, struct err *e)

/* admin_system.c */
ADMIN_HANDLER(admin_init_post);
ADMIN_HANDLER(admin_init_status);
ADMIN_HANDLER(admin_tokens);
ADMIN_HANDLER(admin_token_login);
ADMIN_HANDLER(admin_system_status);
ADMIN_HANDLER(admin_system_version);
ADMIN_HANDLER(admin_system_address);
/* admin_member.c */
ADMIN_HANDLER(admin_classes);
ADMIN_HANDLER(admin_class_post);
ADMIN_HANDLER(admin_members);
ADMIN_HANDLER(admin_clients);
ADMIN_HANDLER(admin_member_post);
ADMIN_HANDLER(admin_member_get);
ADMIN_HANDLER(admin_member_patch);
ADMIN_HANDLER(admin_member_delete);
ADMIN_HANDLER(admin_subsystems);
ADMIN_HANDLER(admin_subsystem_post);
/* admin_server.c */
ADMIN_HANDLER(admin_servers);
ADMIN_HANDLER(admin_server_get);
ADMIN_HANDLER(admin_server_clients);
ADMIN_HANDLER(admin_server_client_post);
ADMIN_HANDLER(admin_server_client_delete);
ADMIN_HANDLER(admin_provider_get);
ADMIN_HANDLER(admin_provider_patch);
ADMIN_HANDLER(admin_provider_register);
/* admin_request.c */
ADMIN_HANDLER(admin_requests);
ADMIN_HANDLER(admin_request_post);
ADMIN_HANDLER(admin_request_get);
ADMIN_HANDLER(admin_request_delete);
ADMIN_HANDLER(admin_request_approve);
/* admin_conf.c */
ADMIN_HANDLER(admin_anchor_get);
ADMIN_HANDLER(admin_anchor_download);
ADMIN_HANDLER(admin_anchor_create);
ADMIN_HANDLER(admin_download_url);
ADMIN_HANDLER(admin_keys);
ADMIN_HANDLER(admin_key_post);
ADMIN_HANDLER(admin_key_activate);
ADMIN_HANDLER(admin_key_delete);
/* admin_trust.c */
ADMIN_HANDLER(admin_trust_post);
ADMIN_HANDLER(admin_trust_get);
ADMIN_HANDLER(admin_cas);
ADMIN_HANDLER(admin_tsas);
ADMIN_HANDLER(admin_cert_post);
ADMIN_HANDLER(admin_certs);
ADMIN_HANDLER(admin_cert_get);
ADMIN_HANDLER(admin_cert_revoke);
