/* SPDX-License-Identifier: MIT */
/*
 * What the nouns of the adapter offer each other. A catalog is loaded once,
 * immutable, and keeps the shape and the addresses of the Connector's
 * services.json (field-notes section 3.1); what is ours in that file:
 *
 *	dbServices[]  displayName, category, version, tables[], functions[],
 *	              rowLimit, timeLimit (ms), pageKey (page_key.c), write,
 *	              maxAffected, myNumber ("mask", "refuse", "allow")
 *	params[]      type (kind.c) or "LIST" with itemType, required, default,
 *	              minLength, maxLength, minimum, maximum, pattern, values[],
 *	              minItems, maxItems, personal, myNumber, description,
 *	              consent (consent.c)
 *	result[]      type, personal, myNumber, description, encoding ("CP932")
 *
 * The Connector's queryTimeout is in seconds, as JDBC has it. A number that
 * makes no sense in seconds (above SECONDS_MOST) is taken as milliseconds.
 */
#pragma once

#ifndef IN_ADAPTER
# error "adapter_int.h is private to appliance/adapter"
#endif

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "adapter.h"
#include "buf.h"
#include "datasource.h"
#include "http_server.h"
#include "json_io.h"
#include "kind.h"
#include "trace.h"

struct adapter;
struct arena;
struct command;
struct conf;
struct cursor;
struct datasource;
struct db;
struct err;
struct http_server;
struct xml_node;

enum {
	SERVICES_FILE_MAX = 4 * 1024 * 1024,
	SERVICES_MAX = 500,
	FIELDS_MAX = 100,
	NAME_MAX_LEN = 100,
	ADAPTER_BODY_MAX = 1024 * 1024,
	/* An answer in one piece: SOAP, pages, CSV in CP932, writes, HTTP/1.0.
	   Others are sent while they come and have no such limit. */
	ADAPTER_ANSWER_MAX = 16 * 1024 * 1024,
	ROWS_MOST = 1000000,             /* of rowLimit and maxAffected */
	TIME_MOST = 600000,              /* ms, of timeLimit */
	SECONDS_MOST = TIME_MOST / 1000, /* of queryTimeout */
};

enum mynumber { MYNUMBER_MASK, MYNUMBER_REFUSE, MYNUMBER_ALLOW };

/* One of dbSources[]. */
struct source {
	const char *id; /* of the API and the trace: source_id() */
	struct datasource *data;
	struct err *away; /* why its services sleep; NULL: they do not */
};
struct data_service {
	const char *name;
	const char *title; /* for people; the name if none was given */
	const char *category, *version; /* subsystem code; or NULL */
	struct datasource *source;
	struct command *command;
	struct field *param;
	size_t params;
	struct field *result;
	size_t results;
	int64_t row_cap, time_cap_ms;
	bool write;           /* POST only */
	int64_t affected_cap; /* 0: none */
	bool ordered;         /* the statement has an order: it can be paged */
	const char *page_key; /* pages begin after a value of it; or NULL */
	int key_column;       /* where it stands in the statement */
	struct command *page_first, *page_next;
	enum mynumber mynumber;
	char mark[17]; /* changes with the statement */
	const struct source *from;
	bool told; /* enough of it is known for the contracts */
	/* It could not be checked, and does not run until it has been: in words
	   for administrators. NULL: it is awake. */
	const struct err *asleep;
};
struct catalog {
	struct arena *arena;
	struct data_service *service;
	size_t services;
	struct source *source;
	size_t sources;
	struct bytes text; /* of the file */
	json_t *root;      /* the same, read; nobody changes it */
	bool sleeping;     /* some service is asleep for its database */
	atomic_int users;
};

/* Reads the file and checks every statement against its database: one
   statement, reading only, parameters declared and used, declared results
   among its columns. Without declared results every column is one. Anything
   that is not understood is FAULT_CONFIG naming file and service: a mistyped
   allow-list must not become no allow-list. A server that cannot be reached
   is no mistake of the file: its services sleep; an SQLite file that is not
   there is one. */
