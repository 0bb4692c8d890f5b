/* SPDX-License-Identifier: MIT */
/*
 * The message log's pieces: messagelog.c writes, stamper.c time-stamps,
 * evidence.c reads back and packs, archive*.c move what is old into files.
 * Rule: interop/xroad-messages.md 4.1-4.6.
 */
#pragma once

#ifndef IN_SERVER
# error "messagelog_int.h is private to appliance/server"
#endif

#include <pthread.h>

#include "asic.h"
#include "db.h"
#include "server_int.h"

struct log_cipher;
struct log_shared;

/* What of bodies is kept (messagelog_body.c). */
struct client_list {
	const struct client_id *item;
	size_t n;
};
struct body_rule {
	bool on;
	struct client_list local, remote; /* providers that are exceptions */
	int64_t max;                      /* bytes; 0 none */
	bool truncate;
};

struct messagelog {
	const struct conf *conf;
	struct arena *arena; /* of what is read at the start */
	struct body_rule body;
	struct log_cipher *cipher;
	struct confclient *confclient;
	struct serverconf *sc;
	struct http_client *http;
	struct db *db;
	struct group_writer *writer;
	struct log_shared *shared; /* the writer's own: messagelog_row.h */
	pthread_mutex_t stamping;  /* one round at a time */
	pthread_mutex_t archiving; /* one archiving or cleaning at a time */
	pthread_mutex_t lock;      /* guards all below */
	struct messagelog_status status;
	int64_t recount_at; /* clock_ticks(): when many waiting are counted */
	int64_t failing_since;  /* clock_now() of the first failure; 0 none */
	int64_t failing_stored; /* what the database says of it */
	struct tsa_state tsa[TSA_STATES];
};

/* Reads the rule; FAULT_CONFIG. */
int body_rule_load(struct messagelog *m, struct err *e);
bool body_is_kept(const struct messagelog *m, const struct log_record *r);
/* The message as it is logged when its body is not kept. */
int body_blank(struct arena *a, const struct log_record *r, struct bytes *out,
	struct err *e);
/* How many bytes of a body or attachment of this size are kept.
   FAULT_LOGGING_FAILED when it is too large. */
int body_limit(const struct messagelog *m, const struct log_record *r,
	int64_t size, int64_t *keep, struct err *e);

/* ---- messagelog_cipher.c ---- */

/* Reads the keys. FAULT_CONFIG when the one for new messages is not there. On
   failure *out is to be closed too. */
int log_cipher_open(
	struct log_cipher **out, const struct conf *c, struct err *e);
void log_cipher_close(struct log_cipher **k); /* NULL is fine */
/* The key for new messages is the one that its name stood for before;
   FAULT_CONFIG. */
int log_cipher_prove(struct messagelog *m, struct err *e);
/* Its name; NULL when messages are not encrypted. */
const char *log_cipher_current(const struct log_cipher *k);
/* What is sealed: the message (number 0) or an attachment (from 1). */
struct sealed_part {
	int64_t record; /* for the error's text */
	const char *request_id;
	bool response, as_client;
	size_t number;
};
/* Replaces the data, in the arena. */
int log_seal(const struct log_cipher *k, struct arena *a,
	const struct sealed_part *p, struct bytes *data, struct err *e);
/* FAULT_KEY_NOT_FOUND; FAULT_CANNOT_OPEN for a wrong key or changed data. */
int log_unseal(const struct log_cipher *k, struct arena *a, const char *id,
	const struct sealed_part *p, struct bytes *data, struct err *e);

/* ---- stamper_state.c ---- */

/* Since when it failed before the restart. */
int stamping_load(struct messagelog *m, struct err *e);
/* A round ended; `stamped`: there was something to stamp. */
void stamping_note(
	struct messagelog *m, bool good, bool stamped, const struct err *why);
bool stamping_fails(struct messagelog *m);
/* May a message be logged? FAULT_NO_TSA; FAULT_TIMESTAMPING_FAILED beyond the
   acceptable period, unless each message is stamped by itself. */
