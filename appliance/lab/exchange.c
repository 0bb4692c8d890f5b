/* SPDX-License-Identifier: MIT */
/*
 * What the network is for: REST and SOAP in both directions, one request that
 * must be refused, the signed container, and one that was tampered with.
 */
#include "lab_int.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "asic.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "ident.h"
#include "mem.h"
#include "text.h"

enum { RETRY_MS = 15000, CONTAINER_MAX = 4 * 1024 * 1024 };

struct party {
	enum machine_id at;
	const char *cls, *code, *system;
};
static const struct party town = { TOWN, TOWN_CLASS, TOWN_CODE, TOWN_SYSTEM };
static const struct party firm = { FIRM, FIRM_CLASS, FIRM_CODE, FIRM_SYSTEM };

/* Another id in every run of the lab. */
static char *
message_id(struct lab *l, const char *what)
{
	return arena_printf(l->arena, "lab-%s-%s", l->stamp, what);
}

/* One REST call through the caller's own security server. */
static int
rest(struct lab *l, const struct party *from, const struct party *to,
	const char *service, const char *query_id, struct api_answer *out,
	struct err *e)
{
	struct arena *a = l->arena;
	const char *header[] = { "X-Road-Client",
		arena_printf(a, LAB_INSTANCE "/%s/%s/%s", from->cls, from->code,
			from->system),
		"X-Road-Id", message_id(l, query_id), "Accept",
		"application/json", NULL };
	struct plain_call c = {
		.method = "GET",
		.url = arena_printf(a,
			"http://%s:%d/r1/" LAB_INSTANCE "/%s/%s/%s/%s",
			l->machine[from->at].address, lab_port(l, PORT_IS),
			to->cls, to->code, to->system, service),
		.header = header,
	};

	return plain_call(l, &c, out, e);
}

static int
has_rows(struct lab *l, const struct api_answer *a, const char *what,
	struct err *e)
{
	(void)l;
	if (a->status != 200 || !json_array_size(json_list(a->json, "rows")))
		return api_unexpected(a, what, e);
	return 0;
}

/* The first exchange may have to wait for OCSP answers and the registration
   to reach both sides: asked again until it works. */
static int
rest_to_town(struct lab *l, struct err *e)
{
	int64_t until = clock_ticks() + RETRY_MS;
	struct api_answer a;

	for (;;) {
		if (rest(l, &firm, &town, "evacuation-sites?area=%E6%B8%AF",
			    "rest-1", &a, e))
			return -1;
		if (a.status == 200 || clock_ticks() > until)
			break;
		poll(NULL, 0, 50);
	}
	if (!l->first_exchange)
		l->first_exchange = clock_ticks();
	return has_rows(l, &a, "REST from company to town", e);
}

static int
rest_to_firm(struct lab *l, struct err *e)
{
	struct api_answer a;

	if (rest(l, &town, &firm, "emergency-goods?least=1000", "rest-2", &a,
		    e))
		return -1;
	return has_rows(l, &a, "REST from town to company", e);
}

static char *
soap_message(struct arena *a, const struct party *from, const struct party *to,
	const char *service, const char *id, const char *inner)
{
	struct client_id client = { LAB_INSTANCE, from->cls, from->code,
		from->system };
	struct service_id sid = {
		{ LAB_INSTANCE, to->cls, to->code, to->system }, service, "v1"
	};
	struct buf b;
	char *out;

	buf_init(&b, 65536);
	buf_str(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"" NS_SOAP "\" "
		    "xmlns:xroad=\"" NS_XROAD "\" xmlns:id=\"" NS_ID "\">\n"
		    " <SOAP-ENV:Header>\n  <xroad:client id:objectType=\""
		    "SUBSYSTEM\">");
	client_id_to_xml(&b, &client);
	buf_str(&b, "</xroad:client>\n  <xroad:service id:objectType=\""
		    "SERVICE\">");
	service_id_to_xml(&b, &sid);
	buf_fmt(&b,
		"</xroad:service>\n  <xroad:id>%s</xroad:id>\n"
		"  <xroad:userId>JP0123</xroad:userId>\n"
		"  <xroad:protocolVersion>4.0</xroad:protocolVersion>\n"
		" </SOAP-ENV:Header>\n <SOAP-ENV:Body>"
		"<p:%s xmlns:p=\"http://producer.x-road.eu\">%s</p:%s>"
		"</SOAP-ENV:Body>\n</SOAP-ENV:Envelope>\n",
		id, service, inner, service);
	out = arena_strdup(a, b.data);
	buf_done(&b);
	return out;
}

