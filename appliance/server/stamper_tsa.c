/* SPDX-License-Identifier: MIT */
/*
 * Asking time-stamping services: the chosen ones in the order that the
 * operator wants, until one gives a token that verifies. Rule:
 * interop/xroad-messages.md 4.2, 4.3.
 */
#include "messagelog_int.h"

#include "err.h"
#include "http_client.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "tsp.h"

/* ---- order ---- */

enum cost { COST_FREE, COST_PAID, COST_OTHER, COSTS };
enum { LEFT_OUT = COSTS };

static const struct strategy {
	const char *word;
	int place[COSTS]; /* of each cost; equal ones stay as they were added */
} strategies[] = {
	{ "NONE", { 0, 0, 0 } },
	{ "FREE_FIRST", { 0, 1, 2 } },
	{ "PAID_FIRST", { 1, 0, 2 } },
	{ "ONLY_FREE", { 0, LEFT_OUT, LEFT_OUT } },
	{ "ONLY_PAID", { LEFT_OUT, 0, LEFT_OUT } },
};

static const struct strategy *
strategy_of(const struct conf *c)
{
	const char *is = conf_text(c, P_ML_TS_STRATEGY);

	for (size_t i = 0; i < sizeof(strategies) / sizeof(*strategies); i++)
		if (str_iequal(is, strategies[i].word))
			return &strategies[i];
	return NULL;
}

int
tsa_strategy_check(const struct conf *c, struct err *e)
{
	if (strategy_of(c))
		return 0;
	return fail(e, FAULT_CONFIG,
		"[message-log] timestamping-prioritization-strategy must be "
		"NONE, ONLY_FREE, ONLY_PAID, FREE_FIRST or PAID_FIRST, not "
		"\"%s\"",
		conf_text(c, P_ML_TS_STRATEGY));
}

static int
place_of(const struct strategy *s, const struct tsa_choice *t)
{
	return s->place[str_equal(t->cost, "FREE")   ? COST_FREE
			: str_equal(t->cost, "PAID") ? COST_PAID
						     : COST_OTHER];
}

void
tsa_order(const struct conf *c, struct tsa_choice *tsa, size_t *n)
{
	const struct strategy *s = strategy_of(c);
	size_t kept = 0;

	for (size_t i = 0; s && i < *n; i++) {
		struct tsa_choice x = tsa[i];
		size_t at = kept;

		if (place_of(s, &x) == LEFT_OUT)
			continue;
		for (; at && place_of(s, &tsa[at - 1]) > place_of(s, &x); at--)
			tsa[at] = tsa[at - 1];
		tsa[at] = x;
		kept++;
	}
	*n = kept;
}

/* ---- one service ---- */

struct asking {
	struct messagelog *m;
	struct arena *a;
	const struct digest *imprint;
	struct bytes request;
	struct bytes token; /* once it is accepted */
	int64_t gen_time;
};

static int
ask_one(struct asking *k, const char *url, struct bytes *token, struct err *e)
{
	static const struct http_header type = { "Content-Type",
		"application/timestamp-query" };
	const struct conf *c = k->m->conf;
	struct http_call call = {
		.method = "POST",
		.url = url,
		.header = &type,
		.headers = 1,
		.body = k->request,
		.has_body = true,
		.answer_max = TSP_SIZE_MAX,
		.connect_timeout_ms = (int)conf_int(c, P_ML_TS_CONNECT_TIMEOUT),
		.total_timeout_ms = (int)conf_int(c, P_ML_TS_READ_TIMEOUT),
	};
	struct http_answer answer = { .status = 0 };

	if (http_call(k->m->http, k->a, &call, &answer, e)) {
		struct err cause = *e;

		err_reset(e);
		return fail(e,
			answer.timed_out ? FAULT_TSA_TIMEOUT
			: cause.fault == FAULT_SERVICE_MALFORMED_URL
				? FAULT_TSA_URL
				: FAULT_TSA_CONNECTION,
			"%s: %s", url, cause.text);
	}
	if (answer.status != 200)
		return fail(e, FAULT_TSA_STATUS, "%s answered HTTP %d", url,
			answer.status);
	return tsp_response_token(answer.body, k->a, token, e);
}

/* Verified against the network's TSA certificates, that certificate inside. */
static int
accept_token(struct asking *k, struct bytes token, struct err *e)
{
	struct globalconf *g = NULL;
	struct tsp_token facts;
	int ret = -1;

	if (confclient_get(k->m->confclient, &g, e) ||
		tsp_token_verify(token, k->imprint,
			globalconf_tsa_certs(g, k->a), k->a, &facts, e) ||
		tsp_token_with_cert(token, facts.signer, k->a, &k->token, e))
		goto out;
	k->gen_time = facts.gen_time;
	ret = 0;
out:
	globalconf_unref(&g);
	return ret;
}

static int
ask_and_accept(struct asking *k, const char *url, struct err *e)
{
	struct bytes token;
	int ret = ask_one(k, url, &token, e);

	if (!ret)
		ret = accept_token(k, token, e);
	tsa_note(k->m, url, ret ? e : NULL);
	if (ret)
		log_warning("time stamp from %s: %s", url, e->text);
	return ret;
}

/* ---- all of them ---- */

int
tsa_ask(struct messagelog *m, struct arena *a, const struct digest *imprint,
	struct bytes *token, int64_t *gen_time, struct err *e)
{
	struct asking k = { .m = m, .a = a, .imprint = imprint };
	const struct tsa_choice *chosen;
	struct tsa_choice *tsa;
	size_t n;
	int ret = -1;

	if (serverconf_tsas(m->sc, a, &chosen, &n, e) ||
		tsp_request_make(imprint, a, &k.request, e))
		return -1;
	if (!n)
		return fail(e, FAULT_NO_TSA,
			"no time-stamping service is chosen; add one");
	tsa = arena_memdup(a, chosen, n * sizeof(*tsa));
	tsa_order(m->conf, tsa, &n);
	if (!n)
		return fail(e, FAULT_NO_TSA,
			"timestamping-prioritization-strategy %s leaves no "
			"time-stamping service",
			conf_text(m->conf, P_ML_TS_STRATEGY));
	for (size_t i = 0; i < n && ret; i++) {
		err_reset(e);
		ret = ask_and_accept(&k, tsa[i].url, e);
	}
	*token = k.token;
	*gen_time = k.gen_time;
	return ret;
}
