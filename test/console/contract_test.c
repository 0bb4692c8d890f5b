/* SPDX-License-Identifier: MIT */
/*
 * What operations take: every kind of member of bodies and queries, the keys
 * and codes of refusals, trimming, and that every row is an operation that is
 * served.
 */
#define IN_CONSOLE 1

#include "contract_int.h"

#include <string.h>

#include "console.h"
#include "err.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

static struct arena *a;

static const char *
sorted(const json_t *j)
{
	static struct buf b;

	if (!b.max)
		buf_init(&b, 65536);
	buf_reset(&b);
	json_write(&b, j, JSON_SORTED);
	return b.data;
}

/* The refusal of a body, "{}" if there is none. */
static const char *
body(char api, const char *method, const char *path, bool strict,
	const char *text)
{
	const struct contract *c = contract_find(api, method, path);
	json_t *wrong = json_keep(a, json_object()), *j;
	struct err e = ERR_INIT;

	if (!c || json_parse(a, bytes_str(text), NULL, &j, &e))
		return "no row, or no JSON";
	contract_body(c, strict, j, wrong);
	return sorted(wrong);
}

static const char *
query(char api, const char *path, const char *text)
{
	const struct contract *c = contract_find(api, "GET", path);
	json_t *wrong = json_keep(a, json_object());

	if (!c)
		return "no row";
	contract_query(c, a, text, wrong);
	return sorted(wrong);
}

static const char *
client(const char *text)
{
	return body('S', "POST", "/clients", true, text);
}

static void
test_members(void)
{
	is_str(client("{\"client\":{\"member_class\":\"GOV\",\"member_code\":"
		      "\"1\",\"more\":[1]},\"x\":null}"),
		"{}");
	is_str(client("{}"), "{\"clientAddDto.client\":[\"NotNull\"]}");
	is_str(client("[]"), "{\"clientAddDto\":[\"typeMismatch\"]}");
	is_str(client("{\"client\":[]}"),
		"{\"clientAddDto.client\":[\"typeMismatch\"]}");
	is_str(client("{\"client\":{\"member_class\":\"\",\"member_code\":7,"
		      "\"subsystem_code\":null,\"connection_type\":\"http\"},"
		      "\"ignore_warnings\":\"true\"}"),
		"{\"clientAddDto.client.connectionType\":[\"typeMismatch\"],"
		"\"clientAddDto.client.memberClass\":[\"Size\"],"
		"\"clientAddDto.client.memberCode\":[\"typeMismatch\"],"
		"\"clientAddDto.ignoreWarnings\":[\"typeMismatch\"]}");
}

/* X-Road's scenario script sends the token's id as a number. */
static void
test_digits(void)
{
	static const char path[] = "/configuration-sources/{x}/signing-keys";
	static const char not_it[] =
		"{\"configurationSigningKeyAddDto.tokenId\":[\"typeMismatch\"]}";

	is_str(body('C', "POST", path, true,
		       "{\"key_label\":\"k\",\"token_id\":0}"),
		"{}");
	is_str(body('C', "POST", path, true,
		       "{\"key_label\":\"k\",\"token_id\":\"0\"}"),
		"{}");
	is_str(body('C', "POST", path, true,
		       "{\"key_label\":\"k\",\"token_id\":0.5}"),
		not_it);
	is_str(body('C', "POST", path, true,
		       "{\"key_label\":\"k\",\"token_id\":[0]}"),
		not_it);
}

static void
test_identifiers(void)
{
	static const char row[] =
		"{\"code\":\"%s\",\"description\":\"\u6c34\u9053\"}";
	static const struct {
		const char *code;
		bool strict, plain;
	} codes[] = { { "A-z0.9'()+,=?", true, true }, { "a_b", false, true },
		{ "a b", false, true }, { "\u753a", false, true },
		{ "a:b", false, false }, { "a;b", false, false },
		{ "a%%b", false, false }, { "a/b", false, false },
		{ "a\\\\b", false, false }, { "a\\u0007b", false, false },
		{ "a\\u200bb", false, false }, { "a\ufeffb", false, false } };
	static const char wrong[] =
		"{\"localGroupAddDto.code\":[\"IdentifierChars\"]}";

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct buf b;

		buf_init(&b, 1000);
		buf_str(&b, "{\"code\":\"");
		buf_str(&b, codes[i].code);
		buf_str(&b, row + strcspn(row, "%") + 2);
		for (int strict = 0; strict < 2; strict++)
			is_str(body('S', "POST", "/clients/{x}/local-groups",
				       strict, b.data),
				(strict ? codes[i].strict : codes[i].plain)
					? "{}"
					: wrong);
		buf_done(&b);
	}
}

