/* SPDX-License-Identifier: MIT */
/*
 * Other instances: the shared parameters of every federation partner that the
 * private parameters name and the operator allows. A partner that cannot be
 * reached keeps what was kept of it until that expires; it never stops our own
 * configuration. Rule: interop/xroad-center-admin.md 1.9.
 */
#include <stdio.h>
#include <string.h>

#include "confclient_int.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { WORD_MAX = 255 };

/* "none" wins, "all" is everybody, else a list of instances. */
static bool
allowed(const char *list, const char *instance)
{
	bool good = false;
	char word[WORD_MAX + 1];

	while (*list) {
		size_t n = strcspn(list, ",");
		char *s;

		snprintf(word, sizeof(word), "%.*s",
			(int)(n < WORD_MAX ? n : WORD_MAX), list);
		s = str_trim(word);
		if (str_iequal(s, "none"))
			return false;
		good = good || str_iequal(s, "all") || str_iequal(s, instance);
		list += n + (list[n] == ',');
	}
	return good;
}

static int
download(struct arena *a, const struct gc_source_call *call, const char *dir,
	const struct gc_anchor *anchor, struct gc_file *out, struct err *e)
{
	struct gc_location place[GC_LOCATIONS_MAX];
	struct gc_round r = {
		.a = a,
		.call = call,
		.dir = dir,
		.instance = anchor->instance,
		.shared_only = true,
	};
	size_t n = gc_locations(a, call, anchor, NULL, "", place);

	fail(e, FAULT_MALFORMED_ANCHOR, "its anchor names no http:// source");
	for (size_t i = 0; i < n; i++) {
		err_reset(e);
		r.from = &place[i];
		if (gc_round_run(&r, e))
			continue;
		if (gc_cache_write(dir, anchor->instance, r.file, r.n, e))
			return -1;
		*out = *gc_round_file(&r, GC_SHARED);
		return 0;
	}
	return -1;
}

/* What is kept serves when nothing new comes. */
static bool
partner_take(struct arena *a, const struct gc_source_call *call,
	const char *dir, const struct gc_anchor *anchor, struct gc_file *out)
{
	struct err why = ERR_INIT;

	if (call && !download(a, call, dir, anchor, out, &why))
		return true;
	if (call)
		log_warning("federation partner %s: %s", anchor->instance,
			why.text);
	return !gc_cache_read(
		a, dir, anchor->instance, "shared-params.xml", out, NULL);
}

size_t
gc_partners(struct arena *a, const struct conf *conf,
	const struct gc_source_call *call, const char *dir, const char *own,
	struct bytes private_part, struct gc_partner out[GC_PARTNERS_MAX])
{
	const char *list = conf_text(conf, P_GC_FEDERATIONS);
	struct private_params p;
	size_t n = 0;

	if (private_params_parse(a, private_part, &p, NULL))
		return 0;
	for (size_t i = 0; i < p.partners && n < GC_PARTNERS_MAX; i++) {
		const struct gc_anchor *x = &p.partner[i];

		if (str_equal(x->instance, own) || !allowed(list, x->instance))
			continue;
		out[n].instance = x->instance;
		if (partner_take(a, call, dir, x, &out[n].shared))
			n++;
	}
	return n;
}
