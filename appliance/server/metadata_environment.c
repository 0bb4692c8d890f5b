/* SPDX-License-Identifier: MIT */
/*
 * getSecurityServerMetrics: the machine, its certificates and version, for the
 * server's owner and the monitoring client of the network. What X-Road samples
 * over time is the reading of this moment; of processes and packages there is
 * only this program. Rule: interop/xroad-messages.md 6.4.
 */
#include "metadata_int.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "keys_int.h"
#include "mem.h"
#include "param.h"
#include "proxy_int.h"
#include "text.h"
#include "xml.h"

#define NS_M "http://x-road.eu/xsd/monitoring"

enum { ANSWER_MAX = 4 * 1024 * 1024, PROC_MAX = 64 * 1024 };

struct report {
	struct metadata_call *c;
	struct buf b;
	struct sysinfo machine;
	const struct xml_node *wanted; /* outputSpec; NULL: all */
};

/* ---- the elements ---- */

static bool
wanted(const struct report *r, const char *name)
{
	const struct xml_node *f;

	if (!r->wanted || !xml_child(r->wanted, NS_M, "outputField"))
		return true;
	xml_each(f, r->wanted, NS_M, "outputField")
		if (str_equal(xml_text(f, r->c->a), name))
			return true;
	return false;
}

static void
open_metric(struct report *r, const char *kind, const char *name)
{
	buf_fmt(&r->b, "<m:%s><m:name>", kind);
	buf_xml(&r->b, name);
	buf_str(&r->b, "</m:name>");
}

static void
close_metric(struct report *r, const char *kind)
{
	buf_fmt(&r->b, "</m:%s>", kind);
}

static void
put_text(struct report *r, const char *name, const char *value)
{
	open_metric(r, "stringMetric", name);
	buf_str(&r->b, "<m:value>");
	buf_xml(&r->b, value);
	buf_str(&r->b, "</m:value>");
	close_metric(r, "stringMetric");
}

static void
put_number(struct report *r, const char *name, int64_t value)
{
	open_metric(r, "numericMetric", name);
	buf_fmt(&r->b, "<m:value>%lld</m:value>", (long long)value);
	close_metric(r, "numericMetric");
}

/* One reading: lowest, highest and mean are the same. */
static void
put_reading(struct report *r, const char *name, int64_t value)
{
	char now[TIME_TEXT_MAX];
	long long v = value;

	open_metric(r, "histogramMetric", name);
	buf_fmt(&r->b,
		"<m:updated>%s</m:updated><m:min>%lld</m:min><m:max>%lld"
		"</m:max><m:mean>%lld</m:mean><m:median>%lld</m:median>"
		"<m:stddev>0</m:stddev>",
		time_iso_ms(now, clock_now()), v, v, v, v);
	close_metric(r, "histogramMetric");
}

/* ---- the machine ---- */

static int64_t
memory(const struct report *r, unsigned long units)
{
	return (int64_t)units * r->machine.mem_unit;
}

static int64_t
total_memory(const struct report *r)
{
	return memory(r, r->machine.totalram);
}

static int64_t
total_swap(const struct report *r)
{
	return memory(r, r->machine.totalswap);
}

static int64_t
free_memory(const struct report *r)
{
	return memory(r, r->machine.freeram);
}

static int64_t
free_swap(const struct report *r)
{
	return memory(r, r->machine.freeswap);
}

static int64_t
files_max(const struct report *r)
{
	struct rlimit l = { 0 };

	(void)r;
	(void)getrlimit(RLIMIT_NOFILE, &l);
	return (int64_t)l.rlim_cur;
}

static int
count_one(void *ctx, const char *name)
{
	(void)name;
	++*(int64_t *)ctx;
	return 0;
}

static int64_t
files_open(const struct report *r)
{
	int64_t n = 0;

	(void)r;
	(void)dir_each("/proc/self/fd", count_one, &n, NULL);
	return n;
}

static int64_t
virtual_memory(const struct report *r)
{
	struct bytes text;
	int64_t pages = 0;

	if (file_read(r->c->a, "/proc/self/statm", PROC_MAX, &text, NULL))
		return 0;
	pages = strtoll((const char *)text.data, NULL, 10);
	return pages * sysconf(_SC_PAGESIZE);
}

/* Percent of all processors, of the last minute. */
static int64_t
cpu_load(const struct report *r)
{
	enum { SCALE = 1 << SI_LOAD_SHIFT, PERCENT = 100 };
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return (int64_t)(r->machine.loads[0] * PERCENT / SCALE) /
	       (cpus > 0 ? cpus : 1);
}

static const struct {
	const char *name;
	bool sampled; /* by X-Road: a histogram */
	int64_t (*read)(const struct report *r);
} numbers[] = {
	{ "TotalPhysicalMemory", false, total_memory },
	{ "TotalSwapSpace", false, total_swap },
	{ "MaxFileDescriptorCount", false, files_max },
	{ "CommittedVirtualMemory", true, virtual_memory },
	{ "FreePhysicalMemory", true, free_memory },
	{ "FreeSwapSpace", true, free_swap },
	{ "OpenFileDescriptorCount", true, files_open },
	{ "SystemCpuLoad", true, cpu_load },
};

