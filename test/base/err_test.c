/* SPDX-License-Identifier: MIT */
/*
 * Tests of the error struct and the fault table.
 */
#include <string.h>

#include "err.h"
#include "tap.h"

static void
test_first_fault_stays(void)
{
	struct err e = ERR_INIT;

	ok(!err_set(&e));
	is_int(fail(&e, FAULT_NETWORK, "no route to %s", "peer"), -1);
	is_int(fail(&e, FAULT_IO, "second"), -1);
	is_int(e.fault, FAULT_NETWORK);
	is_str(e.text, "no route to peer");
	is_str(e.code, "network_error");
	ok(strstr(e.file, "err_test.c") && e.line > 0);
	err_reset(&e);
	ok(!err_set(&e));
	is_int(fail(NULL, FAULT_IO, "dropped"), -1);
	ok(!err_set(NULL));
}

static void
test_prefix(void)
{
	struct err e = ERR_INIT;

	err_prefix(&e, "server.clientproxy");
	is_str(e.code, "");
	fail(&e, FAULT_UNKNOWN_MEMBER, "x");
	err_prefix(&e, "server.clientproxy");
	is_str(e.code, "server.clientproxy.unknown_member");
	err_prefix(&e, "server.clientproxy");
	is_str(e.code, "server.clientproxy.unknown_member");
	err_prefix(&e, "Server.ClientProxy");
	is_str(e.code, "server.clientproxy.unknown_member");
	err_reset(&e);
	fail(&e, FAULT_SERVICE_FAILED, "x");
	/* "service" begins the code but is not a piece of it */
	err_prefix(&e, "service");
	is_str(e.code, "service.service_failed");
}

static void
test_foreign(void)
{
	struct err e = ERR_INIT;

	is_int(fail_foreign(&e, "Server.ServerProxy.AccessDenied", "no", "uu"),
		-1);
	is_int(e.fault, FAULT_ACCESS_DENIED);
	err_prefix(&e, "server.clientproxy");
	is_str(e.code, "Server.ServerProxy.AccessDenied");
	is_str(e.text, "no");
	is_str(e.detail, "uu");
	err_reset(&e);
	fail_foreign(&e, "Some.Thing", NULL, NULL);
	is_int(e.fault, FAULT_INTERNAL);
	is_str(e.code, "Some.Thing");
	is_str(e.text, "");
}

static void
test_long_text(void)
{
	struct err e = ERR_INIT;
	char text[2 * ERR_TEXT_MAX];
	size_t i;

	/* three bytes each, so that the cut falls inside of one */
	for (i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "\xe3\x81\x82", 3);
	text[i] = '\0';
	fail(&e, FAULT_IO, "%s", text);
	is_int((long long)strlen(e.text) % 3, 0);
	ok(strlen(e.text) >= ERR_TEXT_MAX - 4);
	err_reset(&e);
	fail_foreign(&e, text, text, text);
	is_int((long long)strlen(e.code) % 3, 0);
	is_int((long long)strlen(e.detail) % 3, 0);
}

static void
test_by_code(void)
{
	static const struct {
		const char *code;
		enum fault fault;
	} row[] = {
		{ "network_error", FAULT_NETWORK },
		{ "NetworkError", FAULT_NETWORK },
		{ "server.serverproxy.network_error", FAULT_NETWORK },
		{ "Server.ServerProxy.NETWORKERROR", FAULT_NETWORK },
		{ "Client.InvalidSoap", FAULT_INVALID_SOAP },
		{ "Server.ServerProxy.OutdatedGlobalConf",
			FAULT_GLOBAL_CONF_OUTDATED },
		{ "mlog.tsp_certificate_not_found", FAULT_TSA_CERT },
		{ "", FAULT_NONE },
		{ "server.", FAULT_NONE },
		{ "no_such_code", FAULT_NONE },
		{ NULL, FAULT_NONE },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ok_m(fault_by_code(row[i].code) == row[i].fault, "%s",
			row[i].code ? row[i].code : "NULL");
}

static void
test_table(void)
{
	int f, bad = 0;

	for (f = FAULT_NONE + 1; f < FAULT_COUNT; f++) {
		enum fault id = (enum fault)f;

		if (!*fault_code(id) || !*fault_old_code(id) ||
			!*fault_text(id) || fault_http(id) < 400 ||
			fault_http(id) > 599) {
			tap_note("row of %s", fault_code(id));
			bad++;
		}
		if (fault_by_code(fault_code(id)) == FAULT_NONE)
			bad++;
	}
	is_int(bad, 0);
	is_str(fault_code(FAULT_NONE), "");
	is_int(fault_http(FAULT_FORBIDDEN), 403);
}

int
main(void)
{
	test_first_fault_stays();
	test_prefix();
	test_foreign();
	test_long_text();
	test_by_code();
	test_table();
	return tap_done();
}
