/* SPDX-License-Identifier: MIT */
/*
 * Archiving and cleaning of the message log: files, chains, groups, crashes at
 * every step, a process killed at random, the command that carries files away.
 */
#define IN_SERVER 1
#include "messagelog_int.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "datasource.h"
#include "err.h"
#include "faultpoint.h"
#include "file.h"
#include "linking.h"
#include "mem.h"
#include "messagelog_sql.h"
#include "param.h"
#include "tap.h"
#include "text.h"

enum { MAX = 5000, KILLS = 40, KILL_MS = 200, KILL_RECORDS = 12 };

static struct arena *a;

/* One message log in a directory of its own. */
struct place {
	struct conf *conf;
	const char *dir, *out;
	struct messagelog *m;
};

static void
set(struct place *p, const char *key, const char *value)
{
	struct err e = ERR_INIT;

	ok_m(!conf_set(p->conf, "message-log", key, value, &e), "%s: %s", key,
		e.text);
}

static void
open_log(struct place *p)
{
	struct err e = ERR_INIT;

	if (messagelog_open(&p->m, p->conf, NULL, NULL, NULL, &e)) {
		ok_m(false, "open: %s", e.text);
		exit(1);
	}
}

static void
place_start(struct place *p, const char *name)
{
	p->dir = path_join(a, tap_dir(), name);
	p->out = path_join(a, p->dir, "archive");
	p->conf = conf_defaults();
	dir_make(p->dir, NULL);
	conf_set(p->conf, "machilink", "data-dir", p->dir, NULL);
	conf_set(p->conf, "message-log", "commit-wait", "0", NULL);
}

static void
place_stop(struct place *p)
{
	messagelog_close(&p->m);
	conf_free(&p->conf);
}

/* Logs one message; the party is CLASS/CODE/SUBSYSTEM ("" none). */
static int64_t
add(struct place *p, const char *code, const char *subsystem)
{
	struct client_id local = { "LAB", "GOV", arena_strdup(a, code),
		*subsystem ? arena_strdup(a, subsystem) : NULL };
	const struct segment body = segment_of(bytes_str("body"));
	struct log_record r = {
		.query_id = "id 1/2",
		.request_id = "x",
		.message = bytes_str("<message/>"),
		.attachment = &body,
		.attachments = 1,
		.signature = { .xml = bytes_str("<signature/>") },
		.local = local,
		.client = local,
		.service = { .provider = { "LAB", "GOV", "other", "s" },
			.service = "service" },
		.as_client = true,
	};
	struct err e = ERR_INIT;
	int64_t id = 0;

	if (messagelog_add(p->m, &r, &id, &e))
		ok_m(false, "add: %s", e.text);
	return id;
}

struct stamping {
	const int64_t *id;
	size_t n;
};

static int
stamp_in(struct db_conn *c, void *arg, struct err *e)
{
	const struct stamping *s = arg;
	int64_t stamp;

	if (db_run(c, Q_MESSAGELOG_STAMP_ADD, e, db_int(1), db_blob("token", 5),
		    db_blob("<result/>", 9)) < 0)
		return -1;
	stamp = db_last_id(c);
	for (size_t i = 0; i < s->n; i++) {
		struct query *q =
			db_query(c, Q_MESSAGELOG_WAITING_OF, db_int(s->id[i]));
		int64_t id = query_next(q) ? query_int(q, 0) : 0;

		if (query_end(q, e) ||
			db_run(c, Q_MESSAGELOG_SIGNATURE_STAMP, e, db_int(id),
				db_int(stamp), db_blob("<chain/>", 8)) < 0 ||
			db_run(c, Q_MESSAGELOG_WAITING_DROP, e, db_int(id)) < 0)
			return -1;
	}
	return 0;
}

static void
stamp(struct place *p, const int64_t *id, size_t n)
{
	struct stamping s = { id, n };
	struct err e = ERR_INIT;

	if (writer_submit(p->m->writer, stamp_in, &s, &e))
		ok_m(false, "stamp: %s", e.text);
}

