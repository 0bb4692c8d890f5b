/* SPDX-License-Identifier: MIT */
/*
 * Backups: made under writes, refused when changed, cut off, foreign or for
 * another key; put back whole, also when stopped between any two renames.
 */
#include "backup.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "faultpoint.h"
#include "file.h"
#include "job.h"
#include "mem.h"
#include "param.h"
#include "tap.h"

enum { Q_ADD, Q_COUNT };

static const struct db_schema notes = {
	.name = "notes",
	.migration = &(const struct db_migration){ 1, "one",
		"CREATE TABLE note (id INTEGER PRIMARY KEY, twin INTEGER);"
		"CREATE INDEX note_twin ON note (twin)" },
	.n_migrations = 1,
	.statement =
		(const struct db_statement[]){
			{ "add", "INSERT INTO note (twin) VALUES (?), (?)" },
			{ "count", "SELECT count(*) FROM note" } },
	.n_statements = 2,
};

static struct arena *a;

static struct conf *
machine(const char *name)
{
	const char *dir = arena_printf(a, "%s/%s", tap_dir(), name);
	struct conf *c = conf_defaults();
	struct err e = ERR_INIT;

	ok(!conf_set(c, "machilink", "data-dir", dir, &e) &&
		!dir_make(dir, &e));
	return c;
}

static const char *
at(const struct conf *c, const char *name)
{
	return conf_data_path(c, name);
}

static void
put(const struct conf *c, const char *name, const char *text)
{
	ok(!file_write(at(c, name), bytes_str(text), FILE_PRIVATE, NULL));
}

static const char *
get(const struct conf *c, const char *name)
{
	struct bytes b;

	if (file_read(a, at(c, name), 1 << 20, &b, NULL))
		return "absent";
	return (const char *)b.data;
}

static int64_t
rows(const struct conf *c)
{
	struct db *db;
	struct db_conn *conn;
	struct query *q;
	int64_t n = -1;

	if (db_open(&db, &notes, at(c, "notes.db"), 0, NULL))
		return -1;
	conn = db_take(db);
	q = db_query(conn, Q_COUNT);
	if (query_next(q))
		n = query_int(q, 0);
	query_end(q, NULL);
	db_give(conn);
	db_close(&db);
	return n;
}

static void
add(struct db *db, int n)
{
	for (int i = 0; i < n; i++) {
		struct db_conn *c = db_take(db);

		(void)db_run(c, Q_ADD, NULL, db_int(i), db_int(i));
		db_give(c);
	}
}

static struct conf *
full_machine(const char *name)
{
	struct conf *c = machine(name);
	struct db *db;

	ok(!db_open(&db, &notes, at(c, "notes.db"), 0, NULL));
	add(db, 3);
	db_close(&db);
	ok(!dir_make(at(c, "keys"), NULL));
	put(c, "keys/one.key", "key one");
	put(c, "configuration-anchor.xml", "<anchor/>");
	put(c, "messagelog.db", "stays");
	return c;
}

static void
test_names(void)
{
	ok(backup_name_valid("conf_backup_20261121-120000.mlbackup"));
	ok(!backup_name_valid(".mlbackup") && !backup_name_valid(""));
	ok(!backup_name_valid(".x.mlbackup"));
	ok(!backup_name_valid("../x.mlbackup"));
	ok(!backup_name_valid("a/x.mlbackup"));
	ok(!backup_name_valid("x.gpg") && !backup_name_valid("x y.mlbackup"));
}

struct writing {
	struct db *db;
	atomic_bool stop;
	atomic_int rounds;
};

static void
write_on(void *ctx)
{
	struct writing *w = ctx;

	while (!atomic_load(&w->stop)) {
		add(w->db, 1);
		atomic_fetch_add(&w->rounds, 1);
	}
}

