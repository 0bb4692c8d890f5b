/* SPDX-License-Identifier: MIT */
/*
 * The security server's administration interface: X-Road's own paths, shapes
 * and error codes (interop/xroad-center-admin.md section 5), mounted by the
 * dashboard below /api/v1. Handlers' state is the struct server. A handler
 * answers refusals with codes of their own itself (admin_refuse); what it
 * returns as -1 is written by the dashboard with the fault's code.
 */
#pragma once

#ifndef IN_SERVER
# error "admin_int.h is private to appliance/server"
#endif

#include "certstate_int.h"
#include "db.h"
#include "description_int.h"
#include "http_server.h"
#include "json_io.h"
#include "role.h"

enum {
	ADMIN_BODY_MAX = 64 * 1024,
	ADMIN_UPLOAD_MAX = 10 * 1024 * 1024,
	ADMIN_TEXT_MAX = 255,
	ADMIN_URL_MAX = 2048,
};

#define HANDLER(name) int name(struct request *r, void *state, struct err *e)

/* ---- admin.c: replies and identifiers ---- */
/* Takes the reference. */
int admin_reply(struct request *r, int status, json_t *j, struct err *e);
/* Replies with what is read: for answers that the diagnostics report holds
   too. */
#define READER(name) \
 int name(struct request *r, struct server *s, json_t **out, struct err *e)
int admin_reply_read(
	struct request *r, struct server *s, READER((*read)), struct err *e);
READER(admin_globalconf_state);
READER(admin_tsas_state);
READER(admin_ocsp_state);
READER(admin_version_state);
READER(admin_maintenance_state);
int admin_empty(struct request *r, int status, struct err *e);
/* {"status","error":{"code","metadata"}}; metadata NULL or NULL-ended. */
int admin_refuse(struct request *r, int status, const char *code,
	const char *const *metadata, struct err *e);
/* 400 warnings_detected with one warning. */
int admin_warn(
	struct request *r, const char *code, const char *about, struct err *e);
/* The same about a member that the network does not know: a second warning,
   member_code_check_digit, when its code looks mistyped (publicid.h). */
int admin_warn_member(struct request *r, const char *code,
	const struct client_id *id, struct err *e);
/* Refuses with the text of an error as metadata. */
int admin_refuse_why(struct request *r, int status, const char *code,
	const struct err *why, struct err *e);
/* The body's own bytes are wiped: they may hold a PIN. */
int admin_body(struct request *r, json_t **out, struct err *e);
/* Wipes a PIN inside a JSON value that nobody reads any more; NULL is fine. */
void admin_wipe(const char *secret);
void json_put_time(json_t *j, const char *key, int64_t ms);

/* "INST:CLASS:CODE[:SUB]". */
char *admin_client_id(struct arena *a, const struct client_id *id);
char *admin_service_id(struct arena *a, const struct m_service *v);
int admin_client_parse(
	struct arena *a, const char *s, struct client_id *out, struct err *e);
/* The path's client: 0, or -1 (FAULT_NOT_FOUND). */
int admin_client(struct request *r, struct server *s, const char *segment,
	const struct model **m, const struct m_client **out, struct err *e);
/* "INST:CLASS:CODE:SUB:code[.version]". */
int admin_service(struct request *r, struct server *s, const struct model **m,
	const struct m_service **out, struct err *e);
/* A row number in the path. */
int admin_row(
	struct request *r, const char *segment, int64_t *out, struct err *e);
/* The member's name by the global configuration, or NULL. */
const char *admin_member_name(
	const struct globalconf *g, const struct client_id *id);
const char *admin_subsystem_name(
	const struct globalconf *g, const struct client_id *id);
/* The newest global configuration, valid or not, until the request ends; NULL
   when there is none. */
const struct globalconf *admin_globalconf(struct request *r, struct server *s);
/* One statement in its own connection: rows changed, or -1. */
#define admin_run(s, q, e, ...) \
 admin_run_args(                \
	 (s), (q), (e), (const struct db_arg[DB_ARGS_MAX + 1]){ __VA_ARGS__ })

int64_t admin_run_args(
	struct server *s, int query, struct err *e, const struct db_arg *arg);

/* FAULT_FORBIDDEN unless the caller has one of the roles: for what a row
   cannot know. The second: by what the key or certificate is for (4.1). */
