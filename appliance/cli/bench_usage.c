/* SPDX-License-Identifier: MIT */
/*
 * What the lab's processes used, as the kernel counts it below /proc: CPU time
 * of every thread under the name of its work, memory, bytes to the disk.
 */
#include "bench_int.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "mem.h"
#include "text.h"

enum { PROC_MAX = 8192 };

static const struct {
	const char *thread; /* as the kernel calls it */
	enum bench_part part;
} parts[] = {
	{ "civetweb-worker", PART_REQUEST },
	{ "signer", PART_SIGNING },
	{ "messagelog", PART_LOG },
	{ "timestamp", PART_STAMP },
};

const char *
bench_part_name(enum bench_part p)
{
	static const char *const name[] = {
		[PART_REQUEST] = "request",
		[PART_SIGNING] = "signing",
		[PART_LOG] = "log",
		[PART_STAMP] = "stamp",
		[PART_CENTER] = "center",
		[PART_OTHER] = "other",
	};

	return name[p];
}

/* A file below /proc as text, or "". */
static const char *
proc_text(struct arena *a, const char *path)
{
	struct bytes text;

	if (file_read(a, path, PROC_MAX, &text, NULL))
		return "";
	return arena_strndup(a, (const char *)text.data, text.len);
}

/* The number behind a name that ends with a colon. */
static int64_t
proc_number(const char *text, const char *name)
{
	const char *p = strstr(text, name);

	return p ? strtoll(p + strlen(name), NULL, 10) : 0;
}

struct thread_sum {
	struct arena *a;
	const char *dir; /* of the process */
	bool center;
	struct bench_usage *out;
};

/* schedstat begins with the nanoseconds on a CPU; stat has ticks of 10 ms,
   more than many a thread uses. */
static int
add_thread(void *ctx, const char *tid)
{
	struct thread_sum *s = ctx;
	enum bench_part part = s->center ? PART_CENTER : PART_OTHER;
	const char *dir = arena_printf(s->a, "%s/task/%s", s->dir, tid);
	const char *name = proc_text(s->a, path_join(s->a, dir, "comm"));
	const char *ns = proc_text(s->a, path_join(s->a, dir, "schedstat"));
	size_t len = strcspn(name, "\n");

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!s->center && strlen(parts[i].thread) == len &&
			!memcmp(name, parts[i].thread, len))
			part = parts[i].part;
	s->out->cpu_ns[part] += strtoll(ns, NULL, 10);
	return 0;
}

static void
add_process(struct arena *a, int64_t pid, bool center, struct bench_usage *out)
{
	const char *dir = arena_printf(a, "/proc/%d", (int)pid);
	const char *status = proc_text(a, path_join(a, dir, "status"));
	struct thread_sum s = { a, dir, center, out };
	int64_t now = proc_number(status, "VmRSS:");
	int64_t peak = proc_number(status, "VmHWM:");
	char *end;

	(void)dir_each(path_join(a, dir, "task"), add_thread, &s, NULL);
	out->written += proc_number(
		proc_text(a, path_join(a, dir, "io")), "\nwrite_bytes:");
	if (now > out->resident_kb)
		out->resident_kb = now;
	if (peak > out->peak_kb)
		out->peak_kb = peak;
	/* the signer is a child of the thread that started it */
	const char *p = proc_text(
		a, arena_printf(a, "%s/task/%d/children", dir, (int)pid));
	for (int64_t child; (child = strtoll(p, &end, 10)) > 0; p = end)
		add_process(a, child, center, out);
}

void
bench_usage(const json_t *lab_report, struct bench_usage *out)
{
	struct arena *a = arena_new();
	json_t *p;
	size_t i;

	*out = (struct bench_usage){ .written = 0 };
	json_each(p, i, json_list(lab_report, "processes")) {
		const char *name = json_str(p, "name");

		add_process(a, json_int(p, "pid", 0),
			name && str_equal(name, "center"), out);
	}
	arena_free(&a);
}

void
bench_usage_reset(const json_t *lab_report)
{
	struct arena *a = arena_new();
	json_t *p;
	size_t i;

	json_each(p, i, json_list(lab_report, "processes")) {
		FILE *f = fopen(arena_printf(a, "/proc/%d/clear_refs",
					(int)json_int(p, "pid", 0)),
			"w");

		if (!f)
			continue;
		(void)fputs("5", f); /* VmHWM begins anew */
		(void)fclose(f);
	}
	arena_free(&a);
}
