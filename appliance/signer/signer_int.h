/* SPDX-License-Identifier: MIT */
/*
 * The messages between the signer process and its users: one packet a
 * question, one packet an answer (SOCK_SEQPACKET keeps them whole).
 *   question  op (1) | number (4, big endian) | key id (40) | data
 *   answer    fault (2, big endian) | data, or the error's text
 */
#pragma once
#ifndef IN_SIGNER
# error "signer_int.h is private to signer/"
#endif

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "key.h"
#include "keystore.h"

struct arena;
struct err;

enum {
	SIGNER_LANES = 4,
	QUESTION_HEAD = 1 + 4 + KEY_ID_LEN,
	PACKET_MAX = 24 * 1024,
};

enum signer_op {
	OP_STATUS,
	OP_INIT,
	OP_LOGIN,
	OP_LOGOUT,
	OP_GENERATE, /* number: type << 16 | bits */
	OP_IMPORT,
	OP_DELETE,
	OP_PUBLIC,
	OP_SIGN, /* number: scheme << 8 | digest; data: the digest */
	OP_PIN,  /* data: the old PIN, a NUL, the new one */
	OP_INFO, /* of a token in hardware: four texts, each with its NUL */
	OP_COUNT
};

/* A question taken apart; data borrows the packet. */
struct question {
	enum signer_op op;
	uint32_t number;
	char id[KEY_ID_LEN + 1];
	struct bytes data;
};
/* 0, or -1 when it is none of ours. */
int question_parse(struct question *q, struct bytes packet);

/* The digest and algorithm of OP_SIGN. */
int question_sign(const struct question *q, struct sign_alg *alg,
	struct digest *d, struct err *e);

/* In the child: it has a key store, or a module. */
struct module; /* module_int.h */
struct signer_child {
	pthread_mutex_t lock; /* guards store */
	struct keystore *store;
	struct module *module;
	const struct op_row *rows;
};

/* One question being answered. */
struct call {
	struct signer_child *child;
	const struct question *q;
	struct arena *a; /* secret */
	struct buf *out;
};
struct op_row {
	int (*run)(struct call *c, struct err *e);
	bool locked; /* runs with the child's lock */
};

/* What the process is for: the key store of a directory, or a module's slot
   (its number, "" for the first with a token). */
struct holding {
	const char *dir;
	const char *module, *slot; /* module NULL: a key store */
};
/* In the child: serves the sockets until they close; never returns. */
_Noreturn void signer_serve(
	const struct holding *what, const int fd[SIGNER_LANES]);
/* One question into one answer packet. */
void signer_answer(
	struct signer_child *c, struct bytes packet, struct buf *out);
/* Gives up what a holder of keys does not need: other files, core dumps,
   being traced, swapping; and the network, unless the keys are reached
   through it. */
void signer_confine(const int fd[SIGNER_LANES], bool network);

/* Closes every file but these and the standard streams. */
void signer_close_others(const int *fd, int n);

/* signer_keeper.c: the process that starts the child, again if need be. */
struct keeper {
	pid_t pid;
	int fd;
	bool asked; /* and it has not answered yet */
};
/* Forks: before any thread. `what` is borrowed for this call. */
int keeper_start(struct keeper *k, const struct holding *what, struct err *e);
/* Ends the child there is and starts one: its pid and our ends of its sockets,
   the caller's to close. Not by two threads at once. */
int keeper_renew(struct keeper *k, int limit_ms, int fd[SIGNER_LANES],
	pid_t *pid, struct err *e);
/* Ends the child, which has a few seconds to do so by itself if its sockets
   are closed, and the keeper. */
void keeper_stop(struct keeper *k);

/* module.c: a module and a slot; logged out. */
int module_open(
	struct module **out, const char *path, const char *slot, struct err *e);
void module_close(struct module **m);