int catalog_load(struct catalog **out, const struct conf *c, struct err *e);
/* The same from a text that may become the file. only: NULL as above; else
   the mistakes of other services put these asleep, so that one broken service
   keeps nobody from mending another, and this one must be awake. */
int catalog_read(struct catalog **out, const struct conf *c, struct bytes text,
	const char *only, struct err *e);
/* The last of its users frees it; sets *c to NULL. */
void catalog_free(struct catalog **c);
/* Where the file is. */
const char *catalog_path(const struct conf *c);
const struct data_service *catalog_find(
	const struct catalog *c, const char *name);
/* The file says that it is not offered. */
bool service_is_off(const json_t *item);

/* ---- source.c ---- */
/* One of dbSources[]; closed with the arena. dir: where files are looked for.
   Nothing is connected yet. */
int source_open(struct arena *a, json_t *item, const char *dir,
	const struct conf *conf, struct datasource **out, struct err *e);
/* What the n-th of root's dbSources[] is called: its "id", else its
   databaseName; with its number when an earlier one is called so, and its
   number alone when it has neither. */
char *source_id(struct arena *a, const json_t *root, size_t n);
/* Where passwords are sealed. */
struct vault;
int source_vault(struct vault **out, const struct conf *conf, struct err *e);
/* What its sealed password belongs to. */
const char *source_about(const json_t *item);

/* ---- versions.c: what services were like ---- */
/* A version for each service of the file that is new, not as it was, or gone.
   who: changed it. */
int versions_note(
	struct db *db, const json_t *root, const char *who, struct err *e);
/* [{number, time, by, database, removed}], newest first; in the arena. */
int versions_list(struct db *db, struct arena *a, const char *service,
	json_t **out, struct err *e);
/* One of them, with "service" as it was, unless it was removed. */
int versions_get(struct db *db, struct arena *a, const char *service,
	int64_t number, json_t **out, struct err *e);
/* The number of the last one before the one in force in which it was there. */
int versions_before(
	struct db *db, const char *service, int64_t *number, struct err *e);

/* ---- shelf.c: the catalog in force ---- */
struct shelf;
int shelf_open(
	struct shelf **out, const struct conf *c, struct db *db, struct err *e);
void shelf_close(struct shelf **s); /* NULL inside is fine */
/* Until catalog_free(). */
struct catalog *shelf_take(struct shelf *s);
/* Until the request ends. */
const struct catalog *shelf_of(struct shelf *s, struct request *r);
/* Looks whether the file changed; one thread. */
void shelf_look(struct shelf *s);
/* Reads it again when a database that was away answers; one thread. */
void shelf_wake(struct shelf *s);
/* The file as it is, whether in force or not. */
int shelf_read(struct shelf *s, struct arena *a, json_t **root, struct err *e);
/* fn changes the file's value; what comes of it is checked (catalog_read(),
   only not NULL), written and in force. One change at a time. who: for the
   versions. */
typedef int shelf_change_fn(void *ctx, json_t *root, struct err *e);
int shelf_change(struct shelf *s, struct arena *a, const char *only,
	const char *who, shelf_change_fn *fn, void *ctx, struct err *e);
/* Why the file is not in force; "" when it is. */
void shelf_trouble(struct shelf *s, char out[ERR_TEXT_MAX]);

/* ---- service.c ---- */
/* One of dbServices[]: its name, source and defaults are set. */
int service_read(
	struct arena *a, json_t *item, struct data_service *s, struct err *e);

/* The type that is proposed for what a database calls so. */
const char *service_type_of(enum data_kind k);

/* ---- field.c ---- */
/* A name of a service, parameter or column. */
int field_name_check(const char *name, const char *what, struct err *e);
int params_read(struct arena *a, json_t *service, struct data_service *s,
	struct err *e);
int results_read(struct arena *a, json_t *service, struct data_service *s,
	struct err *e);
/* Absent is an empty list; anything else than an array is an error. */
int optional_list(json_t *item, const char *key, json_t **out, struct err *e);
/* A list of texts, NULL-ended; absent is NULL. */
int optional_texts(struct arena *a, json_t *item, const char *key,
	const char *const **out, struct err *e);
