/* SPDX-License-Identifier: MIT */
/*
 * Keys that sign the global configuration, and the anchors that name them.
 * Rule: interop/xroad-center-admin.md 1.2, 1.4: at most two keys a source, the
 * first becomes active, the certificate only carries the public key.
 */
#include "center_int.h"

#include "center_sql.h"
#include "clock.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { ANCHOR_MAX = 256 * 1024 };

static const struct source_row {
	const char *source;
	const char *name; /* common name of the certificate */
	enum param_id algorithm;
} sources[] = {
	{ "INTERNAL", "internalSigningKey", P_CENTER_INTERNAL_KEY },
	{ "EXTERNAL", "externalSigningKey", P_CENTER_EXTERNAL_KEY },
};

static const struct source_row *
source_find(const char *source, struct err *e)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (str_equal(sources[i].source, source))
			return &sources[i];
	refuse(e, FAULT_NOT_FOUND, "configuration_not_found",
		"there is no configuration source %s", source);
	return NULL;
}

static const char *
algorithm_of(struct bytes der)
{
	struct cert *c;
	const char *word;

	if (cert_parse(&c, der, NULL))
		return "RSA";
	word = key_type_word(key_type(cert_key(c)));
	cert_unref(&c);
	return word;
}

int
config_keys(struct db_conn *c, struct arena *a, struct config_key **out,
	size_t *n, struct err *e)
{
	enum { MOST = CONFIG_KEYS_PER_SOURCE * 2 };
	struct config_key *key = arena_array(a, MOST, sizeof(*key));
	struct query *q = db_query(c, Q_CENTER_CONFIG_KEYS);

	*n = 0;
	while (*n < MOST && query_next(q)) {
		struct bytes cert = query_blob_dup(a, q, 3);

		key[(*n)++] = (struct config_key){
			.id = query_text_dup(a, q, 0),
			.source = query_text_dup(a, q, 1),
			.label = query_text_dup(a, q, 2),
			.algorithm = algorithm_of(cert),
			.cert = cert,
			.active = query_int(q, 4) != 0,
			.created_at = query_int(q, 5),
		};
	}
	*out = key;
	return query_end(q, e);
}

/* 1.4: serial 1, 1970 to 2038, CA with nonRepudiation and keyCertSign. */
static int
key_cert(const struct source_row *row, struct key *key, struct cert **out,
	struct err *e)
{
	const struct civil end = { 2038, 1, 1, 0, 0, 0 };
	const struct rdn subject = { "CN", row->name };
	const struct cert_template t = {
		.subject = &subject,
		.subjects = 1,
		.key = key,
		.serial = 1,
		.not_before = 0,
		.not_after = civil_seconds(&end) * 1000,
		.ca = true,
		.path_len = -1,
		.key_usage = KU_NON_REPUDIATION | KU_KEY_CERT_SIGN,
	};

	return cert_issue(out, &t, NULL, key, e);
}

/* May the source have one more? *first: it has none yet. */
static int
key_room(struct db_conn *c, struct arena *a, const char *source, bool *first,
	struct err *e)
{
	size_t have = 0, n;
	struct config_key *key;

