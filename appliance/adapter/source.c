/* SPDX-License-Identifier: MIT */
/*
 * One of dbSources[]: a database as the Connector describes it, and what is
 * ours: "tls" ("full", "ca", "off"; without it "off" on this machine, "full"
 * elsewhere), "caFile", "odbcDriver" (as odbcinst.ini calls it) for everything
 * that is neither SQLite nor PostgreSQL; some have a usual one. A password
 * may be "sealed:..." (vault.h, machilink seal): the key is adapter.key in the data directory,
 * what it belongs to is the "id" of the source, or its databaseName.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter_int.h"
#include "datasource.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "vault.h"

enum { PORT_MOST = 65535, WAIT_MOST = 600000, PLACE_MAX = 1000 };

/* Passwords, keys and evidence of this machine are nobody's data service. */
static int
check_own(const char *file, const struct conf *conf, struct err *e)
{
	static const char *const own[] = { "adapter.db", "center.db",
		"console.db", "link.db", "messagelog.db", "monitor.db",
		"server.db" };
	char *dir = realpath(conf_text(conf, P_DATA_DIR), NULL);
	char *real = realpath(file, NULL);
	size_t n = dir ? strlen(dir) : 0;
	int ret = 0;

	for (size_t i = 0; real && n && i < sizeof(own) / sizeof(*own); i++)
		if (!strncmp(real, dir, n) && real[n] == '/' &&
			str_equal(real + n + 1, own[i]))
			ret = fail(e, FAULT_CONFIG,
				"%s is a database of this program itself; it "
				"cannot be offered",
				own[i]);
	free(dir); /* realpath() made them */
	free(real);
	return ret;
}

/* databaseName, or what follows jdbc:sqlite: */
static int
sqlite_place(struct arena *a, json_t *item, const char *dir,
	const struct conf *conf, struct datasource_config *c, struct err *e)
{
	const char *name = c->database;
	const char *url = json_str(item, "jdbcUrl");

	if (url && str_prefix(url, "jdbc:sqlite:"))
		name = url + strlen("jdbc:sqlite:");
	if (!name || !*name)
		return fail(e, FAULT_CONFIG,
			"an SQLITE source needs databaseName, the path of its "
			"file");
	c->file = *name == '/' ? name : path_join(a, dir, name);
	return check_own(c->file, conf, e);
}

/* jdbc:KIND://host:port/database where host and databaseName are not given. */
static int
server_place(struct arena *a, json_t *item, struct datasource_config *c,
	struct err *e)
{
	const char *url = json_str(item, "jdbcUrl");
	const char *host = url ? strstr(url, "://") : NULL;
	size_t n = host ? strcspn(host + 3, ":/?") : 0;
	int64_t port;

	if (c->host || !n)
		return 0;
	c->host = arena_strndup(a, host + 3, n);
	host += 3 + n;
	if (*host == ':') {
		n = strcspn(++host, "/?");
		if (int_parse(arena_strndup(a, host, n), 1, PORT_MOST, &port,
			    NULL))
			return fail(
				e, FAULT_CONFIG, "the port of jdbcUrl is none");
		c->port = (int)port;
		host += n;
	}
	n = *host == '/' ? strcspn(host + 1, "?") : 0;
	if (!c->database && n)
		c->database = arena_strndup(a, host + 1, n);
	return 0;
}

/* What never leaves this machine. */
static bool
is_here(const char *host)
{
	return host &&
	       (str_iequal(host, "localhost") || str_prefix(host, "127.") ||
		       str_equal(host, "::1"));
}

static int
read_tls(json_t *item, struct datasource_config *c, struct err *e)
{
	static const char *const word[] = { [DATA_TLS_FULL] = "full",
		[DATA_TLS_CA] = "ca",
		[DATA_TLS_OFF] = "off" };
	const char *given = NULL;

	if (json_opt_str(item, "tls", NAME_MAX_LEN, &given, e) ||
		json_opt_str(item, "caFile", PLACE_MAX, &c->ca_file, e))
		return -1;
	if (!given) {
		c->tls = is_here(c->host) ? DATA_TLS_OFF : DATA_TLS_FULL;
		return 0;
	}
	for (size_t i = 0; i < sizeof(word) / sizeof(*word); i++)
		if (str_equal(given, word[i])) {
			c->tls = (enum data_tls)i;
			return 0;
		}
	return fail(e, FAULT_CONFIG,
		"tls is \"%.100s\"; it can be \"full\", \"ca\" or \"off\"",
		given);
}

static int
read_numbers(json_t *item, struct datasource_config *c, struct err *e)
{
	int64_t port = 0, pool = 0, connect = 0, idle = 0;

	if (json_opt_int(item, "port", 0, PORT_MOST, &port, e) ||
		json_opt_int(item, "maximumPoolSize", 1, INT32_MAX, &pool, e) ||
		json_opt_int(
			item, "connectionTimeout", 1, WAIT_MOST, &connect, e) ||
		json_opt_int(item, "idleTimeout", 0, INT32_MAX, &idle, e))
		return -1;
	c->port = (int)port;
	c->pool_max = (int)(pool < DATA_POOL_MOST ? pool : DATA_POOL_MOST);
	c->connect_ms = (int)connect;
	c->idle_ms = (int)idle;
	return 0;
}

