/* SPDX-License-Identifier: MIT */
/*
 * What the nouns of the lab share: the three machines, their addresses, the
 * steps and the report.
 */
#pragma once

#ifndef IN_LAB
# error "lab_int.h is private to appliance/lab"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "clock.h"
#include "json_io.h"
#include "lab.h"

struct arena;
struct cert;
struct err;
struct http_client;
struct tls;

#define LAB_INSTANCE "LAB"
#define TOWN_CLASS   "GOV"
#define TOWN_CODE    "9000020994014" /* corporate number of a made-up town */
#define FIRM_CLASS   "COM"
#define FIRM_CODE    "2010401999001"
#define HOST_CLASS   "ORG"
#define HOST_CODE    "5010001999002"
#define TOWN_SYSTEM  "opendata"
#define FIRM_SYSTEM  "logistics"
/* Personal-Link: subsystems of the operator and the town, their services, and
   the town's service that needs consent */
#define LINK_SYSTEM    "personal-link"
#define LINK_SERVICE   "consent"
#define LINK_PATH      LINK_SYSTEM "/" LINK_SERVICE
#define CACHE_SERVICE  "cache"
#define INCOME_SERVICE "income-certificate"
#define SITES_SERVICE  "evacuation-sites"
#define INCOME_PURPOSE "housing-allowance"
#define PERSON_HEADER  "X-Person"
/* in services.json of the town */
#define SAMPLE_POSTGRES_SOURCE   "nursery"
#define SAMPLE_POSTGRES_DATABASE "hoiku"

enum machine_id { CENTER, TOWN, FIRM, MACHINES };
enum lab_port {
	PORT_ADMIN,
	PORT_CENTER,
	PORT_REGISTER,
	PORT_MANAGEMENT,
	PORT_PEER,
	PORT_OCSP,
	PORT_IS,
	PORT_IS_TLS,
	PORT_ADAPTER,
	PORT_LINK,     /* Personal-Link's services */
	PORT_RESIDENT, /* its pages for residents */
	PORT_SITE,     /* the lab's own: provider and portals */
	PORT_POSTGRES, /* only where there is one */
	PORTS
};
enum { ADDRESS_MAX = 40, SECRET_LEN = 20, KEY_LEN = 36 };

struct machine {
	const char *name; /* "center", "town", "company": its folder */
	const char *title_ja, *title_en;
	const char *roles;
	const char *cls, *code, *server; /* owner and server code */
	const char *owner_name;
	char address[ADDRESS_MAX];
	char *dir; /* <lab dir>/<name> */
	char pin[SECRET_LEN + 1];
	char password[SECRET_LEN + 1]; /* of the account "admin" */
	char key[KEY_LEN + 1];         /* API key */
	pid_t pid;                     /* 0: not running */
	int64_t started_ms;            /* from exec to ready */
	struct cert *pinned;           /* the administration certificate */
	struct tls *tls;               /* accepts that one only */
};

/* The town's second database; all zero when there is none. */
struct postgres {
	pid_t pid;
	uid_t uid; /* whose process it is */
	gid_t gid;
	char *bin, *dir;
	char password[SECRET_LEN + 1]; /* of the adapter's user */
	bool ready;                    /* its service is offered */
	const char *why_ja, *why_en;   /* there is none */
};

/* What the steps with a resident hand on. */
struct story {
	struct visitor *visitor;
	const char *reference; /* the consent */
	size_t transfers;      /* in the history before */
	const char *left;      /* whom the consent that is left is about */
};

struct step_time {
	const char *name;
	int64_t ms;
};
enum { STEPS_MAX = 64 };

struct lab {
	struct arena *arena;
	const char *self;          /* this executable */
	char *dir;                 /* absolute */
	const char *net;           /* first three numbers: "127.10.0" */
	char stamp[TIME_TEXT_MAX]; /* of this run: in message ids */
	bool once, json, japanese;
	bool plain;     /* no PostgreSQL */
	bool residents; /* with Personal-Link and its sample residents */
	bool consented; /* for `machilink bench`: one consent is left */
	bool fresh;     /* no state yet */
	int shift;      /* added to every port */
	struct machine machine[MACHINES];
	struct postgres postgres;
	char site_address[ADDRESS_MAX];
	struct site *site; /* NULL: does not run */
	struct story story;
	struct http_client *http;
	struct step_time step[STEPS_MAX];
	size_t steps;
	int64_t begun, first_exchange; /* ticks; 0 not yet */
	char *container;               /* path of the signed container */
	char *conf_dir;                /* unpacked verification configuration */
};

