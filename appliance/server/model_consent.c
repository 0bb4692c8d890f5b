/* SPDX-License-Identifier: MIT */
/* Reads which services need consent into the model. */
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

/* All versions of the code. */
static void
rule_give(struct model *m, int64_t client, const char *code,
	const struct consent_rule *rule)
{
	for (size_t i = 0; i < m->services; i++) {
		struct m_service *v = &m->service[i];

		if (v->description->client->row == client &&
			str_equal(v->code, code))
			v->consent = rule;
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
		rule_give(m, query_int(q, 0), query_text(q, 1), rule);
	}
	return query_end(q, e) || ret ? -1 : 0;
}
