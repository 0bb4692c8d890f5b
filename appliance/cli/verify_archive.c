/* SPDX-License-Identifier: MIT */
/*
 * `machilink verify ARCHIVE.zip...`: every container of message-log archives,
 * the linking information of each, and the chain across them. Rule:
 * interop/xroad-messages.md 4.6.
 */
#include "cli.h"
#include "cli_int.h"

#include <stdio.h>
#include <string.h>

#include "asic.h"
#include "err.h"
#include "file.h"
#include "globalconf.h"
#include "http_server.h"
#include "json_io.h"
#include "language.h"
#include "linking.h"
#include "mem.h"
#include "text.h"
#include "xml.h"

enum { REPORT_MAX = 64 * 1024 * 1024 };

/* How an archive hangs together with the one before it. */
enum link_state {
	LINK_UNKNOWN, /* its linkinginfo or the archive before is unreadable */
	LINK_START,   /* the first of its chain */
	LINK_OPEN,    /* goes on from an archive that was not given */
	LINK_FOLLOWS,
	LINK_BROKEN,
};

struct trouble {
	const char *container; /* NULL: the archive as a whole */
	struct err e;
};

struct report {
	const char *file;
	int verdict; /* EXIT_* */
	struct linking linking;
	bool linking_read, linking_holds;
	enum link_state link;
	size_t containers, valid;
	struct trouble *trouble;
	size_t troubles;
	const struct report *before; /* in the chain, or NULL */
	bool placed;
};

struct judge {
	const struct verify_call *call;
	const struct globalconf *g;
	struct arena *a; /* of the reports */
};

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int
read_zip(struct arena *a, const char *path, struct zip_entry **en, size_t *n,
	int *verdict, struct err *e)
{
	struct bytes zip;

	*verdict = EXIT_CANNOT_TELL;
	if (file_read(a, path, INT32_MAX, &zip, e))
		return -1;
	*verdict = EXIT_INVALID;
	return zip_read(a, zip, INT32_MAX, en, n, e);
}

bool
is_archive(const char *path)
{
	struct arena *a = arena_new();
	struct zip_entry *en;
	bool yes = false, no = false;
	int verdict;
	size_t n;

	if (!read_zip(a, path, &en, &n, &verdict, NULL))
		for (size_t i = 0; i < n; i++) {
			yes = yes || str_equal(en[i].name, LINKING_NAME) ||
			      str_suffix(en[i].name, ".asice");
			no = no || str_iequal(en[i].name, "mimetype");
		}
	arena_free(&a);
	return yes && !no;
}

static void
add_trouble(struct judge *j, struct report *r, const char *container,
	const struct err *e)
{
	struct trouble *t = &r->trouble[r->troubles++];

	t->container = arena_strdup(j->a, container);
	t->e = *e;
	r->verdict = EXIT_INVALID;
}

/* ---- judging ---- */

static void
judge_containers(struct judge *j, struct report *r, const struct zip_entry *en)
{
	for (size_t i = 0; i < r->containers; i++) {
		struct arena *a = arena_new();
		struct err e = ERR_INIT;
		struct asic_report facts;
		struct asic asic;

		if (asic_read(a, en[i].data, &asic, &e) ||
			asic_verify(a, &asic, j->g, &facts, &e))
			add_trouble(j, r, en[i].name, &e);
		else
			r->valid++;
		arena_free(&a);
	}
}

static struct linking
keep_linking(struct arena *a, const struct linking *l)
{
	struct linking_entry *last = arena_alloc(a, sizeof(*last));
	struct linking kept = *l;

	last->digest = arena_strdup(a, linking_last(l));
	last->name = arena_strdup(a, l->entry[l->n - 1].name);
	kept.previous = arena_strdup(a, l->previous);
	kept.previous_file = arena_strdup(a, l->previous_file);
	kept.entry = last;
	kept.n = 1;
	return kept;
}

