/* SPDX-License-Identifier: MIT */
/*
 * What the handlers of the center's administration API share: reading
 * identifiers and bodies, writing X-Road's JSON shapes. Private to this folder.
 * Shapes: X-Road's central-server OpenAPI; xroad-center-admin.md 6.4.
 */
#pragma once

#ifndef IN_CENTER
# error "desk_int.h is private to appliance/center"
#endif

#include "center_int.h"
#include "json_io.h"

enum {
	ADMIN_BODY_MAX = 96 * 1024,
	ADMIN_UPLOAD_MAX = 10 * 1024 * 1024,
	ADMIN_TEXT_MAX = 255,
	ADMIN_PAGE = 25,
	ADMIN_PAGE_MAX = 1000,
	ADMIN_OFFSET_MAX = 1000000
};

/* A handler is int (struct request *, void *center, struct err *). */
#define DESK_HANDLER(name) \
 int name(struct request *r, void *state, struct err *e)

/* The body as a JSON object. */
int desk_body(struct request *r, json_t **out, struct err *e);
/* Replies with the value and drops it. */
int desk_reply(struct request *r, int status, json_t *j, struct err *e);
int desk_no_content(struct request *r, struct err *e);

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
/* CertificateDetails. */
json_t *cert_json(struct arena *a, const struct cert *c);
/* Adds a time in ISO 8601. */
void desk_put_time(json_t *j, const char *key, int64_t ms);
/* ---- desk_page.c ---- */
struct page {
	int64_t limit, offset; /* offset counts pages */
	const char *sort;      /* or NULL */
	bool desc;
};
struct sort_row {
	const char *name; /* as the caller says */
	const char *path; /* in the item: "client_id.member_class" */
};
/* FAULT_BAD_REQUEST invalid_pagination_properties. `j` may be NULL. */
int desk_page_query(struct request *r, struct page *p, struct err *e);
int desk_page_json(const json_t *j, struct page *p, struct err *e);
/* Path to sort by, NULL for none; FAULT_BAD_REQUEST invalid_sort_properties.
   Rows end with name NULL. */
int desk_page_sort(const struct page *p, const struct sort_row *rows,
	const char **path, struct err *e);
/* {key: list, paging_metadata}: the list is already the page, out of `total`
   items. It stays the caller's. */
int desk_paged_reply(struct request *r, json_t *list, const char *key,
	int64_t total, const struct page *p, struct err *e);
/* {key: page of the list, paging_metadata}. The list stays the caller's. */
int desk_page_reply(struct request *r, json_t *list, const char *key,
	const struct page *p, const struct sort_row *rows, struct err *e);
/* Without case; no part is always in. */
bool desk_contains(const char *text, const char *part);
/* A query parameter, NULL when absent or empty. */
const char *desk_query(struct request *r, const char *name);

/* desk_anchor.c */
DESK_HANDLER(desk_trusted);
DESK_HANDLER(desk_trusted_preview);
DESK_HANDLER(desk_trusted_post);
DESK_HANDLER(desk_trusted_delete);
DESK_HANDLER(desk_trusted_download);
DESK_HANDLER(desk_parts);
DESK_HANDLER(desk_part_post);
DESK_HANDLER(desk_part_download);
/* desk_door.c */
DESK_HANDLER(desk_door_cert);
DESK_HANDLER(desk_door_download);
DESK_HANDLER(desk_door_make);
DESK_HANDLER(desk_door_csr);
DESK_HANDLER(desk_door_upload);

/* desk_group.c */
DESK_HANDLER(desk_groups);
DESK_HANDLER(desk_group_get);
DESK_HANDLER(desk_group_post);
DESK_HANDLER(desk_group_patch);
DESK_HANDLER(desk_group_delete);
DESK_HANDLER(desk_group_members_add);
DESK_HANDLER(desk_group_member_delete);
DESK_HANDLER(desk_group_members);
DESK_HANDLER(desk_group_filter);

