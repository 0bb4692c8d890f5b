/* SPDX-License-Identifier: MIT */
/* Reads which services need consent, or are recorded, into the model. */
#include "consent_int.h"
#include "db.h"
#include "err.h"
#include "mem.h"
#include "model_int.h"
#include "server_sql.h"
#include "text.h"

static int
rule_read(struct arena *a, struct query *q, struct consent_rule *out,
	struct err *e)
{
	json_t *items, *names;

	if (json_parse(a, bytes_str(query_text(q, 6)), NULL, &items, e) ||
		json_parse(a, bytes_str(query_text(q, 7)), NULL, &names, e))
		return -1;
	*out = (struct consent_rule){
		.subject = { consent_place_by_word(query_text(q, 2)),
			query_text_dup(a, q, 3) },
		.purpose = { consent_place_by_word(query_text(q, 4)),
			query_text_dup(a, q, 5) },
		.items = items,
		.namespaces = names,
		.max_age_s = query_int(q, 8),
	};
	return 0;
}

/* All versions of the code; the other kind of rule stays as it is. */
static void
rule_give(struct model *m, int64_t client, const char *code,
	const struct consent_rule *consent, const struct record_rule *record)
{
	for (size_t i = 0; i < m->services; i++) {
		struct m_service *v = &m->service[i];

		if (v->description->client->row == client &&
			str_equal(v->code, code)) {
			v->consent = consent ? consent : v->consent;
			v->record = record ? record : v->record;
		}
	}
}

int
model_load_consents(struct model *m, struct db_conn *c, struct err *e)
{
	struct query *q = db_query(c, Q_SERVER_CONSENT_RULES);
	int ret = 0;

	while (!ret && query_next(q)) {
		struct consent_rule *rule =
			arena_new_of(m->a, struct consent_rule);

		ret = rule_read(m->a, q, rule, e);
		rule_give(m, query_int(q, 0), query_text(q, 1), rule, NULL);
	}
	return query_end(q, e) || ret ? -1 : 0;
}

static int
record_read(struct arena *a, struct query *q, struct record_rule *out,
	struct err *e)
{
	json_t *names;

	if (json_parse(a, bytes_str(query_text(q, 6)), NULL, &names, e))
		return -1;
	*out = (struct record_rule){
		.subject = { consent_place_by_word(query_text(q, 2)),
			query_text_dup(a, q, 3) },
		.namespaces = names,
		.words = query_text_dup(a, q, 7),
	};
	if (!query_null(q, 4))
		out->purpose = (struct consent_where){
			consent_place_by_word(query_text(q, 4)),
			query_text_dup(a, q, 5)
		};
	return 0;
}

int
model_load_records(struct model *m, struct db_conn *c, struct err *e)
{
	struct query *q = db_query(c, Q_SERVER_RECORD_RULES);
	int ret = 0;

	while (!ret && query_next(q)) {
		struct record_rule *rule =
			arena_new_of(m->a, struct record_rule);

		ret = record_read(m->a, q, rule, e);
		rule_give(m, query_int(q, 0), query_text(q, 1), NULL, rule);
	}
	return query_end(q, e) || ret ? -1 : 0;
}
