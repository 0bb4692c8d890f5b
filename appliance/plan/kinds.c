/* SPDX-License-Identifier: MIT */
/*
 * What a declared state may say: one table per kind of thing, one row per
 * member, in the order in which an export writes them.
 */
#include "plan.h"

#include <string.h>

#define END                      \
 {                               \
  NULL, PLAN_TEXT, 0, NULL, NULL \
 }
#define CONNECTIONS "HTTP HTTPS HTTPS_NO_AUTH"
#define COSTS       "FREE PAID UNDEFINED"

/* clang-format off */
static const struct plan_field endpoint_fields[] = {
	{ "method", PLAN_WORD, PLAN_KEY | PLAN_NEED, "GET POST PUT DELETE HEAD OPTIONS PATCH TRACE *", NULL },
	{ "path", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "access", PLAN_TEXTS, 0, NULL, NULL },
	END
};
const struct plan_kind plan_endpoint = { "endpoint", "エンドポイント", endpoint_fields };

static const struct plan_field service_fields[] = {
	{ "code", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "url", PLAN_TEXT, 0, NULL, NULL },
	{ "timeout", PLAN_INT, 0, NULL, NULL },
	{ "ssl_auth", PLAN_BOOL, 0, NULL, NULL },
	/* changed before anybody is let in */
	{ "consent", PLAN_VALUE, PLAN_BLANK, NULL, NULL },
	{ "record", PLAN_VALUE, PLAN_BLANK, NULL, NULL },
	{ "access", PLAN_TEXTS, 0, NULL, NULL },
	{ "endpoints", PLAN_THINGS, 0, NULL, &plan_endpoint },
	END
};
const struct plan_kind plan_service = { "service", "サービス", service_fields };

static const struct plan_field description_fields[] = {
	{ "type", PLAN_WORD, PLAN_NEED | PLAN_ONCE, "REST OPENAPI3 WSDL", NULL },
	{ "code", PLAN_TEXT, PLAN_KEY, NULL, NULL },
	{ "url", PLAN_TEXT, PLAN_ELSE | PLAN_NEED, NULL, NULL },
	{ "enabled", PLAN_BOOL, 0, NULL, NULL },
	{ "services", PLAN_THINGS, 0, NULL, &plan_service },
	END
};
const struct plan_kind plan_description = { "service description", "サービス記述", description_fields };

static const struct plan_field local_group_fields[] = {
	{ "code", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "description", PLAN_TEXT, PLAN_NEED, NULL, NULL },
	{ "members", PLAN_TEXTS, 0, NULL, NULL },
	END
};
const struct plan_kind plan_local_group = { "local group", "ローカルグループ", local_group_fields };

static const struct plan_field client_fields[] = {
	{ "id", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "connection_type", PLAN_WORD, 0, CONNECTIONS, NULL },
	{ "registered", PLAN_BOOL, PLAN_END, NULL, NULL },
	{ "tls_certificates", PLAN_CERTS, 0, NULL, NULL },
	{ "local_groups", PLAN_THINGS, 0, NULL, &plan_local_group },
	{ "service_descriptions", PLAN_THINGS, 0, NULL, &plan_description },
	END
};
const struct plan_kind plan_client = { "client", "クライアント", client_fields };

static const struct plan_field key_fields[] = {
	{ "label", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "usage", PLAN_WORD, PLAN_KEY | PLAN_NEED, "SIGNING AUTHENTICATION", NULL },
	{ "member", PLAN_TEXT, PLAN_KEY, NULL, NULL },
	{ "ca", PLAN_TEXT, PLAN_HINT, NULL, NULL },
	{ "csr_format", PLAN_WORD, PLAN_HINT, "PEM DER", NULL },
	{ "csr_file", PLAN_TEXT, PLAN_HINT, NULL, NULL },
	{ "subject", PLAN_MAP, PLAN_HINT, NULL, NULL },
	{ "certificates", PLAN_CERTS, 0, NULL, NULL },
	{ "registered", PLAN_BOOL, PLAN_LAST, NULL, NULL },
	{ "active", PLAN_BOOL, PLAN_LAST, NULL, NULL },
	END
};
const struct plan_kind plan_key = { "key", "鍵", key_fields };

/* Mappings have the members of services.json (adapter/adapter_int.h). */
static const struct plan_field data_service_fields[] = {
	{ "name", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "enabled", PLAN_BOOL, 0, NULL, NULL },
	{ "definition", PLAN_VALUE, PLAN_NEED | PLAN_FILED, NULL, NULL },
	END
};
const struct plan_kind plan_data_service = { "data service", "データサービス", data_service_fields };

static const struct plan_field database_fields[] = {
	{ "id", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "connection", PLAN_VALUE, PLAN_NEED | PLAN_FILED, NULL, NULL },
	{ "password_env", PLAN_TEXT, PLAN_HINT, NULL, NULL },
	{ "password_file", PLAN_TEXT, PLAN_HINT, NULL, NULL },
	{ "data_services", PLAN_THINGS, 0, NULL, &plan_data_service },
	END
};
const struct plan_kind plan_database = { "database", "データベース", database_fields };