static void
test_under_writes(void)
{
	struct conf *c = full_machine("busy");
	struct backup_self s = { c, "I/GOV/1/s", NULL, NULL };
	struct writing w = { .stop = false };
	struct worker *thread;
	const char *path = at(c, "b.mlbackup");
	struct backup_sum sum;
	struct err e = ERR_INIT;

	ok(!db_open(&w.db, &notes, at(c, "notes.db"), 0, &e));
	ok(!worker_start(&thread, "writer", write_on, &w, &e));
	for (int i = 0; i < 10; i++) {
		int before = atomic_load(&w.rounds);

		while (atomic_load(&w.rounds) == before)
			continue;
		ok_m(!backup_create(&s, path, &e), "under writes: %s", e.text);
		ok_m(!backup_verify(&s, path, &sum, &e), "good: %s", e.text);
		is_int(sum.databases, 1);
		is_int(sum.files, 3); /* the backup is not in itself */
	}
	atomic_store(&w.stop, true);
	worker_join(&thread);
	db_close(&w.db);
	ok(!backup_stage(&s, path, false, &e));
	bool applied;
	ok(!backup_apply(c, &applied, &e) && applied);
	ok(rows(c) > 6 && rows(c) % 2 == 0);
	conf_free(&c);
}

static void
test_round(void)
{
	struct conf *c = full_machine("round");
	struct backup_self s = { c, "", NULL, NULL };
	char name[BACKUP_NAME_MAX + 1], again[BACKUP_NAME_MAX + 1];
	struct backup_head h;
	struct err e = ERR_INIT;
	struct db *db;
	const char *path;
	bool applied;

	ok(backup_create(&s, at(c, "x.mlbackup"), &e) &&
		e.fault == FAULT_CONFLICT);
	err_reset(&e);
	s.label = "I/GOV/1/s";
	ok(!backup_create_named(&s, "conf_backup_", name, &e));
	ok(!backup_create_named(&s, "conf_backup_", again, &e));
	ok(strcmp(name, again) && backup_name_valid(again));
	path = path_join(a, backup_dir(c), name);
	ok(!backup_read_head(path, &h, &e));
	is_str(h.label, "I/GOV/1/s");

	put(c, "keys/one.key", "changed");
	put(c, "keys/two.key", "newer");
	put(c, "newer.txt", "newer");
	put(c, "messagelog.db", "newer");
	ok(!db_open(&db, &notes, at(c, "notes.db"), 0, NULL));
	add(db, 5);
	ok(!backup_stage(&s, path, false, &e));
	is_str(get(c, "keys/one.key"), "changed");
	db_close(&db);
	ok(!backup_apply(c, &applied, &e) && applied);
	is_str(get(c, "keys/one.key"), "key one");
	is_str(get(c, "keys/two.key"), "absent");
	is_str(get(c, "newer.txt"), "absent");
	is_str(get(c, "messagelog.db"), "newer");
	is_int(rows(c), 6);
	ok(!backup_apply(c, &applied, &e) && !applied);
	conf_free(&c);
}

static void
test_foreign(void)
{
	struct conf *c = full_machine("first"), *d = machine("second");
	struct backup_self s = { c, "I/GOV/1/s", "a long passphrase", NULL };
	struct backup_self t = { d, "I/GOV/2/t", NULL, NULL };
	const char *path = at(c, "b.mlbackup");
	struct err e = ERR_INIT;
	struct backup_sum sum;
	bool applied;

	ok(!backup_create(&s, path, &e));
	ok(backup_stage(&t, path, false, &e) && e.fault == FAULT_FORBIDDEN);
	err_reset(&e);
	t.label = "";
	ok(backup_stage(&t, path, false, &e) && e.fault == FAULT_FORBIDDEN);
	err_reset(&e);
	ok(backup_stage(&t, path, true, &e) && e.fault == FAULT_CANNOT_OPEN);
	err_reset(&e);
	t.passphrase = "a wrong passphrase";
	ok(backup_verify(&t, path, &sum, &e) && e.fault == FAULT_CANNOT_OPEN);
	err_reset(&e);
	ok(!backup_staged(d));
	t.passphrase = "a long passphrase";
	ok_m(!backup_verify(&t, path, &sum, &e), "passphrase: %s", e.text);
	t.passphrase = NULL;
	t.key_file = at(c, "backup.key");
	ok_m(!backup_stage(&t, path, true, &e), "key file: %s", e.text);
	ok(!backup_apply(d, &applied, &e) && applied);
	is_str(get(d, "keys/one.key"), "key one");
	is_int(rows(d), 6);
	is_str(get(d, "messagelog.db"), "absent");
	conf_free(&c);
	conf_free(&d);
}

