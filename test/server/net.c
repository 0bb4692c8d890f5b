/* SPDX-License-Identifier: MIT */
/*
 * The network for tests: keys, certificates, center, databases, life. What its
 * doors answer is in hub.c, what information systems do in is.c.
 */
#define IN_SERVER 1

#include "batch_int.h"
#include "net_int.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "consent_int.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "gcdir.h"
#include "log.h"
#include "mem.h"
#include "messagelog_int.h"
#include "param.h"
#include "server_sql.h"
#include "signer.h"
#include "tap.h"
#include "text.h"
#include "tls.h"

#define PIN "1234-abcd"

const struct client_id TOWN = { NET_INSTANCE, "GOV", "1000", NULL },
		       TOWN_PORTAL = { NET_INSTANCE, "GOV", "1000", "Portal" },
		       TOWN_TLS = { NET_INSTANCE, "GOV", "1000", "Secure" },
		       FIRM = { NET_INSTANCE, "COM", "2000", NULL },
		       FIRM_DATA = { NET_INSTANCE, "COM", "2000", "Data" },
		       FIRM_TWIN = { NET_INSTANCE, "COM", "2000", "Twin" },
		       EVIL = { NET_INSTANCE, "COM", "3000", NULL },
		       EVIL_FAKE = { NET_INSTANCE, "COM", "3000", "Fake" },
		       DEAD_GONE = { NET_INSTANCE, "COM", "4000", "Gone" };

/* ---- certificates ---- */

static struct party
issue(enum key_type type, const struct rdn *name, size_t names,
	const struct party *by, unsigned usage, unsigned ext, bool ca, int days)
{
	static uint64_t serial = 1000;
	struct party p = { NULL, NULL };
	struct err e = ERR_INIT;
	int64_t now = clock_now(), day = NET_DAY_MS;
	struct cert_template t = {
		.subject = name,
		.subjects = names,
		.serial = serial++,
		.not_before = now - 100 * day,
		.not_after = now + days * day,
		.ca = ca,
		.path_len = -1,
		.key_usage = usage,
		.ext_usage = ext,
	};

	if (key_generate(&p.key, type, 2048, &e))
		ok_m(false, "key: %s", e.text);
	t.key = p.key;
	if (cert_issue(&p.cert, &t, by ? by->cert : NULL, by ? by->key : p.key,
		    &e))
		ok_m(false, "certificate: %s", e.text);
	return p;
}

static struct party
issue_ca(const char *name)
{
	const struct rdn rdn[] = { { "C", NET_INSTANCE }, { "CN", name } };

	return issue(KEY_EC, rdn, 2, NULL, KU_KEY_CERT_SIGN | KU_CRL_SIGN, 0,
		true, 1000);
}

static struct party
issue_authority(struct net *n, const char *name, unsigned ext)
{
	const struct rdn rdn[] = { { "C", NET_INSTANCE }, { "CN", name } };

	return issue(KEY_EC, rdn, 2, &n->root, KU_DIGITAL_SIGNATURE, ext, false,
		1000);
}

struct party
net_issue(struct net *n, enum key_type type, enum party_kind kind,
	const char *cls, const char *code, const struct party *by, int days)
{
	const struct rdn rdn[] = { { "C", NET_INSTANCE }, { "O", cls },
		{ "CN", code } };
	bool sign = kind == PARTY_SIGN;

	return issue(type, rdn, 3, by ? by : &n->root,
		sign ? KU_NON_REPUDIATION
		     : KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT,
		sign ? 0 : EKU_CLIENT_AUTH | EKU_SERVER_AUTH, false, days);
}

void
party_drop(struct party *p)
{
	key_unref(&p->key);
	cert_unref(&p->cert);
}