static void
judge_linking(struct judge *j, struct report *r, struct arena *a,
	const struct zip_entry *info, const struct zip_entry *en)
{
	struct err e = ERR_INIT;
	struct linking l;

	if (!info) {
		fail(&e, FAULT_NOT_FOUND,
			"there is no " LINKING_NAME " in the archive");
		add_trouble(j, r, NULL, &e);
		return;
	}
	if (linking_read(a, info->data, &l, &e)) {
		add_trouble(j, r, NULL, &e);
		return;
	}
	r->linking_read = true;
	r->linking = keep_linking(j->a, &l);
	r->linking_holds = !linking_verify(a, &l, en, r->containers, &e);
	if (!r->linking_holds)
		add_trouble(j, r, NULL, &e);
}

static void
judge_link(struct judge *j, struct report *r)
{
	const struct report *before = r->before;
	struct err e = ERR_INIT;
	const struct linking *l = &r->linking;

	if (!r->linking_read)
		return;
	if (!before) {
		r->link = *l->previous ? LINK_OPEN : LINK_START;
		return;
	}
	if (!before->linking_read) {
		if (r->verdict == EXIT_OK)
			r->verdict = EXIT_CANNOT_TELL;
		return;
	}
	if (str_equal(l->previous, linking_last(&before->linking))) {
		r->link = LINK_FOLLOWS;
		return;
	}
	r->link = LINK_BROKEN;
	if (*l->previous)
		fail(&e, FAULT_INVALID_HASH_CHAIN,
			"it follows %.200s (digest %.16s), not %.200s (digest "
			"%.16s), which is before it",
			l->previous_file, l->previous, base_name(before->file),
			linking_last(&before->linking));
	else
		fail(&e, FAULT_INVALID_HASH_CHAIN,
			"it begins a chain of its own and does not follow "
			"%.200s, which is before it",
			base_name(before->file));
	add_trouble(j, r, NULL, &e);
}

static void
judge_file(struct judge *j, struct report *r)
{
	struct arena *a = arena_new();
	struct zip_entry *en, info = { .name = NULL };
	struct err e = ERR_INIT;
	int verdict;
	size_t n = 0;

	if (read_zip(a, r->file, &en, &n, &verdict, &e)) {
		r->trouble = arena_array(j->a, 1, sizeof(*r->trouble));
		add_trouble(j, r, NULL, &e);
		r->verdict = verdict;
		arena_free(&a);
		return;
	}
	r->trouble = arena_array(j->a, n + 3, sizeof(*r->trouble));
	for (size_t i = 0; i < n; i++)
		if (str_equal(en[i].name, LINKING_NAME))
			info = en[i];
		else
			en[r->containers++] = en[i];
	judge_linking(j, r, a, info.name ? &info : NULL, en);
	judge_link(j, r);
	if (!j->call->linking_only)
		judge_containers(j, r, en);
	arena_free(&a);
}

/* ---- the order ----
   Names tell when the messages were logged; an archive is linked to the one
   written before it, which is not always the one before it by name. */

static void
peek_linking(struct judge *j, struct report *r)
{
	struct arena *a = arena_new();
	struct zip_entry *en;
	struct linking l;
	int verdict;
	size_t n;

	if (!read_zip(a, r->file, &en, &n, &verdict, NULL))
		for (size_t i = 0; i < n; i++)
			if (str_equal(en[i].name, LINKING_NAME) &&
				!linking_read(a, en[i].data, &l, NULL)) {
				r->linking = keep_linking(j->a, &l);
				r->linking_read = true;
			}
	arena_free(&a);
}

/* Length of "mlog-GROUP" of "mlog-GROUP-FIRST-LAST-DIGEST.zip". */
static size_t
group_length(const char *name)
{
	size_t n = strlen(name), dashes = 0;

	while (n && dashes < 3)
		dashes += name[--n] == '-';
	return n;
}

