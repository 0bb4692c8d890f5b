/* SPDX-License-Identifier: MIT */
/*
 * Writes what was read from an X-Road security server: the keys into a store
 * beside the real one, then rows and store in one step.
 */
#include "keyimport_int.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "key.h"
#include "keystore.h"
#include "mem.h"
#include "param.h"
#include "server_int.h"
#include "server_sql.h"
#include "text.h"

enum { ANCHOR_MAX = 1024 * 1024 };

struct writing {
	struct import_set *set;
	const char (*id)[KEY_ID_LEN + 1]; /* new ids, as set->key */
	const char *from, *to;            /* directories of the keys */
};

static int
cert_write(struct db_conn *c, struct arena *a, const char *key,
	const struct import_cert *x, struct err *e)
{
	struct bytes der = cert_der(x->cert);
	struct digest d;

	cert_digest(x->cert, DIGEST_SHA256, &d);
	return db_run(c, Q_SERVER_CERT_ADD, e, db_text(key),
		       db_text(hex_encode(a, d.value, d.len)),
		       db_blob(der.data, der.len),
		       db_text(x->has_member ? client_id_path(a, &x->member)
					     : NULL),
		       db_text(x->status), db_int(x->active), db_null(),
		       db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

static int
rows_write(struct db_conn *c, void *arg, struct err *e)
{
	const struct writing *w = arg;

	for (size_t i = 0; i < w->set->keys; i++) {
		const struct import_key *k = &w->set->key[i];
		const char *kind = key_type_word(key_type(k->key));

		if (db_run(c, Q_SERVER_KEY_ADD, e, db_text(w->id[i]),
			    db_text(k->label), db_text(usage_word(k->usage)),
			    db_text(kind), db_int(clock_now()),
			    db_text(TOKEN_SOFTWARE)) < 0)
			return -1;
		for (size_t n = 0; n < k->certs; n++)
			if (cert_write(c, w->set->a, w->id[i], &k->cert[n], e))
				return -1;
	}
	if (!rename(w->from, w->to))
		return 0;
	return fail(e, FAULT_IO, "%s cannot become %s: %s", w->from, w->to,
		strerror(errno));
}

/* The keys under the same PIN, in a directory of their own. */
static int
keys_write(const struct import_set *s, const char *dir, const char *pin,
	char (*id)[KEY_ID_LEN + 1], struct err *e)
{
	struct keystore *store;
	int ret;

	if (dir_remove(dir, e) || keystore_open(&store, dir, e))
		return -1;
	ret = keystore_init(store, pin, e);
	if (!ret && !keystore_unlocked(store))
		ret = keystore_unlock(store, pin, e);
	for (size_t i = 0; !ret && i < s->keys; i++)
		ret = keystore_import(store, s->key[i].key, id[i], e);
	keystore_close(&store);
	return ret;
}

/* Nothing of a token may be there yet. */
static int
must_be_new(struct db *db, const char *keys, struct err *e)
{
	struct keystore *store;
	struct key_model *m;
	struct arena *a;
	bool taken;

	if (file_exists(keys)) {
		if (keystore_open(&store, keys, e))
			return -1;
		taken = keystore_initialized(store);
		keystore_close(&store);
		if (taken)
			return fail(e, FAULT_CONFLICT,
				"this machine has a token with a PIN already");
	}
	if (key_model_load(&m, db, e))
		return -1;
	taken = m->keys > 0;
	a = m->a;
	arena_free(&a);
	if (taken)
		return fail(e, FAULT_CONFLICT, "this machine has keys already");
	return 0;
}

/* The anchor of the same machine, if it lies there and we have none. */
static int
anchor_take(const struct conf *c, struct arena *a, const char *dir,
	struct keyimport_sum *sum, struct err *e)
{
	const char *from = path_join(a, dir, "configuration-anchor.xml");
	const char *to = confclient_anchor_path(c);
	struct gc_anchor anchor;
	struct bytes xml;

	if (!file_exists(from) || file_exists(to))
		return 0;
	if (file_read(a, from, ANCHOR_MAX, &xml, e) ||
		anchor_parse(a, xml, &anchor, e) ||
		file_write(to, xml, FILE_PUBLIC, e))
		return -1;
	sum->anchor = 1;
	return 0;
}

int
keyimport_xroad(const struct conf *c, const char *dir, const char *pin,
	struct keyimport_sum *out, struct err *e)
{
	struct import_set s = { .a = arena_new_secret() };
	struct writing w = { &s, NULL, conf_data_path(c, "keys.import"),
		conf_data_path(c, "keys") };
	char(*id)[KEY_ID_LEN + 1];
	struct db *db = NULL;
	int ret = -1;

	if (keyimport_read(&s, dir, pin, e) ||
		db_open(&db, &schema_server, conf_data_path(c, "server.db"), 0,
			e) ||
		must_be_new(db, w.to, e))
		goto out;
	id = arena_array(s.a, s.keys, sizeof(*id));
	w.id = (const char(*)[KEY_ID_LEN + 1]) id;
	ret = keys_write(&s, w.from, pin, id, e);
	if (!ret)
		ret = db_transact(db, rows_write, &w, e);
	if (ret)
		(void)dir_remove(w.from, NULL);
	else
		ret = anchor_take(c, s.a, dir, &s.sum, e);
	*out = s.sum;
out:
	db_close(&db);
	arena_free(&s.a);
	return ret;
}
