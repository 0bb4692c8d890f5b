/* SPDX-License-Identifier: MIT */
/*
 * Administration: services that may be used with the person's consent alone,
 *
 *	{"subject": {"in","name"}, "purpose": {"in","name"}, "items": [code],
 *	 "namespaces": {prefix: URI}, "max_age": seconds}
 *
 * and those that need none but are shown to the person,
 *
 *	{"subject": {"in","name"}, "purpose": {"in","name"} or absent,
 *	 "namespaces": {prefix: URI}, "words": {"ja","en"}}
 */
#include "admin_int.h"
#include "consent_int.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "server_sql.h"
#include "text.h"

static json_t *
where_json(const struct consent_where *w)
{
	json_t *j = json_object();

	json_put_str(j, "in", consent_place_word(w->in));
	json_put_str(j, "name", w->name);
	return j;
}

static json_t *
consent_json(const struct consent_rule *rule)
{
	json_t *j = json_object();

	json_put_new(j, "subject", where_json(&rule->subject));
	json_put_new(j, "purpose", where_json(&rule->purpose));
	json_put_new(j, "items", json_deep_copy(rule->items));
	json_put_new(j, "namespaces", json_deep_copy(rule->namespaces));
	json_put_int(j, "max_age", rule->max_age_s);
	return j;
}

/* What the two kinds of rule differ in, for what is done alike with both. */
struct rule_kind {
	/* Reads the body, judges it and writes the row. */
	int (*save)(struct server *s, struct arena *a,
		const struct m_service *v, const json_t *body, struct err *e);
	int (*get)(struct request *r, void *state, struct err *e);
	int remove;                 /* the statement */
	const char *absent;         /* code of a refusal: there is none */
	const char *made, *removed; /* the log's words about the service */
};

static int
rule_put(struct request *r, struct server *s, const struct rule_kind *k,
	struct err *e)
{
	const struct model *m;
	const struct m_service *v;
	json_t *body;

	if (admin_service(r, s, &m, &v, NULL))
		return admin_refuse(r, 404, "service_not_found", NULL, e);
	if (admin_body(r, &body, e) || k->save(s, request_arena(r), v, body, e))
		return -1;
	serverconf_touch(s->sc);
	log_info("service %s %s", v->code, k->made);
	return k->get(r, s, e);
}

static int
rule_delete(struct request *r, struct server *s, const struct rule_kind *k,
	struct err *e)
{
	const struct model *m;
	const struct m_service *v;
	int64_t n;

	if (admin_service(r, s, &m, &v, NULL))
		return admin_refuse(r, 404, "service_not_found", NULL, e);
	n = admin_run(s, k->remove, e, db_int(v->description->client->row),
		db_text(v->code));
	if (n < 0)
		return -1;
	if (!n)
		return admin_refuse(r, 404, k->absent, NULL, e);
	serverconf_touch(s->sc);
	log_warning("service %s %s", v->code, k->removed);
	return admin_empty(r, 204, e);
}

/* ---- services that need consent ---- */

HANDLER(admin_consent_get)
{
	const struct model *m;
	const struct m_service *v;

	if (admin_service(r, state, &m, &v, NULL))
		return admin_refuse(r, 404, "service_not_found", NULL, e);
	if (!v->consent)
		return admin_refuse(r, 404, "consent_rule_not_found", NULL, e);
	return admin_reply(r, 200, consent_json(v->consent), e);
}

static int
read_where(const json_t *body, const char *key, struct consent_where *out,
	struct err *e)
{
	json_t *j;
	const char *in;

	if (json_need_sub(body, key, &j, e) ||
		json_need_str(j, "in", ADMIN_TEXT_MAX, &in, e) ||
		json_need_str(j, "name", CONSENT_NAME_MAX, &out->name, e))
		return -1;
	out->in = consent_place_by_word(in);
	return out->in == CONSENT_PLACES
		       ? fail(e, FAULT_BAD_REQUEST,
				 "\"%.100s\" is no place where \"%s\" may be",
				 in, key)
		       : 0;
}

static int
check_texts(const json_t *items, const json_t *namespaces, struct err *e)
{
	const char *key;
	json_t *v;
	size_t i;

	json_each(v, i, items) {
		if (!json_string_length(v) ||
			json_string_length(v) > CONSENT_VALUE_MAX)
			return fail(e, FAULT_BAD_REQUEST,
				"\"items\" are codes of the service's "
				"declaration");
	}
	json_object_foreach((json_t *)(uintptr_t)namespaces, key, v)
	{
		if (!json_string_length(v))
			return fail(e, FAULT_BAD_REQUEST,
				"\"namespaces\" are URIs by prefix; \"%.100s\" "
				"has none",
				key);
	}
	return json_array_size(items) > CONSENT_ITEMS_MAX
		       ? fail(e, FAULT_BAD_REQUEST, "more than %d items",
				 CONSENT_ITEMS_MAX)
		       : 0;
}

static int
read_rule(struct arena *a, const json_t *body, struct consent_rule *out,
	struct err *e)
{
	json_t *items = json_list(body, "items");
	json_t *names = json_sub(body, "namespaces");

	out->items = items ? items : json_keep(a, json_array());
	out->namespaces = names ? names : json_keep(a, json_object());
	return check_texts(out->items, out->namespaces, e) ||
			       read_where(body, "subject", &out->subject, e) ||
			       read_where(body, "purpose", &out->purpose, e) ||
			       json_opt_int(body, "max_age", 0, CONSENT_AGE_MAX,
				       &out->max_age_s, e)
		       ? -1
		       : 0;
}

static const char *
plain(struct arena *a, const json_t *j)
{
	const char *text;
	struct buf b;

	buf_init(&b, ADMIN_BODY_MAX);
	json_write(&b, j, JSON_PLAIN);
	text = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	return text;
}

