/* SPDX-License-Identifier: MIT */
/*
 * Numbers in Prometheus' text format (exposition format 0.0.4), its naming
 * conventions for names and units.
 */
#include "monitor_int.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "param.h"

/* ---- the format ---- */

/* Values have \, " and newline escaped, help texts have neither. */
static void
put_escaped(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (*s == '\n') {
			buf_str(b, "\\n");
			continue;
		}
		if (*s == '\\' || *s == '"')
			buf_char(b, '\\');
		buf_char(b, *s);
	}
}

void
metrics_kind(struct metrics *out, const char *type, const char *name,
	const char *help)
{
	buf_fmt(out->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
		type);
	out->family = name;
}

void
metrics_family(struct metrics *out, enum metrics_kind kind, const char *name,
	const char *help)
{
	metrics_kind(
		out, kind == METRICS_GAUGE ? "gauge" : "counter", name, help);
}

/* Whole numbers exactly, others in full precision. */
static void
put_value(struct buf *b, double v)
{
	if (fabs(v) < 9e15 && v == floor(v))
		buf_fmt(b, " %.0f\n", v);
	else
		buf_fmt(b, " %.17g\n", v);
}

void
metrics_number(struct metrics *out, const char *name, const char *suffix,
	const char *const *label, double value)
{
	buf_fmt(out->out, "%s%s", name, suffix);
	for (size_t i = 0; label && label[i]; i += 2) {
		buf_fmt(out->out, "%s%s=\"", i ? "," : "{", label[i]);
		put_escaped(out->out, label[i + 1]);
		buf_char(out->out, '"');
	}
	if (label && label[0])
		buf_char(out->out, '}');
	put_value(out->out, value);
}

void
metrics_sample(struct metrics *out, const char *const *label, double value)
{
	metrics_number(out, out->family, "", label, value);
}

static void
one(struct metrics *out, enum metrics_kind kind, const char *name,
	const char *help, double value)
{
	metrics_family(out, kind, name, help);
	metrics_sample(out, NULL, value);
}

/* ---- what the monitor itself knows ---- */

static int64_t
pages_resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long long all = 0, here = 0;

	if (!f)
		return 0;
	/* NOLINTNEXTLINE(cert-err34-c,bugprone-unchecked-string-to-number-conversion) */
	if (fscanf(f, "%lld %lld", &all, &here) != 2)
		here = 0;
	(void)fclose(f);
	return here;
}

static int
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	if (!d)
		return 0;
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n - 3; /* ".", ".." and this one */
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void
write_process(struct metrics *out)
{
	struct rusage used;

	(void)getrusage(RUSAGE_SELF, &used);
	one(out, METRICS_COUNTER, "process_cpu_seconds_total",
		"Time of the processor used by this process.",
		seconds(used.ru_utime) + seconds(used.ru_stime));
	one(out, METRICS_GAUGE, "process_resident_memory_bytes",
		"Memory of this process.",
		(double)(pages_resident() * sysconf(_SC_PAGESIZE)));
	one(out, METRICS_GAUGE, "process_open_fds",
		"Open files and connections of this process.",
		(double)open_files());
}

static void
write_self(struct monitor *m, struct metrics *out)
{
	const char *const version[] = { "version", VERSION, NULL };
	int64_t room = disk_free(conf_text(m->conf, P_DATA_DIR));

	metrics_family(out, METRICS_GAUGE, "machilink_build_info",
		"Which version runs; always 1.");
	metrics_sample(out, version, 1);
	one(out, METRICS_GAUGE, "machilink_start_time_seconds",
		"When this process started, seconds since 1970.",
		(double)m->started / 1000);
	if (room >= 0)
		one(out, METRICS_GAUGE, "machilink_data_free_bytes",
			"Free room on the file system of the data directory.",
			(double)room);
	if (!m->queue)
		return;
	one(out, METRICS_GAUGE, "machilink_monitor_queue_records",
		"Records of exchanges that wait for the database.",
		(double)queue_waiting(m->queue));
	one(out, METRICS_COUNTER, "machilink_monitor_records_written_total",
		"Records of exchanges that are in the database.",
		(double)atomic_load(&m->written));
	one(out, METRICS_COUNTER, "machilink_monitor_records_lost_total",
		"Records of exchanges that found no room in the queue.",
		(double)queue_lost(m->queue));
}

int
metrics_text(struct monitor *m, struct buf *out, struct err *e)
{
	struct metrics x = { out, "" };

	write_self(m, &x);
	write_process(&x);
	series_write(m->series, &x);
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < m->watchers; i++)
		m->watcher[i].fn(m->watcher[i].ctx, &x);
	pthread_mutex_unlock(&m->lock);
	return buf_ok(out, "the metrics", e);
}

void
monitor_watch(struct monitor *m, metrics_fn *fn, void *ctx)
{
	if (!m)
		return;
	pthread_mutex_lock(&m->lock);
	if (m->watchers < WATCHERS_MAX)
		m->watcher[m->watchers++] = (struct watcher){ fn, ctx };
	pthread_mutex_unlock(&m->lock);
}

void
monitor_forget(struct monitor *m, void *ctx)
{
	size_t n = 0;

	if (!m)
		return;
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < m->watchers; i++)
		if (m->watcher[i].ctx != ctx)
			m->watcher[n++] = m->watcher[i];
	m->watchers = n;
	pthread_mutex_unlock(&m->lock);
}