static void
make_parties(struct net *n)
{
	n->root = issue_ca("Root");
	n->other_root = issue_ca("Root"); /* same name, another key */
	n->ocsp = issue_authority(n, "OCSP", EKU_OCSP_SIGNING);
	n->tsa = issue_authority(n, "TSA", EKU_TIME_STAMPING);
	n->tsa2 = issue_authority(n, "TSA 2", EKU_TIME_STAMPING);
	n->rogue_tsa = issue_authority(n, "TSA", EKU_TIME_STAMPING);
	n->conf_key = issue_ca("Configuration");
	n->hub_cert = issue_authority(n, "services", EKU_SERVER_AUTH);
	n->evil_sign =
		net_issue(n, KEY_EC, PARTY_SIGN, "COM", "3000", NULL, 900);
	n->evil_auth =
		net_issue(n, KEY_EC, PARTY_AUTH, "COM", "ss3", NULL, 900);
	n->evil_old_auth =
		net_issue(n, KEY_EC, PARTY_AUTH, "COM", "ss3", NULL, -1);
	n->stranger_auth =
		net_issue(n, KEY_EC, PARTY_AUTH, "COM", "ss9", NULL, 900);
}

struct bytes
net_ocsp(struct net *n, struct arena *a, const struct cert *c,
	enum ocsp_status status, int64_t age_ms)
{
	int64_t then = clock_now() - age_ms;
	struct ocsp_answer answer = { .status = status,
		.this_update = then,
		.next_update = clock_now() + NET_DAY_MS,
		.revoked_at = status == OCSP_REVOKED ? then - NET_HOUR_MS : 0 };
	struct ocsp_request r;
	struct bytes der = { 0 }, out = { 0 };
	struct err e = ERR_INIT;

	if (ocsp_request_make(c, n->root.cert, a, &der, &e) ||
		ocsp_request_parse(a, der, &r, &e) ||
		ocsp_response_make(
			&r, &answer, n->ocsp.cert, n->ocsp.key, a, &out, &e))
		ok_m(false, "OCSP: %s", e.text);
	return out;
}

void
net_ocsp_say(
	struct net *n, struct cert *c, enum ocsp_status status, int64_t age_ms)
{
	size_t i = 0;

	pthread_mutex_lock(&n->lock);
	while (i < n->ocsp_says && !cert_equal(n->ocsp_say[i].cert, c))
		i++;
	if (i == n->ocsp_says)
		n->ocsp_says++;
	n->ocsp_say[i] = (struct ocsp_say){ c, status, age_ms };
	pthread_mutex_unlock(&n->lock);
}

/* ---- the global configuration ---- */

static struct digest *
auth_digests(struct net *n, const struct cert *c)
{
	struct digest *d = arena_array(n->a, 2, sizeof(*d));
	const struct party *next =
		c == n->town.auth.cert && n->town.next_auth.cert
			? &n->town.next_auth
			: &n->evil_old_auth;

	cert_digest(c, DIGEST_SHA256, &d[0]);
	cert_digest(next->cert, DIGEST_SHA256, &d[1]);
	return d;
}

static void
fill_members(struct shared_params *p)
{
	static const struct gc_subsystem town[] = { { "Portal", "Portal <1>" },
		{ "Secure", NULL } };
	static const struct gc_subsystem firm[] = { { "Data", NULL },
		{ "Twin", NULL } };
	static const struct gc_subsystem evil[] = { { "Fake", NULL } };
	static const struct gc_subsystem dead[] = { { "Gone", NULL } };
	static const struct gc_member member[] = {
		{ "GOV", "1000", "Town \"A\" & co", town, 2 },
		{ "COM", "2000", "Firm", firm, 2 },
		{ "COM", "3000", "Evil", evil, 1 },
		{ "COM", "4000", "Dead", dead, 1 },
	};
	static const struct gc_class cls[] = { { "GOV", "towns" },
		{ "COM", "companies" } };

	p->member = member;
	p->members = 4;
	p->cls = cls;
	p->classes = 2;
}

