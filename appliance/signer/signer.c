/* SPDX-License-Identifier: MIT */
/*
 * The users' side of the signer process: starting it, and questions over a
 * few socket pairs so that several threads can sign at once.
 */
#include "signer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "signer_int.h"
#include "text.h"

enum {
	RENEW_MS = 5000, /* until the keeper has to have answered */
	PAUSE_MS = 1000, /* between two starts; doubled while they fail */
	PAUSE_MAX_MS = 60 * 1000,
};

/* How long a question may take, in seconds: hardware is slow, a network is
   in between perhaps, and its module is loaded before the first answer. */
static const int limits[OP_COUNT] = {
	[OP_STATUS] = 20,
	[OP_INIT] = 60,
	[OP_LOGIN] = 60,
	[OP_LOGOUT] = 20,
	[OP_GENERATE] = 300,
	[OP_IMPORT] = 60,
	[OP_DELETE] = 60,
	[OP_PUBLIC] = 20,
	[OP_SIGN] = 20,
	[OP_PIN] = 60,
	[OP_INFO] = 60,
};

struct lane {
	pthread_mutex_t lock; /* guards a question and answer */
	int fd;               /* -1: given up until the next start */
	unsigned start;       /* of the process at its other end */
};

struct signer {
	pthread_mutex_t renewal; /* guards keeper, next_start, pause */
	struct keeper keeper;
	int64_t next_start, pause; /* ticks; ms */
	atomic_int pid;
	atomic_uint starts; /* how often the process was started */
	atomic_int making;  /* keys being made now */
	atomic_int limit;   /* ms; 0: those of the table */
	struct lane lane[SIGNER_LANES];
	atomic_uint next; /* where the search for a free lane begins */
};

/* With new sockets for all lanes. A lane in use is free soon: the end of the
   old process has ended its question. */
static int
start_process(struct signer *s, struct err *e)
{
	int fd[SIGNER_LANES];
	unsigned start = atomic_load(&s->starts) + 1;
	pid_t pid;

	if (keeper_renew(&s->keeper, RENEW_MS, fd, &pid, e))
		return -1;
	atomic_store(&s->pid, (int)pid);
	for (int i = 0; i < SIGNER_LANES; i++) {
		struct lane *l = &s->lane[i];

		pthread_mutex_lock(&l->lock);
		if (l->fd >= 0)
			close(l->fd);
		l->fd = fd[i];
		l->start = start;
		pthread_mutex_unlock(&l->lock);
	}
	atomic_store(&s->starts, start);
	return 0;
}

/* After start number `seen` failed: the first to say so starts the next. */
static void
renew(struct signer *s, unsigned seen)
{
	struct err e = ERR_INIT;
	int64_t now;

	pthread_mutex_lock(&s->renewal);
	now = clock_ticks();
	if (seen == atomic_load(&s->starts) && now >= s->next_start) {
		if (now > s->next_start + PAUSE_MAX_MS)
			s->pause = PAUSE_MS;
		else if (s->pause < PAUSE_MAX_MS)
			s->pause *= 2;
		s->next_start = now + s->pause;
		log_warning("the signer process is started again");
		if (start_process(s, &e))
			log_err("signer", &e);
	}
	pthread_mutex_unlock(&s->renewal);
}

static int
start(struct signer **out, const struct holding *what, struct err *e)
{
	struct signer *s = mem_alloc(sizeof(*s));

	pthread_mutex_init(&s->renewal, NULL);
	s->pause = PAUSE_MS;
	s->next_start = clock_ticks();
	for (int i = 0; i < SIGNER_LANES; i++) {
		pthread_mutex_init(&s->lane[i].lock, NULL);
		s->lane[i].fd = -1;
	}
	if (keeper_start(&s->keeper, what, e) || start_process(s, e)) {
		signer_stop(&s);
		return -1;
	}
	*out = s;
	return 0;
}

int
signer_start(struct signer **out, const char *dir, struct err *e)
{
	const struct holding what = { .dir = dir };

	return start(out, &what, e);
}

