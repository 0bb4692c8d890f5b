/* SPDX-License-Identifier: MIT */
/*
 * Tests of the parameter table and of the configuration file.
 */
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "job.h"
#include "mem.h"
#include "param.h"
#include "tap.h"
#include "text.h"

static struct conf *
load(const char *text, size_t n, struct err *e)
{
	struct conf *c = NULL;
	char path[4096];

	snprintf(path, sizeof(path), "%s/conf.ini", tap_dir());
	file_write(path, bytes_of(text, n), FILE_PUBLIC, NULL);
	conf_load(&c, path, e);
	return c;
}

static void
test_table(void)
{
	struct conf *c = conf_defaults();
	int i, j, bad = 0;

	for (i = 0; i < PARAM_COUNT; i++) {
		const struct param *p = param_row((enum param_id)i);
		struct err e = ERR_INIT;

		/* a default must pass its own check */
		if (conf_set(c, p->section, p->key, p->def, &e) != 0) {
			tap_note("%s.%s: %s", p->section, p->key, e.text);
			bad++;
		}
		if (p->type == PARAM_INT && p->lo > p->hi)
			bad++;
		if (!*p->text || p->text[strlen(p->text) - 1] != '.')
			bad++;
		for (j = 0; j < i; j++) {
			const struct param *q = param_row((enum param_id)j);

			bad += str_equal(p->key, q->key) &&
			       str_equal(p->section, q->section);
		}
	}
	is_int(bad, 0);
	conf_free(&c);
	ok(c == NULL);
}

static const char good_text[] = "\xef\xbb\xbf; a comment\r\n"
				"# another\r\n"
				"\r\n"
				"[machilink]\r\n"
				"  roles = center ,  security-server\r\n"
				"data-dir=/tmp/x;y#z\r\n"
				"[ proxy ]\n"
				"server-port = 5501\n"
				"connector-host =\n"
				"[configuration-client]\n"
				"global-conf-tls-cert-verification = false";

static void
test_good_file(void)
{
	struct err e = ERR_INIT;
	struct conf *c = load(good_text, sizeof(good_text) - 1, &e);
	const char *path;

	is_str(e.text, "");
	if (!ok(c != NULL))
		return;
	is_str(conf_text(c, P_DATA_DIR), "/tmp/x;y#z");
	ok(conf_has(c, P_ROLES, "center"));
	ok(conf_has(c, P_ROLES, "security-server"));
	ok(!conf_has(c, P_ROLES, "security"));
	ok(!conf_has(c, P_ROLES, "adapter") && !conf_has(c, P_ROLES, ""));
	is_int(conf_int(c, P_SERVER_PORT), 5501);
	is_int(conf_int(c, P_SERVER_LISTEN_PORT), 5500);
	is_str(conf_text(c, P_CONNECTOR_HOST), "");
	ok(conf_given(c, P_CONNECTOR_HOST) && !conf_given(c, P_INSTANCE));
	ok(!conf_bool(c, P_GC_TLS_VERIFY) && conf_bool(c, P_ADMIN_TLS));
	path = conf_data_path(c, "server.db");
	is_str(path, "/tmp/x;y#z/server.db");
	ok(conf_data_path(c, "server.db") == path);
	is_str(conf_data_path(c, "center.db"), "/tmp/x;y#z/center.db");
	conf_free(&c);
}

static void
test_refusals(void)
{
	static const struct {
		const char *text, *says;
	} row[] = {
		{ "[machilink\n", "conf.ini:1: ']' is missing" },
		{ "\n[proxi]\n", "conf.ini:2: there is no section [proxi]; "
				 "did you mean [proxy]?" },
		{ "[something-else]\n",
			"there is no section [something-else]" },
		{ "[proxy]\nservr-port = 1\n",
			"conf.ini:2: [proxy] has no 'servr-port'; did you mean "
			"'server-port'?" },
		{ "[center]\nserver-port = 1\n", "it belongs to [proxy]" },
		{ "[proxy]\nxyzzy-frobnicate = 1\n",
			"[proxy] has no 'xyzzy-frobnicate'" },
		{ "[proxy]\nserver-port = 70000\n",
			"server-port must be a whole number from 1 to 65535 "
			"port, not '70000'" },
		{ "[proxy]\nserver-port = 5500 ; comment\n",
			"must be a whole number" },
		{ "[proxy]\nserver-port = 1\nserver-port = 2\n",
			"conf.ini:3: 'server-port' is set in line 2 already" },
		{ "[machilink]\ntest-clock = yes\n",
			"must be true or false, not 'yes'" },
		{ "server-port = 1\n", "a key before the first [section]" },
		{ "[proxy]\nserver-port\n",
			"neither [section] nor key = value" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct err e = ERR_INIT;
		struct conf *c = load(row[i].text, strlen(row[i].text), &e);

		if (!ok_m(!c && e.fault == FAULT_CONFIG &&
				    strstr(e.text, row[i].says),
			    "refused: %s", row[i].says))
			tap_note("%s", e.text);
		conf_free(&c);
	}
}

static void
test_odd_files(void)
{
	static char big[1024 * 1024 + 1];
	struct err e = ERR_INIT;
	struct conf *c = load("[proxy]\n\0", 9, &e);

	ok(!c && strstr(e.text, "is not a text file"));
	memset(big, '\n', sizeof(big));
	err_reset(&e);
	c = load(big, sizeof(big), &e);
	ok(!c && strstr(e.text, "is larger than 1048576 bytes"));
	c = load(big, sizeof(big) - 1, NULL);
	ok(c != NULL);
	conf_free(&c);
	c = load("", 0, NULL);
	ok(c != NULL);
	conf_free(&c);
	err_reset(&e);
	is_int(conf_load(&c, "/nonexistent/machilink.ini", &e), -1);
	is_int(e.fault, FAULT_CONFIG);
	ok(strstr(e.text, "/nonexistent/machilink.ini") != NULL);
}

static void
ask_paths(void *ctx)
{
	struct conf *c = ctx;
	char name[16];
	int i;

	for (i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		if (!str_suffix(conf_data_path(c, name), name))
			ok_m(false, "path of %s", name);
	}
}

static void
test_threads(void)
{
	struct conf *c = conf_defaults();
	struct worker *w[4];
	size_t i;

	for (i = 0; i < 4; i++)
		worker_start(&w[i], "asker", ask_paths, c, NULL);
	for (i = 0; i < 4; i++)
		worker_join(&w[i]);
	is_str(conf_data_path(c, "n1"), "/var/lib/machilink/n1");
	conf_free(&c);
}

/* What `machilink param list` prints is a valid file that changes nothing. */
static void
test_print(bool japanese)
{
	char path[4096];
	struct err e = ERR_INIT;
	struct conf *c = NULL, *d = conf_defaults();
	int i, differ = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/printed.ini", tap_dir());
	f = fopen(path, "w");
	param_print(f, japanese);
	fclose(f);
	is_int(conf_load(&c, path, &e), 0);
	is_str(e.text, "");
	for (i = 0; c && i < PARAM_COUNT; i++)
		differ += !str_equal(conf_text(c, (enum param_id)i),
				  conf_text(d, (enum param_id)i)) ||
			  !conf_given(c, (enum param_id)i);
	is_int(differ, 0);
	conf_free(&c);
	conf_free(&d);
}

int
main(void)
{
	test_table();
	test_good_file();
	test_refusals();
	test_odd_files();
	test_threads();
	test_print(false);
	test_print(true);
	return tap_done();
}