/* ---- place.c: folders, addresses, ports, configuration files ---- */
int place_prepare(struct lab *l, struct err *e);
/* All steps were done: the next start continues from here. */
int place_complete(struct lab *l, struct err *e);
/* Removes what an unfinished first start left. */
void place_discard(struct lab *l);
int lab_port(const struct lab *l, enum lab_port p);
/* Whether somebody could listen there: 0, else errno. */
int place_probe(const char *address, int port);

/* ---- process.c: the three processes ---- */
/* In a child: signals as they were born, every descriptor from 3 on but `keep`
   closed, and `end` when the lab ends. */
void process_be_child(int end, int keep);
int process_start(struct lab *l, struct machine *m, struct err *e);
void process_stop_all(struct lab *l);
/* Runs this executable once with a short standard input (NULL: ours); output
   into the arena. Returns the exit code, -1 when it cannot be started. */
int process_run(struct lab *l, char *const argv[], const char *input,
	char **out, struct err *e);
int64_t process_rss_kb(pid_t pid); /* -1 unknown */
/* Which machine ended by itself; NULL: none. */
struct machine *process_ended(struct lab *l);

/* ---- api.c: the administration API and plain calls ---- */
struct api_answer {
	int status;
	struct bytes body;
	json_t *json; /* NULL when the body is not JSON */
};
/* body: JSON text or NULL. Any status is an answer. */
int api_call(struct lab *l, struct machine *m, const char *method,
	const char *path, const char *body, struct api_answer *out,
	struct err *e);
/* As api_call, but a status outside 200..299 is a failure that quotes the
   answer's own words. */
int api_do(struct lab *l, struct machine *m, const char *method,
	const char *path, const char *body, struct api_answer *out,
	struct err *e);
/* Always -1: the answer, cut short, is the reason why `what` failed. */
int api_unexpected(const struct api_answer *a, const char *what, struct err *e);
/* An octet-stream upload. */
int api_put_bytes(struct lab *l, struct machine *m, const char *path,
	struct bytes data, struct api_answer *out, struct err *e);
/* Asks again until check() says 1, or the time is over. */
int api_wait(struct lab *l, struct machine *m, const char *path,
	bool (*check)(const json_t *answer, const void *ctx), const void *ctx,
	const char *what, struct err *e);
struct plain_call {
	const char *method, *url;
	const char *const *header; /* name, value, ..., NULL */
	const char *body;          /* NULL: none */
};
int plain_call(struct lab *l, const struct plain_call *c,
	struct api_answer *out, struct err *e);
/* The same from any thread, with its own arena. */
int plain_call_in(struct lab *l, struct arena *a, const struct plain_call *c,
	struct api_answer *out, struct err *e);

/* ---- steps ---- */
struct step {
	const char *name; /* stable word for --json */
	const char *ja, *en;
	int (*run)(struct lab *l, struct err *e);
};
extern const struct step setup_center_steps[], setup_server_steps[],
	exchange_steps[], exchange_postgres_steps[],
	proof_steps[]; /* end with name NULL */
int lab_run_steps(struct lab *l, const struct step *s, struct err *e);

/* ---- setup_center.c ---- */
/* The town's and the company's, with their accounts. */
int lab_start_servers(struct lab *l, struct err *e);

/* ---- setup_server.c: what several set-up steps use ---- */
char *lab_member_id(struct lab *l, const struct machine *m);
/* The machine's own subsystem. */
char *lab_client_id(struct lab *l, const struct machine *m);
/* A signing key and certificate of member `of` on machine `m`. */
int lab_sign_certificate(struct lab *l, struct machine *m,
	const struct machine *of, struct err *e);
/* Asks to register a client, over X-Road. */
int lab_request_client(
	struct lab *l, struct machine *m, const char *client, struct err *e);
/* Adds a subsystem of `of` to machine `m`; it is SAVED then. */
int lab_add_client(struct lab *l, struct machine *m, const struct machine *of,
	const char *system, struct err *e);
