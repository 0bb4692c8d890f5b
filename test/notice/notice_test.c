/* SPDX-License-Identifier: MIT */
/*
 * Mails to operators: mail.yml, both languages, thresholds of expiry, and
 * delivery over STARTTLS and TLS to a real mail server (aiosmtpd, where this
 * machine's python3 has it).
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "expiry.h"
#include "file.h"
#include "http_server.h"
#include "key.h"
#include "mail.h"
#include "mailbox.h"
#include "mem.h"
#include "smtp_kit.h"
#include "tap.h"
#include "text.h"
#include "wording.h"

static const int64_t day = 86400000;
static struct arena *a;

static const char *
put(const char *name, const char *text)
{
	const char *path = path_join(a, tap_dir(), name);

	ok(!file_write(path, bytes_str(text), FILE_PRIVATE, NULL));
	return path;
}

static void
test_thresholds(void)
{
	static const struct {
		int64_t left; /* ms */
		int threshold;
		int days;
	} row[] = {
		{ 61 * 86400000LL, EXPIRY_FAR, 61 },
		{ 60 * 86400000LL, 60, 60 },
		{ 31 * 86400000LL, 60, 31 },
		{ 30 * 86400000LL, 30, 30 },
		{ 14 * 86400000LL, 14, 14 },
		{ 13 * 86400000LL + 5, 14, 14 },
		{ 7 * 86400000LL, 7, 7 },
		{ 86400001LL, 7, 2 },
		{ 86400000LL, 1, 1 },
		{ 1, 1, 1 },
		{ 0, EXPIRY_PAST, 0 },
		{ -86400000LL, EXPIRY_PAST, 0 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		is_int(expiry_threshold(1000 * day + row[i].left, 1000 * day),
			row[i].threshold);
		is_int(expiry_days(1000 * day + row[i].left, 1000 * day),
			row[i].days);
	}
}

static void
test_wording(void)
{
	const char *const arg[WORDING_ARGS] = { "JP/GOV/1/SS", "CN=x", "7",
		"sign" };
	struct letter l;

	for (int id = 0; id < WORDINGS; id++)
		for (int ja = 0; ja < 2; ja++) {
			l = wording_make(a, (enum wording)id, ja, arg);
			ok(utf8_valid(l.text, strlen(l.text)) && *l.text &&
				!strchr(l.text, '{') &&
				!strchr(l.subject, '{') &&
				!strchr(l.subject, '\n'));
		}
	l = wording_make(a, WORDING_EXPIRES, false, arg);
	is_str(l.subject, "JP/GOV/1/SS: certificate expires in 7 days");
	l = wording_make(a, WORDING_EXPIRES, true, arg);
	ok(strstr(l.subject, "7 日") != NULL);
}

static void
test_config(void)
{
	struct mailbox m;
	struct err e = ERR_INIT;
	const char *path;

	ok(!mailbox_read(a, path_join(a, tap_dir(), "none.yml"), &m, &e));
	ok(!m.ready && m.contacts == 0 && m.verify);
	path = put("mail.yml",
		"host: mail.example.org\nport: 587\nusername: town@example.org\n"
		"password: 12345\nuse-ssl-tls: true\ncontacts:\n"
		"  'JP:GOV:1000': one@example.org\n"
		"  \"JP:COM:2000\": two@example.org\n");
	ok(!mailbox_read(a, path, &m, &e));
	ok(m.ready && m.tls_at_once && m.port == 587);
	is_str(m.password, "12345");
	is_str(m.from, "town@example.org");
	is_str(mailbox_contact(&m, "JP:COM:2000"), "two@example.org");
	ok(!mailbox_contact(&m, "JP:COM:3000"));
	path = put("mail.yml", "host: h\nport: 25\nusername: u\npassword:\n");
	ok(!mailbox_read(a, path, &m, &e) && !m.ready && !m.tls_at_once);
	is_str(m.from, "machilink@h");
	static const char *const bad[] = {
		"host: [1]\n",
		"host: 'a b'\n",
		"port: x\n",
		"port: 70000\n",
		"contacts:\n  x: no address\n",
		"contacts:\n  x: \"a@b\\r\\nRCPT TO: c\"\n",
		"host: 'x\n",
		"from: x\n",
		NULL,
	};
	for (int i = 0; bad[i]; i++) {
		err_reset(&e);
		ok_m(mailbox_read(a, put("mail.yml", bad[i]), &m, &e) &&
				e.fault == FAULT_CONFIG,
			"%s", bad[i]);
	}
}