/* Every group has a chain of its own. */
static bool
same_group(const struct report *a, const struct report *b)
{
	const char *x = base_name(a->file), *y = base_name(b->file);
	size_t n = group_length(x);

	return n == group_length(y) && !memcmp(x, y, n);
}

static bool
precedes(const struct report *a, const struct report *b)
{
	return a != b && a->linking_read && b->linking_read &&
	       str_equal(b->linking.previous, linking_last(&a->linking)) &&
	       same_group(a, b);
}

static struct report *
next_of(struct report *r, size_t n, const struct report *before)
{
	for (size_t i = 0; i < n; i++)
		if (!r[i].placed && precedes(before, &r[i]))
			return &r[i];
	return NULL;
}

static bool
is_head(const struct report *r, size_t n, const struct report *one)
{
	for (size_t i = 0; i < n; i++)
		if (!r[i].placed && precedes(&r[i], one))
			return false;
	return true;
}

/* What begins a chain goes first, then what nothing given precedes. */
static struct report *
head_of(struct report *r, size_t n)
{
	struct report *head = NULL, *any = NULL;

	for (size_t i = 0; i < n; i++) {
		if (r[i].placed)
			continue;
		any = any ? any : &r[i];
		if (!is_head(r, n, &r[i]))
			continue;
		if (r[i].linking_read && !*r[i].linking.previous)
			return &r[i];
		head = head ? head : &r[i];
	}
	return head ? head : any;
}

static void
place(struct report **order, size_t m, struct report *r)
{
	r->placed = true;
	order[m] = r;
	while (m-- && !r->before)
		if (same_group(order[m], r))
			r->before = order[m];
}

static void
chain_order(struct judge *j, struct report *r, size_t n, struct report **order)
{
	struct report *next = NULL;

	for (size_t i = 0; n > 1 && i < n; i++)
		peek_linking(j, &r[i]);
	for (size_t m = 0; m < n; m++) {
		if (next)
			next = next_of(r, n, next);
		if (!next)
			next = head_of(r, n);
		place(order, m, next);
	}
}

/* ---- telling ---- */

/* The name in the middle is the archive before. */
static const struct {
	const char *en, *en_end, *ja, *ja_end;
} LINK_TEXT[] = {
	[LINK_UNKNOWN] = { "cannot be told", "", "判定できません", "" },
	[LINK_START] = { "begins here", "", "ここから始まります", "" },
	[LINK_OPEN] = { "goes on from ", ", which was not given", "",
		" の続きです (そのファイルは確認していません)" },
	[LINK_FOLLOWS] = { "follows ", "", "", " に続きます" },
	[LINK_BROKEN] = { "does not follow ", "", "", " に続いていません" },
};

static void
print_link(const struct report *r, bool ja)
{
	const char *name = "";

	if (r->link == LINK_OPEN)
		name = r->linking.previous_file;
	else if (r->before && r->link != LINK_UNKNOWN)
		name = base_name(r->before->file);
	printf("  %s: %s%s%s\n", ja ? "連鎖" : "chain",
		ja ? LINK_TEXT[r->link].ja : LINK_TEXT[r->link].en, name,
		ja ? LINK_TEXT[r->link].ja_end : LINK_TEXT[r->link].en_end);
}

static void
print_report(const struct judge *j, const struct report *r, bool ja)
{
	printf("%s: %s\n", r->file, verdict_word(r->verdict, ja));
	if (j->call->linking_only)
		printf(ja ? "  コンテナ: %zu 個 (署名は確認していません)\n"
			  : "  containers: %zu (their signatures were not "
			    "checked)\n",
			r->containers);
	else
		printf(ja ? "  コンテナ: %zu 個中 %zu 個が有効\n"
			  : "  containers: of %zu, %zu are valid\n",
			r->containers, r->valid);
	if (r->linking_holds)
		printf(ja ? "  linkinginfo: 正しい (%s、最後のダイジェスト "
			    "%.16s)\n"
			  : "  linkinginfo: holds (%s, last digest %.16s)\n",
			digest_jca(r->linking.alg), linking_last(&r->linking));
	print_link(r, ja);
	for (size_t i = 0; i < r->troubles; i++)
		print_reason(&r->trouble[i].e, r->trouble[i].container, ja);
}

