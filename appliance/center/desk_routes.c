/* SPDX-License-Identifier: MIT */
/*
 * The desk as rows: paths below /api/v1, as X-Road's central server has them,
 * ours below /machilink; who may call them: interop/xroad-center-admin.md 6.5.
 */
#include "desk_int.h"

#include "http_server.h"
#include "role.h"

/* clang-format off */
#define GET(path, who, fn) { "GET", path, 0, who, fn }
#define PUT(path, who, fn) { "PUT", path, ADMIN_BODY_MAX, who, fn }
#define POST(path, who, fn) { "POST", path, ADMIN_BODY_MAX, who, fn }
#define PATCH(path, who, fn) { "PATCH", path, ADMIN_BODY_MAX, who, fn }
/* a form with a file */
#define FORM(path, who, fn) { "POST", path, ADMIN_UPLOAD_MAX, who, fn }
#define PATCH_FORM(path, who, fn) { "PATCH", path, ADMIN_UPLOAD_MAX, who, fn }
#define DELETE(path, who, fn) { "DELETE", path, 0, who, fn }
#define SETUP (ADMIN_SO | ADMIN_SYS)

const struct route center_admin_routes[] = {
	POST("/initialization", SETUP, desk_init_post),
	GET("/initialization/status", ADMIN_ANY, desk_init_status),
	GET("/tokens", SETUP, desk_tokens),
	PUT("/tokens/{token_id}/login", SETUP, desk_token_login),
	PUT("/tokens/{token_id}/logout", SETUP, desk_token_logout),
	GET("/system/status", ADMIN_ANY, desk_system_status),
	GET("/system/version", ADMIN_ANY, desk_system_version),
	GET("/system/high-availability-cluster/status", ADMIN_ANY, desk_system_cluster),
	PUT("/system/server-address", ADMIN_SO, desk_system_address),

	GET("/member-classes", ADMIN_ANY, desk_classes),
	POST("/member-classes", ADMIN_SO, desk_class_post),
	PATCH("/member-classes/{code}", ADMIN_SO, desk_class_patch),
	DELETE("/member-classes/{code}", ADMIN_SO, desk_class_delete),
	POST("/members", ADMIN_RO, desk_member_post),
	GET("/members/{member_id}", ADMIN_ANY, desk_member_get),
	PATCH("/members/{member_id}", ADMIN_RO, desk_member_patch),
	DELETE("/members/{member_id}", ADMIN_RO, desk_member_delete),
	GET("/members/{member_id}/subsystems", ADMIN_ANY, desk_subsystems),
	GET("/members/{member_id}/global-groups", ADMIN_ANY, desk_member_groups),
	GET("/members/{member_id}/owned-servers", ADMIN_ANY, desk_member_owned),
	GET("/members/{member_id}/used-servers", ADMIN_ANY, desk_member_used),
	DELETE("/members/{client_id}/servers/{server_id}", ADMIN_RO, desk_server_client_delete),
	POST("/subsystems", ADMIN_RO, desk_subsystem_post),
	PATCH("/subsystems/{client_id}", ADMIN_RO, desk_subsystem_patch),
	DELETE("/subsystems/{client_id}", ADMIN_RO, desk_subsystem_delete),
	DELETE("/subsystems/{client_id}/servers/{server_id}", ADMIN_RO, desk_server_client_delete),
	GET("/clients", ADMIN_ANY, desk_clients),

	GET("/global-groups", ADMIN_ANY, desk_groups),
	POST("/global-groups", ADMIN_RO, desk_group_post),
	GET("/global-groups/{code}", ADMIN_ANY, desk_group_get),
	PATCH("/global-groups/{code}", ADMIN_RO, desk_group_patch),
	DELETE("/global-groups/{code}", ADMIN_RO, desk_group_delete),
	GET("/global-groups/{code}/members/filter-model", ADMIN_ANY, desk_group_filter),
	POST("/global-groups/{code}/members/add", ADMIN_RO, desk_group_members_add),
	POST("/global-groups/{code}/members", ADMIN_ANY, desk_group_members),
	DELETE("/global-groups/{code}/members/{client_id}", ADMIN_RO, desk_group_member_delete),

	GET("/security-servers", ADMIN_ANY, desk_servers),
	GET("/security-servers/{server_id}", ADMIN_ANY, desk_server_get),
	PATCH("/security-servers/{server_id}", ADMIN_RO, desk_server_patch),
	DELETE("/security-servers/{server_id}", ADMIN_RO, desk_server_delete),
	GET("/security-servers/{server_id}/authentication-certificates", ADMIN_ANY, desk_server_certs),
	DELETE("/security-servers/{server_id}/authentication-certificates/{certificate_id}", ADMIN_RO, desk_server_cert_delete),
	GET("/security-servers/{server_id}/clients", ADMIN_ANY, desk_server_clients),
	POST("/security-servers/{server_id}/clients", ADMIN_RO, desk_server_client_post),
	DELETE("/security-servers/{server_id}/clients/{client_id}", ADMIN_RO, desk_server_client_delete),
	GET("/management-services-configuration", ADMIN_ANY, desk_provider_get),
	PATCH("/management-services-configuration", SETUP, desk_provider_patch),
	POST("/management-services-configuration/register-provider", SETUP, desk_provider_register),

	GET("/management-services-configuration/certificate", ADMIN_ANY, desk_door_cert),
	POST("/management-services-configuration/certificate", ADMIN_SO, desk_door_make),
	GET("/management-services-configuration/download-certificate", ADMIN_ANY, desk_door_download),
	POST("/management-services-configuration/generate-csr", ADMIN_SO, desk_door_csr),
	FORM("/management-services-configuration/upload-certificate", ADMIN_SO, desk_door_upload),

	GET("/management-requests", ADMIN_ANY, desk_requests),
	POST("/management-requests", ADMIN_RO, desk_request_post),
	GET("/management-requests/{id}", ADMIN_ANY, desk_request_get),
	DELETE("/management-requests/{id}", ADMIN_RO, desk_request_delete),
	POST("/management-requests/{id}/approval", ADMIN_RO, desk_request_approve),

	GET("/configuration-sources/{type}/anchor", ADMIN_ANY, desk_anchor_get),
	GET("/configuration-sources/{type}/anchor/download", ADMIN_ANY, desk_anchor_download),
	PUT("/configuration-sources/{type}/anchor/re-create", ADMIN_SO, desk_anchor_create),
	GET("/configuration-sources/{type}/download-url", ADMIN_ANY, desk_download_url),
	GET("/configuration-sources/{type}/signing-keys", ADMIN_ANY, desk_keys),
	POST("/configuration-sources/{type}/signing-keys", ADMIN_SO, desk_key_post),
	GET("/configuration-sources/{type}/configuration-parts", ADMIN_ANY, desk_parts),
	FORM("/configuration-sources/{type}/configuration-parts", SETUP, desk_part_post),
	GET("/configuration-sources/{type}/configuration-parts/{identifier}/{version}/download", ADMIN_ANY, desk_part_download),
	GET("/trusted-anchors", ADMIN_ANY, desk_trusted),
	FORM("/trusted-anchors", ADMIN_SO, desk_trusted_post),
	FORM("/trusted-anchors/preview", ADMIN_SO, desk_trusted_preview),
	DELETE("/trusted-anchors/{hash}", ADMIN_SO, desk_trusted_delete),
	GET("/trusted-anchors/{hash}/download", ADMIN_ANY, desk_trusted_download),
	PUT("/signing-keys/{id}/activate", ADMIN_SO, desk_key_activate),
	DELETE("/signing-keys/{id}", ADMIN_SO, desk_key_delete),

	GET("/certification-services", ADMIN_ANY, desk_cas),
	FORM("/certification-services", ADMIN_SYS, desk_ca_post),
	GET("/certification-services/{id}", ADMIN_ANY, desk_ca_get),
	PATCH("/certification-services/{id}", ADMIN_SYS, desk_ca_patch),
	DELETE("/certification-services/{id}", ADMIN_SYS, desk_ca_delete),
	GET("/certification-services/{id}/certificate", ADMIN_ANY, desk_ca_cert),
	GET("/certification-services/{id}/intermediate-cas", ADMIN_ANY, desk_intermediates),
	FORM("/certification-services/{id}/intermediate-cas", ADMIN_SYS, desk_intermediate_post),
	GET("/certification-services/{id}/ocsp-responders", ADMIN_ANY, desk_ca_ocsps),
	FORM("/certification-services/{id}/ocsp-responders", ADMIN_SYS, desk_ca_ocsp_post),
	GET("/intermediate-cas/{id}", ADMIN_ANY, desk_intermediate_get),
	DELETE("/intermediate-cas/{id}", ADMIN_SYS, desk_intermediate_delete),
	GET("/intermediate-cas/{id}/ocsp-responders", ADMIN_ANY, desk_intermediate_ocsps),
	FORM("/intermediate-cas/{id}/ocsp-responders", ADMIN_SYS, desk_intermediate_ocsp_post),
	DELETE("/intermediate-cas/{id}/ocsp-responders/{ocsp_id}", ADMIN_SYS, desk_ocsp_delete),
	GET("/ocsp-responders/{ocsp_id}", ADMIN_ANY, desk_ocsp_get),
	PATCH_FORM("/ocsp-responders/{ocsp_id}", ADMIN_SYS, desk_ocsp_patch),
	DELETE("/ocsp-responders/{ocsp_id}", ADMIN_SYS, desk_ocsp_delete),
	GET("/ocsp-responders/{ocsp_id}/certificate", ADMIN_ANY, desk_ocsp_cert),
	GET("/timestamping-services", ADMIN_ANY, desk_tsas),
	FORM("/timestamping-services", ADMIN_SYS, desk_tsa_post),
	GET("/timestamping-services/{id}", ADMIN_ANY, desk_tsa_get),
	PATCH_FORM("/timestamping-services/{id}", ADMIN_SYS, desk_tsa_patch),
	DELETE("/timestamping-services/{id}", ADMIN_SYS, desk_tsa_delete),

	GET("/machilink/automatic-approval", ADMIN_ANY, desk_approval_get),
	PUT("/machilink/automatic-approval", SETUP, desk_approval_put),
	GET("/machilink/setup/center", ADMIN_ANY, desk_setup_get),
	GET("/machilink/trust-services", ADMIN_ANY, desk_trust_get),
	POST("/machilink/trust-services", ADMIN_SYS, desk_trust_post),
	GET("/machilink/certificates", ADMIN_ANY, desk_certs),
	GET("/machilink/watched-certificates", ADMIN_ANY, desk_watched),
	POST("/machilink/certificates", ADMIN_RO | ADMIN_SYS, desk_cert_post),
	GET("/machilink/certificates/{serial}", ADMIN_ANY, desk_cert_get),
	POST("/machilink/certificates/{serial}/revocation", ADMIN_RO | ADMIN_SYS, desk_cert_revoke),
	GET("/machilink/applications", ADMIN_ANY, desk_applications),
	POST("/machilink/applications", ADMIN_RO | ADMIN_SYS, desk_application_post),
	GET("/machilink/applications/{id}", ADMIN_ANY, desk_application_get),
	PUT("/machilink/applications/{id}", ADMIN_RO | ADMIN_SYS, desk_application_put),
	POST("/machilink/applications/{id}/approval", ADMIN_RO | ADMIN_SYS, desk_application_approve),
	POST("/machilink/applications/{id}/return", ADMIN_RO | ADMIN_SYS, desk_application_return),
	POST("/machilink/applications/{id}/rejection", ADMIN_RO | ADMIN_SYS, desk_application_reject),
	POST("/machilink/applications/{id}/withdrawal", ADMIN_RO | ADMIN_SYS, desk_application_withdraw),
	GET("/machilink/applications/{id}/certificate", ADMIN_ANY, desk_application_cert),

	{ 0 },
};
/* clang-format on */