static const struct plan_field server_fields[] = {
	{ "machilink", PLAN_WORD, PLAN_NEED | PLAN_HINT, "server", NULL },
	{ "anchor", PLAN_FILE, 0, NULL, NULL },
	{ "owner", PLAN_TEXT, PLAN_ONCE, NULL, NULL },
	{ "server_code", PLAN_TEXT, PLAN_ONCE, NULL, NULL },
	{ "logged_in", PLAN_BOOL, 0, NULL, NULL },
	{ "pin_env", PLAN_TEXT, PLAN_HINT, NULL, NULL },
	{ "pin_file", PLAN_TEXT, PLAN_HINT, NULL, NULL },
	{ "timestamping_services", PLAN_TEXTS, 0, NULL, NULL },
	{ "registration_address", PLAN_TEXT, PLAN_HINT, NULL, NULL },
	/* a key can only be made for a member that is here */
	{ "clients", PLAN_THINGS, 0, NULL, &plan_client },
	{ "keys", PLAN_THINGS, 0, NULL, &plan_key },
	/* the adapter's, where it runs on this machine */
	{ "databases", PLAN_THINGS, 0, NULL, &plan_database },
	END
};
const struct plan_kind plan_server = { "server", "サーバ", server_fields };

/* ---- the center ---- */

static const struct plan_field class_fields[] = {
	{ "code", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "description", PLAN_TEXT, PLAN_NEED, NULL, NULL },
	END
};
const struct plan_kind plan_class = { "member class", "メンバークラス", class_fields };

static const struct plan_field subsystem_fields[] = {
	{ "code", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "name", PLAN_TEXT, 0, NULL, NULL },
	END
};
const struct plan_kind plan_subsystem = { "subsystem", "サブシステム", subsystem_fields };

static const struct plan_field member_fields[] = {
	{ "id", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "name", PLAN_TEXT, PLAN_NEED, NULL, NULL },
	{ "subsystems", PLAN_THINGS, 0, NULL, &plan_subsystem },
	END
};
const struct plan_kind plan_member = { "member", "メンバー", member_fields };

static const struct plan_field global_group_fields[] = {
	{ "code", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "description", PLAN_TEXT, PLAN_NEED, NULL, NULL },
	{ "members", PLAN_TEXTS, 0, NULL, NULL },
	END
};
const struct plan_kind plan_global_group = { "global group", "グローバルグループ", global_group_fields };

static const struct plan_field ocsp_fields[] = {
	{ "url", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "certificate", PLAN_CERT, PLAN_HINT, NULL, NULL },
	{ "cost_type", PLAN_WORD, 0, COSTS, NULL },
	END
};
const struct plan_kind plan_ocsp = { "OCSP responder", "OCSP レスポンダ", ocsp_fields };

static const struct plan_field intermediate_fields[] = {
	{ "certificate", PLAN_CERT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "ocsp_responders", PLAN_THINGS, 0, NULL, &plan_ocsp },
	END
};
const struct plan_kind plan_intermediate = { "intermediate CA", "中間認証局", intermediate_fields };

static const struct plan_field ca_fields[] = {
	{ "certificate", PLAN_CERT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "certificate_profile_info", PLAN_TEXT, PLAN_NEED, NULL, NULL },
	{ "tls_auth", PLAN_BOOL, 0, NULL, NULL },
	{ "default_csr_format", PLAN_WORD, 0, "PEM DER", NULL },
	{ "ocsp_responders", PLAN_THINGS, 0, NULL, &plan_ocsp },
	{ "intermediate_cas", PLAN_THINGS, 0, NULL, &plan_intermediate },
	END
};
const struct plan_kind plan_ca = { "certification service", "認証局", ca_fields };

static const struct plan_field tsa_fields[] = {
	{ "url", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "certificate", PLAN_CERT, PLAN_NEED, NULL, NULL },
	{ "cost_type", PLAN_WORD, 0, COSTS, NULL },
	END
};
const struct plan_kind plan_tsa = { "time-stamping service", "タイムスタンプ局", tsa_fields };

static const struct plan_field registered_fields[] = {
	{ "id", PLAN_TEXT, PLAN_KEY | PLAN_NEED, NULL, NULL },
	{ "address", PLAN_TEXT, 0, NULL, NULL },
	{ "clients", PLAN_TEXTS, 0, NULL, NULL },
	END
};
const struct plan_kind plan_registered = { "security server", "セキュリティサーバ", registered_fields };

static const struct plan_field center_fields[] = {
	{ "machilink", PLAN_WORD, PLAN_NEED | PLAN_HINT, "center", NULL },
	{ "instance", PLAN_TEXT, PLAN_ONCE, NULL, NULL },
	{ "address", PLAN_TEXT, 0, NULL, NULL },
	{ "logged_in", PLAN_BOOL, 0, NULL, NULL },
	{ "pin_env", PLAN_TEXT, PLAN_HINT, NULL, NULL },
	{ "pin_file", PLAN_TEXT, PLAN_HINT, NULL, NULL },
	{ "own_trust_services", PLAN_TEXT, PLAN_ONCE, NULL, NULL },
	{ "certification_services", PLAN_THINGS, 0, NULL, &plan_ca },
	{ "timestamping_services", PLAN_THINGS, 0, NULL, &plan_tsa },
	{ "member_classes", PLAN_THINGS, 0, NULL, &plan_class },
	{ "members", PLAN_THINGS, 0, NULL, &plan_member },
	{ "management_provider", PLAN_TEXT, PLAN_LAST, NULL, NULL },
	{ "signing_keys", PLAN_TEXTS, 0, "INTERNAL EXTERNAL", NULL },
	{ "automatic_approval", PLAN_TEXTS, 0, "authentication_certificates clients owner_changes", NULL },
	{ "security_servers", PLAN_THINGS, 0, NULL, &plan_registered },
	{ "management_server", PLAN_TEXT, PLAN_LAST, NULL, NULL },
	{ "global_groups", PLAN_THINGS, 0, NULL, &plan_global_group },
	END
};
const struct plan_kind plan_center = { "center", "センター", center_fields };
/* clang-format on */

const struct plan_field *
plan_field_of(const struct plan_kind *k, const char *name)
{
	for (const struct plan_field *f = k->field; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}