/* n stamped messages of one party. */
static void
fill(struct place *p, size_t n, const char *code, const char *subsystem)
{
	int64_t id[MAX];

	for (size_t i = 0; i < n; i++)
		id[i] = add(p, code, subsystem);
	stamp(p, id, n);
}

static int64_t
archive(struct place *p)
{
	struct err e = ERR_INIT;
	int64_t n = messagelog_archive(p->m, NULL, &e);

	if (n < 0)
		tap_note("archive: %s", e.text);
	return n;
}

static int64_t
count(struct place *p, const char *sql)
{
	struct datasource_config config = { .name = "log",
		.driver = "sqlite",
		.file = path_join(a, p->dir, "messagelog.db") };
	struct command_text text = { .sql = sql };
	struct cursor_limits limits = { .rows = 1 };
	struct cell v = { .number = -1 };
	struct datasource *ds;
	struct command *c;
	struct cursor *q;

	if (datasource_open(&ds, &config, NULL))
		return -1;
	if (!command_new(&c, ds, &text, NULL)) {
		if (!cursor_open(&q, c, NULL)) {
			if (!cursor_start(q, &limits, NULL) &&
				cursor_next(q, NULL) == 1)
				cursor_cell(q, 0, &v);
			cursor_close(&q);
		}
		command_free(&c);
	}
	datasource_close(&ds);
	return v.number;
}

/* ---- looking at what is in the directory ---- */

struct found {
	const char *name;
	struct linking l;
	bool used;
};
struct look {
	const char *dir, *prefix;
	struct found f[MAX];
	size_t files, parts, containers, repeated;
	char seen[MAX][24]; /* record ids at the end of names */
};
static struct look look;

static void
note_container(const char *name)
{
	const char *dash = strrchr(name, '-');

	for (size_t i = 0; i < look.containers; i++)
		if (str_equal(look.seen[i], dash))
			look.repeated++;
	snprintf(
		look.seen[look.containers++], sizeof(look.seen[0]), "%s", dash);
}

static int
look_at(void *ctx, const char *name)
{
	struct found *f = &look.f[look.files];
	struct err e = ERR_INIT;
	struct zip_entry *en;
	struct bytes zip;
	size_t n;

	(void)ctx;
	if (str_suffix(name, ".part"))
		look.parts++;
	if (!str_prefix(name, look.prefix))
		return 0;
	f->name = arena_strdup(a, name);
	f->used = false;
	look.files++;
	if (file_read(a, path_join(a, look.dir, name), 64 << 20, &zip, &e) ||
		zip_read(a, zip, 64 << 20, &en, &n, &e) ||
		!str_equal(en[n - 1].name, LINKING_NAME) ||
		linking_read(a, en[n - 1].data, &f->l, &e) ||
		linking_verify(a, &f->l, en, n - 1, &e))
		ok_m(false, "%s: %s", name, e.text);
	for (size_t i = 0; i + 1 < n; i++)
		note_container(en[i].name);
	return 0;
}

/* All files with this beginning are one chain, nothing is there twice. */
static void
check_chain(struct place *p, const char *prefix)
{
	const char *digest = "", *name = "";
	size_t used = 0, before;

	memset(&look, 0, sizeof(look));
	look.dir = p->out;
	look.prefix = prefix;
	if (file_exists(p->out))
		dir_each(p->out, look_at, NULL, NULL);
	do {
		before = used;
		for (size_t i = 0; i < look.files; i++) {
			struct found *f = &look.f[i];

			if (f->used || !str_equal(f->l.previous, digest) ||
				!str_equal(f->l.previous_file, name))
				continue;
			f->used = true;
			used++;
			digest = linking_last(&f->l);
			name = f->name;
			break;
		}
	} while (used > before);
	ok_m(used == look.files, "%s: %zu of %zu files are one chain", prefix,
		used, look.files);
	ok_m(!look.repeated, "nothing is there twice");
}

/* ---- tests ---- */

