/* SPDX-License-Identifier: MIT */
/* The database of Personal-Link: its mode for life, identifiers, days. */
#include "linkbook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "tap.h"

static void
mode_is_for_life(void)
{
	char dir[] = "/tmp/linkbook.XXXXXX";
	struct linkbook b = { 0 };
	struct err e = ERR_INIT;
	char path[64];

	ok(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/link.db", dir);
	is_int(linkbook_open(&b, path, LINK_CACHE, &e), 0);
	linkbook_close(&b);
	is_int(linkbook_open(&b, path, LINK_CACHE, &e), 0);
	linkbook_close(&b);
	is_int(linkbook_open(&b, path, LINK_CENTER, &e), -1);
	is_int(e.fault, FAULT_CONFIG);
	ok(strstr(e.text, "personal-link") != NULL);
	linkbook_close(&b);
	(void)unlink(path);
	(void)rmdir(dir);
}

static void
days(void)
{
	int64_t noon_utc, evening_utc;

	is_int(time_parse("2026-11-21T12:00:00Z", &noon_utc, NULL), 0);
	is_int(time_parse("2026-11-21T16:00:00Z", &evening_utc, NULL), 0);
	is_int(link_day_begin(noon_utc),
		noon_utc - (int64_t)21 * 3600000); /* 2026-11-20T15:00Z */
	is_int(link_day_begin(evening_utc), evening_utc - 3600000);
	is_int(link_day_end(noon_utc, 0),
		link_day_begin(noon_utc) + LINK_DAY_MS);
	is_int(link_day_begin(link_day_end(noon_utc, 5)),
		link_day_end(noon_utc, 5));
}

static void
words(void)
{
	struct err e = ERR_INIT;
	char one[LINK_ID_LEN + 1], two[LINK_ID_LEN + 1];
	struct arena *a = arena_new();
	const char *member = NULL;

	link_id_make(one);
	link_id_make(two);
	is_int((int)strlen(one), LINK_ID_LEN);
	ok(strcmp(one, two) != 0);
	is_int(link_refuse(&e, LINK_TICKET_USED), -1);
	is_int(e.fault, FAULT_FORBIDDEN);
	is_str(e.code, "link.link_used");
	ok(strstr(link_refusal_ja(&e), "使用済み") != NULL);
	err_reset(&e);
	is_int(link_member_of(a, "JP/GOV/1/pl", 4, &member, &e), 0);
	is_str(member, "JP/GOV/1");
	is_int(link_member_of(a, "JP/GOV/1/pl/tax", 5, &member, &e), 0);
	is_str(member, "JP/GOV/1");
	is_int(link_member_of(a, "JP/GOV/1", 4, &member, &e), -1);
	is_int(e.fault, FAULT_BAD_REQUEST);
	arena_free(&a);
}

int
main(void)
{
	mode_is_for_life();
	days();
	words();
	return tap_done();
}
