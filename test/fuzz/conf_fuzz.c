/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the configuration file. Whatever it holds, loading ends with a
 * configuration or with a fault that names the place.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "param.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
conf_touch(const struct conf *c)
{
	int i;

	for (i = 0; i < PARAM_COUNT; i++) {
		const struct param *p = param_row((enum param_id)i);
		int64_t v = conf_int(c, (enum param_id)i);

		assert(conf_text(c, (enum param_id)i) != NULL);
		conf_has(c, (enum param_id)i, "center");
		assert(p->type != PARAM_INT || (v >= p->lo && v <= p->hi));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/dev/shm/conf-fuzz-XXXXXX";
	struct err e = ERR_INIT;
	struct conf *c = NULL;
	int fd = mkstemp(path);

	if (fd < 0)
		return 0;
	if (write(fd, data, size) == (ssize_t)size) {
		if (conf_load(&c, path, &e) == 0)
			conf_touch(c);
		else
			assert(strstr(e.text, path) != NULL);
	}
	close(fd);
	unlink(path);
	conf_free(&c);
	return 0;
}