/* A JSON text, number or truth as text; NULL for anything else. */
char *json_scalar_text(struct arena *a, const json_t *v);

/* ---- name.c ---- */
/* The XML element of a name: the name itself, or with _xHHHH_ for what has no
   place in an element's name. */
const char *name_element(struct arena *a, const char *name);

/* ---- call.c: what somebody asks for ---- */
/* A parameter as text; a NULL value is null. */
struct argument {
	const char *name;
	const char **value;
	size_t values;
	bool list;          /* as an array, or given more than once */
	bool odd;           /* nothing that a parameter could be */
	bool number, truth; /* JSON: some value of it is no text */
};
struct call {
	struct arena *arena;
	const struct data_service *service;
	struct request *request; /* whose caller is watched */
	struct argument arg[FIELDS_MAX];
	size_t args;
	bool json;     /* arrays are arrays: JSON */
	bool rehearse; /* what it writes is rolled back */
	bool trial;    /* by an administrator, without a security server */
	/* For the trace: who asks through which door, as which user and with
	   which message (NULL: not told); clock_micros(); what came of it. */
	const char *who, *door, *person, *message;
	struct trace *trace;
	int64_t begun, rows, affected;
	/* What page: 0 for no paging. */
	int64_t page, offset;
	struct cell *after; /* with pageKey: the last value before; or NULL */
	struct bytes key;   /* seals the cursors of pages */
	struct watch *watch;
	struct complaint complaint; /* with FAULT_BAD_REQUEST */
};
/* In the request's arena; the request keeps it for its refusal. A call that
   ended goes to call_end(). */
struct call *call_new(
	struct request *r, struct adapter *ad, const struct data_service *s);
/* Traces it; returns ret. */
int call_end(struct call *c, int ret, const struct err *e);
/* One more value of the parameter; value NULL is null. */
int call_add(
	struct call *c, const char *name, const char *value, struct err *e);
/* The members of a JSON object. text: that it was read from, for the digits of
   numbers; {0} if it is not there. */
int call_add_object(
	struct call *c, json_t *body, struct bytes text, struct err *e);
/* ---- consent.c ---- */
/* "consent" of a parameter; what else it says must fit. FAULT_CONFIG. */
int grant_read(json_t *item, struct field *f, struct err *e);
/* The parameters that stand for the consent get their values, after those of
   the caller, who must not have given them: FAULT_BAD_REQUEST. FAULT_FORBIDDEN
   when the security server told of no consent. A trial gives them itself. */
int call_grant(struct call *c, struct err *e);

/* Binds all parameters of the service. */
int call_bind(struct call *c, struct cursor *q, struct err *e);

/* ---- rest_door.c, soap_door.c: what a caller sent ---- */
/* What is ours in the query string. */
struct wish {
	const char *format, *limit, *cursor;
};
/* query may be NULL. params: its other names are parameters of the call. */
int query_read(struct call *c, const char *query, struct wish *w, bool params,
	struct err *e);
int wish_page(struct call *c, const struct wish *w, struct err *e);
/* The children of the SOAP body's element. */
int elements_read(struct call *c, struct xml_node *body, struct err *e);

/* ---- sentence.c ---- */
/* The refusal in Japanese: what happened and what to do; in the arena. */
const char *sentence_ja(struct arena *a, const struct err *fault);

/* ---- watch.c: calls whose callers may go away ---- */
struct watch;
enum watched_state { WATCHED, CALLER_GONE, CANCELLING, CANCELLED };
struct watched {
	struct request *request;
	struct cursor *cursor;
	const struct datasource *source;
	enum watched_state state; /* the watch's, as what follows */
	struct watched *next, **before;
};
int watch_new(struct watch **out, struct err *e);
/* Nothing is watched any more. */
void watch_free(struct watch **w);
void watch_begin(struct watch *w, struct watched *x);
void watch_end(struct watch *w, struct watched *x);
/* Has cancelled what nobody waits for; does not wait for it. */
void watch_look(struct watch *w);