/* ---- desk_form.c ---- */
struct mime_part;
struct form {
	struct arena *a;
	struct mime_part *part;
	size_t n;
};
int desk_form(struct request *r, struct form *f, struct err *e);
/* False when absent or empty. */
bool form_file(const struct form *f, const char *name, struct bytes *out);
int form_need_file(const struct form *f, const char *name, struct bytes *out,
	struct err *e);
/* *out stays as it is when the field is absent. */
int form_text(const struct form *f, const char *name, size_t max,
	const char **out, struct err *e);
/* DER or PEM, in the arena's care; NULL when absent. */
int form_cert(const struct form *f, const char *name, struct cert **out,
	struct err *e);
/* A row number in the path; FAULT_NOT_FOUND with the code. */
int desk_id(struct request *r, const char *segment, const char *code,
	int64_t *out, struct err *e);
/* NULL gives SQL null. */
struct db_arg desk_cert_arg(const struct cert *c);
/* One statement in its own transaction; no row changed: FAULT_NOT_FOUND with
   the code. */
int desk_run(struct center *ct, int query, const char *missing, struct err *e,
	struct db_arg one, struct db_arg two);

/* ---- desk_ca.c, desk_ocsp.c: what the configuration approves ---- */
int desk_approved(struct center *ct, struct arena *a, struct approved *out,
	struct err *e);
/* NULL with e set (which may be NULL) when there is none. */
const struct approved_ca *desk_ca_find(
	const struct approved *all, int64_t id, struct err *e);
const struct approved_intermediate *desk_intermediate_find(
	const struct approved *all, int64_t id, struct err *e);
/* FAULT_BAD_REQUEST invalid_url, validation_failure. NULL is refused. */
int desk_url_check(const char *s, struct err *e);
int desk_cost_check(const char *s, struct err *e);
/* Common name, else the whole subject. */
char *desk_cert_name(struct arena *a, const struct cert *c);
DESK_HANDLER(desk_cas);
DESK_HANDLER(desk_ca_get);
DESK_HANDLER(desk_ca_cert);
DESK_HANDLER(desk_ca_post);
DESK_HANDLER(desk_ca_patch);
DESK_HANDLER(desk_ca_delete);
DESK_HANDLER(desk_intermediates);
DESK_HANDLER(desk_intermediate_post);
DESK_HANDLER(desk_intermediate_get);
DESK_HANDLER(desk_intermediate_delete);
DESK_HANDLER(desk_ca_ocsps);
DESK_HANDLER(desk_ca_ocsp_post);
DESK_HANDLER(desk_intermediate_ocsps);
DESK_HANDLER(desk_intermediate_ocsp_post);
DESK_HANDLER(desk_ocsp_get);
DESK_HANDLER(desk_ocsp_cert);
DESK_HANDLER(desk_ocsp_patch);
DESK_HANDLER(desk_ocsp_delete);
DESK_HANDLER(desk_tsas);
DESK_HANDLER(desk_tsa_get);
DESK_HANDLER(desk_tsa_post);
DESK_HANDLER(desk_tsa_patch);
DESK_HANDLER(desk_tsa_delete);

/* desk_system.c */
DESK_HANDLER(desk_init_post);
DESK_HANDLER(desk_init_status);
DESK_HANDLER(desk_tokens);
DESK_HANDLER(desk_token_login);
DESK_HANDLER(desk_token_logout);
DESK_HANDLER(desk_system_cluster);
DESK_HANDLER(desk_system_status);
DESK_HANDLER(desk_system_version);
DESK_HANDLER(desk_system_address);
DESK_HANDLER(desk_approval_get);
DESK_HANDLER(desk_approval_put);
/* desk_member.c */
/* The member of the path, which must be of this instance. name may be NULL. */
int desk_member_of_path(struct request *r, struct db_conn *c,
	struct client_id *id, int64_t *row, char **name, struct err *e);
/* [{code, metadata}] when the code looks mistyped, else NULL. Advice only: a
   network may number its members otherwise. */