int stamping_permits(struct messagelog *m, struct arena *a, struct err *e);
/* What a service did: `why` NULL after a token that was verified. */
void tsa_note(struct messagelog *m, const char *url, const struct err *why);

/* ---- stamper_tsa.c ---- */

/* Asks the chosen services in their order; the first verified token wins. The
   token, with the certificate of its signer, is in the arena. */
int tsa_ask(struct messagelog *m, struct arena *a, const struct digest *imprint,
	struct bytes *token, int64_t *gen_time, struct err *e);
/* Parameter timestamping-prioritization-strategy; FAULT_CONFIG. */
int tsa_strategy_check(const struct conf *c, struct err *e);
/* Orders, or leaves out, by cost type; *n becomes what is left. */
void tsa_order(const struct conf *c, struct tsa_choice *tsa, size_t *n);

/* ---- stamper.c ---- */

/* Stamps the signature of this record in the single form, if it waits. */
int stamp_one(struct messagelog *m, int64_t id, struct err *e);

/* One record as a container; stamped false: no stamp yet. */
struct evidence {
	int64_t id;
	const char *query_id;
	bool response, stamped;
	struct asic asic;
};
enum { EVIDENCE_MAX = 1000 };
/* Records of a local party with this message id, oldest first, in the arena.
   What they are, not what they hold: that is evidence_get(). With *n above
   EVIDENCE_MAX there are more. */
struct evidence_row {
	int64_t id;
	const char *query_id;
	bool response, stamped;
};
int evidence_find(struct messagelog *m, struct arena *a, const char *query_id,
	const struct client_id *local, struct evidence_row **out, size_t *n,
	struct err *e);
/* FAULT_NOT_FOUND. */
int evidence_get(struct messagelog *m, struct arena *a, int64_t id,
	struct evidence *out, struct err *e);

/* How message ids are looked up. */
int64_t log_message_hash(const char *message_id);
/* Removes what searches no longer need: segments that were cleaned away. */
int log_index_clean(
	struct messagelog *m, const struct jobs *stop, struct err *e);

/* ---- archive.c, archive_file.c ---- */

/* Which records share a chain of files. */
enum grouping { GROUP_NONE, GROUP_MEMBER, GROUP_SUBSYSTEM };
/* Of the parameter; FAULT_CONFIG. */
int archive_grouping(const struct conf *c, enum grouping *out, struct err *e);

/* Members of one group; cls NULL: everybody. */
struct archive_group {
	enum grouping by;
	const char *cls, *code, *subsystem;
};

/* A finished file, durable under its temporary name. */
struct archive_file {
	const char *group; /* I/C/M[/S], or "" */
	const char *directory, *name;
	const char *digest; /* last one, hex */
	const int64_t *id;  /* records in it */
	size_t n;           /* 0: there was nothing to archive */
};
/* Packs the oldest records of the group into one file; in the arena. On
   failure no file is left. `stop` may be NULL; when it stops: FAULT_LIMIT. */
int archive_file_make(struct messagelog *m, struct arena *a,
	const struct archive_group *g, const struct jobs *stop,
	struct archive_file *out, struct err *e);
/* Where a file stands until its records are marked. One at a time. */
char *archive_part_path(
	struct messagelog *m, struct arena *a, const char *directory);
/* Makes names in the directory durable. */
int archive_dir_sync(const char *directory, struct err *e);
/* Every file whose records are marked has its name, or its records are to be
   archived again. Called with `archiving` locked. */
int archive_settle(struct messagelog *m, struct err *e);

/* Doors: GET /asic, /verificationconf and the page's exchanges. */
int asic_download(struct request *r, void *state, struct err *e);
int verificationconf_download(struct request *r, void *state, struct err *e);
int admin_exchanges(struct request *r, void *state, struct err *e);
int admin_exchange_container(struct request *r, void *state, struct err *e);
int admin_exchange_verify(struct request *r, void *state, struct err *e);
