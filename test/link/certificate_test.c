/* SPDX-License-Identifier: MIT */
/*
 * The certificate of the resident's pages is another one as soon as it lies in
 * the data directory, without a restart.
 */
#define IN_LINK 1

#include "bundle.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "http_trusted.h"
#include "identity.h"
#include "linkkit.h"
#include "param.h"
#include "resident_int.h"
#include "tap.h"
#include "text.h"
#include "tls.h"

static struct linkkit kit;
static struct resident *pages;

/* Whether the pages have the certificate that lies there. */
static bool
trusted(const struct conf *conf)
{
	struct http_call call = { .method = "GET",
		.url = arena_printf(kit.a, "https://localhost:%d/ja/",
			http_port(pages->http)),
		.answer_max = 1 << 20,
		.connect_timeout_ms = 20000,
		.total_timeout_ms = 60000 };
	struct http_client *client = NULL;
	struct bundle *roots = NULL;
	struct http_answer answer;
	struct err e = ERR_INIT;
	bool good;

	call.tls = pages->client_tls;
	good = !http_client_new(&client, &e) &&
	       !bundle_open(&roots, conf_data_path(conf, "resident.crt"), &e) &&
	       !http_call_trusted(client, kit.a, &call, roots, &answer, &e) &&
	       answer.status == 200;
	tap_note("%s", good ? "trusted" : e.text);
	bundle_close(&roots);
	http_client_free(&client);
	return good;
}

static void
renewed(const struct conf *conf)
{
	const struct identity_plan plan = { conf_text(conf, P_DATA_DIR),
		"resident", "localhost", KEY_EC };
	const char *path = conf_data_path(conf, "resident.key");
	struct identity own = { 0 };
	struct err e = ERR_INIT;
	struct bytes key;

	is_int(identity_renew(&plan, &own, &e), 0);
	identity_done(&own);
	ok(!trusted(conf));
	resident_tls_look(pages);
	ok(trusted(conf));
	resident_tls_look(pages); /* nothing new */
	ok(trusted(conf));
	/* the certificate comes before its key: the old one stays */
	is_int(identity_renew(&plan, &own, &e), 0);
	identity_done(&own);
	is_int(file_read(kit.a, path, 100000, &key, &e), 0);
	is_int(file_write(path, bytes_str("not a key"), FILE_PRIVATE, &e), 0);
	resident_tls_look(pages);
	ok(!trusted(conf));
	is_int(file_write(path, key, FILE_PRIVATE, &e), 0);
	resident_tls_look(pages);
	ok(trusted(conf));
}

int
main(void)
{
	struct conf *conf = conf_defaults();
	struct err e = ERR_INIT;

	ok(http_startup(&e) == 0);
	linkkit_open(&kit);
	ok(conf_set(conf, "machilink", "data-dir", tap_dir(), NULL) == 0);
	ok(conf_set(conf, "machilink", "address", "localhost", NULL) == 0);
	ok(conf_set(conf, "personal-link", "resident-listen-address",
		   "127.0.0.1", NULL) == 0);
	ok(conf_set(conf, "personal-link", "resident-port", "0", NULL) == 0);
	ok_m(resident_start(&pages, conf, &kit.center, &e) == 0, "%s", e.text);
	if (pages) {
		ok(trusted(conf));
		renewed(conf);
	}
	resident_stop(&pages);
	linkkit_close(&kit);
	conf_free(&conf);
	http_shutdown();
	return tap_done();
}