static void
fill_servers(struct net *n, struct shared_params *p)
{
	struct client_id *client = arena_array(n->a, 8, sizeof(*client));
	const struct server_id id[] = { { TOWN, "ss1" }, { FIRM, "ss2" },
		{ EVIL, "ss3" },
		{ { NET_INSTANCE, "COM", "4000", NULL }, "ss4" } };
	const char *address[] = { TOWN_ADDRESS, FIRM_ADDRESS, EVIL_ADDRESS,
		DEAD_ADDRESS };
	struct party *auth[] = { &n->town.auth, &n->firm.auth, &n->evil_auth };
	struct gc_server *s = arena_array(n->a, 4, sizeof(*s));

	if (n->hijack)
		address[1] = EVIL_ADDRESS;

	client[0] = TOWN_PORTAL;
	client[1] = TOWN_TLS;
	client[2] = FIRM_DATA;
	client[3] = FIRM_TWIN;
	client[4] = EVIL_FAKE;
	client[5] = DEAD_GONE;
	client[6] = FIRM_TWIN;
	for (int i = 0; i < 4; i++) {
		s[i].id = id[i];
		s[i].address = address[i];
		s[i].clients = i == 2 ? 1 : 2;
		if (i < 3) {
			s[i].auth_cert = auth_digests(n, auth[i]->cert);
			s[i].auth_certs =
				i == 2 || (i == 0 && n->town.next_auth.cert)
					? 2
					: 1;
		}
	}
	s[0].client = &client[0];
	s[1].client = &client[2];
	s[2].client = &client[4];
	s[3].client = &client[5];
	s[3].maintenance = n->maintenance;
	s[3].maintenance_text = n->maintenance ? "back soon" : NULL;
	p->server = s;
	p->servers = 4;
}

static struct bytes
keep(struct net *n, struct buf *b)
{
	struct bytes out =
		bytes_of(arena_memdup(n->a, b->data, b->len), b->len);

	buf_done(b);
	return out;
}

static struct bytes
write_shared(struct net *n)
{
	static const struct gc_group group = { .code = "all",
		.description = "everybody" };
	struct bytes cert = cert_der(n->conf_key.cert);
	struct gc_source source = {
		.address = arena_printf(n->a, HUB_ADDRESS ":%d", n->hub_port),
		.internal_cert = &cert,
		.external_cert = &cert,
		.internal_certs = 1,
		.external_certs = 1,
	};
	struct gc_ocsp ocsp = { .url = net_url(n, "/ocsp"),
		.cert = n->ocsp.cert };
	struct gc_approved_ca ca = { .name = "test",
		.profile = "ee.ria.xroad.common.certificateprofile.impl."
			   "EjbcaCertificateProfileInfoProvider",
		.top = { n->root.cert, &ocsp, 1 } };
	struct gc_tsa tsa[] = {
		{ .name = "tsa",
			.url = net_url(n, "/tsa"),
			.cert = n->tsa.cert },
		{ .name = "tsa2",
			.url = net_url(n, "/tsa2"),
			.cert = n->tsa2.cert },
	};
	struct shared_params p = { .version = 5,
		.instance = NET_INSTANCE,
		.source = &source,
		.sources = 1,
		.ca = &ca,
		.cas = 1,
		.tsa = tsa,
		.tsas = 2,
		.group = &group,
		.groups = 1,
		.ocsp_freshness_s = 3600 };
	struct err e = ERR_INIT;
	struct buf b;

	fill_members(&p);
	fill_servers(n, &p);
	buf_init(&b, 1 << 20);
	if (shared_params_write(&p, 5, &b, &e))
		ok_m(false, "shared parameters: %s", e.text);
	return keep(n, &b);
}

static struct bytes
write_private(struct net *n)
{
	struct private_params p = { .instance = NET_INSTANCE,
		.auth_reg_url = "https://" HUB_ADDRESS ":4001/",
		.auth_reg_cert = n->root.cert,
		.management = TOWN,
		.timestamp_interval_s = 60 };
	struct err e = ERR_INIT;
	struct buf b;

	buf_init(&b, 1 << 20);
	if (private_params_write(&p, 5, &b, &e))
		ok_m(false, "private parameters: %s", e.text);
	return keep(n, &b);
}

static struct bytes
write_dir(struct net *n, struct bytes shared, struct bytes priv)
{
	struct gcdir_part part[] = {
		{ .identifier = "SHARED-PARAMETERS",
			.instance = NET_INSTANCE,
			.file_name = "shared-params.xml",
			.location = "/parts/shared-params.xml" },
		{ .identifier = "PRIVATE-PARAMETERS",
			.instance = NET_INSTANCE,
			.file_name = "private-params.xml",
			.location = "/parts/private-params.xml" },
	};
	struct gcdir d = { .version = 5,
		.expires = clock_now() + NET_DAY_MS,
		.part = part,
		.parts = 2 };
	struct err e = ERR_INIT;
	struct buf b;

	digest_of(DIGEST_SHA512, shared.data, shared.len, &part[0].digest);
	digest_of(DIGEST_SHA512, priv.data, priv.len, &part[1].digest);
	buf_init(&b, 1 << 20);
	if (gcdir_write(
		    &d, n->conf_key.key, cert_der(n->conf_key.cert), &b, &e))
		ok_m(false, "directory: %s", e.text);
	return keep(n, &b);
}

