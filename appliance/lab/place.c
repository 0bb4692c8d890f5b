/* SPDX-License-Identifier: MIT */
/*
 * Where the lab lives: folders, loopback addresses, ports, configuration
 * files. Ports are the real ones where the system permits, else all shifted
 * by the same number. Nothing is written before every port is known to be
 * free; an unfinished first start is marked and removed by the next one.
 */
#include "lab_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "text.h"

enum { SHIFT = 20000, STATE_MAX = 64 * 1024, DISK_MIN = 64 * 1024 * 1024 };

static const int ports[PORTS] = {
	[PORT_ADMIN] = 4000,
	[PORT_CENTER] = 80,
	[PORT_REGISTER] = 4001,
	[PORT_MANAGEMENT] = 4002,
	[PORT_PEER] = 5500,
	[PORT_OCSP] = 5577,
	[PORT_IS] = 8080,
	[PORT_IS_TLS] = 8443,
	[PORT_ADAPTER] = 8085,
	[PORT_LINK] = 8086,
	[PORT_RESIDENT] = 4443,
	[PORT_SITE] = 4444,
	[PORT_POSTGRES] = 5432,
};

static const struct machine machines[MACHINES] = {
	[CENTER] = { .name = "center",
		.title_ja = "センター",
		.title_en = "center",
		.roles = "center, dashboard",
		.cls = HOST_CLASS,
		.code = HOST_CODE,
		.owner_name = "県域データ連携協議会" },
	[TOWN] = { .name = "town",
		.title_ja = "海風町",
		.title_en = "town",
		.roles = "security-server, adapter, dashboard",
		.cls = TOWN_CLASS,
		.code = TOWN_CODE,
		.server = "town-ss1",
		.owner_name = "海風町" },
	[FIRM] = { .name = "company",
		.title_ja = "みなと物流",
		.title_en = "company",
		.roles = "security-server, adapter, dashboard",
		.cls = FIRM_CLASS,
		.code = FIRM_CODE,
		.server = "company-ss1",
		.owner_name = "株式会社みなと物流" },
};

/* Which machine listens where. */
static const unsigned listens[MACHINES] = {
	[CENTER] = 1u << PORT_ADMIN | 1u << PORT_CENTER | 1u << PORT_REGISTER |
		   1u << PORT_MANAGEMENT,
	[TOWN] = 1u << PORT_ADMIN | 1u << PORT_PEER | 1u << PORT_OCSP |
		 1u << PORT_IS | 1u << PORT_IS_TLS | 1u << PORT_ADAPTER,
	[FIRM] = 1u << PORT_ADMIN | 1u << PORT_PEER | 1u << PORT_OCSP |
		 1u << PORT_IS | 1u << PORT_IS_TLS | 1u << PORT_ADAPTER,
};

int
lab_port(const struct lab *l, enum lab_port p)
{
	return ports[p] + l->shift;
}

int
place_probe(const char *address, int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1, ret = 0;

	if (fd < 0)
		return errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (inet_pton(AF_INET, address, &sa.sin_addr) != 1)
		ret = EINVAL;
	else if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(fd, 1))
		ret = errno;
	close(fd);
	return ret;
}

/* Those of Personal-Link, beside `listens`. */
static const unsigned link_listens[MACHINES] = {
	[CENTER] = 1u << PORT_LINK | 1u << PORT_RESIDENT,
	[TOWN] = 1u << PORT_LINK,
};

/* First failure over all machines and ports, or 0. */
static int
probe_all(struct lab *l, const struct machine **m, int *port)
{
	for (size_t i = 0; i < MACHINES; i++)
		for (unsigned p = 0; p < PORTS; p++) {
			unsigned here = listens[i];
			int ret;

			if (l->residents)
				here |= link_listens[i];
			if (!(here & 1u << p))
				continue;
			*m = &l->machine[i];
			*port = lab_port(l, p);
			ret = place_probe((*m)->address, *port);
			if (ret)
				return ret;
		}
	return 0;
}

static int
check_ports(struct lab *l, bool may_shift, struct err *e)
{
	const struct machine *m;
	int port, ret = probe_all(l, &m, &port);

	if (ret == EACCES && may_shift) {
		l->shift = SHIFT;
		ret = probe_all(l, &m, &port);
	}
	if (ret == EADDRINUSE)
		return fail(e, FAULT_CONFLICT,
			"port %d of %s is taken by another program; stop it, "
			"or choose other addresses with --net 127.11.0",
			port, m->address);
	if (ret)
		return fail(e, FAULT_NETWORK, "cannot listen on %s port %d: %s",
			m->address, port, strerror(ret));
	return 0;
}