static void
put_machine(struct report *r)
{
	struct utsname u;

	if (wanted(r, "OperatingSystem") && !uname(&u))
		put_text(r, "OperatingSystem",
			arena_printf(r->c->a, "%s version %s (%s)", u.sysname,
				u.release, u.machine));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		if (!wanted(r, numbers[i].name))
			continue;
		(numbers[i].sampled ? put_reading : put_number)(
			r, numbers[i].name, numbers[i].read(r));
	}
}

static void
put_disk(struct report *r)
{
	const char *path = conf_text(r->c->s->conf, P_DATA_DIR);
	char *all = arena_printf(r->c->a, "DiskSpaceTotal_%s", path);
	char *room = arena_printf(r->c->a, "DiskSpaceFree_%s", path);
	struct statvfs f;

	if (statvfs(path, &f))
		return;
	if (wanted(r, all))
		put_number(r, all, (int64_t)(f.f_blocks * f.f_frsize));
	if (wanted(r, room))
		put_number(r, room, (int64_t)(f.f_bavail * f.f_frsize));
}

static void
put_process(struct report *r)
{
	struct rusage used = { 0 };

	if (wanted(r, "Xroad Processes")) {
		(void)getrusage(RUSAGE_SELF, &used);
		open_metric(r, "metricSet", "Xroad Processes");
		open_metric(r, "metricSet",
			arena_printf(r->c->a, "%d", (int)getpid()));
		put_text(r, "processId",
			arena_printf(r->c->a, "%d", (int)getpid()));
		put_text(r, "command", "machilink serve");
		put_text(r, "memUsed",
			arena_printf(r->c->a, "%ld", used.ru_maxrss));
		put_text(r, "userId",
			arena_printf(r->c->a, "%d", (int)getuid()));
		close_metric(r, "metricSet");
		close_metric(r, "metricSet");
	}
	if (wanted(r, "Packages")) {
		open_metric(r, "metricSet", "Packages");
		put_text(r, "machilink", VERSION);
		close_metric(r, "metricSet");
	}
}

/* ---- certificates ---- */

static int
put_certs(struct report *r, struct err *e)
{
	const struct key_model *m;
	char text[TIME_TEXT_MAX];

	if (!wanted(r, "Certificates"))
		return 0;
	if (keyconf_model(r->c->s->keys, r->c->a, &m, e))
		return -1;
	if (!m->certs) /* an empty set is no set */
		return 0;
	open_metric(r, "metricSet", "Certificates");
	for (size_t i = 0; i < m->certs; i++) {
		const struct k_cert *c = &m->cert[i];

		open_metric(r, "metricSet",
			arena_printf(r->c->a, "certificate-%s", c->sha1));
		put_text(r, "sha1Hash", c->sha1);
		put_text(r, "notBefore",
			time_iso(text, cert_not_before(c->cert)));
		put_text(
			r, "notAfter", time_iso(text, cert_not_after(c->cert)));
		put_text(r, "certificateType",
			c->key->usage == USAGE_SIGNING ? "SIGNING" : "AUTH");
		put_text(r, "active", c->active ? "true" : "false");
		close_metric(r, "metricSet");
	}
	close_metric(r, "metricSet");
	return 0;
}

/* ---- the answer ---- */

static int
allowed(const struct metadata_call *c, struct server_id *self, struct err *e)
{
	const struct gc_options *o = globalconf_options(c->g);

	if (serverconf_self(c->s->sc, c->a, self, e))
		return -1;
	if (client_id_equal(&self->owner, c->client) ||
		(o && o->has_monitoring &&
			client_id_equal(&o->monitoring, c->client)))
		return 0;
	return fail(e, FAULT_ACCESS_DENIED, "Request is not allowed: %s",
		service_id_text(c->a, c->service));
}

int
metadata_environment(struct metadata_call *c, struct err *e)
{
	struct report r = { .c = c };
	struct server_id self;
	const struct xml_node *ask = xml_child(
		xml_child(xml_root(c->soap->doc), NS_SOAP, "Body"), NULL, NULL);
	int ret = -1;

	if (allowed(c, &self, e))
		return -1;
	r.wanted = ask ? xml_child(ask, NS_M, "outputSpec") : NULL;
	(void)sysinfo(&r.machine);
	buf_init(&r.b, ANSWER_MAX);
	buf_str(&r.b,
		"<m:getSecurityServerMetricsResponse xmlns:m=\"" NS_M "\">");
	open_metric(&r, "metricSet", server_id_text(c->a, &self));
	put_text(&r, "proxyVersion", PROXY_VERSION);
	open_metric(&r, "metricSet", "systemMetrics");
	put_machine(&r);
	put_disk(&r);
	put_process(&r);
	if (put_certs(&r, e))
		goto out;
	close_metric(&r, "metricSet");
	close_metric(&r, "metricSet");
	buf_str(&r.b, "</m:getSecurityServerMetricsResponse>");
	if (buf_ok(&r.b, "the metrics", e))
		goto out;
	ret = metadata_body(c, bytes_buf(&r.b), e);
out:
	buf_done(&r.b);
	return ret;
}
