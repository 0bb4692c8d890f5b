/* SPDX-License-Identifier: MIT */
/* Checks of the set-up that call other machines, or this one from outside. */
#include "setup_check_int.h"

#include <string.h>

#include "clock.h"
#include "confclient_int.h"
#include "digest.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "mem.h"
#include "messagelog_int.h"
#include "param.h"
#include "text.h"

enum { REACH_MS = 3000, SKEW_MAX_S = 60, ANSWER_MAX_BYTES = 1 << 20 };

/* Does somebody take connections there? Whatever is answered will do. */
static int
reach(const struct looking *x, int port, struct err *why)
{
	const char *host = conf_text(x->s->conf, P_NODE_ADDRESS);
	struct http_answer answer;
	struct http_call call = { .method = "GET",
		.url = arena_printf(x->a,
			strchr(host, ':') ? "http://[%s]:%d/" : "http://%s:%d/",
			host, port),
		.connect_timeout_ms = REACH_MS,
		.read_timeout_ms = REACH_MS,
		.total_timeout_ms = 2 * REACH_MS,
		.answer_max = ANSWER_MAX_BYTES };
	struct err e = ERR_INIT;

	if (http_call(x->s->http, x->a, &call, &answer, &e) &&
		(e.fault == FAULT_NETWORK || e.fault == FAULT_UNKNOWN_HOST)) {
		*why = e;
		return -1;
	}
	return 0;
}

SETUP_CHECK(check_name)
{
	struct err e = ERR_INIT;

	*about = conf_text(x->s->conf, P_NODE_ADDRESS);
	if (!**about)
		return FOUND_TODO;
	if (!reach(x, (int)conf_int(x->s->conf, P_OCSP_RESPONDER_PORT), &e) ||
		e.fault != FAULT_UNKNOWN_HOST)
		return FOUND_GOOD;
	*why = e;
	return FOUND_BAD;
}

static enum finding
check_port(const struct looking *x, enum param_id port, const char **about,
	struct err *why)
{
	int n = (int)conf_int(x->s->conf, port);

	if (!*conf_text(x->s->conf, P_NODE_ADDRESS))
		return FOUND_TODO;
	*about = arena_printf(
		x->a, "%s %d", conf_text(x->s->conf, P_NODE_ADDRESS), n);
	return reach(x, n, why) ? FOUND_BAD : FOUND_GOOD;
}

SETUP_CHECK(check_ocsp_port)
{
	return check_port(x, P_OCSP_RESPONDER_PORT, about, why);
}

/* It opens with the authentication certificate. */
SETUP_CHECK(check_message_port)
{
	struct err e = ERR_INIT;

	if (check_auth_good(x, about, &e) != FOUND_GOOD)
		return FOUND_TODO;
	return check_port(x, P_SERVER_LISTEN_PORT, about, why);
}

/* The sources of the anchor, or NULL with FOUND_TODO's meaning. */
static const struct gc_anchor *
anchor(const struct looking *x)
{
	struct gc_anchor *g = arena_new_of(x->a, struct gc_anchor);
	struct bytes xml;

	if (file_read(x->a, confclient_anchor_path(x->s->conf), GC_PART_MAX,
		    &xml, NULL) ||
		anchor_parse(x->a, xml, g, NULL))
		return NULL;
	return g;
}

/* Against the center's clock, as its HTTP answers tell it. */
SETUP_CHECK(check_clock)
{
	const struct gc_anchor *g = anchor(x);
	struct http_answer answer;
	struct http_call call = { .method = "GET",
		.connect_timeout_ms = REACH_MS,
		.total_timeout_ms = 2 * REACH_MS };
	const char *date = NULL;
	int64_t ahead;

	if (!g)
		return FOUND_LATER;
	for (size_t i = 0; i < g->sources && !date; i++) {
		call.url = g->source[i].url;
		if (str_iprefix(call.url, "http://") &&
			!http_call(x->s->http, x->a, &call, &answer, NULL))
			date = answer_header(&answer, "Date");
	}
	if (!date || gc_http_date(date) < 0)
		return FOUND_TODO;
	ahead = clock_seconds() - gc_http_date(date);
	*about = arena_printf(x->a, "%+lld s", (long long)ahead);
	if (ahead <= SKEW_MAX_S && ahead >= -SKEW_MAX_S)
		return FOUND_GOOD;
	fail(why, FAULT_CONFIG,
		"this machine's clock is %lld s %s the center's",
		(long long)(ahead < 0 ? -ahead : ahead),
		ahead < 0 ? "behind" : "ahead of");
	return FOUND_BAD;
}

SETUP_CHECK(check_sources)
{
	struct confclient_link *link;
	size_t n;

	if (confclient_links(x->s->confclient, x->a, &link, &n, NULL) || !n)
		return FOUND_TODO;
	for (size_t i = 0; i < n; i++) {
		*about = link[i].url;
		if (!err_set(&link[i].error))
			return FOUND_GOOD;
	}
	*why = link[0].error;
	return FOUND_BAD;
}

/* A time stamp of a random digest, verified as those of messages are. */
SETUP_CHECK(check_tsa_answers)
{
	char text[TIME_TEXT_MAX], nonce[UUID_LEN + 1];
	struct digest d;
	struct bytes token;
	int64_t time;

	if (!x->m->tsas || !x->s->log)
		return FOUND_TODO;
	uuid_make(nonce);
	digest_of(DIGEST_SHA256, nonce, UUID_LEN, &d);
	if (tsa_ask(x->s->log, x->a, &d, &token, &time, why))
		return FOUND_BAD;
	*about = arena_strdup(x->a, time_iso(text, time));
	return FOUND_GOOD;
}

SETUP_CHECK(check_exchange)
{
	const struct private_params *p = x->g ? globalconf_private(x->g) : NULL;
	const char *id;

	if (!x->m->initialized || !p || !p->management.cls)
		return FOUND_TODO;
	*about = admin_client_id(x->a, &p->management);
	return visit_rest(x->a, x->s, &x->m->self.owner, &p->management, NULL,
		       &id, why)
		       ? FOUND_BAD
		       : FOUND_GOOD;
}
