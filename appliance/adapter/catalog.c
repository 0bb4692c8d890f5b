/* SPDX-License-Identifier: MIT */
/*
 * The catalogue of data services, read from a Connector-shaped services.json:
 * dbSources[] with dbServices[].
 */
#include "adapter_int.h"

#include <string.h>

#include "err.h"
#include "file.h"
#include "json_io.h"
#include "mem.h"
#include "param.h"
#include "text.h"

/* The Connector marks services that are being worked on: not VALID. */
static bool
is_off(json_t *item)
{
	const char *status = json_str(item, "status");

	return status && !str_iequal(status, "VALID");
}

static int
add_service(struct catalog *c, json_t *item, struct datasource *source,
	const struct conf *conf, struct err *e)
{
	struct data_service *s;
	struct err why = ERR_INIT;

	if (is_off(item))
		return 0;
	if (c->services == SERVICES_MAX)
		return fail(
			e, FAULT_CONFIG, "more than %d services", SERVICES_MAX);
	s = &c->service[c->services];
	if (json_need_str(item, "name", NAME_MAX_LEN, &s->name, e))
		return -1;
	if (catalog_find(c, s->name))
		return fail(e, FAULT_CONFIG, "service \"%s\" is there twice",
			s->name);
	s->source = source;
	s->row_cap = conf_int(conf, P_ADAPTER_ROW_CAP);
	s->time_cap_ms = conf_int(conf, P_ADAPTER_TIME_CAP);
	if (service_read(c->arena, item, s, &why))
		return fail(e, FAULT_CONFIG, "service \"%s\": %s", s->name,
			why.text);
	c->services++;
	return 0;
}

static int
read_sources(struct catalog *c, json_t *root, const char *dir,
	const struct conf *conf, struct err *e)
{
	json_t *source, *sources, *item, *list;
	struct datasource *ds;
	size_t i, j;

	c->service = arena_array(c->arena, SERVICES_MAX, sizeof(*c->service));
	if (json_need_list(root, "dbSources", SERVICES_MAX, &sources, e))
		return -1;
	json_each(source, i, sources) {
		if (source_open(c->arena, source, dir, conf, &ds, e) ||
			optional_list(source, "dbServices", &list, e))
			return -1;
		json_each(item, j, list) {
			if (add_service(c, item, ds, conf, e))
				return -1;
		}
	}
	return 0;
}

static char *
folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == path)
		return arena_strdup(a, "/");
	return slash ? arena_strndup(a, path, (size_t)(slash - path))
		     : arena_strdup(a, ".");
}

const char *
catalog_path(const struct conf *conf)
{
	const char *path = conf_text(conf, P_ADAPTER_SERVICES);

	return *path ? path : conf_data_path(conf, "services.json");
}

int
catalog_load(struct catalog **out, const struct conf *conf, struct err *e)
{
	struct catalog *c = mem_alloc(sizeof(*c));
	const char *path = catalog_path(conf);
	const struct json_limits limits = { .bytes = SERVICES_FILE_MAX };
	struct err why = ERR_INIT;
	json_t *root;

	atomic_init(&c->users, 1);
	c->arena = arena_new();
	if (file_read(c->arena, path, SERVICES_FILE_MAX, &c->text, e))
		goto fail;
	if (json_parse(c->arena, c->text, &limits, &root, &why) ||
		read_sources(c, root, folder_of(c->arena, path), conf, &why)) {
		fail(e, FAULT_CONFIG, "%s: %s", path, why.text);
		goto fail;
	}
	*out = c;
	return 0;
fail:
	catalog_free(&c);
	return -1;
}

void
catalog_free(struct catalog **c)
{
	if (!*c)
		return;
	if (atomic_fetch_sub(&(*c)->users, 1) > 1) {
		*c = NULL;
		return;
	}
	arena_free(&(*c)->arena);
	mem_free(*c);
	*c = NULL;
}

const char *
adapter_services(const struct conf *conf)
{
	return catalog_path(conf);
}

const char *
adapter_sentence(struct arena *a, const struct err *fault)
{
	return sentence_ja(a, fault);
}

int
adapter_check(const struct conf *conf, struct err *e)
{
	struct catalog *c = NULL;

	if (catalog_load(&c, conf, e))
		return -1;
	catalog_free(&c);
	return 0;
}

const struct data_service *
catalog_find(const struct catalog *c, const char *name)
{
	for (size_t i = 0; i < c->services; i++)
		if (str_equal(c->service[i].name, name))
			return &c->service[i];
	return NULL;
}
