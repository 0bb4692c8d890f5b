/* SPDX-License-Identifier: MIT */
/*
 * The internal TLS certificate over the administration interface: a new key,
 * a request, what an authority issues, what is refused; and that the port for
 * information systems and calls of services use it from then on.
 */
#define IN_SERVER 1
#include "server_kit.h"
#include "tls.h"

struct seen {
	struct cert *cert; /* of the client, a reference */
};

static int
anyone(void *ctx, struct cert_list chain, struct err *e)
{
	(void)ctx, (void)chain, (void)e;
	return 0;
}

static int
service(struct request *r, void *state, struct err *e)
{
	struct seen *seen = state;
	struct cert_list list = request_certs(r);

	cert_unref(&seen->cert);
	seen->cert = list.n ? cert_ref(list.item[0]) : NULL;
	return reply_send(r, 200, NULL, (struct bytes){ 0 }, e);
}

/* Which certificate 8443 shows now; its SHA-256. */
static const char *
shown(struct ss *w)
{
	struct tls_options o = { .policy = TLS_WEB };
	struct http_call call = { .method = "GET",
		.url = arena_printf(w->a, "https://127.0.0.1:%d/none",
			http_port(w->s->is_https)),
		.judge = anyone,
		.connect_timeout_ms = 60000,
		.total_timeout_ms = 60000 };
	struct http_answer answer = { 0 };
	struct err e = ERR_INIT;

	ok(!tls_client_new(&call.tls, &o, &e));
	ok_m(!http_call(w->http, w->a, &call, &answer, &e), "%s", e.text);
	tls_unref(&call.tls);
	return answer.peer.n ? ss_hash(w, answer.peer.item[0]) : "";
}

/* Which certificate a service sees now. */
static const char *
told(struct ss *w, struct http_server *http, struct seen *seen)
{
	struct http_call call = { .method = "GET",
		.url = arena_printf(
			w->a, "https://127.0.0.1:%d/x", http_port(http)),
		.tls = service_tls(w->s, w->a),
		.judge = anyone,
		.pool_key = "service",
		.connect_timeout_ms = 60000,
		.total_timeout_ms = 60000 };
	struct http_answer answer;
	struct err e = ERR_INIT;

	ok_m(!http_call(w->s->http, w->a, &call, &answer, &e), "%s", e.text);
	return seen->cert ? ss_hash(w, seen->cert) : "";
}

static const char *
current(struct ss *w)
{
	ss_is(w, "GET", "/system/certificate", NULL, 200);
	return arena_strdup(w->a, json_str(w->json, "hash"));
}

static void
everywhere(struct ss *w, struct http_server *http, struct seen *seen,
	const char *h)
{
	ok(str_iequal(current(w), h));
	ok(str_iequal(shown(w), h));
	ok(str_iequal(told(w, http, seen), h));
}

static void
refused(struct ss *w, struct bytes body, int status, const char *code)
{
	const char *before = current(w);

	is_int(ss_send(w, "POST", "/system/certificate/import",
		       "application/octet-stream", body),
		status);
	is_str(ss_code(w), code);
	is_str(current(w), before);
}

static struct cert *
issued(struct ss *w, const char *name)
{
	const struct rdn rdn[] = { { "C", "JP" }, { "CN", "town" } };
	struct csr *csr = NULL;
	struct err e = ERR_INIT;
	struct cert *c;

	ss_is(w, "POST", "/system/certificate/csr",
		arena_printf(w->a, "{\"name\":\"%s\"}", name), 201);
	ok(strstr(answer_header(&w->answer, "Content-Disposition"), ".csr"));
	if (csr_parse(w->a, w->answer.body, &csr, &e)) {
		ok_m(false, "CSR: %s", e.text);
		return NULL;
	}
	is_str(csr->subject_text, "CN=ss1.town.example,O=A town,C=JP");
	c = kit_issue(&w->kit, csr->key, rdn, 2, KU_DIGITAL_SIGNATURE,
		EKU_SERVER_AUTH | EKU_CLIENT_AUTH, 100);
	return c;
}

static void
test_all(struct ss *w, struct http_server *http, struct seen *seen)
{
	const char *first = current(w);
	struct cert *c, *foreign;

	everywhere(w, http, seen, first);
	ss_is(w, "POST", "/system/certificate", NULL, 204);
	ok(!str_equal(first, current(w)));
	everywhere(w, http, seen, current(w));
	ss_is(w, "POST", "/system/certificate/csr", "{\"name\":\"junk\"}", 400);
	is_str(ss_code(w), "invalid_distinguished_name");
	ss_is(w, "POST", "/system/certificate/csr", "{}", 400);
	c = issued(w, "CN=ss1.town.example, O=A town, C=JP");
	foreign = kit_issue(&w->kit, w->kit.other_key,
		&(struct rdn){ "CN", "foreign" }, 1, KU_DIGITAL_SIGNATURE, 0,
		100);
	refused(w, bytes_str("junk"), 400, "invalid_certificate");
	refused(w, cert_der(foreign), 400, "key_not_found");
	is_int(ss_send(w, "POST", "/system/certificate/import",
		       "application/octet-stream",
		       bytes_str(arena_printf(w->a, "%s%s",
			       pem_encode(w->a, "CERTIFICATE", cert_der(c)),
			       pem_encode(w->a, "CERTIFICATE",
				       cert_der(w->kit.ca))))),
		200);
	ok(str_iequal(json_str(w->json, "hash"), ss_hash(w, c)));
	everywhere(w, http, seen, ss_hash(w, c));
	refused(w,
		bytes_str(arena_printf(w->a, "%s%s",
			pem_encode(w->a, "CERTIFICATE", cert_der(c)),
			pem_encode(w->a, "CERTIFICATE", cert_der(w->kit.ca)))),
		409, "certificate_already_exists");
	cert_unref(&c);
	cert_unref(&foreign);
}

int
main(void)
{
	static const struct route routes[] = { { "*", "*", 0, 0, service },
		{ 0 } };
	struct seen seen = { 0 };
	struct listener l = { .name = "service",
		.address = "127.0.0.1",
		.threads = 2,
		.routes = routes,
		.state = &seen };
	struct tls_options o = { .policy = TLS_WEB,
		.client_auth = TLS_AUTH_OPTIONAL };
	struct http_server *http = NULL;
	struct ss w;

	ss_start(&w);
	o.key = w.kit.ca_key;
	o.chain = (struct cert_list){ &w.kit.ca, 1 };
	ok(!tls_server_new(&l.tls, &o, NULL));
	ok(!http_serve(&http, &l, NULL));
	test_all(&w, http, &seen);
	http_stop(&http);
	tls_unref(&l.tls);
	cert_unref(&seen.cert);
	ss_stop(&w);
	return tap_done();
}
