/* SPDX-License-Identifier: MIT */
/*
 * The text of one SQL statement, cut just finely enough to find its named
 * parameters: it knows strings, quoted names, comments and dollar quoting of
 * each dialect, so that a ':' within them is no parameter. It does not know
 * SQL; what the statement may do is the database's to say.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;
struct err;

enum sql_dialect {
	SQL_SQLITE,     /* 'it''s' "name" `name` [name]; also $name, @name */
	SQL_POSTGRESQL, /* E'it\'s' "name" $tag$..$tag$, nested comments, :: */
	SQL_MYSQL,      /* 'it\'s' "it\"s" `name`, # comments, 2 minus 1--1 */
	SQL_OTHER,      /* the standard: 'it''s' "name" */
};

enum {
	SQLTEXT_MAX = 64 * 1024, /* bytes of a statement */
	SQLTEXT_PARAMS_MAX = 100,
	SQLTEXT_USES_MAX = 500,
	SQLTEXT_NAME_MAX = 100, /* bytes of a parameter's name */
	SQLTEXT_VERB_MAX = 16,
};

/* Everything lives in the arena. */
struct sqltext {
	const char *sql;    /* without the ';' at its end */
	const char **param; /* each name once, in order of appearance */
	size_t params;
	struct sqluse {
		size_t at, len; /* in sql: the name with its ':' */
		size_t param;
		/* Alone in the parentheses of IN or NOT IN: where that word
		   begins and what follows the ')'; to 0: it is not. */
		size_t in, to;
		bool negated;
		bool is; /* IS follows: the database learns no type here */
	} * use;
	size_t uses;
	bool *list; /* by param: set by whoever knows; see sqltext_render() */
	char verb[SQLTEXT_VERB_MAX]; /* first word in lower case, or "" */
};

/* FAULT_DATA_STATEMENT with a sentence for who wrote it: empty, two
   statements, something unclosed, a parameter without a name. */
int sqltext_parse(struct arena *a, const char *sql, enum sql_dialect dialect,
	struct sqltext *out, struct err *e);

enum sqltext_style {
	SQLTEXT_DOLLAR,   /* $1, the same for the same name */
	SQLTEXT_NUMBERED, /* ?1, the same for the same name */
	SQLTEXT_MARKED,   /* ? for every use */
	SQLTEXT_TYPING,   /* as SQLTEXT_DOLLAR, with NULL before IS */
};
/* Appends the statement as the database wants it. IN (:x) with a list becomes
   what has a list there: = ANY($1), json_each(?1). */
void sqltext_render(
	const struct sqltext *t, enum sqltext_style style, struct buf *out);
/* Calls fn for every word, number and quoted name, without its quotes; `next`:
   what follows after blanks and comments, as "(", or 0. Stops when fn returns
   false. */
typedef bool sqltext_word_fn(void *ctx, const char *word, size_t n, char next);
void sqltext_words(const char *sql, enum sql_dialect dialect,
	sqltext_word_fn *fn, void *ctx);
/* Has any of these characters outside of strings, names, words and comments. */
bool sqltext_has_sign(
	const char *sql, enum sql_dialect dialect, const char *signs);
/* Has the word (letters only) outside of strings, names and comments. */
bool sqltext_has(const char *sql, enum sql_dialect dialect, const char *word);
