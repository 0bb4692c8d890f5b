/* SPDX-License-Identifier: MIT */
/*
 * What the lab tells: a line per step while it runs, then what to open and
 * type; or one JSON object. Japanese or English by the terminal's language.
 */
#include "lab_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "log.h"
#include "site_int.h"

enum { JSON_TEXT_MAX = 256 * 1024 };

void
report_say(struct lab *l, const char *ja, const char *en)
{
	if (l->json)
		return;
	puts(l->japanese ? ja : en);
	fflush(stdout);
}

void
report_step(struct lab *l, const struct step *s, int64_t ms, bool good)
{
	if (l->steps < STEPS_MAX)
		l->step[l->steps++] = (struct step_time){ s->name, ms };
	if (l->json)
		return;
	printf("  %s %6.2f s  %s\n", good ? "✓" : "✗", (double)ms / 1000,
		l->japanese ? s->ja : s->en);
	fflush(stdout);
}

void
report_failure(struct lab *l, const struct err *e)
{
	if (!l->json)
		fprintf(stderr, "machilink: %s\n", e->text);
}

static void
json_report(struct lab *l, bool good)
{
	json_t *root = json_object(), *list = json_array();
	struct buf b;

	json_put_bool(root, "ok", good);
	json_put_bool(root, "fresh", l->fresh);
	json_put_bool(root, "postgresql", l->postgres.ready);
	json_put_bool(root, "residents", l->residents);
	json_put_int(root, "total_ms", clock_ticks() - l->begun);
	if (l->first_exchange)
		json_put_int(root, "first_exchange_ms",
			l->first_exchange - l->begun);
	for (size_t i = 0; i < l->steps; i++) {
		json_t *o = json_object();

		json_put_str(o, "name", l->step[i].name);
		json_put_int(o, "ms", l->step[i].ms);
		json_array_append_new(list, o);
	}
	json_put_new(root, "steps", list);
	list = json_array();
	for (int i = 0; i < MACHINES; i++) {
		json_t *o = json_object();

		json_put_str(o, "name", l->machine[i].name);
		json_put_str(o, "address", l->machine[i].address);
		json_put_int(o, "pid", l->machine[i].pid);
		json_put_int(o, "start_ms", l->machine[i].started_ms);
		json_put_int(o, "rss_kb", process_rss_kb(l->machine[i].pid));
		json_array_append_new(list, o);
	}
	json_put_new(root, "processes", list);
	if (good)
		json_put_new(root, "examples", exchange_examples(l));
	json_put_str(root, "container", l->container);
	json_put_str(root, "globalconf", l->conf_dir);
	buf_init(&b, JSON_TEXT_MAX);
	json_write(&b, root, JSON_PRETTY);
	puts(b.data);
	fflush(stdout);
	buf_done(&b);
	json_decref(root);
}

static void
print_machines(struct lab *l)
{
	printf("\n%s\n",
		l->japanese ? "  管理画面 (利用者 admin、自己署名証明書):"
			    : "  Pages (user admin, self-signed certificate):");
	for (int i = 0; i < MACHINES; i++) {
		struct machine *m = &l->machine[i];

		printf("    %-12s https://%s:%d/   admin / %s   (%lld MB)\n",
			l->japanese ? m->title_ja : m->title_en, m->address,
			lab_port(l, PORT_ADMIN), m->password,
			(long long)process_rss_kb(m->pid) / 1024);
	}
}

static void
print_commands(struct lab *l)
{
	printf("\n%s\n", l->japanese ? "  試してみる:" : "  Try:");
	printf("    curl -H 'X-Road-Client: %s/%s/%s/%s' http://%s:%d/r1/%s/"
	       "%s/%s/%s/evacuation-sites\n",
		LAB_INSTANCE, FIRM_CLASS, FIRM_CODE, FIRM_SYSTEM,
		l->machine[FIRM].address, lab_port(l, PORT_IS), LAB_INSTANCE,
		TOWN_CLASS, TOWN_CODE, TOWN_SYSTEM);
	printf("    %s verify %s --globalconf %s\n", l->self, l->container,
		l->conf_dir);
	printf("    %s conf verify --anchor %s/town/data/"
	       "configuration-anchor.xml\n",
		l->self, l->dir);
}

/* A person can do in a browser what the steps did. */
static void
print_residents(struct lab *l)
{
	if (!l->site)
		return;
	printf("\n%s\n    %s/\n%s\n    https://%s:%d/\n%s\n",
		l->japanese ? "  個人同意を自分で試す (町の窓口・会社・実験用の"
			      "サインイン):"
			    : "  Try consent yourself (the town's window, the "
			      "company, the lab's sign-in):",
		l->site->base,
		l->japanese ? "  住民のページ (同意・取り消し・履歴):"
			    : "  The resident's pages (consents, taking back, "
			      "history):",
		l->machine[CENTER].address, lab_port(l, PORT_RESIDENT),
		l->japanese
			? "    見本の住民「海野 花子」は連携済み。会社の「同意を"
			  "求める」から始めます (自己署名証明書)。"
			: "    Hanako Umino is linked already: begin with the "
			  "company's \"Ask for consent\" (self-signed "
			  "certificates).");
}

void
report_end(struct lab *l, bool good)
{
	if (l->json) {
		json_report(l, good);
		return;
	}
	if (!good)
		return;
	printf("%s%.2f s\n", l->japanese ? "  合計 " : "  total ",
		(double)(clock_ticks() - l->begun) / 1000);
	printf("%s%s\n",
		l->japanese ? "  署名済みコンテナ: " : "  signed container: ",
		l->container);
	print_machines(l);
	print_commands(l);
	print_residents(l);
	fflush(stdout);
}