static void
test_sizes(void)
{
	char text[2000] = "{\"name\":\"";
	size_t n = strlen(text);

	for (int i = 0; i < 256; i++) {
		memcpy(text + n, "\u6f22", 3);
		n += 3;
		memcpy(text + n, "\"}", 3);
		if (i == 254)
			is_str(body('S', "PATCH", "/tokens/{id}", true, text),
				"{}");
	}
	is_str(body('S', "PATCH", "/tokens/{id}", true, text),
		"{\"tokenNameDto.name\":[\"Size\"]}");
	ok(!str_prefix(body('S', "PATCH", "/tokens/0", true, "{}"), "{"));
	is_str(body('S', "PATCH", "/keys/{k}", true, "{\"name\":\"a\\nb\"}"),
		"{\"keyNameDto.name\":[\"NoControlChars\"]}");
	/* SQL has lines */
	is_str(body('S', "POST", "/machilink/adapter/proposals", true,
		       "{\"database\":\"d\",\"sqlTemplate\":\"SELECT "
		       "id\\r\\n\\tFROM t\"}"),
		"{}");
	is_str(body('S', "POST", "/machilink/adapter/proposals", true,
		       "{\"database\":\"d\",\"sqlTemplate\":\"SELECT "
		       "\\u0001 x\"}"),
		"{\"adapterProposalDto.sqlTemplate\":[\"NoControlChars\"]}");
	is_str(body('S', "PATCH", "/keys/{k}", true, "{\"name\":\" \\t \"}"),
		"{\"keyNameDto.name\":[\"Size\"]}");
}

static void
test_numbers(void)
{
	static const struct {
		const char *text, *says;
	} rows[] = { { "0", NULL }, { "1000", NULL }, { "-1", "Min" },
		{ "1001", "Max" }, { "1e400", "JSON" }, { "1e300", "Max" },
		{ "1.5", "typeMismatch" }, { "\"60\"", "typeMismatch" },
		{ "99999999999999999999", "JSON" }, { "true", "typeMismatch" },
		{ "null", "NotNull" } };
	char text[200];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *got;

		snprintf(text, sizeof(text),
			"{\"url\":\"http://a/\",\"ssl_auth\":false,"
			"\"timeout\":%s}",
			rows[i].text);
		got = body('S', "PATCH", "/services/{id}", true, text);
		if (rows[i].says && str_equal(rows[i].says, "JSON"))
			ok(!str_prefix(got, "{"));
		else
			ok(rows[i].says ? strstr(got, rows[i].says) != NULL
					: str_equal(got, "{}"));
	}
}

static void
test_lists(void)
{
	static const char path[] = "/global-groups/{g}/members";

	is_str(body('C', "POST", path, true,
		       "{\"codes\":[\"\",\"1\"],\"types\":[\"MEMBER\"],"
		       "\"paging_sorting\":{\"limit\":-5,\"desc\":true}}"),
		"{}");
	is_str(body('C', "POST", path, true,
		       "{\"codes\":[1],\"types\":[\"X\"],\"subsystems\":{},"
		       "\"paging_sorting\":{\"sort\":\"x\"}}"),
		"{\"groupMembersFilterDto.codes\":[\"typeMismatch\"],"
		"\"groupMembersFilterDto.pagingSorting.sort\":[\"Size\"],"
		"\"groupMembersFilterDto.subsystems\":[\"typeMismatch\"],"
		"\"groupMembersFilterDto.types\":[\"typeMismatch\"]}");
	is_str(body('S', "POST", "/services/{id}/service-clients", true,
		       "{\"items\":[{\"id\":\"a\"},{},3]}"),
		"{\"serviceClientsDto.items\":[\"typeMismatch\"],"
		"\"serviceClientsDto.items.id\":[\"NotNull\"]}");
}

