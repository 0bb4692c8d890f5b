/* SPDX-License-Identifier: MIT */
/*
 * What the commands share: the table of roles and reading of options.
 */
#pragma once

#ifndef IN_CLI
# error "cli_int.h is private to appliance/cli"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signer.h"

struct err;
struct role;

/* Every role of the program in start order; ends with NULL. */
extern const struct role *const all_roles[];

/* "--name VALUE" or "--name" (value NULL: a switch). Rows end with name NULL.
   Words that are not options are kept in order at the front of argv. */
struct option_row {
	const char *name;   /* without the dashes */
	const char **value; /* or NULL */
	bool *given;        /* or NULL */
};
/* 0 and *argc = number of words, or -1 with a sentence on standard error. */
int options_read(const struct option_row *rows, int *argc, char **argv);

/* ---- tokens.c: those in hardware that the configuration names ---- */
struct conf;
struct tokens {
	struct token token[TOKENS_MAX];
	size_t n;
	/* of what the last login by itself was for; the last: the software */
	unsigned epoch[TOKENS_MAX + 1];
};
/* Before any thread exists. One that cannot be used is complained about. */
void tokens_start(struct tokens *t, const struct conf *c);
void tokens_stop(struct tokens *t);
/* Logs in what the file with the PINs is for; the software token too; again
   when a login was lost against our will. The wait until it wants to be tried again, as a job gives it. */
int64_t tokens_login(
	struct tokens *t, struct signer *software, const struct conf *c);

/* ---- verify.c, verify_archive.c ---- */
struct arena;
struct globalconf;

struct verify_call {
	const char *file, *dir, *anchor, *lang;
	bool json;
	bool linking_only; /* archives: containers are not judged */
};
/* Indexed by EXIT_OK, EXIT_INVALID, EXIT_CANNOT_TELL. */
const char *verdict_word(int code, bool ja);
int verify_trust(struct arena *a, const struct verify_call *c,
	struct globalconf **g, struct err *e);
/* A ZIP that is a message-log archive and not one container. */
bool is_archive(const char *path);
/* Judges archives in the order of their chain, prints, returns the exit. */
int verify_archives(const struct verify_call *c, char **file, size_t n);

/* ---- verify_text.c ---- */
/* A line with the reason, and in Japanese a second one with the exact words;
   `where` is a container's name or NULL. */
void print_reason(const struct err *e, const char *where, bool ja);
/* A word of struct asic_report in the reader's language; NULL stays NULL. */
const char *report_word(const char *en, bool ja);

/* ---- confproxy.c: `machilink conf proxy` ---- */
struct conf_proxy_call {
	char **word; /* after "proxy" */
	int words;
	const char *anchor, *validity, *config;
	bool japanese;
};
int conf_proxy(const struct conf_proxy_call *in);

/* ---- import.c: what commands beside a stopped service share ---- */
struct conf;
/* The lock of a running service, held until the process ends: *fd. */
int data_lock(const struct conf *c, int *fd, struct err *e);
/* One line of standard input, not empty; `what` for the message. */
int line_read(char *out, size_t max, const char *what, struct err *e);

/* ---- import_opendata.c: after "open-data" ---- */
int import_open_data(int argc, char **argv);

/* Prints "machilink: text" and returns code. */
int complain(int code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int complain_err(int code, const struct err *e);