static bool
refused(const struct backup_self *s, const struct conf *c, struct bytes b)
{
	const char *path = at(c, "broken.mlbackup");
	struct err e = ERR_INIT;
	struct backup_sum sum;

	ok(!file_write(path, b, FILE_PRIVATE, NULL));
	return backup_verify(s, path, &sum, &e) &&
	       (e.fault == FAULT_CANNOT_OPEN || e.fault == FAULT_BAD_REQUEST);
}

static void
test_changed(void)
{
	struct conf *c = full_machine("changed");
	struct backup_self s = { c, "I/GOV/1/s", NULL, NULL };
	const char *path = at(c, "b.mlbackup");
	struct err e = ERR_INIT;
	struct bytes b;
	uint8_t *p;
	size_t bad = 0, tried = 0;

	ok(!backup_create(&s, path, &e));
	ok(!file_read(a, path, 1 << 24, &b, &e));
	p = arena_memdup(a, b.data, b.len);
	for (size_t i = 0; i < b.len; i += i < 600 ? 7 : 311, tried++) {
		p[i] ^= 1;
		bad += !refused(&s, c, bytes_of(p, b.len));
		p[i] ^= 1;
	}
	for (size_t i = 0; i < b.len; i += 503, tried++)
		bad += !refused(&s, c, bytes_of(p, i));
	ok_m(!bad, "%zu changes and cuts are refused, %zu not", tried, bad);
	p = arena_alloc(a, b.len + 1);
	memcpy(p, b.data, b.len);
	ok(refused(&s, c, bytes_of(p, b.len + 1)));
	is_str(get(c, "keys/one.key"), "key one");
	conf_free(&c);
}

/* Stopped before each rename in turn, then started again. */
static void
test_stopped(void)
{
	int stops = 0;

	for (int i = 0;; i++) {
		struct conf *c = full_machine(arena_printf(a, "stop-%d", i));
		struct backup_self s = { c, "I/GOV/1/s", NULL, NULL };
		const char *path = path_join(a, backup_dir(c), "b.mlbackup");
		struct err e = ERR_INIT;
		bool applied, stopped;

		ok(!dir_make(backup_dir(c), NULL) &&
			!backup_create(&s, path, &e));
		put(c, "keys/one.key", "changed");
		put(c, "newer.txt", "newer");
		ok(!backup_stage(&s, path, false, &e));
		fault_arm("backup.move", i, 1000);
		stopped = backup_apply(c, &applied, &e) != 0;
		fault_disarm();
		err_reset(&e);
		ok(!backup_apply(c, &applied, &e) && applied == stopped);
		is_str(get(c, "keys/one.key"), "key one");
		is_str(get(c, "newer.txt"), "absent");
		is_int(rows(c), 6);
		conf_free(&c);
		if (!stopped)
			break;
		stops++;
	}
	ok_m(stops > 4, "stopped at %d places", stops);
}

static void
test_expiry(void)
{
	struct conf *c = full_machine("old");
	struct backup_self s = { c, "I/GOV/1/s", NULL, NULL };
	char kept[BACKUP_NAME_MAX + 1], gone[BACKUP_NAME_MAX + 1];
	struct err e = ERR_INIT;

	ok(!backup_create_named(&s, BACKUP_AUTOMATIC, gone, &e));
	ok(!backup_create_named(&s, "conf_backup_", kept, &e));
	ok(!backup_expire(c, clock_now() + (int64_t)29 * 86400000, &e));
	ok(file_exists(path_join(a, backup_dir(c), gone)));
	ok(!backup_expire(c, clock_now() + (int64_t)31 * 86400000, &e));
	ok(!file_exists(path_join(a, backup_dir(c), gone)));
	ok(file_exists(path_join(a, backup_dir(c), kept)));
	conf_free(&c);
}

int
main(void)
{
	a = arena_new();
	test_names();
	test_round();
	test_under_writes();
	test_foreign();
	test_changed();
	test_stopped();
	test_expiry();
	arena_free(&a);
	return tap_done();
}
