/* SPDX-License-Identifier: MIT */
/*
 * Administration: diagnostics of what is switched on, of memory, and of
 * connections that are tried when they are asked about: the sources of the
 * global configuration, the registration service, another security server.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin_int.h"
#include "confclient_int.h"
#include "err.h"
#include "http_client.h"
#include "mem.h"
#include "messagelog_int.h"
#include "mgmt_send_int.h"
#include "param.h"
#include "text.h"

int
admin_diag_addons(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	json_t *j = json_object();

	json_put_bool(j, "messagelog_enabled", s->log != NULL);
	json_put_bool(j, "opmonitoring_enabled", s->monitor != NULL);
	return admin_reply(r, 200, j, e);
}

/* Backups are always sealed, with no keys by name (backup.h). */
int
admin_diag_backup_encryption(struct request *r, void *state, struct err *e)
{
	json_t *j = json_object();

	(void)state;
	json_put_bool(j, "backup_encryption_status", true);
	json_put_new(j, "backup_encryption_keys", json_array());
	return admin_reply(r, 200, j, e);
}

/* Archives are not encrypted, so no member has keys for them. */
int
admin_diag_log_encryption(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	json_t *j = json_object();

	json_put_bool(j, "message_log_archive_encryption_status", false);
	json_put_bool(j, "message_log_database_encryption_status",
		conf_bool(s->conf, P_ML_ENCRYPT));
	json_put_str(j, "message_log_grouping_rule",
		conf_text(s->conf, P_ML_ARCHIVE_GROUPING));
	json_put_new(j, "members", json_array());
	return admin_reply(r, 200, j, e);
}

/* Pages that the process has in memory; -1 unknown. */
static int64_t
resident_pages(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long long size, resident = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%lld %lld", &size, &resident) != 2)
		resident = -1;
	fclose(f);
	return resident;
}

/* A program without a heap of fixed size: the most it can have is the
   machine's memory, and it has no more than it uses. */
int
admin_diag_memory(struct request *r, void *state, struct err *e)
{
	int64_t page = sysconf(_SC_PAGESIZE), all = sysconf(_SC_PHYS_PAGES);
	int64_t used = resident_pages();
	json_t *j;

	(void)state;
	if (page <= 0 || all <= 0 || used < 0)
		return fail(e, FAULT_INTERNAL,
			"this system does not tell memory usage");
	j = json_object();
	json_put_int(j, "max_memory", all * page);
	json_put_int(j, "total_memory", used * page);
	json_put_int(j, "used_memory", used * page);
	json_put_int(j, "usage_percent", used * 100 / all);
	json_put_bool(j, "is_used_over_threshold", false);
	return admin_reply(r, 200, j, e);
}

/* ---- connections ---- */

json_t *
admin_link_json(const struct err *why)
{
	json_t *j = json_object(), *x, *meta;

	json_put_str(j, "status_class", err_set(why) ? "FAIL" : "OK");
	if (!err_set(why)) {
		json_put_str(j, "error", NULL);
		return j;
	}
	x = json_object();
	meta = json_array();
	json_array_append_new(meta, json_text_new(why->text));
	json_put_str(x, "code",
		why->foreign && *why->code ? why->code
					   : fault_code(why->fault));
	json_put_new(x, "metadata", meta);
	json_put_new(j, "error", x);
	return j;
}

int
admin_diag_sources(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	struct confclient_link *link;
	size_t n;
	json_t *list;

	if (confclient_links(s->confclient, a, &link, &n, e))
		return -1;
	list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *j = json_object();
		json_put_str(j, "download_url", link[i].url);
		json_put_new(j, "connection_status",
			admin_link_json(&link[i].error));
		json_array_append_new(list, j);
	}
	return admin_reply(r, 200, list, e);
}

/* The certificate a registration would be about: one that waits for it, else
   one that has it. */
static const struct k_cert *
auth_cert(const struct key_model *m)
{
	static const char *const want[] = { "SAVED", "REGISTERED",
		"REGISTRATION_IN_PROGRESS" };

	for (size_t w = 0; w < sizeof(want) / sizeof(want[0]); w++)
		for (size_t i = 0; i < m->certs; i++)
			if (m->cert[i].key->usage == USAGE_AUTHENTICATION &&
				str_equal(m->cert[i].status, want[w]))
				return &m->cert[i];
	return NULL;
}

/* The request is for trial only, and its address no center accepts: that it
   is refused for its content shows that the whole way is open. */
static void
registration_try(struct request *r, struct server *s, struct err *why)
{
	struct mgmt_order o = {
		.kind = MGMT_AUTH_CERT_REG, .address = "-", .dry_run = true
	};
	struct err got = ERR_INIT;
	const struct key_model *m;
	const struct k_cert *c;
	int64_t id;

	if (keyconf_model(s->keys, request_arena(r), &m, why))
		return;
	c = auth_cert(m);
	if (!c) {
		fail(why, FAULT_CERT_NOT_FOUND,
			"there is no authentication certificate");
		return;
	}
	o.auth_cert = c->cert;
	if (management_send_auth(
		    s, request_arena(r), &o, c->key->id, &id, &got) &&
		!(got.foreign &&
			(str_suffix(got.code, "invalid_request") ||
				str_suffix(got.code, "InvalidRequest")))) {
		*why = got;
		return;
	}
	(void)ocsp_prove_now(s, c->cert, why);
}

int
admin_diag_registration(struct request *r, void *state, struct err *e)
{
	struct err why = ERR_INIT;

	registration_try(r, state, &why);
	return admin_reply(r, 200, admin_link_json(&why), e);
}