static void
test_files(void)
{
	struct place p;
	int64_t late;

	place_start(&p, "files");
	open_log(&p);
	is_int(archive(&p), 0);
	ok(!file_exists(p.out));
	late = add(&p, "1", "a");
	is_int(archive(&p), 0);
	fill(&p, 3, "1", "a");
	is_int(archive(&p), 3);
	check_chain(&p, "mlog-2");
	is_int((long long)look.files, 1);
	is_int((long long)look.containers, 3);
	ok_m(strlen(look.f[0].name) == strlen("mlog-20261121000000-"
					      "20261121000000-"
					      "0123456789abcdef.zip") &&
			!strncmp(look.f[0].name + 35,
				linking_last(&look.f[0].l), 16),
		"name: %s", look.f[0].name);
	is_int(archive(&p), 0);
	stamp(&p, &late, 1);
	is_int(archive(&p), 1);
	check_chain(&p, "mlog-");
	is_int((long long)look.files, 2);
	is_int((long long)look.parts, 0);
	/* files end when they are large enough */
	set(&p, "archive-max-filesize", "3000");
	fill(&p, 12, "1", "a");
	is_int(archive(&p), 12);
	check_chain(&p, "mlog-");
	ok(look.files > 4);
	is_int((long long)look.containers, 16);
	place_stop(&p);
}

static void
test_groups(void)
{
	struct place p;

	place_start(&p, "groups");
	set(&p, "archive-grouping", "member");
	open_log(&p);
	fill(&p, 2, "1", "a");
	fill(&p, 3, "1", "b/c");
	fill(&p, 4, "2", "a");
	is_int(archive(&p), 9);
	check_chain(&p, "mlog-LAB_GOV_1-");
	is_int((long long)look.containers, 5);
	fill(&p, 1, "1", "a");
	is_int(archive(&p), 1);
	check_chain(&p, "mlog-LAB_GOV_1-");
	is_int((long long)look.files, 2);
	check_chain(&p, "mlog-LAB_GOV_2-");
	is_int((long long)look.containers, 4);
	place_stop(&p);

	place_start(&p, "subsystems");
	set(&p, "archive-grouping", "subsystem");
	open_log(&p);
	fill(&p, 2, "1", "a");
	fill(&p, 3, "1", "b c");
	fill(&p, 1, "1", "");
	is_int(archive(&p), 6);
	check_chain(&p, "mlog-LAB_GOV_1_a-");
	is_int((long long)look.containers, 2);
	check_chain(&p, "mlog-LAB_GOV_1_b_20c-");
	is_int((long long)look.containers, 3);
	check_chain(&p, "mlog-LAB_GOV_1-");
	is_int((long long)look.containers, 1);
	place_stop(&p);
}

/* What a crash between two steps leaves is put right by the next run. */
static void
test_crash_points(void)
{
	static const char *const point[] = { "archive.written",
		"archive.marked", "archive.renamed" };
	struct place p;
	int64_t all = 0;

	place_start(&p, "points");
	open_log(&p);
	for (size_t i = 0; i < 3; i++) {
		fill(&p, 3, "1", "a");
		all += 3;
		fault_arm(point[i], 0, 1);
		is_int(messagelog_archive(p.m, NULL, NULL), -1);
		fault_disarm();
		place_stop(&p);
		place_start(&p, "points");
		open_log(&p);
		ok(archive(&p) >= 0);
		check_chain(&p, "mlog-");
		is_int((long long)look.containers, all);
		is_int((long long)look.parts, 0);
		is_int(count(&p, "SELECT count(*) FROM to_archive"), 0);
		is_int(count(&p, "SELECT count(*) FROM archive WHERE published "
				 "= 0"),
			0);
	}
	/* a file that vanished before it had its name is made again */
	fill(&p, 2, "1", "a");
	fault_arm("archive.marked", 0, 1);
	is_int(messagelog_archive(p.m, NULL, NULL), -1);
	fault_disarm();
	file_remove(archive_part_path(p.m, a, p.out), NULL);
	is_int(archive(&p), 2);
	check_chain(&p, "mlog-");
	is_int((long long)look.containers, all + 2);
	place_stop(&p);
}