static void
write_all(struct net *n)
{
	struct bytes shared = write_shared(n), priv = write_private(n);
	struct bytes dir = write_dir(n, shared, priv);

	pthread_mutex_lock(&n->lock);
	n->shared = shared;
	n->private_part = priv;
	n->dir = dir;
	pthread_mutex_unlock(&n->lock);
}

static void
update(struct node *d)
{
	struct err e = ERR_INIT;

	if (d->s.confclient && confclient_update(d->s.confclient, &e))
		ok_m(false, "%s: configuration: %s", d->name, e.text);
}

void
net_publish(struct net *n)
{
	write_all(n);
	update(&n->town);
	update(&n->firm);
}

static struct bytes
write_anchor(struct net *n)
{
	struct bytes cert = cert_der(n->conf_key.cert);
	struct gc_anchor_source source = {
		.url = net_url(n, "/internalconf"), .cert = &cert, .certs = 1
	};
	struct gc_anchor an = { .instance = NET_INSTANCE,
		.generated_at = clock_now(),
		.source = &source,
		.sources = 1 };
	struct err e = ERR_INIT;
	struct buf b;

	buf_init(&b, 1 << 20);
	if (anchor_write(&an, &b, &e))
		ok_m(false, "anchor: %s", e.text);
	return keep(n, &b);
}

/* ---- databases ---- */

static int64_t
added(struct db_conn *c, int64_t rc, const struct err *e)
{
	if (rc < 0)
		ok_m(false, "row: %s", e->text);
	return db_last_id(c);
}

int64_t
node_client(struct node *d, const struct client_id *id, const char *connection)
{
	struct db_conn *c = db_take(d->s.db);
	struct err e = ERR_INIT;
	int64_t row = added(c,
		db_run(c, Q_SERVER_CLIENT_ADD, &e, db_text(id->instance),
			db_text(id->cls), db_text(id->code),
			db_text(id->subsystem ? id->subsystem : ""),
			db_text("REGISTERED"), db_text(connection)),
		&e);

	db_give(c);
	return row;
}

void
node_client_cert(struct node *d, int64_t client, const struct cert *cert)
{
	struct arena *a = arena_new();
	struct db_conn *c = db_take(d->s.db);
	struct bytes der = cert_der(cert);
	struct err e = ERR_INIT;
	struct digest h;

	cert_digest(cert, DIGEST_SHA256, &h);
	added(c,
		db_run(c, Q_SERVER_CLIENT_CERT_ADD, &e, db_int(client),
			db_text(hex_encode(a, h.value, h.len)),
			db_blob(der.data, der.len)),
		&e);
	db_give(c);
	arena_free(&a);
}

int64_t
node_service(struct node *d, int64_t client, const struct service_row *r)
{
	struct arena *a = arena_new();
	struct db_conn *c = db_take(d->s.db);
	struct err e = ERR_INIT;
	char *at = arena_printf(a, "%s#%s%s", r->url, r->code, r->version);
	int64_t description, service, endpoint;

	description = added(c,
		db_run(c, Q_SERVER_DESCRIPTION_ADD, &e, db_int(client),
			db_text(r->kind), db_text(at), db_int(clock_now())),
		&e);
	added(c,
		db_run(c, Q_SERVER_DESCRIPTION_DISABLE, &e, db_int(r->disabled),
			r->disabled ? db_text("closed today") : db_null(),
			db_int(description)),
		&e);
	service = added(c,
		db_run(c, Q_SERVER_SERVICE_ADD, &e, db_int(client),
			db_int(description), db_text(r->code),
			db_text(r->version), db_null(), db_text(r->url),
			db_int(r->timeout_s), db_int(r->tls_verify)),
		&e);
	endpoint = added(c,
		db_run(c, Q_SERVER_ENDPOINT_BASE, &e, db_int(client),
			db_text(r->code)),
		&e);
	if (r->allowed)
		added(c,
			db_run(c, Q_SERVER_RIGHT_ADD, &e, db_int(endpoint),
				db_text("SUBSYSTEM"),
				db_text(client_id_path(a, r->allowed)),
				db_int(clock_now())),
			&e);
	db_give(c);
	arena_free(&a);
	return service;
}

