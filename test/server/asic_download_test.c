/* SPDX-License-Identifier: MIT */
/*
 * The doors to the evidence: GET /asic with every parameter and refusal, and
 * GET /verificationconf, with which a stranger verifies what he downloaded.
 */
#define IN_SERVER 1

#include "net.h"

#include <stdio.h>
#include <string.h>

#include "asic.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "messagelog_int.h"
#include "messagelog_row.h"
#include "tap.h"
#include "text.h"
#include "tls.h"
#include "trustdir.h"

static struct net n;

#define TEXT "text/plain; charset=utf-8"
#define PORTAL                                       \
 "xRoadInstance=JP&memberClass=GOV&memberCode=1000&" \
 "subsystemCode=Portal"
#define DATA                                         \
 "xRoadInstance=JP&memberClass=COM&memberCode=2000&" \
 "subsystemCode=Data"

static struct http_answer
asic(struct node *d, const char *query)
{
	struct is_call c = { .method = "GET",
		.path = arena_printf(n.a, "/asic?%s", query) };

	return is_call(&n, d, &c);
}

static void
plain(const char *query, int status, const char *text)
{
	struct http_answer a = asic(&n.town, query);

	ok_m(a.status == status && text_has(a.body, text), "%s: %d %.*s", query,
		a.status, (int)a.body.len, (const char *)a.body.data);
	is_str(answer_header(&a, "Content-Type"), TEXT);
}

static void
test_refusals(void)
{
	plain(PORTAL, 400, "queryId");
	plain("queryId=a&memberClass=GOV&memberCode=1000", 400, "xRoad");
	plain("queryId=a&xRoadInstance=JP&memberCode=1000", 400, "member");
	plain("queryId=a&xRoadInstance=JP&memberClass=GOV", 400, "member");
	plain("queryId=a&" PORTAL "&requestOnly&responseOnly", 400, "exclude");
	plain("queryId=a&" PORTAL "&unique", 400, "unique");
	plain("queryId=a&" DATA, 401, "not found");
	plain("queryId=a&xRoadInstance=XX&memberClass=GOV&memberCode=1000", 401,
		"not found");
	plain("queryId=a&xRoadInstance=JP&memberClass=GOV&memberCode=1000&"
	      "subsystemCode=Secure",
		401, "HTTPS");
	plain("queryId=nothing&" PORTAL, 404, "No signed documents found");
}

static struct tls *
client_tls(const struct party *p)
{
	struct tls_options o = {
		.policy = TLS_WEB, .key = p->key, .chain = { &p->cert, 1 }
	};
	struct tls *t = NULL;
	struct err e = ERR_INIT;

	ok_m(!tls_client_new(&t, &o, &e), "TLS context: %s", e.text);
	return t;
}

/* The evidence of a client needs what its messages need. */
static void
test_client_rule(void)
{
	struct tls *good = client_tls(&n.hub_cert),
		   *bad = client_tls(&n.evil_auth);
	const struct http_header h[] = { { "X-Road-Client",
						 "JP/GOV/1000/Secure" },
		{ "X-Road-Id", "secure-1" } };
	struct is_call c = { .method = "GET",
		.path = "/r1/JP/COM/2000/Data/secure",
		.header = h,
		.headers = 2,
		.tls = good };
	struct http_answer a = is_call(&n, &n.town, &c);

	is_int(a.status, 200);
	c.headers = 0;
	c.path = "/asic?queryId=secure-1&xRoadInstance=JP&memberClass=GOV&"
		 "memberCode=1000&subsystemCode=Secure&force";
	a = is_call(&n, &n.town, &c);
	is_int(a.status, 200);
	c.tls = bad;
	a = is_call(&n, &n.town, &c);
	is_int(a.status, 401);
	c.tls = NULL;
	a = is_call(&n, &n.town, &c);
	is_int(a.status, 401);
	/* neither the member nor another subsystem sees it */
	plain("queryId=secure-1&xRoadInstance=JP&memberClass=GOV&"
	      "memberCode=1000",
		404, "No signed documents found");
	plain("queryId=secure-1&" PORTAL, 404, "No signed documents found");
	tls_unref(&good);
	tls_unref(&bad);
}

