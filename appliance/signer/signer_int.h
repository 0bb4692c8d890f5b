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

#include <stdint.h>

#include "buf.h"
#include "key.h"
#include "keystore.h"

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

struct signer_child;
/* In the child: serves the sockets until they close; never returns. */
_Noreturn void signer_serve(const char *dir, const int fd[SIGNER_LANES]);
/* One question into one answer packet. */
void signer_answer(
	struct signer_child *c, struct bytes packet, struct buf *out);
/* Gives up what a holder of keys does not need: other files, core dumps,
   being traced, swapping, network. */
void signer_confine(const int fd[SIGNER_LANES]);
