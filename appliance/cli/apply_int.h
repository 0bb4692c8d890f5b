/* SPDX-License-Identifier: MIT */
/*
 * `machilink apply` and `machilink export`: the administration API as a plan
 * sees it. Every kind of thing is one row of calls, as text with places to
 * fill; what needs more than one call is a function beside it.
 */
#pragma once

#ifndef IN_CLI
# error "apply_int.h is private to appliance/cli"
#endif

#include <stdint.h>

#include "plan.h"

struct http_client;
struct tls;
struct cert;

struct apply {
	struct arena *a; /* a secret one: it holds PIN and API key */
	struct http_client *http;
	struct tls *tls;
	struct cert *pinned; /* the machine's certificate; NULL: any */
	const char *base;    /* https://host:port/api/v1 */
	const char *key;
	bool ja, ignore_warnings, doing;
	int64_t wait_ms;      /* for what takes a round of the network */
	const char *dir;      /* file names in the plan are relative to it */
	const char *pin_file; /* or NULL; "-": standard input */
	const char *pin;      /* once it was read */
	json_t *pem;          /* SHA-256 in hex: the certificate as PEM */
	json_t *want;         /* the whole plan */
	json_t *planned;      /* [{"key", "line", "done"}] */
	json_t *rules;        /* of services, as they are now; or NULL */
};

/* ---- apply_api.c ---- */
struct apply_answer {
	int status;
	struct bytes body;
	json_t *json; /* NULL when it is none */
};
/* Any status is an answer; 429 is waited for. type NULL: no body. */
int apply_call(struct apply *x, const char *method, const char *path,
	const char *type, struct bytes body, struct apply_answer *out,
	struct err *e);
/* A status outside 200..299 is a failure that says what the API said. *out may
   be NULL; it lives in the arena. */
int apply_get(struct apply *x, const char *path, json_t **out, struct err *e);
int apply_send(struct apply *x, const char *method, const char *path,
	const char *body, json_t **out, struct err *e);
int apply_refused(const char *method, const char *path,
	const struct apply_answer *a, struct err *e);
/* Path with encoded pieces: %s are raw. */
char *apply_path(struct apply *x, const char *before, const char *segment,
	const char *after);
/* PUT without a body, again until it is taken, for wait_ms: the network needs
   a round to know a server. 5xx and `not_yet` (0: none) are waited for. */
int apply_patiently(
	struct apply *x, const char *path, int not_yet, struct err *e);
/* Whether a PLAN_CHANGE is about this member. */
bool apply_differs(const struct plan_step *s, const char *name);
/* The PEM of a certificate the plan names; FAULT_NOT_FOUND. */
int apply_pem(
	struct apply *x, const char *hash, const char **out, struct err *e);

/* ---- apply_row.c: calls as rows ---- */
/*
 * In paths and bodies: $name is the member of what is wanted, else of what is
 * there; $^name of the thing around it; $:2 and $^:2 the second piece of the
 * thing's "id" between colons; $+ and $- what a set lacks and has more; $* one
 * item of these after the other, a call each; $! whether warnings are ignored.
 * In paths pieces are percent-encoded, unless the name begins with _; in
 * bodies they are JSON (absent: null), and ' stands for ". A body sent as a
 * form leaves out what is null; its "certificate" is a file.
 */
struct apply_row {
	const char *method, *path, *body;
	bool form;
};
typedef int apply_fn(struct apply *x, const struct plan_step *s, json_t **now,
	struct err *e);
struct resource {
	const struct plan_kind *kind;
	struct apply_row add, change, remove;
	struct apply_row set_add, set_del; /* of the only plain set */
	/* Instead of the rows; NULL: there are rows. */
	apply_fn *on_add, *on_change, *on_set, *on_remove;
	/* After an add: what is there now, from the answer of the API. NULL:
	   there is nothing inside that could differ. */
	int (*read)(struct apply *x, const struct plan_step *s,
		const json_t *answer, json_t **now, struct err *e);
};
int apply_row_run(struct apply *x, const struct apply_row *row,
	const struct plan_step *s, json_t **answer, struct err *e);

/* ---- apply_server.c, apply_center.c, apply_center_read.c ---- */
/* The present state in the plan's shape; own members begin with _. */
int apply_read_server(struct apply *x, json_t **out, struct err *e);
int apply_read_center(struct apply *x, json_t **out, struct err *e);
/* End with kind NULL. */
extern const struct resource apply_server_rows[], apply_center_rows[];

/* ---- apply_client.c: clients and what they serve ---- */
int apply_read_clients(struct apply *x, json_t **out, struct err *e);
apply_fn apply_client_change, apply_client_remove, apply_cert_set,
	apply_access_set, apply_description_change, apply_service_add,
	apply_service_change;
int apply_client_made(struct apply *x, const struct plan_step *s,
	const json_t *answer, json_t **now, struct err *e);
int apply_description_made(struct apply *x, const struct plan_step *s,
	const json_t *answer, json_t **now, struct err *e);
int apply_id_made(struct apply *x, const struct plan_step *s,
	const json_t *answer, json_t **now, struct err *e);

/* ---- apply_adapter.c: databases and data services ---- */
/* Sets "databases" where an adapter runs. */
int apply_read_databases(struct apply *x, json_t *to, struct err *e);
apply_fn apply_database_put, apply_data_service_put;

/* ---- apply_key.c ---- */
int apply_read_keys(
	struct apply *x, const json_t *token, json_t **out, struct err *e);
apply_fn apply_key_add, apply_key_change, apply_key_set;

/* ---- apply.c ---- */
/* The PIN by the plan's and the caller's word; FAULT_CONFIG without one. */
int apply_pin(struct apply *x, const char **out, struct err *e);
/* The exit codes of cli.h; a dry run with changes: 2. */
int apply_run(struct apply *x, const char *file, bool dry, bool yes);
int apply_export(struct apply *x, bool json);