static void
test_not_stamped(void)
{
	struct http_answer a = is_get(&n, ECHO, "late-1");

	is_int(a.status, 200);
	plain("queryId=late-1&" PORTAL, 500,
		"Message signature has not been timestamped yet!");
	plain("queryId=late-1&" PORTAL "&requestOnly&unique", 500, "not been");
	pthread_mutex_lock(&n.lock);
	n.tsa_down = true;
	pthread_mutex_unlock(&n.lock);
	plain("queryId=late-1&" PORTAL "&force", 500, "HTTP 500");
	pthread_mutex_lock(&n.lock);
	n.tsa_down = false;
	pthread_mutex_unlock(&n.lock);
	a = asic(&n.town, "queryId=late-1&" PORTAL "&force");
	is_int(a.status, 200);
	a = asic(&n.town, "queryId=late-1&" PORTAL);
	is_int(a.status, 200);
}

/* ---- what comes ---- */

static const struct globalconf *
judge(struct globalconf *set)
{
	static struct globalconf *g;

	if (set)
		g = set;
	return g;
}

static void
container_is(struct bytes zip, const char *kind, const char *id)
{
	struct asic_report r = { .kind = NULL };
	struct asic c;
	struct err e = ERR_INIT;

	ok_m(!asic_read(n.a, zip, &c, &e) &&
			!asic_verify(n.a, &c, judge(NULL), &r, &e),
		"the container verifies: %s", e.text);
	is_str(r.kind, kind);
	is_str(r.message_id, id);
}

static void
unique_is(struct node *d, const char *query, const char *type, const char *kind,
	const char *id, const char *name)
{
	struct http_answer a = asic(d, query);
	const char *to = answer_header(&a, "Content-Disposition");

	is_int(a.status, 200);
	is_str(answer_header(&a, "Content-Type"), type);
	ok_m(to && str_prefix(to, name), "%s", to ? to : "no name");
	container_is(a.body, kind, id);
}

static void
test_unique(void)
{
	const char *type = "application/vnd.etsi.asic-e+zip";
	struct http_answer a =
		is_post(&n, ECHO, "unique-1", bytes_str("{\"x\":1}"));

	is_int(a.status, 200);
	unique_is(&n.town,
		"queryId=unique-1&" PORTAL "&unique&requestOnly&force", type,
		"REST request", "unique-1",
		"attachment; filename=\"unique-1-request-");
	unique_is(&n.town,
		"queryId=unique-1&" PORTAL "&unique&responseOnly&force", type,
		"REST response", "unique-1",
		"attachment; filename=\"unique-1-response-");
	unique_is(&n.firm, "queryId=unique-1&" DATA "&unique&requestOnly&force",
		type, "REST request", "unique-1",
		"attachment; filename=\"unique-1-request-");
	a = asic(&n.firm, "queryId=unique-1&" DATA "&unique&requestOnly");
	ok(text_has(a.body, "attachment1"));
}

static void
zip_has(const struct http_answer *a, size_t count, const char *name)
{
	struct zip_entry *z;
	struct err e = ERR_INIT;
	const char *to = answer_header(a, "Content-Disposition");
	size_t entries = 0;

	is_int(a->status, 200);
	is_str(answer_header(a, "Content-Type"), "application/zip");
	ok_m(to && str_equal(to, arena_printf(n.a,
					 "attachment; filename=\"%s\"", name)),
		"%s", to ? to : "no name");
	ok_m(!zip_read(n.a, a->body, ASIC_SIZE_MAX, &z, &entries, &e), "%s",
		e.text);
	is_int(entries, count);
	for (size_t i = 0; i < entries; i++) {
		bool response = strstr(z[i].name, "-response-") != NULL;
		ok(str_suffix(z[i].name, ".asice"));
		container_is(z[i].data,
			response ? "REST response" : "REST request",
			"all/&x 1");
	}
}

/* All records of one id; the id is anything. */
static void
test_all(void)
{
	const char *id = "all/&x 1";
	const char *to = "queryId=all%2F%26x+1&" PORTAL "&force";
	struct http_answer a = is_get(&n, ECHO, id);

	is_int(a.status, 200);
	a = asic(&n.town, to);
	zip_has(&a, 2, "all%2F%26x+1.zip");
	a = is_get(&n, ECHO, id); /* ids may be used again */
	a = asic(&n.town, to);
	zip_has(&a, 4, "all%2F%26x+1.zip");
	a = asic(&n.town, arena_printf(n.a, "%s&requestOnly", to));
	zip_has(&a, 2, "all%2F%26x+1-request.zip");
	a = asic(&n.town, arena_printf(n.a, "%s&responseOnly=", to));
	zip_has(&a, 2, "all%2F%26x+1-response.zip");
}