/* A directory that cannot be written: an error, and later all is well. */
static void
test_no_room(void)
{
	struct place p;

	place_start(&p, "room");
	set(&p, "archive-path", path_join(a, p.dir, "messagelog.db/x"));
	open_log(&p);
	fill(&p, 2, "1", "a");
	is_int(archive(&p), -1);
	set(&p, "archive-path", p.out);
	is_int(archive(&p), 2);
	check_chain(&p, "mlog-");
	place_stop(&p);
}

static void
victim(struct place *p)
{
	open_log(p);
	fill(p, KILL_RECORDS, "1", "a");
	messagelog_archive(p->m, NULL, NULL);
	messagelog_clean(p->m, NULL, NULL);
	place_stop(p);
	_exit(0);
}

static void
test_kill(void)
{
	struct place p;
	int64_t archived;
	unsigned killed = 0;
	uint16_t random;

	place_start(&p, "kill");
	set(&p, "archive-max-filesize", "3000");
	for (int i = 0; i < KILLS; i++) {
		pid_t pid = fork();
		int status;

		if (!pid)
			victim(&p);
		random_bytes(&random, sizeof(random));
		(void)poll(NULL, 0, random % KILL_MS);
		kill(pid, SIGKILL);
		if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status))
			killed++;
	}
	tap_note("%u of %d died", killed, KILLS);
	open_log(&p);
	ok(archive(&p) >= 0);
	check_chain(&p, "mlog-");
	is_int((long long)look.parts, 0);
	archived = count(&p, "SELECT count(*) FROM archived");
	ok_m(archived == (int64_t)look.containers,
		"%lld records are marked, %zu are in files",
		(long long)archived, look.containers);
	is_int(count(&p,
		       "SELECT count(*) FROM to_archive WHERE signature NOT IN "
		       "(SELECT signature FROM waiting)"),
		0);
	tap_note("%lld records in %zu files", (long long)archived, look.files);
	ok(archived > 0 && killed > 0);
	place_stop(&p);
}

static void
test_clean(void)
{
	struct place p;

	place_start(&p, "clean");
	open_log(&p);
	fill(&p, 500, "1", "a");
	is_int(archive(&p), 500);
	fill(&p, 2, "1", "a");
	add(&p, "1", "a");
	is_int(messagelog_clean(p.m, NULL, NULL), 0); /* too young */
	set(&p, "keep-records-for", "1");
	clock_shift(25LL * 3600 * 1000);
	is_int(messagelog_clean(p.m, NULL, NULL), 500);
	clock_shift(0);
	is_int(count(&p, "SELECT count(*) FROM record"), 3);
	is_int(count(&p, "SELECT count(*) FROM attachment"), 3);
	is_int(count(&p, "SELECT count(*) FROM stamp"), 1);
	/* the chain goes on */
	is_int(archive(&p), 2);
	check_chain(&p, "mlog-");
	is_int((long long)look.containers, 502);
	/* what may be lost is not removed */
	fill(&p, 1, "1", "a");
	fault_arm("archive.marked", 0, 1);
	is_int(messagelog_archive(p.m, NULL, NULL), -1);
	fault_disarm();
	file_remove(archive_part_path(p.m, a, p.out), NULL);
	clock_shift(25LL * 3600 * 1000);
	is_int(messagelog_clean(p.m, NULL, NULL), 2);
	clock_shift(0);
	is_int(archive(&p), 1);
	place_stop(&p);
}