/* REST and SOAP from the company to the town, ready to be sent. */
json_t *
exchange_examples(struct lab *l)
{
	struct arena *a = l->arena;
	const char *server = arena_printf(a, "http://%s:%d/",
		l->machine[FIRM].address, lab_port(l, PORT_IS));
	json_t *out = json_object();

	json_put_str(out, "rest_url",
		arena_printf(a,
			"%sr1/" LAB_INSTANCE "/" TOWN_CLASS "/" TOWN_CODE
			"/" TOWN_SYSTEM "/evacuation-sites?area=%%E6%%B8%%AF",
			server));
	json_put_str(out, "rest_client",
		LAB_INSTANCE "/" FIRM_CLASS "/" FIRM_CODE "/" FIRM_SYSTEM);
	json_put_str(out, "soap_url", server);
	json_put_str(out, "soap",
		soap_message(a, &firm, &town, "evacuation-sites",
			message_id(l, "example"), "<p:area>山手</p:area>"));
	if (l->story.left) {
		json_put_str(out, "consent_person", l->story.left);
		json_put_str(out, "consent_header", PERSON_HEADER);
		json_put_str(out, "consent_purpose", INCOME_PURPOSE);
	}
	return out;
}

static int
soap(struct lab *l, const struct party *from, const struct party *to,
	const char *service, const char *id, const char *inner, struct err *e)
{
	struct arena *a = l->arena;
	static const char *const header[] = { "Content-Type",
		"text/xml; charset=UTF-8", "SOAPAction", "\"\"", NULL };
	struct plain_call c = {
		.method = "POST",
		.url = arena_printf(a, "http://%s:%d/",
			l->machine[from->at].address, lab_port(l, PORT_IS)),
		.header = header,
		.body = soap_message(
			a, from, to, service, message_id(l, id), inner),
	};
	struct api_answer out;

	if (plain_call(l, &c, &out, e))
		return -1;
	if (out.status != 200 ||
		!strstr((const char *)out.body.data, "<row>") ||
		!strstr((const char *)out.body.data, "requestHash"))
		return api_unexpected(&out, "SOAP exchange", e);
	return 0;
}

static int
soap_to_town(struct lab *l, struct err *e)
{
	return soap(l, &firm, &town, "evacuation-sites", "soap-1",
		"<p:area>山手</p:area>", e);
}

static int
soap_to_firm(struct lab *l, struct err *e)
{
	return soap(l, &town, &firm, "emergency-goods", "soap-2",
		"<p:least>100</p:least>", e);
}

static int
garbage(struct lab *l, struct err *e)
{
	struct api_answer a;

	if (rest(l, &firm, &town, "garbage-days?area=%E6%B8%AF&from=2026-12-01",
		    "rest-3", &a, e))
		return -1;
	return has_rows(l, &a, "REST from company to town", e);
}

static int
nursery(struct lab *l, struct err *e)
{
	return soap(l, &firm, &town, "nursery-places", "soap-3",
		"<p:age>1</p:age>", e);
}

/* No access right: the town's own server says no. */
static int
refused(struct lab *l, struct err *e)
{
	struct api_answer a;
	const char *type;

	if (rest(l, &firm, &town, "public-facilities", "refused", &a, e))
		return -1;
	type = json_str(a.json, "type");
	if (a.status < 400 || !type || !strstr(type, "access_denied"))
		return api_unexpected(&a, "a request without access right", e);
	return 0;
}

static int
download(struct lab *l, struct err *e)
{
	struct arena *a = l->arena;
	struct plain_call c = {
		.method = "GET",
		.url = arena_printf(a,
			"http://%s:%d/asic?queryId=%s&xRoadInstance=" LAB_INSTANCE
			"&memberClass=%s&memberCode=%s&"
			"subsystemCode=%s&unique&responseOnly&force",
			l->machine[FIRM].address, lab_port(l, PORT_IS),
			message_id(l, "rest-1"), FIRM_CLASS, FIRM_CODE,
			FIRM_SYSTEM),
	};
	struct api_answer out;

	l->container = path_join(a, l->dir, "container.asice");
	if (plain_call(l, &c, &out, e))
		return -1;
	if (out.status != 200)
		return api_unexpected(&out, "download of the container", e);
	return file_write(l->container, out.body, FILE_PUBLIC, e);
}