static int
save_rule(struct server *s, struct arena *a, const struct m_service *v,
	const json_t *body, struct err *e)
{
	struct consent_rule rule = { 0 };

	if (read_rule(a, body, &rule, e) ||
		consent_rule_check(
			&rule, v->description->kind == SERVICE_WSDL, e))
		return -1;
	return admin_run(s, Q_SERVER_CONSENT_RULE_PUT, e,
		       db_int(v->description->client->row), db_text(v->code),
		       db_text(consent_place_word(rule.subject.in)),
		       db_text(rule.subject.name),
		       db_text(consent_place_word(rule.purpose.in)),
		       db_text(rule.purpose.name),
		       db_text(plain(a, rule.items)),
		       db_text(plain(a, rule.namespaces)),
		       db_int(rule.max_age_s)) < 0
		       ? -1
		       : 0;
}

static const struct rule_kind consent_kind = {
	.save = save_rule,
	.get = admin_consent_get,
	.remove = Q_SERVER_CONSENT_RULE_REMOVE,
	.absent = "consent_rule_not_found",
	.made = "needs consent",
	.removed = "no longer needs consent",
};

HANDLER(admin_consent_put)
{
	return rule_put(r, state, &consent_kind, e);
}

HANDLER(admin_consent_delete)
{
	return rule_delete(r, state, &consent_kind, e);
}

/* ---- services that are recorded ---- */

static int
record_json(struct arena *a, const struct record_rule *rule, json_t **out,
	struct err *e)
{
	json_t *j, *words;

	if (json_parse(a, bytes_str(rule->words), NULL, &words, e))
		return -1;
	j = *out = json_object();
	json_put_new(j, "subject", where_json(&rule->subject));
	if (rule->purpose.name)
		json_put_new(j, "purpose", where_json(&rule->purpose));
	json_put_new(j, "namespaces", json_deep_copy(rule->namespaces));
	json_put_new(j, "words", json_incref(words));
	return 0;
}

HANDLER(admin_record_get)
{
	const struct model *m;
	const struct m_service *v;
	json_t *j;

	if (admin_service(r, state, &m, &v, NULL))
		return admin_refuse(r, 404, "service_not_found", NULL, e);
	if (!v->record)
		return admin_refuse(r, 404, "record_rule_not_found", NULL, e);
	if (record_json(request_arena(r), v->record, &j, e))
		return -1;
	return admin_reply(r, 200, j, e);
}

/* All services with rules, for who reads a machine's whole state. */
HANDLER(admin_rules_get)
{
	struct arena *a = request_arena(r);
	struct server *s = state;
	json_t *list = json_keep(a, json_array()), *j, *rule;
	const struct model *m;

	if (serverconf_model(s->sc, a, &m, e))
		return -1;
	for (size_t i = 0; i < m->services; i++) {
		const struct m_service *v = &m->service[i];

		if (!v->consent && !v->record)
			continue;
		j = json_object();
		json_array_append_new(list, j);
		json_put_str(j, "id", admin_service_id(a, v));
		if (v->consent)
			json_put_new(j, "consent", consent_json(v->consent));
		if (!v->record)
			continue;
		if (record_json(a, v->record, &rule, e))
			return -1;
		json_put_new(j, "record", rule);
	}
	return admin_reply(r, 200, json_incref(list), e);
}

static int
read_words(struct arena *a, const json_t *body, const char **out, struct err *e)
{
	json_t *words, *own = json_keep(a, json_object());
	const char *ja, *en;

	if (json_need_sub(body, "words", &words, e) ||
		json_need_str(words, "ja", CONSENT_WORDS_MAX, &ja, e) ||
		json_need_str(words, "en", CONSENT_WORDS_MAX, &en, e))
		return -1;
	json_put_str(own, "ja", ja);
	json_put_str(own, "en", en);
	*out = plain(a, own);
	return 0;
}

static int
read_record(struct arena *a, const json_t *body, struct record_rule *out,
	struct err *e)
{
	json_t *names = json_sub(body, "namespaces");

	out->namespaces = names ? names : json_keep(a, json_object());
	if (check_texts(NULL, out->namespaces, e) ||
		read_where(body, "subject", &out->subject, e) ||
		read_words(a, body, &out->words, e))
		return -1;
	return json_sub(body, "purpose")
		       ? read_where(body, "purpose", &out->purpose, e)
		       : 0;
}

static int
save_record(struct server *s, struct arena *a, const struct m_service *v,
	const json_t *body, struct err *e)
{
	struct record_rule rule = { 0 };
	const struct consent_where *purpose = &rule.purpose;

	if (read_record(a, body, &rule, e) ||
		record_rule_check(
			&rule, v->description->kind == SERVICE_WSDL, e))
		return -1;
	return admin_run(s, Q_SERVER_RECORD_RULE_PUT, e,
		       db_int(v->description->client->row), db_text(v->code),
		       db_text(consent_place_word(rule.subject.in)),
		       db_text(rule.subject.name),
		       db_text(purpose->name ? consent_place_word(purpose->in)
					     : NULL),
		       db_text(purpose->name),
		       db_text(plain(a, rule.namespaces)),
		       db_text(rule.words)) < 0
		       ? -1
		       : 0;
}

static const struct rule_kind record_kind = {
	.save = save_record,
	.get = admin_record_get,
	.remove = Q_SERVER_RECORD_RULE_REMOVE,
	.absent = "record_rule_not_found",
	.made = "shows people who asks about them",
	.removed = "no longer shows people who asks about them",
};

HANDLER(admin_record_put)
{
	return rule_put(r, state, &record_kind, e);
}

HANDLER(admin_record_delete)
{
	return rule_delete(r, state, &record_kind, e);
}
