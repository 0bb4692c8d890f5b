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

/* The file says where the data is; settings.ini lies above it. */
static struct conf *
load_in(const char *dir, const char *more, const char *local, struct err *e)
{
	struct conf *c = NULL;
	char path[4096], text[8192];

	snprintf(path, sizeof(path), "%s/" CONF_LOCAL, dir);
	if (local)
		file_write(path, bytes_str(local), FILE_PRIVATE, NULL);
	snprintf(path, sizeof(path), "%s/machine.ini", dir);
	snprintf(text, sizeof(text), "[machilink]\ndata-dir = %s\n%s", dir,
		more);
	file_write(path, bytes_str(text), FILE_PUBLIC, NULL);
	conf_load(&c, path, e);
	return c;
}

static void
local_says(const char *dir, const char *want)
{
	struct arena *a = arena_new();
	struct bytes got = bytes_str("");

	file_read(a, path_join(a, dir, CONF_LOCAL), 65536, &got, NULL);
	if (!ok(strstr((const char *)got.data, want) != NULL))
		tap_note("%s", (const char *)got.data);
	arena_free(&a);
}

static void
test_change(void)
{
	const char *dir = tap_dir();
	struct err e = ERR_INIT;
	struct conf *c = load_in(dir, "backup-keep-days = 40\n", NULL, &e);
	struct conf *next = NULL;

	ok(c && conf_int(c, P_BACKUP_KEEP) == 40);
	ok(!conf_change(c, P_BACKUP_KEEP, "50", &e));
	ok(!conf_change(c, P_BACKUP_WHEN, "0 0 2 * * ?", &e));
	ok(conf_int(c, P_BACKUP_KEEP) == 40); /* what runs stays as it is */
	ok(!conf_next(c, &next, &e) && !conf_same(c, next));
	ok(next && conf_int(next, P_BACKUP_KEEP) == 50);
	ok(next && conf_local(next, P_BACKUP_KEEP) &&
		conf_given(next, P_BACKUP_KEEP) &&
		!conf_local(next, P_DATA_DIR));
	conf_free(&next);
	local_says(dir, "[configuration-client]\n"
			"proxy-configuration-backup-cron = 0 0 2 * * ?\n");
	ok(!conf_change(c, P_BACKUP_WHEN, NULL, &e));
	ok(!conf_change(c, P_BACKUP_KEEP, NULL, &e));
	ok(!conf_change(c, P_BACKUP_KEEP, NULL, &e)); /* again */
	ok(!conf_next(c, &next, &e) && conf_same(c, next));
	conf_free(&next);
	conf_free(&c);
}

static void
test_change_refused(void)
{
	static const struct {
		enum param_id id;
		const char *value;
		enum fault fault;
	} row[] = {
		{ P_BACKUP_KEEP, "0", FAULT_BAD_REQUEST },
		{ P_BACKUP_KEEP, "many", FAULT_BAD_REQUEST },
		{ P_BACKUP_KEEP, "", FAULT_BAD_REQUEST },
		{ P_BACKUP_KEEP, " 5", FAULT_BAD_REQUEST },
		{ P_BACKUP_WHEN, "0 0 2 * * ?\n[machilink]",
			FAULT_BAD_REQUEST },
		{ P_BACKUP_WHEN, "99 99 * * * ?", FAULT_BAD_REQUEST },
		{ P_SECOND_FACTOR, "yes", FAULT_BAD_REQUEST },
		{ P_DATA_DIR, "/tmp", FAULT_FORBIDDEN },
		{ P_WSDL_VALIDATOR, "/bin/true", FAULT_FORBIDDEN },
		{ P_ML_ARCHIVE_TRANSFER, "id", FAULT_FORBIDDEN },
		{ P_ADMIN_PORT, "4001", FAULT_FORBIDDEN },
	};
	struct err e = ERR_INIT;
	struct conf *c = load_in(tap_dir(), "", NULL, &e), *none;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct err why = ERR_INIT;

		ok(conf_change(c, row[i].id, row[i].value, &why) == -1 &&
			why.fault == row[i].fault && *why.text);
	}
	conf_free(&c);
	none = conf_defaults();
	ok(conf_change(none, P_BACKUP_KEEP, "3", &e) == -1);
	conf_free(&none);
}

static void
test_change_table(void)
{
	int bad = 0, many = 0;

	for (int i = 0; i < PARAM_COUNT; i++) {
		const struct param *p = param_row((enum param_id)i);

		many += param_local((enum param_id)i);
		if (param_local((enum param_id)i) &&
			((p->type != PARAM_INT && p->type != PARAM_BOOL &&
				 p->type != PARAM_WHEN) ||
				str_equal(p->unit, "port")))
			bad++;
		if (param_find(p->section, p->key) != i)
			bad++;
	}
	ok(many > 30 && bad == 0);
}

/* Somebody wrote into it by hand. */
static void
test_change_by_hand(void)
{
	static const char *const local[] = { "[machilink]\nroles = center\n",
		"[machilink]\nbackup-keep-days = 0\n",
		"[machilink]\nbackup-keep-days = 1\nbackup-keep-days = 2\n",
		"nonsense\n" };
	struct err e = ERR_INIT;
	struct conf *c;

	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		struct err why = ERR_INIT;

		c = load_in(tap_dir(), "", local[i], &why);
		ok(!c && why.fault == FAULT_CONFIG &&
			strstr(why.text, CONF_LOCAL ":") != NULL);
		conf_free(&c);
	}
	c = load_in(tap_dir(), "", "[machilink]\nbackup-keep-days = 2\n", &e);
	ok(c && conf_int(c, P_BACKUP_KEEP) == 2);
	conf_free(&c);
}

int
main(void)
{
	test_table();
	test_good_file();
	test_refusals();
	test_odd_files();
	test_threads();
	test_change();
	test_change_refused();
	test_change_table();
	test_change_by_hand();
	test_print(false);
	test_print(true);
	return tap_done();
}