/* Thousands of wrong items: the refusal stays short, and is still one. */
static void
test_many(void)
{
	const char *path = "/local-groups/{group_id}/members";
	struct buf text;
	const char *got;

	buf_init(&text, 65536);
	buf_str(&text, "{\"items\":[1");
	for (int i = 1; i < 5000; i++)
		buf_str(&text, ",1");
	buf_str(&text, "]}");
	got = body('S', "POST", path, true, text.data);
	ok(str_prefix(got, "{\"membersDto.items\":[\"typeMismatch\","));
	ok_m(strlen(got) < 500, "%zu bytes", strlen(got));
	buf_done(&text);
}

static void
test_trim(void)
{
	const struct contract *c =
		contract_find('S', "POST", "/tokens/{id}/keys");
	json_t *wrong = json_keep(a, json_object()), *j;
	struct err e = ERR_INIT;

	ok(c && !json_parse(
			a, bytes_str("{\"label\":\" a b\\t\"}"), NULL, &j, &e));
	ok(contract_body(c, true, j, wrong));
	is_str(json_str(j, "label"), "a b");
	ok(!contract_body(c, true, j, wrong));
	is_int((long)json_object_size(wrong), 0);
}

static void
test_queries(void)
{
	is_str(query('S', "/clients", NULL), "{}");
	is_str(query('S', "/clients",
		       "name=%E7%94%BA&show_members=true&other=1"
		       "&exclude_local=FALSE&internal_search="),
		"{}");
	is_str(query('S', "/clients", "show_members=1"),
		"{\"showMembers\":[\"typeMismatch\"]}");
	is_str(query('S', "/clients", "show_members=true&show_members=null"),
		"{\"showMembers\":[\"typeMismatch\"]}");
	is_str(query('S', "/clients", "name=%ff&instance=%00&member_code=%zz"),
		"{\"instance\":[\"typeMismatch\"],\"memberCode\":"
		"[\"typeMismatch\"],\"name\":[\"typeMismatch\"]}");
	is_str(query('S', "/member-names", "member_class=GOV"),
		"{\"memberCode\":[\"NotNull\"]}");
	is_str(query('S', "/member-names", "member_class=GOV&member_code"),
		"{\"memberCode\":[\"Size\"]}");
	is_str(query('C', "/management-requests",
		       "status=SUBMITTED%20FOR+APPROVAL&limit=10&offset=x"
		       "&types=CLIENT_RENAME_REQUEST,OWNER_CHANGE_REQUEST"),
		"{\"offset\":[\"typeMismatch\"]}");
	is_str(query('C', "/management-requests", "types=CLIENT_RENAME,"),
		"{\"types\":[\"typeMismatch\"]}");
	is_str(query('C', "/clients", "limit=99999999999999999999"),
		"{\"limit\":[\"typeMismatch\"]}");
}

/* Two interfaces have paths in common; names of {pieces} do not count. */
static void
test_rows(void)
{
	ok(contract_find('S', "GET", "/clients") !=
		contract_find('C', "GET", "/clients"));
	ok(contract_find('S', "POST", "/initialization") !=
		contract_find('C', "POST", "/initialization"));
	ok(contract_find('S', "GET", "/openapi.yaml") ==
		contract_find('C', "GET", "/openapi.yaml"));
	ok(contract_find('S', "PATCH", "/clients/{anything}"));
	ok(!contract_find('C', "PATCH", "/clients/{anything}"));
	ok(!contract_find('S', "PATCH", "/clients/{a}/{b}"));
	is_str(body('C', "POST", "/initialization", true, "{}"),
		"{\"initialServerConfDto.centralServerAddress\":[\"NotNull\"],"
		"\"initialServerConfDto.instanceIdentifier\":[\"NotNull\"],"
		"\"initialServerConfDto.softwareTokenPin\":[\"NotNull\"]}");
	is_str(body('C', "PATCH", "/security-servers/{s}", true, "{}"),
		"{\"securityServerAddressDto.serverAddress\":[\"NotNull\"]}");
	is_str(body('S', "POST", "/initialization", true,
		       "{\"security_server_code\":\"\"}"),
		"{\"initialServerConfDto.securityServerCode\":[\"Size\"]}");
}

int
main(void)
{
	a = arena_new();
	test_members();
	test_digits();
	test_identifiers();
	test_sizes();
	test_numbers();
	test_lists();
	test_many();
	test_trim();
	test_queries();
	test_rows();
	arena_free(&a);
	return tap_done();
}