/* ---- an id that was used too often ---- */

static int
add_rows(struct db_conn *c, void *arg, struct err *e)
{
	struct log_row row = { .query_id = "often",
		.request_id = "r",
		.rest = true,
		.as_client = true,
		.cls = "GOV",
		.code = "1000",
		.subsystem = "Portal",
		.client = "c",
		.service = "s",
		.message = bytes_str("m"),
		.signature = { .xml = bytes_str("s") } };
	int64_t id;

	(void)arg;
	for (int i = 0; i <= EVIDENCE_MAX; i++) {
		row.time = 1 + i;
		if (log_row_add(c, NULL, &row, &id, e))
			return -1;
	}
	return 0;
}

/* Nothing is left out in silence. */
static void
test_too_many(void)
{
	struct err e = ERR_INIT;

	ok_m(!db_transact(n.town.s.log->db, add_rows, NULL, &e), "%s", e.text);
	plain("queryId=often&" PORTAL, 500, "more than 1000 records");
	plain("queryId=often&" PORTAL "&unique&requestOnly", 500,
		"has not been timestamped");
}

/* ---- verificationconf ---- */

static void
unpack(struct bytes zip, const char *dir)
{
	struct zip_entry *z;
	struct err e = ERR_INIT;
	size_t count = 0;

	ok_m(!zip_read(n.a, zip, ASIC_SIZE_MAX, &z, &count, &e), "%s", e.text);
	is_int(count, 3);
	for (size_t i = 0; i < count; i++) {
		char *path = path_join(n.a, dir, z[i].name);
		char *end = strrchr(path, '/');

		*end = '\0';
		ok(str_prefix(z[i].name, "verificationconf/"));
		ok(!dir_make(path, &e));
		*end = '/';
		ok(!file_write(path, z[i].data, FILE_PUBLIC, &e));
	}
}

static void
file_is(const char *dir, const char *name, const char *text)
{
	struct bytes got = { NULL, 0 };
	struct err e = ERR_INIT;

	ok_m(!file_read(n.a, path_join(n.a, dir, name), 1 << 20, &got, &e),
		"%s %s", name, e.text);
	if (text)
		is_bytes(got.data, got.len, text, strlen(text));
	else
		ok(bytes_equal(got, n.shared));
}

static struct globalconf *
test_verificationconf(void)
{
	struct is_call c = { .method = "GET", .path = "/verificationconf" };
	struct http_answer a = is_call(&n, &n.town, &c);
	char *dir = path_join(n.a, tap_dir(), "unpacked");
	struct globalconf *g = NULL;
	struct err e = ERR_INIT;

	is_int(a.status, 200);
	is_str(answer_header(&a, "Content-Type"), "application/zip");
	is_str(answer_header(&a, "Content-Disposition"),
		"filename=\"verificationconf.zip\"");
	ok(!dir_make(dir, &e));
	unpack(a.body, dir);
	file_is(dir, "verificationconf/JP/shared-params.xml", NULL);
	file_is(dir, "verificationconf/JP/shared-params.xml.metadata",
		"{\"configurationVersion\":\"5\"}");
	file_is(dir, "verificationconf/instance-identifier", "JP");
	ok_m(!trustdir_load(dir, &g, &e), "trust data: %s", e.text);
	return g;
}

int
main(void)
{
	static const struct http_header h = { "Content-Type", "text/plain" };
	struct globalconf *g;

	net_fork(&n, "net");
	net_open(&n);
	net_say(&n, &(struct service_say){ .status = 200,
			    .header = &h,
			    .headers = 1,
			    .body = bytes_str("the answer") });
	g = test_verificationconf();
	(void)judge(g);
	test_refusals();
	test_client_rule();
	test_not_stamped();
	test_unique();
	test_all();
	test_too_many();
	globalconf_unref(&g);
	net_close(&n);
	return tap_done();
}