int
signer_start_module(
	struct signer **out, const char *path, const char *slot, struct err *e)
{
	const struct holding what = { .module = path, .slot = slot };

	return start(out, &what, e);
}

void
signer_stop(struct signer **sp)
{
	struct signer *s = *sp;
	*sp = NULL;
	if (!s)
		return;
	for (int i = 0; i < SIGNER_LANES; i++) {
		/* its threads end at the end of their sockets */
		if (s->lane[i].fd >= 0)
			close(s->lane[i].fd);
		pthread_mutex_destroy(&s->lane[i].lock);
	}
	keeper_stop(&s->keeper);
	pthread_mutex_destroy(&s->renewal);
	mem_free(s);
}

int
signer_pid(const struct signer *s)
{
	return atomic_load(&s->pid);
}

int
signer_keeper_pid(const struct signer *s)
{
	return (int)s->keeper.pid;
}

void
signer_limit(struct signer *s, int ms)
{
	atomic_store(&s->limit, ms);
}

/* ---- questions ---- */

static struct lane *
lane_take(struct signer *s)
{
	unsigned first = atomic_fetch_add(&s->next, 1);
	for (unsigned i = 0; i < SIGNER_LANES; i++) {
		struct lane *l = &s->lane[(first + i) % SIGNER_LANES];
		if (pthread_mutex_trylock(&l->lock) == 0)
			return l;
	}
	struct lane *l = &s->lane[first % SIGNER_LANES];
	pthread_mutex_lock(&l->lock);
	return l;
}

/* False: nothing within the limit. While a key is made a token may have no
   time for others, which then wait as long. */
static bool
wait_answer(struct signer *s, int fd, enum signer_op op)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int own = atomic_load(&s->limit);
	int64_t limit = own ? own : (int64_t)limits[op] * 1000;
	int64_t until = clock_ticks() + limit;

	for (;;) {
		int64_t left = until - clock_ticks();

		if (left <= 0 &&
			(op == OP_GENERATE || !atomic_load(&s->making)))
			return false;
		if (left <= 0)
			until += left = limit;
		if (poll(&p, 1, (int)left) > 0)
			return true;
	}
}