/* ---- form.c: rows on their way out ---- */
struct rowform;
/* How it ended; known after the last row. */
struct outcome {
	bool capped;
	const char *next; /* the cursor of the next page, or NULL */
	bool write;
	int64_t affected;
};
struct rowout {
	const struct rowform *form;
	const struct data_service *service;
	struct buf *out;
	int64_t rows;
	bool bare; /* the cell is a number, although its column is not */
	struct cp932_report *lost; /* what CP932 does not have */
	/* Called when there is enough to send, and when the database lets wait
	   for the next row: sends and empties `out`. NULL: all in one. */
	int (*flush)(struct rowout *o, struct err *e);
	void *state;
	int64_t sent; /* clock_ticks() of the last time, or of the first row */
	struct err stuck; /* why it could not be sent while waiting */
};
struct rowform {
	const char *name;    /* of ?_format= */
	const char *type;    /* the media type of the answer */
	const char *charset; /* as in Accept, NULL: any or none */
	bool bom, cp932;
	bool streams; /* what is told at the end stands at the end */
	bool mute;    /* it has no place to tell that there are more rows */
	void (*begin)(struct rowout *o);
	void (*cell)(struct rowout *o, size_t col, const struct bytes *text);
	void (*row)(struct rowout *o, bool begins);
	void (*end)(struct rowout *o, const struct outcome *how);
};
const struct rowform *rowform_find(const char *name);
/* The one that the caller likes best: FAULT_NOT_ACCEPTABLE. accept may be
   NULL. */
int rowform_choose(struct arena *a, const char *accept,
	const struct rowform **out, struct err *e);
const struct rowform *rowform_row(size_t i);
extern const struct rowform rowform_soap;

/* ---- run.c ---- */
/* Runs the call and writes its rows. FAULT_BAD_REQUEST names the parameter that
   is missing, unknown, repeated or does not fit; FAULT_LIMIT time or size of
   the answer; FAULT_DATABASE and the faults of datasource.h. */
int service_run(
	struct call *c, struct rowout *o, struct outcome *how, struct err *e);
/* Could it run now? FAULT_DATABASE says why not. */
int service_ready(const struct data_service *s, struct err *e);

/* The contracts. base: address as the caller sees it. */
void openapi_write(const struct catalog *c, const char *base, struct buf *b);
void wsdl_write(const struct catalog *c, const char *base, struct buf *b);

enum { PAGE_KEY_LEN = 32 };
struct adapter {
	const struct conf *conf;
	struct db *db; /* of trace and versions */
	struct trace *trace;
	struct monitor *monitor; /* monitor.h; NULL: there is none */
	uint8_t page_key[PAGE_KEY_LEN];
	struct shelf *shelf;
	struct jobs *jobs;
	struct watch *watch;
	struct http_server *http;   /* NULL: no plain HTTP */
	struct secure_door *secure; /* NULL: no HTTPS */
};

/* ---- secure_door.c: HTTPS for security servers elsewhere ---- */
/* Opens ad->secure as another listener like this one, if a port is set.
   FAULT_CONFIG when the file of certificates cannot be used. */
int secure_open(struct adapter *ad, const struct listener *as, struct err *e);
void secure_close(struct secure_door **d);
/* Looks whether the file changed; one thread. NULL is fine. */
void secure_look(struct secure_door *d);
int adapter_soap(struct request *r, void *state, struct err *e);
/* Any fault as SOAP 1.1 wants it, whoever found it. */
void adapter_soap_refuse(struct request *r, const struct err *fault);
int adapter_get(struct request *r, void *state, struct err *e);
int adapter_post(struct request *r, void *state, struct err *e);
/* ---- told.c: the same, told to the monitor ---- */
int told_get(struct request *r, void *state, struct err *e);
int told_post(struct request *r, void *state, struct err *e);
int told_soap(struct request *r, void *state, struct err *e);
#define NS_PRODUCER "http://producer.x-road.eu"
