/* SPDX-License-Identifier: MIT */
/*
 * A real mail server for tests: aiosmtpd run by smtpd.py, where this machine's
 * python3 has it; and a TLS identity for it.
 */
#pragma once

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cert.h"
#include "clock.h"
#include "file.h"
#include "key.h"
#include "mem.h"
#include "tap.h"

static inline bool
smtpd_here(void)
{
	const char *const have[] = { "python3", "-c", "import aiosmtpd", NULL };

	return !tap_run(have, NULL, 0);
}

static inline const char *
smtp_put(struct arena *a, const char *name, const char *text)
{
	const char *path = path_join(a, tap_dir(), name);

	ok(!file_write(path, bytes_str(text), FILE_PRIVATE, NULL));
	return path;
}

struct smtpd {
	pid_t pid;
	int in; /* its end of life */
	int port;
	const char *folder;
};

static inline struct smtpd
smtpd_start(
	struct arena *a, const char *mode, const char *cert, const char *key)
{
	struct smtpd d = { .folder = path_join(a, tap_dir(), mode) };
	int in[2], out[2];
	char line[32] = "";
	ssize_t n;
	size_t have = 0;

	ok(!dir_make(d.folder, NULL));
	ok(!pipe(in) && !pipe(out));
	d.pid = fork();
	if (!d.pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execlp("python3", "python3", "test/smtpd.py", mode, cert, key,
			d.folder, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	while (!strchr(line, '\n') && have < sizeof(line) - 1 &&
		(n = read(out[0], line + have, sizeof(line) - 1 - have)) > 0)
		have += (size_t)n;
	close(out[0]);
	d.in = in[1];
	sscanf(line, "%d", &d.port);
	ok_m(d.port > 0, "%s server listens", mode);
	return d;
}

static inline void
smtpd_stop(struct smtpd *d)
{
	close(d->in);
	waitpid(d->pid, NULL, 0);
}

static inline void
smtp_identity(struct arena *a, const char **cert, const char **key)
{
	const struct rdn cn = { "CN", "127.0.0.1" };
	struct cert_template t = { .subject = &cn,
		.subjects = 1,
		.serial = 3,
		.not_before = clock_now() - 1000,
		.not_after = clock_now() + 86400000,
		.ca = true,
		.path_len = -1,
		.key_usage = KU_DIGITAL_SIGNATURE | KU_KEY_CERT_SIGN,
		.ip = "127.0.0.1" };
	struct cert *c = NULL;
	struct bytes der;

	ok(!key_generate(&t.key, KEY_EC, 256, NULL));
	ok(!cert_issue(&c, &t, NULL, t.key, NULL));
	ok(!key_private_der(t.key, a, &der, NULL));
	*cert = smtp_put(
		a, "smtp.crt", pem_encode(a, "CERTIFICATE", cert_der(c)));
	*key = smtp_put(a, "smtp.key", pem_encode(a, "PRIVATE KEY", der));
	cert_unref(&c);
	key_unref(&t.key);
}