static void
secret(char out[SECRET_LEN + 1])
{
	random_letters(out, SECRET_LEN);
}

static void
place_machines(struct lab *l)
{
	for (int i = 0; i < MACHINES; i++) {
		struct machine *m = &l->machine[i];

		*m = machines[i];
		snprintf(
			m->address, sizeof(m->address), "%s.%d", l->net, i + 1);
		m->dir = path_join(l->arena, l->dir, m->name);
		secret(m->pin);
		secret(m->password);
	}
	snprintf(l->site_address, sizeof(l->site_address), "%s.%d", l->net,
		MACHINES + 1);
}

static char *
state_path(struct lab *l)
{
	return path_join(l->arena, l->dir, "lab.json");
}

static char *
mark_path(struct lab *l)
{
	return path_join(l->arena, l->dir, ".incomplete");
}

static void
take(char *to, size_t max, const json_t *o, const char *key)
{
	const char *s = json_str(o, key);

	if (s)
		snprintf(to, max, "%s", s);
}

static int
load_state(struct lab *l, struct err *e)
{
	struct bytes text;
	json_t *root;

	if (file_read(l->arena, state_path(l), STATE_MAX, &text, e) ||
		json_parse(l->arena, text, NULL, &root, e))
		return -1;
	l->shift = (int)json_int(root, "shift", 0);
	l->residents = l->residents && json_bool(root, "residents", false);
	take(l->site_address, sizeof(l->site_address), root, "site");
	for (int i = 0; i < MACHINES; i++) {
		struct machine *m = &l->machine[i];
		json_t *o = json_sub(root, m->name);

		take(m->address, sizeof(m->address), o, "address");
		take(m->pin, sizeof(m->pin), o, "pin");
		take(m->password, sizeof(m->password), o, "password");
		take(m->key, sizeof(m->key), o, "key");
	}
	return 0;
}

static int
save_state(struct lab *l, struct err *e)
{
	json_t *root = json_object();
	struct buf b;
	int ret;

	json_put_int(root, "shift", l->shift);
	json_put_bool(root, "residents", l->residents);
	json_put_str(root, "site", l->site_address);
	for (int i = 0; i < MACHINES; i++) {
		struct machine *m = &l->machine[i];
		json_t *o = json_object();

		json_put_str(o, "address", m->address);
		json_put_str(o, "pin", m->pin);
		json_put_str(o, "password", m->password);
		json_put_str(o, "key", m->key);
		json_put_new(root, m->name, o);
	}
	buf_init(&b, STATE_MAX);
	json_write(&b, root, JSON_PRETTY);
	ret = file_write(state_path(l), bytes_buf(&b), FILE_PRIVATE, e);
	buf_done(&b);
	json_decref(root);
	return ret;
}

static void
write_common(struct lab *l, struct machine *m, struct buf *b)
{
	bool link = l->residents && m != &l->machine[FIRM];

	buf_fmt(b,
		"; Made by machilink lab. Parameters: machilink param "
		"list\n[machilink]\nroles = %s%s\ndata-dir = %s/data\n"
		"log-file = %s/machilink.log\ninstance = %s\n"
		"address = %s\nlanguage = %s\n\n[signer]\n"
		"autologin-file = %s/pin\n\n[proxy-ui-api]\n"
		"listen-address = %s\nlisten-port = %d\n"
		"rate-limit-requests-per-second = 0\n"
		"rate-limit-requests-per-minute = 0\n",
		m->roles, link ? ", personal-link" : "", m->dir, m->dir,
		LAB_INSTANCE, m->address, l->japanese ? "ja" : "en", m->dir,
		m->address, lab_port(l, PORT_ADMIN));
}

static void
write_center(struct lab *l, struct machine *m, struct buf *b)
{
	buf_fmt(b,
		"\n[center]\nlisten-address = %s\npublic-address = %s\n"
		"http-port = %d\nregistration-port = %d\n"
		"management-listen-address = %s\nmanagement-port = %d\n"
		"auto-approve-auth-cert-reg-requests = true\n"
		"auto-approve-client-reg-requests = true\n"
		"conf-expire-interval-seconds = 86400\n",
		m->address, m->address, lab_port(l, PORT_CENTER),
		lab_port(l, PORT_REGISTER), m->address,
		lab_port(l, PORT_MANAGEMENT));
	link_write_center(l, b);
}

