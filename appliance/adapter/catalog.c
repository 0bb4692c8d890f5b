/* SPDX-License-Identifier: MIT */
/*
 * The catalogue of data services, read from a Connector-shaped services.json:
 * dbSources[] with dbServices[].
 */
#include "adapter_int.h"

#include <string.h>

#include "datasource.h"
#include "err.h"
#include "file.h"
#include "json_io.h"
#include "mem.h"
#include "param.h"
#include "text.h"

/* The Connector marks services that are being worked on: not VALID. */
bool
service_is_off(const json_t *item)
{
	const char *status = json_str(item, "status");

	return status && !str_iequal(status, "VALID");
}

/* How a catalog is being read. */
struct reading {
	struct catalog *c;
	const struct conf *conf;
	const char *only; /* catalog_read() */
};

/* The database is there, or will be, but cannot be asked now. A user or
   password that is wrong is a mistake of the file where those count. */
static bool
is_away(const struct datasource *ds, enum fault f, bool mistakes_count)
{
	static const enum fault away[] = { FAULT_DATA_LOGIN,
		FAULT_DATA_TEMPORARY, FAULT_DATA_GONE, FAULT_DATA_BUSY,
		FAULT_DATA_SLOW, FAULT_DATA_STANDBY };

	for (size_t i = mistakes_count ? 2 : 0;
		i < sizeof(away) / sizeof(*away); i++)
		if (f == away[i])
			return !str_equal(datasource_driver(ds), "sqlite");
	return false;
}

/* The service could not be read: 0 when it may sleep. */
static int
put_asleep(struct reading *r, struct data_service *s, struct source *from,
	const struct err *why, struct err *e)
{
	bool away = is_away(from->data, why->fault, !r->only);
	struct err *kept;

	if (r->only ? str_equal(r->only, s->name) : !away) {
		fail(e, away ? why->fault : FAULT_CONFIG, "service \"%s\": %s",
			s->name, why->text);
		return -1;
	}
	kept = arena_memdup(r->c->arena, why, sizeof(*why));
	s->asleep = kept;
	if (away) {
		from->away = kept;
		r->c->sleeping = true;
	}
	return 0;
}

static int
add_service(struct reading *r, json_t *item, struct source *from, struct err *e)
{
	struct catalog *c = r->c;
	struct data_service *s;
	struct err why = ERR_INIT;

	if (service_is_off(item))
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
	s->source = from->data;
	s->from = from;
	s->row_cap = conf_int(r->conf, P_ADAPTER_ROW_CAP);
	s->time_cap_ms = conf_int(r->conf, P_ADAPTER_TIME_CAP);
	if (service_read(c->arena, item, s, &why) &&
		put_asleep(r, s, from, &why, e))
		return -1;
	c->services++;
	return 0;
}

static int
add_source(struct reading *r, json_t *item, const char *dir, struct err *e)
{
	struct catalog *c = r->c;
	struct source *from = &c->source[c->sources];
	json_t *list, *service;
	size_t i;

	from->id = source_id(c->arena, c->root, c->sources);
	if (source_open(c->arena, item, dir, r->conf, &from->data, e) ||
		optional_list(item, "dbServices", &list, e))
		return -1;
	c->sources++;
	json_each(service, i, list) {
		if (add_service(r, service, from, e))
			return -1;
	}
	return 0;
}

static int
read_sources(struct reading *r, const char *dir, struct err *e)
{
	struct catalog *c = r->c;
	json_t *item, *sources;
	size_t i;

	c->service = arena_array(c->arena, SERVICES_MAX, sizeof(*c->service));
	c->source = arena_array(c->arena, SERVICES_MAX, sizeof(*c->source));
	if (json_need_list(c->root, "dbSources", SERVICES_MAX, &sources, e))
		return -1;
	json_each(item, i, sources) {
		if (add_source(r, item, dir, e))
			return -1;
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
catalog_read(struct catalog **out, const struct conf *conf, struct bytes text,
	const char *only, struct err *e)
{
	struct catalog *c = mem_alloc(sizeof(*c));
	const char *path = catalog_path(conf);
	const struct json_limits limits = { .bytes = SERVICES_FILE_MAX };
	struct reading r = { c, conf, only };
	struct err why = ERR_INIT;

	atomic_init(&c->users, 1);
	c->arena = arena_new();
	c->text =
		bytes_of(arena_memdup(c->arena, text.data, text.len), text.len);
	if (json_parse(c->arena, c->text, &limits, &c->root, &why) ||
		read_sources(&r, folder_of(c->arena, path), &why)) {
		if (only)
			fail(e, why.fault, "%s", why.text);
		else
			fail(e, FAULT_CONFIG, "%s: %s", path, why.text);
		catalog_free(&c);
		return -1;
	}
	*out = c;
	return 0;
}

int
catalog_load(struct catalog **out, const struct conf *conf, struct err *e)
{
	struct arena *a = arena_new();
	struct bytes text;
	int ret = file_read(a, catalog_path(conf), SERVICES_FILE_MAX, &text, e);

	if (!ret)
		ret = catalog_read(out, conf, text, NULL, e);
	arena_free(&a);
	return ret;
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