json_t *desk_code_warnings(const char *member_code);
/* Answers 400 warnings_detected; takes the reference. */
int desk_warn(struct request *r, json_t *warnings, struct err *e);
DESK_HANDLER(desk_classes);
DESK_HANDLER(desk_class_post);
DESK_HANDLER(desk_class_patch);
DESK_HANDLER(desk_class_delete);
DESK_HANDLER(desk_member_post);
DESK_HANDLER(desk_member_get);
DESK_HANDLER(desk_member_patch);
DESK_HANDLER(desk_member_delete);
/* desk_client.c */
DESK_HANDLER(desk_clients);
/* desk_subsystem.c */
DESK_HANDLER(desk_subsystems);
DESK_HANDLER(desk_subsystem_post);
DESK_HANDLER(desk_subsystem_patch);
DESK_HANDLER(desk_subsystem_delete);
DESK_HANDLER(desk_member_groups);
DESK_HANDLER(desk_member_owned);
DESK_HANDLER(desk_member_used);
/* desk_server.c */
enum servers_of { SERVERS_ALL, SERVERS_ONE, SERVERS_OWNED, SERVERS_USED };
enum { ID_SET_MAX = 4096 };
struct id_set {
	int64_t id[ID_SET_MAX];
	size_t n;
};
/* Adds servers: all, the one of a row, a member's own or used ones. */
int desk_servers_read(struct db_conn *c, struct arena *a, enum servers_of which,
	int64_t row, json_t *list, struct err *e);
/* Enters and approves a client's registration in one go, on the record. */
int desk_client_register(struct center *ct, struct arena *a,
	struct mgmt_request *m, struct err *e);
DESK_HANDLER(desk_servers);
DESK_HANDLER(desk_server_get);
DESK_HANDLER(desk_server_patch);
DESK_HANDLER(desk_server_delete);
DESK_HANDLER(desk_server_certs);
DESK_HANDLER(desk_server_cert_delete);
DESK_HANDLER(desk_server_clients);
DESK_HANDLER(desk_server_client_post);
DESK_HANDLER(desk_server_client_delete);
/* desk_provider.c */
DESK_HANDLER(desk_provider_get);
DESK_HANDLER(desk_provider_patch);
DESK_HANDLER(desk_provider_register);
/* desk_request.c */
DESK_HANDLER(desk_requests);
DESK_HANDLER(desk_request_post);
DESK_HANDLER(desk_request_get);
DESK_HANDLER(desk_request_delete);
DESK_HANDLER(desk_request_approve);
/* desk_conf.c */
json_t *desk_key_json(const struct config_key *k);
DESK_HANDLER(desk_anchor_get);
DESK_HANDLER(desk_anchor_download);
DESK_HANDLER(desk_anchor_create);
DESK_HANDLER(desk_download_url);
DESK_HANDLER(desk_keys);
DESK_HANDLER(desk_key_post);
DESK_HANDLER(desk_key_activate);
DESK_HANDLER(desk_key_delete);
/* desk_trust.c */
/* csr (PEM or base64), usage, member_id (SIGNING), security_server_id
   (AUTHENTICATION); borrows from the body. */
int desk_order_read(struct arena *a, const json_t *body, struct issue_order *o,
	struct err *e);
char *desk_cert_pem(struct arena *a, struct bytes der);
DESK_HANDLER(desk_trust_post);
DESK_HANDLER(desk_trust_get);
/* desk_setup.c */
DESK_HANDLER(desk_setup_get);
DESK_HANDLER(desk_cert_post);
DESK_HANDLER(desk_certs);
DESK_HANDLER(desk_cert_get);
DESK_HANDLER(desk_watched);
DESK_HANDLER(desk_cert_revoke);
/* desk_application.c */
DESK_HANDLER(desk_applications);
DESK_HANDLER(desk_application_post);
DESK_HANDLER(desk_application_get);
DESK_HANDLER(desk_application_put);
DESK_HANDLER(desk_application_approve);
DESK_HANDLER(desk_application_return);
DESK_HANDLER(desk_application_reject);
DESK_HANDLER(desk_application_withdraw);
DESK_HANDLER(desk_application_cert);
