/* SPDX-License-Identifier: MIT */
/*
 * Tests of the log: form of a line, levels, no forged lines, errno.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "log.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

static const char *
log_text(struct arena *a, const char *path)
{
	struct bytes b;

	if (file_read(a, path, 1 << 20, &b, NULL) != 0)
		return "";
	return (const char *)b.data;
}

static int
lines_of(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += *s == '\n';
	return n;
}

int
main(void)
{
	struct arena *a = arena_new();
	char *path = path_join(a, tap_dir(), "log"), big[10000];
	struct err e = ERR_INIT, peer = ERR_INIT;
	const char *text;

	is_int(log_open(path_join(a, tap_dir(), "no/log"), &e), -1);
	is_int(e.fault, FAULT_IO);
	is_int(log_open(path, NULL), 0);
	log_info("hello %d", 7);
	text = log_text(a, path);
	is_str(text + 24, " info - [-] hello 7\n");
	is_int(text[10], 'T');
	is_int(text[23], 'Z');
	log_role("center");
	log_request("r-1");
	errno = ENOENT;
	log_warning("evil\nforged\r\x1b[2J");
	is_int(errno, ENOENT);
	text = log_text(a, path);
	is_int(lines_of(text), 2);
	ok(strstr(text, " warning center [r-1] evil?forged??[2J\n") != NULL);
	log_debug("not yet");
	is_int(lines_of(log_text(a, path)), 2);
	log_level_set(LOG_DEBUG);
	log_debug("now");
	is_int(lines_of(log_text(a, path)), 3);
	log_level_set(LOG_ERROR);
	log_warning("no more");
	log_err("nothing", &(struct err)ERR_INIT);
	is_int(lines_of(log_text(a, path)), 3);
	log_err("opening", &e);
	ok(strstr(log_text(a, path),
		   "error center [r-1] opening: the log file") != NULL);
	ok(strstr(log_text(a, path), "(io_error)\n") != NULL);
	log_fault("nothing", &(struct err)ERR_INIT);
	is_int(lines_of(log_text(a, path)), 4);
	log_fault("told", &e);
	is_int((long long)strlen(e.detail), UUID_LEN);
	is_int(lines_of(log_text(a, path)), 5);
	ok(strstr(log_text(a, path), e.detail) != NULL);
	fail_foreign(&peer, "server.x", "theirs", "their id");
	log_fault("told", &peer);
	is_str(peer.detail, "their id");
	ok(strstr(log_text(a, path), "(server.x) [their id]\n") != NULL);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	log_request(big);
	log_error("%s", big);
	text = log_text(a, path);
	is_int(lines_of(text), 7);
	is_int(text[strlen(text) - 1], '\n');
	is_int(log_open(path, NULL), 0);
	arena_free(&a);
	return tap_done();
}
