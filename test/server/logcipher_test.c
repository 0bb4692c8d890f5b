/* SPDX-License-Identifier: MIT */
/*
 * Encryption of the message log: nothing readable on the disk, everything
 * readable with its key, keys that change, are lost, wrong or open to others.
 */
#define IN_SERVER 1

#include "messagelog_int.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "messagelog_sql.h"
#include "param.h"
#include "tap.h"
#include "text.h"

enum { MAX = 16 * 1024 * 1024 };

static struct arena *a;
static const char *dir;
static struct messagelog *m;
static struct conf *conf;
static const char HEAD[] = "<message>secret head</message>";
static const char BODY[] = "secret body";

/* A log in `dir` with these parameters. */
static int
start(bool encrypt, const char *id, struct err *e)
{
	conf = conf_defaults();
	conf_set(conf, "machilink", "data-dir", dir, NULL);
	conf_set(conf, "message-log", "messagelog-key-id", id, NULL);
	conf_set(conf, "message-log", "messagelog-encryption-enabled",
		encrypt ? "true" : "false", NULL);
	return messagelog_open(&m, conf, NULL, NULL, NULL, e);
}

static void
stop(void)
{
	messagelog_close(&m);
	conf_free(&conf);
}

static void
starts(bool encrypt, const char *id)
{
	struct err e = ERR_INIT;

	ok_m(!start(encrypt, id, &e), "starts with %s: %s", id, e.text);
}

static void
refused(const char *id, const char *because)
{
	struct err e = ERR_INIT;

	ok_m(start(true, id, &e) && e.fault == FAULT_CONFIG &&
			strstr(e.text, because),
		"%s is refused: %s", id, e.text);
	stop();
}

static int64_t
add(void)
{
	static const struct client_id local = { "LAB", "GOV", "1", "s" };
	struct segment body[2] = { segment_of(bytes_str(BODY)),
		segment_of(bytes_str("secret second")) };
	struct log_record r = {
		.query_id = "q",
		.request_id = "r",
		.message = bytes_str(HEAD),
		.attachment = body,
		.attachments = 2,
		.signature = { .xml = bytes_str("<signature/>") },
		.local = local,
		.client = local,
		.service = { .provider = local, .service = "service" },
		.as_client = true,
	};
	struct err e = ERR_INIT;
	int64_t id = 0;

	ok_m(!messagelog_add(m, &r, &id, &e), "add: %s", e.text);
	return id;
}

static void
readable(int64_t id)
{
	struct evidence v;
	struct err e = ERR_INIT;

	if (evidence_get(m, a, id, &v, &e)) {
		ok_m(false, "%lld: %s", (long long)id, e.text);
		return;
	}
	is_bytes(v.asic.message.data, v.asic.message.len, HEAD,
		sizeof(HEAD) - 1);
	is_int(v.asic.attachments, 2);
	is_bytes(v.asic.attachment[0].data, v.asic.attachment[0].len, BODY,
		sizeof(BODY) - 1);
}

static void
unreadable(int64_t id, enum fault fault)
{
	struct evidence v;
	struct err e = ERR_INIT;

	ok_m(evidence_get(m, a, id, &v, &e) && e.fault == fault,
		"%lld is not readable: %s", (long long)id, e.text);
}

static bool
on_disk(const char *what)
{
	static const char *const files[] = { "messagelog.db",
		"messagelog.db-wal" };
	bool found = false;

	for (int i = 0; i < 2; i++) {
		const char *path = path_join(a, dir, files[i]);
		struct err e = ERR_INIT;
		struct bytes b;

		if (file_exists(path) && !file_read(a, path, MAX, &b, &e))
			found |= memmem(b.data, b.len, what, strlen(what)) !=
				 NULL;
	}
	return found;
}

static const char *
key_path(const char *id)
{
	return path_join(a, path_join(a, dir, "messagelog-keys"),
		arena_printf(a, "%s.key", id));
}

static void
make(const char *id, enum fault want)
{
	struct conf *c = conf_defaults();
	struct err e = ERR_INIT;

	conf_set(c, "machilink", "data-dir", dir, NULL);
	if (log_key_make(c, id, &e))
		ok_m(e.fault == want, "%s: %s", id, e.text);
	else
		ok(!want);
	conf_free(&c);
}

static void
test_keys(void)
{
	struct stat st;

	refused("", "messagelog-key-id");
	refused("one", "is not in");
	make("one", 0);
	make("one", FAULT_CONFLICT);
	make("../one", FAULT_BAD_REQUEST);
	make("", FAULT_BAD_REQUEST);
	ok(!stat(key_path("one"), &st) && (st.st_mode & 0777) == 0600);
	refused("two", "is not in");
	if (chmod(key_path("one"), 0640))
		abort();
	refused("one", "0600");
	if (chmod(key_path("one"), 0600))
		abort();
}

static void
put(const char *id, const char *text)
{
	struct err e = ERR_INIT;

	ok_m(!file_write(key_path(id), bytes_str(text), FILE_PRIVATE, &e), "%s",
		e.text);
}

int
main(void)
{
	struct bytes one, two;
	struct err e = ERR_INIT;
	int64_t plain, first, second, last;

	a = arena_new();
	dir = tap_dir();
	starts(false, "");
	plain = add();
	readable(plain);
	ok(on_disk("secret"));
	stop();
	if (dir_remove(dir, &e) || dir_make(dir, &e))
		abort();
	test_keys();
	starts(true, "one");
	first = add();
	readable(first);
	ok(!on_disk("secret"));
	stop();
	/* another key for what comes; the old one reads what was */
	make("two", 0);
	starts(true, "two");
	second = add();
	readable(first);
	readable(second);
	stop();
	/* encryption ends: what was encrypted stays so, and readable */
	starts(false, "");
	last = add();
	readable(first);
	readable(last);
	stop();
	/* a key is lost: what it does not concern goes on */
	ok(!file_read(a, key_path("one"), MAX, &one, &e));
	ok(!file_read(a, key_path("two"), MAX, &two, &e));
	ok(!file_remove(key_path("one"), &e));
	starts(true, "two");
	unreadable(first, FAULT_KEY_NOT_FOUND);
	readable(second);
	readable(add());
	stop();
	/* and another stands under its name */
	put("one", arena_strndup(a, (const char *)two.data, two.len));
	starts(true, "two");
	unreadable(first, FAULT_CANNOT_OPEN);
	stop();
	refused("one", "is not the one");
	put("one", "0123");
	refused("two", "hex digits");
	put("one", arena_strndup(a, (const char *)one.data, one.len));
	starts(true, "one");
	readable(first);
	readable(second);
	readable(add());
	stop();
	arena_free(&a);
	return tap_done();
}
