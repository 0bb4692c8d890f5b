/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the reader of backups. An odd first byte: the input is a file
 * as it is. An even one: it is the content, which we seal with our own key, so
 * that what stands behind the encryption is reached too.
 */
#define IN_BACKUP 1

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup_int.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "param.h"
#include "seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct conf *conf;
static char dir[] = "/dev/shm/backup-fuzz-XXXXXX";
static char path[sizeof(dir) + 16];

static void
clean(void)
{
	dir_remove(dir, NULL);
	conf_free(&conf);
}

static void
machine(void)
{
	if (conf)
		return;
	conf = conf_defaults();
	if (!mkdtemp(dir) || conf_set(conf, "machilink", "data-dir", dir, NULL))
		abort();
	snprintf(path, sizeof(path), "%s/file", dir);
	atexit(clean);
}

static void
sealed(const struct backup_self *self, const uint8_t *p, size_t n)
{
	static const uint8_t key[SEAL_KEY] = { 1, 2, 3 };
	struct arena *a = arena_new();
	struct stream *s = NULL;
	struct bytes head;

	unlink(path);
	if (head_make(self, a, key, &head, NULL) ||
		stream_create(&s, path, head, key, NULL) ||
		stream_write(s, p, n, NULL) || stream_finish(s, NULL))
		abort();
	stream_free(&s);
	arena_free(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct backup_self self = { .label = "fuzz" };
	struct backup_head h;
	struct backup_sum sum;
	struct err e = ERR_INIT;

	if (!size)
		return 0;
	machine();
	self.conf = conf;
	if (*data % 2)
		file_write(
			path, bytes_of(data + 1, size - 1), FILE_PRIVATE, NULL);
	else
		sealed(&self, data + 1, size - 1);
	if (*data % 2 && backup_read_head(path, &h, &e))
		assert(*e.text);
	err_reset(&e);
	if (backup_verify(&self, path, &sum, &e))
		assert(err_set(&e) && *e.text);
	else
		assert(*data % 2 == 0);
	return 0;
}