/* The answer's length; 0: the process has ended, -1: it does not answer. */
static ssize_t
exchange(struct signer *s, struct lane *l, enum signer_op op,
	const struct buf *packet, uint8_t *answer)
{
	ssize_t n;
	do
		n = send(l->fd, packet->data, packet->len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return 0;
	if (!wait_answer(s, l->fd, op)) {
		close(l->fd); /* what it may still say answers no question */
		l->fd = -1;
		return -1;
	}
	do
		n = recv(l->fd, answer, PACKET_MAX, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? 0 : n;
}

/* A question and its answer on a free lane; on failure the process is started
   again. */
static int
converse(struct signer *s, enum signer_op op, const struct buf *packet,
	uint8_t *answer, size_t *len, struct err *e)
{
	struct lane *l = lane_take(s);
	unsigned start = l->start;
	ssize_t n;

	if (op == OP_GENERATE)
		atomic_fetch_add(&s->making, 1);
	n = exchange(s, l, op, packet, answer);
	if (op == OP_GENERATE)
		atomic_fetch_sub(&s->making, 1);
	pthread_mutex_unlock(&l->lock);
	if (n > 0) {
		*len = (size_t)n;
		return 0;
	}
	renew(s, start);
	return fail(e, FAULT_TOKEN_NOT_ACTIVE, "%s",
		n ? "The signer process does not answer; it is started again"
		  : "The signer process has ended");
}

/* The fault of an answer with the signer's own text; the number comes from
   another process and is checked. */
static int
take_fault(const uint8_t *answer, size_t n, struct err *e)
{
	unsigned f =
		n >= 2 ? (unsigned)answer[0] << 8 | answer[1] : FAULT_INTERNAL;
	if (f == FAULT_NONE)
		return 0;
	if (f >= FAULT_COUNT)
		f = FAULT_INTERNAL;
	int len = n > 2 ? (int)(n - 2) : 0;
	return fail(e, (enum fault)f, "%.*s",
		len ? len : (int)strlen(fault_text((enum fault)f)),
		len ? (const char *)answer + 2 : fault_text((enum fault)f));
}

/* Asks; the answer's data goes into `out`. */
static int
ask(struct signer *s, enum signer_op op, uint32_t number, const char *id,
	struct bytes data, struct buf *out, struct err *e)
{
	char name[KEY_ID_LEN] = { 0 };
	uint8_t *answer = mem_alloc(PACKET_MAX);
	struct buf packet;
	size_t n = 0;
	int ret = -1;
	size_t id_len = id ? strlen(id) : 0;
	buf_init(&packet, PACKET_MAX);
	packet.secret = true;
	if (id && id_len != KEY_ID_LEN) {
		fail(e, FAULT_KEY_NOT_FOUND, "The key is unknown");
		goto out;
	}
	for (size_t i = 0; i < id_len; i++)
		name[i] = id[i];
	buf_char(&packet, (char)op);
	for (int i = 3; i >= 0; i--)
		buf_char(&packet, (char)(number >> (8 * i)));
	buf_add(&packet, name, KEY_ID_LEN);
	buf_bytes(&packet, data);
	if (buf_ok(&packet, "question to the signer", e))
		goto out;
	if (converse(s, op, &packet, answer, &n, e) || take_fault(answer, n, e))
		goto out;
	if (out)
		buf_add(out, answer + 2, n - 2);
	ret = 0;
out:
	buf_done(&packet);
	mem_free(answer);
	return ret;
}

static const struct bytes nothing;

int
signer_status(struct signer *s, struct signer_state *out, struct err *e)
{
	struct buf b;
	buf_init(&b, 16);
	unsigned starts = atomic_load(&s->starts);
	int rc = ask(s, OP_STATUS, 0, NULL, nothing, &b, e);
	if (rc == 0 && b.len != 3)
		rc = fail(
			e, FAULT_INTERNAL, "The signer's answer is malformed");
	if (rc == 0) {
		out->initialized = b.data[0];
		out->unlocked = b.data[1];
		out->epoch = starts << 8 | (uint8_t)b.data[2];
	}
	buf_done(&b);
	return rc;
}

/* The next text of an answer into room for n bytes; NULL: it has no more. */
static const char *
take_text(const char *p, const char *end, char *out, size_t n)
{
	const char *nul = p ? memchr(p, '\0', (size_t)(end - p)) : NULL;

	if (!nul || (size_t)(nul - p) >= n)
		return NULL;
	memcpy(out, p, (size_t)(nul - p) + 1);
	return nul + 1;
}

int
signer_info(struct signer *s, struct token_info *out, struct err *e)
{
	struct buf b;
	const char *p, *end;
	int rc;

	buf_init(&b, sizeof(*out));
	rc = ask(s, OP_INFO, 0, NULL, nothing, &b, e);
	p = b.data;
	end = b.data + b.len;
	if (rc == 0) {
		p = take_text(p, end, out->label, sizeof(out->label));
		p = take_text(p, end, out->serial, sizeof(out->serial));
		p = take_text(p, end, out->model, sizeof(out->model));
		p = take_text(p, end, out->maker, sizeof(out->maker));
		if (!p)
			rc = fail(e, FAULT_INTERNAL,
				"The signer's answer is malformed");
	}
	buf_done(&b);
	return rc;
}

/* A PIN with its limit: longer ones are wrong without asking. */
static int
ask_pin(struct signer *s, enum signer_op op, const char *pin, enum fault long_,
	struct err *e)
{
	if (strlen(pin) > PIN_MAX)
		return fail(e, long_, "The PIN is too long");
	return ask(s, op, 0, NULL, bytes_str(pin), NULL, e);
}

int
signer_init_pin(struct signer *s, const char *pin, struct err *e)
{
	return ask_pin(s, OP_INIT, pin, FAULT_PIN_POLICY, e);
}

int
signer_login(struct signer *s, const char *pin, struct err *e)
{
	return ask_pin(s, OP_LOGIN, pin, FAULT_PIN_INCORRECT, e);
}

int
signer_change_pin(
	struct signer *s, const char *old, const char *pin, struct err *e)
{
	struct buf both;
	int rc;
	if (strlen(old) > PIN_MAX || strlen(pin) > PIN_MAX)
		return fail(e, FAULT_PIN_POLICY, "The PIN is too long");
	buf_init(&both, 2 * PIN_MAX + 1);
	both.secret = true;
	buf_str(&both, old);
	buf_char(&both, '\0');
	buf_str(&both, pin);
	rc = ask(s, OP_PIN, 0, NULL, bytes_buf(&both), NULL, e);
	buf_done(&both);
	return rc;
}

int
signer_logout(struct signer *s, struct err *e)
{
	return ask(s, OP_LOGOUT, 0, NULL, nothing, NULL, e);
}

/* A question whose answer is a key id. */
static int
ask_id(struct signer *s, enum signer_op op, uint32_t number, struct bytes data,
	char id[KEY_ID_LEN + 1], struct err *e)
{
	struct buf b;
	buf_init(&b, KEY_ID_LEN);
	int rc = ask(s, op, number, NULL, data, &b, e);
	if (rc == 0 && (b.over || b.len != KEY_ID_LEN))
		rc = fail(
			e, FAULT_INTERNAL, "The signer's answer is malformed");
	if (rc == 0)
		memcpy(id, b.data, KEY_ID_LEN + 1);
	buf_done(&b);
	return rc;
}

int
signer_generate(struct signer *s, enum key_type type, unsigned bits,
	char id[KEY_ID_LEN + 1], struct err *e)
{
	return ask_id(s, OP_GENERATE, (uint32_t)type << 16 | (bits & 0xffff),
		nothing, id, e);
}

int
signer_import(struct signer *s, struct key *key, char id[KEY_ID_LEN + 1],
	struct err *e)
{
	struct arena *a = arena_new_secret();
	struct bytes der;
	int rc = key_private_der(key, a, &der, e);
	if (rc == 0)
		rc = ask_id(s, OP_IMPORT, 0, der, id, e);
	arena_free(&a);
	return rc;
}

int
signer_delete(struct signer *s, const char *id, struct err *e)
{
	return ask(s, OP_DELETE, 0, id, nothing, NULL, e);
}

/* ---- keys ---- */

struct handle {
	struct signer *signer;
	char id[KEY_ID_LEN + 1];
};

static int
handle_sign(void *ctx, struct sign_alg alg, const struct digest *digest,
	uint8_t out[SIGNATURE_MAX], size_t *len, struct err *e)
{
	struct handle *h = ctx;
	struct buf b;
	buf_init(&b, SIGNATURE_MAX);
	int rc = ask(h->signer, OP_SIGN,
		(uint32_t)alg.scheme << 8 | (uint32_t)alg.digest, h->id,
		bytes_of(digest->value, digest->len), &b, e);
	if (rc == 0)
		rc = buf_ok(&b, "signature", e);
	if (rc == 0) {
		memcpy(out, b.data, b.len);
		*len = b.len;
	}
	buf_done(&b);
	return rc;
}

int
signer_key(struct signer *s, const char *id, struct key **out, struct err *e)
{
	struct buf b;
	buf_init(&b, PACKET_MAX);
	int rc = ask(s, OP_PUBLIC, 0, id, nothing, &b, e);
	if (rc == 0) {
		struct handle *h = mem_alloc(sizeof *h);
		h->signer = s;
		memcpy(h->id, id, KEY_ID_LEN + 1);
		rc = key_new_remote(
			out, bytes_buf(&b), handle_sign, h, mem_free, e);
		if (rc)
			mem_free(h);
	}
	buf_done(&b);
	return rc;
}
