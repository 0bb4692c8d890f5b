/* SPDX-License-Identifier: MIT */
/*
 * The signer process: a thread per socket, a table of what it can be asked.
 */
#include "signer_int.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "err.h"
#include "job.h"
#include "log.h"
#include "mem.h"
#include "module_int.h"

struct lane {
	struct signer_child *child;
	int fd;
};

int
question_parse(struct question *q, struct bytes packet)
{
	const uint8_t *p = packet.data;
	if (packet.len < QUESTION_HEAD || packet.len > PACKET_MAX ||
		p[0] >= OP_COUNT)
		return -1;
	q->op = (enum signer_op)p[0];
	q->number = (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 |
		    (uint32_t)p[3] << 8 | p[4];
	memcpy(q->id, p + 5, KEY_ID_LEN);
	q->id[KEY_ID_LEN] = '\0';
	q->data = bytes_of(p + QUESTION_HEAD, packet.len - QUESTION_HEAD);
	return 0;
}

int
question_sign(const struct question *q, struct sign_alg *alg, struct digest *d,
	struct err *e)
{
	*d = (struct digest){ .alg = (enum digest_alg)(q->number & 0xff) };
	*alg = (struct sign_alg){ (enum sign_scheme)(q->number >> 8), d->alg };
	if (q->number >> 8 > SIGN_ECDSA || d->alg < DIGEST_SHA1 ||
		d->alg > DIGEST_SHA512 || q->data.len != digest_size(d->alg))
		return fail(
			e, FAULT_UNSUPPORTED_ALGORITHM, "Unknown algorithm");
	d->len = q->data.len;
	memcpy(d->value, q->data.data, d->len);
	return 0;
}

/* ---- what can be asked; the lock is held where the row says so ---- */

static int
do_status(struct call *c, struct err *e)
{
	(void)e;
	buf_char(c->out, keystore_initialized(c->child->store));
	buf_char(c->out, keystore_unlocked(c->child->store));
	buf_char(c->out, 0); /* no login is lost but with the process */
	return 0;
}

static const char *
pin_of(struct call *c)
{
	return arena_strndup(
		c->a, (const char *)c->q->data.data, c->q->data.len);
}

static int
do_init(struct call *c, struct err *e)
{
	return keystore_init(c->child->store, pin_of(c), e);
}

static int
do_login(struct call *c, struct err *e)
{
	return keystore_unlock(c->child->store, pin_of(c), e);
}

static int
do_info(struct call *c, struct err *e)
{
	(void)c;
	return fail(e, FAULT_NOT_FOUND, "This token is not in hardware");
}

static int
do_pin(struct call *c, struct err *e)
{
	struct bytes d = c->q->data;
	const uint8_t *nul = d.len ? memchr(d.data, '\0', d.len) : NULL;
	if (!nul)
		return fail(e, FAULT_INVALID_MESSAGE, "One PIN is missing");
	const char *old = pin_of(c);
	const char *pin = arena_strndup(c->a, (const char *)nul + 1,
		d.len - (size_t)(nul + 1 - d.data));
	return keystore_change_pin(c->child->store, old, pin, e);
}

static int
do_logout(struct call *c, struct err *e)
{
	(void)e;
	keystore_lock(c->child->store);
	return 0;
}

/* Puts a local key into the store, answers its id. */
static int
import(struct call *c, struct key *key, struct err *e)
{
	char id[KEY_ID_LEN + 1];
	pthread_mutex_lock(&c->child->lock);
	int rc = keystore_import(c->child->store, key, id, e);
	pthread_mutex_unlock(&c->child->lock);
	if (rc == 0)
		buf_add(c->out, id, KEY_ID_LEN);
	return rc;
}

/* Making an RSA key takes seconds: not under the lock. */
static int
do_generate(struct call *c, struct err *e)
{
	struct key *key = NULL;
	uint32_t type = c->q->number >> 16;
	if (type != KEY_RSA && type != KEY_EC)
		return fail(e, FAULT_KEY_GENERATION, "Unknown type of key");
	pthread_mutex_lock(&c->child->lock);
	bool open = keystore_unlocked(c->child->store);
	pthread_mutex_unlock(&c->child->lock);
	if (!open)
		return fail(e, FAULT_TOKEN_NOT_ACTIVE,
			"The key store is locked; enter the PIN");
	if (key_generate(&key, (enum key_type)type, c->q->number & 0xffff, e))
		return -1;
	int rc = import(c, key, e);
	key_unref(&key);
	return rc;
}

static int
do_import(struct call *c, struct err *e)
{
	struct key *key = NULL;
	if (key_parse_private(&key, c->q->data, NULL, e))
		return -1;
	int rc = import(c, key, e);
	key_unref(&key);
	return rc;
}

static int
do_delete(struct call *c, struct err *e)
{
	return keystore_delete(c->child->store, c->q->id, e);
}

static int
do_public(struct call *c, struct err *e)
{
	struct key *key;
	if (keystore_get(c->child->store, c->q->id, &key, e))
		return -1;
	buf_bytes(c->out, key_spki(key, c->a));
	return 0;
}

/* Many sign at once: the lock is for finding the key only. */
static int
do_sign(struct call *c, struct err *e)
{
	struct sign_alg alg;
	struct digest d;
	struct key *key = NULL;
	struct bytes sig;
	if (question_sign(c->q, &alg, &d, e))
		return -1;
	pthread_mutex_lock(&c->child->lock);
	int rc = keystore_get(c->child->store, c->q->id, &key, e);
	if (rc == 0)
		key = key_ref(key);
	pthread_mutex_unlock(&c->child->lock);
	if (rc)
		return -1;
	rc = key_sign_digest(key, alg, &d, c->a, &sig, e);
	if (rc == 0)
		buf_bytes(c->out, sig);
	key_unref(&key);
	return rc;
}

static const struct op_row store_rows[OP_COUNT] = {
	[OP_STATUS] = { do_status, true },
	[OP_INIT] = { do_init, true },
	[OP_LOGIN] = { do_login, true },
	[OP_LOGOUT] = { do_logout, true },
	[OP_GENERATE] = { do_generate, false },
	[OP_IMPORT] = { do_import, false },
	[OP_DELETE] = { do_delete, true },
	[OP_PUBLIC] = { do_public, true },
	[OP_SIGN] = { do_sign, false },
	[OP_PIN] = { do_pin, true },
	[OP_INFO] = { do_info, false },
};

/* The module locks what must be; its PIN is changed with its own tools. */
static const struct op_row module_rows[OP_COUNT] = {
	[OP_STATUS] = { module_status, false },
	[OP_INIT] = { module_init, false },
	[OP_LOGIN] = { module_login, false },
	[OP_LOGOUT] = { module_logout, false },
	[OP_GENERATE] = { module_generate, false },
	[OP_IMPORT] = { module_import, false },
	[OP_DELETE] = { module_delete, false },
	[OP_PUBLIC] = { module_public, false },
	[OP_SIGN] = { module_sign, false },
	[OP_PIN] = { module_init, false },
	[OP_INFO] = { module_info, false },
};

static void
put_fault(struct buf *out, enum fault f)
{
	buf_char(out, (char)(f >> 8));
	buf_char(out, (char)f);
}

void
signer_answer(struct signer_child *child, struct bytes packet, struct buf *out)
{
	struct err e = ERR_INIT;
	struct question q;
	buf_reset(out);
	if (question_parse(&q, packet)) {
		put_fault(out, FAULT_INVALID_MESSAGE);
		return;
	}
	const struct op_row *row = &child->rows[q.op];
	struct call c = { .child = child, .q = &q, .out = out };
	c.a = arena_new_secret();
	put_fault(out, FAULT_NONE);
	if (row->locked)
		pthread_mutex_lock(&child->lock);
	int rc = row->run(&c, &e);
	if (row->locked)
		pthread_mutex_unlock(&child->lock);
	arena_free(&c.a);
	if (rc) {
		buf_reset(out);
		put_fault(out, err_set(&e) ? e.fault : FAULT_INTERNAL);
		buf_str(out, e.text);
	}
}

static void
lane_run(void *ctx)
{
	struct lane *l = ctx;
	uint8_t *packet = mem_alloc(PACKET_MAX);
	struct buf out;
	buf_init(&out, PACKET_MAX);
	for (;;) {
		ssize_t n = recv(l->fd, packet, PACKET_MAX, 0);
		if (n <= 0)
			break;
		signer_answer(l->child, bytes_of(packet, (size_t)n), &out);
		mem_wipe(packet, (size_t)n);
		if (send(l->fd, out.data, out.len, MSG_NOSIGNAL) < 0)
			break;
	}
	buf_done(&out);
	mem_free(packet);
}

static int
child_open(
	struct signer_child *child, const struct holding *what, struct err *e)
{
	pthread_mutex_init(&child->lock, NULL);
	if (what->module) {
		child->rows = module_rows;
		return module_open(&child->module, what->module, what->slot, e);
	}
	child->rows = store_rows;
	return keystore_open(&child->store, what->dir, e);
}

_Noreturn void
signer_serve(const struct holding *what, const int fd[SIGNER_LANES])
{
	struct signer_child child = { .store = NULL };
	struct lane lane[SIGNER_LANES];
	struct worker *w[SIGNER_LANES] = { NULL };
	struct err e = ERR_INIT;
	signer_confine(fd, what->module != NULL);
	log_role("signer");
	if (child_open(&child, what, &e)) {
		log_err(what->module ? what->module : "key store", &e);
		_exit(1);
	}
	for (int i = 0; i < SIGNER_LANES; i++) {
		lane[i] = (struct lane){ &child, fd[i] };
		if (worker_start(&w[i], "signer", lane_run, &lane[i], &e)) {
			log_err("signer", &e);
			_exit(1);
		}
	}
	for (int i = 0; i < SIGNER_LANES; i++)
		worker_join(&w[i]);
	keystore_close(&child.store);
	module_close(&child.module);
	_exit(0);
}