static void
test_transfer(void)
{
	struct err e = ERR_INIT;
	struct place p;
	const char *mark;

	place_start(&p, "transfer");
	open_log(&p);
	mark = path_join(a, p.dir, "mark");
	is_int(messagelog_transfer(p.m, NULL, &e), 0);
	set(&p, "archive-transfer-command",
		arena_printf(a, "echo moving; echo x > %s", mark));
	is_int(messagelog_transfer(p.m, NULL, &e), 0);
	ok(file_exists(mark));
	set(&p, "archive-transfer-command", "echo no >&2; exit 3");
	is_int(messagelog_transfer(p.m, NULL, &e), -1);
	is_int(e.fault, FAULT_IO);
	ok(strstr(e.text, "3") != NULL);
	err_reset(&e);
	set(&p, "archive-transfer-command", "sleep 600 & wait");
	set(&p, "archive-transfer-timeout", "1");
	is_int(messagelog_transfer(p.m, NULL, &e), -1);
	is_int(e.fault, FAULT_LIMIT);
	place_stop(&p);
}

static void
test_parameters(void)
{
	struct err e = ERR_INIT;
	struct place p;

	place_start(&p, "parameters");
	is_str(conf_text(p.conf, P_ML_ARCHIVE_INTERVAL), "0 0 0/6 1/1 * ? *");
	is_int(conf_int(p.conf, P_ML_ARCHIVE_INTERVAL), 0);
	set(&p, "archive-interval", "0 30 2 ? * MON-FRI");
	set(&p, "clean-interval", "3600");
	is_int(conf_int(p.conf, P_ML_CLEAN_INTERVAL), 3600);
	is_int(conf_set(p.conf, "message-log", "archive-interval", "0 2 * * *",
		       &e),
		-1);
	tap_note("%s", e.text);
	is_int(e.fault, FAULT_CONFIG);
	err_reset(&e);
	is_int(conf_set(p.conf, "message-log", "clean-interval", "0", &e), -1);
	err_reset(&e);
	set(&p, "archive-grouping", "town");
	is_int(messagelog_open(&p.m, p.conf, NULL, NULL, NULL, &e), -1);
	is_int(e.fault, FAULT_CONFIG);
	conf_free(&p.conf);
}

/* A database of before: its records are found and can be archived. */
static void
test_migration(void)
{
	static const struct db_statement sql[] = {
		{ "stamp", "INSERT INTO stamp VALUES (1, 1, X'01', X'02')" },
		{ "record",
			"INSERT INTO record (time, query_id, request_id, "
			"response, rest, as_client, member_class, member_code, "
			"subsystem_code, client, service, message, signature, "
			"stamp, stamp_chain) VALUES (?1, 'id 1/2', 'x', 0, 0, "
			"1, 'GOV', '1', 'a', 'LAB/GOV/1/a', "
			"'LAB/GOV/other/s/service', X'3c6d2f3e', X'3c732f3e', "
			"1, X'3c632f3e')" },
	};
	const struct client_id local = { "LAB", "GOV", "1", "a" };
	struct db_schema old = schema_messagelog;
	struct evidence_row *row;
	struct err e = ERR_INIT;
	struct db_conn *c;
	struct place p;
	struct db *db;
	size_t n = 0;

	old.n_migrations = 1;
	old.statement = sql;
	old.n_statements = 2;
	place_start(&p, "old");
	ok_m(!db_open(&db, &old, conf_data_path(p.conf, "messagelog.db"),
		     DB_EVIDENCE, &e),
		"%s", e.text);
	c = db_take(db);
	is_int(db_run(c, 0, &e, { 0 }), 1);
	for (int i = 0; i < 4; i++)
		is_int(db_run(c, 1, &e, db_int(i)), 1);
	db_give(c);
	db_close(&db);
	open_log(&p);
	ok(!evidence_find(p.m, a, "id 1/2", &local, &row, &n, &e));
	is_int(n, 4);
	is_int(archive(&p), 4);
	check_chain(&p, "mlog-");
	place_stop(&p);
}

int
main(void)
{
	a = arena_new();
	test_kill(); /* forks: before any thread */
	test_files();
	test_groups();
	test_crash_points();
	test_no_room();
	test_clean();
	test_transfer();
	test_parameters();
	test_migration();
	arena_free(&a);
	return tap_done();
}
