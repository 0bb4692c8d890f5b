/* SPDX-License-Identifier: MIT */
/*
 * The town's tax ledger of the lab's sample residents, and the data service on
 * it: whom it is about and which columns it gives come from the consent.
 */
#include "lab_int.h"

#include "db.h"
#include "opendata_sql.h"
#include "site_int.h"

enum { YEARS = 3, FIRST_YEAR = 2024 };

int
sample_income_fill(struct db_conn *c, struct err *e)
{
	for (int i = 0; i < SAMPLE_PEOPLE; i++)
		for (int y = 0; y < YEARS; y++) {
			int64_t income = 3120000 + i * 870000 + y * 96000;

			if (db_run(c, Q_OPENDATA_INCOME_ADD, e,
				    db_text(sample_people[i].user_id),
				    db_int(FIRST_YEAR + y), db_int(income),
				    db_int(income * 6 / 100)) < 0)
				return -1;
		}
	return 0;
}

const char sample_income_service[] =
	",\n"
	"      { \"name\": \"" INCOME_SERVICE "\",\n"
	"        \"displayName\": \"所得の証明 (本人の同意が必要)\",\n"
	"        \"tables\": [\"resident_income\"],\n"
	"        \"sqlTemplate\": \"SELECT \\\"年度\\\", \\\"所得金額\\\", CASE "
	"WHEN instr(',' || :items || ',', ',tax,') > 0 THEN "
	"\\\"町民税額\\\" END AS \\\"町民税額\\\" FROM resident_income WHERE "
	"\\\"利用者番号\\\" = :resident ORDER BY \\\"年度\\\" DESC\",\n"
	"        \"params\": [ { \"name\": \"resident\", \"type\": \"STRING\", "
	"\"consent\": \"userId\" },\n"
	"          { \"name\": \"items\", \"type\": \"STRING\", \"consent\": "
	"\"items\" } ],\n"
	"        \"result\": [ { \"name\": \"年度\", \"type\": \"LONG\" },\n"
	"          { \"name\": \"所得金額\", \"type\": \"LONG\" },\n"
	"          { \"name\": \"町民税額\", \"type\": \"LONG\" } ] }";