void
node_tsa(struct node *d, const char *name, const char *url)
{
	struct db_conn *c = db_take(d->s.db);
	struct err e = ERR_INIT;

	added(c,
		db_run(c, Q_SERVER_TSA_ADD, &e, db_text(name), db_text(url),
			db_text("FREE")),
		&e);
	db_give(c);
}

void
node_touch(struct node *d)
{
	serverconf_touch(d->s.sc);
}

size_t
node_evidence(struct net *n, struct node *d, const struct client_id *local,
	const char *id, struct evidence **out)
{
	struct evidence_row *row = NULL;
	struct err e = ERR_INIT;
	size_t count = 0;

	if (evidence_find(d->s.log, n->a, id, local, &row, &count, &e))
		ok_m(false, "%s", e.text);
	*out = arena_array(n->a, count + 1, sizeof(**out));
	for (size_t i = 0; i < count; i++)
		if (evidence_get(d->s.log, n->a, row[i].id, &(*out)[i], &e))
			ok_m(false, "%s", e.text);
	return count;
}

void
node_key(struct node *d, struct party *p, const char *usage, const char *member)
{
	struct arena *a = arena_new();
	struct db_conn *c = db_take(d->s.db);
	struct bytes der = cert_der(p->cert);
	char id[KEY_ID_LEN + 1];
	struct err e = ERR_INIT;
	struct digest h;

	cert_digest(p->cert, DIGEST_SHA256, &h);
	if (signer_import(d->signer, p->key, id, &e))
		ok_m(false, "import: %s", e.text);
	added(c,
		db_run(c, Q_SERVER_KEY_ADD, &e, db_text(id), db_text(usage),
			db_text(usage),
			db_text(key_type(p->key) == KEY_RSA ? "RSA" : "EC"),
			db_int(clock_now()), db_text(TOKEN_SOFTWARE)),
		&e);
	added(c,
		db_run(c, Q_SERVER_CERT_ADD, &e, db_text(id),
			db_text(hex_encode(a, h.value, h.len)),
			db_blob(der.data, der.len), db_text(member),
			db_text("REGISTERED"), db_int(1), db_null(),
			db_int(clock_now())),
		&e);
	db_give(c);
	arena_free(&a);
}

static void
node_rows(struct net *n, struct node *d)
{
	struct arena *a = arena_new();
	struct db_conn *c = db_take(d->s.db);
	struct err e = ERR_INIT;

	added(c,
		db_run(c, Q_SERVER_IDENTITY_SET, &e, db_text(NET_INSTANCE),
			db_text(d->owner.cls), db_text(d->owner.code),
			db_text(d->code)),
		&e);
	db_give(c);
	node_client(d, &d->owner, "HTTP");
	node_key(d, &d->sign, "SIGNING", client_id_path(a, &d->owner));
	node_key(d, &d->auth, "AUTHENTICATION", NULL);
	node_tsa(d, "tsa", net_url(n, "/tsa"));
	arena_free(&a);
}

static void
town_rows(struct net *n)
{
	int64_t secure;

	node_client(&n->town, &TOWN_PORTAL, "HTTP");
	secure = node_client(&n->town, &TOWN_TLS, "HTTPS");
	node_client_cert(&n->town, secure, n->hub_cert.cert);
}