static json_t *
report_json(const struct judge *j, const struct report *r)
{
	static const char *const state[] = { "unknown", "begins", "continues",
		"follows", "broken" };
	json_t *o = json_object(), *list = json_array();

	json_put_str(o, "file", r->file);
	json_put_str(o, "verdict", verdict_word(r->verdict, false));
	json_put_int(o, "containers", (int64_t)r->containers);
	if (!j->call->linking_only)
		json_put_int(o, "valid_containers", (int64_t)r->valid);
	json_put_str(
		o, "linkinginfo", r->linking_holds ? "holds" : "does not hold");
	json_put_str(o, "chain", state[r->link]);
	if (r->linking_read) {
		json_put_str(o, "algorithm", digest_jca(r->linking.alg));
		json_put_str(o, "previous_digest", r->linking.previous);
		json_put_str(o, "previous_file", r->linking.previous_file);
		json_put_str(o, "last_digest", linking_last(&r->linking));
	}
	for (size_t i = 0; i < r->troubles; i++) {
		json_t *t = json_object();

		json_put_str(t, "container", r->trouble[i].container);
		json_put_str(t, "code", r->trouble[i].e.code);
		json_put_str(t, "reason", r->trouble[i].e.text);
		json_array_append_new(list, t);
	}
	json_put_new(o, "problems", list);
	return o;
}

static void
print_json(const struct judge *j, struct report *const *r, size_t n,
	int verdict, const struct err *e)
{
	json_t *o = json_object(), *list = json_array();
	struct buf b;

	json_put_str(o, "verdict", verdict_word(verdict, false));
	if (err_set(e)) {
		json_put_str(o, "code", e->code);
		json_put_str(o, "reason", e->text);
	}
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, report_json(j, r[i]));
	json_put_new(o, "archives", list);
	buf_init(&b, REPORT_MAX);
	json_write(&b, o, JSON_PRETTY);
	puts(b.data);
	buf_done(&b);
	json_decref(o);
}

static int
judge_all(struct judge *j, struct report *const *r, size_t n)
{
	int verdict = EXIT_OK;

	for (size_t i = 0; i < n; i++) {
		judge_file(j, r[i]);
		if (verdict != EXIT_INVALID && r[i]->verdict != EXIT_OK)
			verdict = r[i]->verdict;
	}
	return verdict;
}

int
verify_archives(const struct verify_call *c, char **file, size_t n)
{
	struct judge j = { .call = c, .a = arena_new() };
	struct report *r = arena_array(j.a, n, sizeof(*r));
	struct report **order = arena_array(j.a, n, sizeof(struct report *));
	struct globalconf *g = NULL;
	struct err e = ERR_INIT;
	bool ja = language_is_japanese(c->lang);
	int ret = EXIT_CANNOT_TELL;

	for (size_t i = 0; i < n; i++)
		r[i].file = file[i];
	xml_startup();
	if (!http_startup(&e) &&
		(c->linking_only || !verify_trust(j.a, c, &g, &e))) {
		j.g = g;
		chain_order(&j, r, n, order);
		ret = judge_all(&j, order, n);
	}
	if (c->json)
		print_json(&j, order, err_set(&e) ? 0 : n, ret, &e);
	else if (err_set(&e)) {
		puts(verdict_word(ret, ja));
		print_reason(&e, NULL, ja);
	} else
		for (size_t i = 0; i < n; i++)
			print_report(&j, order[i], ja);
	globalconf_unref(&g);
	arena_free(&j.a);
	http_shutdown();
	xml_shutdown();
	return ret;
}
