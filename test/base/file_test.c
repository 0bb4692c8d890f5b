/* SPDX-License-Identifier: MIT */
/*
 * Tests of files and directories.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "tap.h"

static char *
at(struct arena *a, const char *name)
{
	return path_join(a, tap_dir(), name);
}

static int
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

static void
test_read_write(struct arena *a)
{
	char *path = at(a, "one");
	struct err e = ERR_INIT;
	struct bytes b;

	is_int(file_read(a, path, 100, &b, &e), -1);
	is_int(e.fault, FAULT_NOT_FOUND);
	ok(strstr(e.text, path) && strstr(e.text, "No such file"));
	is_int(file_write(path, bytes_of("a\0b", 3), FILE_PRIVATE, NULL), 0);
	is_int(mode_of(path), 0600);
	is_int(file_read(a, path, 3, &b, NULL), 0);
	is_bytes(b.data, b.len + 1, "a\0b", 4);
	err_reset(&e);
	is_int(file_read(a, path, 2, &b, &e), -1);
	is_int(e.fault, FAULT_TOO_LARGE);
	ok(b.data == NULL);
	is_int(file_write(path, bytes_of(NULL, 0), FILE_PUBLIC, NULL), 0);
	is_int(mode_of(path), 0644);
	is_int(file_read(a, path, 0, &b, NULL), 0);
	is_int((long long)b.len, 0);
	err_reset(&e);
	is_int(file_read(a, tap_dir(), 100, &b, &e), -1);
	is_int(e.fault, FAULT_IO);
	is_int(file_write(at(a, "no/where"), bytes_str("x"), FILE_PUBLIC, NULL),
		-1);
	ok(file_exists(path));
	is_int(file_remove(path, NULL), 0);
	is_int(file_remove(path, NULL), 0);
	ok(!file_exists(path));
}

struct seen {
	char text[200];
	int stop_after;
};

static int
see(void *ctx, const char *name)
{
	struct seen *s = ctx;
	size_t n = strlen(s->text);

	snprintf(s->text + n, sizeof(s->text) - n, "%s ", name);
	return --s->stop_after == 0 ? 7 : 0;
}

static void
test_dirs(struct arena *a)
{
	struct seen s = { 0 }, two = { .stop_after = 2 };
	struct err e = ERR_INIT;

	is_int(dir_make(at(a, "d/e/f/"), NULL), 0);
	is_int(dir_make(at(a, "d/e/f"), NULL), 0);
	is_int(mode_of(at(a, "d/e/f")), 0750);
	file_write(at(a, "d/c"), bytes_str("x"), FILE_PUBLIC, NULL);
	file_write(at(a, "d/a"), bytes_str("x"), FILE_PUBLIC, NULL);
	is_int(symlink("/nowhere", at(a, "d/link")), 0);
	is_int(dir_each(at(a, "d"), see, &s, NULL), 0);
	is_str(s.text, "a c e link ");
	is_int(dir_each(at(a, "d"), see, &two, NULL), 7);
	is_str(two.text, "a c ");
	is_int(dir_each(at(a, "none"), see, &s, &e), -1);
	is_int(e.fault, FAULT_NOT_FOUND);
	is_int(dir_make(at(a, "d/a/x"), NULL), -1);
	is_int(dir_remove(at(a, "d"), NULL), 0);
	ok(!file_exists(at(a, "d")));
	is_int(dir_remove(at(a, "d"), NULL), 0);
	is_int(dir_remove("/", NULL), -1);
	is_int(dir_remove("", NULL), -1);
	is_int(dir_remove("..", NULL), -1);
}

static void
test_dir_remove_keeps_targets(struct arena *a)
{
	dir_make(at(a, "keep"), NULL);
	dir_make(at(a, "gone"), NULL);
	file_write(at(a, "keep/x"), bytes_str("x"), FILE_PUBLIC, NULL);
	is_int(symlink(at(a, "keep"), at(a, "gone/link")), 0);
	is_int(dir_remove(at(a, "gone"), NULL), 0);
	ok(file_exists(at(a, "keep/x")));
}

static void
test_paths(struct arena *a)
{
	is_str(path_join(a, "a", "b"), "a/b");
	is_str(path_join(a, "a/", "b"), "a/b");
	is_str(path_join(a, "", "b"), "b");
	is_str(path_join(a, "/", "b"), "/b");
	ok(disk_free(tap_dir()) > 0);
	is_int(disk_free(at(a, "none")), -1);
	ok(disk_size(tap_dir()) >= disk_free(tap_dir()));
	is_int(disk_size(at(a, "none")), -1);
}

int
main(void)
{
	struct arena *a = arena_new();

	test_read_write(a);
	test_dirs(a);
	test_dir_remove_keeps_targets(a);
	test_paths(a);
	arena_free(&a);
	return tap_done();
}