struct description {
	const char *type, *url, *code;
};
/* Describes and enables; *out is the description. */
int lab_describe(struct lab *l, struct machine *m, const char *client,
	const struct description *d, json_t **out, struct err *e);
/* For api_wait(). */
bool lab_client_is_registered(const json_t *answer, const void *ctx);

/* ---- setup_management.c ---- */
/* The operator's management services on the town's server. */
int management_provider(struct lab *l, struct err *e);
/* Registers the machines' subsystems by management requests. */
int client_requests(struct lab *l, struct err *e);

/* ---- site.c: the lab's OpenID provider and portals, in this process ---- */
int site_start(struct lab *l, struct err *e);
void site_stop(struct lab *l); /* also when it does not run */
/* Its folder: certificate, the center's secret. */
char *site_dir(struct lab *l);
/* Where the center takes people back to from the provider. */
char *lab_callback(struct lab *l, struct arena *a);

/* ---- partner.c: what the town and the company ask; from any thread ---- */
/* A one-time link for somebody at the town's window; state comes back. */
int town_link_url(struct lab *l, struct arena *a, const char *state,
	const char **url, struct err *e);
/* Somebody came back with a ticket: from now on the town's number belongs to
   the identifier. */
int town_link_finish(struct lab *l, struct arena *a, const char *ticket,
	const char *number, struct err *e);
/* The company asks for consent to that service of the town: a one-time link, and the consent's reference. */
int firm_ask(struct lab *l, struct arena *a, const char *code, const char **url,
	const char **reference, struct err *e);
/* What the company calls the person of a consent. */
int firm_subject(struct lab *l, struct arena *a, const char *reference,
	const char **person, struct err *e);
/* It asks the town about the person of the consent. Any answer is one. */
int firm_fetch(struct lab *l, struct arena *a, const char *reference,
	struct api_answer *out, struct err *e);

/* ---- setup_link.c: Personal-Link; nothing without residents ---- */
/* The center's and the town's parts of machilink.ini. */
void link_write_center(struct lab *l, struct buf *b);
void link_write_town(struct lab *l, struct buf *b);
/* The file of providers and all that it names; the site runs. */
int link_write_providers(struct lab *l, struct err *e);
int link_clients(struct lab *l, struct err *e);
int link_services(struct lab *l, struct err *e);
int link_rights(struct lab *l, struct err *e);
int link_requests(struct lab *l, struct err *e);
int link_await(struct lab *l, struct err *e);
/* What the officers say of a service that needs no consent otherwise. */
int link_declare_sites(struct lab *l, struct err *e);
extern const struct step setup_link_steps[];

/* ---- story.c: a resident, from consent to history ---- */
extern const struct step story_first_steps[], story_steps[], story_left_steps[];

/* ---- exchange.c: exchanges that others may repeat (`machilink bench`) ---- */
json_t *exchange_examples(struct lab *l);

/* ---- sample.c: the databases behind the services ---- */
int sample_make(struct lab *l, struct err *e);
/* The service on PostgreSQL into the town's services.json, and out of it. */
int sample_offer(struct lab *l, const char *password, struct err *e);
void sample_withdraw(struct lab *l);

/* ---- sample_income.c ---- */
struct db_conn;
int sample_income_fill(struct db_conn *c, struct err *e);
extern const char sample_income_service[]; /* after others of dbServices[] */

/* ---- sample_postgres.c ---- */
/* For the server's single-user mode: first the user "adapter". */
char *sample_postgres_role(struct lab *l);
extern const char sample_postgres_tables[];
/* One of dbSources[]; password: sealed. */
char *sample_postgres_source(struct lab *l, const char *password);

/* ---- postgres.c ---- */
/* Starts one in the background, if this machine can; never fails. */
void postgres_begin(struct lab *l);
/* Waits for it and offers its service, or says why there is none. Before the
   town's adapter starts. */
int postgres_join(struct lab *l, struct err *e);
/* Ends it; services.json is as without it. */
void postgres_end(struct lab *l);

/* ---- report.c ---- */
void report_step(struct lab *l, const struct step *s, int64_t ms, bool good);
void report_failure(struct lab *l, const struct err *e);
void report_end(struct lab *l, bool good);
void report_say(struct lab *l, const char *ja, const char *en);
