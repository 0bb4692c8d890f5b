/* SPDX-License-Identifier: MIT */
/*
 * The users' side of the signer process: starting it, and questions over a
 * few socket pairs so that several threads can sign at once.
 */
#include "signer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "mem.h"
#include "signer_int.h"
#include "text.h"

struct signer {
	pid_t pid;
	atomic_bool gone; /* the process has ended */
	int fd[SIGNER_LANES];
	pthread_mutex_t lock[SIGNER_LANES]; /* guards a question and answer */
	atomic_uint next; /* where the search for a free lane begins */
};

static void
close_all(int fd[SIGNER_LANES])
{
	for (int i = 0; i < SIGNER_LANES; i++)
		if (fd[i] >= 0)
			close(fd[i]);
}

static int
start(struct signer **out, const struct holding *what, struct err *e)
{
	int ours[SIGNER_LANES], theirs[SIGNER_LANES], pair[2];
	memset(ours, -1, sizeof ours);
	memset(theirs, -1, sizeof theirs);
	for (int i = 0; i < SIGNER_LANES; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
			goto bad;
		ours[i] = pair[0];
		theirs[i] = pair[1];
	}
	pid_t parent = getpid(), pid = fork();
	if (pid < 0)
		goto bad;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != parent)
			_exit(1);
		signer_serve(what, theirs);
	}
	struct signer *s = mem_alloc(sizeof *s);
	s->pid = pid;
	for (int i = 0; i < SIGNER_LANES; i++) {
		close(theirs[i]);
		s->fd[i] = ours[i];
		pthread_mutex_init(&s->lock[i], NULL);
	}
	*out = s;
	return 0;
bad:
	fail(e, FAULT_IO, "The signer cannot be started: %s", strerror(errno));
	close_all(ours);
	close_all(theirs);
	return -1;
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
	close_all(s->fd); /* its threads end at the end of their sockets */
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		;
	for (int i = 0; i < SIGNER_LANES; i++)
		pthread_mutex_destroy(&s->lock[i]);
	mem_free(s);
}

int
signer_pid(const struct signer *s)
{
	return (int)s->pid;
}

/* ---- questions ---- */

static int
lane_take(struct signer *s)
{
	unsigned first = atomic_fetch_add(&s->next, 1);
	for (unsigned i = 0; i < SIGNER_LANES; i++) {
		unsigned lane = (first + i) % SIGNER_LANES;
		if (pthread_mutex_trylock(&s->lock[lane]) == 0)
			return (int)lane;
	}
	first %= SIGNER_LANES;
	pthread_mutex_lock(&s->lock[first]);
	return (int)first;
}

static ssize_t
exchange(int fd, const struct buf *packet, uint8_t *answer)
{
	ssize_t n;
	do
		n = send(fd, packet->data, packet->len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	do
		n = recv(fd, answer, PACKET_MAX, 0);
	while (n < 0 && errno == EINTR);
	return n;
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
	ssize_t n = -1;
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
	int lane = lane_take(s);
	if (!atomic_load(&s->gone))
		n = exchange(s->fd[lane], &packet, answer);
	if (n <= 0)
		atomic_store(&s->gone, true);
	pthread_mutex_unlock(&s->lock[lane]);
	if (n <= 0) {
		fail(e, FAULT_TOKEN_NOT_ACTIVE, "The signer process has ended");
		goto out;
	}
	if (take_fault(answer, (size_t)n, e))
		goto out;
	if (out)
		buf_add(out, answer + 2, (size_t)n - 2);
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
	int rc = ask(s, OP_STATUS, 0, NULL, nothing, &b, e);
	if (rc == 0 && b.len != 2)
		rc = fail(
			e, FAULT_INTERNAL, "The signer's answer is malformed");
	if (rc == 0) {
		out->initialized = b.data[0];
		out->unlocked = b.data[1];
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