int admin_may(struct request *r, unsigned roles, struct err *e);
int admin_may_use(struct request *r, enum key_usage_type usage, struct err *e);

/* ---- admin_action.c: what may be done with a thing in its state ---- */
enum admin_action {
	ACT_DELETE = 1 << 0,
	ACT_ACTIVATE = 1 << 1,
	ACT_DISABLE = 1 << 2,
	ACT_LOGIN = 1 << 3,
	ACT_LOGOUT = 1 << 4,
	ACT_REGISTER = 1 << 5,
	ACT_UNREGISTER = 1 << 6,
	ACT_GENERATE_KEY = 1 << 7,
	ACT_EDIT_NAME = 1 << 8,
	ACT_AUTH_CSR = 1 << 9,
	ACT_SIGN_CSR = 1 << 10,
	ACT_CHANGE_PIN = 1 << 11,
	ACT_IMPORT = 1 << 12,
};
/* There and logged in. */
bool admin_token_active(struct server *s, const char *token);
/* Masks of enum admin_action. A token that is not there can be forgotten. */
unsigned admin_token_actions(const char *token, bool there, bool active);
unsigned admin_key_actions(
	const struct key_model *m, const struct k_key *k, bool active);
unsigned admin_cert_actions(const struct k_cert *c);
json_t *admin_actions_json(unsigned mask);
/* 0, or 1 when 409 action_not_possible has been answered, -1. */
int admin_act(struct request *r, unsigned possible, enum admin_action wanted,
	struct err *e);
HANDLER(admin_diag_opdata);
HANDLER(admin_key_actions_get);
HANDLER(admin_csr_actions_get);
HANDLER(admin_cert_actions_get);

/* ---- admin_certjson.c, admin_token.c ---- */
/* Key usages, hash, names ... of any certificate. */
json_t *admin_cert_details(struct arena *a, const struct cert *c);
json_t *admin_cert_json(
	struct request *r, struct server *s, const struct k_cert *c);
json_t *admin_key_json(struct request *r, struct server *s,
	const struct key_model *m, const struct k_key *k, bool active);
/* The token of the path, with its actions: 0; 1 when 404 has been answered,
   -1. A token that is not there has keys in the model. */
struct admin_token {
	const char *id, *name;
	struct signer *signer;         /* NULL: not there */
	const struct token_info *info; /* NULL: the software token */
	const struct key_model *m;
	struct signer_state state;
	unsigned actions;
};
int admin_token(struct request *r, struct server *s, struct admin_token *out,
	struct err *e);
/* GOOD, REVOKED, UNKNOWN ... as CertificateOcspStatus. */
const char *admin_ocsp_word(
	struct request *r, struct server *s, const struct k_cert *c);

/* ---- admin_csr.c ---- */
struct admin_csr {
	enum key_usage_type usage;
	const struct gc_approved_ca *ca;
	bool has_member;
	struct client_id member;
	json_t *values; /* subject_field_values */
	bool der;       /* csr_format */
	bool acme;      /* the certificate is ordered at once */
};
const struct gc_approved_ca *admin_ca_by_name(
	const struct globalconf *g, const char *name);
/* Orders the certificate if that was asked for: 0, or -1 and what to answer. */
struct admin_refusal {
	int status;
	const char *code;
	struct err why;
};
int admin_csr_order(struct server *s, struct arena *a, const char *key_id,
	const char *csr_id, const struct admin_csr *c,
	struct admin_refusal *no);
/* 1 when the refusal has been answered. */
int admin_csr_read(struct request *r, struct server *s, json_t *body,
	struct admin_csr *out, struct err *e);
int admin_csr_make(struct request *r, struct server *s, const char *key_id,
	const struct admin_csr *c, char **csr_id, struct err *e);

/* ---- admin_describe.c: what a description says when it is read now ---- */
struct described {
	/* filled by the caller */
	const struct m_client *client;
	enum service_kind kind;
	const char *url;
	const char *code; /* REST, OPENAPI3 */
	int64_t ignore;   /* row of the description that is read anew, or 0 */
	int invalid;      /* HTTP status of a WSDL that cannot be read */
	/* what was found; REST and OPENAPI3 are one service */
	struct wsdl_service *service;
	size_t services;
	struct openapi_op *op; /* OPENAPI3 */
	size_t ops;
	json_t *warnings; /* [{code, metadata}] */
};
/* Fetches, reads and checks against what is there already: 0; 1 when a refusal
   has been answered; -1. */
