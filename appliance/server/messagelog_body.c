/* SPDX-License-Identifier: MIT */
/*
 * How much of a message's content is kept: all of it, nothing of it, with
 * exceptions by the provider's subsystem, and never more than a limit. Rule:
 * interop/xroad-messages.md 4.1.
 */
#include "messagelog_int.h"

#include <string.h>

#include "arena_list_int.h"
#include "blank.h"
#include "err.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { SUBSYSTEM_PARTS = 4 };

/* ---- configuration ---- */

static int
bad_subsystem(const char *key, const char *what, struct err *e)
{
	return fail(e, FAULT_CONFIG,
		"[message-log] %s must be subsystems as INSTANCE/CLASS/MEMBER/"
		"SUBSYSTEM, separated by commas; '%s' is none",
		key, what);
}

/* The codes stand as they are, without percent encoding, as in X-Road. */
static int
read_subsystem(
	const char *key, char *text, struct client_id *out, struct err *e)
{
	const char **part[SUBSYSTEM_PARTS] = { &out->instance, &out->cls,
		&out->code, &out->subsystem };
	char *next = text, *word;
	int n = 0;

	while ((word = strsep(&next, "/"))) {
		word = str_trim(word);
		if (n == SUBSYSTEM_PARTS || !*word)
			return bad_subsystem(key, word, e);
		*part[n++] = word;
	}
	return n == SUBSYSTEM_PARTS ? 0 : bad_subsystem(key, text, e);
}

static int
read_subsystems(struct messagelog *m, enum param_id id, struct client_list *out,
	struct err *e)
{
	char *next = arena_strdup(m->arena, conf_text(m->conf, id)), *word;
	struct list l = list_of(m->arena, sizeof(struct client_id));
	int ret = 0;

	while (!ret && (word = strsep(&next, ","))) {
		word = str_trim(word);
		if (*word)
			ret = read_subsystem(
				param_row(id)->key, word, list_add(&l), e);
	}
	out->item = l.item;
	out->n = l.n;
	return ret;
}

/* Exceptions that say what holds anyway are a misunderstanding. */
static int
refuse_unused(const struct conf *c, enum param_id id, struct err *e)
{
	if (!*conf_text(c, id))
		return 0;
	return fail(e, FAULT_CONFIG,
		"[message-log] %s must not be used when message-body-logging "
		"is %s",
		param_row(id)->key, conf_bool(c, P_ML_BODY) ? "true" : "false");
}

int
body_rule_load(struct messagelog *m, struct err *e)
{
	static const enum param_id key[2][2] = {
		{ P_ML_BODY_ON_LOCAL, P_ML_BODY_ON_REMOTE },
		{ P_ML_BODY_OFF_LOCAL, P_ML_BODY_OFF_REMOTE },
	};
	struct body_rule *b = &m->body;

	b->on = conf_bool(m->conf, P_ML_BODY);
	b->max = conf_int(m->conf, P_ML_BODY_MAX);
	b->truncate = conf_bool(m->conf, P_ML_BODY_TRUNCATE);
	if (refuse_unused(m->conf, key[!b->on][0], e) ||
		refuse_unused(m->conf, key[!b->on][1], e) ||
		read_subsystems(m, key[b->on][0], &b->local, e) ||
		read_subsystems(m, key[b->on][1], &b->remote, e))
		return -1;
	return 0;
}

/* ---- a message ---- */

static bool
is_listed(const struct client_list *l, const struct client_id *id)
{
	for (size_t i = 0; i < l->n; i++)
		if (client_id_equal(&l->item[i], id))
			return true;
	return false;
}

bool
body_is_kept(const struct messagelog *m, const struct log_record *r)
{
	const struct body_rule *b = &m->body;

	return b->on != is_listed(r->as_client ? &b->remote : &b->local,
				&r->service.provider);
}

int64_t
messagelog_body_bytes(const struct messagelog *m, const struct log_record *r)
{
	return m->body.max && body_is_kept(m, r) ? m->body.max + 1 : 0;
}

int
body_blank(struct arena *a, const struct log_record *r, struct bytes *out,
	struct err *e)
{
	/* only known header fields are read: a wrong guess of the charset
	   costs the spelling of a user's name, not the record */
	const char *type =
		utf8_valid((const char *)r->message.data, r->message.len)
			? "text/xml; charset=UTF-8"
			: "text/xml; charset=ISO-8859-1";

	return r->rest ? rest_blank(a, r->message, out, e)
		       : soap_blank(a, r->message, type, r->response, out, e);
}

int
body_limit(const struct messagelog *m, const struct log_record *r, int64_t size,
	int64_t *keep, struct err *e)
{
	const struct body_rule *b = &m->body;

	/* the hash chain tells what the attachments were */
	*keep = 0;
	if (!body_is_kept(m, r) || !b->max ||
		(!r->rest && r->signature.hashchain.len))
		return 0;
	if (size > b->max && !b->truncate)
		return fail(e, FAULT_LOGGING_FAILED,
			"the message body exceeds the largest that may be "
			"logged, %lld bytes",
			(long long)b->max);
	*keep = size < b->max ? size : b->max;
	return 0;
}