static void
test_addresses(void)
{
	ok(mail_address_ok("a.b+c@mail.example.org"));
	ok(!mail_address_ok("a"));
	ok(!mail_address_ok("@b"));
	ok(!mail_address_ok("a@"));
	ok(!mail_address_ok("a@b@c"));
	ok(!mail_address_ok("a b@c"));
	ok(!mail_address_ok("a@b\r\n"));
	ok(!mail_address_ok("<a@b>"));
	ok(!mail_address_ok(NULL));
}

/* ---- a real server ---- */

static void
check_mail(const struct smtpd *d, const struct letter *l)
{
	struct bytes eml = { 0 }, text;
	const char *body;

	ok(!file_read(a, path_join(a, d->folder, "1.eml"), 65536, &eml, NULL));
	ok(strstr((const char *)eml.data, "X-From: town@example.org\r\n") !=
		NULL);
	ok(strstr((const char *)eml.data, "X-To: ops@example.org\r\n") != NULL);
	ok(strstr((const char *)eml.data, "\r\nSubject: =?UTF-8?B?") != NULL);
	body = strstr((const char *)eml.data, "\r\n\r\n");
	ok(body && !base64_decode(a, body, strlen(body), &text, NULL));
	is_bytes(text.data, text.len, l->text, strlen(l->text));
}

static void
test_mode(const char *mode, const char *cert, const char *key)
{
	const char *const arg[WORDING_ARGS] = { "JP/GOV/1/SS" };
	struct letter l = wording_make(a, WORDING_TEST, true, arg);
	struct smtpd d = smtpd_start(a, mode, cert, key);
	struct mailbox m = { .ready = true,
		.host = "127.0.0.1",
		.port = d.port,
		.username = "testuser",
		.password = "wrong",
		.from = "town@example.org",
		.tls_at_once = str_equal(mode, "smtps"),
		.verify = true };
	struct err e = ERR_INIT;

	/* nobody vouches for the server */
	ok(mailbox_send(&m, "ops@example.org", l.subject, l.text, &e));
	is_int(e.fault, FAULT_SSL_AUTH);
	m.ca_file = cert;
	err_reset(&e);
	ok(mailbox_send(&m, "ops@example.org", l.subject, l.text, &e));
	is_int(e.fault, FAULT_UNAUTHORIZED);
	m.password = "secret";
	err_reset(&e);
	ok_m(!mailbox_send(&m, "ops@example.org", l.subject, l.text, &e), "%s",
		e.text);
	check_mail(&d, &l);
	m.verify = false;
	m.ca_file = NULL;
	ok(!mailbox_send(&m, "ops@example.org", "", "", &e));
	smtpd_stop(&d);
	ok(mailbox_send(&m, "ops@example.org", l.subject, l.text, &e));
	is_int(e.fault, FAULT_NETWORK);
}

/* A password is never sent in the clear. */
static void
test_plain(const char *cert, const char *key)
{
	struct smtpd d = smtpd_start(a, "plain", cert, key);
	const struct mailbox m = { .ready = true,
		.host = "127.0.0.1",
		.port = d.port,
		.username = "testuser",
		.password = "secret",
		.from = "town@example.org" };
	struct err e = ERR_INIT;

	ok(mailbox_send(&m, "ops@example.org", "x", "x", &e));
	ok_m(e.fault == FAULT_SSL_AUTH, "%s", e.text);
	ok(!file_exists(path_join(a, d.folder, "1.eml")));
	smtpd_stop(&d);
}

int
main(void)
{
	const char *cert, *key;

	a = arena_new();
	ok(!http_startup(NULL));
	signal(SIGPIPE, SIG_IGN);
	test_thresholds();
	test_wording();
	test_config();
	test_addresses();
	smtp_identity(a, &cert, &key);
	if (!smtpd_here()) {
		tap_skip("python3 has no aiosmtpd");
	} else {
		test_mode("starttls", cert, key);
		test_mode("smtps", cert, key);
		test_plain(cert, key);
	}
	http_shutdown();
	arena_free(&a);
	return tap_done();
}