static void
firm_rows(struct net *n)
{
	int64_t data = node_client(&n->firm, &FIRM_DATA, "HTTP");
	int64_t twin = node_client(&n->firm, &FIRM_TWIN, "HTTP");
	const char *rest = net_url(n, "/service"), *soap = net_url(n, "/soap");
	const struct service_row row[] = {
		{ "REST", "echo", "", rest, 2, false, false, &TOWN_PORTAL },
		{ "REST", "denied", "", rest, 2, false, false, NULL },
		{ "REST", "closed", "", rest, 2, false, true, &TOWN_PORTAL },
		{ "REST", "closedDenied", "", rest, 2, false, true, NULL },
		{ "REST", "dead", "", "http://" DEAD_ADDRESS ":9/", 2, false,
			false, &TOWN_PORTAL },
		{ "REST", "fake", "", rest, 2, false, false, &EVIL_FAKE },
		{ "REST", "own", "", rest, 2, false, false, &FIRM_TWIN },
		{ "REST", "secure", "", rest, 2, false, false, &TOWN_TLS },
		{ "WSDL", "get", "v1", soap, 2, false, false, &TOWN_PORTAL },
		{ "WSDL", "get", "v2", soap, 2, false, false, NULL },
		{ "WSDL", "deny", "v1", soap, 2, false, false, NULL },
		{ "WSDL", "bad", "v1", "http://" DEAD_ADDRESS ":9/", 2, false,
			false, &TOWN_PORTAL },
	};
	const struct service_row echo = { "REST", "echo", "", rest, 2, false,
		false, &TOWN_PORTAL };

	n->firm_data = data;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		node_service(&n->firm, data, &row[i]);
	node_service(&n->firm, twin, &echo);
	node_touch(&n->firm);
}

/* ---- life ---- */

int
net_free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0), port = 0;

	if (!bind(fd, (struct sockaddr *)&at, len) &&
		!getsockname(fd, (struct sockaddr *)&at, &len))
		port = ntohs(at.sin_port);
	close(fd);
	return port;
}

static void
conf_put(
	struct node *d, const char *section, const char *key, const char *value)
{
	struct err e = ERR_INIT;

	if (conf_set(d->conf, section, key, value, &e))
		ok_m(false, "%s: %s", key, e.text);
}

static void
conf_number(struct node *d, const char *section, const char *key, int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	conf_put(d, section, key, text);
}

static void
node_conf(struct net *n, struct node *d)
{
	d->conf = conf_defaults();
	d->http = net_free_port();
	d->https = net_free_port();
	conf_put(d, "machilink", "data-dir", d->dir);
	conf_put(d, "machilink", "address", d->address);
	conf_put(d, "proxy", "connector-host", d->address);
	conf_put(d, "proxy", "server-listen-address", d->address);
	conf_put(d, "proxy", "ocsp-responder-listen-address", d->address);
	conf_number(d, "proxy", "client-http-port", d->http);
	conf_number(d, "proxy", "client-https-port", d->https);
	conf_number(d, "proxy", "server-listen-port", n->peer_port);
	conf_number(d, "proxy", "server-port", n->peer_port);
	conf_number(d, "proxy", "ocsp-responder-port", n->responder_port);
	conf_number(d, "proxy", "client-timeout", 20000);
	conf_number(d, "proxy", "client-httpclient-timeout", 60000);
	conf_number(d, "proxy", "client-threads", 8);
	conf_number(d, "proxy", "server-threads", 8);
	conf_number(d, "proxy", "max-message-size", 256 * 1024);
	conf_number(
		d, "message-log", "acceptable-timestamp-failure-period", 100);
	conf_number(d, "message-log", "timestamp-records-limit", 50);
}

void
node_open(struct net *n, struct node *d)
{
	struct server *s = &d->s;
	struct err e = ERR_INIT;

	(void)n;
	*s = (struct server){
		.conf = d->conf,
		.signer = d->signer,
		.batcher = batcher_new(),
		.consent = consent_gate_new(d->conf),
	};
	if (db_open(&s->db, &schema_server,
		    conf_data_path(d->conf, "server.db"), 0, &e) ||
		http_client_new(&s->http, &e) ||
		confclient_open(&s->confclient, d->conf, s->http, &e) ||
		ocspstore_open(&s->ocsp, conf_data_path(d->conf, "ocsp"), &e) ||
		keyconf_open(&s->keys, s->db, s->signer,
			(struct token_list){ 0 }, &e) ||
		serverconf_open(&s->sc, s->db, &e) ||
		messagelog_open(
			&s->log, d->conf, s->confclient, s->sc, s->http, &e) ||
		responder_start(s, &e) || proxy_start(s, &e))
		ok_m(false, "%s: %s", d->name, e.text);
}

/* What the jobs would do: configuration, OCSP, the door for peers. */
static void
node_run(struct net *n, struct node *d)
{
	struct err e = ERR_INIT;
	int64_t next;

	keyconf_touch(d->s.keys);
	serverconf_touch(d->s.sc);
	if (confclient_set_anchor(d->s.confclient, write_anchor(n), &e))
		ok_m(false, "%s: anchor: %s", d->name, e.text);
	if (ocsp_round(&d->s, &next, &e))
		ok_m(false, "%s: OCSP: %s", d->name, e.text);
	if (proxy_reload_tls(&d->s, &e))
		ok_m(false, "%s: TLS: %s", d->name, e.text);
}

