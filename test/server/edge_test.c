/* SPDX-License-Identifier: MIT */
/*
 * Multiparts of another security server whose bodies end around the edges of
 * buffers (interop/xroad-messages.md 2.5 last paragraph): as a request at port
 * 5500 and as an answer to the town, whole and cut off. Whole ones are
 * accepted with every byte, cut ones never. What lies between two of our own
 * servers is in body_test.c.
 */
#define IN_SERVER 1

#include "evil.h"

#include "err.h"
#include "mem.h"
#include "messagelog_int.h"
#include "tap.h"
#include "text.h"

static struct net n;
static struct evil v;

static const size_t ranges[][2] = { { 4090, 4105 }, { 8180, 8200 },
	{ 65530, 65545 } };

static void
accepted(size_t size)
{
	const struct trick t = { .body = size };
	const char *code = evil_send(&v, &t);
	struct http_answer a;

	ok_m(str_equal(code, "") && net_seen(&n).body.len == size,
		"a request with %zu bytes: \"%s\"", size, code);
	evil_answer(&v, &t);
	a = is_get(&n, "/r1/JP/COM/3000/Fake/any", NULL);
	ok_m(a.status == 200 && a.body.len == size && a.body.data[0] == 'b' &&
			a.body.data[size - 1] == 'b',
		"an answer with %zu bytes: %d %s, %zu bytes", size, a.status,
		is_error(&a), a.body.len);
}

static void
refused(size_t size)
{
	const struct trick t = { .body = size, .cut = true };
	struct http_answer a;

	is_str(evil_send(&v, &t), "-");
	evil_answer(&v, &t);
	a = is_get(&n, "/r1/JP/COM/3000/Fake/any", NULL);
	is_str(is_error(&a), "server.clientproxy.service_failed.io_error");
}

/* The firm holds the request's body as it was signed. */
static void
recorded(void)
{
	struct evidence *list;
	size_t found = node_evidence(&n, &n.firm, &FIRM_DATA, "evil-1", &list);
	size_t bodies = 0;

	for (size_t i = 0; i < found; i++)
		bodies += !list[i].response && list[i].asic.attachments == 1;
	is_int(bodies, 16 + 21 + 16);
}

int
main(void)
{
	net_fork(&n, "net");
	net_open(&n);
	evil_open(&v, &n);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		for (size_t size = ranges[i][0]; size <= ranges[i][1]; size++)
			accepted(size);
		refused(ranges[i][0]);
		refused(ranges[i][1]);
	}
	recorded();
	evil_close(&v);
	net_close(&n);
	return tap_done();
}