int describe(struct request *r, struct server *s, const struct model *m,
	struct described *d, struct err *e);
bool service_url_ok(const char *s);
/* "code.version" or "code". */
const char *service_full_code(
	struct arena *a, const char *code, const char *version);
/* One warning; the metadata array's reference is taken. */
void warning_add(json_t *warnings, const char *code, json_t *metadata);
/* 0 when there is none, or they are to be ignored; else as describe(). */
int warnings_refuse(
	struct request *r, json_t *warnings, bool ignore, struct err *e);

/* ---- handlers, by file ---- */
/* admin_system.c */
HANDLER(admin_anchor_get);
HANDLER(admin_anchor_post);
HANDLER(admin_anchor_put);
HANDLER(admin_anchor_download);
HANDLER(admin_tsas_get);
HANDLER(admin_tsas_post);
HANDLER(admin_tsas_delete);
HANDLER(admin_approved_tsas);
HANDLER(admin_version);
/* admin_internal.c */
HANDLER(admin_internal_get);
HANDLER(admin_internal_export);
HANDLER(admin_internal_post);
HANDLER(admin_internal_csr);
HANDLER(admin_internal_import);
HANDLER(admin_servers);
HANDLER(admin_member_classes);
HANDLER(admin_member_names);
/* address may be NULL */
json_t *admin_server_json(
	struct arena *a, const struct server_id *id, const char *address);
/* {"hash", "created_at"} */
json_t *admin_anchor_json(
	struct arena *a, struct bytes xml, const struct gc_anchor *anchor);
/* admin_network.c */
HANDLER(admin_server_get);
HANDLER(admin_instance_classes);
HANDLER(admin_instances);
HANDLER(admin_node_type);
HANDLER(admin_tsa_strategy);
HANDLER(admin_ocsp_strategy);
HANDLER(admin_anchor_preview);
/* admin_setup.c */
HANDLER(admin_setup_get);
HANDLER(admin_setup_check);
HANDLER(admin_setup_exchange);
/* admin_init.c */
HANDLER(admin_init_status);
HANDLER(admin_init_post);
/* admin_token.c */
HANDLER(admin_tokens_get);
HANDLER(admin_token_get);
HANDLER(admin_token_login);
HANDLER(admin_token_logout);
HANDLER(admin_keys_post);
HANDLER(admin_keys_with_csrs);
HANDLER(admin_key_get);
/* admin_pin.c */
HANDLER(admin_token_pin);
HANDLER(admin_token_patch);
HANDLER(admin_token_delete);
/* A new PIN against the policy, if it is enforced: 0, 1 refused, -1. */
int admin_pin_check(
	struct request *r, struct server *s, const char *pin, struct err *e);
/* admin_key.c */
HANDLER(admin_key_patch);
HANDLER(admin_key_delete);
HANDLER(admin_csr_delete);
HANDLER(admin_cert_delete);
HANDLER(admin_cert_of_token);
/* The key with its requests and certificates, here and in the signer, or
   nothing at all. */
int admin_key_remove(struct server *s, const char *id, struct err *e);
/* admin_mail.c */
HANDLER(admin_mail_status);
HANDLER(admin_mail_test);
HANDLER(admin_expiry);
/* admin_acme.c */
HANDLER(admin_acme_binding);
HANDLER(admin_acme_order);
/* Orders the certificate of a request and imports it. With refusal set when
   the certificate is not fit. */
struct import;
int admin_acme_fetch(struct server *s, struct arena *a, const struct k_csr *x,
	const struct gc_approved_ca *ca, struct import *in, struct err *e);
