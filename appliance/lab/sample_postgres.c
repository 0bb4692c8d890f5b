/* SPDX-License-Identifier: MIT */
/*
 * What the lab's PostgreSQL holds: the nurseries of a made-up town and the
 * places they have free, and the service that is made of it. No persons.
 */
#include "lab_int.h"

#include "mem.h"

/* In single-user mode a statement ends with an empty line. */
char *
sample_postgres_role(struct lab *l)
{
	return arena_printf(l->arena,
		"CREATE ROLE adapter LOGIN PASSWORD '%s';\n\n"
		"CREATE DATABASE " SAMPLE_POSTGRES_DATABASE ";\n\n",
		l->postgres.password);
}

const char sample_postgres_tables[] =
	"CREATE TABLE nursery (id text PRIMARY KEY, name text NOT NULL, kana "
	"text NOT NULL, kind text NOT NULL, address text NOT NULL, capacity "
	"integer NOT NULL);\n\n"
	"INSERT INTO nursery VALUES "
	"('N0001', '本町保育所', 'ホンチョウホイクショ', '認可保育所', "
	"'海辺県海風町本町2-5', 90),"
	"('N0002', '浜町保育園', 'ハマチョウホイクエン', '認可保育所', "
	"'海辺県海風町浜町1-12', 60),"
	"('N0003', '港こども園', 'ミナトコドモエン', '認定こども園', "
	"'海辺県海風町港3-8', 120),"
	"('N0004', '山手幼稚園', 'ヤマテヨウチエン', '幼稚園', "
	"'海辺県海風町山手4-1', 105),"
	"('N0005', '川原保育室', 'カワラホイクシツ', '小規模保育事業', "
	"'海辺県海風町川原1-3', 19),"
	"('N0006', '松ヶ丘保育園', 'マツガオカホイクエン', '認可保育所', "
	"'海辺県海風町松ヶ丘5-20', 75);\n\n"
	"CREATE TABLE vacancy (nursery text NOT NULL REFERENCES nursery, age "
	"smallint NOT NULL CHECK (age BETWEEN 0 AND 5), places integer NOT "
	"NULL, updated date NOT NULL, PRIMARY KEY (nursery, age));\n\n"
	"INSERT INTO vacancy SELECT id, age, (right(id, 1)::int * 5 + age * 3) "
	"% 4, DATE '2026-11-16' FROM nursery, generate_series(0, 5) age "
	"WHERE kind <> '小規模保育事業' OR age <= 2;\n\n"
	"GRANT SELECT ON nursery, vacancy TO adapter;\n\n";

char *
sample_postgres_source(struct lab *l, const char *password)
{
	return arena_printf(l->arena,
		"{ \"id\": \"" SAMPLE_POSTGRES_SOURCE "\", \"displayName\": "
		"\"保育システム\", \"databaseType\": \"POSTGRESQL\", "
		"\"host\": \"%s\", \"port\": %d, \"databaseName\": "
		"\"" SAMPLE_POSTGRES_DATABASE "\", \"username\": \"adapter\", "
		"\"password\": \"%s\", \"tls\": \"off\", \"dbServices\": [ "
		"{ \"name\": \"nursery-places\", \"displayName\": "
		"\"保育施設の空き状況\", \"tables\": [\"nursery\", \"vacancy\"], "
		"\"sqlTemplate\": \"SELECT n.id AS \\\"ID\\\", n.name AS "
		"\\\"名称\\\", n.kana AS \\\"名称_カナ\\\", n.kind AS "
		"\\\"種別\\\", n.address AS \\\"所在地_連結表記\\\", v.age AS "
		"\\\"年齢\\\", v.places AS \\\"空き\\\", v.updated AS "
		"\\\"更新日\\\" FROM nursery n JOIN vacancy v ON v.nursery = n.id "
		"WHERE (CAST(:age AS integer) IS NULL OR v.age = CAST(:age AS integer)) "
		"AND v.places > 0 ORDER BY n.id, v.age\", "
		"\"params\": [ { \"name\": \"age\", \"type\": \"INTEGER\", "
		"\"required\": false, \"minimum\": 0, \"maximum\": 5 } ] } ] }",
		l->machine[TOWN].address, lab_port(l, PORT_POSTGRES), password);
}
