/* SPDX-License-Identifier: MIT */
/*
 * A small database for the tests of the store, written by hand.
 */
#pragma once

#include "db.h"

enum demo_query {
	Q_DEMO_PUT,
	Q_DEMO_PUT_CHILD,
	Q_DEMO_GET,
	Q_DEMO_ALL,
	Q_DEMO_COUNT_ALL,
	Q_DEMO_VALUES,
	Q_DEMO_VIEW,
	Q_DEMO_VIEW_WITH,
	Q_DEMO_DELETE,
	Q_DEMO_RETURNING,
	Q_DEMO_COUNT
};

static const struct db_migration demo_migration[] = {
	{ 1, "items",
		"CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE,"
		" secret TEXT) STRICT;\n"
		"CREATE TABLE child (id INTEGER PRIMARY KEY,"
		" item INTEGER NOT NULL REFERENCES item (id)) STRICT;\n" },
	{ 2, "view", "CREATE VIEW v_item AS SELECT id, name FROM item;\n" },
	{ 3, "note", "ALTER TABLE item ADD COLUMN note TEXT;\n" },
};

static const struct db_statement demo_statement[Q_DEMO_COUNT] = {
	[Q_DEMO_PUT] = { "put",
		"INSERT INTO item (name, secret) VALUES (?, ?)" },
	[Q_DEMO_PUT_CHILD] = { "put_child",
		"INSERT INTO child (item) VALUES (?);\n" },
	[Q_DEMO_GET] = { "get",
		"SELECT id, name, secret FROM item WHERE id = ?" },
	[Q_DEMO_ALL] = { "all", "SELECT id, name FROM item ORDER BY id" },
	[Q_DEMO_COUNT_ALL] = { "count_all",
		"SELECT count(*) FROM item; -- the end\n" },
	[Q_DEMO_VALUES] = { "values", "SELECT ?, ?, ?, ?, ?" },
	[Q_DEMO_VIEW] = { "view", "SELECT name FROM v_item ORDER BY id" },
	/* a common table expression that poses as a view */
	[Q_DEMO_VIEW_WITH] = { "view_with",
		"WITH v_x AS (SELECT secret FROM item) SELECT * FROM v_x" },
	[Q_DEMO_DELETE] = { "delete", "DELETE FROM item WHERE id >= ?" },
	[Q_DEMO_RETURNING] = { "returning",
		"UPDATE item SET note = ? WHERE name = ? RETURNING id" },
};

#define DEMO_SCHEMA(versions)                                              \
 {                                                                         \
  .name = "demo", .migration = demo_migration, .n_migrations = (versions), \
  .statement = demo_statement, .n_statements = Q_DEMO_COUNT                \
 }