static void
write_server(struct lab *l, struct machine *m, struct buf *b)
{
	buf_fmt(b,
		"automatic-activate-auth-certificate = true\n"
		"\n[configuration-client]\nupdate-interval = 1\n"
		"\n[message-log]\ntimestamp-interval = 2\n"
		"\n[proxy]\nconnector-host = %s\nclient-http-port = %d\n"
		"client-https-port = %d\nserver-listen-address = %s\n"
		"server-listen-port = %d\nserver-port = %d\n"
		"ocsp-responder-listen-address = %s\n"
		"ocsp-responder-port = %d\n\n[adapter]\n"
		"listen-address = %s\nlisten-port = %d\n"
		"services = %s/services.json\n",
		m->address, lab_port(l, PORT_IS), lab_port(l, PORT_IS_TLS),
		m->address, lab_port(l, PORT_PEER), lab_port(l, PORT_PEER),
		m->address, lab_port(l, PORT_OCSP), m->address,
		lab_port(l, PORT_ADAPTER), m->dir);
	if (m == &l->machine[TOWN])
		link_write_town(l, b);
}

static int
write_machine(struct lab *l, struct machine *m, struct err *e)
{
	struct arena *a = l->arena;
	struct buf b;
	int ret;

	buf_init(&b, STATE_MAX);
	write_common(l, m, &b);
	if (m->server)
		write_server(l, m, &b);
	else
		write_center(l, m, &b);
	ret = dir_make(path_join(a, m->dir, "data"), e) ||
			      file_write(path_join(a, m->dir, "machilink.ini"),
				      bytes_buf(&b), FILE_PUBLIC, e) ||
			      file_write(path_join(a, m->dir, "pin"),
				      bytes_str(m->pin), FILE_PRIVATE, e)
		      ? -1
		      : 0;
	buf_done(&b);
	return ret;
}

static int
make_dir(struct lab *l, struct err *e)
{
	int64_t space;

	if (dir_make(l->dir, e))
		return -1;
	if (access(l->dir, W_OK))
		return fail(e, FAULT_IO, "cannot write to %s: %s", l->dir,
			strerror(errno));
	space = disk_free(l->dir);
	if (space >= 0 && space < DISK_MIN)
		return fail(e, FAULT_IO,
			"%s has only %lld MB free; the lab needs %d MB", l->dir,
			(long long)space >> 20, DISK_MIN >> 20);
	return 0;
}

static int
not_ours(void *ctx, const char *name)
{
	(void)ctx;
	return !str_equal(name, ".incomplete") && !str_equal(name, "center") &&
	       !str_equal(name, "town") && !str_equal(name, "company") &&
	       !str_equal(name, "provider");
}

void
place_discard(struct lab *l)
{
	struct err e = ERR_INIT;

	if (!l->fresh || !l->dir || !file_exists(mark_path(l)))
		return;
	for (int i = 0; i < MACHINES; i++)
		(void)dir_remove(l->machine[i].dir, &e);
	(void)dir_remove(site_dir(l), &e);
	(void)file_remove(mark_path(l), &e);
	(void)rmdir(l->dir); /* stays if it holds anything else */
}

static int
prepare_fresh(struct lab *l, struct err *e)
{
	l->fresh = true;
	if (check_ports(l, true, e) || make_dir(l, e))
		return -1;
	if (!file_exists(mark_path(l)) && dir_each(l->dir, not_ours, NULL, e))
		return fail(e, FAULT_CONFLICT,
			"%s holds other files; choose an empty directory with "
			"--dir",
			l->dir);
	for (int i = 0; i < MACHINES; i++)
		if (dir_remove(l->machine[i].dir, e))
			return -1;
	if (dir_remove(site_dir(l), e))
		return -1;
	if (file_write(mark_path(l), bytes_str(""), FILE_PRIVATE, e))
		return -1;
	for (int i = 0; i < MACHINES; i++)
		if (write_machine(l, &l->machine[i], e))
			return -1;
	return 0;
}

int
place_prepare(struct lab *l, struct err *e)
{
	place_machines(l);
	if (!file_exists(state_path(l)))
		return prepare_fresh(l, e);
	if (load_state(l, e))
		return -1;
	return check_ports(l, false, e);
}

int
place_complete(struct lab *l, struct err *e)
{
	if (!l->fresh)
		return 0;
	if (save_state(l, e))
		return -1;
	return file_remove(mark_path(l), e);
}