int
source_vault(struct vault **out, const struct conf *conf, struct err *e)
{
	return vault_open(out, conf_data_path(conf, "adapter.key"), e);
}

int
adapter_seal(const struct conf *conf, const char *source, const char *password,
	struct arena *a, char **out, struct err *e)
{
	struct vault *v = NULL;
	int ret = source_vault(&v, conf, e);

	if (!ret)
		ret = vault_seal(v, source, password, a, out, e);
	vault_close(&v);
	return ret;
}

const char *
source_about(const json_t *item)
{
	const char *about = json_str(item, "id");

	if (!about || !*about)
		about = json_str(item, "databaseName");
	return about ? about : "";
}

char *
source_id(struct arena *a, const json_t *root, size_t n)
{
	const json_t *list = json_list(root, "dbSources");
	const char *name = source_about(json_array_get(list, n));

	if (!*name)
		return arena_printf(a, "%zu", n + 1);
	for (size_t i = 0; i < n; i++)
		if (str_equal(name, source_about(json_array_get(list, i))))
			return arena_printf(a, "%s-%zu", name, n + 1);
	return arena_strdup(a, name);
}

/* In the arena's place: secret is wiped when opening is done. */
static int
read_password(struct arena *secret, json_t *item, const struct conf *conf,
	struct datasource_config *c, struct err *e)
{
	struct vault *v = NULL;
	char *clear = NULL;
	int ret;

	if (json_opt_str(
		    item, "password", 2 * VAULT_SECRET_MAX, &c->password, e))
		return -1;
	if (!c->password || !vault_is_sealed(c->password))
		return 0;
	ret = source_vault(&v, conf, e);
	if (!ret)
		ret = vault_unseal(
			v, source_about(item), c->password, secret, &clear, e);
	c->password = clear;
	vault_close(&v);
	return ret;
}

/* A source is open for writing where a service of it is. */
static bool
any_writes(json_t *source)
{
	json_t *item;
	size_t i;

	json_each(item, i, json_list(source, "dbServices"))
		if (json_bool(item, "write", false))
			return true;
	return false;
}

/* As its maker or Debian's package calls it in odbcinst.ini. */
static const char *
usual_driver(const char *type)
{
	static const struct {
		const char *type, *driver;
	} row[] = {
		{ "MYSQL", "MariaDB Unicode" },
		{ "MARIADB", "MariaDB Unicode" },
		{ "MSSQL", "ODBC Driver 18 for SQL Server" },
		{ "SQLSERVER", "ODBC Driver 18 for SQL Server" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		if (str_iequal(type, row[i].type))
			return row[i].driver;
	return NULL;
}

static int
read_place(struct arena *a, json_t *item, const char *dir,
	const struct conf *conf, struct datasource_config *c, struct err *e)
{
	const char *type = json_str(item, "databaseType");

	if (!type)
		return fail(e, FAULT_CONFIG, "a source has no databaseType");
	if (str_iequal(type, "SQLITE")) {
		c->driver = "sqlite";
		return sqlite_place(a, item, dir, conf, c, e);
	}
	c->driver =
		str_iequal(type, "POSTGRESQL") || str_iequal(type, "POSTGRES")
			? "postgresql"
			: "odbc";
	if (!c->odbc_driver || !*c->odbc_driver)
		c->odbc_driver = usual_driver(type);
	if (str_equal(c->driver, "odbc") && !c->odbc_driver)
		return fail(e, FAULT_CONFIG,
			"databaseType %.100s is reached through ODBC: the "
			"source needs odbcDriver, the name of its driver in "
			"odbcinst.ini",
			type);
	return server_place(a, item, c, e);
}

static void
drop_source(void *source)
{
	struct datasource *ds = source;

	datasource_close(&ds);
}

int
source_open(struct arena *a, json_t *item, const char *dir,
	const struct conf *conf, struct datasource **out, struct err *e)
{
	struct datasource_config c = { .writable = any_writes(item) };
	struct arena *secret = arena_new_secret();
	int ret = -1;

	if (json_opt_str(item, "databaseName", PLACE_MAX, &c.database, e) ||
		json_opt_str(item, "host", PLACE_MAX, &c.host, e) ||
		json_opt_str(item, "username", PLACE_MAX, &c.user, e) ||
		json_opt_str(
			item, "odbcDriver", PLACE_MAX, &c.odbc_driver, e) ||
		json_opt_str(item, "displayName", PLACE_MAX, &c.name, e) ||
		read_numbers(item, &c, e) ||
		read_place(a, item, dir, conf, &c, e) ||
		read_tls(item, &c, e) ||
		read_password(secret, item, conf, &c, e))
		goto out;
	if (!c.name)
		c.name = c.file ? c.file : c.database;
	if (datasource_open(out, &c, e))
		goto out;
	arena_defer(a, drop_source, *out);
	ret = 0;
out:
	arena_free(&secret);
	return ret;
}