/* admin_csr.c */
HANDLER(admin_key_csr_post);
HANDLER(admin_csr_get);
HANDLER(admin_cas_get);
HANDLER(admin_csr_fields);
/* admin_cert.c */
HANDLER(admin_cert_import);
HANDLER(admin_cert_get);
HANDLER(admin_cert_activate);
HANDLER(admin_cert_disable);
/* admin_register.c */
HANDLER(admin_cert_register);
HANDLER(admin_cert_unregister);
HANDLER(admin_cert_mark);
/* FAULT_BAD_REQUEST unless it may be a host name or address. */
int admin_address_check(const char *s, struct err *e);
/* admin_client_state.c */
HANDLER(admin_client_register);
HANDLER(admin_client_unregister);
HANDLER(admin_client_disable);
HANDLER(admin_client_enable);
HANDLER(admin_client_rename);
HANDLER(admin_client_make_owner);
/* admin_maintenance.c */
HANDLER(admin_address_get);
HANDLER(admin_address_put);
HANDLER(admin_maintenance_get);
HANDLER(admin_maintenance_enable);
HANDLER(admin_maintenance_disable);
/* admin_client.c */
HANDLER(admin_clients_get);
HANDLER(admin_clients_post);
HANDLER(admin_client_get);
HANDLER(admin_client_put);
HANDLER(admin_client_certs_get);
HANDLER(admin_client_certs_post);
HANDLER(admin_client_cert_delete);
HANDLER(admin_client_cert_get);
/* admin_client_end.c */
HANDLER(admin_client_delete);
HANDLER(admin_orphans_get);
HANDLER(admin_orphans_delete);
HANDLER(admin_client_servers);
HANDLER(admin_client_sign_certs);
/* admin_description.c */
HANDLER(admin_descriptions_get);
HANDLER(admin_descriptions_post);
HANDLER(admin_description_get);
HANDLER(admin_description_services);
HANDLER(admin_description_enable);
HANDLER(admin_description_disable);
HANDLER(admin_description_delete);
const struct m_description *admin_description(
	const struct model *m, int64_t row);
json_t *admin_description_json(
	struct arena *a, const struct model *m, const struct m_description *d);
/* admin_update.c */
HANDLER(admin_description_patch);
HANDLER(admin_description_refresh);
/* admin_service.c */
HANDLER(admin_service_get);
HANDLER(admin_service_patch);
json_t *admin_service_json(
	struct arena *a, const struct model *m, const struct m_service *v);
/* admin_consent.c */
HANDLER(admin_rules_get);
HANDLER(admin_consent_get);
HANDLER(admin_consent_put);
HANDLER(admin_consent_delete);
HANDLER(admin_record_get);
HANDLER(admin_record_put);
HANDLER(admin_record_delete);
/* admin_endpoint.c */
HANDLER(admin_endpoints_post);
HANDLER(admin_endpoint_get);
HANDLER(admin_endpoint_patch);
HANDLER(admin_endpoint_delete);
json_t *admin_endpoint_json(struct arena *a, const struct m_endpoint *p);
/* admin_access.c */
struct admin_subject {
	enum subject_kind kind;
	const char *stored; /* as the database keeps it */
};
/* Who an id of the interface means; type may be NULL: told by its form.
   0; 1: there is no such subject; -1: that is no id. */
int admin_subject(struct request *r, struct server *s, const struct model *m,
	const struct m_client *provider, const char *id, const char *type,
	struct admin_subject *out);
/* As ServiceClient; given_at 0: without rights_given_at. */
json_t *admin_right_json(
	struct request *r, struct server *s, const struct m_right *x);
HANDLER(admin_service_clients_get);
HANDLER(admin_service_clients_post);
HANDLER(admin_service_clients_delete);
HANDLER(admin_endpoint_clients_get);
HANDLER(admin_endpoint_clients_post);
HANDLER(admin_endpoint_clients_delete);
/* admin_client_access.c */
HANDLER(admin_client_subjects);
HANDLER(admin_client_subject);
HANDLER(admin_client_rights_get);
HANDLER(admin_client_rights_post);
HANDLER(admin_client_rights_delete);
HANDLER(admin_client_candidates);
/* admin_group.c */
HANDLER(admin_groups_get);
HANDLER(admin_groups_post);
HANDLER(admin_group_members_post);
HANDLER(admin_group_get);
HANDLER(admin_group_patch);
HANDLER(admin_group_delete);
HANDLER(admin_group_members_delete);
/* admin_diag.c */
HANDLER(admin_diag_globalconf);
HANDLER(admin_diag_tsas);
HANDLER(admin_diag_ocsp);
/* admin_diag_state.c */
HANDLER(admin_diag_addons);
HANDLER(admin_diag_log_encryption);
HANDLER(admin_diag_memory);
HANDLER(admin_diag_sources);
HANDLER(admin_diag_registration);
HANDLER(admin_diag_backup_encryption);
/* {"status_class", "error"} of a connection that was tried. */
json_t *admin_link_json(const struct err *why);
/* admin_report.c */
HANDLER(admin_diag_report);
/* admin_diag_peer.c */
HANDLER(admin_diag_peer);
