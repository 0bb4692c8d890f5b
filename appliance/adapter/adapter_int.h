/* SPDX-License-Identifier: MIT */
/*
 * What the nouns of the adapter offer each other. A catalog is loaded once,
 * immutable, and keeps the shape and the addresses of the Connector's
 * services.json (field-notes section 3.1).
 */
#pragma once

#ifndef IN_ADAPTER
# error "adapter_int.h is private to appliance/adapter"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "adapter.h"
#include "buf.h"
#include "http_server.h"

struct arena;
struct conf;
struct err;
struct http_server;

enum {
	SERVICES_FILE_MAX = 4 * 1024 * 1024,
	SERVICES_MAX = 500,
	FIELDS_MAX = 100,
	NAME_MAX_LEN = 100,
	ADAPTER_BODY_MAX = 1024 * 1024,
	ADAPTER_ANSWER_MAX = 16 * 1024 * 1024,
	ROWS_MOST = 100000, /* of rowLimit */
	TIME_MOST = 600000, /* ms, of queryTimeout */
	REAL_TEXT_MAX = 40,
};

/* A type as it is called in services.json, XML Schema and OpenAPI. */
struct field_type {
	const char *name; /* STRING, LONG ... */
	const char *xsd;  /* xs:string ... */
	const char *oas,
		*oas_format; /* string, date ... ; format may be NULL */
	enum {
		FIELD_TEXT,
		FIELD_INT,
		FIELD_REAL,
		FIELD_BOOL,
		FIELD_DATE,
		FIELD_TIME,
		FIELD_BLOB
	} kind;
};
/* NULL when there is no such type; compared without case. */
const struct field_type *field_type(const char *name);

struct field {
	const char *name;
	const char *element; /* the name in XML */
	const struct field_type *type;
	bool optional; /* parameters only */
	int column;    /* where it stands in the statement */
};
struct command;
struct datasource;
struct data_service {
	const char *name;
	const char *title; /* for people; the name if none was given */
	struct datasource *source;
	struct command *command;
	struct field *param;
	size_t params;
	struct field *result;
	size_t results;
	int64_t row_cap, time_cap_ms;
};
struct catalog {
	struct arena *arena;
	struct data_service *service;
	size_t services;
};

/* Reads the file and checks every statement against its database: one
   statement, reading only, parameters declared and used, declared results
   among its columns. Without declared results every column is one. Anything
   that is not understood is FAULT_CONFIG naming file and service: a mistyped
   allow-list must not become no allow-list. */
int catalog_load(struct catalog **out, const struct conf *c, struct err *e);
void catalog_free(struct catalog **c);
const struct data_service *catalog_find(
	const struct catalog *c, const char *name);

/* A parameter's value as text; NULL value is null. */
struct argument {
	const char *name, *value;
};
enum row_form { ROWS_JSON, ROWS_XML };
/* Runs the service and appends its rows: {"rows":[...]} or <rows><row>... .
   FAULT_BAD_REQUEST names the parameter that is missing, unknown, repeated or
   does not fit; FAULT_LIMIT time or size of the answer; FAULT_DATABASE and the
   faults of datasource.h. */
int service_run(const struct data_service *s, const struct argument *arg,
	size_t args, enum row_form form, struct buf *out, struct err *e);

/* Could it run now? FAULT_DATABASE says why not. */
int service_ready(const struct data_service *s, struct err *e);

/* ---- name.c ---- */
/* The XML element of a name: the name itself, or with _xHHHH_ for what has no
   place in an element's name. */
const char *name_element(struct arena *a, const char *name);

/* ---- value.c: one value of a declared type ---- */
struct cursor;
/* v is not NULL. FAULT_BAD_REQUEST when it does not fit. */
int value_bind(
	struct cursor *q, const struct field *f, const char *v, struct err *e);
/* Name and value of the row's column. FAULT_DATABASE when the database holds
   something else than was declared. */
int value_write(struct cursor *q, const struct field *f, enum row_form form,
	struct buf *out, struct err *e);
/* The shortest text that reads back as d. */
void real_text(double d, char out[REAL_TEXT_MAX]);

/* The contracts. base: address as the caller sees it. */
void openapi_write(const struct catalog *c, const char *base, struct buf *b);
void wsdl_write(const struct catalog *c, const char *base, struct buf *b);

struct adapter {
	const struct conf *conf;
	struct catalog *catalog;
	struct http_server *http;
};
int adapter_soap(struct request *r, void *state, struct err *e);
/* Any fault as SOAP 1.1 wants it, whoever found it. */
void adapter_soap_refuse(struct request *r, const struct err *fault);
#define NS_PRODUCER "http://producer.x-road.eu"