/* The trust data that a verifier far away would get: /verificationconf. */
static int
unpack_conf(struct lab *l, struct err *e)
{
	struct arena *a = l->arena;
	struct plain_call c = {
		.method = "GET",
		.url = arena_printf(a, "http://%s:%d/verificationconf",
			l->machine[FIRM].address, lab_port(l, PORT_IS)),
	};
	struct api_answer out;
	struct zip_entry *entry;
	size_t n;

	l->conf_dir = path_join(a, l->dir, "verificationconf");
	if (plain_call(l, &c, &out, e))
		return -1;
	if (out.status != 200)
		return api_unexpected(&out, "download of verificationconf", e);
	if (zip_read(a, out.body, CONTAINER_MAX, &entry, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		char *path = path_join(a, l->dir, entry[i].name);
		char *slash = strrchr(path, '/');

		if (!str_prefix(entry[i].name, "verificationconf/") ||
			strstr(entry[i].name, ".."))
			return fail(e, FAULT_INVALID_MESSAGE,
				"odd name in verificationconf: %s",
				entry[i].name);
		if (dir_make(arena_strndup(a, path, (size_t)(slash - path)),
			    e) ||
			file_write(path, entry[i].data, FILE_PUBLIC, e))
			return -1;
	}
	return 0;
}

static int
run_verify(struct lab *l, const char *file, char **out, struct err *e)
{
	struct arena *a = l->arena;
	char *argv[] = { arena_strdup(a, l->self), arena_strdup(a, "verify"),
		arena_strdup(a, file), arena_strdup(a, "--globalconf"),
		l->conf_dir, NULL };

	return process_run(l, argv, NULL, out, e);
}

static int
verify(struct lab *l, struct err *e)
{
	char *out;
	int code;

	if (unpack_conf(l, e))
		return -1;
	code = run_verify(l, l->container, &out, e);
	if (code > 0)
		return fail(e, FAULT_INTERNAL,
			"the container does not verify: %s", out);
	return code;
}

/* The same container with one changed character must not verify. */
static int
tampered(struct lab *l, struct err *e)
{
	struct arena *a = l->arena;
	char *path = path_join(a, l->dir, "tampered.asice"), *out;
	struct bytes zip;
	struct asic c;
	struct buf b;
	uint8_t *copy;
	int code = -1;

	buf_init(&b, CONTAINER_MAX);
	if (file_read(a, l->container, CONTAINER_MAX, &zip, e) ||
		asic_read(a, zip, &c, e))
		goto out;
	copy = arena_memdup(a, c.message.data, c.message.len);
	copy[c.message.len / 2] ^= 1;
	c.message = bytes_of(copy, c.message.len);
	if (asic_write(&c, &b, e) ||
		file_write(path, bytes_buf(&b), FILE_PUBLIC, e))
		goto out;
	code = run_verify(l, path, &out, e);
	if (code == 0 || code > 1)
		code = fail(e, FAULT_INTERNAL,
			"a tampered container was not found invalid: %s", out);
out:
	buf_done(&b);
	return code == 1 ? 0 : -1;
}

const struct step exchange_steps[] = {
	{ "rest-company-to-town", "会社→町 REST: 避難場所一覧",
		"REST company → town: evacuation sites", rest_to_town },
	{ "soap-company-to-town", "会社→町 SOAP: 避難場所一覧",
		"SOAP company → town: evacuation sites", soap_to_town },
	{ "rest-town-to-company", "町→会社 REST: 備蓄品の在庫",
		"REST town → company: emergency goods", rest_to_firm },
	{ "soap-town-to-company", "町→会社 SOAP: 備蓄品の在庫",
		"SOAP town → company: emergency goods", soap_to_firm },
	{ "garbage-days", "会社→町 REST: ごみ収集日",
		"REST company → town: garbage collection days", garbage },
	{ NULL, NULL, NULL, NULL },
};

const struct step exchange_postgres_steps[] = {
	{ "nursery-places", "会社→町 SOAP: 保育施設の空き (PostgreSQL)",
		"SOAP company → town: nursery places (PostgreSQL)", nursery },
	{ NULL, NULL, NULL, NULL },
};

const struct step proof_steps[] = {
	{ "refused", "会社→町: 公共施設一覧はアクセス権がなく拒否される",
		"company → town: public facilities, no access right, refused",
		refused },
	{ "container", "署名とタイムスタンプ付きコンテナを取得",
		"signed, time-stamped container downloaded", download },
	{ "verify", "コンテナを検証: 有効", "container verified: valid",
		verify },
	{ "tampered", "改ざんしたコンテナを検証: 無効",
		"tampered container verified: invalid", tampered },
	{ NULL, NULL, NULL, NULL },
};