	if (config_keys(c, a, &key, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		have += str_equal(key[i].source, source);
	*first = have == 0;
	if (have < CONFIG_KEYS_PER_SOURCE)
		return 0;
	return refuse(e, FAULT_CONFLICT, "signing_key_action_not_possible",
		"the source has %d keys already", CONFIG_KEYS_PER_SOURCE);
}

/* Before a key is made for nothing. */
static int
key_wanted(struct center *ct, const char *source, struct err *e)
{
	struct db_conn *c = db_take(ct->db);
	struct arena *a = arena_new();
	struct instance in;
	bool first;
	int ret = instance_need(c, a, &in, e);

	if (!ret)
		ret = key_room(c, a, source, &first, e);
	db_give(c);
	arena_free(&a);
	return ret;
}

static int
key_store(struct center *ct, struct arena *a, const struct source_row *row,
	struct config_key *k, struct err *e)
{
	struct db_conn *c = work_begin(ct, e);
	int ret = -1;

	if (!c)
		return -1;
	if (!key_room(c, a, row->source, &k->active, e) &&
		db_run(c, Q_CENTER_CONFIG_KEY_ADD, e, db_text(k->id),
			db_text(k->source), db_text(k->label),
			db_blob(k->cert.data, k->cert.len), db_int(k->active),
			db_int(k->created_at)) >= 0)
		ret = anchor_make(ct, c, a, row->source, e);
	return work_done(ct, c, ret, e);
}

int
config_key_add(struct center *ct, const char *source, const char *label,
	struct arena *a, struct config_key *out, struct err *e)
{
	const struct source_row *row = source_find(source, e);
	struct key *key = NULL;
	struct cert *cert = NULL;
	char id[RING_ID_MAX];
	enum key_type type;
	struct bytes der;
	int ret = -1;

	if (!row || key_wanted(ct, source, e) ||
		key_type_parse(conf_text(ct->conf, row->algorithm), &type, e) ||
		ring_make(ct, type, label, id, &key, e))
		return -1;
	if (key_cert(row, key, &cert, e))
		goto out;
	der = cert_der(cert);
	*out = (struct config_key){
		.id = arena_strdup(a, id),
		.source = row->source,
		.label = label,
		.algorithm = key_type_word(type),
		.cert = bytes_of(arena_memdup(a, der.data, der.len), der.len),
		.created_at = clock_now(),
	};
	ret = key_store(ct, a, row, out, e);
	if (!ret)
		log_info("%s configuration signing key %s made", source, id);
out:
	if (ret)
		ring_delete(ct, id, NULL);
	cert_unref(&cert);
	key_unref(&key);
	return ret;
}

static int
key_need(struct db_conn *c, struct arena *a, const char *id, char **source,
	bool *active, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_CONFIG_KEY_GET, db_text(id));
	bool found = query_next(q);

	if (found) {
		*source = query_text_dup(a, q, 0);
		*active = query_int(q, 1) != 0;
	}
	if (query_end(q, e))
		return -1;
	if (!found)
		return refuse(e, FAULT_NOT_FOUND, "signing_key_not_found",
			"there is no signing key %s", id);
	return 0;
}

int
config_key_activate(struct center *ct, const char *id, struct err *e)
{
	struct db_conn *c = work_begin(ct, e);
	struct arena *a = arena_new();
	char *source;
	bool active;
	int ret = -1;

	if (c && !key_need(c, a, id, &source, &active, e) &&
		db_run(c, Q_CENTER_CONFIG_KEYS_OFF, e, db_text(source)) >= 0 &&
		db_run(c, Q_CENTER_CONFIG_KEY_ON, e, db_text(id)) >= 0)
		ret = 0;
	arena_free(&a);
	return c ? work_done(ct, c, ret, e) : -1;
}

static int
key_drop(struct center *ct, struct db_conn *c, struct arena *a, const char *id,
	struct err *e)
{
	char *source;
	bool active;

	if (key_need(c, a, id, &source, &active, e))
		return -1;
	if (active)
		return refuse(e, FAULT_CONFLICT,
			"signing_key_action_not_possible",
			"the active signing key cannot be deleted");
	if (db_run(c, Q_CENTER_CONFIG_KEY_DELETE, e, db_text(id)) < 0)
		return -1;
	return anchor_make(ct, c, a, source, e);
}

int
config_key_delete(struct center *ct, const char *id, struct err *e)
{
	struct db_conn *c = work_begin(ct, e);
	struct arena *a;
	int ret;

	if (!c)
		return -1;
	a = arena_new();
	ret = work_done(ct, c, key_drop(ct, c, a, id, e), e);
	if (!ret && ring_delete(ct, id, NULL))
		log_warning("the signer kept the deleted key %s", id);
	arena_free(&a);
	return ret;
}

/* ---- anchors ---- */

int
anchor_make(struct center *ct, struct db_conn *c, struct arena *a,
	const char *source, struct err *e)
{
	struct buf xml;
	int ret = -1;

	if (!source_find(source, e))
		return -1;
	buf_init(&xml, ANCHOR_MAX);
	if (model_anchor(ct, c, a, source, &xml, e) ||
		buf_ok(&xml, "the anchor", e))
		goto out;
	if (db_run(c, Q_CENTER_ANCHOR_PUT, e, db_text(source),
		    db_blob(xml.data, xml.len), db_int(clock_now())) >= 0)
		ret = 0;
out:
	buf_done(&xml);
	return ret;
}

int
anchor_get(struct db_conn *c, struct arena *a, const char *source,
	struct bytes *xml, int64_t *created_at, struct err *e)
{
	struct query *q;
	bool found;

	if (!source_find(source, e))
		return -1;
	q = db_query(c, Q_CENTER_ANCHOR_GET, db_text(source));
	found = query_next(q);
	if (found) {
		*xml = query_blob_dup(a, q, 0);
		*created_at = query_int(q, 1);
	}
	if (query_end(q, e))
		return -1;
	if (!found)
		return refuse(e, FAULT_NOT_FOUND, "configuration_not_found",
			"the source %s has no anchor yet: it needs a signing key",
			source);
	return 0;
}