void
node_close(struct node *d)
{
	struct server *s = &d->s;

	proxy_stop(s);
	http_stop(&s->responder);
	messagelog_close(&s->log);
	consent_gate_free(&s->consent);
	batcher_free(&s->batcher);
	serverconf_close(&s->sc);
	keyconf_close(&s->keys);
	ocspstore_close(&s->ocsp);
	confclient_close(&s->confclient);
	http_client_free(&s->http);
	db_close(&s->db);
}

void
node_restart(struct net *n, struct node *d, const char *section,
	const char *key, const char *value)
{
	node_close(d);
	if (section)
		conf_put(d, section, key, value);
	node_open(n, d);
	node_run(n, d);
}

static void
node_fork(struct net *n, struct node *d, const char *name, const char *address,
	const struct client_id *owner, const char *code)
{
	struct err e = ERR_INIT;

	d->name = name;
	d->address = address;
	d->owner = *owner;
	d->code = code;
	d->dir = arena_printf(n->a, "%s/%s/%s", tap_dir(), n->folder, name);
	if (dir_make(d->dir, &e) ||
		signer_start(&d->signer, path_join(n->a, d->dir, "keys"), &e) ||
		signer_init_pin(d->signer, PIN, &e) ||
		signer_login(d->signer, PIN, &e))
		ok_m(false, "%s: signer: %s", name, e.text);
}

void
net_fork(struct net *n, const char *folder)
{
	memset(n, 0, sizeof(*n));
	n->a = arena_new();
	n->folder = folder;
	(void)log_open(path_join(n->a, tap_dir(), "log"), NULL);
	node_fork(n, &n->town, "town", TOWN_ADDRESS, &TOWN, "ss1");
	node_fork(n, &n->firm, "firm", FIRM_ADDRESS, &FIRM, "ss2");
}

static void
node_parties(struct net *n, struct node *d)
{
	d->sign = net_issue(
		n, KEY_EC, PARTY_SIGN, d->owner.cls, d->owner.code, NULL, 900);
	d->auth = net_issue(
		n, KEY_RSA, PARTY_AUTH, d->owner.cls, d->code, NULL, 900);
}

void
net_open(struct net *n)
{
	struct err e = ERR_INIT;

	pthread_mutex_init(&n->lock, NULL);
	n->say = (struct service_say){ .status = 200 };
	n->seen.a = arena_new();
	ok_m(!http_startup(&e), "HTTP: %s", e.text);
	http_client_new(&n->http, &e);
	n->peer_port = net_free_port();
	n->responder_port = net_free_port();
	make_parties(n);
	node_parties(n, &n->town);
	node_parties(n, &n->firm);
	hub_open(n);
	write_all(n);
	node_conf(n, &n->town);
	node_conf(n, &n->firm);
	node_open(n, &n->town);
	node_open(n, &n->firm);
	node_rows(n, &n->town);
	node_rows(n, &n->firm);
	town_rows(n);
	firm_rows(n);
	node_run(n, &n->town);
	node_run(n, &n->firm);
}

void
net_close(struct net *n)
{
	struct party *all[] = { &n->root, &n->other_root, &n->ocsp, &n->tsa,
		&n->tsa2, &n->rogue_tsa, &n->conf_key, &n->evil_sign,
		&n->evil_auth, &n->stranger_auth, &n->evil_old_auth,
		&n->hub_cert, &n->town.sign, &n->town.auth, &n->firm.sign,
		&n->firm.auth };

	node_close(&n->town);
	node_close(&n->firm);
	signer_stop(&n->town.signer);
	signer_stop(&n->firm.signer);
	http_stop(&n->hub);
	http_stop(&n->hub_tls);
	http_client_free(&n->http);
	http_shutdown();
	conf_free(&n->town.conf);
	conf_free(&n->firm.conf);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		party_drop(all[i]);
	pthread_mutex_destroy(&n->lock);
	arena_free(&n->seen.a);
	arena_free(&n->a);
}
